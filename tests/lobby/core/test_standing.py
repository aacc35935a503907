"""In effect on the glass is said only where every player was heard to show what was changed."""

from __future__ import annotations

from datetime import timedelta

from lobby.core.standing import Standing, on_glass
from tests.lobby.core.galleries import NOON

SECOND = timedelta(seconds=1)


def heard(read_s: float | None, *, at_s: float = 5) -> Standing:
    """A player that shows what was read so many seconds after noon."""
    read_at = None if read_s is None else NOON + read_s * SECOND
    return Standing(shows="a", newest="a", heard_at=NOON + at_s * SECOND, read_at=read_at)


def test_all_players_count_and_the_oldest_word_is_the_age() -> None:
    """Two players, both newer than the change: in effect since the earlier word."""
    assert on_glass([heard(1), heard(2, at_s=3)], NOON) == NOON + 3 * SECOND


def test_one_that_shows_an_older_or_an_unknown_programme_keeps_it_back() -> None:
    """As does nobody at all."""
    assert on_glass([heard(1), heard(-1)], NOON) is None
    assert on_glass([heard(1), heard(None)], NOON) is None
    assert on_glass([], NOON) is None
