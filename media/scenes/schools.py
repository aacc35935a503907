"""A school of small fish as a pure function of time: all follow one path, each a little later and a little aside."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, sin

import numpy as np
import pygame
from PIL import Image, ImageDraw

from media.art.paper import Colour, colour, mix
from media.scenes.layers import Layer
from media.scenes.rhythm import GOLDEN, TAU
from media.scenes.sprites import Sprites

TURNS, SLOPES, WAGS = 11, 5, 4
STEEPEST = 0.5
FINE = 4
# Back, flank and belly; how many, how long, how deep in the water, at what height.
SCHOOLS = (
    (("#3f7f9c", "#8cc4d2", "#d6f0f0"), 150, 0.017, 0, 0.30),
    (("#2c6d95", "#9fd3dd", "#f2fbf4"), 130, 0.025, 1, 0.44),
    (("#b5702a", "#f0b04e", "#fbe6b2"), 34, 0.036, 2, 0.58),
)


class School:
    """One school on a canvas of `wide` × `high` units; it roams from panel to panel and turns as one."""

    def __init__(self, wide: float, high: float, unit: float, number: int) -> None:
        shades, count, long, self.depth, self._middle = SCHOOLS[number]
        chance = np.random.default_rng(300 + number)
        self._wide, self._high, self._unit, self._number = wide, high, unit, number
        self._lag = chance.gamma(2.2, 1.5, count)
        self._side = chance.normal(0, 1, (2, count))
        self._beats = chance.uniform(0, 1, (4, count))
        self._long = long
        self.sprites = Sprites(_sprites(max(6, round(long * unit)), shades), centred=True)

    def layer(self, seconds: float, pictures: Sequence[pygame.Surface]) -> Layer:
        """Every fish where it is."""
        x, y, along, slope = self._placed(seconds)
        wag = (seconds / (0.55 + 0.25 * self._beats[0]) + self._beats[1]) % 1
        turn = np.rint((along + 1) / 2 * (TURNS - 1)).astype(int)
        steep = np.rint((np.clip(slope / STEEPEST, -1, 1) + 1) / 2 * (SLOPES - 1)).astype(int)
        chosen = (turn * SLOPES + steep) * WAGS + (wag * WAGS).astype(int) % WAGS
        wide, tall = pictures[0].get_size()
        left, top = np.floor(x * self._unit - wide / 2), np.floor(y * self._unit - tall / 2)
        found = [pictures[each] for each in chosen.tolist()]
        return Layer(found, left.astype(np.int64), top.astype(np.int64), size=(wide, tall))

    def _placed(self, seconds: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Where each fish is, how far it shows its side (-1…1, the sign is its way), and its slope."""
        then = seconds - self._lag
        x, y, along_x, along_y = self._path(then)
        breath = 1 + 0.22 * sin(TAU * ((seconds / 23.7) % 1))
        roam = TAU * ((seconds / (13 + 11 * self._beats[2]) + self._beats[3]) % 1)
        spread = self._long * (1.5 + 0.5 * breath)
        x = x + self._side[0] * spread * 1.1 + 0.6 * self._long * np.sin(roam)
        y = y + self._side[1] * spread * 1.25 * (1 - 0.3 * np.abs(self._side[0]) / 3) + 0.5 * self._long * np.cos(roam)
        wander = along_y + 0.10 * self._long * np.cos(roam)
        away = 0.016 * (0.7 + 0.6 * self._beats[0])
        along = along_x / np.hypot(along_x, away)
        return x, y, along, wander / np.maximum(np.abs(along_x), 0.02)

    def _path(self, seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The school's way through the sea and its speed, in units and units a second."""
        reach = max(0.35, self._wide / 2 - 0.10)
        pace = 0.052 + 0.014 * self._number
        periods = TAU * reach / pace * np.array([0.92, 0.92 / GOLDEN])
        x, along_x = _waves(seconds, (0.70 * reach, 0.36 * reach), periods, 0.3 * self._number)
        y, along_y = _waves(seconds, (0.085, 0.05), np.array([47.0, 19.0 * GOLDEN]), 0.17 * self._number)
        return self._wide / 2 + x, self._middle * self._high + y, along_x, along_y


def _waves(
    seconds: np.ndarray, sizes: tuple[float, float], periods: np.ndarray, start: float
) -> tuple[np.ndarray, np.ndarray]:
    place, speed = np.zeros_like(seconds), np.zeros_like(seconds)
    for number, (size, period) in enumerate(zip(sizes, periods.tolist(), strict=True)):
        angle = TAU * ((seconds / period + start + 0.31 * number) % 1)
        place += size * np.sin(angle)
        speed += size * TAU / period * np.cos(angle)
    return place, speed


def _sprites(long: int, shades: tuple[str, str, str]) -> list[Image.Image]:
    inks = [colour(text) for text in shades]
    return [
        _fish(long, -1 + 2 * turn / (TURNS - 1), (-1 + 2 * slope / (SLOPES - 1)) * STEEPEST, wag / WAGS, inks)
        for turn in range(TURNS)
        for slope in range(SLOPES)
        for wag in range(WAGS)
    ]


def _fish(long: int, along: float, slope: float, wag: float, inks: Sequence[Colour]) -> Image.Image:
    """One small fish: shortened as it turns towards us, its back dark, its flank with a line of light."""
    wide, tall = round(1.5 * long), round(1.25 * long)
    sheet = Image.new("RGBA", (wide * FINE, tall * FINE), (*(round(255 * each) for each in inks[1]), 0))
    draw = ImageDraw.Draw(sheet)
    reach = long * FINE * 0.62 * (along if abs(along) > 0.22 else 0.22 if along >= 0 else -0.22)
    half = long * FINE * 0.150
    middle = wide * FINE / 2, tall * FINE / 2
    tilt = slope * (1 if along >= 0 else -1)

    def at(u: float, v: float) -> tuple[float, float]:
        """`u` from tail -1 to nose 1, `v` from back -1 to belly 1."""
        bend = 0.16 * half * sin(TAU * wag + 2.2 * u) * (1 - u)
        px, py = u * reach, v * half + bend
        return middle[0] + px * cos(tilt) - py * sin(tilt), middle[1] + px * sin(tilt) + py * cos(tilt)

    def body(share: float) -> float:
        return float(max(0.0, sin(pi * (0.5 * (share + 1)) ** 0.80)) ** 0.85)

    us = [-0.78 + 1.78 * n / 14 for n in range(15)]
    shape = {u: body((u + 0.78) / 1.78 * 2 - 1) for u in us}
    top, foot = [at(u, -shape[u]) for u in us], [at(u, shape[u]) for u in us]
    line = [at(u, 0.10 * shape[u]) for u in us]
    low = [at(u, 0.45 * shape[u]) for u in us]
    back, flank, belly = (tuple(round(255 * each) for each in ink) for ink in inks)
    draw.polygon([at(-0.72, 0), at(-1.12, -0.95), at(-0.98, 0), at(-1.12, 0.95)], fill=(*flank, 190))
    draw.polygon([at(0.15, -shape[us[7]] * 0.9), at(-0.20, -1.45), at(-0.38, -0.7)], fill=(*back, 190))
    draw.polygon([*top, *reversed(foot)], fill=(*flank, 245))
    draw.polygon([*top, *reversed(line)], fill=(*back, 245))
    draw.polygon([*low, *reversed(foot)], fill=(*belly, 235))
    eye, r = at(0.72, -0.12), 0.16 * half
    dark = tuple(round(255 * each) for each in mix(inks[0], (0, 0.02, 0.06), 0.75))
    draw.ellipse([eye[0] - r, eye[1] - r, eye[0] + r, eye[1] + r], fill=(*dark, 255))
    return sheet.reduce(FINE)
