"""Moments of scenes as pictures, without a window: one, or a sheet of a day's hours and a year's months."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pygame
from PIL import Image

from media.art.captions import write
from media.geometry import Canvas, PanelPlace, Rect, Size, canvas, miniature
from media.scenes import SCENES, Scene

KOREA = timezone(timedelta(hours=9))
MIDNIGHT = datetime(2026, 10, 30, tzinfo=KOREA)
AFTERNOON_HOURS = 15.5
MONTHS = tuple(datetime(2026, month, 12, tzinfo=KOREA) + timedelta(hours=AFTERNOON_HOURS) for month in range(1, 13))
# Seven portrait panels with their gaps.
WALL = tuple(PanelPlace(id=f"wall-{n}", pixels=(1080, 1920), at_mm=(719 * n, 0), size_mm=(680, 1210)) for n in range(7))
SMALL = (1180, 400)
COLUMNS, MARGIN, LINE = 2, 14, 26
BEHIND, INK = "#16181a", "#c9ced3"


def still(name: str, size: Size, moment: datetime) -> Image.Image:
    """The whole canvas at a moment."""
    return _drawn(SCENES[name](size), size, moment)


def sheets(folder: Path) -> Sequence[Path]:
    """24 hours and 12 months of each scene on the wall, and the whole wall in full; where they were written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in SCENES:
        hours = [MIDNIGHT + timedelta(hours=hour) for hour in range(24)]
        for kind, moments, label in (("hours", hours, "%m-%d %H:%M"), ("months", MONTHS, "%Y-%m-%d %H:%M")):
            written.append(folder / f"{name}-{kind}.png")
            _sheet(name, moments, label).save(written[-1], compress_level=1)
        written.append(folder / f"{name}-wall.png")
        whole = canvas(WALL)
        _walled(SCENES[name](whole.size), whole, MIDNIGHT + timedelta(hours=17.2)).save(written[-1], compress_level=1)
    return written


def _sheet(name: str, moments: Sequence[datetime], label: str) -> Image.Image:
    flat = miniature(WALL, SMALL)
    scene = SCENES[name](flat.size)
    wide, tall = flat.size[0] + MARGIN, flat.size[1] + MARGIN + LINE
    sheet = Image.new("RGB", (COLUMNS * wide + MARGIN, -(-len(moments) // COLUMNS) * tall + MARGIN), BEHIND)
    for number, moment in enumerate(moments):
        x, y = MARGIN + number % COLUMNS * wide, MARGIN + number // COLUMNS * tall
        sheet.paste(_walled(scene, flat, moment), (x, y))
        write(sheet, moment.strftime(label), at=(x, y + flat.size[1] + LINE - 7), size=17, ink=INK)
    return sheet


def _walled(scene: Scene, whole: Canvas, moment: datetime) -> Image.Image:
    """The wall as it hangs, its gaps dark."""
    ground = pygame.Surface(whole.size, 0, 32)
    ground.fill(BEHIND)
    for part in whole.panels.values():
        scene.draw(ground, part, part, moment)
    return _image(ground)


def _drawn(scene: Scene, size: Size, moment: datetime) -> Image.Image:
    ground = pygame.Surface(size, 0, 32)
    whole = Rect(x=0, y=0, width=size[0], height=size[1])
    scene.draw(ground, whole, whole, moment)
    return _image(ground)


def _image(surface: pygame.Surface) -> Image.Image:
    return Image.frombytes("RGB", surface.get_size(), pygame.image.tobytes(surface, "RGB"))
