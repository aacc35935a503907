"""How long to wait before the next attempt: exponential with full jitter, the same for every link."""

from __future__ import annotations

from random import Random

SHORTEST_S = 0.05


class Backoff:
    """Delays that grow until `reset`; `chance` is injected, so that a rehearsal repeats itself."""

    def __init__(self, chance: Random, *, first_s: float = 0.5, longest_s: float = 15) -> None:
        self._chance = chance
        self._first_s = first_s
        self._longest_s = longest_s
        self._ceiling_s = first_s

    def next_s(self) -> float:
        """Seconds to wait now: anything up to a ceiling that doubles with each call."""
        ceiling_s = min(self._ceiling_s, self._longest_s)
        self._ceiling_s = min(self._ceiling_s * 2, self._longest_s)
        return self._chance.uniform(min(SHORTEST_S, ceiling_s), ceiling_s)

    def reset(self) -> None:
        """It worked: begin again with short delays."""
        self._ceiling_s = self._first_s
