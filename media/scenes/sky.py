"""The sky over Seoul: its colours by the sun's height and the weather, sun, moon and stars where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import cos, exp

import numpy as np
import numpy.typing as npt

from media.art.paper import Colour, colour, mix
from media.geometry import Size
from media.scenes.daylight import Light, light_of
from media.scenes.lamps import Box, Lit, banded
from media.scenes.rhythm import TAU, smooth
from media.scenes.sheets import Glow, Laid, Sheet, Step, Wash
from media.scenes.sun import Standing, moon
from media.scenes.weather import Weather, weather_of

# Top, middle, low, horizon: by day, in golden light, in blue light, by night; then a clouded sky by day and by night.
CLEAR = (
    ("#3d7fc1", "#4a6a9e", "#16305f", "#060c1e"),
    ("#7db4de", "#a08fac", "#36508a", "#0b1734"),
    ("#b9d8ea", "#eeb48c", "#8a7aa0", "#16294b"),
    ("#eaf0e8", "#ffd7a0", "#d59a86", "#2a3d60"),
)
CLOUDED = (("#8797a3", "#0c111c"), ("#9fadb6", "#141b29"), ("#b9c4c9", "#1d2736"), ("#cdd5d5", "#2a3546"))
STARS = 900
# The sky is as wide as the canvas: from the north-east over the south to the north-west.
SPAN_DEG = 236.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Air:
    """Everything that colours a landscape at a moment."""

    light: Light
    weather: Weather
    sky: tuple[Colour, Colour, Colour, Colour]
    falls: Colour

    def lit(self, base: Colour, away: float) -> Colour:
        """A thing's colour in this light, `away` 0…1 behind so much air."""
        near = base[0] * self.falls[0], base[1] * self.falls[1], base[2] * self.falls[2]
        veil = mix(self.sky[3], self.sky[2], 0.45)
        return mix(near, veil, min(1.0, away * (0.82 + 0.45 * self.weather.haze)))


def air_of(moment: datetime) -> Air:
    """The air over Seoul at a moment."""
    light, weather = light_of(moment), weather_of(moment)
    sky = []
    for hours, (day, night) in zip(CLEAR, CLOUDED, strict=True):
        clear = light.of(*(colour(text) for text in hours))
        grey = mix(colour(night), colour(day), light.day)
        sky.append(mix(clear, mix(grey, clear, 0.25), 0.92 * weather.clouds))
    falls = light.of((1.0, 1.0, 1.0), (1.0, 0.83, 0.66), (0.45, 0.52, 0.77), (0.19, 0.24, 0.39))
    dull = 1 - 0.22 * weather.clouds * light.day
    falls = mix(falls, (0.80 * sum(falls) / 3, 0.84 * sum(falls) / 3, 0.88 * sum(falls) / 3), 0.55 * weather.clouds)
    falls = falls[0] * dull, falls[1] * dull, falls[2] * dull
    return Air(light=light, weather=weather, sky=(sky[0], sky[1], sky[2], sky[3]), falls=falls)


