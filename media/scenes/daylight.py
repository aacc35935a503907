"""How light the hour is: shares of day, dusk and night from the sun's height over Seoul."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import exp

from media.art.paper import Colour, mix
from media.scenes.rhythm import smooth
from media.scenes.sun import Standing, sun


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """Day 0…1, how golden 0…1 (most just above the horizon), how blue 0…1 (most just below), and the sun itself."""

    day: float
    golden: float
    blue: float
    sun: Standing

    def of(self, day: Colour, golden: Colour, blue: Colour, night: Colour) -> Colour:
        """A colour of this hour."""
        found = mix(night, day, self.day)
        found = mix(found, blue, self.blue)
        return mix(found, golden, self.golden)


def light_of(moment: datetime) -> Light:
    """The light over Seoul; every share is a smooth function of the sun's height."""
    standing = sun(moment)
    height = standing.altitude
    return Light(
        day=smooth((height + 9) / 24),
        golden=exp(-(((height - 2.0) / 5.5) ** 2)) * 0.9,
        blue=exp(-(((height + 7.0) / 5.0) ** 2)) * 0.85,
        sun=standing,
    )
