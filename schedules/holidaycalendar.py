"""Public holidays: the holiday library's rules, corrected and confirmed by a data file that staff can replace."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import holidays

from schedules.errors import CalendarRefused

_OWN_LANGUAGE = {"KR": "ko"}
_ENGLISH = "en_US"
_WARNED_FROM_MONTH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayData:
    """A data file, read: the last officially known year, days added and days taken back."""

    country: str = "KR"
    confirmed_through: int
    extra: Mapping[date, str] = field(default_factory=dict)
    withdrawn: frozenset[date] = frozenset()


class HolidayCalendar:
    """Names of public holidays, substitute and temporary ones included; answers any year, confirmed or not."""

    def __init__(self, data: HolidayData) -> None:
        self._data = data
        self._years: dict[tuple[int, str | None], Mapping[date, str]] = {}

    def name(self, day: date, *, english: bool = False) -> str | None:
        """The holiday's name in the country's language (or in English), None on other days."""
        language = _ENGLISH if english else _OWN_LANGUAGE.get(self._data.country)
        year = self._years.get((day.year, language))
        if year is None:
            year = self._years[day.year, language] = self._names(day.year, language)
        return year.get(day)

    def confirmed(self, year: int) -> bool:
        """Whether the official calendar of that year is in the data."""
        return year <= self._data.confirmed_through

    def year_to_confirm(self, today: date) -> int | None:
        """The year whose official data staff should fetch: this one, or from 1 October the next; None = all well."""
        wanted = range(today.year, today.year + 1 + (today.month >= _WARNED_FROM_MONTH))
        return next((year for year in wanted if not self.confirmed(year)), None)

    def _names(self, year: int, language: str | None) -> Mapping[date, str]:
        country = holidays.country_holidays(self._data.country, years=year, language=language, categories=("public",))
        named = {day: name for day, name in country.items() if day not in self._data.withdrawn and day.year == year}
        named.update((day, name) for day, name in self._data.extra.items() if day.year == year)
        return named


def korea(path: Path | None = None) -> HolidayCalendar:
    """Korea's calendar, from the data file of this package or from the one staff uploaded."""
    return _packaged() if path is None else HolidayCalendar(read_data(path.read_text(encoding="utf-8"), str(path)))


def calendar_of(country: str, path: Path | None = None) -> HolidayCalendar:
    """A country's calendar; without a data file of its own no year of it counts as confirmed."""
    if country == "KR":
        return korea(path)
    if path is not None:
        return HolidayCalendar(read_data(path.read_text(encoding="utf-8"), str(path)))
    return HolidayCalendar(HolidayData(country=country, confirmed_through=0))


def read_data(text: str, where: str = "data") -> HolidayData:
    """Read a data file's text; raises `CalendarRefused` with the mistake."""
    try:
        table = tomllib.loads(text)
        if table["format"] != 1:
            raise CalendarRefused(where, f"format {table['format']} is not known")
        return HolidayData(
            country=str(table.get("country", "KR")),
            confirmed_through=int(table["confirmed_through"]),
            extra={_date(entry["date"]): str(entry["name"]) for entry in table.get("extra", ())},
            withdrawn=frozenset(_date(entry["date"]) for entry in table.get("withdrawn", ())),
        )
    except KeyError as missing:
        raise CalendarRefused(where, f"{missing.args[0]} is missing") from missing
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as mistake:
        if isinstance(mistake, CalendarRefused):
            raise
        raise CalendarRefused(where, str(mistake)) from mistake


@lru_cache(maxsize=1)
def _packaged() -> HolidayCalendar:
    source = files("schedules").joinpath("korea.toml")
    return HolidayCalendar(read_data(source.read_text(encoding="utf-8"), "korea.toml"))


def _date(value: object) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise TypeError(f"{value!r} is not a date")
    return value
