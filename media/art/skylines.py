"""The city pictures: one family of eight, a shared horizon, five to seven depths from pale and blue to near."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from media.art import landmarks
from media.art.paper import Colour, Cutting, Picture, colour, disc, glow, grain, lay, mix, sky, water

HORIZON = 0.66
Landmark = Callable[[Cutting], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """Five colours (sky's top, sky's foot, far paper, near paper, light), where the light stands, what stands there."""

    seed: int
    palette: tuple[str, str, str, str, str]
    sun: tuple[float, float]
    moon: bool = False
    hills: float = 0.0
    mountain: Landmark | None = None
    behind: Landmark | None = None
    landmark: Landmark
    lit: bool = False


def draw_city(city: City, width: int, height: int) -> Picture:
    """The whole picture, sky to water."""
    chance = np.random.default_rng(city.seed)
    top, foot, far, near, light = (colour(text) for text in city.palette)
    picture = sky(width, height, ((0.0, top), (0.42, mix(top, foot, 0.62)), (HORIZON, foot), (1.0, foot)))
    _lights(picture, city, light)
    _clouds(picture, mix(foot, light, 0.55), chance)
    if city.hills:
        _hills(picture, mix(foot, far, 0.35), city.hills, chance)
    if city.mountain:
        _sheet(picture, city.mountain, mix(foot, far, 0.42), foot)
    for depth in range(4):
        shade = mix(mix(foot, far, 0.34 + 0.16 * depth), near, 0.06 * depth)
        _sheet(picture, _town(depth, chance), shade, mix(shade, foot, 0.5))
        if depth == 1 and city.behind:
            _sheet(picture, city.behind, mix(far, near, 0.10), mix(far, foot, 0.35))
    _sheet(picture, city.landmark, mix(far, near, 0.62), mix(far, near, 0.25))
    if city.lit:
        _windows(picture, light, chance)
    _sheet(picture, _shore(chance), mix(far, near, 0.86), mix(far, near, 0.7))
    water(picture, horizon=HORIZON, tint=mix(top, near, 0.55), depth=0.42, chance=chance)
    grain(picture, chance)
    return picture


def _lights(picture: Picture, city: City, light: Colour) -> None:
    glow(picture, at=city.sun, radius=0.75, shade=light, strength=0.55)
    glow(picture, at=city.sun, radius=0.22, shade=mix(light, (1, 1, 1), 0.4), strength=0.7)
    disc(picture, at=city.sun, radius=0.052, shade=mix(light, (1, 1, 1), 0.78 if city.moon else 0.6))


def _sheet(picture: Picture, cutting: Landmark, shade: Colour, foot: Colour) -> None:
    height, width = picture.shape[:2]
    cut = Cutting(width, height, horizon=HORIZON)
    cutting(cut)
    lay(picture, cut.mask(), shade, foot=foot)


def _clouds(picture: Picture, shade: Colour, chance: np.random.Generator) -> None:
    """Two or three flat paper clouds."""
    height, width = picture.shape[:2]
    cut = Cutting(width, height, horizon=HORIZON)
    for _ in range(3):
        x, y, size = chance.uniform(-0.1, 0.9), chance.uniform(0.55, 1.0), chance.uniform(0.16, 0.30)
        for _ in range(6):
            at, wide = x + chance.uniform(0, size), chance.uniform(0.3, 0.6) * size
            cut.ellipse(at - wide, y - wide * 0.09, at + wide, y + wide * 0.12)
    lay(picture, cut.mask() * 0.5, shade, shadow=0.06)


def _hills(picture: Picture, shade: Colour, tall: float, chance: np.random.Generator) -> None:
    for depth in range(2):
        phase = chance.uniform(0, 6)
        x = np.linspace(-0.02, 1.02, 60)
        line = (
            tall * (0.72 - 0.2 * depth) * (0.62 + 0.28 * np.sin(2.1 * x + phase) + 0.10 * np.sin(7.3 * x + phase * 2))
        )

        def ridge(cut: Cutting, x: np.ndarray = x, line: np.ndarray = line) -> None:
            points = [(float(px), float(py)) for px, py in zip(x, line, strict=True)]
            cut.shape([(-0.1, 0.0), *points, (1.1, 0.0)])

        _sheet(picture, ridge, mix(shade, (0.1, 0.15, 0.2), 0.10 * depth), shade)


def _town(depth: int, chance: np.random.Generator) -> Landmark:
    """A row of plain houses and towers; nearer rows are lower, so that the landmark stays the tallest."""
    tall, wide = 0.46 - 0.10 * depth, 0.045 + 0.012 * depth

    def cutting(cut: Cutting) -> None:
        x = -0.05
        while x < 1.05:
            half, high = wide * chance.uniform(0.5, 1.25), tall * chance.uniform(0.28, 1.0)
            cut.box(x, 0, x + half, high)
            _top(cut, x, half, high, chance)
            x += half * chance.uniform(0.8, 1.15)

    return cutting


def _top(cut: Cutting, x: float, half: float, high: float, chance: np.random.Generator) -> None:
    kind = chance.random()
    if kind < 0.22:
        cut.box(x + half * 0.25, high, x + half * 0.75, high + half * 0.35)
    elif kind < 0.38:
        cut.shape([(x, high), (x + half / 2, high + half * 0.6), (x + half, high)])
    elif kind < 0.48:
        cut.line([(x + half / 2, high), (x + half / 2, high + half * 1.1)], thick=0.003)
    elif kind < 0.60:
        cut.shape([(x, high), (x, high + half * 0.5), (x + half, high)])


def _shore(chance: np.random.Generator) -> Landmark:
    """Trees and a quay along the water."""

    def cutting(cut: Cutting) -> None:
        cut.box(-0.05, -0.02, 1.05, 0.012)
        x = -0.02
        while x < 1.02:
            r = chance.uniform(0.010, 0.026)
            cut.ellipse(x - r, 0.008, x + r, 0.008 + r * chance.uniform(1.6, 2.6))
            x += r * chance.uniform(0.8, 3.2)

    return cutting


def _windows(picture: Picture, light: Colour, chance: np.random.Generator) -> None:
    """Lit windows in the evening pictures, small and few."""
    height, width = picture.shape[:2]
    line, size = int(height * HORIZON), max(1, width // 300)
    for _ in range(420):
        x, y = int(chance.random() * width), line - int(width * (0.02 + 0.22 * chance.random() ** 1.6))
        dark = picture[y, min(x, width - 1)].mean() < 0.42
        if dark:
            picture[y : y + size * 2, x : x + size] = np.array(mix(light, (1, 1, 1), 0.25)) * chance.uniform(0.75, 1)


def _bridge_and_spire(cut: Cutting) -> None:
    landmarks.empire_state(cut, 0.63, 0.86)


def _seoul_today(cut: Cutting) -> None:
    landmarks.palace_gate(cut, 0.50, 0.86)


def _namsan(cut: Cutting) -> None:
    x = [n / 50 for n in range(51)]
    hill = [(at, 0.48 * float(np.exp(-(((at - 0.60) / 0.30) ** 2))) + 0.03) for at in x]
    cut.shape([(-0.05, 0), *hill, (1.05, 0)])
    landmarks.namsan_tower(cut, 0.60, 0.49, 0.50)


def _seoul_tomorrow(cut: Cutting) -> None:
    landmarks.green_tower(cut, 0.26, 0.62, lean=0.07)
    landmarks.green_tower(cut, 0.86, 0.46, lean=-0.08)
    landmarks.great_wheel(cut, 0.58, 0.50)


def _london(cut: Cutting) -> None:
    landmarks.elizabeth_tower(cut, 0.30, 0.98)
    landmarks.parliament(cut, 0.38, 1.04, 0.24)


CITIES = {
    "city-paris": City(
        seed=11,
        palette=("#4a6fa5", "#f6d9c4", "#b98f8f", "#3b2f4a", "#fff1cf"),
        sun=(0.74, 0.36),
        landmark=lambda cut: landmarks.eiffel(cut, 0.44, 1.02),
    ),
    "city-new-york": City(
        seed=22,
        palette=("#1f3b63", "#f3b27a", "#9c6a72", "#1c2340", "#ffe2a6"),
        sun=(0.22, 0.52),
        behind=_bridge_and_spire,
        landmark=lambda cut: landmarks.suspension_bridge(cut, -0.06, 1.06, 0.34),
        lit=True,
    ),
    "city-london": City(
        seed=33,
        palette=("#6c7f93", "#e9ddc9", "#9aa0a0", "#2f3a45", "#fff7df"),
        sun=(0.68, 0.30),
        landmark=_london,
    ),
    "city-tokyo": City(
        seed=44,
        palette=("#5b6fb2", "#f7c9cf", "#a98bb5", "#43305e", "#ffe9e0"),
        sun=(0.76, 0.30),
        mountain=lambda cut: landmarks.snow_mountain(cut, 0.26, 0.62),
        landmark=lambda cut: landmarks.lattice_tower(cut, 0.60, 0.94),
    ),
    "city-beijing": City(
        seed=55,
        palette=("#b9543f", "#fbe0ae", "#c98d62", "#5a2430", "#fff0c4"),
        sun=(0.50, 0.28),
        hills=0.62,
        landmark=lambda cut: landmarks.temple_of_heaven(cut, 0.50, 0.66),
    ),
    "city-istanbul": City(
        seed=66,
        palette=("#2a5a74", "#f5cfa0", "#8d8a8a", "#1f3346", "#fff0c8"),
        sun=(0.26, 0.40),
        landmark=lambda cut: landmarks.great_mosque(cut, 0.52, 0.58),
    ),
    "seoul-today": City(
        seed=77,
        palette=("#3f6fae", "#f8e3c8", "#8aa0a8", "#28424e", "#fff4d6"),
        sun=(0.20, 0.34),
        hills=0.80,
        behind=_namsan,
        landmark=_seoul_today,
    ),
    "seoul-tomorrow": City(
        seed=88,
        palette=("#154766", "#bfe6d6", "#5fa39c", "#123c4a", "#f4ffe0"),
        sun=(0.66, 0.24),
        moon=True,
        hills=0.55,
        behind=lambda cut: landmarks.tapered_tower(cut, 0.50, 1.02),
        landmark=_seoul_tomorrow,
        lit=True,
    ),
}
