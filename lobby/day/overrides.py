"""Interventions of people: a value, a reason, an end within a day; they survive a restart and end by themselves."""

from __future__ import annotations

import asyncio
import json
import secrets
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from devices.reports import Clock
from lobby.core.journal import Entry, Fact, Journal
from lobby.core.problem import Refusal
from lobby.core.projection import stamp
from lobby.day.desired import Override
from lobby.day.plan import Plan

__all__ = ["OVERRIDES", "Override", "Overrides"]

LONGEST = timedelta(hours=24)
SET, ENDED = "override.set", "override.ended"
CHANGES = "SELECT kind, payload FROM journal WHERE subject = ? AND kind IN (?, ?) AND at >= ? ORDER BY seq"


@dataclass(frozen=True, slots=True)
class _Table:
    """Overrides that nobody and nothing has ended yet."""

    name: str = "overrides"
    ddl: str = """CREATE TABLE IF NOT EXISTS overrides (id TEXT PRIMARY KEY, thing TEXT NOT NULL, value TEXT NOT NULL,
        start TEXT NOT NULL, until TEXT NOT NULL, person TEXT NOT NULL, reason TEXT NOT NULL)"""
    kinds: frozenset[str] = frozenset({SET, ENDED})

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """A set one is a row, an ended one is none."""
        payload = entry.payload
        if payload is None:
            return
        if entry.kind == ENDED:
            cursor.execute("DELETE FROM overrides WHERE id = ?", (payload["id"],))
            return
        row = (payload[key] for key in ("id", "value", "start", "until", "person", "reason"))
        cursor.execute(
            "INSERT OR REPLACE INTO overrides (id, value, start, until, person, reason, thing) VALUES (?,?,?,?,?,?,?)",
            (*row, entry.subject),
        )


OVERRIDES = _Table()


def new_id() -> str:
    """An id nobody else has."""
    return secrets.token_hex(6)


class Overrides:
    """The interventions in force; `changed` is called after every change (the reconciler's `wake`)."""

    def __init__(
        self,
        journal: Journal,
        *,
        clock: Clock,
        plan: Callable[[], Plan],
        ids: Callable[[], str] = new_id,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._plan = plan
        self._ids = ids
        self._changed = changed
        self._known: dict[str, Override] = {}
        self._writing = asyncio.Lock()
        journal.follow(self._fold)

    async def load(self) -> None:
        """Take up what was in force before a restart."""
        rows = await self._journal.read("SELECT * FROM overrides ORDER BY start, id")
        self._known = {row["id"]: override_of(row) for row in rows}

    def active(self, moment: datetime) -> tuple[Override, ...]:
        """Those in force, oldest first."""
        return tuple(override for override in self._known.values() if override.holds(moment))

    async def set(self, *, thing: str, value: str, until: datetime, person: str, reason: str) -> Override:
        """Put a value above the plan until a moment within 24 h. The one before it ends, both named in the journal.

        Raises Refusal (unknown thing, value it cannot have, no reason, an end past or too far) and NotDurable.
        """
        async with self._writing:
            now = self._clock.now()
            self._check(thing, value, until, reason, now)
            override = Override(
                id=self._ids(), thing=thing, value=value, start=now, until=until, person=person, reason=reason
            )
            older = [one for one in self._known.values() if one.thing == thing]
            ended = [_ended(one, cause="newer", person=person, by=override.id) for one in older]
            await self._journal.record(*ended, _set(override, [one.id for one in older]))
        return override

    async def end(self, override_id: str, *, person: str) -> None:
        """Go back to the plan now; ending what has ended is no mistake, an id nobody knows is one."""
        async with self._writing:
            override = self._known.get(override_id)
            if override is None:
                raise Refusal("day.unknown-override", status=404, id=override_id)
            await self._journal.record(_ended(override, cause="person", person=person))

    async def taken_back(self, thing: str, reason: str, *, since: datetime, besides: str) -> str:
        """The id of a thing's last change for that reason, if somebody `besides` this one has ended or replaced it."""
        rows = await self._journal.read(CHANGES, (thing, SET, ENDED, stamp(since)))
        told = [(row["kind"], json.loads(row["payload"])) for row in rows if row["payload"]]
        last = next((said["id"] for kind, said in reversed(told) if kind == SET and said["reason"] == reason), "")
        ends = (said for kind, said in told if kind == ENDED and said["id"] == last)
        by_hand = (said["cause"] in ("person", "newer") and said["person"] != besides for said in ends)
        return last if any(by_hand) else ""

    async def expire(self) -> None:
        """Write down those whose end has come; they are out of force already."""
        now = self._clock.now()
        if not any(one.until <= now for one in self._known.values()):
            return
        async with self._writing:
            over = [one for one in self._known.values() if one.until <= now]
            await self._journal.record(*(_ended(one, cause="expired") for one in over))

    def _check(self, thing: str, value: str, until: datetime, reason: str, now: datetime) -> None:
        line = self._plan().lines.get(thing)
        if line is None:
            raise Refusal("day.unknown-thing", thing=thing)
        if value not in line.allowed:
            raise Refusal("day.unknown-value", thing=thing, value=value, allowed=", ".join(line.allowed))
        if not reason.strip():
            raise Refusal("day.no-reason", thing=thing)
        if until <= now:
            raise Refusal("day.end-past", thing=thing)
        if until - now > LONGEST:
            raise Refusal("day.end-too-far", thing=thing)

    def _fold(self, entry: Entry) -> None:
        """Follow the journal: what is written is in force, also when its writer has given up waiting."""
        if entry.kind not in OVERRIDES.kinds or entry.payload is None:
            return
        self._known.pop(entry.payload["id"], None)
        if entry.kind == SET:
            self._known[entry.payload["id"]] = override_of({**entry.payload, "thing": entry.subject})
        self._changed()


def _set(override: Override, ends: list[str]) -> Fact:
    payload = {
        "id": override.id,
        "value": override.value,
        "start": stamp(override.start),
        "until": stamp(override.until),
        "person": override.person,
        "reason": override.reason,
        "ends": ends,
    }
    return Fact(kind=SET, subject=override.thing, payload=payload)


def _ended(override: Override, *, cause: str, person: str | None = None, by: str | None = None) -> Fact:
    payload = {"id": override.id, "cause": cause, "person": person, "by": by}
    return Fact(kind=ENDED, subject=override.thing, payload=payload)


def override_of(row: Mapping[str, Any] | sqlite3.Row) -> Override:
    """An intervention as the journal and the local line carry it."""
    return Override(
        id=row["id"],
        thing=row["thing"],
        value=row["value"],
        start=datetime.fromisoformat(row["start"]),
        until=datetime.fromisoformat(row["until"]),
        person=row["person"],
        reason=row["reason"],
    )
