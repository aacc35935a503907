"""Where two sites differ, key by key: what runs, and what the file says now. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from lobby.core.site import Site


class Absent(Enum):
    """A side that lacks the key altogether."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One key with both values; `ABSENT` where a side lacks it."""

    key: str
    runs: Any
    file: Any


def differences(runs: Site, file: Site) -> tuple[Difference, ...]:
    """Every key whose values differ, in the file's order; defaults count as written."""
    return tuple(_differing("", _plain(runs), _plain(file)))


def _plain(site: Site) -> Mapping[str, Any]:
    plain: Mapping[str, Any] = site.model_dump(mode="json", by_alias=True)
    return plain


def _differing(key: str, runs: Any, file: Any) -> Iterator[Difference]:
    if runs == file:
        return
    if isinstance(runs, Mapping) and isinstance(file, Mapping):
        for name in dict.fromkeys([*file, *runs]):
            yield from _differing(f"{key}.{name}".lstrip("."), runs.get(name, ABSENT), file.get(name, ABSENT))
    elif _rows(runs) and _rows(file) and len(runs) == len(file):
        for number, (one, other) in enumerate(zip(runs, file, strict=True)):
            yield from _differing(f"{key}[{number}]", one, other)
    else:
        yield Difference(key=key, runs=runs, file=file)


def _rows(value: Any) -> bool:
    """Whether it is a list of tables."""
    return isinstance(value, list) and all(isinstance(row, Mapping) for row in value)