class Sky:
    """The sky of a canvas, in pixels; `horizon` is its lowest row."""

    def __init__(self, canvas: Size, unit: float, horizon: float) -> None:
        self._canvas, self._unit, self._horizon = canvas, unit, horizon
        boxes, self._bright = _stars(canvas[0], round(0.92 * horizon), unit)
        self._stars = banded(boxes)

    def steps(self, air: Air, moment: datetime) -> list[Step]:
        """Wash, stars, moon and sun, from the back."""
        wash = [(place * self._horizon, shade) for place, shade in zip((0, 0.40, 0.76, 1), air.sky, strict=True)]
        dark = smooth((-air.light.sun.altitude - 5) / 9)
        clear = 1 - 0.93 * air.weather.clouds
        white = np.full((len(self._bright), 3), (235, 242, 255), np.float32)
        stars = Lit(self._stars, self._bright * np.float32(0.85 * dark * clear), white)
        return [Wash(wash), stars, *self._moon(air, moment, clear), *self._sun(air, clear)]

    def place(self, standing: Standing) -> tuple[float, float]:
        """Where a body stands on the canvas, in pixels."""
        x = (0.5 + (standing.azimuth - 180) / SPAN_DEG) * self._canvas[0]
        high = (abs(standing.altitude) / 80) ** 0.82 * (1 if standing.altitude > 0 else -1)
        return x, self._horizon * (0.97 - 0.90 * high)

    def _sun(self, air: Air, clear: float) -> list[Step]:
        sun, unit, at = air.light.sun, self._unit, self.place(air.light.sun)
        low = exp(-((sun.altitude / 9) ** 2))
        up = smooth((sun.altitude + 11) / 12)
        warm = mix((1.0, 0.97, 0.88), (1.0, 0.70, 0.40), low)
        steps: list[Step] = [
            Glow(at, (1.9 * unit, 0.60 * unit), warm, up * (0.20 + 0.42 * low) * (0.35 + 0.65 * clear)),
            Glow(at, (0.62 * unit, 0.30 * unit), mix(warm, (1, 1, 1), 0.25), up * 0.50 * (0.25 + 0.75 * clear)),
            Glow(at, (0.16 * unit, 0.13 * unit), mix(warm, (1, 1, 1), 0.55), up * 0.60 * clear),
        ]
        disc = _disc(at, (0.030 + 0.010 * low) * unit, 1.0)
        return [*steps, Laid(disc, ((0, mix((1.0, 0.99, 0.94), (1.0, 0.86, 0.62), low)),), 0.95 * clear)]

    def _moon(self, air: Air, moment: datetime, clear: float) -> list[Step]:
        standing, age = moon(moment)
        if standing.altitude < -4:
            return []
        at, full = self.place(standing), 0.5 - 0.5 * cos(TAU * age)
        dark = smooth((7 - air.light.sun.altitude) / 16)
        strength = (0.16 + 0.84 * dark) * clear * smooth((standing.altitude + 2) / 5)
        shade = (0.93, 0.95, 0.98)
        disc = _disc(at, 0.024 * self._unit, age)
        return [
            Glow(at, (0.55 * self._unit, 0.42 * self._unit), (0.62, 0.72, 0.92), 0.26 * strength * dark * full),
            Glow(at, (0.10 * self._unit, 0.10 * self._unit), (0.80, 0.86, 0.98), 0.30 * strength * dark * full),
            Laid(disc, ((0, shade),), strength),
        ]


def _disc(at: tuple[float, float], radius: float, age: float) -> Sheet:
    """A round light with a clean edge; by its age 0…1 a crescent grows from the right and goes to the left."""
    side = int(2 * radius) + 4
    left, top = int(at[0]) - side // 2, int(at[1]) - side // 2
    y, x = np.mgrid[0:side, 0:side].astype(np.float64)
    x, y = (x - (at[0] - left)) / radius, (y - (at[1] - top)) / radius
    cover = np.clip((1 - np.hypot(x, y)) * radius + 0.5, 0, 1)
    if age < 1:
        bow = np.sqrt(np.clip(1 - y * y, 0, 1)) * cos(TAU * age)
        lit = x - bow if age < 0.5 else -x - bow
        cover = cover * np.clip(lit * radius * 0.7 + 0.5, 0.03, 1)
    return Sheet((255 * cover).astype(np.uint8), left, top)


def _stars(width: int, height: int, unit: float) -> tuple[Sequence[Box], npt.NDArray[np.float32]]:
    """Boxes and how bright each is."""
    chance = np.random.default_rng(2000)
    size = max(1, round(unit / 900))
    throws = chance.random((round(STARS * width / max(1, height) / 6) + 60, 3))
    boxes = [(x * (width - size), y**1.4 * (height - size)) for x, y, _ in throws.tolist()]
    return [(x, y, x + size, y + size) for x, y in boxes], (0.16 + 0.78 * throws[:, 2] ** 5).astype(np.float32)
