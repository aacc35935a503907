"""The sample pictures: the same every time, in the asked size, never flat, with readable captions."""

from __future__ import annotations

import unicodedata
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageChops

from media.art import titles
from media.art.captions import font, write
from media.art.films import FILMS, write_film
from media.art.samples import SAMPLES, SIZES
from media.art.skylines import CITIES, HORIZON

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", sorted(FILMS))
def test_a_film_is_a_pure_function_of_its_phase_without_a_seam(name: str) -> None:
    """The picture at a whole round is the first one, drawn alike whenever it is asked for; between them it moves."""
    drawn = FILMS[name](320, 180)
    first, middle = drawn.picture(0.0), drawn.picture(0.4)
    assert first.tobytes() == FILMS[name](320, 180).picture(0.0).tobytes()
    assert np.abs(np.asarray(first, int) - np.asarray(drawn.picture(1.0), int)).mean() < 0.05
    assert np.abs(np.asarray(first, int) - np.asarray(middle, int)).mean() > 2
    assert np.asarray(first.convert("L")).std() > 8


@pytest.mark.parametrize("name", sorted(FILMS))
def test_a_films_last_picture_leads_to_its_first(name: str) -> None:
    """The step over the seam is no larger than those beside it."""
    drawn = FILMS[name](320, 180)
    last, first, second = (np.asarray(drawn.picture(n / 360), int) for n in (359, 0, 1))
    assert np.abs(first - last).mean() < 1.5 * np.abs(second - first).mean() + 0.2


def test_a_film_is_written_whole(tmp_path: Path) -> None:
    """Every picture of its seconds, at its size and rate."""
    write_film("seasons", tmp_path / "film.mp4", size=(320, 180), seconds=1)
    with av.open(str(tmp_path / "film.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (320, 180)
        assert stream.average_rate == Fraction(30)
        assert sum(1 for _ in container.decode(stream)) == 30


def test_every_sample_film_has_a_still_and_a_title() -> None:
    """What stands in for it until it is drawn, and what it is called."""
    assert set(FILMS) == set(titles.FILMS)
    assert all(titles.stand_in(name) in SAMPLES and titles.korean_title(name) for name in FILMS)


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
