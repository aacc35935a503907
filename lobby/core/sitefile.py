"""Reading, checking and writing the site file; a wrong one never starts half a lobby, all mistakes are told at once."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lobby.core.findings import Finding
from lobby.core.problem import Problem
from lobby.core.site import Site
from lobby.core.sitechecks import findings
from lobby.core.siteshape import Path as KeyPath
from lobby.core.siteshape import key_path, line_of, lines_of, mistakes_of_shape

__all__ = ["Finding", "SiteRefused", "check", "examine", "export", "read"]

LINE_LENGTH = 110
POSITION = re.compile(r"\(at line (\d+), column (\d+)\)")
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


class SiteRefused(Exception):
    """The installer must mend the file; `problems` holds every mistake with its place and cure."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{problem.where}: {problem.code}" for problem in self.problems))


def read(path: Path) -> Site:
    """The site of a file without mistakes. Raises SiteRefused."""
    site, found = examine(path)
    mistakes = [finding.problem for finding in found if finding.level == "mistake"]
    if site is None or mistakes:
        raise SiteRefused(mistakes)
    return site


def examine(path: Path, *, data: Path | None = None) -> tuple[Site | None, tuple[Finding, ...]]:
    """The site, None where the file has not even its shape, and all that is to be said of it, with file and line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        raw = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return None, (_mistake(_unreadable(path, error)),)
    lines = lines_of(text)
    try:
        site = Site.model_validate_json(json.dumps(raw, default=str), strict=True)
    except ValidationError as error:
        shape = (
            Finding(level="mistake", problem=problem, path=keys) for keys, problem in mistakes_of_shape(error, raw)
        )
        return None, tuple(_placed(finding, path, lines) for finding in shape)
    return site, tuple(_placed(finding, path, lines) for finding in check(site, data=data))


def check(site: Site, *, data: Path | None = None) -> tuple[Finding, ...]:
    """Mistakes and warnings of a site of the right shape; `where` is the key path."""
    return (*findings(site), *_emergency_dir(site, data))


def export(site: Site) -> str:
    """TOML that reads back equal to the site."""
    plain = site.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    heads = [f"{_key(key)} = {_value(value)}" for key, value in plain.items() if not isinstance(value, dict)]
    tables = [line for key, value in plain.items() if isinstance(value, dict) for line in _table(key, value)]
    return "\n".join([*heads, *tables]) + "\n"


def _mistake(problem: Problem) -> Finding:
    return Finding(level="mistake", problem=problem)


def _unreadable(path: Path, error: Exception) -> Problem:
    where = str(path)
    match error:
        case FileNotFoundError():
            return Problem(code="site.no-file", where=where)
        case OSError():
            return Problem(code="site.unreadable", where=where, params={"detail": os.strerror(error.errno or 0)})
        case UnicodeDecodeError():
            line = 1 + error.object[: error.start].count(b"\n")
            return Problem(code="site.not-utf-8", where=f"{where}:{line}", params={"line": str(line)})
    return _syntax(where, str(error))


def _syntax(where: str, said: str) -> Problem:
    place = POSITION.search(said)
    if place is None:
        return Problem(code="site.cut-off", where=where)
    twice = "overwrite" in said or "twice" in said
    params = {"line": place[1], "column": place[2]}
    return Problem(code="site.key-twice" if twice else "site.syntax", where=f"{where}:{place[1]}", params=params)


def _placed(finding: Finding, path: Path, lines: Mapping[KeyPath, int]) -> Finding:
    line = line_of(finding.path, lines)
    where = f"{path}:{line}" if line else str(path)
    return replace(finding, problem=replace(finding.problem, where=f"{where} {key_path(finding.path)}".rstrip()))


def _emergency_dir(site: Site, data: Path | None) -> Iterator[Finding]:
    """A second place for presses is worth something only on another disk."""
    if site.emergency_dir is None:
        return
    place, keys = Path(site.emergency_dir), ("emergency-dir",)
    if not (place.is_dir() and os.access(place, os.W_OK)):
        code = "site.emergency-dir-missing"
    elif data is not None and data.exists() and place.stat().st_dev == data.stat().st_dev:
        code = "site.emergency-dir-same-disk"
    else:
        return
    problem = Problem(code=code, where=key_path(keys), params={"key": keys[0], "value": site.emergency_dir})
    yield Finding(level="warning", problem=problem, path=keys)


def _table(name: str, content: Mapping[str, Any]) -> list[str]:
    if content and all(isinstance(value, dict) for value in content.values()):
        return [line for key, value in content.items() for line in _section(f"{_key(name)}.{_key(key)}", value)]
    return _section(_key(name), content)


def _section(header: str, content: Mapping[str, Any]) -> list[str]:
    return ["", f"[{header}]", *(_assignment(key, value) for key, value in content.items())]


def _assignment(key: str, value: Any) -> str:
    line = f"{_key(key)} = {_value(value)}"
    if len(line) <= LINE_LENGTH or not isinstance(value, list):
        return line
    return "\n".join([f"{_key(key)} = [", *(f"    {_value(item)}," for item in value), "]"])


def _value(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case dict():
            return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
        case list():
            return "[" + ", ".join(_value(item) for item in value) + "]"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)


def _key(key: str) -> str:
    return key if BARE_KEY.fullmatch(key) else _value(key)
