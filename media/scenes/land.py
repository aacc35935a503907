"""What stands in Seoul, as cut sheets in units: granite ridges, Namsan with its tower, houses, bridges, banks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, pi, sin

import numpy as np

from media.art import landmarks
from media.art.paper import Cutting

Cut = Callable[[Cutting], None]
Line = Callable[[np.ndarray], np.ndarray]


def ridge(line: Line, wide: float, *, step: float = 0.004) -> Cut:
    """Everything beneath a line."""

    def cutting(cut: Cutting) -> None:
        x = np.arange(-0.05, wide + 0.05, step)
        cut.shape([(-0.1, -0.2), *zip(x.tolist(), line(x).tolist(), strict=True), (wide + 0.1, -0.2)])

    return cutting


def granite(wide: float, *, high: float, seed: int, peaks: Sequence[tuple[float, float, float]] = ()) -> Line:
    """A ridge of bare granite: rough at every scale, with peaks (place, height, half width) that stand out."""
    chance = np.random.default_rng(seed)
    knots = [chance.uniform(0, 1, round((wide + 1) * often) + 3) for often in (1.6, 3.4, 7.2, 15, 31, 66, 140)]

    def line(x: np.ndarray) -> np.ndarray:
        found: np.ndarray = np.full_like(x, 0.34)
        for number, throws in enumerate(knots):
            place = (x + 0.3) / (wide + 1) * (len(throws) - 2)
            value = np.interp(place, np.arange(len(throws)), throws)
            found = found + 0.46 * 0.54**number * (1 - np.abs(2 * value - 1) - 0.42)
        for at, tall, half in peaks:
            away = np.abs(x - at) / half
            found = found + tall * np.clip(1 - away, 0, 1) ** 1.25 * (1 + 0.10 * np.sin(31 * x))
        grown: np.ndarray = high * found
        return grown

    return line


def lowered(peaks: Sequence[tuple[float, float, float]], wide: float) -> list[tuple[float, float, float]]:
    """The peaks of a wide canvas on a narrower one, where they stand closer together and would grow into one."""
    share = min(1.0, wide / 3.6)
    return [(at, tall * share, half * max(0.5, share)) for at, tall, half in peaks]


def rolling(*, high: float, moved: float, seed: int) -> Line:
    """A soft line of wooded hills."""
    starts = np.random.default_rng(seed).uniform(0, 6.28, 4)

    def line(x: np.ndarray) -> np.ndarray:
        wave = 0.6 * np.sin(1.3 * x + starts[0]) + 0.3 * np.sin(3.1 * x + starts[1]) + 0.1 * np.sin(8.9 * x + starts[2])
        crowns = 0.0022 * np.abs(np.sin(150 * x + starts[3])) + 0.0016 * np.abs(np.sin(263 * x))
        found: np.ndarray = high + moved * wave + crowns
        return found

    return line


def namsan(at: float, *, high: float, wide: float) -> Line:
    """Namsan: two shoulders and a round top."""

    def line(x: np.ndarray) -> np.ndarray:
        away = (x - at) / wide
        found = np.exp(-((away / 0.42) ** 2)) + 0.42 * np.exp(-(((away + 0.55) / 0.30) ** 2))
        found += 0.34 * np.exp(-(((away - 0.66) / 0.34) ** 2)) + 0.05 * np.exp(-((away / 1.25) ** 2))
        crowns = (
            0.0035 * np.abs(np.sin(118 * x)) + 0.0028 * np.abs(np.sin(211 * x + 1)) + 0.002 * np.abs(np.sin(331 * x))
        )
        grown: np.ndarray = high * found / 1.05 + crowns
        return grown

    return line


def tower(at: float, foot: float, tall: float) -> Cut:
    """The tower on its top."""
    return lambda cut: landmarks.namsan_tower(cut, at, foot, tall)


def groves(line: Line, wide: float, *, seed: int, count: int, size: float, band: tuple[float, float]) -> Cut:
    """Round crowns scattered over a slope, from a share `band[0]` of its height to `band[1]`."""

    def cutting(cut: Cutting) -> None:
        chance = np.random.default_rng(seed)
        x = chance.uniform(-0.02, wide + 0.02, count)
        tops = line(x) * chance.uniform(*band, count)
        for at, y in zip(x.tolist(), tops.tolist(), strict=True):
            r = size * chance.uniform(0.6, 1.3)
            cut.ellipse(at - r, y - 0.75 * r, at + r, y + 0.75 * r)

    return cutting


def crowns(line: Line, wide: float, *, seed: int, size: float) -> Cut:
    """Trees along a line, round and tall ones, and the ground beneath them."""

    def cutting(cut: Cutting) -> None:
        ridge(line, wide)(cut)
        chance = np.random.default_rng(seed)
        x = -0.03
        while x < wide + 0.03:
            r = size * chance.uniform(0.5, 1.25)
            foot = float(line(np.array([x]))[0])
            tall = r * (chance.uniform(2.2, 3.4) if chance.random() < 0.14 else chance.uniform(0.85, 1.35))
            slim = 0.62 * r if tall > 2 * r else r
            cut.ellipse(x - slim, foot - 0.8 * r, x + slim, foot + tall)
            for _ in range(5):
                dx, dy, small = chance.normal(0, 0.55) * slim, chance.uniform(0.25, 0.95) * tall, 0.42 * slim
                cut.ellipse(x + dx - small, foot + dy - small, x + dx + small, foot + dy + 0.8 * small)
            x += slim * chance.uniform(0.7, 1.9)

    return cutting


def wall(line: Line, left: float, right: float) -> Cut:
    """The old city's wall, climbing over a slope: a thin pale course with battlements."""

    def cutting(cut: Cutting) -> None:
        x = np.linspace(left, right, 240)
        y = line(x) * (0.80 + 0.05 * np.sin(9 * x)) - 0.004
        cut.line(list(zip(x.tolist(), y.tolist(), strict=True)), thick=0.0042)
        for at, high in zip(x[::2].tolist(), y[::2].tolist(), strict=True):
            cut.box(at - 0.0016, high, at + 0.0016, high + 0.0048)

    return cutting


