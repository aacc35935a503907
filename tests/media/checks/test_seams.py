"""Text across a seam is found and named by it; foliage, buildings and text on one panel are left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from media.art.samples import SAMPLES
from media.checks.seams import Crossing, crossings, seams_of
from media.geometry import PanelPlace, canvas, joints
from tests.media.builders import grid, row

pytestmark = pytest.mark.slow

FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"
WALL = row(7, gap_mm=40)
LAID = canvas(WALL)
HEIGHT = 640
SHRUNK = HEIGHT / LAID.size[1]
SIZE = (round(LAID.size[0] * SHRUNK), HEIGHT)


def found(picture: Image.Image, wall: Sequence[PanelPlace] = WALL) -> tuple[Crossing, ...]:
    """Where text runs over a seam in a picture that covers the wall."""
    laid = canvas(wall)
    shrunk = HEIGHT / laid.size[1]
    seen = picture.convert("L").resize((round(laid.size[0] * shrunk), HEIGHT))
    return crossings(np.asarray(seen), seams_of([asdict(each) for each in joints(wall)], shrunk))


def seams(picture: Image.Image) -> list[int]:
    """The seams of the row at which text is found, each by the panel at its left."""
    return [each.seam.first for each in found(picture)]


def written(
    text: str, size: int, at: tuple[int, int], *, ink: int = 240, ground: int = 40, wall: Sequence[PanelPlace] = WALL
) -> Image.Image:
    """A text in pixels of the wall's canvas, its middle at a place."""
    picture = Image.new("L", canvas(wall).size, ground)
    font = ImageFont.truetype(FONT, size, index=1)
    ImageDraw.Draw(picture).text(at, text, font=font, fill=ink, anchor="mm")
    return picture


def middle_of_gap(seam: int) -> int:
    """Its column on the canvas."""
    hidden = joints(WALL)[seam - 1].box
    return hidden.x + hidden.width // 2


@pytest.mark.parametrize("size", [72, 140, 260])
@pytest.mark.parametrize("text", ["열린민원실 안내", "Lobby information"])
@pytest.mark.parametrize(("ink", "ground"), [(240, 40), (30, 220)])
def test_text_across_a_seam_is_found(size: int, text: str, ink: int, ground: int) -> None:
    """In either script, small or large, light on dark or dark on light."""
    assert seams(written(text, size, (middle_of_gap(3), 900), ink=ink, ground=ground)) == [3]


def test_its_box_lies_around_the_text() -> None:
    """Not the whole wall is marked."""
    picture = written("열린민원실 안내", 140, (middle_of_gap(2), 900))
    (crossing,) = found(picture)
    left, top, right, bottom = crossing.box
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


GRIDS = {"2x2": grid(2, 2), "2x3": grid(2, 3), "3x2": grid(3, 2)}


def level_seam(wall: Sequence[PanelPlace]) -> tuple[int, int]:
    """The middle of what is hidden below the first panel."""
    box = next(each.box for each in joints(wall) if each.level)
    return box.x + box.width // 2, box.y + box.height // 2


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("size", [110, 160, 260])
@pytest.mark.parametrize("text", ["열린민원실 안내", "Lobby information"])
def test_text_along_a_level_seam_is_found(name: str, size: int, text: str) -> None:
    """Between a panel and the one below it, in either script; the two panels are named."""
    wall = GRIDS[name]
    columns = len({panel.at_mm[0] for panel in wall})
    crossing = next(each for each in found(written(text, size, level_seam(wall), wall=wall), wall) if each.seam.level)
    assert (crossing.code, crossing.between) == ("text-on-level-seam", {"upper": 1, "lower": 1 + columns})
    left, top, right, bottom = crossing.box
    x, y = (round(place * HEIGHT / canvas(wall).size[1]) for place in level_seam(wall))
    assert left < x < right
    assert top < y < bottom


@pytest.mark.parametrize("aside", [-0.45, 0.45])
def test_text_that_a_level_seam_cuts_at_its_edge_is_found(aside: float) -> None:
    """Only the feet or the heads of the letters are on the other panel, or behind the gap."""
    wall, size = GRIDS["2x2"], 140
    x, y = level_seam(wall)
    assert [
        each.code for each in found(written("열린민원실 안내", size, (x, y + round(aside * size)), wall=wall), wall)
    ]


@pytest.mark.parametrize("name", GRIDS)
def test_lines_above_and_below_a_level_seam_are_left_alone(name: str) -> None:
    """Captions that keep clear of the gap by half of their height, on all panels."""
    wall = GRIDS[name]
    picture = Image.new("L", canvas(wall).size, 40)
    font = ImageFont.truetype(FONT, 120, index=1)
    for box in canvas(wall).panels.values():
        for y in (box.y + 120, box.y + box.height // 2, box.y + box.height - 120):
            ImageDraw.Draw(picture).text(
                (box.x + box.width // 2, y), "열린민원실 안내", font=font, fill=240, anchor="mm"
            )
    assert found(picture, wall) == ()


def test_text_on_the_cross_of_four_panels_is_told_of_every_seam() -> None:
    """It runs over the seam between columns and lies in the one between rows: of both rows and of both columns."""
    wall = GRIDS["2x2"]
    size = canvas(wall).size
    crossing = found(written("시청 로비 열린민원실 안내", 200, (size[0] // 2, size[1] // 2), wall=wall), wall)
    assert {tuple(each.between.values()) for each in crossing if each.seam.level} == {(1, 3), (2, 4)}


@pytest.mark.parametrize("name", ["city-paris", "seoul-tomorrow", "seasons-still", "aquarium-still"])
def test_our_own_pictures_have_no_text_along_level_seams(name: str) -> None:
    """Skylines, lit windows, leaves and waves on a wall of two rows of three; a sign in letters has."""
    assert [each for each in found(SAMPLES[name](1300, 900), GRIDS["2x3"]) if each.seam.level] == []
    assert found(SAMPLES["office-hours"](1300, 900), GRIDS["2x3"])


@pytest.mark.parametrize("grain", [1, 4, 8, 24])
def test_noise_along_a_level_seam_is_no_text(grain: int) -> None:
    """Foliage, waves, pebbles."""
    chance = np.random.default_rng(grain)
    noise = chance.integers(0, 255, (HEIGHT // grain, 1000 // grain), dtype=np.uint8)
    picture = Image.fromarray(noise).resize(canvas(GRIDS["2x3"]).size, Image.Resampling.NEAREST)
    assert found(picture, GRIDS["2x3"]) == ()
