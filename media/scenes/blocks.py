"""The houses of two Seouls, today's and tomorrow's: each a sheet of its own with its own time to come and to go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np

from media.art import landmarks
from media.art.paper import Colour, Cutting, colour
from media.geometry import Size
from media.scenes.lamps import Box
from media.scenes.rhythm import smooth
from media.scenes.sheets import Sheet

# How much of the whole change one house takes.
SOFT = 0.55
SHADES = {
    "today": ("#cfc7bb", "#b9bfc5", "#d8cdbd", "#a8b3bb", "#c6b5a6", "#dcd6cb"),
    "tomorrow": ("#cfe2d9", "#b5d6d2", "#e2e9df", "#a4c9c8", "#d6e3e6"),
    "both": ("#c9bfae", "#b8b2a8", "#cfc5b4"),
}
# Of a row: how high its houses, how broad, how far away.
ROWS = (
    ((0.15, 0.36), (0.030, 0.066), 0.62),
    ((0.09, 0.27), (0.034, 0.078), 0.36),
    ((0.035, 0.125), (0.040, 0.090), 0.14),
)
Draw = Callable[[Cutting, float, float, np.random.Generator], None]


@dataclass(frozen=True, slots=True)
class House:
    """One house on the canvas: whose it is, when it changes (0…1), its colours, its sheet and its windows."""

    era: str
    order: float
    shade: Colour
    flood: Colour | None
    sheet: Sheet
    shadow: Sheet
    windows: tuple[Box, ...]

    def there(self, change: float) -> float:
        """How much of it stands when the city has changed so far; the new one is there before the old one goes."""
        if self.era == "both":
            return 1.0
        way = (change * (1 + SOFT) - self.order) / SOFT
        return smooth(1.7 * way) if self.era == "tomorrow" else 1 - smooth(1.7 * way - 0.7)


@dataclass(frozen=True, slots=True)
class Plan:
    """A house to be built: how it is drawn, its size in units, whose it is, its row, its colour and its floodlight."""

    draw: Draw
    wide: float
    tall: float
    era: str
    row: int
    shade: Colour
    flood: Colour | None = None


class Builder:
    """Builds houses on a canvas; places and sizes in units, feet on the row `base`."""

    def __init__(self, canvas: Size, unit: float, base: float) -> None:
        self._wide, self._unit, self._base = canvas[0] / unit, unit, base

    def row(self, number: int, era: str) -> list[House]:
        """A whole row of plain houses."""
        chance = np.random.default_rng(1000 * number + len(era))
        (low, high), broad, _ = ROWS[number]
        found, x, place = [], -0.04, 0
        while x < self._wide + 0.02:
            wide = chance.uniform(*broad)
            grown = 0.58 + 0.30 * sin(2.3 * x + number + len(era)) + 0.12 * sin(5.9 * x + 2)
            tall = low + (high - low) * chance.beta(1.3, 2.2) * grown * 1.35
            if era == "tomorrow":
                wide, tall = wide * 0.92, tall * 1.18
            kinds = TODAY if era == "today" else TOMORROW
            draw = kinds[int(chance.integers(len(kinds)))]
            shade = colour(SHADES[era][int(chance.integers(len(SHADES[era])))])
            found.append(self.house(Plan(draw, wide, tall, era, number, shade), x + wide / 2, seed=place))
            x += wide * chance.choice((0.82, 0.95, 1.04, 1.3, 1.8) if era == "today" else (0.9, 1.15, 1.6, 2.2))
            place += 1
        return found

    def house(self, plan: Plan, x: float, *, seed: int) -> House:
        """One house whose middle stands at `x`."""
        chance = np.random.default_rng([seed, plan.row, len(plan.era), 5])
        room = 0.75 * plan.wide + 0.01
        size = round(2 * room * self._unit), round((1.22 * plan.tall + 0.05) * self._unit)
        cut = Cutting(*size, horizon=1.0, unit=self._unit)
        plan.draw(cut, room, plan.tall, chance)
        sheet = _cropped(cut, (round((x - room) * self._unit), round(self._base - size[1])))
        order = 0.5 + 0.42 * sin(1.9 * x / max(1.0, self._wide) * pi + plan.row) + chance.normal(0, 0.17)
        windows = tuple(self._windows(x, plan.wide, plan.tall, chance)) if plan.draw in PLAIN else ()
        shadow = sheet.soft(0.007 * self._unit)
        return House(plan.era, min(1.0, max(0.0, order)), plan.shade, plan.flood, sheet, shadow, windows)

    def _windows(self, x: float, wide: float, tall: float, chance: np.random.Generator) -> list[Box]:
        across, down = 0.0036, 0.0048
        columns, rows = int((0.86 * wide - across) / (1.9 * across)), int((tall - 0.020) / (1.75 * down))
        often, found = chance.uniform(0.22, 0.62), []
        left = x - 0.43 * wide + (0.86 * wide - columns * 1.9 * across) / 2
        for column in range(columns):
            for row in range(rows):
                if chance.random() < often:
                    at, top = left + (column + 0.24) * 1.9 * across, tall - 0.010 - row * 1.75 * down
                    found.append(
                        (
                            at * self._unit,
                            self._base - top * self._unit,
                            (at + across) * self._unit,
                            self._base - (top - down) * self._unit,
                        )
                    )
        return found


def _cropped(cut: Cutting, corner: tuple[int, int]) -> Sheet:
    image = cut.sheet()
    left, top, right, foot = image.getbbox() or (0, 0, 1, 1)
    return Sheet(np.asarray(image.crop((left, top, right, foot))).copy(), corner[0] + left, corner[1] + top)


def _half(cut_room: float) -> float:
    """Half a house's width from the room it was given."""
    return (cut_room - 0.01) / 1.5


