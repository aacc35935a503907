"""Text that runs across a seam: strokes like those of letters on both sides of a gap between two panels.

Letters are told from foliage and buildings by four signs together: two levels and little between them, many changes
along the line and some across it, and a quiet strip above and below the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Text on the seam after that panel of the row, from 1: left, top, right, bottom in pixels of the picture given."""

    seam: int
    box: tuple[int, int, int, int]


def crossings(grey: Grey, gaps: Sequence[tuple[int, int]]) -> tuple[Crossing, ...]:
    """Where text crosses the gaps, each given by its first column and the one after its last; one crossing a seam."""
    found = (_crossing(grey, number, gap) for number, gap in enumerate(gaps, start=1))
    return tuple(each for each in found if each is not None)


def _crossing(grey: Grey, seam: int, gap: tuple[int, int]) -> Crossing | None:
    boxes = list(_lines_across(grey, *gap))
    if not boxes:
        return None
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Crossing(seam=seam, box=(min(lefts), min(tops), max(rights), max(bottoms)))


def _lines_across(grey: Grey, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
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


def _ink(side: Grey, top: int, line: int) -> tuple[float, float, bool] | None:
    """The two levels of what looks like a line of letters, and whether they are dark; `side` begins at the gap."""
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
    return None if float((np.abs(around - ground) > (high - low) / 2).mean()) > LEAST_INK else (low, high, dark_letters)


def _lettered(ink: NDArray[np.bool_], line: int) -> bool:
    """Strokes along the line and across it, as high as the line, in all of its length and close to the gap."""
    along = (ink[:, 1:] ^ ink[:, :-1]).sum(axis=1)
    rows = along[ink.any(axis=1)]
    across = (ink[1:] ^ ink[:-1]).sum(axis=0)
    inked = [bool(part.any()) for part in np.array_split(ink, 4, axis=1)]
    whole = sum(inked) >= 3 and bool(ink[:, : int(NEAR * line)].any()) and len(rows) >= HIGH * line
    dense = float(along.max()) <= MOST_NOISE * 2 * line
    return whole and dense and rows.mean() >= CHANGES_ALONG and float(across.mean()) >= CHANGES_ACROSS


def _alike(left: tuple[float, float, bool], right: tuple[float, float, bool]) -> bool:
    return left[2] == right[2] and abs(left[0] - right[0]) < ALIKE and abs(left[1] - right[1]) < ALIKE
