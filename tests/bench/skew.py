"""How well players keep together: seven processes that change stills, and one that was stopped for a while."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from media.programme import Interval, Programme, frame
from media.wire import version_of
from tests.bench.rows import Row, percentile
from tests.eventually import soon
from tests.media import builders
from tests.media.player.controllers import PretendController, picture, pretend_controller

PLAYERS = 7
PIXELS = (540, 960)
COLOURS = {"a": (200, 40, 40), "b": (40, 200, 40), "c": (40, 40, 200)}
DWELLS_S = ((1.0, 1.1, 1.3), (1.2, 1.0, 1.15), (1.05, 1.25, 1.0))
FRAME_MS = 1000 / 30
STOPPED_S = 2.0
SETTLED = 20

Line = tuple[float, float, dict[str, str | None]]


def measured(folder: Path, seconds: float = 15.0, stops: int = 3) -> list[Row]:
    """Idle, then with one core loaded, then stopped and continued."""
    with pretend_controller() as controller, ExitStack() as stack:
        programme = controller.programme = _programme(controller)
        players = [stack.enter_context(_player(controller.url, folder / str(n))) for n in range(PLAYERS)]
        soon(lambda: all(len(_trace(folder / str(n))) > SETTLED for n in range(PLAYERS)), within_s=60)
        idle = _skews(folder, _pass(seconds))
        back = [_back(programme, folder / "0", players[0]) for _ in range(stops)]
        with _one_core_loaded():
            loaded = _skews(folder, _pass(seconds))
    return [
        Row(name="skew of 7 players, stills, idle, p99", value=percentile(idle, 0.99), unit="ms", limit=FRAME_MS,
            bar=1 / 3),
        Row(name="skew of 7 players, stills, one core loaded, p99", value=percentile(loaded, 0.99), unit="ms",
            limit=FRAME_MS, bar=1.0),
        Row(name="right frame after a 2 s stop, stills, longest", value=max(back), unit="ms", limit=FRAME_MS, bar=2.0),
    ]  # fmt: skip


def _programme(controller: PretendController) -> Programme:
    """Three surfaces of one panel whose stills change without fades, each in its own rhythm."""
    pictures = {builders.sha(name): {"540x960": controller.add(picture(COLOURS[name], PIXELS))} for name in COLOURS}
    panels, start = builders.row(len(DWELLS_S), PIXELS), datetime.now(UTC) - timedelta(days=1)
    lists = {panel.id: builders.playlist("abc", dwells) for panel, dwells in zip(panels, DWELLS_S, strict=True)}
    draft = builders.programme(panels, [(0, "wall-1")], lists, pictures=pictures, fade_s=0)
    end = start + timedelta(days=35)
    surfaces = {
        panel.id: replace(
            draft.surfaces["wall"],
            panels=(panel,),
            intervals=(Interval(start=start, end=end, playlist=panel.id),),
        )
        for panel in panels
    }
    draft = replace(draft, start=start, end=end, surfaces=surfaces)
    return replace(draft, version=version_of(draft))


@contextmanager
def _player(url: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    folder.mkdir(parents=True)
    argv = [sys.executable, "-m", "tests.media.player.play", url, str(folder), "1"]
    with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()


@contextmanager
def _one_core_loaded() -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        try:
            yield
        finally:
            process.kill()


def _pass(seconds: float) -> tuple[float, float]:
    """That span of time, when it is over."""
    began = time.time()
    time.sleep(seconds)
    return began, began + seconds


def _trace(folder: Path) -> list[Line]:
    path = folder / "trace"
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    return [(due, at, glass) for due, at, glass in map(json.loads, lines)]


def _skews(folder: Path, span: tuple[float, float]) -> list[float]:
    """Milliseconds between the first and the last player, for every frame that all presented."""
    together: dict[int, list[float]] = {}
    for number in range(PLAYERS):
        for due, at, _ in _trace(folder / str(number)):
            if span[0] <= due < span[1]:
                together.setdefault(round(due * 1000), []).append(at)
    whole = [(max(times) - min(times)) * 1000 for times in together.values() if len(times) == PLAYERS]
    print(f"{len(whole)} frames by all players, {len(together) - len(whole)} not by all", file=sys.stderr)
    return whole


def _back(programme: Programme, folder: Path, player: subprocess.Popen[bytes]) -> float:
    """Milliseconds from the end of a stop to the first frame that is the right one."""
    player.send_signal(signal.SIGSTOP)
    time.sleep(STOPPED_S)
    began = time.time()
    player.send_signal(signal.SIGCONT)
    soon(lambda: any(line[1] > began and _right(programme, line) for line in _trace(folder)))
    later = (line for line in _trace(folder) if line[1] > began and _right(programme, line))
    return 1000 * (next(later)[1] - began)


def _right(programme: Programme, line: Line) -> bool:
    """Whether what stands on every panel is what its moment wants."""
    wanted = frame(programme, datetime.fromtimestamp(line[1], UTC))
    return line[2] == {panel: shown and shown.shows for panel, shown in wanted.items()}
