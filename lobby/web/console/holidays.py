"""What kind of day it is: a public holiday, one that is only computed, or a special day; for all hours together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lobby.web.house import House
    from schedules import SpecialDay


@dataclass(frozen=True, slots=True, kw_only=True)
class DayMark:
    """`kind` is "", holiday, guess (a holiday of a year that is not confirmed) or special, which says more."""

    kind: str
    words: str


ORDINARY = DayMark(kind="", words="")


def mark_of(house: House, day: date, language: str, *, hours: str | None = None) -> DayMark:
    """The day's mark by some hours, or by any."""
    tables = house.plan().timetables
    asked = [tables[hours]] if hours else list(tables.values())
    special = next((found for table in asked if (found := table.special_day(day))), None)
    holiday = holiday_name(house, day, language)
    words = " · ".join(text for text in (_said(special, language) if special else "", holiday) if text)
    if special:
        return DayMark(kind="special", words=words)
    if not holiday:
        return ORDINARY
    return DayMark(kind="holiday" if confirmed(house, day.year) else "guess", words=words)


def holiday_name(house: House, day: date, language: str) -> str:
    """The public holiday in the reader's language; empty on other days."""
    calendar = house.plan().holidays
    return calendar.name(day, english=language == "en") or calendar.name(day) or ""


def confirmed(house: House, year: int) -> bool:
    """Whether that year's official calendar is known."""
    return house.plan().holidays.confirmed(year)


def _said(special: SpecialDay, language: str) -> str:
    return (special.reason_en if language == "en" else None) or special.reason
