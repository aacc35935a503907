"""Paper and light: skies with grain, cut-out layers with the soft shadow of paper, water with broken reflections.

A picture is an array of floats, height × width × 3, 0…1 in sRGB. Shapes are drawn twice as large and reduced, which
smooths their edges; every gradient gets fine grain, which keeps 8-bit screens from showing bands.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[float, float, float]
Picture = npt.NDArray[np.float32]
Mask = npt.NDArray[np.float32]
Point = tuple[float, float]
FINER = 2
GRAIN = 0.012


def colour(text: str) -> Colour:
    """`#rrggbb` as floats."""
    return int(text[1:3], 16) / 255, int(text[3:5], 16) / 255, int(text[5:7], 16) / 255


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of the other colour in the one."""
    first, second = np.array(one), np.array(other)
    red, green, blue = first + (second - first) * share
    return float(red), float(green), float(blue)


def sky(width: int, height: int, stops: Sequence[tuple[float, Colour]]) -> Picture:
    """A vertical gradient through the stops (0 = top, 1 = bottom)."""
    places = np.linspace(0, 1, height, dtype=np.float32)
    columns = [np.interp(places, [at for at, _ in stops], [shade[c] for _, shade in stops]) for c in range(3)]
    column = np.stack(columns, axis=-1).astype(np.float32)
    return np.repeat(column[:, None, :], width, axis=1)


def glow(picture: Picture, *, at: Point, radius: float, shade: Colour, strength: float) -> None:
    """Light around a point (fractions of width and height; radius in widths), added in place."""
    height, width = picture.shape[:2]
    y, x = np.ogrid[:height, :width]
    distance = np.hypot(x - at[0] * width, y - at[1] * height) / (radius * width)
    light = (strength * np.exp(-(distance**2))).astype(np.float32)[..., None]
    picture += (np.array(shade, dtype=np.float32) - picture) * light


def disc(picture: Picture, *, at: Point, radius: float, shade: Colour) -> None:
    """A sun or a moon with a clean edge, in place."""
    height, width = picture.shape[:2]
    y, x = np.ogrid[:height, :width]
    distance = np.hypot(x - at[0] * width, y - at[1] * height) - radius * width
    cover = np.clip(0.5 - distance, 0, 1).astype(np.float32)[..., None]
    picture += (np.array(shade, dtype=np.float32) - picture) * cover


class Cutting:
    """A sheet being cut: shapes in units (of so many pixels; the picture's width), from the left of the horizon, up."""

    def __init__(self, width: int, height: int, *, horizon: float, unit: float | None = None) -> None:
        self._size = (width, height)
        self._unit = (width if unit is None else unit) * FINER
        self._base = height * horizon * FINER
        self._sheet = Image.new("L", (width * FINER, height * FINER), 0)
        self._draw = ImageDraw.Draw(self._sheet)
        self._scores: Image.Image | None = None

    def shape(self, points: Sequence[Point], *, ink: int = 255) -> None:
        """A filled polygon; ink 0 cuts a hole."""
        self._draw.polygon([self._place(point) for point in points], fill=ink)

    def box(self, left: float, bottom: float, right: float, top: float, *, ink: int = 255) -> None:
        """An upright rectangle."""
        self.shape([(left, bottom), (left, top), (right, top), (right, bottom)], ink=ink)

    def ellipse(self, left: float, bottom: float, right: float, top: float, *, ink: int = 255) -> None:
        """An ellipse in its box."""
        (x0, y0), (x1, y1) = self._place((left, top)), self._place((right, bottom))
        self._draw.ellipse([min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)], fill=ink)

    def line(self, points: Sequence[Point], *, thick: float, ink: int = 255) -> None:
        """A stroke of a thickness."""
        width = max(1, round(thick * self._unit))
        self._draw.line([self._place(point) for point in points], fill=ink, width=width, joint="curve")

    def score(self, points: Sequence[Point], *, thick: float, ink: int) -> None:
        """A stroke that thins the paper where there is any, and leaves the rest alone."""
        if self._scores is None:
            self._scores = Image.new("L", self._sheet.size, 255)
        width = max(1, round(thick * self._unit))
        ImageDraw.Draw(self._scores).line([self._place(point) for point in points], fill=ink, width=width)

    def mask(self) -> Mask:
        """What was cut, 0…1 at the picture's size."""
        return np.asarray(self.sheet(), dtype=np.float32) / np.float32(255)

    def sheet(self) -> Image.Image:
        """What was cut, in 8 bits at the picture's size."""
        whole = self._sheet if self._scores is None else ImageChops.darker(self._sheet, self._scores)
        return whole.reduce(FINER)

    def _place(self, point: Point) -> Point:
        return point[0] * self._unit, self._base - point[1] * self._unit


