"""Random timetables against a slow, obvious reading of the rules."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from schedules import OverlapRefused, Season, SpecialDay, Timetable, WeeklyHours, Window

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
    walls = [(moment + STEP * index).astimezone(table.zone).replace(tzinfo=None) for index in range(-320, 320)]
    past, future = max(walls[:321]), min(walls[320:])
    today = moment.astimezone(table.zone).date()
    for day in (today + timedelta(days=index) for index in (-2, -1, 0, 1)):
        for window in sorted(obvious_windows(table, day), key=lambda window: window.start):
            start = datetime.combine(day, window.start)
            end = datetime.combine(day + timedelta(days=window.end <= window.start), window.end)
            if past >= start and future < end:
                return window.value
    return table.otherwise


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
    probe = date(2024, *season.first)
    while (probe.month, probe.day) != (day.month, day.day):
        if (probe.month, probe.day) == season.last:
            return False
        probe += timedelta(days=1)
    return True


@settings(max_examples=TIMETABLES, deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_timetable_says_what_the_obvious_reading_says(dice: random.Random) -> None:
    """Forty moments of each of 250 random timetables: 10,000 cases."""
    for table, moments in some_cases(dice):
        for moment in moments:
            assert table.at(moment).value == oracle(table, moment), moment


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False))
def test_an_agenda_is_adjacent_clipped_and_true_everywhere(dice: random.Random) -> None:
    """Stretches of a week touch, fill it exactly, differ from their neighbours and agree with `at`."""
    for table, moments in some_cases(dice):
        start = moments[0]
        rows = list(table.agenda(start, start + timedelta(days=7)))
        assert (rows[0].start, rows[-1].end) == (start, start + timedelta(days=7))
        assert all(a.end == b.start and (a.value, a.rule) != (b.value, b.rule) for a, b in pairwise(rows))
        assert all(table.at(row.start).value == row.value and table.at(row.start).rule == row.rule for row in rows)


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_next_change_is_the_first_one(dice: random.Random) -> None:
    """Between a moment and the next change the agenda has one value, at it another."""
    for table, moments in some_cases(dice):
        change = table.next_change(moments[0])
        if change is None:
            continue
        rows = list(table.agenda(moments[0], change))
        assert {row.value for row in rows} == {table.at(moments[0]).value}
        assert table.at(change).value != rows[0].value


def some_cases(dice: random.Random) -> Iterator[tuple[Timetable, list[datetime]]]:
    """One timetable with its moments; none where the dice laid windows over each other."""
    seeded = random.Random(dice.getrandbits(64))
    while True:
        try:
            table, middle = some_timetable(seeded)
        except OverlapRefused:
            continue
        noon = datetime.combine(middle, time(12), tzinfo=UTC)
        yield table, [noon + STEP * seeded.randint(-500, 500) for _ in range(MOMENTS)]
        return


def _clock(quarter: int) -> time:
    return time(quarter % 96 // 4, quarter % 4 * 15)