def houses(wide: float, *, seed: int, tall: tuple[float, float], broad: tuple[float, float], base: float) -> list[Box]:
    """A row of blocks: left, right, top."""
    chance = np.random.default_rng(seed)
    found, x = [], -0.03
    while x < wide + 0.03:
        half = chance.uniform(*broad)
        grown = 0.55 + 0.45 * sin(1.7 * x + seed) * sin(0.9 * x + 2)
        high = tall[0] + (tall[1] - tall[0]) * chance.uniform(0, 1) ** 1.6 * grown
        found.append((x, x + half, base + high))
        x += half * chance.choice((1.0, 1.05, 1.25, 1.9))
    return found


Box = tuple[float, float, float]


def blocks(boxes: Sequence[Box], *, seed: int) -> Cut:
    """The blocks as a sheet, with what stands on their roofs."""

    def cutting(cut: Cutting) -> None:
        chance = np.random.default_rng(seed)
        for left, right, top in boxes:
            cut.box(left, -0.05, right, top)
            _roof(cut, left, right, top, chance)

    return cutting


def _roof(cut: Cutting, left: float, right: float, top: float, chance: np.random.Generator) -> None:
    wide, kind = right - left, chance.random()
    if kind < 0.34:
        cut.box(left + 0.25 * wide, top, left + 0.70 * wide, top + 0.20 * wide)
    elif kind < 0.46:
        cut.line([(left + wide / 2, top), (left + wide / 2, top + 0.75 * wide)], thick=0.0016)
    elif kind < 0.58:
        cut.box(left + 0.15 * wide, top, left + 0.85 * wide, top + 0.10 * wide)
        cut.box(left + 0.35 * wide, top, left + 0.65 * wide, top + 0.26 * wide)


