"""Brings pictures into a window's surface: whole, mixed, or one wiping over the other.

A picture is rows × columns of 32-bit pixels, blue first in memory, wholly opaque: as the window has them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

import numpy as np
import pygame

from media.geometry import Rect, Size

Pixels: TypeAlias = "np.ndarray[tuple[int, int], np.dtype[np.uint32]]"
Drawing = Callable[[pygame.Surface, Rect], Sequence[Rect] | None]
BAND_BYTES = 512 * 1024
OPAQUE = 0xFF000000
COLOURS = 0x00FFFFFF


class Seen(Protocol):
    """What was drawn, part by part."""

    def subsurface(self, rect: pygame.Rect, /) -> pygame.Surface:
        """A part of it, to be read only."""


class Brush(Protocol):
    """Draws into a window's boxes, at once; pictures are as large as their box. The presenting thread only."""

    @property
    def seen(self) -> Seen:
        """What was drawn."""

    def place(self, picture: Pixels, box: Rect) -> None:
        """A picture whole."""

    def mix(self, first: Pixels, second: Pixels, share: int, box: Rect) -> None:
        """Both pictures, `share` 255ths of the second."""

    def wipe(self, left: Pixels, right: Pixels, edge: int, box: Rect) -> None:
        """The left picture in the columns before `edge`, the right one from there on."""

    def paint(self, box: Rect, draw: Drawing) -> Sequence[Rect] | None:
        """Let something draw itself into a box of a surface, which holds what was painted last where that still stands.

        The boxes of the window that changed; None where it could not draw itself.
        """


class Painter:
    """A `Brush` on one surface of 32-bit pixels."""

    def __init__(self, surface: pygame.Surface) -> None:
        self.surface = surface
        self._bands: dict[int, tuple[Pixels, pygame.Surface]] = {}

    @property
    def seen(self) -> pygame.Surface:
        """The surface itself."""
        return self.surface

    def place(self, picture: Pixels, box: Rect) -> None:
        """See `Brush`."""
        _copy(picture, self.surface, box.x, box.y)

    def mix(self, first: Pixels, second: Pixels, share: int, box: Rect) -> None:
        """See `Brush`.

        Band by band: the first is copied, the second gets its share as alpha and is blended over it while both are
        still in the processor's cache: about 2.5 × a bare copy, and less than every other way that was measured.
        """
        own, layer = self._band(box.width)
        height = len(own)
        for top in range(0, box.height, height):
            foot = min(top + height, box.height)
            _copy(first[top:foot], self.surface, box.x, box.y + top)
            np.bitwise_and(second[top:foot], np.uint32(share << 24 | COLOURS), out=own[: foot - top])
            self.surface.blit(layer, (box.x, box.y + top), (0, 0, box.width, foot - top))

    def wipe(self, left: Pixels, right: Pixels, edge: int, box: Rect) -> None:
        """See `Brush`."""
        _copy(left[:, :edge], self.surface, box.x, box.y)
        _copy(right[:, edge:], self.surface, box.x + edge, box.y)

    def paint(self, box: Rect, draw: Drawing) -> Sequence[Rect] | None:
        """See `Brush`."""
        return draw(self.surface, box)

    def _band(self, width: int) -> tuple[Pixels, pygame.Surface]:
        """A strip of that width and the surface over its memory."""
        if width not in self._bands:
            own: Pixels = np.empty((max(1, BAND_BYTES // (4 * width)), width), np.uint32)
            self._bands[width] = own, pygame.image.frombuffer(own.data, (width, len(own)), "BGRA")
        return self._bands[width]


def pixels_of(surface: pygame.Surface) -> Pixels:
    """A copy of a 32-bit surface as a picture."""
    return np.asarray(surface.get_view("2")).T | np.uint32(OPAQUE)


def black(size: Size) -> Pixels:
    """A dark picture."""
    return np.full((size[1], size[0]), OPAQUE, np.uint32)


def _copy(picture: Pixels, surface: pygame.Surface, x: int, y: int) -> None:
    """The surface is locked as long as this function's view of it lives."""
    window = np.asarray(surface.get_view("2")).T
    window[y : y + picture.shape[0], x : x + picture.shape[1]] = picture
