"""Trees that live through the year: bare wood, and leaves in handfuls that come, turn and fall one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, pi, sin

import numpy as np
from PIL import Image

from media.art.paper import Colour, Cutting, Point, colour, mix
from media.scenes.rhythm import smooth
from media.scenes.sheets import Sheet
from media.scenes.weather import by_day

HANDFULS = 5
Days = tuple[tuple[float, float, str], ...]
# Day of the year, share of leaves (or blossom), colour.
CALENDAR: dict[str, Days] = {
    "cherry": (
        (86, 0.0, "#f3c9d4"), (93, 0.35, "#f6c6d3"), (98, 1.0, "#f8d3dd"), (104, 1.0, "#f9dde4"),
        (110, 0.45, "#e7cfc0"),
        (116, 0.65, "#b4cc80"), (140, 1.0, "#6ba552"), (205, 1.0, "#3d7d47"), (268, 1.0, "#678f48"),
        (290, 1.0, "#c98a3e"),
        (302, 0.95, "#c95f35"), (313, 0.55, "#ad4a30"), (323, 0.15, "#8f4a32"), (331, 0.0, "#8f4a32"),
    ),
    "maple": (
        (100, 0.0, "#cfd27e"), (113, 0.55, "#c4d47c"), (132, 1.0, "#74b052"), (200, 1.0, "#3c8048"),
        (276, 1.0, "#6f9240"),
        (297, 1.0, "#d8912f"), (307, 1.0, "#d8502b"), (318, 0.75, "#c23a2d"), (328, 0.25, "#9c3a2d"),
        (337, 0.0, "#8c3c2e"),
    ),
    "ginkgo": (
        (104, 0.0, "#d3e08a"), (117, 0.6, "#c8dc7a"), (140, 1.0, "#84b84c"), (200, 1.0, "#569547"),
        (283, 1.0, "#a7b440"),
        (303, 1.0, "#f0c233"), (316, 1.0, "#f4bb2a"), (324, 0.45, "#e5aa2c"), (331, 0.0, "#d79c2e"),
    ),
    "willow": (
        (76, 0.0, "#d6e08c"), (84, 0.45, "#d2de86"), (97, 0.9, "#b9d76c"), (130, 1.0, "#88be5a"),
        (205, 1.0, "#5d9b4e"),
        (288, 1.0, "#9fac50"), (316, 0.9, "#c9b24c"), (335, 0.4, "#bd9f50"), (348, 0.0, "#ad9250"),
    ),
    "oak": (
        (1, 1.0, "#8c8076"), (84, 1.0, "#978a7c"), (96, 1.0, "#b3a58e"), (112, 1.0, "#aac36f"),
        (136, 1.0, "#6ea655"),
        (205, 1.0, "#3d7b47"), (272, 1.0, "#5c8243"), (293, 1.0, "#b9903c"), (305, 1.0, "#bd6a32"),
        (319, 1.0, "#95603c"),
        (336, 1.0, "#8f7f70"), (365, 1.0, "#8c8076"),
    ),
    "spring": (
        (1, 0.0, "#efc3cf"), (88, 0.0, "#efc3cf"), (97, 0.9, "#f4cdd8"), (107, 1.0, "#f2cbd3"),
        (118, 0.5, "#c9d391"),
        (138, 1.0, "#7fb45c"), (205, 1.0, "#468750"), (274, 1.0, "#748f43"), (294, 1.0, "#d1862f"),
        (304, 1.0, "#cf4f2e"),
        (316, 0.8, "#a54230"), (330, 0.0, "#8f5a48"), (365, 0.0, "#8f5a48"),
    ),
    "pine": (
        (1, 1.0, "#37574b"), (120, 1.0, "#3b6b4c"), (200, 1.0, "#2f6244"), (300, 1.0, "#355c48"), (365, 1.0, "#37574b"),
    ),
    "grass": (
        (1, 1.0, "#b3a67e"), (75, 1.0, "#b5ab7a"), (100, 1.0, "#9fbf68"), (135, 1.0, "#79b057"),
        (205, 1.0, "#4f9449"),
        (275, 1.0, "#86a352"), (305, 1.0, "#b7a557"), (335, 1.0, "#b39f6e"), (365, 1.0, "#b3a67e"),
    ),
    "reed": (
        (1, 1.0, "#cdbd98"), (90, 0.7, "#c2b184"), (130, 0.4, "#9dbb66"), (205, 0.5, "#74a054"),
        (262, 0.8, "#b9b07c"),
        (285, 1.0, "#e4d8bd"), (320, 1.0, "#e9dfca"), (365, 1.0, "#cdbd98"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree as it stands on the canvas."""

    kind: str
    wood: Sheet
    handfuls: Sequence[Sheet]


