"""The time a player plays by, when its own clock cannot be trusted."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from media.player.timing import SharedClock
from tests.media import builders
from tests.media.player.watch import PutClock

START = builders.at(9)


def ticked(own: PutClock, seconds: float) -> PutClock:
    """The same clock, that much later."""
    own.moment += timedelta(seconds=seconds)
    own.seconds += seconds
    return own


def error_s(shared: SharedClock, own: PutClock, offset_s: float) -> float:
    """How far shared time is from the controller's."""
    return (shared.now() - own.moment).total_seconds() - offset_s


def test_disciplined_clock_is_left_alone() -> None:
    """A time server keeps this machine right: what the controller says is told and not followed."""
    own = PutClock(START)
    shared = SharedClock(own, lambda: True)
    shared.measured(60)
    assert (shared.now(), shared.corrected) == (START, False)


@pytest.mark.parametrize("said", [False, None])
def test_large_error_is_corrected_at_once(said: bool | None) -> None:
    """An hour of the wrong picture is worse than one jump."""
    own = PutClock(START)
    shared = SharedClock(own, lambda: said)
    shared.measured(-3600)
    assert shared.now() == START - timedelta(hours=1)
    assert shared.corrected


def test_small_error_slews() -> None:
    """Half a second is gone after ten, without any jump on the way."""
    own = PutClock(START)
    shared = SharedClock(own, lambda: False)
    shared.measured(0.5)
    errors = [error_s(shared, ticked(own, 0.1), 0.5) for _ in range(110)]
    steps = [abs(after - before) for before, after in pairwise(errors)]
    assert max(steps) < 0.0051
    assert abs(errors[-1]) < 1e-6


def test_set_clock_does_not_move_the_picture() -> None:
    """Somebody sets the machine's clock an hour ahead: shared time goes on, and a new measurement is due."""
    own = PutClock(START)
    shared = SharedClock(own, lambda: False)
    shared.measured(0.0)
    own.moment += timedelta(hours=1)
    assert abs(shared.now() - START) < timedelta(milliseconds=1)
    assert shared.stepped()


def test_time_server_that_comes_back_is_believed() -> None:
    """Once the machine's own clock is disciplined again it is followed, by slewing."""
    own = PutClock(START)
    said = [False]
    shared = SharedClock(own, lambda: said[0])
    shared.measured(0.2)
    assert error_s(shared, ticked(own, 10), 0.2) == pytest.approx(0, abs=1e-6)
    said[0] = True
    shared.measured(0.0)
    assert error_s(shared, ticked(own, 0.1), 0.2) == pytest.approx(-0.005, abs=1e-4)
