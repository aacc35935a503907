"""What moves too slowly to be seen moving: pictures of the whole canvas, painted band by band to keep memory small.

Colours are 0…255 inside a band, a band is three planes of floats. Every picture ends in the same fine grain, so that
neither its gradients nor the steps from one picture to the next can be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pygame
from PIL import Image, ImageFilter

from media.art.paper import Colour, Cutting
from media.geometry import Size
from media.scenes.layers import Front

Planes = npt.NDArray[np.float32]
Cover = npt.NDArray[np.uint8]
Stops = Sequence[tuple[float, Colour]]
BAND = 32
GRAIN = 1.7
UNSEEN = 1 / 600
TILE = (96, 48)


class Step(Protocol):
    """One step of painting."""

    def paint(self, planes: Planes, top: int) -> None:
        """Paint the rows from `top` on, in place."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A cut sheet of paper: its cover in 0…255 and where its left upper corner lies.

    A soft one may be kept coarse: each of its values stands for so many pixels along and across.
    """

    cover: Cover
    left: int
    top: int
    coarse: int = 1

    def soft(self, radius: float, drop: Size = (0, 0)) -> Sheet:
        """Its soft shadow, moved by `drop`."""
        coarse = max(1, round(radius / 4))
        edge = coarse * round(3 * radius / coarse)
        small = Image.fromarray(np.pad(self.cover, edge)).reduce(coarse)
        cover = np.asarray(small.filter(ImageFilter.GaussianBlur(radius / coarse)))
        return Sheet(cover, self.left - edge + drop[0], self.top - edge + drop[1], coarse)

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and foot."""
        height, width = self.cover.shape
        return self.left, self.top, self.left + width * self.coarse, self.top + height * self.coarse

    def part(self, rows: slice, columns: slice) -> Cover:
        """The cover of some of its pixels, counted from its own corner."""
        if self.coarse == 1:
            return self.cover[rows, columns]
        down, across = (np.arange(each.start, each.stop) // self.coarse for each in (rows, columns))
        found: Cover = self.cover[down][:, across]
        return found

    def rim(self, rows: slice, columns: slice, thick: int) -> Cover:
        """The cover of its upper rim alone, that many rows thick: where snow lies."""
        whole, start = self.cover[rows, columns], rows.start - thick
        above = self.cover[max(0, start) : max(0, rows.stop - thick), columns]
        sunk = np.pad(above, ((len(whole) - len(above), 0), (0, 0)))
        found: Cover = np.where(whole > sunk, whole - sunk, 0)
        return found


@dataclass(frozen=True, slots=True)
class Wash:
    """A vertical gradient over everything; its stops are rows."""

    stops: Stops

    def paint(self, planes: Planes, top: int) -> None:
        """Fill the band."""
        planes[:] = _rows(self.stops, top, planes.shape[1])[:, :, None]


@dataclass(frozen=True, slots=True)
class Glow:
    """Soft light around a point, in pixels; `radius` along and across."""

    at: tuple[float, float]
    radius: tuple[float, float]
    shade: Colour
    strength: float

    def paint(self, planes: Planes, top: int) -> None:
        """Let it shine on the band, where it can be seen."""
        down = self.strength * np.exp(-(((np.arange(top, top + planes.shape[1]) - self.at[1]) / self.radius[1]) ** 2))
        if down.max(initial=0) < UNSEEN:
            return
        reach = 2.6 * self.radius[0]
        left, right = max(0, int(self.at[0] - reach)), min(planes.shape[2], int(self.at[0] + reach) + 1)
        if left >= right:
            return
        along = np.exp(-(((np.arange(left, right) - self.at[0]) / self.radius[0]) ** 2))
        light = np.outer(down.astype(np.float32), along.astype(np.float32))
        _mix(planes[:, :, left:right], light, [np.float32(255 * each) for each in self.shade])


@dataclass(frozen=True, slots=True)
class Laid:
    """A sheet of a colour that may change from row to row, laid on with a share of its cover; or only its rim."""

    sheet: Sheet
    stops: Stops
    share: float = 1.0
    rim: int = 0

    def paint(self, planes: Planes, top: int) -> None:
        """Lay its part of the band."""
        left, upper, right, foot = self.sheet.box
        first, last = max(top, upper), min(top + planes.shape[1], foot)
        start, end = max(0, left), min(planes.shape[2], right)
        if first >= last or start >= end or self.share <= 0:
            return
        rows, columns = slice(first - upper, last - upper), slice(start - left, end - left)
        cover = self.sheet.rim(rows, columns, self.rim) if self.rim else self.sheet.part(rows, columns)
        share = cover * np.float32(self.share / 255)
        shades = _rows(self.stops, first, last - first)
        _mix(planes[:, first - top : last - top, start:end], share, [each[:, None] for each in shades])


class Easel:
    """Paints pictures of one size; the grain lies where it lies."""

    def __init__(self, size: Size) -> None:
        chance = np.random.default_rng(size[0])
        self._size = size
        self._noise = chance.normal(0.5, GRAIN, size[0] + 8191).astype(np.float32)
        self._starts = chance.integers(0, 8191, size[1])

    def picture(self, steps: Sequence[Step], *, foot: int | None = None) -> pygame.Surface:
        """The steps, one over the other, down to the row `foot`; what lies below is black."""
        surface = pygame.Surface(self._size, 0, 32)
        self._paint(surface, steps, 0, self._size[1] if foot is None else foot)
        return surface

    def paint_over(self, surface: pygame.Surface, steps: Sequence[Step], *, top: int) -> None:
        """Paint more over a picture from a row on, in place; its grain is taken off first and put on again."""
        self._paint(surface, steps, top // BAND * BAND, self._size[1], fresh=False)

    def _paint(
        self, surface: pygame.Surface, steps: Sequence[Step], first: int, last: int, *, fresh: bool = True
    ) -> None:
        pixels = raw(surface)
        for top in range(first, last, BAND):
            rows = min(BAND, last - top)
            grain = self._grain(top, rows)
            planes = np.zeros((3, rows, self._size[0]), np.float32)
            if not fresh:
                for channel in range(3):
                    np.subtract(pixels[top : top + rows, :, 2 - channel], grain - np.float32(0.5), out=planes[channel])
            for step in steps:
                step.paint(planes, top)
            planes += grain
            np.clip(planes, 0, 255, out=planes)
            for channel in range(3):
                pixels[top : top + rows, :, 2 - channel] = planes[channel]

    def _grain(self, top: int, rows: int) -> Planes:
        starts = self._starts[np.arange(top, top + rows) % len(self._starts)]
        return np.stack([self._noise[start : start + self._size[0]] for start in starts])


def cut(size: Size, unit: float, cutting: Callable[[Cutting], None], *, horizon: float = 1.0) -> Sheet:
    """Cut a sheet; what is empty around it is left away."""
    sheet = Cutting(*size, horizon=horizon, unit=unit)
    cutting(sheet)
    whole = sheet.sheet()
    left, top, right, bottom = whole.getbbox() or (0, 0, 1, 1)
    return Sheet(np.asarray(whole.crop((left, top, right, bottom))).copy(), left, top)


def stops(top: float, foot: float, *shades: Colour) -> Stops:
    """Colours spread evenly from a row to another."""
    return [(top + (foot - top) * n / max(1, len(shades) - 1), shade) for n, shade in enumerate(shades)]


def union(canvas: Size, sheets: Sequence[Sheet]) -> Sheet:
    """What any of them covers."""
    whole = np.zeros(canvas[::-1], np.uint8)
    for sheet in sheets:
        left, top, right, foot = (max(0, each) for each in sheet.box)
        right, foot = min(right, canvas[0]), min(foot, canvas[1])
        if left < right and top < foot:
            cover = sheet.part(slice(top - sheet.top, foot - sheet.top), slice(left - sheet.left, right - sheet.left))
            np.maximum(whole[top:foot, left:right], cover, out=whole[top:foot, left:right])
    rows, columns = np.flatnonzero(whole.any(axis=1)), np.flatnonzero(whole.any(axis=0))
    if not len(rows):
        return Sheet(np.zeros((1, 1), np.uint8), 0, 0)
    return Sheet(whole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy(), int(columns[0]), int(rows[0]))


def standing(backdrop: pygame.Surface, sheet: Sheet, *, below: int | None = None) -> Front:
    """What a finished backdrop shows where a sheet lies, for what moves behind it, none of it beneath `below`."""
    pixels, cover = raw(backdrop), sheet.cover
    height = cover.shape[0] if below is None else min(cover.shape[0], below - sheet.top)
    tiles = {}
    for y in range(0, height, TILE[1]):
        for x in range(0, cover.shape[1], TILE[0]):
            rows = cover[y : y + TILE[1], x : x + TILE[0]]
            if rows.any():
                top, left = sheet.top + y, sheet.left + x
                tiles[x // TILE[0], y // TILE[1]] = _copied(pixels[top : top + TILE[1], left : left + TILE[0]], rows)
    return Front(tiles, sheet.left, sheet.top, TILE)


def raw(surface: pygame.Surface) -> Cover:
    """A surface's own bytes: rows, columns, blue-green-red-alpha."""
    width, height = surface.get_size()
    rows: Cover = pygame.surfarray.pixels2d(surface).T.view(np.uint8).reshape(height, width, 4)
    return rows


def _copied(pixels: Cover, cover: Cover) -> pygame.Surface:
    surface = pygame.Surface(cover.shape[::-1], pygame.SRCALPHA, 32)
    into = raw(surface)
    share = cover[..., None].astype(np.uint16)
    into[..., :3] = (pixels[: cover.shape[0], : cover.shape[1], :3] * share + 127) // 255
    into[..., 3] = cover
    return surface


def _rows(stops: Stops, top: int, count: int) -> Planes:
    """The colour of each row, three planes."""
    at, places = np.arange(top, top + count), [place for place, _ in stops]
    found = [np.interp(at, places, [255 * shade[channel] for _, shade in stops]) for channel in range(3)]
    return np.asarray(found, np.float32)


def _mix(planes: Planes, share: Planes, shades: Sequence[npt.NDArray[np.float32] | np.float32]) -> None:
    for plane, shade in zip(planes, shades, strict=True):
        plane += (shade - plane) * share
