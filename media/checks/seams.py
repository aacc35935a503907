"""Text that runs across a seam: strokes like those of letters on both sides of a gap, or cut by one along the line.

Letters are told from foliage and buildings by four signs together: two levels and little between them, many changes
along the line and some across it, and a quiet strip above and below the line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

CONTRAST = 60
LEAST_INK, MOST_INK = 0.08, 0.5
MOST_BETWEEN = 0.3
CHANGES_ALONG = 3.0
CHANGES_ACROSS = 0.8
MOST_NOISE = 0.5
ALIKE = 45
NEAR = 0.45
HIGH = 0.6
LINES = (10, 14, 20, 28, 40, 56, 80)

Grey = NDArray[np.uint8]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seam:
    """What nobody sees between two panels, numbered in reading order: left, top, right, bottom in pixels of a picture.

    `level`: the second panel hangs below the first.
    """

    first: int
    second: int
    level: bool
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Text on a seam: left, top, right, bottom in pixels of the picture given."""

    seam: Seam
    box: Box

    @property
    def code(self) -> str:
        """How it is called among the checks."""
        return "text-on-level-seam" if self.seam.level else "text-on-seam"

    @property
    def between(self) -> Mapping[str, int]:
        """The two panels, as the words of the check name them."""
        first, second = ("upper", "lower") if self.seam.level else ("left", "right")
        return {first: self.seam.first, second: self.seam.second}


def seams_of(joints: Iterable[Mapping[str, Any]], shrunk: float) -> list[Seam]:
    """The joints of a wall's canvas in a picture of it that is so many times as large."""
    return [
        Seam(
            first=joint["first"],
            second=joint["second"],
            level=joint["level"],
            box=_shrunk(joint["box"], shrunk),
        )
        for joint in joints
    ]


def crossings(grey: Grey, seams: Iterable[Seam]) -> tuple[Crossing, ...]:
    """Where text crosses the seams; one crossing a seam."""
    found = (_crossing(grey, seam) for seam in seams)
    return tuple(each for each in found if each is not None)


def _shrunk(box: Mapping[str, int], by: float) -> Box:
    left, top = box["x"], box["y"]
    sides = (left, top, left + box["width"], top + box["height"])
    x0, y0, x1, y1 = (round(side * by) for side in sides)
    return x0, y0, x1, y1


def _crossing(grey: Grey, seam: Seam) -> Crossing | None:
    left, top, right, bottom = seam.box
    if seam.level:
        boxes = [_moved(box, left, 0) for box in _lines_along(grey[:, left:right], top, bottom)]
    else:
        boxes = [_moved(box, 0, top) for box in _lines_across(grey[top:bottom], left, right)]
    if not boxes:
        return None
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Crossing(seam=seam, box=(min(lefts), min(tops), max(rights), max(bottoms)))


def _moved(box: Box, dx: int, dy: int) -> Box:
    return box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy


def _lines_across(grey: Grey, start: int, end: int) -> Iterator[Box]:
    """Lines that go on beyond a gap of columns."""
    height, width = grey.shape
    for line in LINES:
        reach = 2 * line
        if start < reach or width - end < reach:
            continue
        for top in range(line // 2, height - line - line // 2, max(2, line // 3)):
            left = _ink(grey[:, start - reach : start][:, ::-1], top, line)
            right = _ink(grey[:, end : end + reach], top, line) if left is not None else None
            if left is not None and right is not None and _alike(left, right):
                yield start - reach, top, end + reach, top + line


def _lines_along(grey: Grey, start: int, end: int) -> Iterator[Box]:
    """Lines of which a gap of rows hides a part, or all."""
    height, width = grey.shape
    for line in LINES:
        reach, step = 2 * line, max(2, line // 3)
        first, last = max(line // 2, start - line), min(height - line - line // 2, end + 1)
        for top in range(first, last, step):
            for middle in range(reach, width - reach + 1, line):
                left = _ink(grey[:, middle - reach : middle][:, ::-1], top, line)
                if left is None or not left.within(start, end):
                    continue
                right = _ink(grey[:, middle : middle + reach], top, line)
                if right is not None and right.within(start, end) and _alike(left, right):
                    yield middle - reach, top, middle + reach, top + line


class _Letters(NamedTuple):
    """What looks like a line of letters: its two levels, whether the letters are dark, and the rows they fill."""

    low: float
    high: float
    dark: bool
    top: int
    bottom: int

    def within(self, start: int, end: int) -> bool:
        """Whether some of them lie in rows that nobody sees, or on both sides of a seam without width."""
        return self.top < end and self.bottom > start


def _ink(side: Grey, top: int, line: int) -> _Letters | None:
    """The letters in those rows, if they are some; `side` begins where they have to."""
    inside = side[top : top + line]
    if int(inside.max()) - int(inside.min()) < CONTRAST:
        return None
    low, high = (float(value) for value in np.percentile(inside, (4, 96)))
    if high - low < CONTRAST:
        return None
    third = (high - low) / 3
    if float(((inside > low + third) & (inside < high - third)).mean()) > MOST_BETWEEN:
        return None
    light = inside > (low + high) / 2
    share = float(light.mean())
    dark_letters = share >= MOST_INK
    ink = ~light if dark_letters else light
    if not LEAST_INK <= float(ink.mean()) <= MOST_INK or not _lettered(ink, line):
        return None
    around = np.concatenate(
        (side[top - line // 2 : top - line // 4], side[top + line + line // 4 : top + line + line // 2])
    )
    ground = high if dark_letters else low
    if float((np.abs(around - ground) > (high - low) / 2).mean()) > LEAST_INK:
        return None
    rows = np.flatnonzero(ink.any(axis=1))
    return _Letters(low, high, dark_letters, top + int(rows[0]), top + int(rows[-1]) + 1)


def _lettered(ink: NDArray[np.bool_], line: int) -> bool:
    """Strokes along the line and across it, as high as the line, in all of its length and close to the gap."""
    along = (ink[:, 1:] ^ ink[:, :-1]).sum(axis=1)
    rows = along[ink.any(axis=1)]
    across = (ink[1:] ^ ink[:-1]).sum(axis=0)
    inked = [bool(part.any()) for part in np.array_split(ink, 4, axis=1)]
    whole = sum(inked) >= 3 and bool(ink[:, : int(NEAR * line)].any()) and len(rows) >= HIGH * line
    dense = float(along.max()) <= MOST_NOISE * 2 * line
    return whole and dense and rows.mean() >= CHANGES_ALONG and float(across.mean()) >= CHANGES_ACROSS


def _alike(left: _Letters, right: _Letters) -> bool:
    return left.dark == right.dark and abs(left.low - right.low) < ALIKE and abs(left.high - right.high) < ALIKE
