"""Time as scenes feel it: swings that never meet again, and crossings of which each one has its own dice.

Everything runs on through midnights and month ends; what a day brings comes from the number of its crossing.
"""

from __future__ import annotations

from functools import lru_cache
from math import floor, pi, sin

import numpy as np

TAU = 2 * pi
# Neighbouring beats stand in this ratio, the one that fractions follow worst.
GOLDEN = (1 + 5**0.5) / 2


def swing(seconds: float, period_s: float, start: float = 0.0) -> float:
    """A slow to and fro, -1…1; `start` in turns."""
    return sin(TAU * ((seconds / period_s + start) % 1))


def beat(seconds: float, period_s: float, start: float = 0.0) -> float:
    """How far a round has come, 0…1."""
    return (seconds / period_s + start) % 1


def crossing(seconds: float, period_s: float, start: float = 0.0) -> tuple[int, float]:
    """Which crossing it is, and how far it has come, 0…1."""
    whole = seconds / period_s + start
    return floor(whole), whole - floor(whole)


@lru_cache(maxsize=4096)
def dice(*numbers: int) -> tuple[float, ...]:
    """Eight throws, 0…1, that belong to these numbers alone."""
    return tuple(np.random.default_rng([abs(each) for each in numbers]).random(8).tolist())


def smooth(share: float) -> float:
    """0 below 0, 1 above 1, and between them without a corner."""
    share = min(1.0, max(0.0, share))
    return share * share * (3 - 2 * share)


def drift(seconds: float, period_s: float, seed: int) -> float:
    """A value 0…1 that wanders, with no period at all: dice joined smoothly, one throw a period."""
    number, way = crossing(seconds, period_s)
    before, after = dice(seed, number)[0], dice(seed, number + 1)[0]
    return before + (after - before) * smooth(way)
