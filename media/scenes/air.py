"""What the air carries: clouds, snow, rain, petals, leaves, fireflies and birds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np
import pygame
from PIL import Image, ImageDraw, ImageFilter

from media.art.paper import Colour, Cutting
from media.scenes.layers import Layer
from media.scenes.rhythm import GOLDEN, TAU, beat, crossing, dice, smooth, swing
from media.scenes.sprites import Sprites, Tone

TURNS = 10
WINGS = 10
FINE = 4
CLOUDS = 8
LEAST = 0.01


class Clouds:
    """Flat paper clouds that sail slowly; how many there are is the weather's."""

    def __init__(self, wide: float, unit: float, ceiling: float) -> None:
        self._wide, self._unit, self._ceiling = wide, unit, ceiling
        self._sprites = [Sprites([_cloud(unit, number)]) for number in range(CLOUDS)]

    def toned(self, light: Colour, clouds: float) -> Sequence[pygame.Surface]:
        """Each cloud in this light, there as far as the weather wants it."""
        found: list[pygame.Surface] = []
        for number, sprites in enumerate(self._sprites):
            cover = smooth(CLOUDS * (0.34 + 0.60 * clouds) - number) * (0.92 - 0.30 * clouds)
            found += sprites.toned(Tone.stepped(light, cover=round(96 * cover) / 96))
        return found

    def layer(self, seconds: float, pictures: Sequence[pygame.Surface]) -> Layer:
        """Every cloud where it sails."""
        x, y = [], []
        for number, each in enumerate(pictures):
            room = each.get_width() / self._unit
            speed = 0.0016 + 0.0011 * ((number * GOLDEN) % 1)
            way = beat(seconds, (self._wide + room) / speed, number * GOLDEN)
            x.append((way * (self._wide + room) - room) * self._unit)
            high = 0.10 + 0.62 * ((number * GOLDEN * GOLDEN + 0.3) % 1)
            y.append(high * self._ceiling - each.get_height() / 2)
        return Layer(list(pictures), _whole(x), _whole(y))


@dataclass(frozen=True, slots=True)
class Fall:
    """How something falls: how many a unit of width, speed down and across, sway and how quick it turns."""

    often: int
    down: float
    across: float
    sway: float
    spin: float
    sizes: tuple[float, float, float]


FALLS = {
    "snow": Fall(150, 0.060, 0.010, 0.016, 0.05, (0.0028, 0.0044, 0.0068)),
    "rain": Fall(80, 0.95, -0.05, 0.0, 0.0, (0.020, 0.030, 0.042)),
    "petals": Fall(26, 0.040, 0.022, 0.030, 0.22, (0.0058, 0.0078, 0.0105)),
    "leaves": Fall(16, 0.048, 0.020, 0.042, 0.20, (0.0062, 0.0085, 0.0112)),
    "fireflies": Fall(12, -0.004, 0.006, 0.034, 0.21, (0.0060, 0.0075, 0.0095)),
}


class Falling:
    """One kind of thing in the air, near ones larger and quicker."""

    def __init__(self, kind: str, wide: float, high: float, unit: float, *, seed: int = 0) -> None:
        self._fall = FALLS[kind]
        self._wide, self._high, self._unit = wide + 0.2, high + 0.14, unit
        self._sprites = Sprites(
            DRAWN[kind](max(2.0, size * unit), n / TURNS) for size in self._fall.sizes for n in range(TURNS)
        )
        self._each = np.random.default_rng([seed, len(kind)]).uniform(0, 1, (6, max(6, round(self._fall.often * wide))))

    def toned(self, tone: Tone) -> Sequence[pygame.Surface]:
        """In every size and turn."""
        return self._sprites.toned(tone)

    def layer(self, seconds: float, pictures: Sequence[pygame.Surface], share: float) -> Layer:
        """As large a share of them as the hour wants."""
        count = round(share * self._each.shape[1])
        x, y, near, turn, sway, slow = self._each[:, :count]
        pace = 0.55 + 0.75 * near
        swung = TAU * ((seconds / (5 + 6 * slow) + turn) % 1)
        across = x * self._wide + seconds * self._fall.across * pace + self._fall.sway * (0.5 + near) * np.sin(swung)
        down = y * self._high + seconds * self._fall.down * pace + 0.3 * self._fall.sway * np.cos(swung + TAU * sway)
        place = across % self._wide - 0.1, down % self._high - 0.07
        spun = (seconds * self._fall.spin * (0.5 + sway) + turn) % 1
        chosen = np.minimum(2, (near * 3).astype(int)) * TURNS + (spun * TURNS).astype(int) % TURNS
        found = [pictures[each] for each in chosen.tolist()]
        return Layer(found, _whole(place[0] * self._unit), _whole(place[1] * self._unit))