def _flat(cut: Cutting, x: float, tall: float, chance: np.random.Generator) -> None:
    """A block of flats with its floors."""
    half = _half(x)
    cut.box(x - half, -0.01, x + half, tall)
    _floors(cut, x, half, tall, 0.0084)
    if chance.random() < 0.6:
        cut.box(x - half * 0.3, tall, x + half * 0.35, tall + 0.010)


def _glass(cut: Cutting, x: float, tall: float, chance: np.random.Generator) -> None:
    """A tower of glass with fine uprights and a mast or a crown."""
    half = 0.86 * _half(x)
    slant = half * chance.choice((-0.9, 0.0, 0.0, 0.9))
    cut.shape(
        [(x - half, -0.01), (x - half, tall - max(0, slant)), (x + half, tall + min(0, slant)), (x + half, -0.01)]
    )
    for n in range(1, 6):
        at = x - half + 2 * half * n / 6
        cut.score([(at, 0.0), (at, tall)], thick=0.0010, ink=208)
    if chance.random() < 0.35:
        cut.line([(x, tall - 0.01), (x, tall * 1.14)], thick=0.0018)


def _stepped(cut: Cutting, x: float, tall: float, _: np.random.Generator) -> None:
    """A tower that steps back as it rises."""
    half = _half(x)
    for share, level in ((1.0, 0.55), (0.78, 0.80), (0.52, 0.94), (0.24, 1.0)):
        cut.box(x - half * share, -0.01, x + half * share, tall * level)
    _floors(cut, x, half * 0.7, tall * 0.9, 0.0110)


def _twins(cut: Cutting, x: float, tall: float, chance: np.random.Generator) -> None:
    """Two slim towers that share a bridge in the air."""
    half = _half(x)
    for side, level in ((-1, 1.0), (1, chance.uniform(0.78, 0.95))):
        middle = x + side * 0.58 * half
        top = tall * level
        cut.shape(
            [
                (middle - 0.40 * half, -0.01),
                (middle - 0.26 * half, top),
                (middle + 0.26 * half, top),
                (middle + 0.40 * half, -0.01),
            ]
        )
        cut.ellipse(middle - 0.26 * half, top - 0.26 * half, middle + 0.26 * half, top + 0.26 * half)
    for level in (0.42, 0.66):
        cut.box(x - 0.4 * half, tall * level, x + 0.4 * half, tall * level + 0.008)
    _garden(cut, x, 0.4 * half, tall * 0.66 + 0.008, chance)


def _sail(cut: Cutting, x: float, tall: float, chance: np.random.Generator) -> None:
    """A tower bent like a sail."""
    half, side = _half(x), chance.choice((-1, 1))
    outer = [(x + side * half * (0.85 * cos(0.5 * pi * n / 20) ** 0.7), tall * n / 20) for n in range(21)]
    inner = [(x - side * half * (0.85 - 0.62 * (n / 20) ** 2.2), tall * n / 20) for n in range(21)]
    cut.shape([*outer, *reversed(inner)])
    for n in range(2, 19, 2):
        slope = [(x - side * half * 0.9, tall * (n - 1.2) / 20), (x + side * half * 0.9, tall * (n + 1.2) / 20)]
        cut.score(slope, thick=0.0010, ink=208)


def _terraces(cut: Cutting, x: float, tall: float, chance: np.random.Generator) -> None:
    """A hill of gardens, one house upon the other."""
    half = _half(x)
    steps = max(4, round(tall / 0.034))
    for n in range(steps):
        share = 1 - 0.72 * (n / steps) ** 1.2
        shift = 0.16 * half * sin(2.1 * n + chance.uniform(0, 0.4))
        left, right, top = x + shift - share * half, x + shift + share * half, tall * (n + 1) / steps
        cut.box(left, tall * n / steps - 0.01, right, top - 0.0035)
        cut.box(left - 0.002, top - 0.006, right + 0.002, top - 0.0035)
        _garden(cut, x + shift, share * half, top - 0.004, chance)


