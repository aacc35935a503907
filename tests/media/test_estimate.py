"""When work will be ready: right at a steady pace, soon right at another one, later and later when nothing is heard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from media.estimate import Estimate

NOON = datetime(2026, 11, 25, 3, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """So many seconds after the start."""
    return NOON + timedelta(seconds=seconds)


def worked(estimate: Estimate, start_s: float, end_s: float, first: float, last: float) -> None:
    """A word every second, at a steady pace."""
    for second in range(int(start_s) + 1, int(end_s) + 1):
        share = first + (last - first) * (second - start_s) / (end_s - start_s)
        estimate.hear(share, after(second))


def test_nothing_is_said_before_anything_is_heard() -> None:
    """No guess out of nothing."""
    estimate = Estimate(NOON)
    assert estimate.ready_at(after(5)) is None
    assert estimate.share == 0.0


def test_steady_work_is_ready_when_it_says() -> None:
    """A quarter in a minute: three more minutes."""
    estimate = Estimate(NOON)
    worked(estimate, 0, 60, 0.0, 0.25)
    assert estimate.ready_at(after(60)) == pytest.approx(after(240), abs=timedelta(seconds=2))


def test_slower_pace_is_seen_within_half_a_minute() -> None:
    """When screens are lit the work goes on at a quarter of its pace."""
    estimate = Estimate(NOON)
    worked(estimate, 0, 60, 0.0, 0.5)
    worked(estimate, 60, 120, 0.5, 0.625)
    assert estimate.ready_at(after(120)) == pytest.approx(after(300), abs=timedelta(seconds=6))


def test_work_that_stands_still_is_ready_later_and_later() -> None:
    """It never counts down to a moment that has passed."""
    estimate = Estimate(NOON)
    worked(estimate, 0, 60, 0.0, 0.5)
    told = [estimate.ready_at(after(60 + silent)) for silent in (0, 60, 600)]
    moments = [each for each in told if each is not None]
    assert moments == sorted(moments)
    assert moments[-1] > after(660)


def test_finished_work_was_ready_when_it_ended() -> None:
    """However late one asks."""
    estimate = Estimate(NOON)
    worked(estimate, 0, 10, 0.0, 1.0)
    assert estimate.ready_at(after(99)) == after(10)


@example([(5e-324, 2.0)], 0.0)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 100)), max_size=40), st.floats(0, 1000))
def test_estimate_is_never_in_the_past(words: list[tuple[float, float]], asked: float) -> None:
    """Whatever is heard, in whatever order."""
    estimate = Estimate(NOON)
    for share, second in words:
        estimate.hear(share, after(second))
    ready = estimate.ready_at(after(asked))
    assert ready is None or estimate.share >= 1 or ready >= after(asked)
