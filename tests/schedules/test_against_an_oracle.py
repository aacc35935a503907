"""Random timetables against a slow, obvious reading of the rules."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules import OverlapRefused, Season, SpecialDay, Timetable, WeeklyHours, Window

pytestmark = pytest.mark.slow

ZONES = [
    "Asia/Seoul",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Pacific/Apia",
    "America/Havana",
    "Africa/Casablanca",
    "America/St_Johns",
]
STEP = timedelta(minutes=15)
TIMETABLES, MOMENTS = 250, 40
SEEDS = st.integers(0, 2**64)


@dataclass(frozen=True)
class SomeHolidays:
    """Holidays of a random set of days."""

    days: frozenset[date]

    def name(self, day: date) -> str | None:
        """Every chosen day has the same name."""
        return "feast" if day in self.days else None

    def confirmed(self, year: int) -> bool:
        """All years are."""
        return True


def some_windows(dice: random.Random, *, night: bool) -> tuple[Window, ...]:
    """Up to three adjacent or separate windows of a day; only the last may run over midnight."""
    edges = sorted(dice.sample(range(16, 96), 2 * dice.randint(0, 3)))
    last = {len(edges) - 1: dice.randint(0, 16)} if night and edges and dice.random() < 0.4 else {}
    quarters = [last.get(index, edge) for index, edge in enumerate(edges)]
    return tuple(
        Window(start=_clock(first), end=_clock(second), value=dice.choice("abc"))
        for first, second in zip(quarters[::2], quarters[1::2], strict=True)
    )


def some_timetable(dice: random.Random) -> tuple[Timetable, date]:
    """A random timetable around a random day of the last and next years."""
    middle = date(dice.randint(2008, 2036), 1, 1) + timedelta(days=dice.randint(0, 364))
    near = [middle + timedelta(days=index) for index in range(-6, 7)]
    first = dice.choice(near)
    special = SpecialDay(
        id="special",
        first=first,
        last=first + timedelta(days=dice.randint(0, 2)),
        windows=some_windows(dice, night=True),
    )
    season_days = sorted(dice.sample(near, 2), key=lambda day: dice.random())
    season = Season(
        name="season",
        first=(season_days[0].month, season_days[0].day),
        last=(season_days[1].month, season_days[1].day),
        days=tuple(some_windows(dice, night=True) for _ in range(7)),
    )
    table = Timetable(
        zone=ZoneInfo(dice.choice(ZONES)),
        weekly=WeeklyHours(name="week", days=tuple(some_windows(dice, night=True) for _ in range(7))),
        seasons=(season,) if dice.random() < 0.5 else (),
        holiday=some_windows(dice, night=True) if dice.random() < 0.7 else None,
        holidays=SomeHolidays(frozenset(dice.sample(near, 3))),
        special_days=(special,) if dice.random() < 0.5 else (),
    )
    return table, middle


def oracle(table: Timetable, moment: datetime) -> str:
    """Walk the clock in quarters around the moment and look which window it stands in; the earliest begun wins."""
    walls = [(moment + STEP * index).astimezone(table.zone).replace(tzinfo=None) for index in range(-60, 60)]
    past, future = max(walls[:61]), min(walls[60:])
    today = moment.astimezone(table.zone).date()
    for day in (today + timedelta(days=index) for index in (-2, -1, 0, 1)):
        for window in sorted(obvious_windows(table, day), key=lambda window: window.start):
            start = datetime.combine(day, window.start)
            end = datetime.combine(day + timedelta(days=window.end <= window.start), window.end)
            if past >= start and (future < end or second_time_ahead(table, end, moment)):
                return window.value
    return table.otherwise


def second_time_ahead(table: Timetable, wall: datetime, moment: datetime) -> bool:
    """The clock shows this time twice, and the second time, when a window closes, is still to come."""
    first, second = (wall.replace(tzinfo=table.zone, fold=fold) for fold in (0, 1))
    return first.astimezone(UTC) < second.astimezone(UTC) and moment < second.astimezone(UTC)


def obvious_windows(table: Timetable, day: date) -> tuple[Window, ...]:
    """The windows of the strongest rule of a day."""
    for special in table.special_days:
        if special.first <= day <= special.last:
            return special.windows
    if table.holiday is not None and table.holidays is not None and table.holidays.name(day):
        return table.holiday
    for season in table.seasons:
        if in_season(season, day):
            return season.days[day.weekday()]
    return table.weekly.days[day.weekday()]


def in_season(season: Season, day: date) -> bool:
    """Count the days from the season's first: it is on until its last has come."""
    probe = date(2023 if season.first > (2, 29) else 2024, *season.first)
    while (probe.month, probe.day) != (day.month, day.day):
        if (probe.month, probe.day) == season.last:
            return False
        probe += timedelta(days=1)
    return True


@settings(max_examples=TIMETABLES, deadline=None)
@given(SEEDS)
def test_a_timetable_says_what_the_obvious_reading_says(seed: int) -> None:
    """Forty moments of each of 250 random timetables: 10,000 cases."""
    table, moments = a_case(seed)
    assert [table.at(moment).value for moment in moments] == [oracle(table, moment) for moment in moments]


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_an_agenda_is_adjacent_clipped_and_true_everywhere(seed: int) -> None:
    """Stretches of a week touch, fill it exactly, differ from their neighbours and agree with `at`."""
    table, moments = a_case(seed)
    rows = list(table.agenda(moments[0], moments[0] + timedelta(days=7)))
    assert (rows[0].start, rows[-1].end) == (moments[0], moments[0] + timedelta(days=7))
    assert all(a.end == b.start and (a.value, a.rule) != (b.value, b.rule) for a, b in pairwise(rows))
    assert all((table.at(row.start).value, table.at(row.start).rule) == (row.value, row.rule) for row in rows)


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_the_next_change_is_the_first_one(seed: int) -> None:
    """Between a moment and the next change the agenda has one value, at it another."""
    table, moments = a_case(seed)
    change = table.next_change(moments[0])
    if change is not None:
        assert {row.value for row in table.agenda(moments[0], change)} == {table.at(moments[0]).value}
        assert table.at(change).value != table.at(moments[0]).value


def a_case(seed: int) -> tuple[Timetable, list[datetime]]:
    """One timetable with its moments; the dice are thrown again where windows lay over each other."""
    dice = random.Random(seed)
    while True:
        try:
            table, middle = some_timetable(dice)
        except OverlapRefused:
            continue
        noon = datetime.combine(middle, time(12), tzinfo=UTC)
        return table, [noon + STEP * dice.randint(-500, 500) for _ in range(MOMENTS)]


def _clock(quarter: int) -> time:
    return time(quarter % 96 // 4, quarter % 4 * 15)
