"""When the clocks of a zone are put forward or back, 2020 to 2040, found by looking at the offsets alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2041, 1, 1, tzinfo=UTC)
STEP = timedelta(days=5)  # shorter than any time between two changes, Morocco's Ramadan included


@cache
def transitions(zone: str) -> tuple[datetime, ...]:
    """The moments, to the second."""
    return tuple(_transitions(ZoneInfo(zone)))


@cache
def every_transition() -> tuple[tuple[str, datetime], ...]:
    """Of all zones of the database, those once that change their clocks alike."""
    kinds: dict[tuple[object, ...], str] = {}
    for zone in sorted(available_timezones() - {"localtime"}):
        moments = transitions(zone)
        if moments:
            kinds.setdefault((moments, *(offset(ZoneInfo(zone), moment) for moment in moments)), zone)
    return tuple((zone, moment) for zone in kinds.values() for moment in transitions(zone))


def offset(zone: ZoneInfo, moment: datetime) -> timedelta | None:
    """How far the zone's clocks are from UTC."""
    return moment.astimezone(zone).utcoffset()


def _transitions(zone: ZoneInfo) -> Iterator[datetime]:
    moment, before = FIRST, offset(zone, FIRST)
    while moment < LAST:
        later, after = moment + STEP, offset(zone, moment + STEP)
        if before != after:
            yield _between(zone, moment, later)
        moment, before = later, after


def _between(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    before = offset(zone, low)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low).total_seconds() // 2)
        low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
    return high
