"""Special days that staff enter: revisions above the site file, each with its reason and a notice for visitors."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from lobby.core.journal import Entry, Fact, Journal
from lobby.core.problem import Refusal
from lobby.core.projection import Json, canonical
from lobby.core.site import Site
from lobby.day.leads import leads_of
from lobby.day.overrides import new_id
from lobby.day.plan import Plan
from schedules import DateRefused, OverlapRefused, SpecialDay, Window

ADDED, WITHDRAWN = "special-day.added", "special-day.withdrawn"
FIRST_REVISION = 1  # what the site file says


@dataclass(frozen=True, slots=True)
class _Table:
    """Special days that stand, and the number of the last revision."""

    name: str = "special_days"
    ddl: str = """CREATE TABLE IF NOT EXISTS special_days (id TEXT PRIMARY KEY, payload TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS special_days_revision (id INTEGER PRIMARY KEY, revision INTEGER NOT NULL);"""
    kinds: frozenset[str] = frozenset({ADDED, WITHDRAWN})

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """Add or take away a row."""
        if entry.payload is None:
            return
        if entry.kind == WITHDRAWN:
            cursor.execute("DELETE FROM special_days WHERE id = ?", (entry.subject,))
        else:
            cursor.execute(
                "INSERT OR REPLACE INTO special_days VALUES (?,?)", (entry.subject, canonical(dict(entry.payload)))
            )
        cursor.execute("INSERT OR REPLACE INTO special_days_revision VALUES (1, ?)", (entry.payload["revision"],))


SPECIAL_DAYS = _Table()


class SpecialDays:
    """What staff have entered; `plan` is the compiled whole and is replaced with every change."""

    def __init__(
        self,
        journal: Journal,
        site: Site,
        *,
        ids: Callable[[], str] = new_id,
        changed: Callable[[], None] = lambda: None,
        warm_ups: Callable[[], Mapping[str, float]] = dict,
    ) -> None:
        self._journal = journal
        self._site = site
        self._warm_ups = warm_ups
        self._ids = ids
        self._changed = changed
        self._days: dict[str, tuple[str, SpecialDay]] = {}
        self._revision = FIRST_REVISION
        self._writing = asyncio.Lock()
        self.plan = Plan.from_site(site)
        journal.follow(self._fold)

    async def load(self) -> None:
        """Take up what stands in the journal."""
        rows = await self._journal.read("SELECT payload FROM special_days ORDER BY id")
        loaded = [day_of(json.loads(row["payload"])) for row in rows]
        revision = await self._journal.read("SELECT revision FROM special_days_revision")
        self._revision = revision[0]["revision"] if revision else FIRST_REVISION
        self._take({day.id: (hours, day) for hours, day in loaded})

    def warmed(self) -> None:
        """Displays have been measured to take another time: the same days, switched on otherwise ahead."""
        self.plan = self.plan.led(leads_of(self._site, self._warm_ups()))

    def by_hours(self) -> Mapping[str, tuple[SpecialDay, ...]]:
        """The special days of staff by the hours they change."""
        return grouped(self._days.values())

    async def add(
        self,
        *,
        hours: str,
        first: date,
        last: date,
        windows: tuple[Window, ...],
        reason: str,
        notice: str | None,
        person: str,
        reason_en: str | None = None,
        notice_en: str | None = None,
    ) -> SpecialDay:
        """One more exception; changed hours must be posted, so a notice is required.

        Raises Refusal (no notice, no reason, unknown hours, dates that cannot be, overlap with another) and NotDurable.
        """
        async with self._writing:
            self._check(hours, reason, notice)
            revision = self._revision + 1
            day = SpecialDay(
                id=self._ids(),
                first=first,
                last=last,
                windows=windows,
                reason=reason,
                notice=notice,
                reason_en=reason_en,
                notice_en=notice_en,
                source=f"revision {revision}",
            )
            self.with_day(hours, day)
            payload: dict[str, Json] = {**payload_of(hours, day), "revision": revision, "person": person}
            await self._journal.record(Fact(kind=ADDED, subject=day.id, payload=payload))
        return day

    def with_day(self, hours: str, day: SpecialDay) -> Plan:
        """The plan as it would be with one more exception. Raises Refusal where that contradicts another."""
        days = {**self._days, day.id: (hours, day)}
        try:
            return Plan.from_site(self._site, grouped(days.values()), warm_ups=self._warm_ups())
        except OverlapRefused as refused:
            raise Refusal("day.special-days-overlap", first=refused.first, second=refused.second) from refused
        except DateRefused as refused:
            raise Refusal("day.bad-dates", dates=refused.dates) from refused

    async def withdraw(self, day_id: str, *, person: str) -> None:
        """Take an exception of staff back; those of the site file are the installer's."""
        async with self._writing:
            if day_id not in self._days:
                raise Refusal("day.unknown-special-day", status=404, id=day_id)
            revision = self._revision + 1
            payload: dict[str, Json] = {"revision": revision, "person": person}
            await self._journal.record(Fact(kind=WITHDRAWN, subject=day_id, payload=payload))

    def _check(self, hours: str, reason: str, notice: str | None) -> None:
        if hours not in self._site.hours:
            raise Refusal("day.unknown-hours", hours=hours)
        if not reason.strip():
            raise Refusal("day.no-reason", thing=hours)
        if notice is None or not notice.strip():
            raise Refusal("day.no-notice", hours=hours)

    def _fold(self, entry: Entry) -> None:
        if entry.kind not in SPECIAL_DAYS.kinds or entry.payload is None:
            return
        days = {name: one for name, one in self._days.items() if name != entry.subject}
        if entry.kind == ADDED:
            days[entry.subject] = day_of(entry.payload)
        self._revision = entry.payload["revision"]
        self._take(days)
        self._changed()

    def _take(self, days: dict[str, tuple[str, SpecialDay]]) -> None:
        self._days = days
        self.plan = Plan.from_site(self._site, grouped(days.values()), warm_ups=self._warm_ups())


def grouped(days: Iterable[tuple[str, SpecialDay]]) -> dict[str, tuple[SpecialDay, ...]]:
    """Special days by the hours they change, earliest first."""
    found: dict[str, tuple[SpecialDay, ...]] = {}
    for hours, day in sorted(days, key=lambda one: one[1].first):
        found[hours] = (*found.get(hours, ()), day)
    return found


def payload_of(hours: str, day: SpecialDay) -> dict[str, Any]:
    """A special day of staff as the journal and the local line carry it."""
    return {
        "id": day.id,
        "hours": hours,
        "first": day.first.isoformat(),
        "last": day.last.isoformat(),
        "windows": [[one.start.isoformat(), one.end.isoformat(), one.value] for one in day.windows],
        "reason": day.reason,
        "notice": day.notice,
        "reason_en": day.reason_en,
        "notice_en": day.notice_en,
    }


def day_of(payload: Mapping[str, Any]) -> tuple[str, SpecialDay]:
    """The hours it changes and the day, back from `payload_of`."""
    windows = (
        Window(start=time.fromisoformat(start), end=time.fromisoformat(end), value=value)
        for start, end, value in payload["windows"]
    )
    return payload["hours"], SpecialDay(
        id=payload["id"],
        first=date.fromisoformat(payload["first"]),
        last=date.fromisoformat(payload["last"]),
        windows=tuple(windows),
        reason=payload["reason"],
        notice=payload["notice"],
        reason_en=payload.get("reason_en"),
        notice_en=payload.get("notice_en"),
        source=f"revision {payload['revision']}",
    )
