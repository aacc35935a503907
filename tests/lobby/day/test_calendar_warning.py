"""The opening checklist says from 1 October on that next year's official holidays are missing, and when it matters."""

from __future__ import annotations

import pytest

from lobby.day.checklist import checklist
from lobby.day.plan import Plan
from lobby.day.readiness import State
from tests.lobby.day.place import hall, seoul
from tests.lobby.day.readings import TABLE, line, reading


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-10-01 00:00", None),
        ("2027-09-30 23:59", None),
        ("2027-10-01 00:00", State.NOTED),
        ("2027-11-30 23:59", State.NOTED),
        ("2027-12-01 00:00", State.UNKNOWN),
        ("2027-12-31 23:59", State.UNKNOWN),
        ("2028-01-01 00:00", State.UNKNOWN),
    ],
)
def test_the_missing_year_is_told_from_october_and_wanting_from_december(moment: str, state: State | None) -> None:
    """2027 is the last official year: nothing before 1 October 2027, then noted, from December on wanting."""
    found = [item.state for item in checklist(reading(seoul(moment))).items if item.id == "calendar"]
    assert found == ([] if state is None else [state])


def test_the_line_says_what_is_missing_until_when_and_what_to_do() -> None:
    """In both languages: the year, its first of January, the official calendar, the place in the console."""
    words = line(checklist(reading(seoul("2027-10-01 08:50"))), "calendar").words
    assert [part in words["ko"] for part in ("2028년 공휴일", "1월 1일 전", "월력요항", "운영시간표")] == [True] * 4
    parts = ("of 2028", "1 January 2028", "official calendar", "timetable")
    assert [part in words["en"] for part in parts] == [True] * 4


def test_abroad_nobody_is_sent_to_the_korean_gazette() -> None:
    """A site elsewhere has no official data until its staff confirm a year; the words name no Korean paper."""
    abroad = hall().model_copy(update={"site": hall().site.model_copy(update={"country": "JP"})})
    known = reading(table=Plan.from_site(abroad), site=abroad)
    item = line(checklist(known), "calendar")
    assert (item.state, "월력요항" in item.words["ko"]) == (State.UNKNOWN, False)
    assert TABLE.holidays.confirmed(2026)
