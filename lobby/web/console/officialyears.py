"""The page of public holidays in views: which years are confirmed, one year as a form, and what it would change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from lobby.core.calendarfile import year_of
from lobby.core.words import say
from lobby.day.officialdays import FARTHEST_AHEAD
from lobby.web.console.exceptions import WhatIf, compared
from lobby.web.officialdays import today_of
from lobby.web.spoken import days_words, staff_time, weekdays
from schedules import Holiday, HolidayCalendar, OfficialYear, kind_of

if TYPE_CHECKING:
    from lobby.day.officialdays import Confirmed
    from lobby.web.house import House
    from lobby.web.sentence import Scene

BLANK_ROWS = 3
MOST_ROWS = 130
SAMPLE_DAYS = 2
SHOWN_AFTER = timedelta(seconds=60)
"""So long the page offers to take back what was just done; its entry below does so for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the form, as it was typed."""

    date: str = ""
    name: str = ""
    english: str = ""
    kind: str = "public"
    out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A year as a form: what was typed is kept, right or wrong."""

    year: int
    issued: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class YearLine:
    """One year: whether it is confirmed, how many days, and by whom."""

    year: int
    confirmed: bool
    count: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """Something that people put in and that can be taken back."""

    act: str
    years: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What is to be confirmed, told before it is: the names that change, the hours that change, and the years."""

    years: str
    names: tuple[str, ...]
    what_if: WhatIf
    told: str
    source: str


def form_of(house: House, year: int) -> Form:
    """The year as it stands."""
    return form_of_year(house.official_days.calendar.year(year))


def form_of_year(year: OfficialYear) -> Form:
    """A year as lines, with some blank ones below."""
    rows = [Row(date=one.day.isoformat(), name=one.name, english=one.english, kind=one.kind) for one in year.days]
    return Form(year=year.year, issued=year.issued.isoformat() if year.issued else "", rows=_with_blanks(rows))


def typed(fields: Mapping[str, Any], year: int) -> Form:
    """The form as somebody sent it."""
    rows = []
    for number in range(MOST_ROWS):
        if f"date-{number}" not in fields:
            break
        texts = {key: str(fields.get(f"{key}-{number}") or "").strip()[:200] for key in ("date", "name", "english")}
        kind = str(fields.get(f"kind-{number}") or "public")[:20]
        kind = kind_of(texts["name"]).value if kind == "public" else kind  # a new line named 임시공휴일 is one
        row = Row(**texts, kind=kind, out=bool(fields.get(f"out-{number}")))
        if row.date or row.name or row.english:
            rows.append(row)
    return Form(year=year, issued=str(fields.get("issued") or "").strip()[:20], rows=_with_blanks(rows))


def year_in(form: Form) -> OfficialYear:
    """The year that a form means. Raises Refusal."""
    rows = [
        {"date": row.date, "name": row.name, "english": row.english, "kind": row.kind}
        for row in form.rows
        if not row.out and (row.date or row.name or row.english)
    ]
    return year_of({"year": form.year, "issued": form.issued, "holiday": rows})


async def proposed(house: House, scene: Scene, years: Sequence[OfficialYear], source: str = "") -> Proposed:
    """What confirming these years would change. Raises Refusal where they cannot be confirmed."""
    days = house.official_days
    days.check(years, today_of(house))
    after = days.as_if(years)
    numbers = [one.year for one in years]
    return Proposed(
        years=", ".join(str(number) for number in numbers),
        names=tuple(turns(scene.language, days.calendar, after, numbers)),
        what_if=await _what_if(house, scene, after, numbers),
        told=json.dumps([one.told() for one in years], ensure_ascii=False),
        source=source,
    )


async def taken_back(house: House, scene: Scene, act: str) -> Proposed:
    """What taking an act back would change. Raises Refusal."""
    days = house.official_days
    after = days.without(act)
    numbers = sorted(one.year.year for one in days.entries() if one.act == act)
    return Proposed(
        years=", ".join(str(number) for number in numbers),
        names=tuple(turns(scene.language, days.calendar, after, numbers)),
        what_if=await _what_if(house, scene, after, numbers),
        told="",
        source="",
    )


def sample(house: House, year: int) -> str:
    """The first days of a year as its data file has them, to show the format."""
    calendar = house.official_days.calendar
    return "\n\n".join(calendar.year(year).file(calendar.country).split("\n\n")[: 1 + SAMPLE_DAYS])


def weekday(text: str, language: str) -> str:
    """The weekday of a date as it was typed, as the official calendar prints it; empty where it is none."""
    try:
        return weekdays(language)[date.fromisoformat(text).weekday()]
    except ValueError:
        return ""


def lines(house: House, scene: Scene) -> list[YearLine]:
    """This year and those that can be put in."""
    days, first = house.official_days, today_of(house).year
    known = days.standing()
    return [_line(house, scene, year, known.get(year)) for year in range(first, first + FARTHEST_AHEAD + 1)]


def entries(house: House, scene: Scene) -> list[EntryLine]:
    """What people put in, an act a line, the last first."""
    acts: dict[str, list[Confirmed]] = {}
    for one in house.official_days.entries():
        acts.setdefault(one.act, []).append(one)
    return [
        EntryLine(
            act=act,
            years=", ".join(str(number) for number in sorted(one.year.year for one in found)),
            by=_by(house, scene, found[0]),
        )
        for act, found in acts.items()
    ]


def just_done(house: House, scene: Scene, act: str) -> EntryLine | None:
    """What was confirmed a moment ago, for the line that offers to take it back."""
    recent = {one.act for one in house.official_days.entries() if scene.now - one.at <= SHOWN_AFTER}
    return next((line for line in entries(house, scene) if line.act == act and act in recent), None)


async def _what_if(house: House, scene: Scene, after: HolidayCalendar, years: Sequence[int]) -> WhatIf:
    days = list(_changed(house.official_days.calendar, after, years, today_of(house)))
    return await compared(house, scene, lambda: house.special_days.as_if_holidays(after), days) if days else WhatIf()


def _changed(before: HolidayCalendar, after: HolidayCalendar, years: Sequence[int], today: date) -> Iterator[date]:
    """The days from today on that become a holiday or cease to be one."""
    for year in years:
        was, becomes = ({one.day for one in calendar.year(year).days} for calendar in (before, after))
        yield from sorted(day for day in was ^ becomes if day >= today)


def turns(language: str, before: HolidayCalendar, after: HolidayCalendar, years: Sequence[int]) -> Iterator[str]:
    """What two calendars say differently of some years, a line a day; whether each year is confirmed comes first."""
    for year in years:
        if before.confirmed(year) != after.confirmed(year):
            yield say(
                "calendar.turns." + ("confirmed" if after.confirmed(year) else "unconfirmed"), language, year=year
            )
        was, becomes = ({one.day: one for one in calendar.year(year).days} for calendar in (before, after))
        for day in sorted(was.keys() | becomes.keys()):
            if was.get(day) != becomes.get(day):
                yield _turn(language, day, was.get(day), becomes.get(day))


def _turn(language: str, day: date, was: Holiday | None, becomes: Holiday | None) -> str:
    key = "added" if was is None else "gone" if becomes is None else "named"
    told = days_words(day, day, language)
    return say(f"calendar.turns.{key}", language, day=told, was=_said(language, was), becomes=_said(language, becomes))


def _said(language: str, one: Holiday | None) -> str:
    if one is None:
        return ""
    name = (one.english if language == "en" else "") or one.name
    return f"{name} ({say(f'calendar.kind.{one.kind}', language)})"


def _line(house: House, scene: Scene, year: int, one: Confirmed | None) -> YearLine:
    calendar = house.official_days.calendar
    confirmed = calendar.confirmed(year)
    by = _by(house, scene, one) if one else scene.say("calendar.by." + ("shipped" if confirmed else "rule"))
    return YearLine(year=year, confirmed=confirmed, count=len(calendar.year(year).days), by=by)


def _by(house: House, scene: Scene, one: Confirmed) -> str:
    person = house.people.names().get(one.person) or scene.say("record.by-command")
    at = staff_time(one.at, scene.now, scene.zone, scene.language)
    key = "calendar.by." + ("file" if one.source else "form")
    return scene.say(key, person=person, at=at, source=one.source)


def _with_blanks(rows: Sequence[Row]) -> tuple[Row, ...]:
    return (*rows, *(Row() for _ in range(BLANK_ROWS)))
