"""Small pictures laid over one another, and where two moments of them differ. A box is left, top, right and foot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pygame

from media.geometry import Rect, Size

Places = npt.NDArray[np.int64]
Cells = npt.NDArray[np.bool_]
# Further away than any canvas reaches, and any picture with it.
AWAY = -(1 << 20)


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
        self.rule = rule
        known = [each.get_size() for each in pictures] if size is None else size
        sizes = np.array(known, np.int64).reshape(-1, 2)
        self.boxes: Places = np.stack([x, y, x + sizes[:, 0], y + sizes[:, 1]])

    @classmethod
    def whole(cls, *pieces: tuple[pygame.Surface, int]) -> Layer:
        """What covers everything below it: pictures as wide as the canvas and the row where each begins."""
        rows = np.array([row for _, row in pieces], np.int64)
        return cls([piece for piece, _ in pieces], np.zeros_like(rows), rows, 0)


class Arrangement:
    """All layers of a moment, from the back to the front. Pictures never change: another look is another picture."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._shape = [(each.rule, len(each.pictures)) for each in layers]
        self._rules = [rule for rule, count in self._shape for _ in range(count)]
        self._pictures = [picture for each in layers for picture in each.pictures]
        self._boxes = np.concatenate([each.boxes for each in layers], axis=1)

    def changed(self, before: Arrangement) -> Places:
        """Boxes outside of which it looks as it did before: those of what came, went, moved or looks different."""
        both = self._boxes, before._boxes
        if self._shape == before._shape:
            pairs = zip(self._pictures, before._pictures, strict=True)
            other = np.array([one is not two for one, two in pairs], np.bool_) | (both[0] != both[1]).any(axis=0)
            both = both[0][:, other], both[1][:, other]
        return np.concatenate(both, axis=1)

    def onto(self, ground: pygame.Surface, move: Size, boxes: Places) -> None:
        """Draw what lies in boxes, and nothing else; `move` is the way from the canvas to the ground.

        One call for all of it, each picture cut to each box that it touches: that is what makes many boxes cheap.
        """
        if not boxes.size:
            return
        bounds = np.append(boxes[:2].min(axis=1), boxes[2:].max(axis=1))[:, None]
        near = np.flatnonzero(_meet(self._boxes, bounds))
        box, found = _meet(self._boxes[:, None, near], boxes[:, :, None]).nonzero()
        chosen = near[found]
        lies, seen = self._boxes[:, chosen], boxes[:, box]
        first = np.maximum(lies[:2], seen[:2])
        cut = np.concatenate([first - lies[:2], np.minimum(lies[2:], seen[2:]) - first])
        at = first + np.array(move)[:, None]
        rows = zip(chosen.tolist(), zip(*at.tolist(), strict=True), zip(*cut.tolist(), strict=True), strict=True)
        ground.blits([(self._pictures[n], place, part, self._rules[n]) for n, place, part in rows], doreturn=False)


class Front:
    """What the backdrop shows already and what moving things pass behind: tiles, drawn again only where they do."""

    def __init__(self, tiles: Mapping[Size, pygame.Surface], left: int, top: int, size: Size) -> None:
        self._tiles = list(tiles.values())
        self._places = np.array(list(tiles), np.int64).reshape(-1, 2).T
        self._corner = np.array([[left], [top]])
        self._size = size
        self._reach = max((x for x, _ in tiles), default=-1) + 1, max((y for _, y in tiles), default=-1) + 1
        self._sizes = np.array([each.get_size() for each in self._tiles], np.int64).reshape(-1, 2)

    def over(self, *behind: Layer) -> Layer:
        """All tiles, those where nothing passes far away: so that a tile has the same number at every moment."""
        boxes = np.concatenate([each.boxes for each in behind], axis=1) - np.tile(self._corner, (2, 1))
        touched = cells(boxes, self._size, self._reach)[tuple(self._places)]
        x, y = self._places * np.array(self._size)[:, None] + self._corner
        return Layer(self._tiles, np.where(touched, x, AWAY), y, size=self._sizes)


def box_of(part: Rect) -> Places:
    """One box."""
    return np.array([[part.x], [part.y], [part.x + part.width], [part.y + part.height]])


def cells(boxes: Places, size: Size, reach: Size) -> Cells:
    """The cells of a grid, by column and row, that boxes touch: each box counts up at two corners, down at two."""
    step, most = np.array(size)[:, None], np.array(reach)[:, None]
    (left, top), (right, foot) = np.clip(boxes[:2] // step, 0, most), np.clip(-(-boxes[2:] // step), 0, most)
    high = reach[1] + 1
    corners = np.concatenate([left * high + top, right * high + foot, left * high + foot, right * high + top])
    counted = np.bincount(corners, np.repeat([1, 1, -1, -1], len(left)), (reach[0] + 1) * high).reshape(-1, high)
    touched: Cells = counted.cumsum(axis=0).cumsum(axis=1)[:-1, :-1] > 0
    return touched


def patches(touched: Cells, size: Size, part: Rect) -> Places:
    """Boxes that cover the touched cells of a part, none over another: runs, made one where they lie on equal ones."""
    first = part.x // size[0], part.y // size[1]
    last = -(-(part.x + part.width) // size[0]), -(-(part.y + part.height) // size[1])
    steps = np.diff(touched[first[0] : last[0], first[1] : last[1]].T.astype(np.int8), axis=1, prepend=0, append=0)
    (row, left), right = (steps > 0).nonzero(), (steps < 0).nonzero()[1]
    runs = np.stack([left, right, row])[:, np.lexsort([row, right, left])]
    begins = np.ones(len(row), np.bool_)
    begins[1:] = (np.diff(runs) != [[0], [0], [1]]).any(axis=0)
    (left, right, top), foot = runs[:, begins], runs[2, np.roll(begins, -1)] + 1
    found = (np.stack([left, top, right, foot]) + np.tile(first, 2)[:, None]) * np.tile(size, 2)[:, None]
    whole = box_of(part)
    inside: Places = np.clip(found, np.tile(whole[:2], (2, 1)), np.tile(whole[2:], (2, 1)))
    return inside


def _meet(some: Places, others: Places) -> Cells:
    """Whether boxes share a pixel."""
    (left, top, right, foot), (start, head, end, base) = some, others
    found: Cells = (left < end) & (top < base) & (right > start) & (foot > head)
    return found
