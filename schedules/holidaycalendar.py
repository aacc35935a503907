"""Public holidays: the holiday library's rules, confirmed by a data file, and whole years as people put them in."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any, Self

import holidays

from schedules.errors import CalendarRefused
from schedules.officialyear import Holiday, OfficialYear, kind_of

_OWN_LANGUAGE = {"KR": "ko"}
_ENGLISH = "en_US"
_WARNED_FROM_MONTH = 10
EXAMPLE_YEAR = 2026


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayData:
    """What is known officially: the last known year with its days added and taken back, and whole years as named."""

    country: str = "KR"
    confirmed_through: int
    extra: Mapping[date, str] = field(default_factory=dict)
    withdrawn: frozenset[date] = frozenset()
    years: Mapping[int, OfficialYear] = field(default_factory=dict)


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
        return year <= self._data.confirmed_through or year in self._data.years

    @property
    def country(self) -> str:
        """Whose holidays they are."""
        return self._data.country

    @property
    def knows_holidays(self) -> bool:
        """Whether there is a rule for the country at all; without one only what people put in counts."""
        return self._data.country == "KR" or bool(self._names(EXAMPLE_YEAR, None))

    def confirmed_through(self, today: date) -> int | None:
        """The last year from this one on without a gap; None where this one is not confirmed."""
        year = today.year
        while self.confirmed(year):
            year += 1
        return year - 1 if year > today.year else None

    def with_years(self, years: Mapping[int, OfficialYear]) -> Self:
        """The same, but for these years the days as they are named there and no others."""
        return type(self)(replace(self._data, years={**self._data.years, **years}))

    def year(self, number: int) -> OfficialYear:
        """All holidays of a year: as they were named officially, else as the rule has them."""
        known = self._data.years.get(number)
        return known if known is not None else OfficialYear(year=number, days=tuple(self._computed(number)))

    def year_to_confirm(self, today: date) -> int | None:
        """The year whose official data staff should fetch: this one, or from 1 October the next; None = all well."""
        wanted = range(today.year, today.year + 1 + (today.month >= _WARNED_FROM_MONTH))
        return next((year for year in wanted if not self.confirmed(year)), None)

    def _computed(self, number: int) -> Iterator[Holiday]:
        own = _OWN_LANGUAGE.get(self._data.country)
        english = self._names(number, _ENGLISH)
        for day, name in sorted(self._names(number, own).items()):
            foreign = english.get(day, "")
            yield Holiday(day=day, name=name, english="" if foreign == name else foreign, kind=kind_of(name))

    def _names(self, year: int, language: str | None) -> Mapping[date, str]:
        known = self._data.years.get(year)
        if known is not None:
            return {one.day: (one.english if language == _ENGLISH else "") or one.name for one in known.days}
        country = _ruled(self._data.country, year, language)
        named = {day: name for day, name in country.items() if day not in self._data.withdrawn and day.year == year}
        named.update((day, name) for day, name in self._data.extra.items() if day.year == year)
        return named


@lru_cache(maxsize=1)
def korea() -> HolidayCalendar:
    """Korea's calendar, from the data file of this package."""
    source = files("schedules").joinpath("korea.toml")
    return HolidayCalendar(read_data(source.read_text(encoding="utf-8"), "korea.toml"))


def calendar_of(country: str) -> HolidayCalendar:
    """A country's calendar as it ships; only Korea's has official data, elsewhere people confirm each year."""
    return korea() if country == "KR" else HolidayCalendar(HolidayData(country=country, confirmed_through=0))


def read_data(text: str, where: str = "data") -> HolidayData:
    """Read a data file's text; raises `CalendarRefused` with the mistake."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as mistake:
        raise CalendarRefused(where, str(mistake)) from mistake
    return data_of(table, where)


def data_of(table: Mapping[str, Any], where: str = "data") -> HolidayData:
    """A data file of the first format, parsed; dates may be texts. Raises `CalendarRefused` with the mistake."""
    try:
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
    except (TypeError, ValueError, AttributeError) as mistake:
        if isinstance(mistake, CalendarRefused):
            raise
        raise CalendarRefused(where, str(mistake)) from mistake


def _ruled(country: str, year: int, language: str | None) -> Mapping[date, str]:
    """What the library computes; nothing for a country that it does not know."""
    try:
        return holidays.country_holidays(country, years=year, language=language, categories=("public",))
    except NotImplementedError:
        return {}


def _date(value: object) -> date:
    if isinstance(value, str):
        return date.fromisoformat(value)
    if not isinstance(value, date) or isinstance(value, datetime):
        raise TypeError(f"{value!r} is not a date")
    return value
