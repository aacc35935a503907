"""Black bars inside a picture or film: the box of what lies between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

BLACK = 24
THINNEST = 0.02
STRAIGHT = 0.4

Box = tuple[int, int, int, int]


def between_bars(grey: Image.Image) -> Box | None:
    """Left, top, right, bottom of the content between bars above and below or at both sides; None where there are none.

    A dark picture is no bar: a bar ends in a straight edge, behind which much of the line is not black.
    """
    seen = grey.point(lambda value: 255 if value > BLACK else 0)
    found = seen.getbbox()
    if found is None:
        return None
    left, top, right, bottom = found
    width, height = grey.size
    if not (_both(top, height - bottom, height) and _straight(seen, (left, top + 1, right, bottom - 1), "rows")):
        top, bottom = 0, height
    if not (_both(left, width - right, width) and _straight(seen, (left + 1, top, right - 1, bottom), "columns")):
        left, right = 0, width
    box = left, top, right, bottom
    return None if box == (0, 0, width, height) else box


def _both(before: int, after: int, whole: int) -> bool:
    return min(before, after) >= max(2, whole * THINNEST)


def _straight(seen: Image.Image, box: Box, lines: str) -> bool:
    """Is much of the first and of the last line inside the box not black?"""
    left, top, right, bottom = box
    if right - left < 4 or bottom - top < 4:
        return False
    ends = [(left, top, right, top + 1), (left, bottom - 1, right, bottom)]
    if lines == "columns":
        ends = [(left, top, left + 1, bottom), (right - 1, top, right, bottom)]
    return all(_share(seen.crop(end)) >= STRAIGHT for end in ends)


def _share(line: Image.Image) -> float:
    return line.histogram()[255] / (line.width * line.height)
