"""Programmes full of changes, played by a real player on a real X server; every frame is captured and judged."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import cast

import numpy as np

from media.assets import AssetStore
from media.geometry import PanelPlace, Rect, Size, size_name, slice_name, window
from media.programme import Change, Interval, Mode, PanelFrame, Playlist, Programme, SurfacePlan, frame
from media.wire import version_of
from tests.eventually import soon
from tests.media import builders
from tests.media.player.controllers import PretendController, picture, pretend_controller

SHAPES = {"wall": 7, "row": 3, "main": 1, "led": 1}
PIXELS = (16, 24)
LEVELS = (60, 140, 220)
Colour = tuple[int, int, int]
COLOURS: list[Colour] = [(r, g, b) for r in LEVELS for g in LEVELS for b in LEVELS if len({r, g, b}) > 1]
BASE, ABOVE, SPAN, LATE = "abcdef", "xyz", "g", "h"
NEW_EVERY_S, LATE_BY_S = 4.0, 1.5
SETTLED = timedelta(seconds=1)
CLOSE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was captured: changes from rest to rest, frames, and of them those that no rule allows, in words."""

    changes: int
    frames: int
    black: tuple[str, ...]
    foreign: tuple[str, ...]


@dataclass(slots=True)
class _Play:
    """The contents by colour and the programmes that were on air by version."""

    controller: PretendController
    colours: dict[str, Colour] = field(default_factory=dict)
    pictures: dict[str, dict[str, str]] = field(default_factory=dict)
    programmes: dict[str, Programme] = field(default_factory=dict)
    fetched_at: datetime | None = None


def played(folder: Path, seed: int, changes: int) -> Verdict:
    """Play until so many changes must have been captured, then judge every frame."""
    chance, folder = Random(seed), folder / str(seed)
    folder.mkdir(parents=True)
    size = PIXELS[0] * sum(SHAPES.values()), PIXELS[1]
    with pretend_controller() as controller, x_server(folder, size) as (display, framebuffer):
        play = _Play(controller)
        _colour(play)
        _put_on_air(play, chance)
        with _player(controller.url, folder, display, framebuffer):
            soon(lambda: all(AssetStore(folder / "content").has(sha) for sha in controller.content), within_s=60)
            play.fetched_at = datetime.now(UTC) + SETTLED
            end = time.monotonic() + changes / 2.2
            while time.monotonic() < end:
                time.sleep(NEW_EVERY_S)
                _put_on_air(play, chance)
        return _judged(play, folder)


def _colour(play: _Play) -> None:
    """One colour for each asset and each slice, no two alike."""
    colours = iter(COLOURS)

    def add() -> str:
        colour = next(colours)
        sha = play.controller.add(picture(colour, PIXELS))
        play.colours[sha] = colour
        return sha

    for letter in BASE + ABOVE + LATE:
        play.pictures[builders.sha(letter)] = {size_name(PIXELS): add()}
    slices = {slice_name("wall", 7, place + 1): add() for place in range(7)}
    play.pictures[builders.sha(SPAN)] = {size_name(PIXELS): add(), **slices}


def _put_on_air(play: _Play, chance: Random) -> None:
    """A new programme from now on; what one of its pictures is made of comes only later, now and then."""
    start = datetime.now(UTC)
    late = play.pictures[builders.sha(LATE)][size_name(PIXELS)]
    held = play.controller.content.pop(late, None) if chance.random() < 0.5 else None
    programme = _programme(play, start, chance)
    play.programmes[programme.version] = programme
    play.controller.programme = programme
    if held is not None:
        time.sleep(LATE_BY_S)
        play.controller.content[late] = held


def _programme(play: _Play, now: datetime, chance: Random) -> Programme:
    start, end = now - timedelta(hours=1), now + timedelta(hours=1)
    lists = {f"base-{n}": _playlist(chance, BASE + SPAN + LATE) for n in range(4)}
    lists |= {f"above-{n}": replace(_playlist(chance, ABOVE), exclusive=True) for n in range(2)}
    surfaces, x = {}, 0
    for name, count in SHAPES.items():
        panels = tuple(_panel(name, n, x + 650 * n) for n in range(count))
        surfaces[name] = SurfacePlan(panels=panels, intervals=_intervals(now, start, end, chance), fade_ms=300)
        x += 10_000
    dark = frozenset(chance.sample([f"wall-{n}" for n in range(1, 8)], chance.choice([0, 0, 1, 2])))
    pins = {"wall-4": builders.sha("a")} if chance.random() < 0.3 else {}
    draft = Programme(
        player="lobby-player",
        version="",
        epoch=builders.EPOCH,
        start=start,
        end=end,
        surfaces=surfaces,
        playlists=lists,
        pictures=play.pictures,
        pins=pins,
        dark=dark,
    )
    return replace(draft, version=version_of(draft))


def _panel(surface: str, number: int, x: int) -> PanelPlace:
    return PanelPlace(id=f"{surface}-{number + 1}", pixels=PIXELS, at_mm=(x, 0), size_mm=(600, 900))


