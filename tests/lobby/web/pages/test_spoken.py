"""Times and names as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from lobby.core.words import say
from lobby.day.desk import Spell, opening, overlay
from lobby.web.spoken import clock_words, when_words
from tests.lobby.web.pages.standin import SEOUL, TUESDAY_EVENING


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [(0, 0, "밤 12시"), (3, 5, "새벽 3시 5분"), (9, 0, "아침 9시"), (12, 30, "낮 12시 30분"), (21, 0, "저녁 9시")],
)
def test_a_time_is_said_with_the_part_of_the_day(hour: int, minute: int, said: str) -> None:
    """21:00 is 저녁 9시."""
    assert clock_words(datetime(2026, 11, 24, hour, minute, tzinfo=SEOUL), "ko") == said


@pytest.mark.parametrize(
    ("days", "said"), [(0, "오늘 저녁 9시"), (1, "내일(수) 저녁 9시"), (6, "11월 30일 월요일 저녁 9시")]
)
def test_a_day_is_said_from_today(days: int, said: str) -> None:
    """Today and tomorrow have names; later days have their date and weekday."""
    moment = datetime(2026, 11, 24, 21, 0, tzinfo=SEOUL) + timedelta(days=days)
    assert when_words(moment, TUESDAY_EVENING, SEOUL, "ko") == said


@pytest.mark.parametrize(
    ("name", "said"), [("4번 화면", "4번 화면이"), ("로봇카페", "로봇카페가"), ("전등 3", "전등 3이")]
)
def test_a_name_brings_its_particle(name: str, said: str) -> None:
    """The particle follows the last sound."""
    assert say("console.trouble.display-dark", "ko", name=name).startswith(said)


def spells() -> tuple[Spell, ...]:
    """An ordinary Tuesday between two nights."""
    day = datetime(2026, 11, 24, tzinfo=SEOUL)
    marks = [(-10, 9, "closed"), (9, 18, "open"), (18, 21, "evening"), (21, 33, "closed")]
    return tuple(
        Spell(value=value, start=day + timedelta(hours=start), end=day + timedelta(hours=end), reason={})
        for start, end, value in marks
    )


def test_the_evening_desk_closes_when_all_is_over() -> None:
    """Open until 21:00 although the value changes at 18:00."""
    found = opening(spells(), datetime(2026, 11, 24, 10, 0, tzinfo=SEOUL), SEOUL)
    assert (found.state, found.until) == ("open", datetime(2026, 11, 24, 21, 0, tzinfo=SEOUL))


@pytest.mark.parametrize(("hour", "state"), [(8, "closed-before"), (22, "closed")])
def test_before_and_after_are_different_words(hour: int, state: str) -> None:
    """Not yet open is not the same as over for today."""
    assert opening(spells(), datetime(2026, 11, 24, hour, 0, tzinfo=SEOUL), SEOUL).state == state


def test_a_closure_inside_the_hours_is_a_pause() -> None:
    """Closing by hand for half an hour says until when, not that the day is over."""
    start = datetime(2026, 11, 24, 10, 0, tzinfo=SEOUL)
    change = Spell(value="closed", start=start, end=start + timedelta(minutes=30), reason={"ko": "정전"})
    found = opening(overlay(spells(), change), start, SEOUL)
    assert (found.state, found.until, found.reason["ko"]) == ("suspended", change.end, "정전")


def test_outside_the_known_days_nothing_is_claimed() -> None:
    """Beyond what is known the state is unknown, never open."""
    assert opening(spells(), datetime(2027, 1, 1, tzinfo=SEOUL), SEOUL).state == "unknown"