Fallen = Sequence[tuple[Sequence[pygame.Surface], float]]


class Falls:
    """Kinds of things in the air."""

    def __init__(self, kinds: Sequence[str], wide: float, high: float, unit: float, *, seed: int = 0) -> None:
        self._kinds = [Falling(kind, wide, high, unit, seed=seed + n) for n, kind in enumerate(kinds)]

    def toned(self, shares: Sequence[tuple[float, Colour]]) -> Fallen:
        """Of each kind how much of it there is and its light; nothing of what there is hardly any of."""
        pairs = zip(self._kinds, shares, strict=True)
        return [
            (kind.toned(Tone.stepped(light)), share) if share > LEAST else ((), 0.0) for kind, (share, light) in pairs
        ]

    def layers(self, seconds: float, fallen: Fallen) -> list[Layer]:
        """What there is, where it is."""
        pairs = zip(self._kinds, fallen, strict=True)
        return [kind.layer(seconds, pictures, share) for kind, (pictures, share) in pairs if share > 0]


class Birds:
    """A flock that crosses the sky now and then, each time from its own side, at its own height."""

    def __init__(self, wide: float, unit: float, *, ceiling: float) -> None:
        self._wide, self._unit, self._ceiling = wide, unit, ceiling
        self._sprites = Sprites((_bird(round(0.021 * unit), n / WINGS) for n in range(WINGS)), mirrored=True)

    def toned(self, tone: Tone) -> Sequence[pygame.Surface]:
        """The beats of their wings, flying right and then left."""
        return self._sprites.toned(tone)

    def layer(self, seconds: float, pictures: Sequence[pygame.Surface], often: float) -> Layer:
        """The flock, where there is one; `often` is how many of its chances it takes."""
        room = 0.6
        number, way = crossing(seconds, (self._wide + 2 * room) / 0.042)
        throw = dice(71, number)
        if throw[0] > often:
            return Layer([], _whole([]), _whole([]))
        found, x, y = [], [], []
        facing = 1 if throw[1] < 0.5 else -1
        for place in range(7 + int(7 * throw[2])):
            own = dice(72, number, place)
            rank, side = (place + 1) // 2, 1 if place % 2 else -1
            along = way * (self._wide + 2 * room) - room - 0.024 * rank - 0.006 * own[0]
            high = 0.16 + 0.34 * throw[3] + 0.010 * side * rank + 0.008 * swing(seconds, 6 + 3 * own[1], own[2])
            high += 0.020 * swing(seconds, 47)
            flap = beat(seconds, 0.82 + 0.16 * own[3], own[4])
            picture = pictures[int(flap * WINGS) % WINGS + (0 if facing > 0 else WINGS)]
            at = along if facing > 0 else self._wide - along
            found.append(picture)
            x.append(at * self._unit - picture.get_width() / 2)
            y.append(high * self._ceiling - picture.get_height() / 2)
        return Layer(found, _whole(x), _whole(y))


def _whole(places: Sequence[float] | np.ndarray) -> np.ndarray:
    return np.floor(np.asarray(places, np.float64)).astype(np.int64)


def _cloud(unit: float, number: int) -> Image.Image:
    """A flat-footed heap of rounds, lighter above than below."""
    chance = np.random.default_rng(900 + number)
    wide = chance.uniform(0.42, 0.88)
    tall = wide * chance.uniform(0.13, 0.20)
    cut = Cutting(round(1.1 * wide * unit), round(1.3 * tall * unit), horizon=0.94, unit=unit)
    for _ in range(22):
        x = float(chance.beta(1.6, 1.6))
        r = tall * (0.14 + 0.42 * sin(pi * x)) * chance.uniform(0.55, 1.1)
        at = (0.05 + x) * wide
        cut.ellipse(at - 1.7 * r, 0.02 * tall, at + 1.7 * r, min(1.15 * tall, 1.7 * r))
    mask = cut.sheet().filter(ImageFilter.GaussianBlur(0.0012 * unit))
    shade = np.linspace(1.0, 0.80, mask.height, dtype=np.float32)[:, None, None] * np.array((1.0, 1.0, 1.0), np.float32)
    shade[..., 0] *= np.linspace(1.0, 0.965, mask.height)[:, None]
    fade = np.linspace(1.0, 0.45, mask.height, dtype=np.float32)[:, None] ** 1.1
    cover = np.asarray(mask, np.float32) * fade
    rgb = np.broadcast_to(255 * shade, (*cover.shape, 3))
    grainy = rgb + chance.normal(0, 1.4, (*cover.shape, 1))
    return Image.fromarray(
        np.concatenate([np.clip(grainy, 0, 255), cover[..., None]], axis=-1).astype(np.uint8), "RGBA"
    )


