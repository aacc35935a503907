"""The mode of each thing: automatic, watch only, or held by a person with a reason and an end."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from devices.reports import Clock
from lobby.core.journal import Entry, Fact, Journal
from lobby.core.problem import Refusal
from lobby.core.projection import stamp

LONGEST_HOLD = timedelta(hours=24)
SET = "mode.set"


class Mode(Enum):
    """What the lobby may do with a thing."""

    AUTOMATIC = "automatic"
    """It is kept as it should be."""
    WATCH_ONLY = "watch-only"
    """What would be sent is computed and shown, and not sent."""
    HOLD = "hold"
    """A person took it out; nothing is sent until the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A mode other than automatic: who, why, until when."""

    mode: Mode
    person: str
    reason: str
    until: datetime | None

    def holds(self, moment: datetime) -> bool:
        """Whether it has not ended."""
        return self.until is None or moment < self.until


@dataclass(frozen=True, slots=True)
class _Table:
    """Modes other than automatic."""

    name: str = "modes"
    ddl: str = """CREATE TABLE IF NOT EXISTS modes (thing TEXT PRIMARY KEY, mode TEXT NOT NULL, person TEXT NOT NULL,
        reason TEXT NOT NULL, until TEXT)"""
    kinds: frozenset[str] = frozenset({SET})

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """The last mode of each thing stands."""
        payload = entry.payload
        if payload is None:
            return
        cursor.execute("DELETE FROM modes WHERE thing = ?", (entry.subject,))
        if payload["mode"] != Mode.AUTOMATIC.value:
            values = (payload[key] for key in ("mode", "person", "reason", "until"))
            cursor.execute("INSERT INTO modes VALUES (?,?,?,?,?)", (entry.subject, *values))


MODES = _Table()


class Modes:
    """Who may be commanded; `changed` is called after every change (the reconciler's `wake`)."""

    def __init__(self, journal: Journal, *, clock: Clock, changed: Callable[[], None] = lambda: None) -> None:
        self._journal = journal
        self._clock = clock
        self._changed = changed
        self._held: dict[str, Held] = {}
        journal.follow(self._fold)

    async def load(self) -> None:
        """Take up the modes of before a restart."""
        rows = await self._journal.read("SELECT * FROM modes ORDER BY thing")
        self._held = {row["thing"]: _held(row) for row in rows}

    def of(self, thing: str, moment: datetime) -> Mode:
        """The mode in force; an ended hold is automatic again."""
        held = self._held.get(thing)
        return held.mode if held is not None and held.holds(moment) else Mode.AUTOMATIC

    def held(self, moment: datetime) -> dict[str, Held]:
        """Every thing that is not automatic now, with who, why and until when."""
        return {thing: held for thing, held in self._held.items() if held.holds(moment)}

    def ends(self, moment: datetime) -> tuple[datetime, ...]:
        """The ends of holds still to come."""
        return tuple(one.until for one in self._held.values() if one.until is not None and one.until > moment)

    async def set(self, thing: str, mode: Mode, *, person: str, reason: str, until: datetime | None = None) -> None:
        """Another mode; a hold needs a reason and an end within 24 h. Raises Refusal and NotDurable."""
        _check(thing, mode, reason, until, self._clock.now())
        payload = {
            "mode": mode.value,
            "person": person,
            "reason": reason,
            "until": stamp(until) if until is not None and mode is Mode.HOLD else None,
        }
        await self._journal.record(Fact(kind=SET, subject=thing, payload=payload))

    def _fold(self, entry: Entry) -> None:
        if entry.kind != SET or entry.payload is None:
            return
        self._held.pop(entry.subject, None)
        if entry.payload["mode"] != Mode.AUTOMATIC.value:
            self._held[entry.subject] = _held(entry.payload)
        self._changed()


def _check(thing: str, mode: Mode, reason: str, until: datetime | None, now: datetime) -> None:
    if not reason.strip():
        raise Refusal("day.no-reason", thing=thing)
    if mode is not Mode.HOLD:
        return
    if until is None or until <= now:
        raise Refusal("day.end-past", thing=thing)
    if until - now > LONGEST_HOLD:
        raise Refusal("day.end-too-far", thing=thing)


def _held(row: Mapping[str, Any] | sqlite3.Row) -> Held:
    until = datetime.fromisoformat(row["until"]) if row["until"] else None
    return Held(mode=Mode(row["mode"]), person=row["person"], reason=row["reason"], until=until)
