"""A whole player process against a controller that comes and goes."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from media.programme import Programme, SurfacePlan
from media.wire import version_of
from tests.eventually import soon
from tests.media import builders
from tests.media.player.controllers import PretendController, picture, pretend_controller

pytestmark = pytest.mark.slow
PIXELS = (54, 96)
COLOURS = {"a": (200, 40, 40), "b": (40, 200, 40), "c": (40, 40, 200)}


def on_air(controller: PretendController, names: str = "abc") -> Programme:
    """A programme of today, always on, of pictures the controller serves."""
    pictures = {builders.sha(name): {"54x96": controller.add(picture(COLOURS[name], PIXELS))} for name in names}
    lists = {"day": builders.playlist(names, 3600, "one-per-panel")}
    draft = builders.programme(builders.row(3, PIXELS), [(0, "day")], lists, pictures=pictures)
    start = datetime.now(UTC) - timedelta(days=1)
    end = start + timedelta(days=35)
    wall = draft.surfaces["wall"]
    intervals = (replace(wall.intervals[0], start=start, end=end),)
    surfaces = {"wall": SurfacePlan(panels=wall.panels, intervals=intervals, fade_ms=wall.fade_ms)}
    draft = replace(draft, start=start, end=end, surfaces=surfaces)
    return replace(draft, version=version_of(draft))


@contextmanager
def player(url: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A headless player as a process of its own."""
    argv = [sys.executable, "-m", "tests.media.player.play", url, str(folder), "1"]
    with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def glass(controller: PretendController) -> list[str | None]:
    """What the last report says is on the panels."""
    return list(controller.reports[-1]["panels"].values()) if controller.reports else []


@pytest.mark.alone
def test_player_shows_reports_and_ends_at_once(tmp_path: Path) -> None:
    """From nothing to pictures, report and preview with gaps; a still presents nothing more; SIGTERM ends it soon."""
    with pretend_controller() as controller:
        controller.programme = on_air(controller)
        with player(controller.url, tmp_path) as process:
            soon(lambda: glass(controller) == list(controller.content))
            soon(lambda: "wall" in controller.previews)
            presented = controller.reports[-1]["presented"]
            soon(lambda: len(controller.reports) > 5)
            assert controller.reports[-1]["presented"] == presented
            asked = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(5) == 0
            assert time.monotonic() - asked < 1
        preview = tmp_path / "preview.jpg"
        preview.write_bytes(controller.previews["wall"])
        with Image.open(preview) as seen:
            assert seen.size == (166, 96)
            red = seen.convert("RGB").getpixel((27, 48))
    assert isinstance(red, tuple)
    assert red[0] > 180


def test_player_plays_on_alone_and_starts_alone(tmp_path: Path) -> None:
    """With the controller gone a restarted player shows what it kept, as the next controller hears."""
    with pretend_controller() as controller:
        controller.programme = on_air(controller)
        with player(controller.url, tmp_path):
            soon(lambda: glass(controller) == list(controller.content))
        kept, programme = dict(controller.content), controller.programme
    with pretend_controller() as deaf:
        with player(deaf.url, tmp_path):
            soon(lambda: glass(deaf) == list(kept))
        assert deaf.reports[-1]["version"] == programme.version


def test_broken_picture_is_passed_over_and_fetched_again(tmp_path: Path) -> None:
    """A file that rotted on the player's disk gives way to the next item until a sound copy came."""
    with pretend_controller() as controller:
        controller.programme = on_air(controller)
        first = next(iter(controller.content))
        with player(controller.url, tmp_path):
            soon(lambda: glass(controller) == list(controller.content))
        good = controller.content.pop(first)
        (tmp_path / "content" / first[:2] / first).write_bytes(b"rot")
        with player(controller.url, tmp_path):
            others = list(controller.content)
            soon(lambda: glass(controller) == [others[0], others[0], others[1]])
            controller.content[first] = good
            soon(lambda: glass(controller)[0] == first)


def test_new_programme_is_on_the_glass_soon(tmp_path: Path) -> None:
    """A pin set at the controller shows within seconds, and nothing else changes."""
    with pretend_controller() as controller:
        controller.programme = on_air(controller)
        before = list(controller.content)
        with player(controller.url, tmp_path):
            soon(lambda: glass(controller) == before)
            pinned = controller.add(picture((250, 250, 250), PIXELS))
            pins = {"wall-2": builders.sha("pin")}
            pictures = {**controller.programme.pictures, builders.sha("pin"): {"54x96": pinned}}
            draft = replace(controller.programme, pins=pins, pictures=pictures)
            controller.programme = replace(draft, version=version_of(draft))
            soon(lambda: glass(controller) == [before[0], pinned, before[2]])


@pytest.mark.alone
def test_player_ends_at_once_though_nobody_answers(tmp_path: Path) -> None:
    """A controller that takes the connection and says nothing delays no shutdown."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with player(f"http://127.0.0.1:{silent.getsockname()[1]}", tmp_path) as process:
            line, _ = silent.accept()
            asked = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(5) == 0
            assert time.monotonic() - asked < 1
            line.close()