def lay(picture: Picture, mask: Mask, shade: Colour, *, foot: Colour | None = None, shadow: float = 0.25) -> None:
    """Lay a cut sheet on the picture, in place: its soft shadow first; `foot` tints it towards its lower end."""
    if shadow:
        picture *= 1 - shadow * _shadow(mask)[..., None]
    sheet = np.array(shade, dtype=np.float32)
    if foot is not None:
        rows = np.flatnonzero(mask.max(axis=1) > 0.5)
        top = rows[0] if rows.size else 0
        slope = np.clip((np.arange(mask.shape[0]) - top) / max(1, mask.shape[0] * 0.62 - top), 0, 1)
        sheet = sheet + (np.array(foot, dtype=np.float32) - sheet) * slope[:, None, None].astype(np.float32) ** 1.6
    picture += (sheet - picture) * mask[..., None]


def water(picture: Picture, *, horizon: float, tint: Colour, depth: float, chance: np.random.Generator) -> None:
    """Fill below the horizon with what stands above it, mirrored, broken into strips and tinted, in place."""
    height, width = picture.shape[:2]
    line = round(height * horizon)
    rows = height - line
    source = picture[np.clip(line - 1 - (np.arange(rows) * 1.15).astype(int), 0, line - 1)]
    share = np.linspace(0, 1, rows, dtype=np.float32)
    strip = np.maximum(3, (4 + share * height * 0.02).astype(int))
    waves = np.sin(np.cumsum(1.0 / strip) * np.pi * 1.7) * (1 + share * width * 0.014)
    drift = np.rint(waves + chance.normal(0, 0.6, rows) * (1 + 3 * share)).astype(int)
    columns = (np.arange(width)[None, :] + drift[:, None]) % width
    mirrored = np.take_along_axis(source, columns[..., None], axis=1)
    cover = (0.30 + depth * share)[:, None, None]
    picture[line:] = mirrored + (np.array(tint, dtype=np.float32) - mirrored) * cover
    _glints(picture, line, chance)


def grain(picture: Picture, chance: np.random.Generator, *, strength: float = 1) -> None:
    """Fine noise, the same in the three colours, in place."""
    height, width = picture.shape[:2]
    picture += chance.normal(0, GRAIN * strength, (height, width, 1)).astype(np.float32)


def image(picture: Picture) -> Image.Image:
    """The picture as 8-bit RGB."""
    return Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8), "RGB")


def _shadow(mask: Mask) -> Mask:
    height, width = mask.shape
    small = Image.fromarray((mask * 255).astype(np.uint8)).resize((max(1, width // 4), max(1, height // 4)))
    soft = small.filter(ImageFilter.GaussianBlur(max(1.0, width / 260))).resize((width, height))
    return np.asarray(soft, dtype=np.float32) / np.float32(255)


def _glints(picture: Picture, line: int, chance: np.random.Generator) -> None:
    """Short bright dashes on the water, denser near the horizon."""
    height, width = picture.shape[:2]
    for _ in range(140):
        depth = chance.random() ** 2
        y = line + 2 + int(depth * (height - line - 4))
        x, long = int(chance.random() * width), int(width * (0.008 + 0.05 * depth) * (0.4 + chance.random()))
        thick = 1 + int(depth * 3)
        patch = picture[y : y + thick, x : x + long]
        patch += (1 - patch) * (0.10 + 0.16 * chance.random())
