"""What swims: bright fish, jellyfish and bubbles as small pictures, one for each moment of their beat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sin

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from media.art.paper import FINER, Mask, colour

TAU = 2 * pi
PALE = colour("#d9fbff")
FLAPS = 16
PULSES = 40


@dataclass(frozen=True, slots=True)
class Kind:
    """How a fish looks: back, side and belly, its bands (place, width), their colour, and how tall it is."""

    back: str
    side: str
    belly: str
    band: str
    bands: tuple[tuple[float, float], ...]
    tall: float


KINDS = (
    Kind("#e8761e", "#ffa93c", "#ffd98a", "#fff6e6", ((0.30, 0.045), (0.58, 0.05), (0.82, 0.03)), 0.40),
    Kind("#123f9c", "#2f7fe0", "#8fd0ff", "#0b1c4a", ((0.48, 0.16),), 0.46),
    Kind("#d9a514", "#ffe14d", "#fff7b8", "#2a2a33", ((0.20, 0.03), (0.50, 0.045), (0.76, 0.04)), 0.62),
    Kind("#b23a63", "#f0719b", "#ffd0dc", "#fff0f4", ((0.40, 0.03), (0.52, 0.03), (0.64, 0.03)), 0.42),
)


def fish_sprites(kind: Kind, long: int, facing: int, *, flaps: int = FLAPS) -> list[Image.Image]:
    """One fish, drawn once for each moment of its tail's beat."""
    sprites = [_fish(kind, long, n / flaps) for n in range(flaps)]
    return [each.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for each in sprites] if facing < 0 else sprites


def jelly_sprites(long: int, chance: np.random.Generator, *, pulses: int = PULSES) -> list[Image.Image]:
    """A jellyfish for each moment of its beat."""
    arms = [
        (float(chance.uniform(-0.8, 0.8)), float(chance.uniform(0, 1)), float(chance.uniform(0.6, 1.0)))
        for _ in range(11)
    ]
    return [_jelly(long, n / pulses, arms) for n in range(pulses)]


def bubble(side: int) -> Image.Image:
    """A ring of light with a spark."""

    def paint(x: Mask, y: Mask) -> tuple[npt.NDArray[np.float32], Mask]:
        away = np.hypot(x - 0.5, y)
        ring = np.exp(-(((away - 0.40) / 0.055) ** 2)) * 0.75 + 0.14 * (away < 0.40)
        spark = np.exp(-(((x - 0.36) / 0.07) ** 2 + ((y + 0.16) / 0.07) ** 2))
        return np.broadcast_to(np.array(PALE, np.float32), (*x.shape, 3)), np.clip(ring + spark, 0, 1)

    return _painted(side, side, paint)


def _fish(kind: Kind, long: int, flap: float) -> Image.Image:
    """Nose to the right. `u` runs from nose to tail, `v` across the body from back to belly."""
    back, side, belly, band = (
        np.array(colour(text), np.float32) for text in (kind.back, kind.side, kind.belly, kind.band)
    )

    def paint(x: Mask, y: Mask) -> tuple[npt.NDArray[np.float32], Mask]:
        u = (0.96 - x) / 0.74
        bend = 0.030 * np.clip(u, 0, 1.4) ** 2 * np.sin(TAU * (0.6 * u - flap))
        lift = y - bend
        half = kind.tall * 0.37 * np.clip(np.sin(pi * np.clip(u, 0, 1) ** 0.72), 0, 1) ** 0.85 + 0.012
        v = lift / np.maximum(half, 1e-3)
        soft = 0.006
        body = np.clip((half - np.abs(lift)) / soft, 0, 1) * (u > 0) * (u < 1)
        spread = np.clip((u - 0.93) / 0.33, 0, 1)
        tail = np.clip((0.030 + 0.145 * spread * kind.tall / 0.45 - np.abs(lift)) / soft, 0, 1)
        notch = 1.16 + 0.9 * np.abs(lift) - 2.2 * np.clip(np.abs(lift) - 0.10 * kind.tall / 0.45, 0, 1)
        tail *= (u > 0.93) * np.clip((notch - u) / 0.02, 0, 1)
        rise = np.clip((u - 0.25) / 0.25, 0, 1) * np.clip((0.88 - u) / 0.12, 0, 1)
        fins = np.clip((half + 0.075 * rise * (1 + 0.4 * (lift < 0)) - np.abs(lift)) / soft, 0, 1) * (rise > 0)
        t = np.clip((v + 1) / 2, 0, 1)[..., None]
        colours = np.where(t < 0.5, back + (side - back) * (t * 2), side + (belly - side) * (t * 2 - 1))
        for place, wide in kind.bands:
            mark = np.exp(-(((u + 0.04 * v * v - place) / wide) ** 4))[..., None] * body[..., None]
            colours = colours + (band - colours) * mark * 0.92
        shine = np.exp(-(((v + 0.55) / 0.22) ** 2))[..., None] * body[..., None] * 0.30
        colours = colours + (1 - colours) * shine
        rays = (0.93 + 0.07 * np.sin(70 * (u + 0.6 * np.abs(lift))))[..., None]
        outside = (1 - body)[..., None]
        colours = colours * (1 - outside) + (side * rays) * outside
        eye = np.hypot(u - 0.16, (lift + 0.10 * kind.tall) * 1.35)
        colours = colours + (np.float32(1) - colours) * np.clip((0.040 - eye) / 0.008, 0, 1)[..., None]
        colours = colours + (np.float32(0.05) - colours) * np.clip((0.026 - eye) / 0.008, 0, 1)[..., None]
        return colours.astype(np.float32), np.maximum(body, np.maximum(tail, fins) * 0.72)

    return _painted(long, round(long * (0.42 + 0.7 * kind.tall)), paint)


