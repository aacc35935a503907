"""Text across a seam is found and named by it; foliage, buildings and text on one panel are left alone."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from media.art.samples import SAMPLES
from media.checks.seams import crossings
from media.geometry import canvas, gaps
from tests.media.builders import row

pytestmark = pytest.mark.slow

FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"
WALL = row(7, gap_mm=40)
LAID = canvas(WALL)
HEIGHT = 640
SHRUNK = HEIGHT / LAID.size[1]
SIZE = (round(LAID.size[0] * SHRUNK), HEIGHT)
GAPS = [(round(start * SHRUNK), round(end * SHRUNK)) for start, end in gaps(WALL)]


def seams(picture: Image.Image) -> list[int]:
    """The seams at which text is found in a picture that covers the wall."""
    return [each.seam for each in crossings(np.asarray(picture.convert("L").resize(SIZE)), GAPS)]


def written(text: str, size: int, at: tuple[int, int], *, ink: int = 240, ground: int = 40) -> Image.Image:
    """A text in pixels of the canvas, its middle at a place."""
    picture = Image.new("L", LAID.size, ground)
    font = ImageFont.truetype(FONT, size, index=1)
    ImageDraw.Draw(picture).text(at, text, font=font, fill=ink, anchor="mm")
    return picture


def middle_of_gap(seam: int) -> int:
    """Its column on the canvas."""
    start, end = gaps(WALL)[seam - 1]
    return (start + end) // 2


@pytest.mark.parametrize("size", [72, 140, 260])
@pytest.mark.parametrize("text", ["열린민원실 안내", "Lobby information"])
@pytest.mark.parametrize(("ink", "ground"), [(240, 40), (30, 220)])
def test_text_across_a_seam_is_found(size: int, text: str, ink: int, ground: int) -> None:
    """In either script, small or large, light on dark or dark on light."""
    assert seams(written(text, size, (middle_of_gap(3), 900), ink=ink, ground=ground)) == [3]


def test_its_box_lies_around_the_text() -> None:
    """Not the whole wall is marked."""
    picture = written("열린민원실 안내", 140, (middle_of_gap(2), 900))
    (found,) = crossings(np.asarray(picture.resize(SIZE)), GAPS)
    left, top, right, bottom = found.box
    assert left < middle_of_gap(2) * SHRUNK < right
    assert top <= 900 * SHRUNK <= bottom
    assert bottom - top < 0.2 * HEIGHT


def test_text_inside_each_panel_is_left_alone() -> None:
    """Seven captions, each on its own glass."""
    picture = Image.new("L", LAID.size, 40)
    font = ImageFont.truetype(FONT, 120, index=1)
    for box in LAID.panels.values():
        for line in range(6):
            at = box.x + box.width // 2, 200 + 220 * line
            ImageDraw.Draw(picture).text(at, "열린민원실 안내", font=font, fill=240, anchor="mm")
    assert seams(picture) == []


@pytest.mark.parametrize("grain", [1, 4, 8, 24])
def test_noise_of_any_grain_is_no_text(grain: int) -> None:
    """Foliage, waves, pebbles."""
    chance = np.random.default_rng(grain)
    noise = chance.integers(0, 255, (HEIGHT // grain, SIZE[0] // grain), dtype=np.uint8)
    assert seams(Image.fromarray(noise)) == []


@pytest.mark.parametrize("name", ["seoul-today", "seoul-tomorrow", "seasons-still", "city-paris"])
def test_skylines_and_leaves_are_no_text(name: str) -> None:
    """Lit windows at night stand in rows too."""
    assert seams(SAMPLES[name](2600, 630)) == []
