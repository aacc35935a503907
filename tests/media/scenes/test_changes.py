"""What is drawn again from one moment of a live scene to another, pixel for pixel what a whole drawing would give."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

import numpy as np
import pygame
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.geometry import Rect
from media.scenes import FPS, SCENES, Scene
from media.scenes.layers import Arrangement, Layer, box_of, cells, patches
from tests.media.scenes.looking import CANVAS, NAMES, seoul

CELL, REACH = (8, 4), (10, 15)
WIDE, HIGH = 80, 60
PART = Rect(x=3, y=5, width=70, height=51)
RULES = (0, pygame.BLEND_PREMULTIPLIED, pygame.BLEND_RGB_ADD)
LAYERS = st.lists(
    st.lists(st.tuples(st.integers(0, 2), st.integers(-20, 90), st.integers(-20, 70)), max_size=4),
    min_size=len(RULES),
    max_size=len(RULES),
)
Placed = Sequence[Sequence[tuple[int, int, int]]]

FRAME = timedelta(seconds=1) / FPS
WINDOW = (200, 120)
# Panels of a window and their parts, which lie across the grid of cells; the last is drawn from a smaller canvas.
PANELS = (
    (Rect(x=0, y=0, width=101, height=120), Rect(x=7, y=0, width=101, height=120)),
    (Rect(x=101, y=5, width=59, height=110), Rect(x=150, y=3, width=59, height=110)),
    (Rect(x=160, y=0, width=40, height=60), Rect(x=300, y=0, width=80, height=120)),
)
BEGAN = ("2026-06-21T19:00:00", "2026-12-31T23:59:59.9", "2026-01-09T04:00:00", "2026-04-18T13:00:00")
# The next frame, a late one, the next plate, back in time, the same moment again, much later.
JUMPS = (FRAME, FRAME, FRAME, 3 * FRAME, timedelta(seconds=10), -2 * FRAME, timedelta(0), timedelta(hours=7))
FATES = st.tuples(*[st.sampled_from(("goes on", "goes on", "misses it", "showed a notice"))] * len(PANELS))


@cache
def pictures() -> Sequence[pygame.Surface]:
    """Half-transparent noise of three sizes, and an opaque backdrop of it; no colour goes beyond its cover."""
    chance = np.random.default_rng(3)
    found = [pygame.Surface(size, pygame.SRCALPHA, 32) for size in ((9, 7), (21, 3), (5, 30))]
    found.append(pygame.Surface((WIDE, HIGH), 0, 32))
    for each in found:
        noise = chance.integers(0, 128, (each.get_height(), each.get_width(), 4), np.uint8)
        np.minimum(noise[..., :3], noise[..., 3:], out=noise[..., :3])
        each.blit(
            pygame.image.frombuffer(noise.tobytes(), each.get_size(), "RGBA"), (0, 0), None, pygame.BLEND_RGBA_ADD
        )
    return found


def arranged(layers: Placed) -> Arrangement:
    """Those pictures over the backdrop, each layer by its own rule."""
    found = [Layer.whole((pictures()[3], 0))]
    for rule, placed in zip(RULES, layers, strict=True):
        numbers, x, y = np.array(placed, np.int64).reshape(-1, 3).T
        found.append(Layer([pictures()[n] for n in numbers.tolist()], x, y, rule))
    return Arrangement(found)


def same(one: pygame.Surface, other: pygame.Surface) -> bool:
    """Whether they show the same."""
    return np.array_equal(pygame.surfarray.array3d(one), pygame.surfarray.array3d(other))


@settings(max_examples=300, deadline=None)
@given(LAYERS, LAYERS, st.booleans())
def test_only_what_differs_is_drawn_again(before: Placed, now: Placed, some_stay: bool) -> None:
    """Whatever comes, goes, moves or changes its order: what is left alone needed no drawing."""
    if some_stay:
        now = [[*old[: len(old) // 2 + 1], *new][: len(old)] for old, new in zip(before, now, strict=True)]
    ground, wanted = pygame.Surface(PART.size, 0, 32), pygame.Surface(PART.size, 0, 32)
    move, whole = (-PART.x, -PART.y), box_of(PART)
    was, shall = arranged(before), arranged(now)
    was.onto(ground, move, whole)
    shall.onto(ground, move, patches(cells(shall.changed(was), CELL, REACH), CELL, PART))
    shall.onto(wanted, move, whole)
    assert same(ground, wanted)


@settings(max_examples=200, deadline=None)
@given(st.sets(st.tuples(st.integers(0, REACH[0] - 1), st.integers(0, REACH[1] - 1))))
def test_patches_cover_the_touched_cells_once(touched: set[tuple[int, int]]) -> None:
    """Every pixel of a touched cell lies in one box, every other in none; nothing lies outside the part."""
    grid, painted = np.zeros(REACH, np.bool_), np.zeros((WIDE, HIGH), int)
    for column, row in touched:
        grid[column, row] = True
    for left, top, right, foot in patches(grid, CELL, PART).T.tolist():
        painted[left:right, top:foot] += 1
    wanted = np.repeat(np.repeat(grid, CELL[0], axis=0), CELL[1], axis=1).astype(int)
    inside = np.zeros_like(wanted)
    inside[PART.x : PART.x + PART.width, PART.y : PART.y + PART.height] = 1
    assert np.array_equal(painted, wanted * inside)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(st.sampled_from(NAMES), st.sampled_from(BEGAN), st.lists(st.tuples(st.sampled_from(JUMPS), FATES), max_size=8))
def test_a_scene_that_goes_on_looks_as_if_drawn_whole(
    name: str, began: str, steps: Sequence[tuple[timedelta, Sequence[str]]]
) -> None:
    """Over jumps and plates, whatever its panels miss or show between, on a glass that gets the drawn boxes alone."""
    ground, glass, wanted = (pygame.Surface(WINDOW, 0, 32) for _ in range(3))
    moment, since = seoul(began), dict[int, datetime]()
    for jump, fates in steps:
        moment += jump
        for number, fate in enumerate(fates):
            box, part = PANELS[number]
            if fate == "misses it":
                continue
            if fate == "showed a notice":
                since.pop(number, None)
                ground.fill((200, 30, 40), (box.x, box.y, box.width, box.height))
            for each in scene(name, 0).draw(ground, box, part, moment, since=since.get(number)):
                glass.blit(ground, (each.x, each.y), (each.x, each.y, each.width, each.height))
            scene(name, 1).draw(wanted, box, part, moment)
            since[number] = moment
        assert same(glass, wanted)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_what_changes_is_a_small_part_of_the_picture(name: str) -> None:
    """From one tenth of a second to the next less than half of a wall's pixels are drawn again."""
    wall, tenth = Rect(x=0, y=0, width=1600, height=400), timedelta(seconds=0.1)
    live, ground, moment = SCENES[name](wall.size), pygame.Surface(wall.size, 0, 32), seoul(BEGAN[3])
    live.draw(ground, wall, wall, moment)
    for _ in range(3):
        boxes = live.draw(ground, wall, wall, moment + tenth, since=moment)
        moment += tenth
        assert 0 < sum(each.width * each.height for each in boxes) < 0.5 * wall.width * wall.height


@cache
def scene(name: str, number: int) -> Scene:
    """One that may have shown any other moment before."""
    return SCENES[name](CANVAS)
