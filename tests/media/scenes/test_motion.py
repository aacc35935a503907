"""What moves in the scenes: fish that pass behind the gaps, nothing that jumps, nothing that flashes."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from media.geometry import miniature
from media.scenes import FPS, SCENES, Scene
from media.scenes.aquarium import LANES, Aquarium
from media.scenes.still import WALL
from media.scenes.weather import weather_of
from tests.media.scenes.looking import NAMES, picture, seoul

pytestmark = pytest.mark.slow

FRAME = timedelta(seconds=1) / FPS
# Where the scenes could stumble: midnight, a month's and a year's end, sunset, a leap day; each on a plate's edge.
EDGES = ("2026-01-01T00:00:00", "2026-07-01T00:00:00", "2026-11-25T17:16:00", "2028-02-29T00:00:00")
CANVAS = (413, 100)


def test_fish_pass_behind_the_gaps_at_their_own_pace() -> None:
    """Second by second every fish of a lane goes on as far as its pace takes it, over the gaps as over the glass."""
    whole = miniature(WALL, (1600, 400))
    gaps = [
        (whole.panels[f"wall-{n}"].x + whole.panels[f"wall-{n}"].width, whole.panels[f"wall-{n + 1}"].x)
        for n in range(6)
    ]
    artist, lane = Aquarium(whole.size), next(n for n, each in enumerate(LANES) if each.depth == 2)
    began = seoul("2026-05-05T12:00:00")
    plate, pace, over = artist.plate(began), LANES[lane].speed * whole.size[1], 0
    for second in range(400):
        layers = [artist.company(began.timestamp() + second + more, plate, lane) for more in (0, 1)]
        places = [(each.boxes[0] + each.boxes[2]) / 2 for each in layers]
        if len(places[0]) != len(places[1]):
            continue
        for one, two in zip(*(each.tolist() for each in places), strict=True):
            if 0 < one < whole.size[0] and 0 < two < whole.size[0]:
                assert 0.4 * pace < abs(two - one) < 1.6 * pace
                over += any(min(one, two) <= left and right <= max(one, two) for left, right in gaps)
    assert over >= 3


def test_what_is_behind_a_gap_is_what_the_whole_canvas_has_there() -> None:
    """Seven panels show exactly their parts of one picture; what lies between is on none of them."""
    whole, moment = miniature(WALL, (800, 200)), seoul("2026-05-05T12:00:00")
    scene = SCENES["aquarium-live"](whole.size)
    all_of_it = picture(scene, moment, canvas=whole.size)
    for part in whole.panels.values():
        expected = all_of_it[part.y : part.y + part.height, part.x : part.x + part.width]
        assert np.array_equal(picture(scene, moment, part), expected)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("edge", EDGES)
def test_nothing_jumps_from_one_frame_to_the_next(name: str, edge: str) -> None:
    """Across midnights, month ends and plates two frames differ by little, and only in few places by much."""
    scene, moment = SCENES[name](CANVAS), seoul(edge)
    for one, two in _pairs(scene, [moment - FRAME, moment, moment + FRAME]):
        change = np.abs(one.astype(np.int16) - two)
        assert change.mean() < 1.5
        assert (change.max(axis=2) > 24).mean() < 0.03


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("began", [*EDGES, "2026-07-12T15:00:00"])
def test_nothing_flashes(name: str, began: str) -> None:
    """Nowhere enough of the picture changes its luminance or its red for one of the flashes WCAG 2.3.1 counts."""
    scene, moment = SCENES[name](CANVAS), seoul(began) - timedelta(seconds=1)
    frames = [moment + n * timedelta(seconds=0.1) for n in range(20)]
    for one, two in _pairs(scene, frames):
        first, second = _luminance(one), _luminance(two)
        flashed = (np.abs(first - second) >= 0.10) & (np.minimum(first, second) < 0.80)
        reddened = _red(one) != _red(two)
        assert _most_of_any_place(flashed) < 0.25
        assert _most_of_any_place(reddened) < 0.25
        assert abs(first.mean() - second.mean()) < 0.004


def test_first_snow_falls_on_first_cold_days() -> None:
    """In each of five winters snow first falls between mid November and new year, in the cold."""
    for year in range(2024, 2029):
        hours = [seoul(f"{year}-10-01T00:00:00") + timedelta(hours=6 * n) for n in range(4 * 92)]
        first = next(each for each in hours if weather_of(each).snow > 0.2)
        assert first > seoul(f"{year}-11-10T00:00:00")
        assert weather_of(first).warmth < 2


def test_july_is_wetter_than_october() -> None:
    """The monsoon brings rain on many hours, October on few."""
    rain = {
        month: np.mean(
            [weather_of(seoul(f"2026-{month}-01T00:00:00") + timedelta(hours=3 * n)).rain for n in range(240)]
        )
        for month in ("07", "10")
    }
    assert rain["07"] > 4 * rain["10"]


def test_spring_is_pink_and_autumn_red() -> None:
    """The trees of the near bank blossom in April and burn in November."""
    size = (826, 200)
    scene = SCENES["seasons-live"](size)
    april, august, november = (
        picture(scene, seoul(f"2026-{day}T13:00:00"), canvas=size) for day in ("04-12", "08-20", "11-06")
    )
    trees = [each[60:150, :140] for each in (april, august, november)]
    reds = [(each[..., 0] - each[..., 1]).mean() for each in trees]
    assert reds[0] > reds[1] + 15
    assert reds[2] > reds[1] + 40


def _pairs(scene: Scene, moments: list[datetime]) -> list[tuple[npt.NDArray[np.int16], npt.NDArray[np.int16]]]:
    found = [picture(scene, moment, canvas=CANVAS) for moment in moments]
    return list(pairwise(found))


def _luminance(found: npt.NDArray[np.int16]) -> npt.NDArray[np.float64]:
    """Relative luminance as WCAG defines it."""
    share = found / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    whole: npt.NDArray[np.float64] = linear @ np.array([0.2126, 0.7152, 0.0722])
    return whole


def _red(found: npt.NDArray[np.int16]) -> npt.NDArray[np.bool_]:
    whole: npt.NDArray[np.bool_] = found[..., 0] >= 0.8 * np.maximum(1, found.sum(axis=2))
    return whole


def _most_of_any_place(flagged: npt.NDArray[np.bool_]) -> float:
    """The largest share of any window a third as wide and high as the canvas, as WCAG's 10 degrees of the eye."""
    wide, tall = 33, 33
    summed = np.pad(flagged, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    boxes = summed[tall:, wide:] - summed[:-tall, wide:] - summed[tall:, :-wide] + summed[:-tall, :-wide]
    return float(boxes.max()) / (wide * tall)
