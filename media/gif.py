"""How many pictures a GIF holds, by its blocks alone (GIF89a): nothing is decoded, and half a file is no GIF."""

from __future__ import annotations

from typing import BinaryIO

HEADS = (b"GIF87a", b"GIF89a")
EXTENSION, IMAGE, TRAILER = 0x21, 0x2C, 0x3B
HAS_COLOURS = 0x80


def pictures_in(file: BinaryIO) -> int:
    """The number of pictures up to the trailer. Raises ValueError where the blocks do not lead there."""
    if _read(file, 6) not in HEADS:
        raise ValueError("no head")
    _skip_colours(file, _read(file, 7)[4])
    count = 0
    while (kind := _read(file, 1)[0]) != TRAILER:
        if kind == EXTENSION:
            _read(file, 1)
        elif kind == IMAGE:
            _skip_colours(file, _read(file, 9)[8])
            _read(file, 1)
            count += 1
        else:
            raise ValueError("no block")
        while length := _read(file, 1)[0]:
            _read(file, length)
    return count


def _skip_colours(file: BinaryIO, flags: int) -> None:
    if flags & HAS_COLOURS:
        _read(file, 3 * (2 << (flags & 7)))


def _read(file: BinaryIO, length: int) -> bytes:
    data = file.read(length)
    if len(data) < length:
        raise ValueError("it ends early")
    return data
