"""The desk's days of four years against a plan written by hand from the official calendars."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.schedules.desk import desk, seoul

GOLDEN: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("golden_desk.toml").read_text("utf-8"))


@cache
def planned(year: int) -> tuple[dict[date, str], ...]:
    """For noon and for half past seven in the evening: the desk's value on each day of the year."""
    table, days = desk(), [date(year, 1, 1) + timedelta(days=index) for index in range(366)]
    ours = [day for day in days if day.year == year]
    return tuple({day: table.at(seoul(f"{day} {at}")).value for day in ours} for at in ("12:00", "19:30"))


def golden_days(year: str, key: str) -> set[date]:
    """A list of the golden file as dates."""
    return {date.fromisoformat(f"{year}-{day}") for day in GOLDEN[year][key]}


@pytest.mark.parametrize("year", GOLDEN)
def test_the_desk_is_closed_on_weekends_and_the_official_holidays_only(year: str) -> None:
    """At noon the desk is open on exactly the weekdays that are no official holiday."""
    noon, _ = planned(int(year))
    closed_weekdays = {day for day, value in noon.items() if value == "closed" and day.weekday() < 5}
    assert closed_weekdays == golden_days(year, "weekday_holidays")
    assert not any(value == "open" for day, value in noon.items() if day.weekday() >= 5)


@pytest.mark.parametrize("year", GOLDEN)
def test_the_counts_of_the_year_are_the_official_ones(year: str) -> None:
    """Open weekdays, open Tuesdays and closed days are as many as the facts say."""
    noon, evening = planned(int(year))
    assert sum(value == "open" for value in noon.values()) == GOLDEN[year]["open_weekdays"]
    assert sum(value == "closed" for value in noon.values()) == GOLDEN[year]["closed_days"]
    assert sum(value == "evening" for value in evening.values()) == GOLDEN[year]["open_tuesdays"]


@pytest.mark.parametrize("year", GOLDEN)
def test_a_tuesday_holiday_has_no_evening_desk(year: str) -> None:
    """The evening desk is on every Tuesday but those of the golden file, and on no other day."""
    _, evening = planned(int(year))
    without = {day for day, value in evening.items() if day.weekday() == 1 and value != "evening"}
    assert without == golden_days(year, "tuesdays_without_evening")
    assert not any(value == "evening" for day, value in evening.items() if day.weekday() != 1)


def test_the_first_of_may_is_a_working_day_until_2025_and_a_holiday_from_2026() -> None:
    """Labour Day closes the desk from 2026 on."""
    values = [desk().at(seoul(f"{year}-05-01 12:00")).value for year in (2023, 2024, 2025, 2026)]
    assert values == ["open", "open", "open", "closed"]
