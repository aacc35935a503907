"""Public holidays in the scripts that the holiday library does not speak, by Korean name: `words/holidays.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

APART = "; "
JOINED = "·"

Names = Mapping[str, Mapping[str, str]]


def holiday_names(korean: str) -> Mapping[str, str]:
    """A holiday's name by script, two holidays of one day together; empty where one of them is not known."""
    each = [_one(name) for name in korean.split(APART)]
    return {script: JOINED.join(names[script] for names in each) for script in each[0]} if all(each) else {}


def _one(korean: str) -> Mapping[str, str]:
    known = _table()["names"]
    if korean in known:
        return known[korean]
    for ending, shapes in _table()["beside"].items():
        name = known.get(korean.removesuffix(ending)) if korean.endswith(ending) else None
        if name is not None:
            return {script: shape.format(name=name[script]) for script, shape in shapes.items()}
    return {}


@cache
def _table() -> Mapping[str, Names]:
    return tomllib.loads(files("lobby.words").joinpath("holidays.toml").read_text(encoding="utf-8"))
