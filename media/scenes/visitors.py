"""Large guests of the aquarium, that cross it now and then, slowly: a whale far away, a manta, a turtle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np
import pygame
from PIL import Image, ImageDraw

from media.art.paper import FINER, Point, colour
from media.scenes.layers import Layer
from media.scenes.rhythm import GOLDEN, TAU, beat, crossing, dice, swing
from media.scenes.sprites import Sprites, Tone

Pen = ImageDraw.ImageDraw


@dataclass(frozen=True, slots=True)
class Guest:
    """How one swims: length and pace in units, seconds a stroke, how many of its chances it takes, depth, heading."""

    draw: Callable[[Pen, float, float], None]
    long: float
    tall: float
    pace: float
    stroke_s: float
    chance: float
    depth: int
    facing: int
    strokes: int


class Visitors:
    """The guests on a canvas `wide` × `high` units."""

    def __init__(self, wide: float, high: float, unit: float) -> None:
        self._wide, self._high, self._unit = wide, high, unit
        self._sprites = [Sprites(_drawn(each, unit), centred=True) for each in GUESTS]

    def toned(self, tones: Sequence[Tone]) -> Sequence[Sequence[pygame.Surface]]:
        """Each guest's strokes, in the tone of its depth."""
        return [each.toned(tones[guest.depth]) for guest, each in zip(GUESTS, self._sprites, strict=True)]

    def layer(self, seconds: float, pictures: Sequence[Sequence[pygame.Surface]], depth: int) -> Layer:
        """Those of a depth that are here now."""
        found: list[pygame.Surface] = []
        x, y = [], []
        for number, (guest, strokes) in enumerate(zip(GUESTS, pictures, strict=True)):
            period = (self._wide + 2 * guest.long) / guest.pace
            turn, way = crossing(seconds, period, number / GOLDEN)
            throw = dice(91, number, turn)
            if guest.depth != depth or throw[0] > guest.chance:
                continue
            along = way * (self._wide + 2 * guest.long) - guest.long
            high = 0.24 + 0.28 * throw[1] + 0.035 * swing(seconds, 61 + 9 * number) + 0.010 * swing(seconds, 17)
            at = int(beat(seconds, guest.stroke_s) * guest.strokes) % guest.strokes
            found.append(strokes[at])
            place = along if guest.facing > 0 else self._wide - along
            x.append(place * self._unit - strokes[at].get_width() / 2)
            y.append(high * self._high * self._unit - strokes[at].get_height() / 2)
        return Layer(found, np.floor(np.array(x)).astype(np.int64), np.floor(np.array(y)).astype(np.int64))


