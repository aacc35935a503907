"""The sample desk and wall, written out for the tests of this folder."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from schedules import Season, SpecialDay, Timetable, WeeklyHours, Window, korea

SEOUL = ZoneInfo("Asia/Seoul")


def window(start: str, end: str, value: str = "open") -> Window:
    """A window from two clock readings."""
    return Window(start=time.fromisoformat(start), end=time.fromisoformat(end), value=value)


def week(*windows: Window, name: str = "test") -> WeeklyHours:
    """The same windows every day."""
    return WeeklyHours(name=name, days=(windows,) * 7)


def desk(*special_days: SpecialDay, seasons: tuple[Season, ...] = ()) -> Timetable:
    """The civil-service desk: weekdays 9 to 18, Tuesday evening 18 to 21, closed on public holidays."""
    day = (window("09:00", "18:00"),)
    tuesday = (*day, window("18:00", "21:00", "evening"))
    return Timetable(
        zone=SEOUL,
        weekly=WeeklyHours(name="civil-desk", days=(day, tuesday, day, day, day, (), ())),
        otherwise="closed",
        seasons=seasons,
        holiday=(),
        holidays=korea(),
        special_days=special_days,
    )


def seoul(text: str) -> datetime:
    """A moment by Seoul's wall clock."""
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL).astimezone(UTC)
