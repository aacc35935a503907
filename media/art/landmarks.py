"""One silhouette a city that anybody recognises; each draws on a sheet at a foot point with a height, in widths."""

from __future__ import annotations

from math import cos, pi, sin

from media.art.paper import Cutting, Point


def eiffel(cut: Cutting, x: float, tall: float) -> None:
    """An iron lattice tower on four feet."""
    spread = tall * 0.22

    def half(at: float) -> float:
        return float(spread * (1 - at) ** 2.3 + tall * 0.006)

    for side in (-1, 1):
        outer = [(x + side * half(n / 40), tall * n / 40) for n in range(41)]
        inner = [(x + side * max(0.0, half(n / 40) * 0.62 - tall * 0.008), tall * n / 40) for n in range(41)]
        cut.shape([*outer, *reversed(inner)])
    for level, thick in ((0.17, 0.022), (0.38, 0.016), (0.9, 0.018)):
        cut.box(x - half(level) * 1.12, tall * level, x + half(level) * 1.12, tall * (level + thick))
    for n in range(7, 36):
        low, high = n / 40, (n + 1) / 40
        cut.line([(x - half(low), tall * low), (x + half(high), tall * high)], thick=tall * 0.003)
        cut.line([(x + half(low), tall * low), (x - half(high), tall * high)], thick=tall * 0.003)
    cut.shape(_arch(x, tall * 0.0, spread * 0.66, tall * 0.16, thick=tall * 0.018))
    cut.line([(x, tall * 0.95), (x, tall * 1.06)], thick=tall * 0.006)


def empire_state(cut: Cutting, x: float, tall: float) -> None:
    """A stepped tower with a mast, and a suspension bridge at its foot."""
    steps = ((0.16, 0.0, 0.34), (0.125, 0.34, 0.62), (0.095, 0.62, 0.78), (0.06, 0.78, 0.84), (0.035, 0.84, 0.88))
    for half, bottom, top in steps:
        cut.box(x - half * tall / 1.5, bottom * tall, x + half * tall / 1.5, top * tall)
    cut.shape([(x - 0.014 * tall, 0.88 * tall), (x, 1.08 * tall), (x + 0.014 * tall, 0.88 * tall)])
    for n in range(9):
        at = x - 0.085 * tall + n * 0.021 * tall
        cut.box(at - 0.002 * tall, 0.05 * tall, at + 0.002 * tall, 0.60 * tall, ink=200)


def suspension_bridge(cut: Cutting, left: float, right: float, tall: float) -> None:
    """Two stone towers, hanging cables, a deck."""
    deck, towers = tall * 0.34, (left + (right - left) * 0.28, left + (right - left) * 0.72)
    cut.box(left, deck, right, deck + tall * 0.05)
    for tower in towers:
        cut.box(tower - tall * 0.085, 0, tower + tall * 0.085, tall)
        for side in (-0.042, 0.042):
            cut.shape(_pointed(tower + side * tall, deck + tall * 0.08, tall * 0.026, tall * 0.38), ink=0)
    _cables(cut, left, right, towers, deck, tall)


def elizabeth_tower(cut: Cutting, x: float, tall: float) -> None:
    """A clock tower with a steep roof."""
    half = tall * 0.065
    cut.box(x - half, 0, x + half, tall * 0.70)
    cut.box(x - half * 1.16, tall * 0.60, x + half * 1.16, tall * 0.76)
    cut.ellipse(x - half * 0.72, tall * 0.625, x + half * 0.72, tall * 0.625 + half * 1.44, ink=60)
    cut.line([(x, tall * 0.672), (x, tall * 0.708)], thick=tall * 0.005)
    cut.line([(x, tall * 0.672), (x + half * 0.42, tall * 0.66)], thick=tall * 0.005)
    cut.shape(
        [
            (x - half * 1.1, tall * 0.76),
            (x - half * 0.5, tall * 0.85),
            (x + half * 0.5, tall * 0.85),
            (x + half * 1.1, tall * 0.76),
        ]
    )
    cut.box(x - half * 0.5, tall * 0.85, x + half * 0.5, tall * 0.89)
    cut.shape([(x - half * 0.58, tall * 0.89), (x, tall * 1.05), (x + half * 0.58, tall * 0.89)])
    for n in range(-2, 3):
        cut.box(x + n * half * 0.36 - half * 0.05, tall * 0.06, x + n * half * 0.36 + half * 0.05, tall * 0.56, ink=205)


