"""Stills for the wide screens: an aquarium, the seasons of Namsan, and the signs of desk and office."""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np
from PIL import Image

from media.art.captions import write
from media.art.paper import Colour, Cutting, Picture, colour, disc, glow, grain, image, lay, mix, sky

SEA = tuple(colour(text) for text in ("#0a3a5c", "#0f6a8b", "#4fb3c4", "#062338", "#f8d27a"))


def aquarium(width: int, height: int) -> Picture:
    """Deep water, shafts of light, three depths of fish over a garden of weed."""
    chance = np.random.default_rng(7)
    deep, middle, light, dark, warm = SEA
    picture = sky(width, height, ((0, mix(middle, light, 0.75)), (0.35, middle), (0.8, deep), (1, dark)))
    _shafts(picture, light, chance)
    for depth, (count, size) in enumerate(((26, 0.022), (15, 0.038), (7, 0.066))):
        shade = mix(mix(middle, light, 0.30), dark, 0.30 * depth)
        _weed(picture, mix(deep, dark, 0.3 * depth + 0.2), depth, chance)
        _school(picture, shade, count, size, chance)
    _school(picture, warm, 5, 0.042, chance)
    _bubbles(picture, chance)
    grain(picture, chance)
    return picture


def seasons(width: int, height: int) -> Picture:
    """One hill through the year, left to right: blossom, green, maple, snow."""
    chance = np.random.default_rng(9)
    picture = sky(width, height, ((0, colour("#7fa9cf")), (0.7, colour("#f4ead8")), (1, colour("#f4ead8"))))
    glow(picture, at=(0.72, 0.26), radius=0.35, shade=colour("#fff2d0"), strength=0.6)
    disc(picture, at=(0.72, 0.26), radius=0.022, shade=colour("#fffaf0"))
    year = tuple(colour(text) for text in ("#e9b7c4", "#6f9f63", "#c9683c", "#e9eef2"))
    for depth in range(6):
        cut = Cutting(width, height, horizon=1.0)
        cut.shape([(-0.1, -0.1), *_ridge(0.40 - 0.062 * depth, depth, chance), (1.1, -0.1)])
        pale = 0.62 - 0.11 * depth
        tinted = _through_the_year(cut.mask(), year, pale, dark=0.05 * depth + (0.42 if depth == 5 else 0))
        picture *= 1 - 0.10 * cut.mask()[..., None]
        picture += (tinted - picture) * cut.mask()[..., None]
        if depth in (3, 4):
            _trees(picture, year, depth, chance)
    _falling(picture, year, chance)
    grain(picture, chance)
    return picture


def sign(
    width: int, height: int, *, lines: tuple[tuple[str, float, bool], ...], palette: tuple[str, str, str]
) -> Image.Image:
    """A calm ground with centred lines (text, size as a share of the height, bold)."""
    chance = np.random.default_rng(3)
    top, foot, ink = palette
    picture = sky(width, height, ((0, colour(top)), (1, colour(foot))))
    glow(picture, at=(0.5, 0.42), radius=0.5, shade=mix(colour(top), (1, 1, 1), 0.35), strength=0.35)
    _waves(picture, colour(foot), chance)
    grain(picture, chance)
    out = image(picture)
    unit = min(height, width * 1.55)
    whole = sum(size for _, size, _ in lines) * unit * 1.35
    y = (height - whole) / 2 - unit * 0.03
    for text, size, bold in lines:
        y += size * unit * 1.35
        write(out, text, at=(width / 2, y), size=round(size * unit), ink=ink, bold=bold, anchor="ms")
    return out


