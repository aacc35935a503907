"""A year of the timetable: twelve months, the days that are not like the others marked and named."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from lobby.web.console.holidays import DayMark, confirmed, mark_of
from lobby.web.spoken import month_words, short_day

if TYPE_CHECKING:
    from lobby.web.house import House

FIRST_YEAR, LAST_YEAR = 2020, 2040


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfYear:
    """A day of a month's grid; `shut` where its hours open nothing."""

    day: date
    mark: DayMark
    shut: bool
    today: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month as weeks from Monday, None where another month's days would stand; `named` is what its marks mean."""

    name: str
    weeks: tuple[tuple[DayOfYear | None, ...], ...]
    named: tuple[tuple[str, DayMark], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """A whole year of one timetable."""

    year: int
    confirmed: bool
    months: tuple[Month, ...]


def year(house: House, number: int, hours: str, today: date, language: str) -> Year:
    """The year by the days of some hours; it takes a few hundredths of a second, so not on the loop."""
    months = tuple(_month(house, number, month, hours, today, language) for month in range(1, 13))
    return Year(year=number, confirmed=confirmed(house, number), months=months)


def _month(house: House, number: int, month: int, hours: str, today: date, language: str) -> Month:
    table = house.plan().timetables[hours]
    weeks = []
    for week in Calendar().monthdatescalendar(number, month):
        cells = (
            DayOfYear(
                day=day,
                mark=mark_of(house, day, language, hours=hours),
                shut=not table.windows_of(day),
                today=day == today,
            )
            if day.month == month
            else None
            for day in week
        )
        weeks.append(tuple(cells))
    days = [cell for week in weeks for cell in week if cell is not None]
    return Month(name=month_words(month, language), weeks=tuple(weeks), named=tuple(_named(days, language)))


def _named(days: list[DayOfYear], language: str) -> Iterator[tuple[str, DayMark]]:
    """The marked days in words; neighbours of one mark are one line."""
    run: list[DayOfYear] = []
    for cell in [*days, None]:
        follows = run and cell is not None and cell.mark == run[-1].mark and cell.day - run[-1].day == timedelta(days=1)
        if run and not follows:
            yield _span(run, language), run[0].mark
            run = []
        if cell is not None and cell.mark.kind:
            run.append(cell)


def _span(run: list[DayOfYear], language: str) -> str:
    first, last = run[0].day, run[-1].day
    return (
        short_day(first, language) if first == last else f"{short_day(first, language)} – {short_day(last, language)}"
    )
