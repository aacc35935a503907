"""General and red flashes by WCAG 2.3.1, found in a film's pictures as they come, thirty a second.

A flash is a pair of opposing changes of relative luminance by a tenth or more, the darker of them below 0.8; a red one
a pair of changes to or from a saturated red. More than three within a second are harmful where they fill a quarter of
any window of a third by a third of the picture (341 × 256 pixels of 1024 × 768 in the guideline).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

CELLS = (48, 27)
MOST_FLASHES = 3
GENERAL_STEP = 0.1
BRIGHT = 0.8
RED_STEP = 20.0 / 320.0
RED_SHARE = 0.8
WINDOW = 3
QUARTER = 0.25

Grid = NDArray[np.float32]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flashing:
    """The worst second of a kind: the picture it ends with, the last one in it that stands out by its light (or red),
    flashes in it, and left, top, right, bottom as shares.
    """

    kind: Literal["general", "red"]
    frame: int
    bright: int
    flashes: int
    box: Box


class Flashes:
    """Sees every picture once, in order."""

    def __init__(self, fps: int) -> None:
        self._number = 0
        self._general = _Turns("general", fps)
        self._red = _Turns("red", fps)

    def see(self, linear: Grid) -> None:
        """The next picture: rows × columns × linear red, green, blue from 0 to 1, of any grid that stays the same."""
        red, green, blue = linear[..., 0], linear[..., 1], linear[..., 2]
        luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        self._general.see(self._number, luminance, GENERAL_STEP, luminance < BRIGHT)
        saturated = red >= RED_SHARE * (red + green + blue + 1e-6)
        self._red.see(self._number, np.clip(red - green - blue, 0, None) * saturated, RED_STEP, np.True_)
        self._number += 1

    def found(self) -> tuple[Flashing, ...]:
        """What is harmful, the worst of each kind."""
        return tuple(each for each in (self._general.worst, self._red.worst) if each is not None)


class _Turns:
    """The turns of each cell's value during the last second: a turn back by a step or more counts one."""

    def __init__(self, kind: Literal["general", "red"], fps: int) -> None:
        self._kind = kind
        self._fps = fps
        self._low: Grid | None = None
        self._high: Grid | None = None
        self._rising: NDArray[np.int8] | None = None
        self._recent: NDArray[np.uint8] | None = None
        self._many: NDArray[np.int16] | None = None
        self._before: Grid | None = None
        self.worst: Flashing | None = None

    def see(self, number: int, value: Grid, step: float, dark: NDArray[np.bool_] | np.bool_) -> None:
        """`dark` says where this value may be the darker one of a change."""
        if self._low is None or self._high is None or self._recent is None or self._rising is None:
            self._low, self._high = value.copy(), value.copy()
            self._recent = np.zeros((self._fps, *value.shape), np.uint8)
            self._rising = np.zeros(value.shape, np.int8)
            self._many = np.zeros(value.shape, np.int16)
            self._dark_low = np.broadcast_to(dark, value.shape).copy()
            return
        assert self._many is not None
        up = (value - self._low >= step) & (self._rising <= 0) & self._dark_low
        down = (self._high - value >= step) & (self._rising >= 0) & dark
        turned = up | down
        self._rising[up], self._rising[down] = 1, -1
        lower = down | (value < self._low)
        self._low = np.where(up | lower, value, self._low)
        self._dark_low = np.where(up | lower, dark, self._dark_low)
        self._high = np.where(turned | (value > self._high), value, self._high)
        slot = self._recent[number % self._fps]
        self._many -= slot
        slot[...] = turned
        self._many += slot
        if turned.any():
            self._judge(number, value)
        self._before = value

    def _judge(self, number: int, value: Grid) -> None:
        assert self._many is not None
        harmful = self._many > 2 * MOST_FLASHES
        if not harmful.any() or not _wide(harmful):
            return
        flashes = int(self._many.max() + 1) // 2
        if self.worst is None or flashes > self.worst.flashes:
            # A turn is seen at its first picture: it shines itself, or the one before it did.
            rose = self._before is None or float((value - self._before)[harmful].sum()) >= 0
            bright = number if rose else number - 1
            self.worst = Flashing(kind=self._kind, frame=number, bright=bright, flashes=flashes, box=_box(harmful))


def _wide(harmful: NDArray[np.bool_]) -> bool:
    """Does it fill a quarter of some window of a third by a third?"""
    rows, columns = (max(1, round(side / WINDOW)) for side in harmful.shape)
    sums = np.pad(harmful.astype(np.int32).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    inside = sums[rows:, columns:] - sums[:-rows, columns:] - sums[rows:, :-columns] + sums[:-rows, :-columns]
    return bool(inside.max() >= QUARTER * rows * columns)


def _box(harmful: NDArray[np.bool_]) -> Box:
    rows, columns = np.flatnonzero(harmful.any(1)), np.flatnonzero(harmful.any(0))
    height, width = harmful.shape
    left, right = float(columns[0] / width), float((columns[-1] + 1) / width)
    return left, float(rows[0] / height), right, float((rows[-1] + 1) / height)