def _flake(size: float, _: float) -> Image.Image:
    return _soft(size, 235)


def _firefly(size: float, turn: float) -> Image.Image:
    """It glows and fades within a turn, slowly."""
    return _soft(2.4 * size, round(210 * (0.5 - 0.5 * cos(TAU * turn)) ** 1.5), sharp=0.16)


def _soft(size: float, power: int, *, sharp: float = 0.34) -> Image.Image:
    side = max(3, 2 * round(size) + 1)
    y, x = np.mgrid[0:side, 0:side] - (side - 1) / 2
    pixels = np.full((side, side, 4), 255, np.uint8)
    away = np.hypot(x, y) / side
    pixels[..., 3] = power * np.clip(np.exp(-((away / sharp) ** 2)) - 0.06 * (sharp < 0.3), 0, 1)
    return Image.fromarray(pixels, "RGBA")


def _drop(size: float, _: float) -> Image.Image:
    """A streak, strongest at its foot."""
    tall = max(4, round(size))
    wide = max(1, round(size / 26))
    pixels = np.full((tall, wide, 4), 255, np.uint8)
    pixels[..., 3] = (np.linspace(0, 1, tall)[:, None] ** 1.5 * 92).astype(np.uint8)
    return Image.fromarray(pixels, "RGBA")


def _petal(size: float, turn: float) -> Image.Image:
    return _blade(size, turn, 0.62)


def _leaf(size: float, turn: float) -> Image.Image:
    return _blade(size, turn, 0.44)


def _blade(size: float, turn: float, broad: float) -> Image.Image:
    """A small blade that tumbles: it turns, and shows itself from its side and from its face."""
    side = max(5, round(2.2 * size))
    sheet = Image.new("L", (side * FINE, side * FINE))
    middle, long = side * FINE / 2, size * FINE
    half = long * broad * (0.30 + 0.70 * abs(cos(TAU * turn)))
    angle = TAU * turn + 0.6
    points = []
    for n in range(24):
        u = cos(TAU * n / 24)
        v = sin(TAU * n / 24) * half * (1 - 0.35 * u)
        px, py = u * long * 0.92, v
        points.append((middle + px * cos(angle) - py * sin(angle), middle + px * sin(angle) + py * cos(angle)))
    ImageDraw.Draw(sheet).polygon(points, fill=235)
    mask = sheet.reduce(FINE)
    shade = round(255 * (0.86 + 0.14 * abs(cos(TAU * turn))))
    flat = Image.new("L", mask.size, shade)
    return Image.merge("RGBA", (flat, flat, flat, mask))


def _bird(long: int, stroke: float) -> Image.Image:
    """A bird in flight to the right: neck, body, wings at a moment of their beat."""
    side = round(2.0 * long)
    sheet = Image.new("L", (side * FINE, side * FINE))
    draw = ImageDraw.Draw(sheet)
    unit, middle = long * FINE, side * FINE / 2
    lift = sin(TAU * stroke)

    def at(x: float, y: float) -> tuple[float, float]:
        return middle + x * unit, middle - y * unit

    draw.polygon(
        [at(0.62, 0.05), at(0.20, 0.07), at(-0.25, 0.05), at(-0.52, 0.01), at(-0.25, -0.05), at(0.20, -0.05)], fill=255
    )
    for lean, reach in ((1, 0.62), (-1, 0.50)):
        tip = at(-0.16 - 0.05 * lean, reach * lift)
        elbow = at(0.06, 0.34 * lift + 0.03 * lean)
        draw.polygon([at(0.20, 0.03), elbow, tip, at(-0.05, 0.16 * lift), at(-0.10, 0.0)], fill=225)
    mask = sheet.reduce(FINE)
    white = Image.new("L", mask.size, 255)
    return Image.merge("RGBA", (white, white, white, mask))


DRAWN = {"snow": _flake, "rain": _drop, "petals": _petal, "leaves": _leaf, "fireflies": _firefly}