def parliament(cut: Cutting, left: float, right: float, tall: float) -> None:
    """A long gothic front with pinnacles."""
    cut.box(left, 0, right, tall * 0.62)
    count = 16
    for n in range(count + 1):
        x = left + (right - left) * n / count
        high = tall if n % 4 == 0 else tall * 0.80
        cut.box(x - 0.004, 0, x + 0.004, high * 0.9)
        cut.shape([(x - 0.006, high * 0.9), (x, high), (x + 0.006, high * 0.9)])


def lattice_tower(cut: Cutting, x: float, tall: float) -> None:
    """A slender red lattice tower with two decks."""

    def half(at: float) -> float:
        return float(tall * (0.15 * (1 - at) ** 1.8 + 0.007))

    for side in (-1, 1):
        outer = [(x + side * half(n / 40), tall * n / 40) for n in range(41)]
        inner = [(x + side * max(0.0, half(n / 40) * 0.55 - tall * 0.004), tall * n / 40) for n in range(41)]
        cut.shape([*outer, *reversed(inner)])
    for n in range(2, 34):
        low, high = n / 40, (n + 1.4) / 40
        cut.line([(x - half(low), tall * low), (x + half(high), tall * high)], thick=tall * 0.0035)
        cut.line([(x + half(low), tall * low), (x - half(high), tall * high)], thick=tall * 0.0035)
    cut.box(x - half(0.45) * 1.25, tall * 0.44, x + half(0.45) * 1.25, tall * 0.49)
    cut.box(x - half(0.74) * 1.7, tall * 0.73, x + half(0.74) * 1.7, tall * 0.755)
    cut.line([(x, tall * 0.95), (x, tall * 1.1)], thick=tall * 0.008)


def snow_mountain(cut: Cutting, x: float, tall: float) -> None:
    """A perfect volcano."""
    points = [(x + side * tall * (0.12 + 1.65 * (1 - n / 20) ** 1.55), tall * n / 20) for side, n in _both(20)]
    cut.shape(points)


def temple_of_heaven(cut: Cutting, x: float, tall: float) -> None:
    """Three round roofs, one above the other, on three terraces."""
    for n, half in enumerate((0.62, 0.54, 0.46)):
        cut.box(x - half * tall, n * 0.05 * tall, x + half * tall, (n + 0.8) * 0.05 * tall)
    cut.box(x - 0.27 * tall, 0.14 * tall, x + 0.27 * tall, 0.32 * tall)
    for bottom, half, high in ((0.30, 0.40, 0.15), (0.50, 0.31, 0.15), (0.68, 0.23, 0.24)):
        cut.box(x - half * 0.62 * tall, (bottom - 0.06) * tall, x + half * 0.62 * tall, (bottom + 0.05) * tall)
        cut.shape(roof(x, bottom * tall, half * tall, high * tall, lift=0.02 * tall))
    cut.ellipse(x - 0.028 * tall, 0.91 * tall, x + 0.028 * tall, 0.99 * tall)
    for n in range(-3, 4):
        cut.box(
            x + n * 0.075 * tall - 0.01 * tall, 0.15 * tall, x + n * 0.075 * tall + 0.01 * tall, 0.29 * tall, ink=190
        )


def great_mosque(cut: Cutting, x: float, tall: float) -> None:
    """A wide dome on half domes between slender minarets."""
    cut.box(x - 0.62 * tall, 0, x + 0.62 * tall, 0.26 * tall)
    for shift, radius, bottom in ((-0.40, 0.20, 0.24), (0.40, 0.20, 0.24), (-0.22, 0.20, 0.32), (0.22, 0.20, 0.32)):
        cut.shape(dome(x + shift * tall, bottom * tall, radius * tall, radius * 0.8 * tall))
    cut.box(x - 0.30 * tall, 0.30 * tall, x + 0.30 * tall, 0.44 * tall)
    cut.shape(dome(x, 0.43 * tall, 0.29 * tall, 0.27 * tall))
    cut.line([(x, 0.68 * tall), (x, 0.78 * tall)], thick=0.009 * tall)
    for shift, high in ((-0.78, 0.98), (-0.56, 1.1), (0.56, 1.1), (0.78, 0.98)):
        _minaret(cut, x + shift * tall, high * tall)
    for n in range(-5, 6):
        cut.shape(_pointed(x + n * 0.10 * tall, 0.05 * tall, 0.022 * tall, 0.12 * tall), ink=190)


