"""One year's official public holidays, as a data file or people name them; what cannot be is refused with its cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from schedules.errors import YearRefused

FORMAT = 2
LONGEST_NAME = 60
MOST_DAYS = 120
EARLIEST, LATEST = 2000, 2099


class HolidayKind(StrEnum):
    """Why a day is a holiday."""

    PUBLIC = "public"  # by law, every year
    SUBSTITUTE = "substitute"  # instead of one that fell on a weekend
    TEMPORARY = "temporary"  # named by the government for once


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """One public holiday; `english` may be empty."""

    day: date
    name: str
    english: str = ""
    kind: HolidayKind = HolidayKind.PUBLIC


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialYear:
    """All public holidays of a year, by day; `issued` is the day of the official paper where it is known."""

    year: int
    days: tuple[Holiday, ...]
    issued: date | None = None

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> OfficialYear:
        """From a table of a data file, a form or the journal. Raises `YearRefused`."""
        year = told.get("year")
        if isinstance(year, bool) or not isinstance(year, int) or not EARLIEST <= year <= LATEST:
            raise YearRefused("no-year", year="" if year is None else str(year)[:10])
        rows = told.get("holiday")
        if not isinstance(rows, Sequence) or isinstance(rows, str) or not rows:
            raise YearRefused("no-days", year=str(year))
        if len(rows) > MOST_DAYS:
            raise YearRefused("many-days", year=str(year), count=str(len(rows)), most=str(MOST_DAYS))
        issued = _issued(told["issued"]) if told.get("issued") else None
        return cls(year=year, days=tuple(_once(sorted(_rows(rows, year), key=lambda one: one.day))), issued=issued)

    def told(self) -> dict[str, Any]:
        """What `read` takes, of plain values."""
        rows = [
            {"date": one.day.isoformat(), "name": one.name, "english": one.english, "kind": one.kind.value}
            for one in self.days
        ]
        return {"year": self.year, "issued": self.issued.isoformat() if self.issued else "", "holiday": rows}

    def file(self, country: str) -> str:
        """A data file of it, for people to read, change and put in again."""
        head = [f"format = {FORMAT}", f"country = {_quoted(country)}", f"year = {self.year}"]
        head += [f"issued = {self.issued}"] if self.issued else []
        return "\n".join([*head, *(_table(one) for one in self.days)]) + "\n"


def kind_of(name: str) -> HolidayKind:
    """The kind that a Korean name tells, as the holiday library and the gazette write it."""
    plain = name.replace(" ", "")
    if "대체휴일" in plain or "대체공휴일" in plain:
        return HolidayKind.SUBSTITUTE
    return HolidayKind.TEMPORARY if "임시공휴일" in plain else HolidayKind.PUBLIC


def _rows(rows: Sequence[Any], year: int) -> Iterator[Holiday]:
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            raise YearRefused("bad-date", row=str(number), date="")
        day = _date(row.get("date"), number)
        if day.year != year:
            raise YearRefused("other-year", date=str(day), year=str(year))
        name, english = _text(row, "name", day), _text(row, "english", day)
        if not name:
            raise YearRefused("no-name", date=str(day))
        yield Holiday(day=day, name=name, english=english, kind=_kind(row, day))


def _once(days: Sequence[Holiday]) -> Iterator[Holiday]:
    seen: set[date] = set()
    for one in days:
        if one.day in seen:
            raise YearRefused("twice", date=str(one.day))
        seen.add(one.day)
        yield one


def _issued(value: object) -> date:
    found = _day(value)
    if found is None:
        raise YearRefused("bad-issued", date=str(value)[:30])
    return found


def _date(value: object, row: int) -> date:
    found = _day(value)
    if found is None:
        raise YearRefused("bad-date", row=str(row), date="" if value is None else str(value)[:30])
    return found


def _day(value: object) -> date | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == len("2028-01-01") else None
    except ValueError:
        return None


def _text(row: Mapping[str, Any], key: str, day: date) -> str:
    value = row.get(key, "")
    if not isinstance(value, str) or not value.replace("\n", " ").isprintable():
        raise YearRefused("bad-name", date=str(day))
    text = " ".join(value.split())
    if len(text) > LONGEST_NAME:
        raise YearRefused("long-name", date=str(day), most=str(LONGEST_NAME))
    return text


def _kind(row: Mapping[str, Any], day: date) -> HolidayKind:
    try:
        return HolidayKind(row.get("kind") or HolidayKind.PUBLIC)
    except ValueError:
        raise YearRefused("bad-kind", date=str(day), kinds=", ".join(HolidayKind)) from None


def _table(one: Holiday) -> str:
    lines = ["", "[[holiday]]", f"date = {one.day}", f"name = {_quoted(one.name)}"]
    lines += [f"english = {_quoted(one.english)}"] if one.english else []
    lines += [f'kind = "{one.kind}"'] if one.kind is not HolidayKind.PUBLIC else []
    return "\n".join(lines)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
