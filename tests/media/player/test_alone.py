"""Whole player processes that are on their own, late, or wrong about the time."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from media.programme import Programme, frame
from media.wire import version_of
from tests.eventually import soon
from tests.media import builders
from tests.media.player.controllers import PretendController, picture, pretend_controller

pytestmark = pytest.mark.slow
PIXELS = (54, 96)
COLOURS = {"a": (200, 40, 40), "b": (40, 200, 40), "c": (40, 40, 200)}
ON_TIME_S = 0.5


def changing(controller: PretendController, *, ended_days_ago: float = 0) -> Programme:
    """A wall of three that changes every second without fades; its days may be over."""
    pictures = {builders.sha(name): {"54x96": controller.add(picture(COLOURS[name], PIXELS))} for name in "abc"}
    lists = {"day": builders.playlist("abc", 1)}
    draft = builders.programme(builders.row(3, PIXELS), [(0, "day")], lists, pictures=pictures, fade_s=0)
    start = datetime.now(UTC) - timedelta(days=35 + ended_days_ago if ended_days_ago else 1)
    end = start + timedelta(days=35)
    wall = draft.surfaces["wall"]
    surfaces = {"wall": replace(wall, intervals=(replace(wall.intervals[0], start=start, end=end),))}
    draft = replace(draft, start=start, end=end, surfaces=surfaces)
    return replace(draft, version=version_of(draft))


@contextmanager
def player(url: str, folder: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A headless player as a process of its own."""
    argv = [sys.executable, "-m", "tests.media.player.play", url, str(folder), "1", *words]
    with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def trace(folder: Path) -> list[tuple[float, float, dict[str, str | None]]]:
    """What it presented: due, at, panels."""
    path = folder / "trace"
    lines = path.read_text().splitlines() if path.exists() else []
    return [(due, at, glass) for due, at, glass in map(json.loads, lines) if glass and "standby" not in glass]


def right(programme: Programme, line: tuple[float, float, dict[str, Any]]) -> bool:
    """Whether that frame is the one of its moment."""
    due, _, glass = line
    wanted = frame(programme, datetime.fromtimestamp(due + 0.001, UTC))
    return glass == {panel: shown and shown.shows for panel, shown in wanted.items()}


def test_player_goes_on_changing_on_time_without_a_controller(tmp_path: Path) -> None:
    """The controller is gone: items change on the second, each the right one."""
    with pretend_controller() as controller:
        programme = controller.programme = changing(controller)
        with player(controller.url, tmp_path):
            soon(lambda: trace(tmp_path))
            controller.silent = True
            before = len(trace(tmp_path))
            soon(lambda: len(trace(tmp_path)) >= before + 4)
        seen = trace(tmp_path)[before + 1 :]
    assert all(right(programme, line) for line in seen)
    assert max(at - due for due, at, _ in seen) < ON_TIME_S


def test_player_restarted_without_a_controller_is_right_at_once(tmp_path: Path) -> None:
    """Killed and started again on its own it first shows the frame of the moment, not the one it was killed in."""
    with pretend_controller() as controller:
        programme = controller.programme = changing(controller)
        with player(controller.url, tmp_path) as process:
            soon(lambda: len(trace(tmp_path)) > 1 and len(list((tmp_path / "content").glob("??/*"))) == 3)
            process.send_signal(signal.SIGKILL)
            process.wait(5)
    (tmp_path / "trace").unlink()
    with player("http://127.0.0.1:9", tmp_path):
        soon(lambda: any(all(glass.values()) for _, _, glass in trace(tmp_path)))
    assert right(programme, next(line for line in trace(tmp_path) if all(line[2].values())))


def test_programme_that_is_over_is_played_on_by_weekday_and_told(tmp_path: Path) -> None:
    """Three days past its end the player still changes pictures, and its report says so."""
    with pretend_controller() as controller:
        controller.programme = changing(controller, ended_days_ago=3)
        with player(controller.url, tmp_path):
            soon(lambda: len(trace(tmp_path)) > 2)
            soon(lambda: controller.reports and "programme-old" in controller.reports[-1]["troubles"])
    assert controller.reports[-1]["stale"]


