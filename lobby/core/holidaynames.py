"""Public holidays in the scripts that the holiday library does not speak, by Korean name: `words/holidays.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

APART = "; "
JOINED = "·"
SUBSTITUTE = re.compile(r"대체공휴일\s*\((.+)\)")
TEMPORARY = re.compile(r"(임시공휴일)\s*\(.+\)")

Names = Mapping[str, Mapping[str, str]]


def holiday_names(korean: str) -> Mapping[str, str]:
    """A holiday's name by script, two holidays of one day together; empty where one of them is not known."""
    each = [_one(name) for name in korean.split(APART)]
    return {script: JOINED.join(names[script] for names in each) for script in each[0]} if all(each) else {}


def _one(written: str) -> Mapping[str, str]:
    known, korean = _table()["names"], _as_the_library(written)
    if korean in known:
        return known[korean]
    for ending, shapes in _table()["beside"].items():
        name = known.get(korean.removesuffix(ending)) if korean.endswith(ending) else None
        if name is not None:
            return {script: shape.format(name=name[script]) for script, shape in shapes.items()}
    return {}


def _as_the_library(written: str) -> str:
    """A name as the gazette or a person writes it, in the library's words: 대체공휴일(3ㆍ1절) is 삼일절 대체 휴일."""
    if (found := SUBSTITUTE.fullmatch(written)) is not None:
        return f"{_as_the_library(found[1])} 대체 휴일"
    if (found := TEMPORARY.fullmatch(written)) is not None:
        return found[1]
    return _table()["same"].get("".join(written.split()), {}).get("as", written)


@cache
def _table() -> Mapping[str, Names]:
    return tomllib.loads(files("lobby.words").joinpath("holidays.toml").read_text(encoding="utf-8"))