def foliage(kind: str, day: float) -> tuple[float, Colour]:
    """How much a kind bears on a day of the year, and its colour."""
    days = CALENDAR[kind]
    share = by_day(tuple((at, much) for at, much, _ in days), day)
    shades = [colour(text) for _, _, text in days]
    red, green, blue = (
        by_day(tuple((days[n][0], shades[n][part]) for n in range(len(days))), day) for part in range(3)
    )
    return share, (red, green, blue)


def borne(share: float, number: int) -> float:
    """How much of one handful hangs, when a share of all does: they come and fall one after the other."""
    return smooth(share * HANDFULS - number)


def handful_shade(shade: Colour, number: int) -> Colour:
    """Handfuls differ a little: the later ones are lighter."""
    return mix(shade, ((0.06, 0.10, 0.10), (1.0, 0.98, 0.90))[number % 2], 0.05 + 0.05 * number)


def tree(kind: str, at: tuple[float, float], tall: float, unit: float, seed: int) -> Tree:
    """A tree whose foot stands at a point of the canvas, `tall` in units."""
    chance = np.random.default_rng(seed)
    wide, high = 1.9 * tall, 1.45 * tall
    size = round(wide * unit), round(high * unit)
    wood = Cutting(*size, horizon=1.0, unit=unit)
    tips: Tips = []
    grow = {"pine": _pine, "willow": _willow}.get(kind, _broad)
    grow(wood, wide / 2, tall, chance, tips)
    corner = round(at[0] - size[0] / 2), round(at[1] - size[1])
    handfuls = []
    for number in range(HANDFULS):
        leaves = Cutting(*size, horizon=1.0, unit=unit)
        for x, y, spread in tips:
            LEAVES.get(kind, _leaves)(leaves, x, y, spread, tall, chance, number)
        handfuls.append(_sheet(leaves.sheet(), corner))
    return Tree(kind, _sheet(wood.sheet(), corner), handfuls)


def _sheet(image: Image.Image, corner: tuple[int, int]) -> Sheet:
    left, top, right, foot = image.getbbox() or (0, 0, 1, 1)
    return Sheet(np.asarray(image.crop((left, top, right, foot))).copy(), corner[0] + left, corner[1] + top)


Tips = list[tuple[float, float, float]]


def _broad(cut: Cutting, x: float, tall: float, chance: np.random.Generator, tips: Tips) -> None:
    """A trunk that forks into a wide crown."""
    _limb(cut, (x, -0.02), pi / 2 + chance.normal(0, 0.07), 0.255 * tall, 0.066 * tall, 6, chance, tips, 0.16)


def _limb(
    cut: Cutting, at: tuple[float, float], angle: float, long: float, thick: float, depth: int,
    chance: np.random.Generator, tips: Tips, lift: float,
) -> None:  # fmt: skip
    end = at[0] + long * cos(angle), at[1] + long * sin(angle)
    slim = 0.68 * thick
    side = (-sin(angle), cos(angle))
    root, top = (thick / 2 * side[0], thick / 2 * side[1]), (slim / 2 * side[0], slim / 2 * side[1])
    cut.shape([_plus(at, root, 1), _plus(end, top, 1), _plus(end, top, -1), _plus(at, root, -1)])
    cut.ellipse(end[0] - slim / 2, end[1] - slim / 2, end[0] + slim / 2, end[1] + slim / 2)
    if depth <= 4:
        tips.append((end[0], end[1], long))
    if depth == 0:
        return
    for turn in (-1, 1) if depth < 5 else (-1.25, 0.08, 1.15):
        bend = angle + turn * chance.uniform(0.30, 0.62) + 0.10 * (pi / 2 - angle) * lift
        _limb(cut, end, bend, long * chance.uniform(0.72, 0.88), slim, depth - 1, chance, tips, lift)


