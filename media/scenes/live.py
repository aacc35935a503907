"""A scene at work: the slow part painted once a stretch, ahead of time; the quick part laid over it at each moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pygame

from media.geometry import Rect, Size

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# More tiles than any canvas has in a row.
LARGE = 1 << 15


class Plate(Protocol):
    """What was painted for a stretch of time."""

    @property
    def backdrop(self) -> pygame.Surface:
        """The whole canvas."""

    @property
    def hidden(self) -> tuple[int, int]:
        """Rows of the backdrop that a layer covers wherever it is drawn, from the first to before the last."""


Places = npt.NDArray[np.int64]


class Layer:
    """Small pictures and where their left upper corners lie on the canvas, drawn in this order by one rule.

    `size` is the one that they all have, or one for each, where that is known: asking thousands takes long.
    """

    def __init__(
        self,
        pictures: Sequence[pygame.Surface],
        x: Places,
        y: Places,
        rule: int = pygame.BLEND_PREMULTIPLIED,
        *,
        size: Size | Places | None = None,
    ) -> None:
        self.pictures = pictures
        self.x, self.y = x, y
        self._rule = rule
        known = [each.get_size() for each in pictures] if size is None else size
        sizes = np.array(known, np.int64).reshape(-1, 2)
        self.right, self.foot = x + sizes[:, 0], y + sizes[:, 1]

    def onto(self, view: pygame.Surface, part: Rect) -> None:
        """Draw those that touch a part of the canvas."""
        seen = np.flatnonzero((self.x < part.x + part.width) & (self.right > part.x))
        at = zip((self.x[seen] - part.x).tolist(), (self.y[seen] - part.y).tolist(), strict=True)
        view.fblits([(self.pictures[n], place) for n, place in zip(seen.tolist(), at, strict=True)], self._rule)


class Front:
    """What the backdrop shows already and what moving things pass behind: tiles, drawn again only where they do."""

    def __init__(self, tiles: Mapping[tuple[int, int], pygame.Surface], left: int, top: int, size: Size) -> None:
        self._tiles = tiles
        self._corner = left, top
        self._size = size
        self._reach = max((x for x, _ in tiles), default=-1) + 1, max((y for _, y in tiles), default=-1) + 1

    def over(self, *behind: Layer) -> Layer:
        """The tiles that have to be drawn after those layers."""
        touched = np.zeros(self._reach, bool)
        for left, top, right, foot in self._cells(behind):
            touched[left:right, top:foot] = True
        across, down = (each.tolist() for each in touched.nonzero())
        places = [place for place in zip(across, down, strict=True) if place in self._tiles]
        corners = np.array(places, np.int64).reshape(-1, 2) * self._size + self._corner
        return Layer([self._tiles[place] for place in places], corners[:, 0], corners[:, 1])

    def _cells(self, layers: Sequence[Layer]) -> list[tuple[int, ...]]:
        """The boxes of tiles that the layers' pictures lie on, each once."""
        boxes = [np.stack([each.x, each.right - 1, each.y, each.foot - 1]) for each in layers]
        whole = np.concatenate(boxes, axis=1)
        across, down = whole[:2] - self._corner[0], whole[2:] - self._corner[1]
        first = np.maximum(0, np.array([across[0] // self._size[0], down[0] // self._size[1]]))
        last = np.maximum(0, np.array([across[1] // self._size[0], down[1] // self._size[1]]) + 1)
        packed = ((first[0] * LARGE + first[1]) * LARGE + last[0]) * LARGE + last[1]
        once = np.unique(packed)
        parts = [once // LARGE**3, once // LARGE**2 % LARGE, once // LARGE % LARGE, once % LARGE]
        return list(zip(*(each.tolist() for each in parts), strict=True))


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

    def draw(self, ground: pygame.Surface, box: Rect, part: Rect, moment: datetime) -> None:
        """Draw a part of the canvas into a box of the ground."""
        view = ground.subsurface((box.x, box.y, box.width, box.height))
        if box.size == part.size:
            self._at(self._canvas).draw(view, part, moment)
            return
        across, down = box.width / part.width, box.height / part.height
        canvas = max(1, round(self._canvas[0] * across)), max(1, round(self._canvas[1] * down))
        left = min(round(part.x * across), canvas[0] - box.width)
        top = min(round(part.y * down), canvas[1] - box.height)
        self._at(canvas).draw(view, Rect(x=max(0, left), y=max(0, top), width=box.width, height=box.height), moment)

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
        self._last: tuple[datetime, Sequence[Layer]] | None = None

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

    def draw(self, view: pygame.Surface, part: Rect, moment: datetime) -> None:
        """Draw a part; the panels of one moment share what was worked out for it."""
        artist, plate = self.plate(moment)
        self._drawn, shown = _stretch(moment, artist.stretch_s), self._last
        if shown is None or shown[0] != moment:
            shown = self._last = moment, artist.layers((moment - EPOCH) / MICROSECOND / 1e6, plate)
        first, last = (min(max(0, row - part.y), part.height) for row in plate.hidden)
        for top, foot in ((0, first), (last, part.height)):
            view.blit(plate.backdrop, (0, top), (part.x, part.y + top, part.width, foot - top))
        for layer in shown[1]:
            layer.onto(view, part)


def _stretch(moment: datetime, stretch_s: int) -> int:
    return (moment - EPOCH) // timedelta(seconds=stretch_s)