def _jelly(long: int, beat: float, arms: list[tuple[float, float, float]]) -> Image.Image:
    """A bell of light with a brighter rim, and arms that trail after its beat."""
    width, height = long * FINER, round(long * 2.3) * FINER
    wide = 0.40 + 0.045 * sin(TAU * beat)
    tall = 0.36 - 0.05 * sin(TAU * beat)
    light = Image.new("L", (width, height))
    draw = ImageDraw.Draw(light)
    middle, rim = 0.5 * width, 0.48 * width
    for place, start, reach in arms:
        points = []
        for n in range(22):
            share = n / 21
            sway = 0.055 * share * sin(TAU * (beat + start) - 5 * share)
            points.append(
                (middle + (place * wide * 0.85 * (1 - 0.35 * share) + sway) * width, rim + share * reach * 1.65 * width)
            )
        draw.line(points, fill=95, width=max(1, round(0.012 * width)), joint="curve")
    light = light.filter(ImageFilter.GaussianBlur(0.006 * width))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / width
    inside = 1 - np.hypot((x - 0.5) / wide, (y - 0.48) / tall)
    bell = np.clip(inside / 0.02, 0, 1) * (y < 0.48 + 0.02 * np.cos(x * 60))
    edge = np.exp(-((inside / 0.10) ** 2)) * bell
    ribs = 0.5 + 0.5 * np.cos((x - 0.5) / np.maximum(wide, 0.1) * 16)
    heart = np.exp(-(((x - 0.5) / 0.13) ** 2 + ((y - 0.34) / 0.09) ** 2)) * bell
    cover = (
        bell * (0.22 + 0.10 * ribs)
        + 0.45 * edge
        + 0.35 * heart
        + np.asarray(light, np.float32) / 255 * np.clip((2.2 - y) / 1.4, 0, 1)
    )
    halo = 0.16 * np.exp(-(((x - 0.5) / 0.42) ** 2 + ((y - 0.42) / 0.40) ** 2))
    warm, cool = np.array(colour("#ffd9f2"), np.float32), np.array(colour("#bff4ff"), np.float32)
    shade = cool + (warm - cool) * np.clip(heart * 1.5 + edge * 0.4, 0, 1)[..., None]
    stacked = np.concatenate([shade, np.clip(cover + halo * (1 - bell), 0, 1)[..., None] * 0.85], axis=-1)
    return Image.fromarray((np.clip(stacked, 0, 1) * 255).astype(np.uint8), "RGBA").reduce(FINER)


def _painted(
    width: int, height: int, paint: Callable[[Mask, Mask], tuple[npt.NDArray[np.float32], Mask]]
) -> Image.Image:
    """A sprite from a function of coordinates (x along its width 0…1, y in widths from its middle), drawn finely."""
    y, x = np.mgrid[0 : height * FINER, 0 : width * FINER].astype(np.float32)
    colours, cover = paint((x + 0.5) / (width * FINER), (y + 0.5 - height * FINER / 2) / (width * FINER))
    stacked = np.concatenate([np.clip(colours, 0, 1), np.clip(cover, 0, 1)[..., None]], axis=-1)
    return Image.fromarray((stacked * 255).astype(np.uint8), "RGBA").reduce(FINER)