def bridge(left: float, right: float, deck: float, *, spans: int, arches: tuple[float, float], rise: float) -> Cut:
    """A long bridge on piers; between two shares of its length the spans hang from arches."""

    def cutting(cut: Cutting) -> None:
        span = (right - left) / spans
        cut.box(left, deck, right, deck + 0.009)
        cut.box(left, deck + 0.013, right, deck + 0.0148)
        for n in range(spans + 1):
            at = left + n * span
            cut.box(at - 0.005, -0.045, at + 0.005, deck)
            cut.box(at - 0.011, -0.045, at + 0.011, -0.030)
            cut.shape([(at - 0.016, deck), (at - 0.005, deck - 0.012), (at + 0.005, deck - 0.012), (at + 0.016, deck)])
        for n in range(spans):
            if arches[0] * spans <= n + 0.5 < arches[1] * spans:
                _arch(cut, left + n * span, left + (n + 1) * span, deck + 0.009, rise)
        for n in range(4 * spans):
            at = left + (n + 0.5) * span / 4
            cut.box(at - 0.0006, deck, at + 0.0006, deck + 0.024)

    return cutting


def _arch(cut: Cutting, left: float, right: float, foot: float, rise: float) -> None:
    curve = [(left + (right - left) * n / 24, foot + rise * sin(pi * n / 24)) for n in range(25)]
    cut.line(curve, thick=0.0055)
    for x, y in curve[2:-2:2]:
        cut.line([(x, foot), (x, y)], thick=0.0016)


def bank(*, high: float, seed: int) -> Line:
    """The near bank: a low meadow."""
    starts = np.random.default_rng(seed).uniform(0, 6.28, 3)

    def line(x: np.ndarray) -> np.ndarray:
        wave = 1 + 0.26 * np.sin(1.5 * x + starts[0]) + 0.10 * np.sin(4.1 * x + starts[1])
        found: np.ndarray = high * wave + 0.004 * np.abs(np.sin(37 * x + starts[2]))
        return found

    return line


def grassy(line: Line, wide: float, *, seed: int) -> Cut:
    """A bank whose edge is blades of grass."""

    def cutting(cut: Cutting) -> None:
        ridge(line, wide)(cut)
        chance = np.random.default_rng(seed)
        x = chance.uniform(-0.02, wide + 0.02, round(620 * wide))
        tall = chance.uniform(0.004, 0.013, len(x)) * (0.55 + 0.45 * np.sin(5.3 * x) * np.sin(2.2 * x + 1))
        lean = chance.normal(0.15, 0.35, len(x)) * tall
        for at, foot, high, away in zip(x.tolist(), line(x).tolist(), tall.tolist(), lean.tolist(), strict=True):
            cut.shape([(at - 0.0010, foot - 0.003), (at + away, foot + high), (at + 0.0010, foot - 0.003)])

    return cutting


def reeds(line: Line, places: Sequence[tuple[float, float]], *, seed: int, heads: bool) -> Cut:
    """Reeds in tufts around places (middle, half width): their stems, or their heads alone."""

    def cutting(cut: Cutting) -> None:
        chance = np.random.default_rng(seed)
        for middle, half in places:
            for _ in range(round(420 * half)):
                x = middle + half * float(np.clip(chance.normal(0, 0.45), -1, 1))
                foot = float(line(np.array([x]))[0]) - 0.006
                tall = chance.uniform(0.035, 0.085) * exp(-(((x - middle) / half) ** 2) * 0.6)
                tip = x + chance.normal(0.25, 0.22) * tall, foot + tall
                if heads:
                    cut.line([(x + (tip[0] - x) * 0.72, foot + 0.78 * tall), tip], thick=0.0034)
                else:
                    cut.line([(x, foot), tip], thick=0.0011)

    return cutting


def pavilion(cut: Cutting, x: float, foot: float, wide: float) -> None:
    """A small pavilion on stone legs under a roof with lifted eaves."""
    tall = wide * 0.42
    for n in range(4):
        at = x + (n - 1.5) * wide * 0.21
        cut.box(at - wide * 0.014, foot - 0.02, at + wide * 0.014, foot + tall)
    cut.box(x - wide * 0.37, foot + tall * 0.18, x + wide * 0.37, foot + tall * 0.26)
    cut.box(x - wide * 0.37, foot + tall * 0.42, x + wide * 0.37, foot + tall * 0.45)
    cut.box(x - wide * 0.36, foot + tall * 0.90, x + wide * 0.36, foot + tall)
    cut.shape(landmarks.roof(x, foot + tall * 0.92, wide * 0.52, wide * 0.20, lift=wide * 0.035))
    cut.box(x - wide * 0.20, foot + tall * 0.92 + wide * 0.19, x + wide * 0.20, foot + tall * 0.92 + wide * 0.215)
