"""Instants of local wall-clock times, where clocks are put forward or back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

_REMEMBERED = 65_536


@lru_cache(maxsize=_REMEMBERED)
def opening(zone: tzinfo, day: date, at: time) -> datetime:
    """The first instant (UTC) at which the wall clock shows `at` of `day` or later."""
    return _instant(zone, datetime.combine(day, at), fold=0)


@lru_cache(maxsize=_REMEMBERED)
def closing(zone: tzinfo, day: date, at: time) -> datetime:
    """The instant (UTC) after which the wall clock shows less than `at` of `day` no more."""
    return _instant(zone, datetime.combine(day, at), fold=1)


def day_start(zone: tzinfo, day: date) -> datetime:
    """The first instant (UTC) of a local day."""
    return opening(zone, day, time.min)


def local_day(zone: tzinfo, moment: datetime) -> date:
    """The day whose stretch from its first instant to the next day's first instant holds the moment."""
    day = moment.astimezone(zone).date()
    while day_start(zone, day) > moment:
        day -= timedelta(days=1)
    while day_start(zone, day + timedelta(days=1)) <= moment:
        day += timedelta(days=1)
    return day


def _instant(zone: tzinfo, wall: datetime, *, fold: int) -> datetime:
    early = wall.replace(tzinfo=zone, fold=0)
    late = wall.replace(tzinfo=zone, fold=1)
    if early.utcoffset() == late.utcoffset():
        return early.astimezone(UTC)
    if early.astimezone(UTC) > late.astimezone(UTC):
        return _end_of_gap(zone, late.astimezone(UTC), early.astimezone(UTC))
    return (late if fold else early).astimezone(UTC)


def _end_of_gap(zone: tzinfo, before: datetime, after: datetime) -> datetime:
    """The second at which the clock was put forward: it lies after `before` and not after `after`."""
    old = before.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)
