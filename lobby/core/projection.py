"""What stands in the journal and what is folded from it: facts, entries, the hash chain, the port of a projection."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, Self

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened, not yet written; persons in it are opaque ids."""

    kind: str
    subject: str
    payload: Mapping[str, Json]
    v: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the journal; `payload` is None where retention has erased it."""

    seq: int
    at: datetime
    mono: float
    kind: str
    v: int
    subject: str
    payload: Mapping[str, Any] | None
    payload_hash: str
    prev: str
    hash: str

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> Self:
        """The entry of a whole row of the table `journal`."""
        payload = row["payload"]
        return cls(
            seq=row["seq"],
            at=datetime.fromisoformat(row["at"]),
            mono=row["mono"],
            kind=row["kind"],
            v=row["v"],
            subject=row["subject"],
            payload=None if payload is None else json.loads(payload),
            payload_hash=row["payload_hash"],
            prev=row["prev"],
            hash=row["hash"],
        )


class Projection(Protocol):
    """A fold of the journal into tables named `name` or `name_…`, kept in the transactions of its entries.

    A changed `ddl` (a comment with a number will do when only `apply` changed) is refilled from the journal at open.
    """

    @property
    def name(self) -> str:
        """The table's name; further tables begin with it and an underscore."""

    @property
    def ddl(self) -> str:
        """What creates the tables."""

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of facts it folds."""

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """Fold one entry; must depend on the tables and the entry alone. An erased entry has no payload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A fact with its moment and its canonical text, ready for the chain."""

    at: datetime
    mono: float
    fact: Fact
    text: str


def draft(fact: Fact, *, at: datetime, mono: float) -> Draft:
    """Raises TypeError or ValueError where the payload is not JSON; half characters off the wire become `?`."""
    clean = Fact(kind=fact.kind, subject=_whole(fact.subject), payload=fact.payload, v=fact.v)
    return Draft(at=at.astimezone(UTC), mono=float(mono), fact=clean, text=_whole(canonical(fact.payload)))


def canonical(value: object) -> str:
    """The one JSON text of a value: sorted keys, no spaces, no NaN."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_as_dict
    )


def stamp(moment: datetime) -> str:
    """A moment as the journal writes it: UTC with microseconds, so that texts sort as times."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def digest(text: str) -> str:
    """SHA-256 of a text, hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def link(seq: int, at: str, mono: float, kind: str, v: int, subject: str, payload_hash: str, prev: str) -> str:
    """The hash of a line: everything but the payload itself, which may be erased, and the hash before it."""
    return digest(canonical([seq, at, mono, kind, v, subject, payload_hash, prev]))


def _as_dict(value: object) -> dict[str, object]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
