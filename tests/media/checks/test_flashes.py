"""Flashes by WCAG 2.3.1: what is harmful is found with its second and its box, what is not stays silent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from media.checks.flashes import Flashes, Flashing

FPS = 30
SHAPE = (27, 48, 3)
BLACK, WHITE, RED, GREY, LIGHT = (0, 0, 0), (1, 1, 1), (1, 0, 0), (0.3, 0.3, 0.3), (0.85, 0.85, 0.85)
Colour = Sequence[float]


def seen(pictures: Iterable[np.ndarray]) -> dict[str, Flashing]:
    """What is found in these pictures, by kind."""
    flashes = Flashes(FPS)
    for picture in pictures:
        flashes.see(picture.astype(np.float32))
    return {each.kind: each for each in flashes.found()}


def plain(colour: Colour) -> np.ndarray:
    """A picture of one colour."""
    return np.broadcast_to(np.array(colour, np.float32), SHAPE)


def flashing(one: Colour, other: Colour, a_second: float, seconds: float = 2.0) -> list[np.ndarray]:
    """Pictures that go to and fro so many times a second."""
    turns = (int(2 * a_second * number / FPS) for number in range(round(FPS * seconds)))
    return [plain(other if turn % 2 else one) for turn in turns]


def test_strobe_is_found_with_its_second() -> None:
    """A second of quiet, then black and white five times a second."""
    found = seen([*[plain(GREY)] * 30, *flashing(BLACK, WHITE, 5)])
    assert set(found) == {"general"}
    assert found["general"].flashes >= 5
    assert 30 < found["general"].frame < 90
    assert found["general"].frame - found["general"].bright in {0, 1}
    assert found["general"].box == (0, 0, 1, 1)


@pytest.mark.parametrize("a_second", [4, 5, 7.5])
@pytest.mark.parametrize(("dark", "light"), [(BLACK, WHITE), (GREY, WHITE), (BLACK, RED)])
def test_the_picture_it_names_is_one_that_shines(a_second: float, dark: Colour, light: Colour) -> None:
    """Whoever looks for the flash sees it there, not the dark between two."""
    for start in range(2):
        pictures = [*[plain(dark)] * start, *flashing(dark, light, a_second)]
        for found in seen(pictures).values():
            assert tuple(pictures[found.bright][0, 0]) == light


@pytest.mark.parametrize("a_second", [1, 2, 3])
def test_three_flashes_a_second_are_allowed(a_second: int) -> None:
    """The threshold is more than three."""
    assert seen(flashing(BLACK, WHITE, a_second, seconds=4)) == {}


@pytest.mark.parametrize("a_second", [4, 7.5, 15])
def test_faster_ones_are_not(a_second: float) -> None:
    """Up to the fastest that thirty pictures a second can show."""
    assert "general" in seen(flashing(BLACK, WHITE, a_second))


def test_small_changes_are_allowed() -> None:
    """Less than a tenth of the brightest white, or both sides of a change above 0.8."""
    assert seen(flashing((0.3, 0.3, 0.3), (0.38, 0.38, 0.38), 10)) == {}
    assert seen(flashing(LIGHT, WHITE, 10)) == {}


def test_saturated_red_has_a_threshold_of_its_own() -> None:
    """To and from a red too dark to flash by its luminance."""
    assert set(seen(flashing((0.4, 0, 0), BLACK, 5))) == {"red"}
    assert set(seen(flashing((0.4, 0.36, 0.36), (0.35, 0.36, 0.36), 5))) == set()
    assert set(seen(flashing(RED, WHITE, 5))) == {"general", "red"}


def test_small_flashing_area_is_allowed_and_a_large_one_has_its_box() -> None:
    """A quarter of a window of a third by a third counts, wherever it is."""

    def lamp(rows: slice, columns: slice) -> list[np.ndarray]:
        pictures = [np.array(plain(BLACK)) for _ in range(60)]
        for number, picture in enumerate(pictures):
            picture[rows, columns] = WHITE if number // 3 % 2 else BLACK
        return pictures

    assert seen(lamp(slice(0, 2), slice(0, 4))) == {}
    found = seen(lamp(slice(18, 24), slice(36, 48)))["general"]
    assert found.box == pytest.approx((36 / 48, 18 / 27, 1, 24 / 27))


def test_slow_fade_and_a_cut_now_and_then_are_allowed() -> None:
    """A film of scenes is no strobe."""
    fade = [plain((n / 59, n / 59, n / 59)) for n in range(60)]
    cuts = [plain(WHITE if n // 20 % 2 else BLACK) for n in range(120)]
    assert seen([*fade, *fade[::-1], *cuts]) == {}


def test_noise_that_averages_out_is_allowed() -> None:
    """Grain is no flash: cells keep their mean."""
    chance = np.random.default_rng(7)
    assert seen(0.4 + 0.04 * chance.standard_normal(SHAPE) for _ in range(90)) == {}
