"""Who signed the opening checklist of which day, and what it said then; one signature a day, for good.

Two facts in one transaction: `opening.signed` holds the list as it was, `opening.remarked` the signer's free text,
so that retention can erase the text alone. Tables keep numbers of lines only: what is erased is gone everywhere.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from lobby.core.journal import Entry, Fact, Journal
from lobby.core.problem import Refusal
from lobby.core.projection import stamp
from lobby.day.checklist import Checklist
from lobby.day.readiness import Item, State

SIGNED, REMARKED = "opening.signed", "opening.remarked"
DAYS = "SELECT * FROM openings WHERE day < ? ORDER BY day DESC LIMIT ?"
LINES = "SELECT seq, payload FROM journal WHERE seq IN (?, ?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """That a day's list was signed: by whom, when, and on which lines of the journal it stands."""

    day: date
    person: str
    at: datetime
    seq: int
    remark_seq: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signed list; `checklist` is None where the journal's line has been erased, `remarks` None where there are none.

    `erased` says that there were remarks.
    """

    signature: Signature
    checklist: Checklist | None
    remarks: str | None
    erased: bool = False


@dataclass(frozen=True, slots=True)
class _Table:
    """One row a signed day."""

    name: str = "openings"
    ddl: str = """CREATE TABLE IF NOT EXISTS openings (day TEXT PRIMARY KEY, person TEXT NOT NULL, at TEXT NOT NULL,
        seq INTEGER NOT NULL, remark_seq INTEGER)"""
    kinds: frozenset[str] = frozenset({SIGNED, REMARKED})

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """A signature is a row, its remarks a number in it; erased lines keep their place."""
        if entry.kind == REMARKED:
            cursor.execute("UPDATE openings SET remark_seq = ? WHERE day = ?", (entry.seq, entry.subject))
            return
        person = str(entry.payload["person"]) if entry.payload is not None else ""
        values = (entry.subject, person, stamp(entry.at), entry.seq)
        cursor.execute("INSERT OR IGNORE INTO openings (day, person, at, seq) VALUES (?,?,?,?)", values)


OPENINGS = _Table()


class Signatures:
    """The signatures of all days; `changed` is called after each. Load before the first request."""

    def __init__(self, journal: Journal, *, changed: Callable[[], None] = lambda: None) -> None:
        self._journal = journal
        self._changed = changed
        self._latest: dict[date, Signature] = {}
        self._writing = asyncio.Lock()
        journal.follow(self._fold)

    async def load(self) -> None:
        """Take up the newest signatures of before a restart."""
        rows = await self._journal.read("SELECT * FROM openings ORDER BY day DESC LIMIT 7")
        self._latest = {date.fromisoformat(row["day"]): _signature(row) for row in rows}

    def of(self, day: date) -> Signature | None:
        """The signature of one of the last days, without a query."""
        return self._latest.get(day)

    def latest(self) -> Signature | None:
        """The newest there is."""
        return self._latest[max(self._latest)] if self._latest else None

    async def sign(self, found: Checklist, *, person: str, remarks: str = "") -> Signature:
        """Put a person's name under the list as it is. Raises Refusal where it is signed already, and NotDurable."""
        day = found.day.isoformat()
        facts = [Fact(kind=SIGNED, subject=day, payload={"person": person, **as_record(found)})]
        if remarks:
            facts.append(Fact(kind=REMARKED, subject=day, payload={"person": person, "text": remarks}))

        def unsigned(cursor: sqlite3.Cursor) -> None:
            if cursor.execute("SELECT 1 FROM openings WHERE day = ?", (day,)).fetchone():
                raise Refusal("morning.signed-already", status=409, day=day)

        async with self._writing:
            await self._journal.transact(unsigned, *facts)
        return self._latest[found.day]

    async def read(self, day: date) -> Signed | None:
        """The list of a day as it was signed; None where nobody signed it."""
        rows = await self._journal.read("SELECT * FROM openings WHERE day = ?", (day.isoformat(),))
        if not rows:
            return None
        signature = _signature(rows[0])
        lines = await self._journal.read(LINES, (signature.seq, signature.remark_seq))
        texts = {line["seq"]: json.loads(line["payload"]) for line in lines if line["payload"] is not None}
        record, remark = texts.get(signature.seq), texts.get(signature.remark_seq)
        return Signed(
            signature=signature,
            checklist=from_record(day, record) if record else None,
            remarks=str(remark["text"]) if remark else None,
            erased=signature.remark_seq is not None and remark is None,
        )

    async def days(self, *, before: date, most: int) -> list[Signature]:
        """The signed days before one, newest first."""
        rows = await self._journal.read(DAYS, (before.isoformat(), most))
        return [_signature(row) for row in rows]

    def _fold(self, entry: Entry) -> None:
        if entry.kind not in OPENINGS.kinds or entry.payload is None:
            return
        day = date.fromisoformat(entry.subject)
        if entry.kind == SIGNED:
            person = str(entry.payload["person"])
            self._latest[day] = Signature(day=day, person=person, at=entry.at, seq=entry.seq)
        self._changed()


def as_record(found: Checklist) -> Mapping[str, Any]:
    """The list as the journal keeps it: what whoever signed it read, in both languages."""
    return {
        "at": _text(found.at),
        "opening": _text(found.opening),
        "summary": dict(found.summary),
        "items": [_record_of(item) for item in found.items],
    }


def from_record(day: date, record: Mapping[str, Any]) -> Checklist:
    """The list that was signed, as it was."""
    return Checklist(
        day=day,
        at=datetime.fromisoformat(record["at"]),
        opening=_moment(record["opening"]),
        summary=record["summary"],
        items=tuple(_item_of(row) for row in record["items"]),
    )


def _record_of(item: Item) -> Mapping[str, Any]:
    return {
        "id": item.id,
        "group": item.group,
        "state": item.state.value,
        "words": dict(item.words),
        "proved_at": _text(item.proved_at),
        "coming_at": _text(item.coming_at),
        "help": item.help,
    }


def _item_of(row: Mapping[str, Any]) -> Item:
    return Item(
        id=row["id"],
        group=row["group"],
        state=State(row["state"]),
        words=row["words"],
        proved_at=_moment(row["proved_at"]),
        coming_at=_moment(row["coming_at"]),
        help=row["help"],
    )


def _signature(row: sqlite3.Row) -> Signature:
    return Signature(
        day=date.fromisoformat(row["day"]),
        person=row["person"],
        at=datetime.fromisoformat(row["at"]),
        seq=row["seq"],
        remark_seq=row["remark_seq"],
    )


def _text(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
