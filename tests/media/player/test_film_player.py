"""A whole player process that plays films: on the glass, in the previews, stopped and going on, broken in mid-play."""

from __future__ import annotations

import io
import signal
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pygame
import pytest
from PIL import Image

from media.programme import Film, Programme, SurfacePlan
from media.wire import version_of
from tests.eventually import soon
from tests.media import builders
from tests.media.player.controllers import PretendController, picture, pretend_controller
from tests.media.player.test_player import glass, player
from tests.media.reels import film, number_in

pytestmark = pytest.mark.slow
PIXELS = (320, 180)


def on_air(controller: PretendController, reel: bytes) -> Programme:
    """Two panels, always on: a film on the first, a still on the second."""
    contents = {"f": controller.add(reel), "s": controller.add(picture((200, 40, 40), PIXELS))}
    draft = builders.programme(
        builders.row(2, PIXELS),
        [(0, "day")],
        {"day": builders.playlist("fs", 3600, "one-per-panel")},
        pictures={builders.sha(name): {"320x180": sha} for name, sha in contents.items()},
        films={builders.sha("f"): Film(frames=90, fps=30)},
    )
    start = datetime.now(UTC) - timedelta(days=1)
    wall = draft.surfaces["wall"]
    intervals = (replace(wall.intervals[0], start=start, end=start + timedelta(days=35)),)
    surfaces = {"wall": SurfacePlan(panels=wall.panels, intervals=intervals, fade_ms=wall.fade_ms)}
    draft = replace(draft, start=start, end=start + timedelta(days=35), surfaces=surfaces)
    return replace(draft, version=version_of(draft))


def numbered_film(folder: Path) -> bytes:
    """Three seconds, each picture of which says its number."""
    path = folder / "film.mp4"
    film(path, 90, PIXELS)
    return path.read_bytes()


def number_on_preview(controller: PretendController) -> int:
    """What the left half of the last preview says."""
    with Image.open(io.BytesIO(controller.previews["wall"])) as seen:
        left = seen.convert("RGB").crop((0, 0, seen.width // 2, seen.height))
    return number_in(pygame.image.frombuffer(left.tobytes(), left.size, "RGB"))


@pytest.mark.alone
def test_film_and_still_play_side_by_side_and_a_stop_is_made_good(tmp_path: Path) -> None:
    """The film moves and can be seen in the previews; stopped for two seconds it goes on; it ends at once."""
    with pretend_controller() as controller:
        controller.programme = on_air(controller, numbered_film(tmp_path))
        with player(controller.url, tmp_path / "player") as process:
            soon(lambda: glass(controller) == list(controller.content))
            soon(lambda: "wall" in controller.previews and number_on_preview(controller) >= 0)
            before = number_on_preview(controller)
            soon(lambda: number_on_preview(controller) not in (before, -1))
            process.send_signal(signal.SIGSTOP)
            stopped = int(controller.reports[-1]["presented"])
            until = time.monotonic() + 2
            soon(lambda: time.monotonic() > until)
            process.send_signal(signal.SIGCONT)
            soon(lambda: int(controller.reports[-1]["presented"]) > stopped + 40)
            asked = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(5) == 0
            assert time.monotonic() - asked < 1.5


def test_film_truncated_in_mid_play_gives_way_and_is_told(tmp_path: Path) -> None:
    """Under its own hash, so that only playing finds it: the still takes its place, the report names what is broken."""
    with pretend_controller() as controller:
        reel = numbered_film(tmp_path)
        controller.programme = on_air(controller, reel[: len(reel) * 2 // 3])
        broken, still = list(controller.content)
        with player(controller.url, tmp_path / "player"):
            soon(lambda: glass(controller) == [still, still], within_s=15)
            soon(lambda: "content-broken" in controller.reports[-1]["troubles"])
            assert broken in controller.reports[-1]["contents"]
