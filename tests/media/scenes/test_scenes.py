"""Live scenes: the same moment is the same picture, panel by panel, and the day never repeats."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pygame
import pytest

from media.geometry import Rect
from media.scenes import SCENES
from tests.media.scenes.looking import CANVAS, NAMES, picture, seoul

pytestmark = pytest.mark.slow

MOMENTS = ("2026-03-20T06:30:12.4", "2026-12-31T23:59:59.9", "2026-07-07T14:00:00", "2026-11-25T18:20:31.033")


@pytest.mark.parametrize("name", NAMES)
def test_a_moment_looks_the_same_after_any_other(name: str) -> None:
    """A scene that has shown other moments shows this one as a fresh scene does."""
    seasoned = SCENES[name](CANVAS)
    for moment in reversed(MOMENTS):
        picture(seasoned, seoul(moment))
    for moment in MOMENTS[:2]:
        assert np.array_equal(picture(seasoned, seoul(moment)), picture(SCENES[name](CANVAS), seoul(moment)))


@pytest.mark.parametrize("name", NAMES)
def test_panels_side_by_side_are_one_picture(name: str) -> None:
    """Two parts that adjoin show what their union shows: no seam, nothing twice, nothing lost."""
    scene, moment = SCENES[name](CANVAS), seoul(MOMENTS[2])
    left = picture(scene, moment, Rect(x=0, y=0, width=211, height=CANVAS[1]))
    right = picture(scene, moment, Rect(x=211, y=0, width=CANVAS[0] - 211, height=CANVAS[1]))
    assert np.array_equal(np.concatenate([left, right], axis=1), picture(scene, moment))


@pytest.mark.parametrize("name", NAMES)
def test_a_part_touches_only_its_box(name: str) -> None:
    """Drawing a panel leaves the ground around its box alone."""
    ground = pygame.Surface((300, 200), 0, 32)
    ground.fill((1, 2, 3))
    scene = SCENES[name](CANVAS)
    scene.draw(
        ground, Rect(x=40, y=30, width=90, height=120), Rect(x=300, y=0, width=90, height=120), seoul(MOMENTS[2])
    )
    ground.fill((1, 2, 3), (40, 30, 90, 120))
    assert np.array_equal(np.unique(pygame.surfarray.array3d(ground).reshape(-1, 3), axis=0), [[1, 2, 3]])


@pytest.mark.parametrize("name", NAMES)
def test_a_smaller_player_shows_the_same_scene_smaller(name: str) -> None:
    """A box of half the part's size is filled from a canvas of half the size."""
    ground = pygame.Surface((100, 60), 0, 32)
    scene, half = SCENES[name](CANVAS), SCENES[name]((CANVAS[0] // 2, CANVAS[1] // 2))
    scene.draw(ground, Rect(x=0, y=0, width=100, height=60), Rect(x=200, y=0, width=200, height=120), seoul(MOMENTS[2]))
    expected = picture(half, seoul(MOMENTS[2]), Rect(x=100, y=0, width=100, height=60))
    assert np.array_equal(pygame.surfarray.array3d(ground).transpose(1, 0, 2), expected)


@pytest.mark.parametrize("name", NAMES)
def test_no_two_moments_of_a_day_look_alike(name: str) -> None:
    """24 hours of a day are 24 clearly different pictures."""
    scene, began = SCENES[name](CANVAS), seoul("2026-10-30T00:07:00")
    found = [picture(scene, began + n * timedelta(hours=1)).reshape(-1) for n in range(24)]
    nearest = min(int(np.abs(one - two).max()) for n, one in enumerate(found) for two in found[:n])
    assert nearest > 40


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(108, 192), (384, 216), (192, 96), (64, 64), (400, 40)])
def test_every_shape_of_canvas_is_filled(name: str, shape: tuple[int, int]) -> None:
    """Portrait, landscape, LED, square and ribbon: a picture with light and dark, by day."""
    found = picture(SCENES[name](shape), seoul("2026-05-05T11:00:00"), canvas=shape)
    assert found.shape == (shape[1], shape[0], 3)
    assert found.std() > 8


@pytest.mark.parametrize("name", NAMES)
def test_what_is_on_the_glass_stays_ready(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a stretch is drawn the next one is prepared, again and again, and neither is painted a second time."""
    scene, began = SCENES[name](CANVAS), seoul("2026-05-05T12:00:00")
    picture(scene, began)
    work = scene._at(CANVAS)  # type: ignore[attr-defined] # the scenes here are all of one kind
    painted: list[object] = []
    paint = work._artist.plate

    def counting(moment: datetime) -> object:
        painted.append(moment)
        return paint(moment)

    monkeypatch.setattr(work._artist, "plate", counting)
    for second in range(0, 40, 2):
        for ahead in (0, 4, 8):
            scene.prepare(began + timedelta(seconds=second + ahead))
        picture(scene, began + timedelta(seconds=second))
    assert len(painted) == len(set(painted)) == 4