def namsan_tower(cut: Cutting, x: float, foot: float, tall: float) -> None:
    """Seoul's tower: a shaft, a round deck, a striped mast."""
    cut.shape(
        [
            (x - 0.045 * tall, foot),
            (x - 0.026 * tall, foot + 0.46 * tall),
            (x + 0.026 * tall, foot + 0.46 * tall),
            (x + 0.045 * tall, foot),
        ]
    )
    for bottom, top, low, high in ((0.44, 0.50, 0.03, 0.105), (0.50, 0.56, 0.105, 0.105), (0.56, 0.62, 0.085, 0.06)):
        cut.shape(_barrel(x, foot + bottom * tall, foot + top * tall, low * tall, high * tall))
    cut.box(x - 0.032 * tall, foot + 0.62 * tall, x + 0.032 * tall, foot + 0.68 * tall)
    cut.shape(
        [
            (x - 0.022 * tall, foot + 0.68 * tall),
            (x - 0.004 * tall, foot + tall),
            (x + 0.004 * tall, foot + tall),
            (x + 0.022 * tall, foot + 0.68 * tall),
        ]
    )


def palace_gate(cut: Cutting, x: float, wide: float) -> None:
    """A stone base with three arches under a two-storeyed roof with lifted eaves."""
    base = wide * 0.24
    cut.shape([(x - wide * 0.5, 0), (x - wide * 0.475, base), (x + wide * 0.475, base), (x + wide * 0.5, 0)])
    for shift, half, high in ((-0.21, 0.042, 0.13), (0, 0.055, 0.165), (0.21, 0.042, 0.13)):
        cut.shape(_round_arch(x + shift * wide, half * wide, high * wide), ink=70)
    cut.box(x - wide * 0.37, base, x + wide * 0.37, base + wide * 0.10)
    cut.shape(roof(x, base + wide * 0.085, wide * 0.50, wide * 0.095, lift=wide * 0.030))
    cut.box(x - wide * 0.31, base + wide * 0.16, x + wide * 0.31, base + wide * 0.25)
    cut.shape(roof(x, base + wide * 0.235, wide * 0.43, wide * 0.125, lift=wide * 0.034))
    cut.box(x - wide * 0.24, base + wide * 0.345, x + wide * 0.24, base + wide * 0.362)
    for n in range(-5, 6):
        at = x + n * wide * 0.066
        cut.box(at - wide * 0.008, base + wide * 0.01, at + wide * 0.008, base + wide * 0.09, ink=185)


def tapered_tower(cut: Cutting, x: float, tall: float) -> None:
    """A very tall tower whose two curved sides almost meet and leave a slit at the top."""
    left = [(x - tall * (0.078 - 0.058 * (n / 24) ** 1.7), tall * n / 24) for n in range(25)]
    right = [(x + tall * (0.078 - 0.058 * (n / 24) ** 1.7), tall * n / 24) for n in range(25)]
    cut.shape([*left, *reversed(right)])
    cut.shape([(x - tall * 0.008, tall * 1.001), (x, tall * 0.80), (x + tall * 0.008, tall * 1.001)], ink=0)


def great_wheel(cut: Cutting, x: float, tall: float) -> None:
    """A ring without spokes, standing on two legs."""
    radius = tall * 0.44
    middle = tall * 0.54
    for scale, ink in ((1.0, 255), (0.90, 0)):
        cut.ellipse(x - radius * scale, middle - radius * scale, x + radius * scale, middle + radius * scale, ink=ink)
    for n in range(28):
        angle = 2 * pi * n / 28
        px, py = x + radius * 1.04 * cos(angle), middle + radius * 1.04 * sin(angle)
        cut.ellipse(px - tall * 0.013, py - tall * 0.013, px + tall * 0.013, py + tall * 0.013)
    for side in (-1, 1):
        cut.shape([(x + side * tall * 0.26, 0), (x + side * tall * 0.31, 0), (x + side * radius * 0.92, middle)])


