"""When something holds, as half-open stretches of absolute time (UTC): pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from schedules import WEEKDAYS
from schedules.localtime import closing, day_start, local_day, opening

Span = tuple[datetime, datetime]
DAY = timedelta(days=1)
ALWAYS: Span = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def days_between(first: date, last: date, days: Sequence[str]) -> Iterator[date]:
    """The dates from one to another, both included, that fall on these weekdays (none given: on any)."""
    for number in range((last - first).days + 1):
        day = first + number * DAY
        if not days or WEEKDAYS[day.weekday()] in days:
            yield day


def spans(
    zone: tzinfo,
    within: Span,
    *,
    first: date | None = None,
    last: date | None = None,
    days: Sequence[str] = (),
    hours: Sequence[tuple[time, time]] = (),
) -> list[Span]:
    """Where dates, weekdays and hours all hold, clipped to `within`, in order, apart from one another.

    Hours over midnight belong to the day on which they begin.
    """
    if first is None and last is None and not days and not hours:
        return [within]
    begins = local_day(zone, within[0]) - DAY
    ends = local_day(zone, within[1])
    chosen = days_between(max(begins, first or begins), min(ends, last or ends), days)
    found = (span for day in chosen for span in _of_day(zone, day, hours))
    return joined(span for span in (_clipped(each, within) for each in found) if span is not None)


def joined(found: Iterable[Span]) -> list[Span]:
    """The same time without overlaps and seams, in order."""
    merged: list[Span] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def common(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """Where both hold."""
    clipped = (_clipped(first, second) for first in one for second in other)
    return joined(span for span in clipped if span is not None)


def pieces(found: Iterable[Sequence[Span]], within: Span) -> list[Span]:
    """`within`, cut wherever one of these begins or ends."""
    edges = {edge for each in found for span in each for edge in span}
    cuts = sorted({*within, *(edge for edge in edges if within[0] < edge < within[1])})
    return list(pairwise(cuts))


def holds(found: Sequence[Span], moment: datetime) -> bool:
    """Whether a moment lies in one of them."""
    return any(start <= moment < end for start, end in found)


def _of_day(zone: tzinfo, day: date, hours: Sequence[tuple[time, time]]) -> Iterator[Span]:
    if not hours:
        yield day_start(zone, day), day_start(zone, day + DAY)
    for begins, ends in hours:
        last = day if ends > begins else day + DAY
        yield opening(zone, day, begins), closing(zone, last, ends)


def _clipped(span: Span, within: Span) -> Span | None:
    start, end = max(span[0], within[0]), min(span[1], within[1])
    return (start, end) if start < end else None
