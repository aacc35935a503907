"""A live scene that goes on in a player: only what changed is drawn and presented, and the glass shows all of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pygame
import pytest

from media.assets import AssetStore
from media.geometry import Rect, canvas, window
from media.player import run
from media.player.controller import Controller
from media.player.painter import OPAQUE, Brush, Painter, pixels_of
from media.player.pattern import ASSET, always
from media.player.pictures import Pictures
from media.player.reporter import Reporter
from media.player.run import Player, PlayerOptions
from media.player.scenes import AGAIN_AFTER_S
from media.player.screen import Screen, opened, textured
from media.player.sound import Loudspeaker
from media.player.stage import Stage
from media.player.textures import TextureScreen
from media.player.timing import SharedClock
from media.player.troubles import Troubles
from media.programme import Change, Live, PanelFrame, Programme, frame
from media.scenes import FPS, SCENES
from tests.media.builders import at, playlist, programme, row, sha
from tests.media.player.captured import Framebuffer
from tests.media.player.captures import x_server
from tests.media.player.controllers import picture
from tests.media.player.watch import PutClock

pytestmark = pytest.mark.slow

PIXELS = (216, 384)
PANELS = row(2, PIXELS)
WHOLE, LAYOUT = canvas(PANELS), window({"wall": PANELS})
NOON = at(12)
Frames = Mapping[str, PanelFrame | None]
Opened = Callable[..., AbstractContextManager[Screen | TextureScreen]]


class Glass:
    """What stands on the glass of a screen that is told which boxes of what was drawn to bring there."""

    def __init__(self, brush: Brush, pictures: Pictures) -> None:
        self._brush = brush
        self._pictures = pictures
        self._surface = pygame.Surface(LAYOUT.size, 0, 32)

    def present(self, boxes: Collection[Rect]) -> None:
        """Bring these boxes."""
        for box in boxes:
            seen = self._brush.seen.subsurface(pygame.Rect(box.x, box.y, *box.size))
            self._surface.blit(seen, (box.x, box.y))

    def wrong(self, frames: Frames) -> int:
        """By how much it, or what was drawn, differs from what a stage that has shown nothing before draws."""
        wanted = pygame.Surface(LAYOUT.size, 0, 32)
        Stage(Painter(wanted), LAYOUT, self._pictures).show(frames)
        drawn = self._brush.seen.subsurface(pygame.Rect(0, 0, *LAYOUT.size))
        whole, *others = (pygame.surfarray.array3d(each).astype(int) for each in (wanted, drawn, self._surface))
        return max(int(np.abs(each - whole).max()) for each in others)


class Theatre:
    """A stage on a screen."""

    def __init__(self, screen: Screen | TextureScreen, folder: Path) -> None:
        store = AssetStore(folder)
        self.still = store.put(picture((200, 40, 40), PIXELS))
        self.pictures = Pictures(store)
        screen.resize(LAYOUT.size)
        brush = screen.painter
        self.stage = Stage(brush, LAYOUT, self.pictures)
        self.glass = Glass(brush, self.pictures)

    def show(self, frames: Frames, *, mono: float = 0) -> Sequence[Rect]:
        """One frame with all it needs made ready: what has to be presented."""
        self.stage.want([frames])
        while (key := self.pictures._next()) is not None:
            self.pictures._decode(key)
        self.pictures.scenes.look(mono)
        boxes = [box for boxes in self.stage.show(frames).values() for box in boxes]
        self.glass.present(boxes)
        return boxes


class Stopping:
    """A wait in which the process is stopped for longer than a frame is drawn ahead."""

    def __init__(self, clock: PutClock) -> None:
        self._clock = clock

    def wait(self, _: float) -> None:
        """Until then."""
        self._clock.moment += 2 * run.AHEAD


def live(panel: str, number: int, scene: str = "aquarium-live") -> Live:
    """A scene's picture of that number, thirty of which are a second."""
    moment, until = (NOON + each * timedelta(seconds=1) / FPS for each in (number, number + 1))
    return Live(scene=scene, canvas=WHOLE.size, part=WHOLE.panels[panel], at=moment, until=until)


