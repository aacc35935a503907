"""The Han: what stands above it, mirrored once a stretch, and broken by waves at each moment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pygame

from media.art.paper import Colour
from media.geometry import Size
from media.scenes.layers import Layer
from media.scenes.rhythm import TAU
from media.scenes.sheets import raw

MARGIN_SHARE = 0.012
LOOKS = (0, 3, 8)
STREAK = 48


class River:
    """Water between two rows of a canvas."""

    def __init__(self, canvas: Size, unit: float, top: int, foot: int) -> None:
        self._canvas, self._top, self._rows = canvas, top, foot - top
        self._margin = max(2, round(MARGIN_SHARE * unit))
        chance = np.random.default_rng(canvas[0] + 7)
        self._streaks = chance.normal(0, 1, (self._rows, canvas[0] // STREAK + 1)).astype(np.float32)
        self._edges = self._cut(unit)
        turns = chance.uniform(0, 1, (3, len(self._edges) - 1))
        self._turn = turns
        share = np.array(self._edges[:-1]) / max(1, self._rows)
        self._reach = (0.12 + 0.88 * share) * (self._margin - 1) * 0.5

    def mirror(self, backdrop: pygame.Surface, tint: Colour, *, rough: float) -> Sequence[pygame.Surface]:
        """Draw the water under what is above it, more tinted towards the near bank; the same in strips, to be moved."""
        above = raw(backdrop)
        rows = np.arange(self._rows)
        share = (rows / max(1, self._rows)).astype(np.float32)[:, None, None]
        looked = [np.clip(self._top - 2 - (rows * 1.28).astype(int) - look, 0, self._top - 1) for look in LOOKS]
        shade = np.array([255 * tint[2], 255 * tint[1], 255 * tint[0]], np.float32)
        water = pygame.Surface((self._canvas[0] + 2 * self._margin, self._rows), 0, 32)
        into = raw(water)
        for top in range(0, self._rows, 32):
            part = slice(top, min(self._rows, top + 32))
            seen = sum(above[each[part], :, :3].astype(np.float32) for each in looked) / np.float32(len(LOOKS))
            seen += (shade - seen) * (0.22 + 0.46 * share[part])
            streaks = np.repeat(self._streaks[part], STREAK, axis=1)[:, : self._canvas[0], None]
            seen += streaks * (1.2 + rough * 4.5 * share[part])
            whole = np.pad(np.clip(seen, 0, 255), ((0, 0), (self._margin, self._margin), (0, 0)), mode="reflect")
            into[part, :, :3] = whole
        del above, into
        backdrop.blit(water, (-self._margin, self._top))
        pairs = zip(self._edges, self._edges[1:], strict=False)
        return [water.subsurface((0, one, water.get_width(), two - one)) for one, two in pairs]

    def around(self, backdrop: pygame.Surface) -> Layer:
        """A backdrop without the rows that the water covers at every moment."""
        (wide, high), foot = self._canvas, self._top + self._rows
        above, below = ((0, 0, wide, self._top), (0, foot, wide, high - foot))
        return Layer.whole((backdrop.subsurface(above), 0), (backdrop.subsurface(below), foot))

    def layer(self, seconds: float, strips: Sequence[pygame.Surface]) -> Layer:
        """The strips where the waves have them."""
        place = np.arange(len(strips))
        first, second, third = self._turn
        waves = np.sin(TAU * ((seconds / (6.1 + first) + second) % 1) + 1.9 * place)
        waves += 0.6 * np.sin(TAU * ((seconds / (3.3 + 0.7 * second) + third) % 1) - 2.7 * place)
        x = np.rint(self._reach * waves).astype(np.int64) - self._margin
        return Layer(strips, x, np.array(self._edges[:-1], np.int64) + self._top, 0)

    def _cut(self, unit: float) -> list[int]:
        """Strips grow from the far bank to the near one."""
        edges, place = [0], 0.0
        while edges[-1] < self._rows:
            place += max(2.0, unit * (0.0014 + 0.0050 * place / max(1, self._rows)))
            edges.append(min(self._rows, max(edges[-1] + 1, round(place))))
        return edges
