"""Weather as it could be in Seoul, from the date alone: what the sky holds, what falls, how much snow lies.

It is drawn from dice over the climate's means and never claims to be today's forecast.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from math import cos, exp, floor

import numpy as np

from media.scenes.rhythm import TAU, drift, smooth

DAY_S = 86_400
YEAR_S = 365.2422 * DAY_S
KOREA_S = 9 * 3600
# The second, by Seoul's clocks, at which a count of years may begin: 2000-01-01.
NEW_YEAR_S = 946_684_800
MEMORY_STEPS, STEP_S = 96, 3 * 3600
# Day of the year → share of clouds, and how wet these clouds are.
CLOUDS = (
    (0, 0.34), (60, 0.42), (105, 0.48), (165, 0.58), (176, 0.86), (208, 0.84), (222, 0.60), (260, 0.48), (290, 0.26),
    (330, 0.40), (365, 0.34),
)  # fmt: skip
WETNESS = (
    (0, 0.52), (45, 0.48), (60, 0.38), (120, 0.38), (165, 0.46), (176, 0.80), (208, 0.78), (225, 0.50), (275, 0.28),
    (320, 0.40), (335, 0.54), (365, 0.52),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """Shares 0…1 of clouds, rain and snow in the air, haze, and snow on the ground; warmth in degrees Celsius."""

    clouds: float
    rain: float
    snow: float
    haze: float
    lying: float
    warmth: float


def day_of_year(seconds: float) -> float:
    """0…365.24 by Seoul's clocks, running on smoothly from year to year."""
    return ((seconds + KOREA_S - NEW_YEAR_S) % YEAR_S) / DAY_S


def hour_of_day(seconds: float) -> float:
    """0…24 by Seoul's clocks."""
    return ((seconds + KOREA_S) % DAY_S) / 3600


def weather_of(moment: datetime) -> Weather:
    """The weather at a moment; it changes over tens of minutes, never at once."""
    seconds = moment.timestamp()
    clouds, wet, warmth = _air(seconds)
    cold = smooth((1.6 - warmth) / 2.4)
    number = floor(seconds / STEP_S)
    share = seconds / STEP_S - number
    lying = _lying(number) * (1 - share) + _lying(number + 1) * share
    day = day_of_year(seconds)
    spring = exp(-(((day - 85) / 32) ** 2))
    return Weather(
        clouds=clouds,
        rain=wet * (1 - cold),
        snow=wet * cold,
        haze=min(1.0, 0.16 + 0.30 * spring + 0.35 * wet + 0.12 * clouds),
        lying=smooth(1.25 * lying),
        warmth=warmth,
    )


def by_day(table: tuple[tuple[float, float], ...], day: float) -> float:
    """A table's value between its days."""
    return float(np.interp(day, [at for at, _ in table], [value for _, value in table]))


def _air(seconds: float) -> tuple[float, float, float]:
    """Clouds, how wet it is, and warmth."""
    day = day_of_year(seconds)
    restless = 0.55 * drift(seconds, 5.3 * 3600, 1) + 0.45 * drift(seconds, 26.7 * 3600, 2)
    clouds = smooth((restless - 0.94 + 1.25 * by_day(CLOUDS, day)) / 0.62)
    hour = hour_of_day(seconds)
    mean = 12.6 - 14.6 * cos(TAU * (day - 26) / 365.24)
    warmth = mean - 3.6 * cos(TAU * (hour - 3.5) / 24) + 9 * (drift(seconds, 61 * 3600, 3) - 0.5)
    # The first frost of a winter brings its snow along.
    bonus = 0.14 * exp(-(((day - 331) / 14) ** 2)) * smooth((1.0 - warmth) / 3)
    wet = smooth((restless + 0.55 * drift(seconds, 2.9 * 3600, 4) - 1.36 + 0.9 * by_day(WETNESS, day) + bonus) / 0.34)
    return max(clouds, smooth(1.4 * wet)), wet, warmth


@lru_cache(maxsize=256)
def _lying(number: int) -> float:
    """Snow on the ground at the end of a step: what fell in the days before, less what melted."""
    depth = 0.0
    for step in range(number - MEMORY_STEPS, number):
        _, wet, warmth = _air(step * STEP_S)
        depth = min(1.0, depth + 0.60 * wet * smooth((1.6 - warmth) / 2.4))
        depth *= exp(-0.009 - 0.042 * max(0.0, warmth))
    return depth