def _shafts(picture: Picture, light: Colour, chance: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    for _ in range(7):
        cut = Cutting(width, height, horizon=1.0)
        x, wide, lean, high = (
            chance.uniform(0, 1),
            chance.uniform(0.01, 0.05),
            chance.uniform(-0.18, 0.05),
            height / width,
        )
        cut.shape([(x, high), (x + wide, high), (x + wide * 3.2 + lean, 0), (x - wide * 1.2 + lean, 0)])
        fade = np.linspace(0.20, 0, height, dtype=np.float32)[:, None]
        lay(picture, cut.mask() * fade, mix(light, (1, 1, 1), 0.4), shadow=0)


def _fish(cut: Cutting, x: float, y: float, size: float, facing: int) -> None:
    body = [
        (
            x + facing * size * cos(2 * pi * n / 28),
            y + size * 0.36 * sin(2 * pi * n / 28) * (1 - 0.25 * cos(2 * pi * n / 28)),
        )
        for n in range(28)
    ]
    cut.shape(body)
    tail = x - facing * size * 0.9
    cut.shape(
        [
            (tail, y),
            (tail - facing * size * 0.62, y + size * 0.42),
            (tail - facing * size * 0.42, y),
            (tail - facing * size * 0.62, y - size * 0.42),
        ]
    )
    cut.shape(
        [
            (x + facing * size * 0.2, y + size * 0.3),
            (x - facing * size * 0.35, y + size * 0.62),
            (x - facing * size * 0.5, y + size * 0.22),
        ]
    )
    eye = x + facing * size * 0.62
    cut.ellipse(eye - size * 0.07, y + size * 0.03, eye + size * 0.07, y + size * 0.17, ink=40)


def _school(picture: Picture, shade: Colour, count: int, size: float, chance: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    cut, high = Cutting(width, height, horizon=1.0), height / width
    middle, facing = (chance.uniform(0.2, 0.8), chance.uniform(0.35, 0.8) * high), int(chance.choice((-1, 1)))
    for n in range(count):
        angle = 2.4 * n
        reach = 0.045 * n**0.62 * (1 + size * 6)
        x = middle[0] + reach * 2.0 * cos(angle) + chance.normal(0, 0.01)
        y = middle[1] + reach * 0.55 * sin(angle) + chance.normal(0, 0.008)
        _fish(cut, x, y, size * chance.uniform(0.75, 1.1), facing)
    lay(picture, cut.mask(), shade, shadow=0.10)


def _weed(picture: Picture, shade: Colour, depth: int, chance: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    cut = Cutting(width, height, horizon=1.0)
    cut.shape([(-0.1, -0.1), *_ridge(0.05 - 0.012 * depth, depth, chance), (1.1, -0.1)])
    for _ in range(34 - 6 * depth):
        x, tall, phase = chance.uniform(-0.02, 1.02), chance.uniform(0.05, 0.15 + 0.03 * depth), chance.uniform(0, 6)
        sway = [(x + 0.012 * sin(phase + n * 0.5) * n / 12, tall * n / 12) for n in range(13)]
        thick = 0.004 + 0.002 * depth
        left = [(px - thick * (1 - n / 13), py) for n, (px, py) in enumerate(sway)]
        right = [(px + thick * (1 - n / 13), py) for n, (px, py) in enumerate(sway)]
        cut.shape([*left, *reversed(right)])
    lay(picture, cut.mask(), shade, shadow=0.15)


def _bubbles(picture: Picture, chance: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    cut = Cutting(width, height, horizon=1.0)
    for _ in range(60):
        x, y, r = chance.uniform(0, 1), chance.uniform(0, height / width), chance.uniform(0.0012, 0.005)
        cut.ellipse(x - r, y - r, x + r, y + r)
        cut.ellipse(x - r * 0.75, y - r * 0.75, x + r * 0.75, y + r * 0.75, ink=70)
    lay(picture, cut.mask() * 0.55, (0.9, 0.98, 1.0), shadow=0)


def _ridge(tall: float, depth: int, chance: np.random.Generator) -> list[tuple[float, float]]:
    a, b = chance.uniform(0, 6), chance.uniform(0, 6)
    line = []
    for n in range(121):
        x = -0.05 + 1.1 * n / 120
        line.append(
            (x, tall * (0.72 + 0.20 * sin(2.6 * x + a) + 0.10 * sin((6.5 + depth) * x + b) + 0.03 * sin(23 * x + a)))
        )
    return line


def _through_the_year(mask: np.ndarray, year: tuple[Colour, ...], pale: float, *, dark: float) -> Picture:
    height, width = mask.shape
    x = np.linspace(0, 1, width)
    columns = [np.interp(x, (0.06, 0.36, 0.66, 0.94), [shade[c] for shade in year]) for c in range(3)]
    row = np.stack(columns, axis=-1) * (1 - pale * 0.55) + np.array(colour("#f4ead8")) * pale * 0.55
    return np.repeat((row * (1 - dark))[None].astype(np.float32), height, axis=0)


def _trees(picture: Picture, year: tuple[Colour, ...], depth: int, chance: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    for place, shade in enumerate(year):
        cut = Cutting(width, height, horizon=1.0)
        for _ in range(13):
            x = 0.01 + 0.25 * place + chance.uniform(0, 0.235)
            size = (0.007 + 0.003 * (depth - 3)) * chance.uniform(0.8, 1.2)
            foot = chance.uniform(0.085, 0.125) - 0.035 * (depth - 3)
            cut.box(x - size * 0.09, foot, x + size * 0.09, foot + size * 1.2)
            if place == 3:
                cut.shape(
                    [(x - size * 0.7, foot + size * 0.5), (x, foot + size * 2.9), (x + size * 0.7, foot + size * 0.5)]
                )
            else:
                cut.ellipse(x - size, foot + size * 0.7, x + size, foot + size * 2.6)
        lay(picture, cut.mask(), mix(shade, (0.16, 0.14, 0.16), 0.10 + 0.08 * (depth - 3)), shadow=0.18)


def _falling(picture: Picture, year: tuple[Colour, ...], chance: np.random.Generator) -> None:
    """Petals on the left, leaves and snow to the right."""
    height, width = picture.shape[:2]
    for place in (0, 2, 3):
        cut = Cutting(width, height, horizon=1.0)
        for _ in range(70):
            x, y = 0.25 * place + chance.uniform(-0.02, 0.27), chance.uniform(0, height / width)
            r = chance.uniform(0.0012, 0.0034)
            cut.ellipse(x - r, y - r * 0.7, x + r, y + r * 0.7)
        lay(picture, cut.mask() * 0.85, mix(year[place], (1, 1, 1), 0.35), shadow=0.05)


def _waves(picture: Picture, shade: Colour, chance: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    for depth in range(3):
        cut = Cutting(width, height, horizon=1.0)
        cut.shape([(-0.1, -0.1), *_ridge(0.11 - 0.03 * depth, depth, chance), (1.1, -0.1)])
        lay(picture, cut.mask(), mix(shade, (0, 0.05, 0.1), 0.12 + 0.12 * depth), shadow=0.12)
