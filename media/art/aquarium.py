"""The digital aquarium as a film: light through water, a turning school, bright fish passing, slow jellyfish.

Everything is a function of the phase, 0…1, and is back where it began at 1: the film has no seam.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, floor, pi, sin

import numpy as np
from PIL import Image, ImageDraw

from media.art.creatures import FLAPS, KINDS, PALE, PULSES, bubble, fish_sprites, jelly_sprites
from media.art.paper import FINER, Colour, Mask, colour, glow, grain, image, mix, sky
from media.art.stamps import stamp

TAU = 2 * pi
DEEP, MIDDLE, LIGHT, DARK = (colour(text) for text in ("#08365a", "#0e6488", "#62c3d2", "#041c2c"))
COARSE = 8


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
            (each.kind, each.long, each.facing): fish_sprites(KINDS[each.kind], round(each.long * width), each.facing)
            for each in PASSING
        }
        self._jelly = [jelly_sprites(round(long * width), chance) for long in (0.085, 0.055)]
        self._bubble = bubble(max(6, width // 60))

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