def _plus(point: Point, step: Point, sign: int) -> Point:
    return point[0] + sign * step[0], point[1] + sign * step[1]


def _pine(cut: Cutting, x: float, tall: float, chance: np.random.Generator, tips: Tips) -> None:
    """A Korean red pine: a leaning, winding trunk with flat clouds of needles."""
    lean = chance.choice((-1, 1)) * chance.uniform(0.10, 0.20)
    spine = [(x + lean * tall * sin(2.6 * n / 20) * 0.8, -0.02 + tall * 0.9 * n / 20) for n in range(21)]
    for n, (one, two) in enumerate(pairwise(spine)):
        cut.line([one, two], thick=0.050 * tall * (1 - 0.75 * n / 20))
    for n in (9, 11, 13, 15, 17, 19, 20):
        foot = spine[n]
        for side in (-1, 1):
            reach = tall * chance.uniform(0.10, 0.30) * (1.25 - 0.5 * n / 20)
            end = foot[0] + side * reach, foot[1] + tall * chance.uniform(0.0, 0.06)
            cut.line([foot, end], thick=0.012 * tall)
            tips.append((end[0] - side * 0.3 * reach, end[1] + 0.01 * tall, 0.9 * reach + 0.05 * tall))


def _willow(cut: Cutting, x: float, tall: float, chance: np.random.Generator, tips: Tips) -> None:
    """A short trunk, arching limbs, long hanging twigs."""
    top = (x + 0.03 * tall, 0.48 * tall)
    cut.shape(
        [
            (x - 0.045 * tall, -0.02),
            (top[0] - 0.026 * tall, top[1]),
            (top[0] + 0.026 * tall, top[1]),
            (x + 0.045 * tall, -0.02),
        ]
    )
    for _ in range(17):
        angle, reach = chance.uniform(0.25, pi - 0.25), tall * chance.uniform(0.22, 0.44)
        curve = [
            (top[0] + reach * cos(angle) * s, top[1] + reach * sin(angle) * (1.7 * s - 0.75 * s * s))
            for s in np.linspace(0, 1, 12)
        ]
        cut.line(curve, thick=0.011 * tall)
        for px, py in curve[4:]:
            tips.append((px, py, tall * chance.uniform(0.16, 0.42)))


def _leaves(cut: Cutting, x: float, y: float, spread: float, tall: float, chance: np.random.Generator, _: int) -> None:
    reach = 0.036 * tall + 0.34 * spread
    for _ in range(5):
        r = tall * chance.uniform(0.0060, 0.0135)
        px, py = x + chance.normal(0, 0.6) * reach, y + chance.normal(0.1, 0.55) * reach
        cut.ellipse(px - r, py - 0.8 * r, px + r, py + 0.8 * r)


def _needles(
    cut: Cutting, x: float, y: float, spread: float, tall: float, chance: np.random.Generator, number: int
) -> None:
    for _ in range(3):
        half = spread * chance.uniform(0.45, 0.75)
        px, py = x + chance.normal(0, 0.25) * spread, y + 0.012 * tall * number + chance.normal(0, 0.010) * tall
        cut.ellipse(px - half, py - 0.20 * half, px + half, py + 0.34 * half)
        for n in range(-5, 6):
            at = px + n * half / 6
            cut.line([(at, py), (at + chance.normal(0, 0.006) * tall, py + 0.42 * half)], thick=0.0045 * tall)


def _hanging(cut: Cutting, x: float, y: float, spread: float, tall: float, chance: np.random.Generator, _: int) -> None:
    if chance.random() < 0.45:
        return
    sway = chance.normal(0.02, 0.03) * tall
    twig = [(x + sway * s * s, y - spread * s) for s in np.linspace(0, 1, 8)]
    cut.line(twig, thick=0.0022 * tall)
    for px, py in twig:
        r = 0.0065 * tall
        cut.ellipse(px - 0.6 * r, py - 2.0 * r, px + 0.6 * r, py + 0.6 * r)
        cut.ellipse(px - 1.6 * r, py - 1.5 * r, px - 0.2 * r, py + 0.3 * r)
        cut.ellipse(px + 0.2 * r, py - 1.3 * r, px + 1.6 * r, py + 0.5 * r)


LEAVES = {"pine": _needles, "willow": _hanging}
