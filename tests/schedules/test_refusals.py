"""What a timetable refuses, and that both rules are named."""

from __future__ import annotations

from datetime import date

import pytest

from schedules import DateRefused, OverlapRefused, Season, SpecialDay, Timetable, WeeklyHours
from tests.schedules.desk import SEOUL, desk, week, window

DAY = (window("09:00", "18:00"),)


def special(name: str, first: str, last: str, *hours: str) -> SpecialDay:
    """A special day with at most one window."""
    windows = (window(hours[0], hours[1]),) if hours else ()
    return SpecialDay(id=name, first=date.fromisoformat(first), last=date.fromisoformat(last), windows=windows)


def season(name: str, first: tuple[int, int], last: tuple[int, int]) -> Season:
    """A season with ordinary days."""
    return Season(name=name, first=first, last=last, days=(DAY,) * 7)


def test_an_evening_inside_the_day_is_refused_with_both_windows_named() -> None:
    """Tuesday 09-21 and 18-21 cannot both be."""
    tuesday = (window("09:00", "21:00"), window("18:00", "21:00", "evening"))
    days = (DAY, tuesday, *[DAY] * 5)
    with pytest.raises(OverlapRefused) as refused:
        Timetable(zone=SEOUL, weekly=WeeklyHours(name="desk", days=days))
    assert refused.value.first == "weekly:desk tue 09:00-21:00"
    assert refused.value.second == "weekly:desk tue 18:00-21:00"


def test_sunday_night_may_not_run_into_monday_morning() -> None:
    """The week is a ring."""
    days = ((window("01:00", "03:00"),), (), (), (), (), (), (window("22:00", "02:00"),))
    with pytest.raises(OverlapRefused) as refused:
        Timetable(zone=SEOUL, weekly=WeeklyHours(name="bar", days=days))
    assert (refused.value.first, refused.value.second) == ("weekly:bar sun 22:00-02:00", "weekly:bar mon 01:00-03:00")


def test_two_special_days_of_one_date_are_refused() -> None:
    """Both exceptions are named."""
    with pytest.raises(OverlapRefused) as refused:
        desk(special("move", "2026-12-01", "2026-12-03"), special("fair", "2026-12-03", "2026-12-04"))
    assert (refused.value.first, refused.value.second) == ("special:move", "special:fair")


def test_special_days_may_not_run_into_each_other_over_midnight() -> None:
    """A night of one and the early morning of the next claim the same hour."""
    night, morning = (
        special("a", "2026-12-01", "2026-12-01", "22:00", "03:00"),
        special("b", "2026-12-02", "2026-12-02", "02:00", "09:00"),
    )
    with pytest.raises(OverlapRefused):
        desk(night, morning)


def test_a_night_of_several_special_days_may_not_meet_itself() -> None:
    """A window of more than a day's distance from itself is fine, one of less is not."""
    with pytest.raises(OverlapRefused):
        desk(
            SpecialDay(
                id="x",
                first=date(2026, 12, 1),
                last=date(2026, 12, 2),
                windows=(window("01:00", "03:00"), window("22:00", "02:00")),
            )
        )


def test_seasons_that_share_a_day_are_refused() -> None:
    """A season over New Year and one in January."""
    with pytest.raises(OverlapRefused) as refused:
        desk(seasons=(season("winter", (11, 1), (2, 28)), season("january", (1, 1), (1, 31))))
    assert (refused.value.first, refused.value.second) == ("season:winter", "season:january")


def test_seasons_that_touch_are_kept() -> None:
    """The leap day belongs to winter here."""
    desk(seasons=(season("winter", (11, 1), (2, 29)), season("spring", (3, 1), (5, 31))))


def test_holiday_windows_that_overlap_are_refused() -> None:
    """Two windows of the holiday rule."""
    with pytest.raises(OverlapRefused):
        Timetable(zone=SEOUL, weekly=week(), holiday=(window("09:00", "12:00"), window("11:00", "13:00")))


def test_dates_that_cannot_be_are_refused() -> None:
    """30 February, and a special day that ends before it begins."""
    with pytest.raises(DateRefused):
        desk(seasons=(season("odd", (2, 30), (3, 1)),))
    with pytest.raises(DateRefused):
        desk(special("odd", "2026-12-02", "2026-12-01"))
