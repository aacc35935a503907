"""The process that draws a surface's template; nothing strange is opened, but large pictures are heavy.

Started as a file (`python -I template_child.py`); of this program it imports its limits only. One JSON job on standard
input, one line `{"result": …}` or `{"refused": code, …}` on standard output.
"""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media.child import limit

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

    Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

NICE = 10
FONTS = (
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc", 1),
    ("/usr/share/fonts/truetype/nanum/NanumGothicBold.ttf", 0),
)
CLEAR = (0, 0, 0, 0)
GAP, HATCH = (32, 34, 38, 190), (240, 240, 240, 200)
PANEL, SAFE, MIDDLE, EYES = (11, 80, 208, 255), (38, 115, 55, 255), (176, 32, 112, 255), (138, 92, 0, 255)
CASING = (255, 255, 255, 210)
BAND = (255, 196, 64, 40)

Box = tuple[int, int, int, int]
Colour = tuple[int, int, int, int]


def main() -> None:
    """Do the one job."""
    job = json.load(sys.stdin)
    limit(job["limits"])
    os.nice(NICE)
    try:
        _draw(job)
        said: dict[str, Any] = {"result": {"size": job["size"]}}
    except MemoryError:
        said = {"refused": "too-heavy", "params": {}}
    sys.stdout.write(json.dumps(said) + "\n")


def _draw(job: dict[str, Any]) -> None:
    from PIL import Image, ImageDraw

    width, height = job["size"]
    picture = Image.new("RGBA", (width, height), GAP)
    draw = ImageDraw.Draw(picture)
    boxes = [_box(panel["box"]) for panel in job["panels"]]
    if boxes != [(0, 0, width, height)]:
        _hatch(draw, width, height)
    for left, top, right, bottom in boxes:
        draw.rectangle((left, top, right - 1, bottom - 1), fill=CLEAR)
    thick = max(1, min(width, height) // 480)
    if job["eyes"]:
        _eyes(picture, boxes, job["eyes"], thick)
    for panel, box in zip(job["panels"], boxes, strict=True):
        _panel(draw, panel, box, thick)
    picture.save(job["file"], "PNG", compress_level=6, dpi=(job["dpi"], job["dpi"]))


def _panel(draw: ImageDraw.ImageDraw, panel: dict[str, Any], box: Box, thick: int) -> None:
    left, top, right, bottom = box
    inner = _box(panel["safe"])
    draw.rectangle((left, top, right - 1, bottom - 1), outline=PANEL, width=2 * thick)
    for line in _around(inner):
        _dashed(draw, line, SAFE, thick)
    x, y, arm = (left + right) // 2, (top + bottom) // 2, max(8, min(right - left, bottom - top) // 16)
    for line in ((x - arm, y, x + arm, y), (x, y - arm, x, y + arm)):
        draw.line(line, fill=CASING, width=3 * thick)
        draw.line(line, fill=MIDDLE, width=thick)
    size = max(12, (right - left) // 24)
    place = inner[0] + size // 2, inner[1] + size // 2
    _words(draw, panel["name"], place, size, PANEL)
    _words(draw, panel["words"], (place[0], place[1] + round(1.5 * size)), max(10, size * 2 // 3), PANEL)


def _hatch(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    step = max(8, min(width, height) // 60)
    for x in range(-height, width, step):
        draw.line((x, height, x + height, 0), fill=HATCH, width=max(1, step // 8))


def _eyes(picture: Image.Image, boxes: list[Box], rows: tuple[int, int], thick: int) -> None:
    from PIL import ImageDraw

    draw = ImageDraw.Draw(picture)
    for left, top, right, bottom in boxes:
        first, last = max(top, rows[0]), min(bottom, rows[1]) - 1
        if first < last:
            draw.rectangle((left, first, right - 1, last), fill=BAND)
            for row in (first, last):
                _dashed(draw, (left, row, right - 1, row), EYES, thick)


def _dashed(draw: ImageDraw.ImageDraw, line: Box, colour: Colour, thick: int) -> None:
    x0, y0, x1, y1 = line
    length = max(abs(x1 - x0), abs(y1 - y0))
    across, down = (1, 0) if abs(x1 - x0) >= abs(y1 - y0) else (0, 1)
    dash = 12 * thick
    draw.line(line, fill=CASING, width=3 * thick)
    for start in range(0, length, 2 * dash):
        end = min(length, start + dash)
        piece = (x0 + across * start, y0 + down * start, x0 + across * end, y0 + down * end)
        draw.line(piece, fill=colour, width=thick)


def _around(box: Box) -> Iterator[Box]:
    left, top, right, bottom = box[0], box[1], box[2] - 1, box[3] - 1
    yield left, top, right, top
    yield left, bottom, right, bottom
    yield left, top, left, bottom
    yield right, top, right, bottom


def _words(draw: ImageDraw.ImageDraw, text: str, place: tuple[int, int], size: int, colour: Colour) -> None:
    """One line; a machine without Hangul letters writes what the small built-in face has."""
    face, said = _face(size), unicodedata.normalize("NFC", text)
    try:
        draw.text(place, said, font=face, fill=colour, stroke_width=max(1, size // 12), stroke_fill=CASING)
    except UnicodeEncodeError:
        draw.text(place, said.encode("ascii", "replace").decode(), font=face, fill=colour)


def _face(size: int) -> Font:
    from PIL import ImageFont

    for path, index in FONTS:
        if Path(path).exists():
            return ImageFont.truetype(path, size, index=index)
    return ImageFont.load_default(size)


def _box(corners: list[int]) -> Box:
    left, top, right, bottom = corners
    return left, top, right, bottom


if __name__ == "__main__":
    main()
