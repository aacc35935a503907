"""What people drive: a train on the bridge, boats on the river, and, tomorrow, small craft in the air."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pygame
from PIL import Image, ImageDraw

from media.art.paper import FINER, Colour, colour
from media.scenes.layers import Layer
from media.scenes.rhythm import crossing, dice, smooth, swing
from media.scenes.sky import Air
from media.scenes.sprites import Sprites, Tone

GLOW = (255, 226, 168)


class Traffic:
    """Everything that drives on a canvas `wide` units wide whose water begins at the row `line`."""

    def __init__(self, wide: float, unit: float, line: int, *, deck: float) -> None:
        self._wide, self._unit, self._line, self._deck = wide, unit, line, deck
        self._drawn = [
            [Sprites([draw(unit, lit)], mirrored=True) for lit in (False, True)] for draw in (_train, _boat, _craft)
        ]

    def toned(self, air: Air) -> Sequence[Sequence[pygame.Surface]]:
        """Train, boat and craft: to the right and to the left by day, then with their lamps lit."""
        dark = round(24 * smooth((2 - air.light.sun.altitude) / 7)) / 24
        red, green, blue = (round(32 * each) / 32 for each in air.lit(colour("#ffffff"), 0.08))
        lamps = Tone((1.0, 1.0, 1.0), cover=dark)
        return [[*plain.toned(Tone((red, green, blue))), *lit.toned(lamps)] for plain, lit in self._drawn]

    def train(self, seconds: float, pictures: Sequence[Sequence[pygame.Surface]]) -> Layer:
        """A train on the bridge, each few minutes, from either side."""
        return self._crossing(
            seconds, pictures[0], pace=0.072, chance=0.55, seed=81, high=self._deck + 0.008, foot=True
        )

    def boats(self, seconds: float, pictures: Sequence[Sequence[pygame.Surface]]) -> Layer:
        """A boat on the river, slowly."""
        high = -0.035 + 0.0009 * swing(seconds, 3.7)
        return self._crossing(seconds, pictures[1], pace=0.016, chance=0.7, seed=82, high=high, foot=True)

    def flown(self, seconds: float, pictures: Sequence[Sequence[pygame.Surface]], change: float) -> Layer:
        """Small craft in the air, when the city is tomorrow's."""
        layers = []
        for lane in range(3):
            high = 0.42 + 0.045 * lane + 0.006 * swing(seconds, 23 + 7 * lane)
            odds = 0.75 * smooth(2 * change - 0.9)
            layers.append(
                self._crossing(
                    seconds + 57 * lane,
                    pictures[2],
                    pace=0.022 + 0.005 * lane,
                    chance=odds,
                    seed=83 + lane,
                    high=high,
                    foot=False,
                )
            )
        x, y, _, _ = np.concatenate([layer.boxes for layer in layers], axis=1)
        return Layer([each for layer in layers for each in layer.pictures], x, y)

    def _crossing(
        self,
        seconds: float,
        pictures: Sequence[pygame.Surface],
        *,
        pace: float,
        chance: float,
        seed: int,
        high: float,
        foot: bool,
    ) -> Layer:
        long = pictures[0].get_width() / self._unit
        number, way = crossing(seconds, (self._wide + 2 * long) / pace)
        throw = dice(seed, number)
        if throw[0] > chance:
            return Layer([], np.zeros(0, np.int64), np.zeros(0, np.int64))
        left = throw[1] < 0.5
        at = way * (self._wide + 2 * long) - long
        x = (self._wide - at if left else at) * self._unit - pictures[0].get_width() / 2
        tall = pictures[0].get_height()
        y = self._line - high * self._unit - (tall if foot else tall / 2)
        chosen = [pictures[1 if left else 0], pictures[3 if left else 2]]
        place = np.floor(np.array([[x, x], [y, y]])).astype(np.int64)
        return Layer(chosen, place[0], place[1])


def _canvas(unit: float, wide: float, tall: float) -> tuple[Image.Image, ImageDraw.ImageDraw, float]:
    sheet = Image.new("RGBA", (round(wide * unit) * FINER, round(tall * unit) * FINER))
    return sheet, ImageDraw.Draw(sheet), unit * FINER


