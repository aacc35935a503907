"""The ground of the sea in four depths: ridges with corals, cut from paper."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin

import numpy as np

from media.art.paper import Cutting

Cut = Callable[[Cutting], None]
# How high a depth's ridge stands, how much it moves, how many corals a unit.
DEPTHS = ((0.30, 0.17, 3.0), (0.19, 0.10, 6.0), (0.105, 0.065, 9.0), (0.035, 0.045, 7.0))


def of_depth(depth: int, wide: float) -> Cut:
    """The sheet of a depth, 0 the farthest, on a canvas of that many units."""

    def cutting(cut: Cutting) -> None:
        chance, x, line = _ridge(depth, wide)
        cut.shape([(-0.1, -0.1), *zip(x.tolist(), line.tolist(), strict=True), (wide + 0.1, -0.1)])
        for _ in range(round(DEPTHS[depth][2] * wide)):
            at = chance.uniform(0, wide)
            foot = float(np.interp(at, x, line)) - 0.008
            GROWTHS[int(chance.integers(len(GROWTHS)))](cut, at, foot, 0.050 + 0.018 * depth, chance)

    return cutting


def garden(depth: int, wide: float, hue: int) -> Cut:
    """Corals of one colour on the ridge of a depth, in clusters."""

    def cutting(cut: Cutting) -> None:
        _, x, line = _ridge(depth, wide)
        chance = np.random.default_rng([7, depth, hue])
        for _ in range(max(2, round(1.15 * wide))):
            middle = chance.uniform(0.02, wide - 0.02)
            for _ in range(int(chance.integers(2, 6))):
                at = middle + chance.normal(0, 0.045)
                foot = float(np.interp(at, x, line)) - 0.006
                BLOOMS[int(chance.integers(len(BLOOMS)))](cut, at, foot, 0.036 + 0.009 * depth, chance)

    return cutting


def _ridge(depth: int, wide: float) -> tuple[np.random.Generator, np.ndarray, np.ndarray]:
    chance = np.random.default_rng(100 + depth)
    high, moved, _ = DEPTHS[depth]
    starts = chance.uniform(0, 6.28, 5)
    x = np.arange(-0.06, wide + 0.06, 0.004)
    return chance, x, high + moved * _rolling(x, starts, depth)


def _rolling(x: np.ndarray, starts: np.ndarray, depth: int) -> np.ndarray:
    slow = 0.55 * np.sin(1.7 * x + starts[0]) + 0.30 * np.sin(3.9 * x + starts[1])
    quick = 0.12 * np.sin(11.3 * x + starts[2]) + 0.05 * np.sin((31 + 5 * depth) * x + starts[3])
    steep = 0.25 * np.tanh(3 * np.sin(2.3 * x + starts[4]))
    found: np.ndarray = slow + quick + steep
    return found


def _fan(cut: Cutting, x: float, foot: float, size: float, chance: np.random.Generator) -> None:
    """A branching coral."""
    _branch(cut, (x, foot), pi / 2 + chance.normal(0, 0.15), size * chance.uniform(0.5, 0.8), size * 0.13, 4, chance)


def _branch(
    cut: Cutting,
    at: tuple[float, float],
    angle: float,
    long: float,
    thick: float,
    depth: int,
    chance: np.random.Generator,
) -> None:
    end = at[0] + long * cos(angle), at[1] + long * sin(angle)
    cut.line([at, end], thick=thick)
    cut.ellipse(end[0] - thick / 2, end[1] - thick / 2, end[0] + thick / 2, end[1] + thick / 2)
    if depth:
        for turn in (-0.5, 0.45):
            bend = angle + turn * chance.uniform(0.6, 1.2)
            _branch(cut, end, bend, long * chance.uniform(0.6, 0.8), thick * 0.78, depth - 1, chance)


def _brain(cut: Cutting, x: float, foot: float, size: float, chance: np.random.Generator) -> None:
    """A round coral, low."""
    wide, tall = size * chance.uniform(0.6, 1.1), size * chance.uniform(0.4, 0.75)
    cut.ellipse(x - wide, foot - tall, x + wide, foot + tall)
    cut.ellipse(x + 0.4 * wide, foot - tall, x + 1.5 * wide, foot + 0.6 * tall)


def _tubes(cut: Cutting, x: float, foot: float, size: float, chance: np.random.Generator) -> None:
    """A stand of tube sponges."""
    for n in range(int(chance.integers(3, 7))):
        at, tall, half = x + (n - 2) * size * 0.26, size * chance.uniform(0.5, 1.5), size * chance.uniform(0.08, 0.13)
        cut.shape(
            [(at - half * 0.7, foot), (at - half, foot + tall), (at + half, foot + tall), (at + half * 0.7, foot)]
        )
        cut.ellipse(at - half, foot + tall - half * 0.5, at + half, foot + tall + half * 0.5)


def _sponge(cut: Cutting, x: float, foot: float, size: float, chance: np.random.Generator) -> None:
    """Round heads on short stems."""
    for n in range(int(chance.integers(4, 8))):
        at, tall, r = x + (n - 3) * size * 0.24, size * chance.uniform(0.3, 1.1), size * chance.uniform(0.13, 0.24)
        cut.line([(x + (at - x) * 0.5, foot), (at, foot + tall)], thick=size * 0.05)
        cut.ellipse(at - r, foot + tall - r, at + r, foot + tall + r)


def _table(cut: Cutting, x: float, foot: float, size: float, chance: np.random.Generator) -> None:
    """A table coral on its stem."""
    for _ in range(int(chance.integers(1, 3))):
        tall, half = size * chance.uniform(0.5, 1.2), size * chance.uniform(0.7, 1.3)
        shift = size * chance.normal(0, 0.3)
        cut.shape(
            [
                (x - size * 0.08, foot),
                (x + shift - half * 0.5, foot + tall),
                (x + shift + half * 0.5, foot + tall),
                (x + size * 0.08, foot),
            ]
        )
        cut.ellipse(x + shift - half, foot + tall - size * 0.10, x + shift + half, foot + tall + size * 0.12)


def _feather(cut: Cutting, x: float, foot: float, size: float, chance: np.random.Generator) -> None:
    """A tuft of fine blades."""
    for _ in range(9):
        lean, tall = chance.normal(0, 0.32), size * chance.uniform(0.8, 1.7)
        tip = x + lean * tall, foot + tall
        cut.shape(
            [
                (x - size * 0.05, foot),
                (x + lean * tall * 0.4 - size * 0.045, foot + tall * 0.6),
                tip,
                (x + lean * tall * 0.4 + size * 0.045, foot + tall * 0.6),
                (x + size * 0.05, foot),
            ]
        )


GROWTHS = (_fan, _fan, _brain, _tubes, _table, _feather)
BLOOMS = (_fan, _fan, _fan, _tubes, _feather, _sponge)
