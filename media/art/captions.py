"""Captions: Korean and English, small, at the foot; set with Pillow's raqm so that decomposed Hangul is composed."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONT_FILES = (
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"),
    ("/usr/share/fonts/truetype/nanum/NanumGothic.ttf", "/usr/share/fonts/truetype/nanum/NanumGothicBold.ttf"),
)
KOREAN_FACE = 1


@cache
def font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont | None:
    """A face with Hangul, or None on a machine without one: then pictures come without captions."""
    for regular, heavy in FONT_FILES:
        path = heavy if bold else regular
        if Path(path).exists():
            return ImageFont.truetype(path, size, index=KOREAN_FACE if path.endswith(".ttc") else 0)
    return None


def write(
    picture: Image.Image,
    text: str,
    *,
    at: tuple[float, float],
    size: int,
    ink: str,
    bold: bool = False,
    anchor: str = "ls",
) -> None:
    """Set one line in place; `at` in pixels, `size` the letters' height in pixels."""
    face = font(size, bold=bold)
    if face is not None:
        draw = ImageDraw.Draw(picture)
        draw.text(at, unicodedata.normalize("NFC", text), font=face, fill=ink, anchor=anchor)


def caption(picture: Image.Image, korean: str, english: str, *, ink: str = "#f7f3ea") -> None:
    """Two quiet lines at the foot with a short rule above them."""
    width, height = picture.size
    unit = min(width, height * 0.6)
    left, foot = round(unit * 0.075), height - round(unit * 0.085)
    if font(10) is None:
        return
    ImageDraw.Draw(picture).line(
        [(left, foot - unit * 0.105), (left + unit * 0.09, foot - unit * 0.105)], fill=ink, width=3
    )
    write(picture, korean, at=(left, foot - unit * 0.036), size=round(unit * 0.042), ink=ink, bold=True)
    write(picture, english, at=(left, foot), size=round(unit * 0.024), ink=ink)