def test_wrong_clock_that_nobody_keeps_is_told_and_not_followed(tmp_path: Path) -> None:
    """An hour ahead and no time server: after one measurement the player shows what the controller's time says."""
    with pretend_controller() as controller:
        programme = controller.programme = changing(controller)
        with player(controller.url, tmp_path, "3600.4", "no"):
            soon(lambda: controller.reports and controller.reports[-1]["clock"] == "corrected")
            before = len(trace(tmp_path))
            soon(lambda: len(trace(tmp_path)) >= before + 3)
            seen, now = trace(tmp_path)[before + 1 :], time.time()
            report = controller.reports[-1]
    assert report["offset_ms"] == pytest.approx(-3_600_400, abs=50)
    assert "clock-wrong" in report["troubles"]
    assert all(right(programme, line) for line in seen)
    assert abs(seen[-1][1] - now) < 3


def test_wrong_clock_that_a_time_server_keeps_is_followed_and_told(tmp_path: Path) -> None:
    """If the kernel trusts its clock, the controller's may be the wrong one: the difference is shown."""
    with pretend_controller() as controller:
        controller.programme = changing(controller)
        with player(controller.url, tmp_path, "60", "yes"):
            soon(lambda: controller.reports and "clock-wrong" in controller.reports[-1]["troubles"])
            soon(lambda: trace(tmp_path))
    assert controller.reports[-1]["clock"] == "own"
    assert trace(tmp_path)[-1][1] > time.time() + 30


def test_missing_content_gives_way_and_is_named(tmp_path: Path) -> None:
    """One of three pictures is nowhere to be had: the others take its turns, and the report names its hash."""
    with pretend_controller() as controller:
        controller.programme = changing(controller)
        gone = next(iter(controller.content))
        del controller.content[gone]
        with player(controller.url, tmp_path):
            soon(lambda: controller.reports and controller.reports[-1]["contents"] == [gone])
            before = len(trace(tmp_path))
            soon(lambda: len(trace(tmp_path)) >= before + 3)
    shown = {sha for _, _, glass in trace(tmp_path)[before:] for sha in glass.values()}
    assert shown == set(controller.content)
    assert controller.reports[-1]["troubles"] == ["content-missing"]


def test_glass_is_never_empty_between_programmes(tmp_path: Path) -> None:
    """From its first picture on no panel that is on is ever without one, whatever programme comes."""
    with pretend_controller() as controller:
        controller.programme = changing(controller)
        with player(controller.url, tmp_path):
            soon(lambda: len(trace(tmp_path)) > 1)
            first = replace(controller.programme, pins={"wall-1": next(iter(controller.programme.pictures))})
            controller.programme = replace(first, version=version_of(first))
            version = controller.programme.version
            soon(lambda: controller.reports and controller.reports[-1]["version"] == version)
            soon(lambda: len({glass["wall-1"] for _, _, glass in trace(tmp_path)[-3:]}) == 1)
    full = [glass for _, _, glass in trace(tmp_path)]
    begun = next(number for number, glass in enumerate(full) if all(glass.values()))
    assert all(all(glass.values()) for glass in full[begun:])


def told(controller: PretendController) -> list[tuple[float, str]]:
    """Every change of all reports: by how many seconds it came after it was due, and when it was due."""
    changes = [each for report in list(controller.reports) for each in report["changes"]]
    moments = [(datetime.fromisoformat(due), datetime.fromisoformat(at)) for due, at, _ in changes]
    return [((at - due).total_seconds(), due.isoformat()) for due, at in moments]


def test_every_change_is_told_once_with_its_due_time(tmp_path: Path) -> None:
    """What the controller measures skew by: shown soon after it was due, and no change twice."""
    with pretend_controller() as controller:
        controller.programme = changing(controller)
        with player(controller.url, tmp_path):
            soon(lambda: len(told(controller)) > 4, within_s=20)
    assert all(-ON_TIME_S < late_s < 2 for late_s, _ in told(controller))
    assert len({due for _, due in told(controller)}) == len(told(controller))


def test_player_whose_own_clock_is_wrong_is_told_in_the_controllers_time(tmp_path: Path) -> None:
    """A time server keeps it wrong by five seconds: it shows changes early, and says so in true time."""
    with pretend_controller() as controller:
        controller.programme = changing(controller)
        with player(controller.url, tmp_path, "5", "yes"):
            soon(lambda: len(told(controller)) > 4, within_s=20)
    assert all(-6 < late_s < -2 for late_s, _ in told(controller))
