"""Changes on a wall of seven panels in a player: `python -m tests.bench.changing FOLDER FIRST SECOND CHANGE TURN_MS`.

FIRST and SECOND are live scenes, `still`, or a film's file; they take turns a few times. Prints frames a second while
panels change; the longest time between two frames about a change, in milliseconds; the largest resident memory, in MiB.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import get_args

import psutil

from media.assets import AssetStore
from media.player.run import PlayerOptions, Presented, run_player
from media.programme import Change, Film, Programme, SurfacePlan, frame
from media.scenes import SCENES
from media.wire import version_of
from tests.media import builders
from tests.media.player.controllers import picture
from tests.media.player.watch import RealClock

PANELS = 7
SIZE = (1080, 1920)
CHANGES = 4
DWELL_S = 5
SETTLED = timedelta(seconds=2 * DWELL_S)
CHANGE_S = 2
ABOUT = timedelta(seconds=0.3)
FILM = Film(fps=30, frames=90)


def main() -> None:
    """Play until the changes are over."""
    folder, names, how, turn_ms = Path(sys.argv[1]), sys.argv[2:4], sys.argv[4], int(sys.argv[5])
    clock = RealClock()
    programme = _programme(folder, names, how, turn_ms)
    options = PlayerOptions(
        player="lobby-player", controller="http://127.0.0.1:9", token="", folder=folder, alone=programme
    )
    watch = Watch(set(programme.scenes) | {sha for sizes in programme.pictures.values() for sha in sizes.values()})
    run_player(replace(options, presented=watch.presented), clock)
    print(" ".join(f"{each:.3f}" for each in _told(programme, watch)), flush=True)


class Watch:
    """Notes every frame, and ends the player a while after all there is to see has been on the glass."""

    def __init__(self, all_there_is: set[str]) -> None:
        self.times: list[datetime] = []
        self.began: datetime | None = None
        self._unseen = all_there_is

    def presented(self, frame: Presented) -> None:
        """One frame."""
        self.times.append(frame.at)
        self._unseen -= {sha for sha in frame.glass.values() if sha is not None}
        if self.began is None and not self._unseen:
            self.began = frame.at + SETTLED
        if self.began is not None and frame.at - self.began > (CHANGES + 1) * timedelta(seconds=DWELL_S):
            psutil.Process().terminate()


def _told(programme: Programme, watch: Watch) -> tuple[float, float, float]:
    """Of the changes that were seen whole."""
    assert watch.began is not None
    times, spans = watch.times, _changes(programme, watch.began)
    frames, seconds, gaps = 0, 0.0, list[float]()
    for first, last in spans[1:]:
        frames += bisect_right(times, last) - bisect_right(times, first)
        seconds += (last - first).total_seconds()
        near = times[bisect_right(times, first - ABOUT) : bisect_right(times, last + ABOUT)]
        gaps += [1000 * (after - before).total_seconds() for before, after in pairwise(near)]
    memory = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
    return frames / seconds, max(gaps), memory


def _changes(programme: Programme, began: datetime) -> list[tuple[datetime, datetime]]:
    """When panels change, from the first to the last of them."""
    step, found, first = timedelta(milliseconds=5), [], None
    for number in range(CHANGES * DWELL_S * 200):
        moment = began + number * step
        mixes = any(each and each.next for each in frame(programme, moment).values())
        if mixes and first is None:
            first = moment
        if not mixes and first is not None:
            found.append((first, moment))
            first = None
    return found


def _programme(folder: Path, names: Sequence[str], how: str, turn_ms: int) -> Programme:
    """Both by turns on the wall, for days."""
    change = next(each for each in get_args(Change) if each == how)
    lists = {
        "day": replace(
            builders.playlist("ab", DWELL_S, "span"), change=change, change_ms=1000 * CHANGE_S, turn_ms=turn_ms
        )
    }
    draft = builders.programme(builders.row(PANELS), [(0, "day")], lists)
    store = AssetStore(folder / "content")
    assets = dict(zip((builders.sha("a"), builders.sha("b")), names, strict=True))
    pictures = {asset: {"1080x1920": _kept(store, name)} for asset, name in assets.items() if name not in SCENES}
    films = {asset: FILM for asset, name in assets.items() if Path(name).suffix == ".mp4"}
    scenes = {asset: name for asset, name in assets.items() if name in SCENES}
    start = RealClock().now() - timedelta(days=1)
    wall = draft.surfaces["wall"]
    intervals = (replace(wall.intervals[0], start=start, end=start + timedelta(days=35)),)
    plan = SurfacePlan(panels=wall.panels, intervals=intervals, fade_ms=1000 * CHANGE_S)
    draft = replace(
        draft,
        start=start,
        end=start + timedelta(days=35),
        surfaces={"wall": plan},
        pictures=pictures,
        films=films,
        scenes=scenes,
    )
    return replace(draft, version=version_of(draft))


def _kept(store: AssetStore, name: str) -> str:
    return store.put(Path(name).read_bytes() if Path(name).suffix else picture((90, 120, 160), SIZE))


if __name__ == "__main__":
    main()
