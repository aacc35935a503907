"""Mistakes of shape in a site file (unknown key, wrong type, missing value), told in our words with their line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from lobby.core.problem import Problem
from lobby.core.site import AnyThing, Bell, Cafe, Desk, Display, Room, Sensor, Site, Sound, Switch

Path = tuple[str | int, ...]

KINDS: Mapping[str, type[BaseModel]] = {
    "desk": Desk,
    "room": Room,
    "display": Display,
    "sound": Sound,
    "switch": Switch,
    "sensor": Sensor,
    "cafe": Cafe,
    "bell": Bell,
}

# pydantic's error type → our code; what is not here is `site.wrong-value`.
CODES = {
    "missing": "site.missing",
    "extra_forbidden": "site.unknown-key",
    "string_type": "site.need-text",
    "int_type": "site.need-whole-number",
    "int_parsing": "site.need-whole-number",
    "int_from_float": "site.need-whole-number",
    "float_type": "site.need-number",
    "bool_type": "site.need-yes-no",
    "tuple_type": "site.need-list",
    "dict_type": "site.need-table",
    "model_type": "site.need-table",
    "model_attributes_type": "site.need-table",
    "time_type": "site.need-time",
    "time_parsing": "site.need-time",
    "date_type": "site.need-date",
    "date_parsing": "site.need-date",
    "date_from_datetime_parsing": "site.need-date",
    "date_from_datetime_inexact": "site.need-date",
    "literal_error": "site.not-one-of",
    "union_tag_invalid": "site.not-one-of",
    "union_tag_not_found": "site.missing",
    "greater_than_equal": "site.too-small",
    "less_than_equal": "site.too-big",
    "too_short": "site.too-few",
    "too_long": "site.too-many",
    "string_too_short": "site.empty",
    "string_too_long": "site.too-long",
}
PATTERNS = {
    "url": "site.bad-url",
    "from": "site.bad-day-of-year",
    "to": "site.bad-day-of-year",
    "topic": "site.bad-topic",
    "prefix": "site.bad-topic",
}
BOUNDS = {"greater_than_equal": "ge", "less_than_equal": "le", "too_short": "min_length", "too_long": "max_length"}
LONGEST_VALUE = 60


def mistakes_of_shape(error: ValidationError, raw: Mapping[str, Any]) -> Iterator[tuple[Path, Problem]]:
    """Each of pydantic's complaints as a problem of ours and the keys that lead to it."""
    complaints = error.errors(include_url=False)
    for found in complaints:
        path = _plain_path(found["loc"])
        if found["type"] in {"union_tag_not_found", "union_tag_invalid"}:
            path, found["input"] = (*path, "kind"), found.get("ctx", {}).get("tag", "")
        if found["type"] != "too_short" or not _explained(found["loc"], complaints):
            yield path, _problem(path, found, raw)


def key_path(path: Path) -> str:
    """`things.siren.place`, `hours.wall.weekly[0].from`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def lines_of(text: str) -> dict[Path, int]:
    """The line on which each table and each key of a table begins, where a look at the line tells."""
    lines: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[([^\[\]]+)\]", line):
            table = _split(header[1])
            lines.setdefault(table, number)
        elif key := re.match(r"\s*([A-Za-z0-9_\-.\"']+)\s*=", line):
            lines.setdefault((*table, *_split(key[1])), number)
    return lines


def line_of(path: Path, lines: Mapping[Path, int]) -> int | None:
    """The line of a key, else of the nearest thing around it."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return None


def nearest(word: str, known: Sequence[str]) -> str | None:
    """What was probably meant."""
    return next(iter(get_close_matches(word, known, n=1, cutoff=0.6)), None)


def listed(words: Sequence[str], *, most: int = 12) -> str:
    """A list for a sentence; long ones are cut."""
    return ", ".join(words[:most]) + (" …" if len(words) > most else "") if words else "–"


def _plain_path(loc: tuple[str | int, ...]) -> Path:
    """pydantic's location without the names of union members and the mark of a dictionary's key."""
    path = tuple(part for part in loc if part != "[key]")
    tagged = len(path) > 2 and path[0] == "things" and path[2] in KINDS
    return (*path[:2], *path[3:]) if tagged else path


def _explained(loc: tuple[str | int, ...], complaints: Sequence[Any]) -> bool:
    """Whether a list counts as too short only because of mistakes inside it."""
    return any(other["loc"][: len(loc)] == loc and len(other["loc"]) > len(loc) for other in complaints)


def _problem(path: Path, found: Any, raw: Mapping[str, Any]) -> Problem:
    key, kind, limits = str(path[-1]) if path else "", found["type"], found.get("ctx", {})
    params = {"key": key, "value": _shown(found.get("input"))}
    if kind == "extra_forbidden":
        return _unknown_key(path, raw)
    if kind == "string_pattern_mismatch":
        return Problem(code=_pattern_code(path, found["loc"]), params=params)
    if kind in {"literal_error", "union_tag_invalid"}:
        choices = re.findall(r"'([^']*)'", limits.get("expected", limits.get("expected_tags", "")))
        params |= {"known": listed(choices), "near": nearest(params["value"], choices) or ""}
        return Problem(code="site.format" if path == ("format",) else _near("site.not-one-of", params), params=params)
    if kind in BOUNDS:
        params["limit"] = str(limits[BOUNDS[kind]])
    return Problem(code=CODES.get(kind, "site.wrong-value"), params=params)


def _unknown_key(path: Path, raw: Mapping[str, Any]) -> Problem:
    known = sorted(_keys_at(path[:-1], raw))
    params = {"key": str(path[-1]), "known": listed(known, most=40), "near": nearest(str(path[-1]), known) or ""}
    return Problem(code=_near("site.unknown-key", params), params=params)


def _near(code: str, params: Mapping[str, str]) -> str:
    return f"{code}-near" if params["near"] else code


def _pattern_code(path: Path, loc: tuple[str | int, ...]) -> str:
    if loc[-1] == "[key]":
        return "site.bad-id"
    return PATTERNS.get(str(path[-1]), "site.bad-id")


def _keys_at(path: Path, raw: Mapping[str, Any]) -> set[str]:
    """The keys that the table at `path` may have."""
    here: Any = Site
    value: Any = raw
    for part in path:
        value = _inside(value, part)
        here = _type_inside(here, part)
        if here is AnyThing:
            here = KINDS.get(value.get("kind", "") if isinstance(value, Mapping) else "", Site)
    model = _model(here)
    return {field.alias or name for name, field in model.model_fields.items()} if model else set()


def _inside(value: Any, part: str | int) -> Any:
    try:
        return value[part]
    except (KeyError, IndexError, TypeError):
        return None


def _type_inside(here: Any, part: str | int) -> Any:
    if (model := _model(here)) is not None:
        fields = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
        return fields.get(str(part))
    inner = [argument for argument in get_args(here) if argument is not type(None) and argument is not Ellipsis]
    if get_origin(here) is dict:
        return inner[1]
    return inner[0] if len(inner) != 1 or get_origin(here) is tuple else _type_inside(inner[0], part)


def _model(here: Any) -> type[BaseModel] | None:
    candidates = [here, *get_args(here)] if get_origin(here) not in {dict, tuple} else [here]
    return next((kind for kind in candidates if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _shown(value: Any) -> str:
    if isinstance(value, Mapping | list | tuple):
        return "{…}" if isinstance(value, Mapping) else "[…]"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _split(dotted: str) -> Path:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
