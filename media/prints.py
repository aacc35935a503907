"""The print of a panel's picture: its means in a coarse grid, which JPEG, films and scaling leave alone.

Eight by eight brightnesses and four by four of each colour difference (BT.601), one byte each, written in hex. Means
mix as pictures do: during a fade or a wipe, and between two seconds of a film, every mean lies between those of the
two pictures. Measured: JPEG, scaling and the player's picking move a sample picture by at most 1.8; the nearest other
one is 16.5 away; a picture between two seconds of a film leaves the mixtures of both by at most 2.8.
"""

from __future__ import annotations

from collections.abc import Sequence

GRID = 8
COARSE = 4
LENGTH = GRID * GRID + 2 * COARSE * COARSE
PIXELS = GRID * GRID * 3
SAME = 4.0
DARK = 10
GREY = 128
BLACK = bytes(GRID * GRID) + bytes([GREY]) * (LENGTH - GRID * GRID)
_PER_COARSE = (GRID // COARSE) ** 2
Channel = Sequence[float]


def print_of(pixels: bytes) -> str:
    """The print of a picture that was reduced to `GRID` × `GRID` pixels, RGB row by row. Raises ValueError."""
    if len(pixels) != PIXELS:
        raise ValueError(f"{len(pixels)} bytes are not {GRID} × {GRID} RGB pixels")
    red, green, blue = pixels[0::3], pixels[1::3], pixels[2::3]
    brightness = [0.299 * r + 0.587 * g + 0.114 * b for r, g, b in zip(red, green, blue, strict=True)]
    blueness = [GREY + 0.564 * (b - y) for b, y in zip(blue, brightness, strict=True)]
    redness = [GREY + 0.713 * (r - y) for r, y in zip(red, brightness, strict=True)]
    return bytes(map(_byte, (*brightness, *_coarse(blueness), *_coarse(redness)))).hex()


def read(told: object) -> bytes | None:
    """A print as it came over the wire; None for anything else."""
    if not isinstance(told, str) or len(told) != 2 * LENGTH:
        return None
    try:
        return bytes.fromhex(told)
    except ValueError:
        return None


def apart(seen: bytes, *pictures: bytes) -> float:
    """How far a print is from a picture's, or from all mixtures of several: a root mean square in brightnesses."""
    low, high = _bounds(pictures)
    total = 0
    for number, (value, least, most) in enumerate(zip(seen, low, high, strict=True)):
        beyond = least - value if value < least else value - most if value > most else 0
        total += beyond * beyond if number < GRID * GRID else 2 * beyond * beyond
    return float((total / GRID / GRID) ** 0.5)


def same(seen: bytes, *pictures: bytes) -> bool:
    """Whether a print is that of a picture, or of a mixture of several."""
    return apart(seen, *pictures) <= SAME


def is_dark(seen: bytes) -> bool:
    """Whether nothing can be seen: a window filled with black, or nearly."""
    return max(seen[: GRID * GRID]) < DARK


def _bounds(pictures: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The least and the greatest of each mean."""
    if len(pictures) == 1:
        return pictures[0], pictures[0]
    return bytes(map(min, *pictures)), bytes(map(max, *pictures))


def _coarse(values: Channel) -> list[float]:
    """Means of a grid's blocks, half as many in a row and in a column."""
    found = [0.0] * (COARSE * COARSE)
    for number, value in enumerate(values):
        row, column = divmod(number, GRID)
        found[row * COARSE // GRID * COARSE + column * COARSE // GRID] += value / _PER_COARSE
    return found


def _byte(value: float) -> int:
    return max(0, min(255, round(value)))
