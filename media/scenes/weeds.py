"""Kelp that sways: each plant is drawn once and cut across into strips, which the current moves sideways."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi, sin

import numpy as np
import pygame
from PIL import Image, ImageDraw

from media.art.paper import FINER
from media.scenes.layers import Layer
from media.scenes.rhythm import TAU
from media.scenes.sprites import Sprites, Tone

KINDS = 5
# Of a depth: plants a unit, how tall they grow, how wide, how they stand in the ground.
DEPTHS = ((5.0, 0.34, 0.055, 0.10), (3.2, 0.46, 0.075, 0.0))


class Weeds:
    """The kelp of one depth, in groves."""

    def __init__(self, wide: float, unit: float, high: int, depth: int) -> None:
        chance = np.random.default_rng(500 + depth)
        often, tall, broad, foot = DEPTHS[depth]
        self._unit = unit
        self._strip = max(2, round(unit / 220))
        self._sprites = Sprites(
            _plant(round(broad * unit), round(tall * unit * grown), chance) for grown in np.linspace(0.5, 1.0, KINDS)
        )
        count = round(often * wide)
        place = chance.uniform(0, wide, count)
        grove = 0.5 + 0.5 * np.sin(2.6 * place + depth * 2.1) + 0.25 * np.sin(7.3 * place)
        kept = grove > chance.uniform(0.15, 0.95, count)
        self._place = place[kept]
        self._kind = chance.integers(0, KINDS, count)[kept].tolist()
        self._foot = high - unit * (foot + chance.uniform(-0.05, 0.02, count)[kept])
        self._turn = chance.uniform(0, 1, (2, count))[:, kept]

    def toned(self, tone: Tone) -> Sequence[Sequence[pygame.Surface]]:
        """Every kind of plant in strips, from its top."""
        return [self._strips(each) for each in self._sprites.toned(tone)]

    def layer(self, seconds: float, kinds: Sequence[Sequence[pygame.Surface]]) -> Layer:
        """Every strip of every plant, where the current has it."""
        pictures: list[pygame.Surface] = []
        x, y, sizes = [np.zeros(0)], [np.zeros(0)], [np.zeros((0, 2), np.int64)]
        for number, kind in enumerate(self._kind):
            strips = kinds[kind]
            pictures += strips
            down = np.arange(len(strips)) * self._strip
            share = 1 - down / (len(strips) * self._strip)
            x.append(self._place[number] * self._unit + self._sway(seconds, number, share) - strips[0].get_width() / 2)
            y.append(self._foot[number] - len(strips) * self._strip + down)
            sizes.append(np.full((len(strips), 2), strips[0].get_size()))
        return Layer(pictures, _whole(x), _whole(y), size=np.concatenate(sizes))

    def _sway(self, seconds: float, number: int, share: np.ndarray) -> np.ndarray:
        first, second = self._turn[:, number]
        slow = np.sin(TAU * ((seconds / 8.9 + 0.13 * first + self._place[number] / 3) % 1) - 2.1 * share)
        quick = np.sin(TAU * ((seconds / (4.3 + second) + second) % 1) - 4.2 * share)
        moved: np.ndarray = self._unit * share**1.5 * (0.026 * slow + 0.008 * quick)
        return moved

    def _strips(self, plant: pygame.Surface) -> list[pygame.Surface]:
        wide, tall = plant.get_size()
        tops = range(0, tall - self._strip + 1, self._strip)
        return [plant.subsurface((0, top, wide, self._strip)) for top in tops]


def _whole(places: list[np.ndarray]) -> np.ndarray:
    whole: np.ndarray = np.floor(np.concatenate(places)).astype(np.int64)
    return whole


def _plant(broad: int, tall: int, chance: np.random.Generator) -> Image.Image:
    """A stem with long leaves on both sides, smaller towards its tip; white, the light gives its colour."""
    wide = round(2.2 * broad)
    sheet = Image.new("L", (wide * FINER, tall * FINER))
    draw = ImageDraw.Draw(sheet)
    middle, unit = wide * FINER / 2, tall * FINER
    turn = chance.uniform(0, 6)

    def stem(share: float) -> tuple[float, float]:
        return middle + 0.06 * broad * FINER * sin(9 * share + turn), unit * (1 - share)

    line = [stem(n / 40) for n in range(39)]
    draw.line(line, fill=255, width=max(2, round(0.055 * broad * FINER)), joint="curve")
    count = max(8, round(tall / (0.34 * broad)))
    for n in range(count):
        share = 0.06 + 0.90 * n / count
        long = broad * FINER * (1.0 - 0.55 * share) * chance.uniform(0.75, 1.1)
        _leaf(draw, stem(share), long, 1 if n % 2 else -1, chance)
    return Image.merge("RGBA", [Image.new("L", sheet.reduce(FINER).size, 255)] * 3 + [sheet.reduce(FINER)])


def _leaf(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], long: float, side: int, chance: np.random.Generator
) -> None:
    rise, half = chance.uniform(0.45, 0.95), long * 0.105
    upper, lower = [], []
    for n in range(13):
        share = n / 12
        x = at[0] + side * long * share
        y = at[1] - long * rise * share**1.4 + 0.04 * long * sin(7 * share + rise * 9)
        fat = half * sin(pi * share**0.7)
        upper.append((x, y - fat))
        lower.append((x, y + fat))
    draw.polygon([*upper, *reversed(lower)], fill=245)
