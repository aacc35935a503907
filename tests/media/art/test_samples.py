"""The sample pictures: the same every time, in the asked size, never flat, with readable captions."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from PIL import Image, ImageChops

from media.art.captions import font, write
from media.art.samples import SAMPLES, SIZES
from media.art.skylines import CITIES, HORIZON


def small(name: str) -> Image.Image:
    """A quarter of the size the screens get."""
    width, height = SIZES[name]
    return SAMPLES[name](width // 4, height // 4)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_sample_has_the_asked_size_and_is_not_flat(name: str) -> None:
    """Every picture fills its panel and shows something."""
    picture = small(name)
    assert picture.size == (SIZES[name][0] // 4, SIZES[name][1] // 4)
    assert np.asarray(picture.convert("L")).std() > 8


def test_a_sample_is_drawn_alike_every_time() -> None:
    """Chance comes from the picture's own seed, so that its content hash is the same on every machine."""
    assert small("seoul-today").tobytes() == small("seoul-today").tobytes()


@pytest.mark.parametrize("name", sorted(CITIES))
def test_the_horizon_runs_through_all_cities_at_one_height(name: str) -> None:
    """Just below the horizon lies the dark quay, so the wall reads as one room."""
    picture = np.asarray(small(name).convert("L"), dtype=float)
    line = int(picture.shape[0] * HORIZON)
    assert picture[line - 2 : line + 1].mean() < picture[: line // 2].mean()


def test_decomposed_hangul_is_composed_in_a_caption() -> None:
    """Text from a Mac (NFD) draws the very same pixels as composed text."""
    assert font(30) is not None, "install fonts-noto-cjk"
    composed, decomposed = Image.new("RGB", (300, 60)), Image.new("RGB", (300, 60))
    write(composed, "마음쉼터", at=(5, 50), size=30, ink="#ffffff")
    write(decomposed, unicodedata.normalize("NFD", "마음쉼터"), at=(5, 50), size=30, ink="#ffffff")
    assert composed.getbbox() is not None
    assert ImageChops.difference(composed, decomposed).getbbox() is None
