"""The delays between attempts."""

from __future__ import annotations

from random import Random

from devices.backoff import SHORTEST_S, Backoff


class Highest(Random):
    """A chance that always takes the upper end."""

    def uniform(self, a: float, b: float) -> float:
        return b


def test_ceiling_doubles_up_to_the_longest() -> None:
    """Each failed attempt doubles the ceiling, the longest delay stays."""
    backoff = Backoff(Highest(), first_s=0.5, longest_s=3)
    assert [backoff.next_s() for _ in range(5)] == [0.5, 1, 2, 3, 3]


def test_reset_begins_again() -> None:
    """After a success the delays are short again."""
    backoff = Backoff(Highest(), first_s=0.5, longest_s=3)
    backoff.next_s(), backoff.next_s()
    backoff.reset()
    assert backoff.next_s() == 0.5


def test_delay_is_spread_but_never_nothing() -> None:
    """Full jitter spreads the attempts, and none follows at once."""
    backoff = Backoff(Random(1), first_s=4, longest_s=4)
    delays = {backoff.next_s() for _ in range(50)}
    assert len(delays) == 50
    assert min(delays) >= SHORTEST_S


def test_same_seed_gives_the_same_delays() -> None:
    """A rehearsal repeats itself."""
    first, second = Backoff(Random(7)), Backoff(Random(7))
    assert [first.next_s() for _ in range(9)] == [second.next_s() for _ in range(9)]