def _ink(shade: Colour | tuple[int, int, int], cover: int = 255) -> tuple[int, int, int, int]:
    red, green, blue = (round(255 * each) if isinstance(each, float) else each for each in shade)
    return red, green, blue, cover


def _train(unit: float, lit: bool) -> Image.Image:
    """Eight cars with a green band, or the light in their windows."""
    sheet, draw, fine = _canvas(unit, 0.330, 0.017)
    foot = sheet.height
    for car in range(8):
        left, right = (0.004 + car * 0.0405) * fine, (0.004 + car * 0.0405 + 0.0390) * fine
        if not lit:
            draw.rounded_rectangle(
                [left, foot - 0.0135 * fine, right, foot - 0.0015 * fine],
                radius=0.002 * fine,
                fill=_ink((206, 212, 214)),
            )
            draw.rectangle([left, foot - 0.0052 * fine, right, foot - 0.0038 * fine], fill=_ink((60, 164, 92)))
        for n in range(6):
            at = left + (0.0030 + n * 0.0058) * fine
            draw.rectangle(
                [at, foot - 0.0112 * fine, at + 0.0040 * fine, foot - 0.0068 * fine],
                fill=_ink(GLOW if lit else (74, 88, 98), 235),
            )
    return sheet.reduce(FINER)


def _boat(unit: float, lit: bool) -> Image.Image:
    """A river boat with two decks, or its lamps."""
    sheet, draw, fine = _canvas(unit, 0.150, 0.050)
    foot = sheet.height - 0.004 * fine
    if not lit:
        hull = [(0.006, 0.014), (0.146, 0.017), (0.132, 0.0), (0.018, 0.0)]
        draw.polygon([(x * fine, foot - y * fine) for x, y in hull], fill=_ink((58, 84, 104)))
        draw.rectangle(
            [0.020 * fine, foot - 0.026 * fine, 0.122 * fine, foot - 0.014 * fine], fill=_ink((232, 230, 222))
        )
        draw.rectangle(
            [0.034 * fine, foot - 0.036 * fine, 0.104 * fine, foot - 0.026 * fine], fill=_ink((214, 214, 208))
        )
        draw.line(
            [(0.070 * fine, foot - 0.036 * fine), (0.070 * fine, foot - 0.047 * fine)],
            fill=_ink((90, 100, 108)),
            width=max(1, round(0.0014 * fine)),
        )
    for deck, left, count in ((0.0165, 0.026, 13), (0.0290, 0.039, 9)):
        for n in range(count):
            at = (left + n * 0.0072) * fine
            draw.rectangle(
                [at, foot - (deck + 0.0055) * fine, at + 0.0045 * fine, foot - deck * fine],
                fill=_ink(GLOW if lit else (86, 104, 116), 230),
            )
    return sheet.reduce(FINER)


def _craft(unit: float, lit: bool) -> Image.Image:
    """A small craft under a wide ring, or its lamps."""
    sheet, draw, fine = _canvas(unit, 0.044, 0.018)
    middle, axle = sheet.width / 2, sheet.height / 2
    if not lit:
        draw.ellipse(
            [middle - 0.011 * fine, axle - 0.003 * fine, middle + 0.012 * fine, axle + 0.007 * fine],
            fill=_ink((224, 232, 232)),
        )
        draw.ellipse(
            [middle - 0.021 * fine, axle - 0.0060 * fine, middle + 0.021 * fine, axle - 0.0032 * fine],
            fill=_ink((170, 188, 192), 190),
        )
        draw.ellipse(
            [middle + 0.001 * fine, axle - 0.001 * fine, middle + 0.010 * fine, axle + 0.004 * fine],
            fill=_ink((70, 96, 110)),
        )
    else:
        draw.ellipse(
            [middle + 0.001 * fine, axle - 0.001 * fine, middle + 0.010 * fine, axle + 0.004 * fine],
            fill=_ink((214, 240, 255), 210),
        )
        for side in (-1, 1):
            at = middle + side * 0.020 * fine
            draw.ellipse(
                [at - 0.0014 * fine, axle - 0.0060 * fine, at + 0.0014 * fine, axle - 0.0032 * fine], fill=_ink(GLOW)
            )
    return sheet.reduce(FINER)
