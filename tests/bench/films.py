"""Films, fades and stills on the glass: their ways beside ffmpeg's decoding alone, frames a second, rest, rejoining."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import psutil

from media.programme import Programme, SurfacePlan
from media.wire import version_of
from tests.bench.rows import Row
from tests.eventually import soon
from tests.media import builders
from tests.media.player.controllers import picture, pretend_controller

FRAMES = 90
ROUNDS = 2
SOURCE = "testsrc2=s=3840x2160:r=30:d=3,noise=alls=8:allf=t"
HOUSE = "-c:v libx264 -preset veryfast -b:v 30M -g 30 -keyint_min 30 -sc_threshold 0 -bf 0 -pix_fmt yuv420p"
REST_S = 8.0
# A fresh programme is watched closely for two seconds; a report comes each second.
SETTLING_REPORTS = 4


def measured(folder: Path, times: int) -> list[Row]:
    """All of it; film and ffmpeg by turns, the median of each."""
    folder.mkdir(parents=True, exist_ok=True)
    return [*_path(folder, times), *_fade(folder), *_rest(folder / "rest")]


def _path(folder: Path, times: int) -> list[Row]:
    film = folder / "film.mp4"
    make = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", SOURCE, *HOUSE.split(), "-y", str(film)]
    subprocess.run(make, check=True)
    pairs = [(_null(film), _ours(film)) for _ in range(times)]
    beside = _beside_mpv(film, times)
    limit_fps, limit_ms = (median(each[0][part] for each in pairs) for part in (0, 1))
    fps, ms = (median(each[1][part] for each in pairs) for part in (0, 1))
    return [
        Row(name="2160p30 film to the window, no flip", value=fps, unit="fps", limit=limit_fps, bar=0.7, at_least=True),
        Row(name="its processor time a frame", value=ms, unit="ms", limit=limit_ms, bar=1.6),
        *beside,
    ]


def _null(film: Path) -> tuple[float, float]:
    """ffmpeg decoding into nothing: frames a second and milliseconds of processor time a frame."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = ["ffmpeg", "-v", "error", "-stream_loop", str(ROUNDS - 1), "-i", str(film), "-f", "null", "-"]
    subprocess.run(command, check=True)
    whole, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return FRAMES * ROUNDS / whole, 1000 * spent / FRAMES / ROUNDS


def _ours(film: Path) -> tuple[float, float]:
    said = said_by("filmpath", str(film), "3840", "2160", str(FRAMES), str(ROUNDS))
    return said[0], said[1]


def _beside_mpv(film: Path, times: int) -> list[Row]:
    """The film all the way to the glass, by turns with mpv on the same X server; nothing where mpv is not installed."""
    if shutil.which("mpv") is None:
        print("not run: mpv, it is not installed", file=sys.stderr)
        return []
    with display("3840x2160x24") as name:
        size = ("3840", "2160", str(FRAMES), str(ROUNDS))
        pairs = [(_mpv(film, name), said_by("mpvpath", str(film), *size, DISPLAY=name)[0]) for _ in range(times)]
    theirs, ours = (median(each[part] for each in pairs) for part in (0, 1))
    words = "2160p30 film on the glass, processor time a frame, against mpv --vo=x11"
    return [Row(name=words, value=ours, unit="ms", limit=theirs, bar=0.8)]


def _mpv(film: Path, screen: str) -> float:
    """Milliseconds of processor time a frame of mpv, every picture drawn."""
    command = ["mpv", "--no-config", "--really-quiet", "--vo=x11", "--hwdec=no", "--no-audio", "--untimed",
               "--framedrop=no", "--fs", f"--loop-file={ROUNDS - 1}", str(film)]  # fmt: skip
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, env={**os.environ, "DISPLAY": screen}, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return 1000 * spent / FRAMES / ROUNDS


def _fade(folder: Path) -> list[Row]:
    with display() as screen:
        fps, fading, copying, flipping, bare = said_by("crossfade", str(folder), "120", DISPLAY=screen)
    return [
        Row(name="seven panels 1080×1920 fading in one window", value=fps, unit="fps", limit=None, bar=30,
            at_least=True),
        Row(name="fade of one of them, against copying its picture", value=fading, unit="ms", limit=copying, bar=3.0),
        Row(name="flip of the window, against copying its bytes", value=flipping, unit="ms", limit=bare, bar=3.0),
    ]  # fmt: skip


def _rest(folder: Path) -> list[Row]:
    """A player that shows a still and has nothing to do."""
    with pretend_controller() as controller:
        sha = controller.add(picture((90, 120, 90), (1080, 1920)))
        controller.programme = _always({builders.sha("a"): {"1080x1920": sha}})
        argv = [sys.executable, "-m", "tests.media.player.play", controller.url, str(folder), "1"]
        with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as process:
            try:
                soon(lambda: controller.reports and controller.reports[-1]["panels"].get("wall-1") == sha, within_s=30)
                soon(lambda: "wall" in controller.previews, within_s=30)
                settled = len(controller.reports) + SETTLING_REPORTS
                soon(lambda: len(controller.reports) >= settled, within_s=30)
                presents, share = _watched(process.pid, lambda: int(controller.reports[-1]["presented"]))
            finally:
                process.send_signal(signal.SIGTERM)
    return [
        Row(name=f"presents of a still at rest in {REST_S:.0f} s", value=presents, unit="", limit=None, bar=0),
        Row(name="processor share of a still at rest", value=100 * share, unit="%", limit=None, bar=1.0),
    ]


def _watched(pid: int, presented: Callable[[], int]) -> tuple[int, float]:
    """How often it presents and which share of a core it takes, over a while."""
    process = psutil.Process(pid)
    before, at, began = process.cpu_times(), presented(), time.perf_counter()
    time.sleep(REST_S)
    after, whole = process.cpu_times(), time.perf_counter() - began
    return presented() - at, (after.user + after.system - before.user - before.system) / whole


def _always(pictures: dict[str, dict[str, str]]) -> Programme:
    """One panel that shows one picture for ever."""
    lists = {"day": builders.playlist("a", 3600)}
    draft = builders.programme(builders.row(1), [(0, "day")], lists, pictures=pictures)
    start = datetime.now(UTC) - timedelta(days=1)
    wall = draft.surfaces["wall"]
    intervals = (replace(wall.intervals[0], start=start, end=start + timedelta(days=35)),)
    surfaces = {"wall": SurfacePlan(panels=wall.panels, intervals=intervals, fade_ms=wall.fade_ms)}
    draft = replace(draft, start=start, end=start + timedelta(days=35), surfaces=surfaces)
    return replace(draft, version=version_of(draft))


def said_by(module: str, *words: str, **environment: str) -> list[float]:
    """The numbers that a part in a process of its own prints last."""
    command = [sys.executable, "-m", f"tests.bench.{module}", *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **environment})
    return [float(each) for each in done.stdout.splitlines()[-1].split()]


@contextmanager
def display(size: str = "7560x1920x24") -> Iterator[str]:
    """An X server without a screen, by default wide enough for the wall."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        try:
            with os.fdopen(reading) as told:
                yield f":{told.readline().strip()}"
        finally:
            server.terminate()
