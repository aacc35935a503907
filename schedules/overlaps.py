"""Refusing hours that contradict themselves inside one layer, with both rules named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta
from itertools import combinations, pairwise

from schedules.errors import DateRefused, OverlapRefused
from schedules.rules import WEEKDAYS, Season, SpecialDay, Window, Windows

_DAY_S = 86_400
_LEAP_YEAR = 2024

# A window on a line of seconds: begin, end, description.
_Laid = tuple[float, float, str]


def check_week(rule: str, days: Sequence[Windows]) -> None:
    """Refuse windows of a week that overlap, Sunday night into Monday included."""
    if len(days) != len(WEEKDAYS):
        raise DateRefused(rule, f"{len(days)} days in a week")
    laid = [
        _lay(window, index, f"{rule} {WEEKDAYS[index % 7]}")
        for index, windows in enumerate((*days, days[0]))
        for window in windows
    ]
    _refuse_overlap(laid)


def check_daily(rule: str, windows: Windows) -> None:
    """Refuse windows of one kind of day that overlap, also when two such days follow each other."""
    _refuse_overlap([_lay(window, index, rule) for index in (0, 1) for window in windows])


def check_seasons(seasons: Sequence[Season]) -> None:
    """Refuse seasons that share a day, impossible dates, and overlaps inside a season's week."""
    for season in seasons:
        _check_dates(season)
        check_week(f"season:{season.name}", season.days)
    year = [date(_LEAP_YEAR, 1, 1) + timedelta(days=index) for index in range(366)]
    for first, second in combinations(seasons, 2):
        if any(first.covers(day) and second.covers(day) for day in year):
            raise OverlapRefused(f"season:{first.name}", f"season:{second.name}")


def check_special_days(special_days: Sequence[SpecialDay]) -> None:
    """Refuse special days that share a date, end before they begin, or run into each other over midnight."""
    for special in special_days:
        if special.last < special.first:
            raise DateRefused(f"special:{special.id}", f"{special.first} to {special.last}")
        _check_one_special(special)
    for first, second in pairwise(sorted(special_days, key=lambda special: special.first)):
        if second.first <= first.last:
            raise OverlapRefused(f"special:{first.id}", f"special:{second.id}")
        if second.first == first.last + timedelta(days=1):
            _refuse_overlap([*_lay_all(first, 0), *_lay_all(second, 1)])


def _check_one_special(special: SpecialDay) -> None:
    if special.first == special.last:
        _refuse_overlap(list(_lay_all(special, 0)))
    else:
        check_daily(f"special:{special.id}", special.windows)


def _lay_all(special: SpecialDay, index: int) -> Iterable[_Laid]:
    return (_lay(window, index, f"special:{special.id}") for window in special.windows)


def _lay(window: Window, index: int, described: str) -> _Laid:
    start = index * _DAY_S + _seconds(window.start)
    end = (index + window.over_midnight) * _DAY_S + _seconds(window.end)
    return start, end, f"{described} {window}"


def _seconds(at: time) -> float:
    return at.hour * 3600 + at.minute * 60 + at.second + at.microsecond / 1e6


def _refuse_overlap(laid: list[_Laid]) -> None:
    for first, second in pairwise(sorted(laid)):
        if second[0] < first[1]:
            raise OverlapRefused(first[2], second[2])


def _check_dates(season: Season) -> None:
    for month, day in (season.first, season.last):
        try:
            date(_LEAP_YEAR, month, day)
        except ValueError as impossible:
            raise DateRefused(f"season:{season.name}", f"{month:02}-{day:02}") from impossible