def _pod(cut: Cutting, x: float, tall: float, _: np.random.Generator) -> None:
    """A rounded tower like a seed, in rings."""
    half = 0.82 * _half(x)
    side = [(half * sin(pi * (0.16 + 0.80 * n / 26)) ** 0.75, tall * n / 26) for n in range(27)]
    cut.shape([*((x - wide, y) for wide, y in side), *((x + wide, y) for wide, y in reversed(side))])
    for n in range(3, 26, 2):
        cut.score([(x - half, tall * n / 26), (x + half, tall * (n + 0.4) / 26)], thick=0.0010, ink=205)


def _floors(cut: Cutting, x: float, half: float, tall: float, each: float) -> None:
    for n in range(1, int((tall - 0.004) / each)):
        cut.score([(x - half, n * each), (x + half, n * each)], thick=0.0011, ink=216)


def _garden(cut: Cutting, x: float, half: float, foot: float, chance: np.random.Generator) -> None:
    for _ in range(max(3, round(half / 0.0065))):
        at, r = x + half * chance.uniform(-0.92, 0.92), chance.uniform(0.0022, 0.0050)
        cut.ellipse(at - r, foot - 0.3 * r, at + r, foot + 1.7 * r)


def city_hall(cut: Cutting, x: float, tall: float, _: np.random.Generator) -> None:
    """Seoul City Hall: a wave of glass, whose crest leans over what stands before it."""
    half = _half(x)
    crest = [(-0.62, 0.0), (-0.66, 0.34), (-0.60, 0.58), (-0.44, 0.80), (-0.20, 0.94), (0.10, 1.0), (0.40, 0.97)]
    crest += [(0.66, 0.86), (0.86, 0.68), (0.93, 0.56), (0.84, 0.50), (0.72, 0.40), (0.66, 0.20), (0.66, 0.0)]
    cut.shape([(x + u * half, v * tall) for u, v in crest])
    for n in range(1, 12):
        rise = n / 12
        line = [(x + (-0.7 + 1.7 * s) * half, tall * rise * (0.52 + 0.50 * sin(pi * (0.10 + 0.66 * s)))) for s in GLASS]
        cut.score(line, thick=0.0022, ink=150)
    for n in range(1, 15):
        at = -0.62 + 1.5 * n / 15
        lean = [(x + (at + 0.10 * rise * rise) * half, tall * rise) for rise in GLASS]
        cut.score(lean, thick=0.0012, ink=190)


def old_hall(cut: Cutting, x: float, tall: float, _: np.random.Generator) -> None:
    """The old stone hall before it, now a library: two wings and a clock tower."""
    half = _half(x)
    cut.box(x - half, -0.01, x + half, 0.62 * tall)
    cut.box(x - 1.02 * half, 0.60 * tall, x + 1.02 * half, 0.66 * tall)
    cut.box(x - 0.17 * half, 0.62 * tall, x + 0.17 * half, 0.88 * tall)
    cut.shape(landmarks.dome(x, 0.88 * tall, 0.13 * half, 0.12 * tall))
    for n in range(-8, 9):
        for foot, top in ((0.08, 0.26), (0.36, 0.54)):
            at = x + n * 0.112 * half
            cut.score([(at, foot * tall), (at, top * tall)], thick=0.042 * half, ink=150)
    cut.score([(x - 0.05 * half, 0.76 * tall), (x + 0.05 * half, 0.76 * tall)], thick=0.10 * half, ink=120)


def gate(cut: Cutting, x: float, _tall: float, _: np.random.Generator) -> None:
    """The great south gate."""
    landmarks.palace_gate(cut, x, 2 * _half(x))


def golden_slab(cut: Cutting, x: float, tall: float, _: np.random.Generator) -> None:
    """The golden slab on the river island: slightly wider at its foot."""
    half = _half(x)
    cut.shape(
        [
            (x - half, -0.01),
            (x - 0.92 * half, 0.25 * tall),
            (x - 0.72 * half, tall),
            (x + 0.72 * half, tall),
            (x + 0.92 * half, 0.25 * tall),
            (x + half, -0.01),
        ]
    )
    _floors(cut, x, half, tall, 0.0074)


def great_tower(cut: Cutting, x: float, tall: float, _: np.random.Generator) -> None:
    """The tallest tower."""
    landmarks.tapered_tower(cut, x, tall)
    _floors(cut, x, 0.07 * tall, 0.8 * tall, 0.0105)


def ring(cut: Cutting, x: float, tall: float, _: np.random.Generator) -> None:
    """The great wheel without spokes."""
    landmarks.great_wheel(cut, x, tall)


def hanging_gardens(cut: Cutting, x: float, tall: float, _: np.random.Generator) -> None:
    """A tower of terraces that turn as they rise."""
    landmarks.green_tower(cut, x, tall, lean=0.05)


GLASS = [n / 15 for n in range(16)]
TODAY: tuple[Draw, ...] = (_flat, _flat, _flat, _glass, _glass, _stepped)
TOMORROW: tuple[Draw, ...] = (_twins, _sail, _terraces, _terraces, _pod, _glass)
PLAIN = frozenset({_flat, _glass, _stepped, _terraces, _sail})
