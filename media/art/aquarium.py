"""The digital aquarium as a film: light through water, a turning school, bright fish passing, slow jellyfish.

Everything is a function of the phase, 0…1, and is back where it began at 1: the film has no seam.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, floor, pi, sin

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from media.art.paper import FINER, Colour, Mask, colour, glow, grain, image, mix, sky
from media.art.stamps import stamp

TAU = 2 * pi
DEEP, MIDDLE, LIGHT, DARK = (colour(text) for text in ("#08365a", "#0e6488", "#62c3d2", "#041c2c"))
PALE = colour("#d9fbff")
COARSE = 8
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


@dataclass(frozen=True, slots=True)
class Passing:
    """A fish that crosses the glass once a loop: its kind, length and height in widths, start, and which way."""

    kind: int
    long: float
    high: float
    start: float
    facing: int
    rise: float


PASSING = (
    Passing(1, 0.060, 0.215, 0.05, -1, 0.010),
    Passing(1, 0.052, 0.245, 0.10, -1, 0.012),
    Passing(1, 0.056, 0.190, 0.14, -1, 0.011),
    Passing(3, 0.075, 0.120, 0.55, 1, 0.016),
    Passing(3, 0.066, 0.150, 0.49, 1, 0.014),
    Passing(2, 0.100, 0.300, 0.30, 1, 0.018),
    Passing(2, 0.088, 0.345, 0.21, 1, 0.020),
    Passing(0, 0.120, 0.420, 0.72, -1, 0.016),
    Passing(0, 0.092, 0.455, 0.80, -1, 0.014),
)


class Aquarium:
    """The film at a size; `picture` is pure, what does not move is drawn once."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._high = height / width
        chance = np.random.default_rng(7)
        ground = sky(width, height, ((0, mix(MIDDLE, LIGHT, 0.55)), (0.3, MIDDLE), (0.75, DEEP), (1, DARK)))
        glow(ground, at=(0.38, -0.08), radius=0.5, shade=PALE, strength=0.55)
        grain(ground, chance, strength=0.5)
        self._ground = image(ground)
        y, x = np.mgrid[0 : height // COARSE, 0 : width // COARSE].astype(np.float32)
        x, y = x * COARSE / width, y * COARSE / height
        self._fan = (x - 0.38) / (0.55 + y)
        self._fall = 0.15 * np.clip(1 - 0.95 * y, 0, 1) ** 1.2
        low = y[:, 0] > 0.8
        self._floor = x[low], y[low], np.clip((y[low] - 0.80) * 4, 0, 1) * 0.30
        self._school = [_Swimmer.drawn(chance) for _ in range(130)]
        self._weeds = [_weeds(chance, 26, 0.10 + 0.05 * depth, 0.0045 + 0.002 * depth) for depth in range(2)]
        self._bubbles = [tuple(chance.uniform(0, 1, 4)) for _ in range(46)]
        self._fish = {
            (each.kind, each.long, each.facing): _fish_sprites(KINDS[each.kind], round(each.long * width), each.facing)
            for each in PASSING
        }
        self._jelly = [_jelly_sprites(round(long * width), chance) for long in (0.085, 0.055)]
        self._bubble = _bubble(max(6, width // 60))

    def picture(self, phase: float) -> Image.Image:
        """The picture at a phase of the loop."""
        picture = self._ground.copy()
        self._shine(picture, phase)
        self._drift(picture, phase)
        self._turn_school(picture, phase)
        self._grow(picture, phase, 0, mix(DEEP, MIDDLE, 0.25))
        self._pass_by(picture, phase)
        self._grow(picture, phase, 1, mix(DARK, DEEP, 0.35))
        self._rise(picture, phase)
        return picture

    def _shine(self, picture: Image.Image, phase: float) -> None:
        """Shafts of light that fan out from above, and their net of light on the ground."""
        light = np.zeros_like(self._fan)
        for number, (often, turns) in enumerate(((9, 1), (17, -1), (29, 2), (5, -1))):
            wave = 0.5 + 0.5 * np.sin(often * 3.1 * self._fan + np.float32(TAU * turns * phase + 1.7 * number))
            light += wave * wave * wave
        light *= self._fall
        x, y, strength = self._floor
        light[-len(x) :] += _net(x * 9 + np.float32(0.3 * sin(TAU * phase)), y * 26, phase) * strength
        _tint(picture, np.clip(light, 0, 1), PALE)

    def _drift(self, picture: Image.Image, phase: float) -> None:
        """The jellyfish, pulsing three times a loop."""
        for number, (sprites, at) in enumerate(zip(self._jelly, ((0.14, 0.17), (0.85, 0.12)), strict=True)):
            beat = (3 * phase + 0.4 * number) % 1
            sprite = sprites[floor(beat * PULSES)]
            x = at[0] + 0.012 * sin(TAU * (phase + 0.3 * number))
            y = at[1] + 0.035 * sin(TAU * (phase + 0.6 * number)) - 0.006 * cos(TAU * beat)
            stamp(picture, sprite, (x * self._size[0], y * self._size[0]))

    def _turn_school(self, picture: Image.Image, phase: float) -> None:
        """The school on its round, those behind first; a flank that faces the light flashes."""
        width = self._size[0]
        left, top, right, bottom = 0.22, 0.09, 0.98, 0.46
        sheet = Image.new("RGBA", (round((right - left) * width * FINER), round((bottom - top) * width * FINER)))
        draw = ImageDraw.Draw(sheet)
        unit = width * FINER
        placed = sorted((each.at(phase) for each in self._school), key=lambda one: one[2])
        for x, y, near, heading, size, wag in placed:
            fish = _small_fish(x - left, y - top, size * (0.75 + 0.35 * near), heading, wag)
            flash = max(0.0, cos(heading - 2.3)) ** 6
            shade = mix(mix(MIDDLE, PALE, 0.20 + 0.45 * near), (1, 1, 1), 0.75 * flash)
            ink = (*(round(255 * each) for each in shade), round(255 * (0.45 + 0.5 * near)))
            for shape in fish:
                draw.polygon([(px * unit, py * unit) for px, py in shape], fill=ink)
        small = sheet.reduce(FINER)
        picture.paste(small, (round(left * width), round(top * width)), small)

    def _grow(self, picture: Image.Image, phase: float, depth: int, shade: Colour) -> None:
        """Ground and weed, swaying."""
        width, height = self._size
        tall = 0.24
        sheet = Image.new("L", (width * FINER, round(tall * width * FINER)))
        draw = ImageDraw.Draw(sheet)
        unit, foot = width * FINER, sheet.height
        ground = [(n / 60, 0.035 - 0.012 * depth + 0.010 * sin(n / 60 * 7 + 2 * depth)) for n in range(61)]
        draw.polygon([(0, foot), *((x * unit, foot - y * unit) for x, y in ground), (unit, foot)], fill=255)
        for x, high, thick, beat in self._weeds[depth]:
            left, right = [], []
            for n in range(13):
                share = n / 12
                sway = 0.020 * share**1.6 * sin(TAU * (phase + beat) - 2.4 * share) + 0.006 * sin(9 * share + 8 * beat)
                wide = thick * (1 - share) * (1 + 0.35 * sin(14 * share + 9 * beat))
                left.append(((x + sway - wide) * unit, foot - share * high * unit))
                right.append(((x + sway + wide) * unit, foot - share * high * unit))
            draw.polygon([*left, *reversed(right)], fill=235)
        mask = sheet.reduce(FINER)
        ink = tuple(round(255 * each) for each in shade)
        picture.paste(ink, (0, height - mask.height), mask)

    def _pass_by(self, picture: Image.Image, phase: float) -> None:
        for each in PASSING:
            sprites = self._fish[each.kind, each.long, each.facing]
            way = (each.start + phase) % 1
            x = -0.12 + 1.24 * way if each.facing > 0 else 1.12 - 1.24 * way
            y = each.high + each.rise * sin(TAU * (2 * way + each.start))
            flap = (8 * phase + 3 * each.start) % 1
            stamp(picture, sprites[floor(flap * FLAPS)], (x * self._size[0], y * self._size[0]))

    def _rise(self, picture: Image.Image, phase: float) -> None:
        """Bubbles in strings; each one rises through the whole height once or twice a loop."""
        width, _ = self._size
        for n, (start, x, size, beat) in enumerate(self._bubbles):
            way = (start + phase * (1 + n % 2)) % 1
            at = (0.08 + 0.84 * round(x * 4) / 4 + 0.02 * beat + 0.006 * sin(TAU * (3 * way + beat))) * width
            scale = (0.25 + 0.75 * size) * (0.6 + 0.4 * way)
            side = max(3, round(self._bubble.width * scale * 0.55))
            stamp(picture, self._bubble.resize((side, side)), (at, (self._high * (1.05 - 1.15 * way)) * width))


@dataclass(frozen=True, slots=True)
class _Swimmer:
    """One fish of the school: its round (radius, height, tilt), its place on it, its size."""

    radius: float
    high: float
    place: float
    size: float
    tilt: float

    @classmethod
    def drawn(cls, chance: np.random.Generator) -> _Swimmer:
        radius = float(chance.normal(0.20, 0.055))
        return cls(
            radius=min(0.32, max(0.05, radius)),
            high=float(chance.normal(0.0, 0.040)),
            place=float(chance.uniform(0, 1)),
            size=float(chance.uniform(0.011, 0.016)),
            tilt=float(chance.normal(0.055, 0.012)),
        )

    def at(self, phase: float) -> tuple[float, float, float, float, float, float]:
        """x, y, nearness 0…1, heading, size, wag."""
        angle = TAU * (self.place + phase)
        breath = 1 + 0.10 * sin(TAU * phase + 8 * self.place)
        x = 0.60 + self.radius * breath * cos(angle)
        near = 0.5 + 0.5 * sin(angle)
        y = 0.27 + self.high * breath + self.tilt * sin(angle) + 0.012 * sin(2 * angle + 5 * self.place)
        return x, y, near, angle, self.size, sin(TAU * (14 * phase + 7 * self.place))


def _small_fish(x: float, y: float, size: float, heading: float, wag: float) -> tuple[list[tuple[float, float]], ...]:
    """Body and tail of a fish on its round, shortened where it swims towards us or away."""
    along = -sin(heading)
    long = size * (along if abs(along) > 0.30 else (0.30 if along >= 0 else -0.30))
    high = size * 0.27
    body = [
        (x + long, y),
        (x + 0.55 * long, y - 0.85 * high),
        (x, y - high),
        (x - 0.6 * long, y - 0.45 * high),
        (x - 0.85 * long, y),
        (x - 0.6 * long, y + 0.45 * high),
        (x, y + high),
        (x + 0.55 * long, y + 0.85 * high),
    ]
    end = x - (1.35 + 0.12 * wag) * long
    return body, [(x - 0.75 * long, y), (end, y - 0.9 * high), (x - 1.1 * long, y), (end, y + 0.9 * high)]


def _weeds(chance: np.random.Generator, count: int, tall: float, thick: float) -> list[tuple[float, ...]]:
    return [
        (
            float(chance.uniform(-0.02, 1.02)),
            float(tall * chance.uniform(0.4, 1.15)),
            float(thick * chance.uniform(0.7, 1.3)),
            float(chance.uniform(0, 1)),
        )
        for _ in range(count)
    ]


def _net(x: Mask, y: Mask, phase: float) -> Mask:
    """The moving net of light on a sea's ground."""
    turn = TAU * phase
    first = np.sin(x * 3 + np.sin(y * 0.7 + turn) * 1.5 + turn)
    second = np.sin(x * 2.3 - y * 0.6 - np.cos(x * 1.1 - turn) * 1.3 - turn)
    light: Mask = np.clip(1 - np.abs(first + second) * 0.9, 0, 1) ** 2
    return light


def _tint(picture: Image.Image, cover: Mask, shade: Colour) -> None:
    """Let a colour shine through a coarse cover, spread smoothly over the picture."""
    mask = Image.fromarray((cover * 255).astype(np.uint8)).resize(picture.size, Image.Resampling.BICUBIC)
    picture.paste(tuple(round(255 * each) for each in shade), (0, 0), mask)


def _painted(
    width: int, height: int, paint: Callable[[Mask, Mask], tuple[npt.NDArray[np.float32], Mask]]
) -> Image.Image:
    """A sprite from a function of coordinates (x along its width 0…1, y in widths from its middle), drawn finely."""
    y, x = np.mgrid[0 : height * FINER, 0 : width * FINER].astype(np.float32)
    colours, cover = paint((x + 0.5) / (width * FINER), (y + 0.5 - height * FINER / 2) / (width * FINER))
    stacked = np.concatenate([np.clip(colours, 0, 1), np.clip(cover, 0, 1)[..., None]], axis=-1)
    return Image.fromarray((stacked * 255).astype(np.uint8), "RGBA").reduce(FINER)


def _fish_sprites(kind: Kind, long: int, facing: int) -> list[Image.Image]:
    """One fish, drawn once for each moment of its tail's beat."""
    sprites = [_fish(kind, long, n / FLAPS) for n in range(FLAPS)]
    return [each.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for each in sprites] if facing < 0 else sprites


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


def _jelly_sprites(long: int, chance: np.random.Generator) -> list[Image.Image]:
    """A jellyfish for each moment of its beat."""
    arms = [
        (float(chance.uniform(-0.8, 0.8)), float(chance.uniform(0, 1)), float(chance.uniform(0.6, 1.0)))
        for _ in range(11)
    ]
    return [_jelly(long, n / PULSES, arms) for n in range(PULSES)]


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


def _bubble(side: int) -> Image.Image:
    """A ring of light with a spark."""

    def paint(x: Mask, y: Mask) -> tuple[npt.NDArray[np.float32], Mask]:
        away = np.hypot(x - 0.5, y)
        ring = np.exp(-(((away - 0.40) / 0.055) ** 2)) * 0.75 + 0.14 * (away < 0.40)
        spark = np.exp(-(((x - 0.36) / 0.07) ** 2 + ((y + 0.16) / 0.07) ** 2))
        return np.broadcast_to(np.array(PALE, np.float32), (*x.shape, 3)), np.clip(ring + spark, 0, 1)

    return _painted(side, side, paint)
