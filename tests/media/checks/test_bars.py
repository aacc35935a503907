"""Black bars are found with the box between them; dark pictures are not bars."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from media.checks.bars import between_bars


def grey(width: int = 320, height: int = 180) -> Image.Image:
    """A picture of many levels, none of them black."""
    rows, columns = np.mgrid[0:height, 0:width]
    return Image.fromarray((40 + (rows * 3 + columns * 5) % 200).astype(np.uint8))


def framed(box: tuple[int, int, int, int]) -> Image.Image:
    """That picture inside a box of a black one."""
    picture = Image.new("L", (320, 180), 16)
    picture.paste(grey(box[2] - box[0], box[3] - box[1]), box[:2])
    return picture


@pytest.mark.parametrize("box", [(0, 22, 320, 158), (40, 0, 280, 180), (40, 22, 280, 158)])
def test_bars_are_found_with_the_box_between(box: tuple[int, int, int, int]) -> None:
    """Above and below, at both sides, or all around."""
    assert between_bars(framed(box)) == box


@pytest.mark.parametrize("box", [(0, 0, 320, 180), (0, 22, 320, 180), (60, 0, 320, 180), (0, 1, 320, 179)])
def test_one_dark_edge_is_no_pair_of_bars(box: tuple[int, int, int, int]) -> None:
    """A floor in shadow, a line of the encoder."""
    assert between_bars(framed(box)) is None


def test_night_sky_is_no_bar() -> None:
    """Fireworks and a moon end in no straight edge; an all black picture has nothing between."""
    night = Image.new("L", (320, 180), 8)
    ImageDraw.Draw(night).ellipse((100, 40, 220, 140), fill=230)
    assert between_bars(night) is None
    assert between_bars(Image.new("L", (320, 180), 0)) is None