def _playlist(chance: Random, letters: str) -> Playlist:
    names = chance.sample(letters, 3)
    return replace(
        builders.playlist("".join(names), [chance.uniform(1.0, 1.3) for _ in names]),
        mode=cast(Mode, chance.choice(["rotate", "rotate", "span", "one-per-panel"])),
        change=cast(Change, chance.choice(["fade", "cut", "wipe"])),
        change_ms=chance.choice([100, 250, 400]),
        turn_ms=chance.choice([0, 60, -60]),
        seed=chance.choice([None, 3]),
    )


def _intervals(now: datetime, start: datetime, end: datetime, chance: Random) -> tuple[Interval, ...]:
    """Something now, perhaps an emergency at once, then other things every few seconds."""
    names = [f"base-{n}" for n in range(4)] + ["above-0", "above-1", None]
    cuts = [start, now - timedelta(seconds=0.1)]
    while cuts[-1] < now + timedelta(seconds=4 * NEW_EVERY_S):
        cuts.append(cuts[-1] + timedelta(seconds=chance.uniform(1.5, 4)))
    cuts.append(end)
    weights = [3, 3, 3, 3, 2, 2, 1]
    return tuple(
        Interval(start=one, end=two, playlist=chance.choices(names, weights)[0]) for one, two in pairwise(cuts)
    )


def _judged(play: _Play, folder: Path) -> Verdict:
    """Every frame against what its moment allows, from when the player had fetched everything for the first time."""
    first = next(iter(play.programmes.values()))
    layout = window({name: plan.panels for name, plan in first.surfaces.items()})
    pixels = np.fromfile(folder / "pixels", np.uint8).reshape(-1, layout.size[1], layout.size[0], 4)[..., 2::-1]
    rest: dict[str, object] = {}
    changes, judged, black, foreign = 0, 0, [], []
    for (version, moment, *_), glass in zip(_lines(folder), pixels, strict=False):
        at = datetime.fromisoformat(moment or "")
        if version is None or play.fetched_at is None or at < play.fetched_at:
            continue
        programme = play.programmes[version]
        allowed = _allowed(play, programme, at)
        wrong = [panel for panel, box in layout.panels.items() if not _right(play, glass, box, panel, allowed)]
        judged += 1
        foreign += [f"{at} {panel} {_colour_at(glass, layout.panels[panel])}" for panel in wrong]
        black += [each for each in foreign[-len(wrong) :] if wrong and each.endswith("(0, 0, 0)")]
        for name, plan in programme.surfaces.items():
            frames = [allowed[0][panel.id] for panel in plan.panels]
            standing = [None if each is None else each.shows for each in frames]
            if all(each is None or each.next is None for each in frames) and standing != rest.get(name):
                changes += name in rest
                rest[name] = standing
    return Verdict(changes=changes, frames=judged, black=tuple(black), foreign=tuple(foreign))


def _allowed(play: _Play, programme: Programme, at: datetime) -> list[dict[str, PanelFrame | None]]:
    """What the moment shows, with and without the picture that may be late."""
    late = frozenset(play.pictures[builders.sha(LATE)].values())
    return [frame(programme, at), frame(programme, at, missing=late)]


def _right(
    play: _Play,
    glass: np.ndarray,
    box: Rect,
    panel: str,
    allowed: list[dict[str, PanelFrame | None]],
) -> bool:
    block = glass[box.y : box.y + box.height, box.x : box.x + box.width].astype(float)
    return any(abs(block - _wanted(play.colours, frames[panel], block.shape)).max() <= CLOSE for frames in allowed)


def _wanted(
    colours: Mapping[str, tuple[int, int, int]], shown: PanelFrame | None, shape: tuple[int, ...]
) -> np.ndarray:
    """A panel as it should be, to a rounded share."""
    found = np.zeros(shape)
    if shown is None:
        return found
    first, second = (np.array(colours[sha] if sha else (0, 0, 0), float) for sha in (shown.shows, shown.next))
    if shown.change == "wipe" and shown.next is not None:
        edge = round(shape[1] * shown.alpha)
        new = slice(shape[1] - edge, None) if shown.from_right else slice(None, edge)
        found[:], found[:, new] = first, second
    else:
        found[:] = first + (second - first) * shown.alpha
    return found


def _colour_at(glass: np.ndarray, box: Rect) -> tuple[int, ...]:
    return tuple(int(value) for value in glass[box.y + box.height // 2, box.x + box.width // 2])


def _lines(folder: Path) -> list[list[str | None]]:
    path = folder / "lines"
    return [json.loads(line) for line in path.read_text().split("\n")[:-1]] if path.exists() else []


@contextmanager
def x_server(folder: Path, size: Size) -> Iterator[tuple[str, Path]]:
    """An X server of that size, whose picture is a file."""
    reading, writing = os.pipe()
    shape = f"{size[0]}x{size[1]}x24"
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", shape, "-fbdir", str(folder), "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        try:
            with os.fdopen(reading) as told:
                yield f":{told.readline().strip()}", folder / "Xvfb_screen0"
        finally:
            server.terminate()


@contextmanager
def _player(url: str, folder: Path, display: str, framebuffer: Path) -> Iterator[None]:
    argv = [sys.executable, "-m", "tests.media.player.captured", url, str(folder), str(framebuffer)]
    environment = {**os.environ, "DISPLAY": display, "SDL_VIDEODRIVER": "x11"}
    with subprocess.Popen(argv, stderr=subprocess.DEVNULL, env=environment) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(5)
