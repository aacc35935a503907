"""A scene at work: the slow part painted once a stretch, ahead of time; the quick part laid over it at each moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Generic, Protocol, TypeVar

import numpy as np
import pygame

from media.geometry import Rect, Size
from media.scenes.layers import Arrangement, Cells, Layer, Places, box_of, cells, patches

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# What is drawn again is made of cells of this size: smaller ones are fewer pixels in more boxes (measured).
CELL = (32, 16)
# Panels that change one after the other show a scene at up to so many moments at a time.
MOMENTS_KNOWN = 4


class Plate(Protocol):
    """What was painted for a stretch of time."""

    @property
    def backdrop(self) -> Layer:
        """What lies below all that moves: the canvas, but for what a layer covers at every moment."""


P = TypeVar("P", bound=Plate)


class Artist(Protocol[P]):
    """Draws one scene on one canvas; both answers depend on their arguments alone."""

    stretch_s: int

    def plate(self, moment: datetime) -> P:
        """What stands for the stretch around a moment; slow."""

    def layers(self, seconds: float, plate: P) -> Sequence[Layer]:
        """What moves, back to front, `seconds` after 1970."""


class Live(Generic[P]):
    """One scene on one canvas, see `media.scenes.Scene`."""

    def __init__(self, canvas: Size, artist: Callable[[Size], Artist[P]]) -> None:
        self._canvas = canvas
        self._artist = artist
        self._easels: dict[Size, _Work[P]] = {}
        self._opening = threading.Lock()

    def prepare(self, moment: datetime) -> None:
        """Paint what that moment stands on, at every scale that was drawn so far."""
        for work in tuple(self._easels.values()) or (self._at(self._canvas),):
            work.plate(moment)

    def draw(
        self, ground: pygame.Surface, box: Rect, part: Rect, moment: datetime, *, since: datetime | None = None
    ) -> Sequence[Rect]:
        """Draw a part of the canvas into a box of the ground, or what of it is different."""
        canvas, seen = self._scaled(box.size, part)
        move = box.x - seen.x, box.y - seen.y
        boxes = self._at(canvas).draw(ground, move, seen, moment, since=since)
        sizes = boxes[2:] - boxes[:2]
        rows = zip(*(boxes[:2] + np.array(move)[:, None]).tolist(), *sizes.tolist(), strict=True)
        return [Rect(x=x, y=y, width=width, height=height) for x, y, width, height in rows]

    def _scaled(self, size: Size, part: Rect) -> tuple[Size, Rect]:
        """The canvas of a scale at which a part has that size, and the part on it."""
        if size == part.size:
            return self._canvas, part
        across, down = size[0] / part.width, size[1] / part.height
        canvas = max(1, round(self._canvas[0] * across)), max(1, round(self._canvas[1] * down))
        left = min(round(part.x * across), canvas[0] - size[0])
        top = min(round(part.y * down), canvas[1] - size[1])
        return canvas, Rect(x=max(0, left), y=max(0, top), width=size[0], height=size[1])

    def _at(self, canvas: Size) -> _Work[P]:
        with self._opening:
            if canvas not in self._easels:
                self._easels[canvas] = _Work(canvas, self._artist)
            return self._easels[canvas]


class _Work(Generic[P]):
    """The scene at one scale: its artist, made when first needed, and the plates of two stretches."""

    def __init__(self, canvas: Size, artist: Callable[[Size], Artist[P]]) -> None:
        self._canvas = canvas
        self._make = artist
        self._artist: Artist[P] | None = None
        self._plates: dict[int, P] = {}
        self._painting = threading.Lock()
        self._drawn: int | None = None
        self._shown: tuple[tuple[datetime, P, Arrangement], ...] = ()
        self._changes: tuple[tuple[Arrangement, Arrangement, Cells], ...] = ()

    def plate(self, moment: datetime) -> tuple[Artist[P], P]:
        """The plate of a moment's stretch; painted when it is not there."""
        artist = self._artist
        if artist is not None and (ready := self._plates.get(_stretch(moment, artist.stretch_s))) is not None:
            return artist, ready
        with self._painting:
            artist = self._artist = self._artist or self._make(self._canvas)
            number = _stretch(moment, artist.stretch_s)
            if number not in self._plates:
                middle = EPOCH + timedelta(seconds=(number + 0.5) * artist.stretch_s)
                # The others go first, so that there is never memory for more than two; what is on the glass stays.
                kept = self._drawn if self._drawn in self._plates else max(self._plates, default=number)
                self._plates = {held: plate for held, plate in self._plates.items() if held == kept}
                self._plates = {**self._plates, number: artist.plate(middle)}
            return artist, self._plates[number]

    def draw(
        self, ground: pygame.Surface, move: Size, part: Rect, moment: datetime, *, since: datetime | None
    ) -> Places:
        """Draw a part, or where it differs from one of the last moments; the boxes that were drawn."""
        before = next((arranged for at, _, arranged in self._shown if at == since), None)
        now = self._arranged(moment)
        boxes = box_of(part) if before is None else patches(self._changed(before, now), CELL, part)
        now.onto(ground, move, boxes)
        return boxes

    def _arranged(self, moment: datetime) -> Arrangement:
        """Where everything lies; the panels of one moment share it."""
        artist, plate = self.plate(moment)
        self._drawn = _stretch(moment, artist.stretch_s)
        shown = [each for each in self._shown if each[1] is plate]
        for at, _, arranged in shown:
            if at == moment:
                return arranged
        fresh = Arrangement([plate.backdrop, *artist.layers((moment - EPOCH) / MICROSECOND / 1e6, plate)])
        self._shown = *shown[1 - MOMENTS_KNOWN :], (moment, plate, fresh)
        return fresh

    def _changed(self, before: Arrangement, now: Arrangement) -> Cells:
        """The cells of the canvas where they differ; the panels of one moment share them, too."""
        for old, new, found in self._changes:
            if old is before and new is now:
                return found
        reach = -(-self._canvas[0] // CELL[0]), -(-self._canvas[1] // CELL[1])
        fresh = cells(now.changed(before), CELL, reach)
        self._changes = *self._changes[1 - MOMENTS_KNOWN :], (before, now, fresh)
        return fresh


def _stretch(moment: datetime, stretch_s: int) -> int:
    return (moment - EPOCH) // timedelta(seconds=stretch_s)
