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
    """Handfuls differ a little: some are a shade deeper, the others lighter."""
    if number % 2:
        return mix(shade, (1.0, 0.99, 0.94), 0.08 + 0.05 * number)
    deep = 0.93 - 0.035 * number
    return shade[0] * deep, shade[1] * deep * 0.985, shade[2] * deep


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
    _limb(cut, (x, -0.02), pi / 2 + chance.normal(0, 0.07), 0.250 * tall, 0.062 * tall, 6, chance, tips)


def _limb(
    cut: Cutting,
    at: Point,
    angle: float,
    long: float,
    thick: float,
    depth: int,
    chance: np.random.Generator,
    tips: Tips,
) -> None:
    """A limb that bends a little on its way, and the limbs it forks into."""
    slim, bow = 0.70 * thick, chance.normal(0, 0.16)
    for n in range(3):
        turned = angle + bow * (n - 1)
        end = at[0] + long / 3 * cos(turned), at[1] + long / 3 * sin(turned)
        cut.line([at, end], thick=thick + (slim - thick) * (n + 0.5) / 3)
        half = (thick + (slim - thick) * (n + 1) / 3) / 2
        cut.ellipse(end[0] - half, end[1] - half, end[0] + half, end[1] + half)
        at = end
    if depth <= 4:
        tips.append((at[0], at[1], long))
    if depth == 0:
        return
    for turn in (-1, 1) if depth < 5 else (-1.25, 0.08, 1.15):
        bend = angle + turn * chance.uniform(0.28, 0.60) + 0.016 * (pi / 2 - angle)
        _limb(
            cut, at, bend, long * chance.uniform(0.70, 0.90), slim * chance.uniform(0.86, 1.0), depth - 1, chance, tips
        )


def _pine(cut: Cutting, x: float, tall: float, chance: np.random.Generator, tips: Tips) -> None:
    """A Korean red pine: a winding trunk, limbs that reach out flat, each with its cloud of needles."""
    lean = chance.choice((-1, 1)) * chance.uniform(0.10, 0.16)
    spine = [(x + lean * tall * sin(5.2 * n / 20) * (0.4 + n / 25), -0.02 + tall * 0.92 * n / 20) for n in range(21)]
    for n, (one, two) in enumerate(pairwise(spine)):
        cut.line([one, two], thick=0.052 * tall * (1 - 0.72 * n / 20))
    for number, n in enumerate((9, 11, 13, 15, 17, 19, 20)):
        foot, side = spine[n], 1 if number % 2 else -1
        reach = tall * chance.uniform(0.20, 0.34) * (1.30 - 0.85 * n / 20) * (n < 20)
        end = foot[0] + side * reach, foot[1] + tall * chance.uniform(0.02, 0.07)
        knee = foot[0] + side * 0.5 * reach, foot[1] - 0.004 * tall
        cut.line([foot, knee, end], thick=0.015 * tall)
        tips.append((end[0], end[1], tall * chance.uniform(0.13, 0.19) * (1.25 - 0.5 * n / 20)))
        tips.append((knee[0], knee[1] + 0.022 * tall, tall * 0.10))


def _willow(cut: Cutting, x: float, tall: float, chance: np.random.Generator, tips: Tips) -> None:
    """A short trunk, arching limbs, long hanging twigs."""
    spine = [(x + 0.05 * tall * sin(2.6 * n / 10), -0.02 + 0.50 * tall * n / 10) for n in range(11)]
    for n, (one, two) in enumerate(pairwise(spine)):
        cut.line([one, two], thick=0.085 * tall * (1 - 0.45 * n / 10))
    for number in range(19):
        angle, reach = 0.30 + (pi - 0.60) * number / 18 + chance.normal(0, 0.06), tall * chance.uniform(0.26, 0.52)
        top = spine[int(chance.integers(7, 11))]
        along, rise = reach * cos(angle), reach * sin(angle)
        curve = [
            (top[0] + along * s, top[1] + rise * (1.75 * s - 0.85 * s * s)) for s in np.linspace(0, 1, 14).tolist()
        ]
        for n, (one, two) in enumerate(pairwise(curve)):
            cut.line([one, two], thick=0.016 * tall * (1 - 0.8 * n / 13))
        tips += [(px, py, tall * chance.uniform(0.20, 0.52)) for px, py in curve[4:]]


def _leaves(cut: Cutting, x: float, y: float, spread: float, tall: float, chance: np.random.Generator, _: int) -> None:
    """Small leaves (or blossoms) around the end of a twig."""
    reach = 0.030 * tall + 0.34 * spread
    count = 11
    places, sizes = chance.normal(0, 0.55, (count, 2)) * reach, tall * chance.uniform(0.0032, 0.0084, count)
    for (dx, dy), r in zip(places.tolist(), sizes.tolist(), strict=True):
        cut.ellipse(x + dx - r, y + dy - 0.78 * r, x + dx + r, y + dy + 0.78 * r)


def _needles(
    cut: Cutting, x: float, y: float, spread: float, tall: float, chance: np.random.Generator, number: int
) -> None:
    """A flat-footed cloud of tufts, rounded above; the later handfuls lie higher and are smaller."""
    half = spread * (1 - 0.11 * number)
    for _ in range(15):
        at = float(np.clip(chance.normal(0, 0.42), -1, 1))
        r = spread * chance.uniform(0.10, 0.19) * (1.1 - 0.4 * abs(at))
        px, py = x + at * half, y + 0.010 * tall * number + spread * 0.16 * (1 - at * at) * chance.uniform(0, 1)
        cut.ellipse(px - 1.25 * r, py - 0.45 * r, px + 1.25 * r, py + r)
        for n in range(-2, 3):
            tip = px + (0.42 * n + chance.normal(0, 0.1)) * r, py + (1.32 - 0.06 * n * n) * r
            cut.line([(px + 0.3 * n * r, py + 0.3 * r), tip], thick=0.0026 * tall)


def _hanging(cut: Cutting, x: float, y: float, spread: float, tall: float, chance: np.random.Generator, _: int) -> None:
    """A hanging twig with narrow leaves."""
    if chance.random() < 0.30:
        return
    sway = chance.normal(0.02, 0.035) * tall
    twig = [(x + sway * s * s, y - spread * s) for s in np.linspace(0, 1, 15).tolist()]
    cut.line(twig, thick=0.0016 * tall)
    for n, (px, py) in enumerate(twig):
        r, side = 0.0052 * tall, 1 if n % 2 else -1
        cut.shape(
            [(px, py), (px + side * 1.1 * r, py - 1.5 * r), (px + side * 1.0 * r, py - 3.3 * r), (px, py - 1.2 * r)]
        )
        cut.shape(
            [(px, py - r), (px - side * 0.9 * r, py - 2.4 * r), (px - side * 0.7 * r, py - 4.0 * r), (px, py - 2 * r)]
        )


LEAVES = {"pine": _needles, "willow": _hanging}
