"""The hand-over note: what one shift leaves for the next, pinned until somebody else has read it.

Three facts: `handover.written` with what was open at that moment, `handover.text` with the words themselves, which
retention can erase alone, and `handover.read`. Tables keep numbers of lines only.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lobby.core.journal import Entry, Fact, Journal
from lobby.core.problem import Refusal
from lobby.core.projection import stamp
from lobby.day.checklist import Checklist
from lobby.day.readiness import Item, State, Words

LONGEST = 2000
WRITTEN, TEXT, READ, ERASED = "handover.written", "handover.text", "handover.read", "journal.erased"
ATTACHED = frozenset({State.NOT_OK, State.UNKNOWN, State.NOTED})
LEFT_OUT = ("rules:", "duty")
PIECES = """SELECT handovers.*, line.payload AS line, words.payload AS words FROM handovers
    JOIN journal AS line ON line.seq = handovers.seq
    JOIN journal AS words ON words.seq = handovers.text_seq"""
UNREAD = f"{PIECES} WHERE read_at IS NULL ORDER BY handovers.seq"
PAST = f"{PIECES} WHERE handovers.seq < ? ORDER BY handovers.seq DESC LIMIT ?"
NEWEST = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """One thing that was open when a note was written."""

    id: str
    state: State
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What somebody left for the next shift; `text` is None where it has been erased."""

    id: str
    seq: int
    text_seq: int
    person: str
    at: datetime
    text: str | None
    attached: tuple[Attached, ...]
    read_by: str | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Table:
    """One row a note."""

    name: str = "handovers"
    ddl: str = """CREATE TABLE IF NOT EXISTS handovers (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, at TEXT NOT NULL,
        text_seq INTEGER, read_by TEXT, read_at TEXT)"""
    kinds: frozenset[str] = frozenset({WRITTEN, TEXT, READ})

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """Written, with its text, read once; the first reading stands."""
        if entry.kind == WRITTEN:
            values = (entry.subject, entry.seq, stamp(entry.at))
            cursor.execute("INSERT OR IGNORE INTO handovers (id, seq, at) VALUES (?,?,?)", values)
        elif entry.kind == TEXT:
            cursor.execute("UPDATE handovers SET text_seq = ? WHERE id = ?", (entry.seq, entry.subject))
        elif entry.payload is not None:
            read = (str(entry.payload["person"]), stamp(entry.at), entry.subject)
            cursor.execute("UPDATE handovers SET read_by = ?, read_at = ? WHERE id = ? AND read_at IS NULL", read)


HANDOVERS = _Table()


def new_id() -> str:
    """An id nobody else has."""
    return secrets.token_hex(6)


class HandOvers:
    """Notes between shifts; `alone` is a place where one person works. `changed` is called after every change."""

    def __init__(
        self,
        journal: Journal,
        *,
        alone: bool = False,
        ids: Callable[[], str] = new_id,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._journal = journal
        self._alone = alone
        self._ids = ids
        self._changed = changed
        self._unread: dict[str, Note] = {}
        self._writing = asyncio.Lock()
        journal.follow(self._fold)

    async def load(self) -> None:
        """Take up what nobody had read before a restart."""
        self._unread = {row["id"]: _note(row) for row in await self._journal.read(UNREAD)}

    def unread(self) -> tuple[Note, ...]:
        """What is pinned, oldest first."""
        return tuple(self._unread.values())

    def may_read(self, note: Note, person: str) -> bool:
        """Whether this person's reading counts: somebody else's than the writer's, where there is somebody else."""
        return self._alone or note.person != person

    async def write(self, text: str, *, person: str, found: Checklist) -> Note:
        """Leave a note, with what is open now. Raises Refusal (`morning.no-text`, `morning.text-long`), NotDurable."""
        words, id_ = clean(text), self._ids()
        attached = [{"id": one.id, "state": one.state.value, "words": dict(one.words)} for one in open_now(found)]
        async with self._writing:
            await self._journal.record(
                Fact(kind=WRITTEN, subject=id_, payload={"person": person, "attached": attached}),
                Fact(kind=TEXT, subject=id_, payload={"text": words}),
            )
        return self._unread[id_]

    async def read(self, note: str, *, person: str) -> None:
        """Somebody of the next shift has read it; said twice it is written once. Raises Refusal and NotDurable."""
        async with self._writing:
            known = self._unread.get(note)
            if known is None:
                if await self._journal.read("SELECT 1 FROM handovers WHERE id = ?", (note,)):
                    return
                raise Refusal("morning.no-such-note", status=404)
            if not self.may_read(known, person):
                raise Refusal("morning.own-note", status=409)
            await self._journal.record(Fact(kind=READ, subject=note, payload={"person": person}))

    async def past(self, *, before: int | None = None, most: int) -> list[Note]:
        """Notes older than a line of the journal, newest first."""
        rows = await self._journal.read(PAST, (NEWEST if before is None else before, most))
        return [_note(row) for row in rows]

    def _fold(self, entry: Entry) -> None:
        """Follow the journal; a text that is erased vanishes here too."""
        if entry.kind == ERASED and entry.payload is not None:
            gone = set(entry.payload["lines"])
            erased = {id_: replace(note, text=None) for id_, note in self._unread.items() if note.text_seq in gone}
            self._unread.update(erased)
            return
        if entry.kind not in HANDOVERS.kinds or entry.payload is None:
            return
        if entry.kind == READ:
            self._unread.pop(entry.subject, None)
        elif entry.kind == WRITTEN:
            self._unread[entry.subject] = _written(entry)
            return
        elif (known := self._unread.get(entry.subject)) is not None:
            self._unread[entry.subject] = replace(known, text=str(entry.payload["text"]), text_seq=entry.seq)
        self._changed()


def clean(text: str) -> str:
    """A text as it is kept: composed (NFC), with plain line ends, without signs that do not print."""
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    words = "\n".join("".join(sign for sign in line if sign.isprintable() or sign == "\t") for line in lines).strip()
    if not words:
        raise Refusal("morning.no-text", status=422)
    if len(words) > LONGEST:
        raise Refusal("morning.text-long", status=422, longest=str(LONGEST), length=str(len(words)))
    return words


def open_now(found: Checklist) -> Iterable[Item]:
    """What the next shift should know: open incidents, troubles, holds and temporary changes."""
    return tuple(item for item in found.items if item.state in ATTACHED and not item.id.startswith(LEFT_OUT))


def _written(entry: Entry) -> Note:
    assert entry.payload is not None
    return Note(
        id=entry.subject,
        seq=entry.seq,
        text_seq=0,
        person=str(entry.payload["person"]),
        at=entry.at,
        text=None,
        attached=_attached(entry.payload),
    )


def _note(row: sqlite3.Row) -> Note:
    line: Mapping[str, Any] = json.loads(row["line"]) if row["line"] else {}
    words = json.loads(row["words"]) if row["words"] else None
    return Note(
        id=row["id"],
        seq=row["seq"],
        text_seq=row["text_seq"],
        person=str(line.get("person", "")),
        at=datetime.fromisoformat(row["at"]),
        text=str(words["text"]) if words else None,
        attached=_attached(line),
        read_by=row["read_by"],
        read_at=datetime.fromisoformat(row["read_at"]) if row["read_at"] else None,
    )


def _attached(payload: Mapping[str, Any]) -> tuple[Attached, ...]:
    rows = payload.get("attached", ())
    return tuple(Attached(id=row["id"], state=State(row["state"]), words=row["words"]) for row in rows)
