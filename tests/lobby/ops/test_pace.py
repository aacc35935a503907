"""Films are made slowly while a screen is lit, and fast in the dark."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import psutil
import pytest

from lobby.core.clock import VirtualClock
from lobby.core.datafolder import DataFolder
from lobby.core.hub import Hub
from lobby.ops.screens import PACE_IN_THE_DARK, PACE_WHILE_LIT, pace
from tests.bench.house import lit, lobby
from tests.eventually import soon
from tests.lobby.core.galleries import NOON, SITE

SIZE = (640, 360)


@pytest.mark.parametrize(
    ("wall", "led", "expected"),
    [("cities", "off", PACE_WHILE_LIT), ("off", "off", PACE_IN_THE_DARK), (None, None, PACE_IN_THE_DARK)],
)
def test_one_lit_screen_slows_the_making_of_films(wall: str | None, led: str | None, expected: float) -> None:
    """By what the timetable wants of every surface at this moment."""
    hub = Hub(VirtualClock(NOON), {"wall": "surface", "led": "surface"})
    hub.update("wall", desired=wall)
    hub.update("led", desired=led)
    assert pace(hub, SITE) == expected


@pytest.mark.slow
def test_film_of_a_running_lobby_is_held_back_while_a_screen_is_lit(tmp_path: Path) -> None:
    """Its child has one thread, stays on one core and is stopped again and again."""
    film = tmp_path / "film.mp4"
    pictures = f"testsrc2=s={SIZE[0]}x{SIZE[1]}:r=30:d=10"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", pictures, "-c:v", "libx264", str(film)], check=True)
    with lobby(tmp_path / "house", screens=lit(SIZE)) as house:
        order = {"order": "media-add", "file": str(film), "title": None, "surface": "screens"}
        DataFolder(house.data).ask(order)
        soon(lambda: (found := house.maker()) is not None and len(os.sched_getaffinity(found.pid)) == 1, within_s=30)
        soon(lambda: (found := house.maker()) is not None and found.status() == psutil.STATUS_STOPPED)
        assert (found := house.maker()) is not None
        assert found.num_threads() == 1