def green_tower(cut: Cutting, x: float, tall: float, *, lean: float) -> None:
    """A tower of terraces that turn as they rise, trees on their rims."""
    floors = 17
    for n in range(floors):
        at, half = n / floors, tall * (0.105 - 0.045 * n / floors)
        shift = x + lean * tall * at**1.5 + tall * 0.025 * sin(n * 0.8)
        cut.box(shift - half, tall * at, shift + half, tall * (at + 0.62 / floors))
        cut.box(shift - half * 0.8, tall * at, shift + half * 0.8, tall * (at + 1.02 / floors), ink=225)
        for side in (-0.86, -0.3, 0.42, 0.9):
            px, r = shift + half * side, tall * 0.011
            cut.ellipse(px - r, tall * (at + 0.60 / floors), px + r, tall * (at + 0.60 / floors) + 2 * r)


def _both(steps: int) -> list[tuple[int, int]]:
    return [*((-1, n) for n in range(steps + 1)), *((1, n) for n in range(steps, -1, -1))]


def _arch(x: float, bottom: float, half: float, high: float, *, thick: float) -> list[Point]:
    angles = [pi * n / 24 for n in range(25)]
    outer = [(x - half * cos(a), bottom + high * sin(a)) for a in angles]
    inner = [(x - (half - thick) * cos(a), bottom + (high - thick) * sin(a)) for a in reversed(angles)]
    return [*outer, *inner]


def _pointed(x: float, bottom: float, half: float, high: float) -> list[Point]:
    rise = high * 0.6
    return [
        (x - half, bottom),
        (x - half, bottom + rise),
        (x, bottom + high),
        (x + half, bottom + rise),
        (x + half, bottom),
    ]


def _round_arch(x: float, half: float, high: float) -> list[Point]:
    top = [(x - half * cos(pi * n / 16), high - half + half * sin(pi * n / 16)) for n in range(17)]
    return [(x - half, 0), *top, (x + half, 0)]


def dome(x: float, bottom: float, half: float, high: float) -> list[Point]:
    return [(x - half * cos(pi * n / 32), bottom + high * sin(pi * n / 32)) for n in range(33)]


def roof(x: float, bottom: float, half: float, high: float, *, lift: float) -> list[Point]:
    """A hipped roof whose eaves sweep up at the ends and whose slopes are hollow."""
    eaves = [(x + half * t, bottom + lift * abs(t) ** 3) for t in (n / 12 - 1 for n in range(25))]
    slope = [(half * (1 - 0.56 * (n / 12) ** 0.62), high * (n / 12) ** 1.25) for n in range(1, 13)]
    right = [(x + wide, bottom + lift * 0.6 * (1 - n / 12) + up) for n, (wide, up) in enumerate(slope, 1)]
    left = [(2 * x - px, py) for px, py in reversed(right)]
    return [*eaves, *right, *left]


def _barrel(x: float, bottom: float, top: float, low: float, high: float) -> list[Point]:
    return [(x - low, bottom), (x - high, top), (x + high, top), (x + low, bottom)]


def _minaret(cut: Cutting, x: float, tall: float) -> None:
    half = tall * 0.017
    cut.box(x - half, 0, x + half, tall * 0.82)
    for at in (0.42, 0.60, 0.76):
        cut.box(x - half * 1.8, tall * at, x + half * 1.8, tall * (at + 0.018))
    cut.shape([(x - half * 1.15, tall * 0.82), (x, tall), (x + half * 1.15, tall * 0.82)])


def _cables(cut: Cutting, left: float, right: float, towers: tuple[float, float], deck: float, tall: float) -> None:
    spans = ((left - (towers[0] - left), towers[0]), towers, (towers[1], right + (right - towers[1])))
    for start, end in spans:
        curve = [
            (start + (end - start) * n / 40, deck + tall * 0.06 + (tall * 0.58) * (2 * n / 40 - 1) ** 2)
            for n in range(41)
        ]
        cut.line(curve, thick=tall * 0.016)
        for px, py in curve[1:-1]:
            cut.line([(px, deck), (px, py)], thick=tall * 0.004)
