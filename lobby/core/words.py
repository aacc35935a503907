"""The words people read: one catalogue a language, merged from `lobby/words/<language>/*.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Formatter

from lobby.core.particles import PARTICLES, particle
from lobby.core.problem import Problem

LANGUAGES = ("ko", "en")


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every text of a language by its dotted key (`site.unknown-key.what`); keys may stand in one file only."""
    texts: dict[str, str] = {}
    for entry in sorted(files("lobby.words").joinpath(language).iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            _flatten(tomllib.loads(entry.read_text(encoding="utf-8")), "", texts)
    return texts


def say(key: str, language: str, /, **params: object) -> str:
    """The text of `key` with its slots filled; Korean stands in where a language lacks it, then the key itself.

    A slot brings the Korean particle that its value asks for: `{name:이}`, in quotes `{name:'이}`.
    """
    text = catalogue(language).get(key) or catalogue("ko").get(key)
    if text is None:
        return key
    return _Slots().vformat(text, (), _Blank(params)) if params or "{" in text else text


def explain(problem: Problem, language: str) -> tuple[str, str]:
    """What is wrong and how to mend it."""
    params = {"where": problem.where, **problem.params}
    return say(f"{problem.code}.what", language, **params), say(f"{problem.code}.cure", language, **params)


class _Slots(Formatter):
    def format_field(self, value: object, format_spec: str) -> str:
        quote, wanted = ("'", format_spec[1:]) if format_spec.startswith("'") else ("", format_spec)
        if wanted not in PARTICLES:
            return format(value, format_spec)
        return f"{quote}{value}{quote}{particle(str(value), wanted)}"


class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def _flatten(table: Mapping[str, object], prefix: str, into: dict[str, str]) -> None:
    for key, value in table.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            _flatten(value, f"{path}.", into)
        elif path in into:
            raise ValueError(f"text {path} stands in two files")
        else:
            into[path] = str(value)
