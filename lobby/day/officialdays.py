"""Official public holidays that people put in, year by year, above what ships; each act can be taken back whole."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lobby.core.journal import Entry, Fact, Journal
from lobby.core.problem import Refusal
from lobby.core.projection import Json, stamp
from lobby.core.site import Site
from lobby.day.overrides import new_id
from schedules import HolidayCalendar, OfficialYear, YearRefused, calendar_of

CONFIRMED, WITHDRAWN = "calendar.confirmed", "calendar.withdrawn"
FARTHEST_AHEAD = 2
"""Years ahead of this one that may be put in; the official paper comes half a year ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """One year put in by one act; `source` is the file's name, empty where it came from the form."""

    seq: int
    act: str
    year: OfficialYear
    person: str
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Table:
    """Every year that was put in and not taken back; of several for one year the last counts."""

    name: str = "official_years"
    ddl: str = """CREATE TABLE IF NOT EXISTS official_years
        (seq INTEGER PRIMARY KEY, act TEXT NOT NULL, at TEXT NOT NULL, payload TEXT NOT NULL)"""
    kinds: frozenset[str] = frozenset({CONFIRMED, WITHDRAWN})

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """Add a year, or take away what an act added; an erased fact changes nothing."""
        if entry.payload is None:
            return
        if entry.kind == WITHDRAWN:
            cursor.execute("DELETE FROM official_years WHERE act = ?", (entry.payload["act"],))
            return
        payload = json.dumps(dict(entry.payload), ensure_ascii=False)
        row = (entry.seq, entry.payload["act"], stamp(entry.at), payload)
        cursor.execute("INSERT OR REPLACE INTO official_years VALUES (?,?,?,?)", row)


OFFICIAL_YEARS = _Table()


class OfficialDays:
    """What people put in; `calendar` is the whole with it, and is replaced with every change."""

    def __init__(
        self,
        journal: Journal,
        site: Site,
        *,
        ids: Callable[[], str] = new_id,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._journal = journal
        self._shipped = calendar_of(site.site.country)
        self._ids = ids
        self._changed = changed
        self._put: tuple[Confirmed, ...] = ()
        self._writing = asyncio.Lock()
        self.calendar = self._shipped
        journal.follow(self._fold)

    async def load(self) -> None:
        """Take up what stands in the journal."""
        rows = await self._journal.read("SELECT * FROM official_years ORDER BY seq")
        known = (
            self._confirmed(row["seq"], datetime.fromisoformat(row["at"]), json.loads(row["payload"])) for row in rows
        )
        self._take(tuple(one for one in known if one is not None))

    @property
    def shipped(self) -> HolidayCalendar:
        """The country's calendar without what people put in."""
        return self._shipped

    def entries(self) -> tuple[Confirmed, ...]:
        """What was put in and not taken back, the last first."""
        return self._put[::-1]

    def standing(self) -> dict[int, Confirmed]:
        """By year, what counts of it."""
        return {one.year.year: one for one in self._put}

    def told(self) -> list[dict[str, Any]]:
        """The years that count, as `with_told` takes them."""
        return [one.year.told() for one in self.standing().values()]

    async def put(self, years: Sequence[OfficialYear], *, today: date, person: str, source: str = "") -> str:
        """These years are as they are named here, says this person; answers with the act's id.

        Raises Refusal (a year that is over or too far ahead, an older paper, nothing new) and NotDurable.
        """
        async with self._writing:
            self.check(years, today)
            act = self._ids()
            facts = []
            for year in years:
                payload: dict[str, Json] = {
                    **year.told(),
                    "act": act,
                    "country": self._shipped.country,
                    "source": source,
                    "way": "file" if source else "form",
                    "count": len(year.days),
                    "person": person,
                }
                facts.append(Fact(kind=CONFIRMED, subject=str(year.year), payload=payload))
            await self._journal.record(*facts)
        return act

    def check(self, years: Sequence[OfficialYear], today: date) -> None:
        """Whether these years may be put in now. Raises Refusal."""
        for one in years:
            self._check_year(one, today)
        if all(self.calendar.confirmed(one.year) and self.calendar.year(one.year).days == one.days for one in years):
            raise Refusal("calendar.same", years=", ".join(str(one.year) for one in years))

    def _check_year(self, one: OfficialYear, today: date) -> None:
        last = today.year + FARTHEST_AHEAD
        if one.year < today.year:
            raise Refusal("calendar.year-over", status=422, year=str(one.year), this=str(today.year))
        if one.year > last:
            raise Refusal("calendar.year-far", status=422, year=str(one.year), last=str(last))
        known = self.calendar.year(one.year).issued
        if known is not None and one.issued is not None and one.issued < known:
            raise Refusal("calendar.older-paper", year=str(one.year), issued=str(one.issued), known=str(known))

    async def withdraw(self, act: str, *, person: str) -> None:
        """Take back what one act put in; what was there before counts again. Raises Refusal, NotDurable."""
        async with self._writing:
            years = self._of_act(act)
            payload: dict[str, Json] = {"act": act, "years": ", ".join(str(year) for year in years), "person": person}
            await self._journal.record(Fact(kind=WITHDRAWN, subject=act, payload=payload))

    def as_if(self, years: Sequence[OfficialYear]) -> HolidayCalendar:
        """The calendar as it would be with these years; any thread may ask."""
        return self.calendar.with_years({one.year: one for one in years})

    def without(self, act: str) -> HolidayCalendar:
        """The calendar as it would be without what an act put in; any thread may ask. Raises Refusal."""
        self._of_act(act)
        return self._whole(tuple(one for one in self._put if one.act != act))

    def _of_act(self, act: str) -> list[int]:
        years = [one.year.year for one in self._put if one.act == act]
        if not years:
            raise Refusal("calendar.unknown-act", status=404)
        return years

    def _fold(self, entry: Entry) -> None:
        if entry.kind not in OFFICIAL_YEARS.kinds or entry.payload is None:
            return
        if entry.kind == WITHDRAWN:
            self._take(tuple(one for one in self._put if one.act != entry.payload["act"]))
        elif (one := self._confirmed(entry.seq, entry.at, entry.payload)) is not None:
            self._take((*self._put, one))
        self._changed()

    def _confirmed(self, seq: int, at: datetime, payload: Mapping[str, Any]) -> Confirmed | None:
        """A fact read; nothing where the site is another country's by now, or another version wrote it."""
        try:
            year = OfficialYear.read(payload)
        except YearRefused:
            return None
        if payload["country"] != self._shipped.country:
            return None
        act, person, source = (str(payload[key]) for key in ("act", "person", "source"))
        return Confirmed(seq=seq, act=act, year=year, person=person, source=source, at=at)

    def _take(self, put: tuple[Confirmed, ...]) -> None:
        self._put = put
        self.calendar = self._whole(put)

    def _whole(self, put: tuple[Confirmed, ...]) -> HolidayCalendar:
        """What ships with these years above it; where people put in nothing, exactly what ships."""
        years = {one.year.year: one.year for one in put}
        return self._shipped.with_years(years) if years else self._shipped


def with_told(calendar: HolidayCalendar, told: Sequence[Mapping[str, Any]]) -> HolidayCalendar:
    """A calendar with years as `OfficialDays.told` tells them."""
    years = [OfficialYear.read(each) for each in told]
    return calendar.with_years({one.year: one for one in years}) if years else calendar
