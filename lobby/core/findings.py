"""What is to be said of a site file: a mistake or a warning, with the keys that lead to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Literal

from lobby.core.problem import Problem
from lobby.core.siteshape import Path, key_path, listed, nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A mistake (the lobby does not start) or a warning (it does, and says so)."""

    level: Literal["mistake", "warning"]
    problem: Problem
    path: Path = field(default=())


def mistake(code: str, *path: str | int, **params: str) -> Finding:
    """A mistake at a key; `params` fill the slots of its words."""
    problem = Problem(code=code, where=key_path(path), params={"key": str(path[-1]) if path else "", **params})
    return Finding(level="mistake", problem=problem, path=path)


def warning(code: str, *path: str | int, **params: str) -> Finding:
    """As `mistake`, but the lobby starts."""
    return Finding(level="warning", problem=mistake(code, *path, **params).problem, path=path)


def refers(wanted: str | None, table: str, known: Collection[str], *path: str | int) -> Iterator[Finding]:
    """A reference must point to something there is."""
    if wanted is None or wanted in known:
        return
    near = nearest(wanted, sorted(known))
    code = "site.dangling-near" if near else "site.dangling"
    yield mistake(code, *path, value=wanted, table=table, known=listed(sorted(known)), near=near or "")
