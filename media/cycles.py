"""The steps of a playlist on the shared time: when each begins, which item it is, how much later each panel turns."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from itertools import accumulate
from typing import Literal

FOREVER_US = 1 << 62


class Cycle:
    """Step n begins at the epoch plus whole rounds plus the dwells before it; all times are whole microseconds.

    With a `seed` every round has its own order, a pure function of seed and round. `delays`: by how much later each
    panel in a row turns, one for all where all turn at once; together they take at most half of the shortest dwell.
    """

    def __init__(
        self,
        dwells: Sequence[int],
        *,
        moves: bool,
        seed: int | None = None,
        change: Literal["fade", "cut", "wipe"] = "fade",
        change_us: int | None = None,
        turn_us: int = 0,
        panels: int = 1,
        exclusive: bool = False,
    ) -> None:
        self.moves = moves
        self.change = change
        self.change_us = change_us
        self.exclusive = exclusive
        self.from_right = turn_us < 0
        self._dwells = list(dwells)
        self._seed = seed if moves else None
        self._round_us = sum(self._dwells)
        self._ends = list(accumulate(self._dwells))
        self.delays = self._delays(turn_us, panels)

    def shortest(self) -> int:
        """The shortest dwell, or for ever where nothing moves."""
        return min(self._dwells) if self.moves else FOREVER_US

    def item(self, number: int) -> int:
        """Which item that step shows; where nothing moves, the number counts the items themselves."""
        rounds, place = divmod(number, len(self._dwells))
        return self._order(rounds)[place]

    def dwell(self, number: int) -> int:
        """How long that step stands."""
        return self._dwells[self.item(number)]

    def start(self, number: int) -> int:
        """When that step begins; where nothing moves, the epoch."""
        if not self.moves:
            return 0
        rounds, place = divmod(number, len(self._dwells))
        return rounds * self._round_us + ([0, *self._ends_of(rounds)][place])

    def step(self, at: int) -> tuple[int, int, int]:
        """Number, start and end of the step at an instant."""
        if not self.moves:
            return 0, -FOREVER_US, FOREVER_US
        rounds, within = divmod(at, self._round_us)
        ends = self._ends_of(rounds)
        place = bisect_right(ends, within)
        end = rounds * self._round_us + ends[place]
        number = rounds * len(self._dwells) + place
        return number, end - self.dwell(number), end

    def _order(self, rounds: int) -> Sequence[int]:
        count = len(self._dwells)
        return range(count) if self._seed is None else shuffled(count, self._seed, rounds)

    def _ends_of(self, rounds: int) -> Sequence[int]:
        if self._seed is None:
            return self._ends
        return list(accumulate(self._dwells[item] for item in self._order(rounds)))

    def _delays(self, turn_us: int, panels: int) -> tuple[int, ...]:
        if not (self.moves and turn_us) or panels < 2:
            return (0,)
        step = min(abs(turn_us), self.shortest() // 2 // (panels - 1))
        row = tuple(step * place for place in range(panels))
        return row if turn_us > 0 else row[::-1]


@lru_cache(maxsize=256)
def shuffled(count: int, seed: int, rounds: int) -> tuple[int, ...]:
    """The order of a round, alike on every machine; no round begins with what the one before it ended with."""
    order = _dealt(count, seed, rounds)
    if count > 2 and order[0] == _dealt(count, seed, rounds - 1)[-1]:
        order[0], order[1] = order[1], order[0]
    return tuple(order)


def _dealt(count: int, seed: int, rounds: int) -> list[int]:
    return sorted(range(count), key=lambda item: sha256(f"{seed}:{rounds}:{item}".encode()).digest())
