"""Sheets as they stand in a landscape: with their shadow, and the rim on which snow lies."""

from __future__ import annotations

from dataclasses import dataclass

from media.art.paper import Colour, colour, mix
from media.scenes.rhythm import smooth
from media.scenes.sheets import Laid, Sheet, Step, stops
from media.scenes.sky import Air

SNOW = (0.95, 0.97, 1.0)
DARK = (0.02, 0.04, 0.08)


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet that stands in the landscape."""

    sheet: Sheet
    shadow: Sheet
    rim: int

    @classmethod
    def of(cls, sheet: Sheet, unit: float, *, rim: float = 0.006) -> Paper:
        """Of a cut sheet."""
        return cls(sheet, sheet.soft(0.009 * unit, (0, -round(0.003 * unit))), max(1, round(rim * unit)))

    def laid(self, top: Colour, foot: Colour, *, snow: Colour, lying: float, shadow: float = 0.20) -> list[Step]:
        """Its shadow, itself from its top to its foot, and the snow on it."""
        _, upper, _, lower = self.sheet.box
        dark = Laid(self.shadow, ((0, DARK),), shadow)
        return [dark, Laid(self.sheet, stops(upper, lower, top, foot)), Laid(self.sheet, ((0, snow),), lying, self.rim)]


def cloud_light(air: Air) -> Colour:
    """Clouds are brighter than the sky behind them by day, a little brighter by night."""
    bright = mix(air.sky[2], (1.0, 1.0, 1.0), 0.10 + 0.72 * air.light.day * (1 - 0.55 * air.weather.clouds))
    return mix(bright, (1.0, 0.80, 0.66), 0.42 * air.light.golden)


def water_tint(air: Air) -> Colour:
    """What the water's own colour is in this light."""
    return mix(air.lit(colour("#4f7f8c"), 0.0), air.sky[1], 0.45)


def tower_light(tower: Sheet, air: Air) -> Step:
    """The light on Namsan's tower by night: blue from below, a warm mast."""
    _, upper, _, lower = tower.box
    beam = stops(upper, lower, (0.95, 0.80, 0.62), (0.62, 0.80, 0.92), (0.50, 0.72, 0.86))
    return Laid(tower, beam, 0.74 * smooth((0.5 - air.light.sun.altitude) / 7))