def _drawn(guest: Guest, unit: float) -> list[Image.Image]:
    size = max(8, round(guest.long * unit)), max(6, round(guest.tall * unit))
    found = []
    for number in range(guest.strokes):
        sheet = Image.new("RGBA", (size[0] * FINER, size[1] * FINER))
        guest.draw(ImageDraw.Draw(sheet), size[0] * FINER, number / guest.strokes)
        small = sheet.reduce(FINER)
        found.append(small if guest.facing > 0 else small.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    return found


def _ink(text: str, cover: int = 255) -> tuple[int, int, int, int]:
    red, green, blue = (round(255 * each) for each in colour(text))
    return red, green, blue, cover


def _band(top: Sequence[Point], foot: Sequence[Point]) -> list[Point]:
    return [*top, *reversed(foot)]


def _whale(draw: Pen, wide: float, stroke: float) -> None:
    """A humpback: a long back, a pale throat, a long flipper, a fluke that beats."""
    us = [n / 40 for n in range(41)]

    def spine(u: float) -> float:
        return float(0.185 + 0.030 * sin(TAU * stroke - 2.6 * u) * u**1.6)

    def half(u: float) -> float:
        return float(0.060 * max(0.0, sin(pi * u**0.60)) ** 0.85 + 0.007 * u)

    def at(u: float, v: float) -> Point:
        return (0.97 - 0.86 * u) * wide, (spine(u) + v * half(u)) * wide

    back, foot = [at(u, -1) for u in us], [at(u, 1) for u in us]
    draw.polygon(_band(back, foot), fill=_ink("#44586c"))
    throat = us[2:22]
    draw.polygon(
        _band([at(u, 0.30 + 0.5 * abs(u - 0.28)) for u in throat], [at(u, 1) for u in throat]), fill=_ink("#b9c8d0")
    )
    for n in range(4):
        line = [at(u, 0.48 + 0.13 * n + 0.25 * abs(u - 0.28)) for u in us[4:19]]
        draw.line(line, fill=_ink("#8ea3b0"), width=max(1, round(0.0016 * wide)))
    hump = at(0.62, -1)
    draw.polygon(
        [at(0.55, -0.9), (hump[0] - 0.01 * wide, hump[1] - 0.016 * wide), at(0.68, -0.9)], fill=_ink("#44586c")
    )
    root, lift = at(0.30, 0.55), 0.035 * sin(TAU * stroke + 1)
    tip = root[0] - 0.17 * wide, root[1] + (0.085 + lift) * wide
    draw.polygon(
        [
            root,
            (root[0] - 0.06 * wide, root[1] + 0.020 * wide),
            tip,
            (root[0] - 0.085 * wide, root[1] + 0.072 * wide),
            (root[0] + 0.03 * wide, root[1] + 0.022 * wide),
        ],
        fill=_ink("#33465a"),
    )
    tail, flap = at(1.0, 0), 0.050 * cos(TAU * stroke - 2.6)
    for side in (-1, 1):
        end = tail[0] - 0.085 * wide, tail[1] + (flap + side * 0.030) * wide
        draw.polygon(
            [
                (tail[0] + 0.02 * wide, tail[1]),
                (tail[0] - 0.045 * wide, tail[1] + (0.55 * flap + side * 0.030) * wide),
                end,
                (tail[0] - 0.045 * wide, tail[1] + 0.3 * flap * wide),
            ],
            fill=_ink("#3a4d61"),
        )
    eye, r = at(0.105, 0.18), 0.0036 * wide
    draw.ellipse([eye[0] - r, eye[1] - r, eye[0] + r, eye[1] + r], fill=_ink("#141c26"))


def _manta(draw: Pen, wide: float, stroke: float) -> None:
    """A manta seen a little from below: two wings that beat, a pale belly, a thin tail."""
    middle, lift = 0.33 * wide, sin(TAU * stroke)
    late = sin(TAU * stroke - 0.9)

    def at(x: float, y: float) -> Point:
        return x * wide, middle + y * wide

    draw.line(
        [at(0.30, 0.02), at(0.16, 0.025), at(0.02, 0.030 + 0.012 * late)],
        fill=_ink("#24384c"),
        width=max(2, round(0.008 * wide)),
    )
    far = [
        at(0.74, -0.01),
        at(0.64, -0.10 * lift - 0.03),
        at(0.44, -0.25 * late - 0.02),
        at(0.40, -0.14 * lift),
        at(0.36, 0.0),
    ]
    draw.polygon(far, fill=_ink("#31475c"))
    body = [
        at(0.92, 0.00),
        at(0.84, -0.045),
        at(0.66, -0.062),
        at(0.44, -0.040),
        at(0.28, 0.015),
        at(0.44, 0.050),
        at(0.66, 0.066),
        at(0.84, 0.045),
    ]
    draw.polygon(body, fill=_ink("#3c556b"))
    near = [
        at(0.80, 0.02),
        at(0.68, 0.10 * lift + 0.05),
        at(0.46, 0.30 * late + 0.05),
        at(0.40, 0.17 * lift + 0.04),
        at(0.34, 0.02),
    ]
    draw.polygon(near, fill=_ink("#4b667c"))
    belly = [at(0.84, 0.022), at(0.66, 0.058), at(0.46, 0.044), at(0.62, 0.018)]
    draw.polygon(belly, fill=_ink("#c6d6da"))
    for side in (-1, 1):
        draw.polygon([at(0.89, 0.018 * side), at(0.975, 0.030 * side), at(0.90, 0.040 * side)], fill=_ink("#2c4155"))
    eye, r = at(0.845, 0.030), 0.0065 * wide
    draw.ellipse([eye[0] - r, eye[1] - r, eye[0] + r, eye[1] + r], fill=_ink("#0f1820"))


def _turtle(draw: Pen, wide: float, stroke: float) -> None:
    """A green turtle: a shell with its plates, front flippers that row."""
    middle, row = 0.36 * wide, sin(TAU * stroke)

    def at(x: float, y: float) -> Point:
        return x * wide, middle + y * wide

    skin, edge = _ink("#7f9a62"), _ink("#5f7d52")
    draw.polygon([at(0.30, 0.03), at(0.17, 0.10 + 0.05 * row), at(0.10, 0.09 + 0.05 * row), at(0.24, 0.01)], fill=edge)
    draw.polygon(
        [at(0.66, -0.02), at(0.60, -0.12 - 0.10 * row), at(0.50, -0.20 - 0.14 * row), at(0.55, -0.04)], fill=edge
    )
    dome = [(0.24 + 0.50 * n / 20, -0.135 * sin(pi * n / 20) ** 0.8) for n in range(21)]
    draw.polygon([*(at(x, y) for x, y in dome), at(0.74, 0.045), at(0.26, 0.05)], fill=_ink("#6d5a38"))
    draw.polygon([at(0.245, 0.0), at(0.75, 0.0), at(0.72, 0.055), at(0.28, 0.06)], fill=_ink("#c9b985"))
    for n in range(1, 6):
        x = 0.24 + 0.50 * n / 6
        draw.line(
            [at(x, -0.125 * sin(pi * n / 6) ** 0.8), at(x + 0.012, 0.0)],
            fill=_ink("#a58a52"),
            width=max(1, round(0.008 * wide)),
        )
    draw.line(
        [at(0.28, -0.055), at(0.48, -0.075), at(0.71, -0.05)], fill=_ink("#a58a52"), width=max(1, round(0.008 * wide))
    )
    draw.ellipse([*at(0.735, -0.055), *at(0.875, 0.045)], fill=skin)
    draw.polygon([at(0.84, -0.04), at(0.905, 0.0), at(0.85, 0.035)], fill=skin)
    draw.polygon(
        [
            at(0.68, 0.03),
            at(0.60, 0.10 + 0.08 * row),
            at(0.47, 0.20 + 0.13 * row),
            at(0.40, 0.19 + 0.12 * row),
            at(0.52, 0.04),
        ],
        fill=skin,
    )
    eye, r = at(0.835, -0.018), 0.011 * wide
    draw.ellipse([eye[0] - r, eye[1] - r, eye[0] + r, eye[1] + r], fill=_ink("#141a12"))


GUESTS = (
    Guest(_whale, 0.360, 0.140, 0.021, 9.5, 0.26, 0, -1, 10),
    Guest(_manta, 0.200, 0.135, 0.033, 4.6, 0.34, 1, 1, 14),
    Guest(_turtle, 0.125, 0.090, 0.024, 3.4, 0.42, 1, 1, 12),
)
