"""The window drawn by a card shows the same pictures as the one drawn by the processor, within a level or two."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pygame
import pytest

from media.geometry import Rect
from media.player.painter import Brush, Pixels
from media.player.screen import opened, textured
from media.player.textures import AT_HAND
from tests.bench.films import display
from tests.eventually import soon
from tests.media.player.controllers import pretend_controller
from tests.media.player.test_player import glass, on_air

SIZE = (120, 60)
LEFT, RIGHT = Rect(x=0, y=0, width=60, height=60), Rect(x=60, y=0, width=60, height=60)
CLOSE = 2


def pictures(count: int = 3) -> list[Pixels]:
    """Noise, opaque."""
    noise = np.random.default_rng(5).integers(0, 1 << 24, (count, 60, 60), np.uint32)
    return list(noise | np.uint32(0xFF000000))


def looks(brush: Brush) -> list[np.ndarray]:
    """What stands there after each way of drawing."""
    first, second, third = pictures()
    found = []

    def painted(ground: pygame.Surface, box: Rect) -> list[Rect]:
        ground.fill((9, 99, 199), (box.x, box.y, 20, 60))
        ground.fill((199, 9, 99), (box.x + 20, box.y, 40, 60))
        return [box]

    ways: list[Callable[[], object]] = [
        lambda: brush.place(first, LEFT),
        lambda: brush.mix(first, second, 77, LEFT),
        lambda: brush.mix(second, third, 200, RIGHT),
        lambda: brush.wipe(third, first, 23, LEFT),
        lambda: brush.wipe(third, first, 0, RIGHT),
        lambda: brush.paint(RIGHT, painted),
    ]
    for draw in ways:
        draw()
        seen = brush.seen.subsurface(pygame.Rect(0, 0, *SIZE))
        found.append(pygame.surfarray.array3d(seen).astype(int))
    return found


def test_card_and_processor_draw_the_same_pictures() -> None:
    """Placed, mixed, wiped and painted; what was drawn before stays beside it, also after it was presented."""
    with opened(headless=True) as screen:
        screen.resize(SIZE)
        surfaces = looks(screen.painter)
    with textured(headless=True) as screen:
        screen.resize(SIZE)
        textures = looks(screen.painter)
        screen.present()
        again = pygame.surfarray.array3d(screen.painter.seen.subsurface(pygame.Rect(0, 0, *SIZE))).astype(int)
    assert max(abs(one - other).max() for one, other in zip(surfaces, textures, strict=True)) <= CLOSE
    assert abs(again - textures[-1]).max() == 0


def test_card_keeps_two_pictures_a_box() -> None:
    """A fade uploads each picture once; memory on the card does not grow with the playlist."""
    with textured(headless=True) as screen:
        screen.resize(SIZE)
        for each in pictures(9):
            screen.painter.place(each, LEFT)
        assert len(screen.painter._held[LEFT]) == AT_HAND


def test_window_is_not_ended_by_an_older_one() -> None:
    """What a window of a card leaves behind is collected while the next one stands, and touches nothing of it."""
    with subprocess.Popen([sys.executable, "-m", "tests.media.player.collected"]) as process:
        assert process.wait(30) == 0


@pytest.mark.slow
def test_player_plays_by_textures_on_an_x_server(tmp_path: Path) -> None:
    """A whole player, told to use them: pictures, report and small copies as always (Mesa's software draws here)."""
    with pretend_controller() as controller, display("640x480x24") as name:
        controller.programme = on_air(controller)
        code = (
            "import sys; from pathlib import Path\n"
            "from media.player.run import PlayerOptions, run_player\n"
            "from tests.media.player.watch import RealClock\n"
            "run_player(PlayerOptions(player='lobby-player', controller=sys.argv[1], token='secret',"
            " folder=Path(sys.argv[2]), driver='x11', textures=True, disciplined=lambda: True), RealClock())"
        )
        environment = {**os.environ, "DISPLAY": name}
        with subprocess.Popen([sys.executable, "-c", code, controller.url, str(tmp_path)], env=environment) as process:
            try:
                soon(lambda: glass(controller) == list(controller.content), within_s=30)
                soon(lambda: "wall" in controller.previews)
                soon(lambda: controller.reports[-1]["prints"])
            finally:
                process.terminate()
            assert process.wait(5) == 0