def alone(number: int, scene: str = "aquarium-live") -> Frames:
    """The scene on both panels."""
    return {panel: PanelFrame(shows=sha(scene), shot=live(panel, number, scene)) for panel in WHOLE.panels}


@pytest.mark.parametrize("kind", [opened, textured])
def test_scene_looks_the_same_whatever_stood_there_before(kind: Opened, tmp_path: Path) -> None:
    """After itself, a still, a fade, on one panel alone, much later, back in time, changing places with another."""
    with kind(headless=True) as screen:
        theatre = Theatre(screen, tmp_path)
        still = PanelFrame(shows=theatre.still)
        fade = PanelFrame(shows=sha("aquarium-live"), shot=live("wall-1", 5), next=theatre.still, alpha=0.4)
        for frames in (
            *(alone(number) for number in (0, 1, 2)),
            {**alone(3), "wall-1": still},
            alone(4),
            {**alone(5), "wall-1": fade},
            *(alone(number) for number in (6, 7)),
            {**alone(8), "wall-2": None},
            *(alone(number) for number in (9, 310, 311, 2, 3)),
            *(alone(number, "skyline-live") for number in (4, 5, 6)),
            {"wall-1": alone(7)["wall-1"], "wall-2": alone(7, "skyline-live")["wall-2"]},
            {"wall-1": alone(8, "skyline-live")["wall-1"], "wall-2": alone(8)["wall-2"]},
        ):
            theatre.show(frames)
            assert theatre.glass.wrong(frames) <= 2 * (fade in frames.values())


@pytest.mark.parametrize(
    ("kind", "change", "turn_ms"),
    [(opened, "fade", 0), (opened, "fade", -300), (opened, "wipe", 200), (textured, "fade", 200)],
)
def test_scene_that_changes_looks_as_if_drawn_whole(kind: Opened, change: Change, turn_ms: int, tmp_path: Path) -> None:
    """From one live scene to another, to a still and back, panels together or one after the other, frames left out."""
    with kind(headless=True) as screen:
        theatre = Theatre(screen, tmp_path)
        plan = turning(theatre.still, change, turn_ms)
        moment, steps = NOON, (1, 2, 1, 7, 1, 3)
        for number in range(90):
            moment += steps[number % len(steps)] * timedelta(seconds=1) / 60
            frames = frame(plan, moment)
            theatre.show(frames)
            if number % 3 == 0:
                assert theatre.glass.wrong(frames) <= 2 * (kind is textured)


