"""A page of a notice as a picture: a calm ground over the whole surface, text and shapes inside the panels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from math import pi
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from media.geometry import Canvas, Rect
from media.notices.fitting import GAP, LEADING
from media.notices.layout import FOOT_LEAD, MARK_LEAD, UNDER_RULE, Block, FootLine, Page
from media.notices.texts import JOINED, Tone, as_read

FOLDER = Path("/usr/share/fonts/opentype/noto")
REGULAR, BOLD = "NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"
FACES: Mapping[str, int] = {"ja": 0, "ko": 1, "en": 1, "zh-hans": 2, "zh-hant": 3}
"""Index in Noto's collection: JP, KR, SC, TC; each draws Han signs as its readers write them."""

TAGS: Mapping[str, str] = {"ja": "ja", "ko": "ko", "en": "en", "zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}
MEASURED_AT = 200
FINER = 4
GRAIN = 2.2
GLYPHLESS = "\U0010ffff"
INVISIBLE = " \u00a0\u3000"
HILLS = ((0.072, 0.9, 0.020, 0.4), (0.050, 1.7, 0.015, 2.1), (0.028, 2.6, 0.010, 4.0))
"""Three ridges, far to near: base and swing as shares of the height, waves a height's width, phase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """A tone's five colours; contrast of ink and soft on both ends of the ground is held by a test."""

    top: str
    bottom: str
    ridge: str
    ink: str
    soft: str
    shape: str


PALETTES: dict[Tone, Palette] = {
    Tone.NOTICE: Palette(
        top="#14354c", bottom="#0d2436", ridge="#2c5a74", ink="#fdf8ec", soft="#c9dbe4", shape="#8fd0ea"
    ),
    Tone.WEATHER: Palette(
        top="#3b3a52", bottom="#242338", ridge="#6a6380", ink="#fff8e8", soft="#dcd6e6", shape="#ffc861"
    ),
    Tone.EMERGENCY: Palette(
        top="#7d1206", bottom="#5a0b03", ridge="#93281a", ink="#ffffff", soft="#ffe2da", shape="#ffffff"
    ),
    Tone.DRILL: Palette(
        top="#3f3a10", bottom="#2a2608", ridge="#5f5a24", ink="#fffbe6", soft="#efe6b4", shape="#ffe24a"
    ),
    Tone.MOURNING: Palette(
        top="#2c2d2f", bottom="#1b1c1d", ridge="#444649", ink="#efedea", soft="#c3c2c0", shape="#d9d7d4"
    ),
}
PALETTES |= dict.fromkeys((Tone.QUIET, Tone.QUIET_WEATHER), PALETTES[Tone.MOURNING])


class NoFonts(Exception):
    """Noto Sans CJK is not on this machine."""


class NoSuchSign(Exception):
    """A sign that no face can draw; `sign` is it."""

    def __init__(self, sign: str) -> None:
        super().__init__(sign)
        self.sign = sign


def face(language: str, size: float, *, bold: bool) -> ImageFont.FreeTypeFont:
    """The face of a language at a size. Raises NoFonts."""
    return _face(FOLDER / (BOLD if bold else REGULAR), max(1, round(size)), FACES[language])


@cache
def _face(path: Path, size: int, index: int) -> ImageFont.FreeTypeFont:
    if not path.is_file():
        raise NoFonts(str(path))
    return ImageFont.truetype(str(path), size, index=index, layout_engine=ImageFont.Layout.RAQM)


@lru_cache(maxsize=4096)
def width(text: str, language: str, bold: bool) -> float:
    """Width in em."""
    return face(language, MEASURED_AT, bold=bold).getlength(text, language=TAGS[language]) / MEASURED_AT


def refuse_unknown_signs(text: str, language: str) -> None:
    """Raises NoSuchSign where the face would draw an empty box."""
    for sign in dict.fromkeys(text):
        if sign not in INVISIBLE and _glyph(sign, language) == _glyph(GLYPHLESS, language):
            raise NoSuchSign(sign)


@lru_cache(maxsize=4096)
def _glyph(sign: str, language: str) -> tuple[tuple[int, int], bytes]:
    mask = face(language, 24, bold=False).getmask(sign)
    return mask.size, bytes(mask)


def painted(laid: Canvas, page: Page, tone: Tone, *, scale: float = 1.0) -> Image.Image:
    """The page over the surface's whole canvas, gaps included, at a scale."""
    size = max(1, round(laid.size[0] * scale)), max(1, round(laid.size[1] * scale))
    lowest = max(laid.panels.values(), key=lambda glass: glass.y + glass.height)
    picture = _ground(size, tone, max(1, round(lowest.height * scale)))
    draw = ImageDraw.Draw(picture)
    for panel, glass in laid.panels.items():
        for number, block in enumerate(page.blocks.get(panel, ())):
            if number:
                _rule(draw, block, tone, scale)
            _write(picture, draw, block, tone, scale)
        if tone is Tone.DRILL:
            _hatch(picture, glass, scale)
    return picture


def _ground(size: tuple[int, int], tone: Tone, glass: int) -> Image.Image:
    """A gradient with grain and, at the foot of the lowest panels, ridges of hills that run on behind the gaps."""
    palette, (wide, high) = PALETTES[tone], size
    rows = np.linspace(0, 1, high, dtype=np.float32)[:, None]
    top, bottom = _rgb(palette.top), _rgb(palette.bottom)
    ground = np.repeat((top + (bottom - top) * rows)[:, None, :], wide, axis=1)
    if tone is not Tone.EMERGENCY:
        _hills(ground, _rgb(palette.ridge), bottom, glass)
    ground += _grain(high, wide)
    return Image.fromarray(np.clip(ground + 0.5, 0, 255).astype(np.uint8), "RGB")


def _hills(
    ground: npt.NDArray[np.float32], ridge: npt.NDArray[np.float32], near: npt.NDArray[np.float32], glass: int
) -> None:
    """In the calm strip that texts leave free, whose height is a share of a panel's `glass`."""
    high, wide = ground.shape[:2]
    along = np.arange(wide, dtype=np.float32) / glass
    first = round(high - glass * 0.11)
    rows = np.arange(first, high, dtype=np.float32)[:, None]
    for number, (base, waves, swing, phase) in enumerate(HILLS):
        shape = base + swing * (np.sin(along * waves * 2 * pi + phase) + 0.45 * np.sin(along * waves * 5.3 + phase * 2))
        cover = np.clip(rows - (high - glass * shape)[None, :] + 0.5, 0, 1)[..., None] * 0.9
        shade = ridge + (near - ridge) * (0.30 + 0.3 * number)
        ground[first:] += (shade - ground[first:]) * cover


def _grain(high: int, wide: int) -> npt.NDArray[np.float32]:
    """The same fine noise at every drawing, so that equal notices are equal files."""
    tile = np.random.default_rng(7).normal(0, GRAIN, (256, 256)).astype(np.float32)
    across, down = -(-wide // 256), -(-high // 256)
    return np.tile(tile, (down, across))[:high, :wide, None]


def _write(picture: Image.Image, draw: ImageDraw.ImageDraw, block: Block, tone: Tone, scale: float) -> None:
    palette, text, fitted = PALETTES[tone], block.text, block.fitted
    x, y = block.box.x * scale, block.box.y * scale
    if block.mark:
        _mark(picture, draw, block, tone, scale)
        y += block.mark * MARK_LEAD * scale
    foot = block.foot * LEADING * len(block.foot_lines)
    free = (block.box.height - block.mark * MARK_LEAD - foot * FOOT_LEAD - fitted.height) * scale
    y += max(0.0, free) * 0.38 if block.mark else fitted.body_size * UNDER_RULE * scale
    y = _lines(draw, fitted.headline, (x, y), fitted.size * scale, palette.ink, language=text.language, bold=True)
    if fitted.body:
        y += fitted.size * GAP * scale
        _lines(draw, fitted.body, (x, y), fitted.body_size * scale, palette.soft, language=text.language, bold=False)
    y = (block.box.y + block.box.height - foot) * scale
    for row in block.foot_lines:
        _foot(draw, row, (x, y), block.foot * scale, palette.soft)
        y += block.foot * LEADING * scale


def _foot(draw: ImageDraw.ImageDraw, row: FootLine, at: tuple[float, float], size: float, ink: str) -> None:
    """Small words in a line, each in the face of its readers."""
    x, y = at
    pieces = [piece for script, words in row for piece in (("en", JOINED), (script, words))]
    for script, words in pieces[1:]:
        _lines(draw, (words,), (x, y), size, ink, language=script, bold=False)
        x += face(script, size, bold=False).getlength(words, language=TAGS[script])


def _lines(
    draw: ImageDraw.ImageDraw,
    lines: tuple[str, ...],
    at: tuple[float, float],
    size: float,
    ink: str,
    *,
    language: str,
    bold: bool,
) -> float:
    """Lines from a left upper corner down; the height below the last."""
    x, y = at
    shape = face(language, size, bold=bold)
    for line in lines:
        draw.text(
            (round(x), round(y + size * LEADING / 2)),
            as_read(line, language),
            font=shape,
            fill=ink,
            anchor="lm",
            language=TAGS[language],
        )
        y += size * LEADING
    return y


def _mark(picture: Image.Image, draw: ImageDraw.ImageDraw, block: Block, tone: Tone, scale: float) -> None:
    size, palette = block.mark * scale, PALETTES[tone]
    x, y = round(block.box.x * scale), round(block.box.y * scale)
    side = max(4, round(size * 1.15))
    shape = _shape(tone, side)
    top = round(y + size * LEADING / 2 - side / 2)
    picture.paste(Image.new("RGB", (side, side), palette.shape), (x, top), shape)
    place = (x + side + size * 0.4, float(y))
    _lines(draw, (block.text.mark,), place, size, palette.shape, language=block.text.language, bold=True)


def _rule(draw: ImageDraw.ImageDraw, block: Block, tone: Tone, scale: float) -> None:
    """A short line above a further language."""
    x, y = block.box.x * scale, block.box.y * scale
    thick = max(1, round(block.fitted.body_size * 0.05 * scale))
    draw.line([(x, y), (x + block.fitted.size * scale * 1.6, y)], fill=PALETTES[tone].shape, width=thick)


@cache
def _shape(tone: Tone, side: int) -> Image.Image:
    """A tone's shape as a mask: disc with i, triangle and octagon with !, square of stripes, a ribbon's knot."""
    edge = side * FINER
    sheet = Image.new("L", (edge, edge), 0)
    pen = ImageDraw.Draw(sheet)
    _SHAPES[tone](pen, edge)
    return sheet.resize((side, side), Image.Resampling.LANCZOS)


def _disc(pen: ImageDraw.ImageDraw, edge: int) -> None:
    pen.ellipse([0, 0, edge - 1, edge - 1], fill=255)
    _stroke(pen, edge, 0.42, 0.76)
    _dot(pen, edge, 0.27)


def _triangle(pen: ImageDraw.ImageDraw, edge: int) -> None:
    pen.polygon([(edge / 2, edge * 0.04), (edge - 1, edge * 0.93), (0, edge * 0.93)], fill=255)
    _stroke(pen, edge, 0.36, 0.65)
    _dot(pen, edge, 0.78)


def _octagon(pen: ImageDraw.ImageDraw, edge: int) -> None:
    cut = edge * 0.293
    far = edge - 1
    pen.polygon(
        [
            (cut, 0),
            (far - cut, 0),
            (far, cut),
            (far, far - cut),
            (far - cut, far),
            (cut, far),
            (0, far - cut),
            (0, cut),
        ],
        fill=255,
    )
    _stroke(pen, edge, 0.2, 0.58)
    _dot(pen, edge, 0.75)


def _stripes(pen: ImageDraw.ImageDraw, edge: int) -> None:
    pen.rectangle([0, 0, edge, edge], fill=255)
    for place in range(-1, 3):
        left = edge * (place * 0.5 + 0.05)
        pen.polygon([(left, edge), (left + edge * 0.22, edge), (left + edge * 1.22, 0), (left + edge, 0)], fill=0)


def _ribbon(pen: ImageDraw.ImageDraw, edge: int) -> None:
    thick = round(edge * 0.13)
    loop = [(0.24, 0.98), (0.62, 0.36), (0.62, 0.18), (0.5, 0.09), (0.38, 0.18), (0.38, 0.36), (0.76, 0.98)]
    pen.line([(x * edge, y * edge) for x, y in loop], fill=255, width=thick, joint="curve")


_SHAPES = {
    Tone.NOTICE: _disc,
    Tone.WEATHER: _triangle,
    Tone.EMERGENCY: _octagon,
    Tone.DRILL: _stripes,
    Tone.MOURNING: _ribbon,
    Tone.QUIET: _disc,
    Tone.QUIET_WEATHER: _triangle,
}


def _stroke(pen: ImageDraw.ImageDraw, edge: int, top: float, foot: float) -> None:
    half = edge * 0.055
    pen.rounded_rectangle([edge / 2 - half, edge * top, edge / 2 + half, edge * foot], radius=half, fill=0)


def _dot(pen: ImageDraw.ImageDraw, edge: int, at: float) -> None:
    half = edge * 0.068
    pen.ellipse([edge / 2 - half, edge * at - half, edge / 2 + half, edge * at + half], fill=0)


def _hatch(picture: Image.Image, glass: Rect, scale: float) -> None:
    """A hatched strip along the foot of a panel: a drill is seen to be one without reading."""
    high = max(6, round(glass.height * 0.03 * scale))
    wide = max(1, round(glass.width * scale))
    strip = Image.new("L", (wide * 2, high * 2), 0)
    pen = ImageDraw.Draw(strip)
    step = high * 4
    for left in range(-step, wide * 2 + step, step):
        pen.polygon([(left, high * 2), (left + step // 2, high * 2), (left + step, 0), (left + step // 2, 0)], fill=255)
    mask = strip.resize((wide, high), Image.Resampling.LANCZOS)
    place = round(glass.x * scale), round((glass.y + glass.height) * scale) - high
    picture.paste(Image.new("RGB", (wide, high), PALETTES[Tone.DRILL].shape), place, mask)


def _rgb(text: str) -> npt.NDArray[np.float32]:
    return np.array([int(text[place : place + 2], 16) for place in (1, 3, 5)], dtype=np.float32)
