"""Every zone whose clocks change keeps its days whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo, available_timezones

import pytest

from schedules import Timetable
from tests.schedules.desk import week, window
from tests.schedules.test_against_an_oracle import oracle
from tests.schedules.transitions import every_transition

pytestmark = pytest.mark.slow

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
LONGEST_SHIFT = timedelta(hours=2)
TRANSITIONS, SEED = 150, 1


def zones_that_change() -> list[str]:
    """The zones whose clocks are put forward or back in that year (a zone that never changes has nothing to show)."""
    months = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 13)]
    return [
        zone
        for zone in sorted(available_timezones() - {"localtime"})
        if len({month.astimezone(ZoneInfo(zone)).utcoffset() for month in months}) > 1
    ]


def test_a_night_window_keeps_its_length_but_for_the_shift_of_the_clock() -> None:
    """From 23:30 to 03:30 is four hours every night, at most two more or less."""
    for zone in zones_that_change():
        table = Timetable(zone=ZoneInfo(zone), weekly=week(window("23:30", "03:30")))
        rows = list(table.agenda(START, END))
        assert all(first.end == second.start for first, second in pairwise(rows)), zone
        nights = [row.end - row.start for row in rows[1:-1] if row.value == "open"]
        assert all(abs(night - timedelta(hours=4)) <= LONGEST_SHIFT for night in nights), zone
        assert sum(night != timedelta(hours=4) for night in nights) <= 4, zone


def test_all_zones_agree_with_the_obvious_reading_where_their_clocks_change() -> None:
    """Quarters of an hour around transitions of 2020 to 2040: a share of them here, all in the campaign."""
    for zone, moment in Random(SEED).sample(every_transition(), TRANSITIONS):
        assert read_obviously(zone, moment) == [], (zone, moment)


def read_obviously(zone: str, transition: datetime) -> list[datetime]:
    """The moments around a transition at which windows in the gap, in the doubled hour and over midnight go wrong."""
    windows = [window("00:20", "01:05"), window("01:35", "02:20"), window("02:35", "03:35"), window("23:20", "00:05")]
    table = Timetable(zone=ZoneInfo(zone), weekly=week(*windows))
    moments = [transition + timedelta(minutes=minutes) for minutes in range(-150, 151, 15)]
    return [moment for moment in moments if table.at(moment).value != oracle(table, moment)]


def test_a_year_of_forty_timetables_is_laid_out_quickly() -> None:
    """Forty different timetables, one year each: a generous limit, for machines that do something else besides."""
    zone = ZoneInfo("Asia/Seoul")
    tables = [Timetable(zone=zone, weekly=week(window(f"10:{index:02}", "18:00"))) for index in range(40)]
    rows = sum(len(list(table.agenda(START, END))) for table in tables)
    assert rows == 40 * (2 * 365 + 1)