def test_scene_that_stands_during_a_change_is_not_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two scenes that mix none is drawn in half of the time, and one in a third of the frames in the other half."""
    drawn: list[str] = []
    with opened(headless=True) as screen:
        theatre, plan = Theatre(screen, tmp_path), turning("", "fade", 0)
        first = next(m for m in beats(NOON) if is_changing(plan, m))
        for early in (-1, 0):
            theatre.show(frame(plan, first + early * timedelta(seconds=1) / FPS))
        draw = theatre.pictures.scenes.draw

        def noted(ground: pygame.Surface, box: Rect, asset: str, live: Live, *, since: Live | None = None) -> object:
            drawn.append(live.scene)
            return draw(ground, box, asset, live, since=since)

        monkeypatch.setattr(theatre.pictures.scenes, "draw", noted)
        moments = [m for m in beats(first) if is_changing(plan, m)][1:24]
        for moment in moments:
            theatre.show(frame(plan, moment))
    assert 0 < len(drawn) <= len(PANELS) * (len(moments) // 6 + 2)


def turning(still: str, change: Change, turn_ms: int) -> Programme:
    """Two scenes by turns, and a still if there is one, each for two seconds, on both panels."""
    listed = replace(playlist("abc" if still else "ab", 2, "span"), change=change, change_ms=800, turn_ms=turn_ms)
    plan = programme(PANELS, [(0, "day")], {"day": listed})
    scenes = {sha("a"): "aquarium-live", sha("b"): "skyline-live"}
    return replace(plan, pictures={sha("c"): {"216x384": still}} if still else {}, scenes=scenes)


def beats(first: datetime) -> Iterator[datetime]:
    """Three seconds of moments, thirty a second."""
    return (first + number * timedelta(seconds=1) / FPS for number in range(90))


def is_changing(plan: Programme, moment: datetime) -> bool:
    """Whether something mixes then."""
    return any(each is not None and each.next is not None for each in frame(plan, moment).values())


def test_scene_that_goes_on_presents_less_than_its_panels(tmp_path: Path) -> None:
    """The first frame is whole; the next ones are parts of it."""
    with opened(headless=True) as screen:
        theatre = Theatre(screen, tmp_path)
        shown = [theatre.show(alone(number)) for number in range(6)]
    first, *others = (sum(box.width * box.height for box in boxes) for boxes in shown)
    assert first == LAYOUT.size[0] * LAYOUT.size[1]
    assert max(others) < 0.6 * first


def test_scene_that_failed_half_way_is_drawn_whole_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a failing scene left on its panel is not taken for a picture of it."""
    with opened(headless=True) as screen:
        theatre = Theatre(screen, tmp_path)
        for number in range(3):
            theatre.show(alone(number))

        def failing(ground: pygame.Surface, box: Rect, *_: object, **__: object) -> None:
            ground.fill((1, 2, 3), (box.x, box.y, box.width, box.height // 2))
            raise ZeroDivisionError

        (scene,) = theatre.pictures.scenes._made.values()
        monkeypatch.setattr(scene, "draw", failing)
        assert not theatre.show(alone(3))
        assert not theatre.show(alone(3), mono=1)
        theatre.show(alone(4), mono=2 + AGAIN_AFTER_S)
        assert theatre.glass.wrong(alone(4)) == 0


def test_frame_that_was_never_presented_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process stopped between drawing and presenting brings both frames' boxes to the glass with the next one."""
    clock, plan = PutClock(NOON), always("wall", {"wall": PANELS}, NOON)
    plan = replace(plan, scenes={ASSET: "aquarium-live"})
    with opened(headless=True) as screen:
        shared, troubles, pictures = SharedClock(clock, lambda: True), Troubles(), Pictures(AssetStore(tmp_path))
        reporter = Reporter(Controller("http://127.0.0.1:9", ""), "wall", clock=shared, troubles=troubles)
        options = PlayerOptions(player="wall", controller="", token="", folder=tmp_path)
        loudspeaker = Loudspeaker(AssetStore(tmp_path), shared, troubles)
        player = Player(screen, pictures, reporter, shared, plan, options, troubles, loudspeaker)
        glass = Glass(player._brush, pictures)
        monkeypatch.setattr(screen, "present", glass.present)
        player.step()
        pictures.scenes.look(0)
        for early_s in (0, 0, 0.02, 0):
            clock.moment = (player._due or NOON) - timedelta(seconds=early_s)
            with monkeypatch.context() as stopped:
                stopped.setattr(run, "threading", SimpleNamespace(Event=lambda: Stopping(clock)))
                player.step()
            assert player._undone == (early_s > 0)
        assert glass.wrong(player._frames) == 0


def test_an_x_server_gets_all_that_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What its memory holds after each frame of every scene is what was drawn, pixel for pixel."""
    with x_server(tmp_path, LAYOUT.size) as (name, framebuffer):
        monkeypatch.setenv("DISPLAY", name)
        monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
        with opened(headless=False, driver="x11") as screen:
            theatre, seen = Theatre(screen, tmp_path), Framebuffer(framebuffer)
            for scene in SCENES:
                for number in range(4):
                    screen.present(theatre.show(alone(number, scene)))
                    found = np.frombuffer(seen.rows(), np.uint32).reshape(LAYOUT.size[::-1]) | np.uint32(OPAQUE)
                    assert np.array_equal(found, pixels_of(screen.surface))
                    assert theatre.glass.wrong(alone(number, scene)) == 0


def test_nothing_is_presented_where_nothing_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    """No boxes are no update; boxes that are all of the window are one flip; others are one update."""
    calls: list[object] = []
    monkeypatch.setattr(pygame.display, "update", calls.append)
    monkeypatch.setattr(pygame.display, "flip", lambda: calls.append("all"))
    with opened(headless=True) as screen:
        screen.resize(LAYOUT.size)
        boxes = list(LAYOUT.panels.values())
        for each in ([], boxes[:1], boxes, None):
            screen.present(each)
    assert calls == [[(boxes[0].x, boxes[0].y, *PIXELS)], "all", "all"]
