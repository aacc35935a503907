"""Special days that staff enter: revisions above the site file, each with its reason and a notice for visitors."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping
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
from schedules import DateRefused, HolidayCalendar, OverlapRefused, SpecialDay, Window, calendar_of

ADDED, CHANGED, WITHDRAWN = "special-day.added", "special-day.changed", "special-day.withdrawn"
HIDDEN, RESTORED = "special-day.hidden", "special-day.restored"
FIRST_REVISION = 1  # what the site file says

Dated = dict[str, tuple[str, SpecialDay]]


@dataclass(frozen=True, slots=True)
class _Table:
    """Special days of staff that stand, those of the site file that do not, and the number of the last revision."""

    name: str = "special_days"
    ddl: str = """CREATE TABLE IF NOT EXISTS special_days (id TEXT PRIMARY KEY, payload TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS special_days_revision (id INTEGER PRIMARY KEY, revision INTEGER NOT NULL);"""
    kinds: frozenset[str] = frozenset({ADDED, CHANGED, WITHDRAWN, HIDDEN, RESTORED})

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """Add or take away a row."""
        if entry.payload is None:
            return
        if entry.kind in {WITHDRAWN, RESTORED}:
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
        holidays: Callable[[], HolidayCalendar] | None = None,
    ) -> None:
        self._journal = journal
        self._site = site
        self._warm_ups = warm_ups
        self._holidays = holidays or (lambda: calendar_of(site.site.country))
        self._ids = ids
        self._changed = changed
        self._days: Dated = {}
        self._hidden: frozenset[str] = frozenset()
        self._revision = FIRST_REVISION
        self._writing = asyncio.Lock()
        self.plan = Plan.from_site(site)
        journal.follow(self._fold)

    async def load(self) -> None:
        """Take up what stands in the journal."""
        rows = await self._journal.read("SELECT payload FROM special_days ORDER BY id")
        payloads = [json.loads(row["payload"]) for row in rows]
        loaded = [day_of(payload) for payload in payloads if "windows" in payload]
        hidden = frozenset(
            file_name(payload["hours"], payload["id"]) for payload in payloads if "windows" not in payload
        )
        revision = await self._journal.read("SELECT revision FROM special_days_revision")
        self._revision = revision[0]["revision"] if revision else FIRST_REVISION
        self._take({day.id: (hours, day) for hours, day in loaded}, hidden)

    def warmed(self) -> None:
        """Displays have been measured to take another time: the same days, switched on otherwise ahead."""
        self.plan = self.plan.led(leads_of(self._site, self._warm_ups()))

    def calendar_changed(self) -> None:
        """Public holidays are others than before: the same days above them."""
        self._take(self._days, self._hidden)

    def as_if_holidays(self, holidays: HolidayCalendar) -> Plan:
        """The plan as it would be with other public holidays; any thread may ask."""
        return self._compiled(self._days, self._hidden, holidays)

    def by_hours(self) -> Mapping[str, tuple[SpecialDay, ...]]:
        """The special days of staff by the hours they change."""
        return grouped(self._days.values())

    def hidden(self) -> frozenset[str]:
        """The special days of the site file that staff took back, each as `hours/id`."""
        return self._hidden

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
        instead_of: str | None = None,
    ) -> SpecialDay:
        """One more exception, or one `instead_of` another; changed hours must be posted, so a notice is required.

        Raises Refusal (no notice, no reason, unknown hours or exception, dates that cannot be, overlap with another)
        and NotDurable.
        """
        async with self._writing:
            self._check(hours, reason, notice)
            own = instead_of if instead_of in self._days else None
            revision = self._revision + 1
            day = SpecialDay(
                id=own or self._ids(),
                first=first,
                last=last,
                windows=windows,
                reason=reason,
                notice=notice,
                reason_en=reason_en,
                notice_en=notice_en,
                source=f"revision {revision}",
            )
            self.as_if(put=(hours, day), without=instead_of)
            payload: dict[str, Json] = {**payload_of(hours, day), "revision": revision, "person": person}
            facts = [Fact(kind=CHANGED if own else ADDED, subject=day.id, payload=payload)]
            if instead_of is not None and own is None:
                facts.insert(0, self._gone(instead_of, revision, person))
            await self._journal.record(*facts)
        return day

    def as_if(self, *, put: tuple[str, SpecialDay] | None = None, without: str | None = None) -> Plan:
        """The plan as it would be with one more exception of some hours, or without one that stands.

        Raises Refusal where that contradicts another. It touches nothing that others use: any thread may ask.
        """
        if without is not None:
            self._check_known(without)
        days = {name: one for name, one in self._days.items() if name != without}
        if put is not None:
            days[put[1].id] = put
        hidden = self._hidden if without is None or "/" not in without else self._hidden | {without}
        try:
            return self._compiled(days, hidden)
        except OverlapRefused as refused:
            raise Refusal("day.special-days-overlap", first=refused.first, second=refused.second) from refused
        except DateRefused as refused:
            raise Refusal("day.bad-dates", dates=refused.dates) from refused

    async def withdraw(self, day_id: str, *, person: str) -> None:
        """Take an exception back; one of the site file (`hours/id`) stays in the file and counts no more."""
        async with self._writing:
            self._check_known(day_id)
            await self._journal.record(self._gone(day_id, self._revision + 1, person))

    async def restore(self, name: str, *, person: str) -> None:
        """Let an exception of the site file count again. Raises Refusal, also where another has taken its days."""
        async with self._writing:
            if name not in self._hidden:
                raise Refusal("day.unknown-special-day", status=404, id=name)
            self.as_if_restored(name)
            await self._journal.record(self._of_file(RESTORED, name, self._revision + 1, person))

    def as_if_restored(self, name: str) -> Plan:
        """The plan as it would be with an exception of the site file counting again. Raises Refusal; see `as_if`."""
        try:
            return self._compiled(self._days, self._hidden - {name})
        except OverlapRefused as refused:
            raise Refusal("day.special-days-overlap", first=refused.first, second=refused.second) from refused

    def _check_known(self, name: str) -> None:
        if name not in self._days and name not in file_names(self._site) - self._hidden:
            raise Refusal("day.unknown-special-day", status=404, id=name)

    def _gone(self, name: str, revision: int, person: str) -> Fact:
        if name in self._days:
            return Fact(kind=WITHDRAWN, subject=name, payload={"revision": revision, "person": person})
        return self._of_file(HIDDEN, name, revision, person)

    def _of_file(self, kind: str, name: str, revision: int, person: str) -> Fact:
        hours, _, day = name.partition("/")
        return Fact(
            kind=kind, subject=name, payload={"hours": hours, "id": day, "revision": revision, "person": person}
        )

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
        days, hidden = {name: one for name, one in self._days.items() if name != entry.subject}, self._hidden
        if entry.kind in {ADDED, CHANGED}:
            days[entry.subject] = day_of(entry.payload)
        elif entry.kind == HIDDEN:
            hidden |= {entry.subject}
        elif entry.kind == RESTORED:
            hidden -= {entry.subject}
        self._revision = entry.payload["revision"]
        self._take(days, hidden)
        self._changed()

    def _take(self, days: Dated, hidden: frozenset[str]) -> None:
        # What the installer has taken out of the file meanwhile needs no hiding any more.
        self._days, self._hidden = days, hidden & file_names(self._site)
        self.plan = self._compiled(days, self._hidden)

    def _compiled(self, days: Dated, hidden: frozenset[str], holidays: HolidayCalendar | None = None) -> Plan:
        return Plan.from_site(
            standing(self._site, hidden),
            grouped(days.values()),
            holidays=holidays or self._holidays(),
            warm_ups=self._warm_ups(),
        )


def file_name(hours: str, day_id: str) -> str:
    """What a special day of the site file is called where those of all hours stand together."""
    return f"{hours}/{day_id}"


def file_names(site: Site) -> frozenset[str]:
    """Every special day of the site file, as `hours/id`."""
    return frozenset(file_name(name, day.id) for name, hours in site.hours.items() for day in hours.special_days)


def standing(site: Site, hidden: Collection[str]) -> Site:
    """The site without the special days that staff took back."""
    if not hidden:
        return site
    hours = {
        name: row.model_copy(
            update={"special_days": tuple(day for day in row.special_days if file_name(name, day.id) not in hidden)}
        )
        for name, row in site.hours.items()
    }
    return site.model_copy(update={"hours": hours})


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
