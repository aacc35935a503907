"""A live scene that goes on in a player: only what changed is drawn and presented, and the glass shows all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import numpy as np
import pygame
import pytest

from media.assets import AssetStore
from media.geometry import Rect, canvas, window
from media.player.painter import Painter
from media.player.pictures import Pictures
from media.player.scenes import AGAIN_AFTER_S
from media.player.screen import Screen, opened, textured
from media.player.stage import Stage
from media.player.textures import TextureScreen
from media.programme import Live, PanelFrame
from media.scenes import FPS
from tests.media.builders import at, row, sha
from tests.media.player.controllers import picture

PIXELS = (54, 96)
PANELS = row(2, PIXELS)
WHOLE, LAYOUT = canvas(PANELS), window({"wall": PANELS})
NOON = at(12)
Frames = Mapping[str, PanelFrame | None]
Opened = Callable[..., AbstractContextManager[Screen | TextureScreen]]


class Theatre:
    """A stage on a screen, and the glass: what `present` was told of what was drawn."""

    def __init__(self, screen: Screen | TextureScreen, folder: Path) -> None:
        store = AssetStore(folder)
        self.still = store.put(picture((200, 40, 40), PIXELS))
        self.pictures = Pictures(store)
        screen.resize(LAYOUT.size)
        self.brush = screen.painter
        self.stage = Stage(self.brush, LAYOUT, self.pictures)
        self.glass = pygame.Surface(LAYOUT.size, 0, 32)

    def show(self, frames: Frames, *, mono: float = 0) -> int:
        """One frame with all it needs made ready; how many pixels were presented."""
        self.stage.want([frames])
        while (key := self.pictures._next()) is not None:
            self.pictures._decode(key)
        self.pictures.scenes.look(mono)
        boxes = [box for boxes in self.stage.show(frames).values() for box in boxes]
        for box in boxes:
            seen = self.brush.seen.subsurface(pygame.Rect(box.x, box.y, *box.size))
            self.glass.blit(seen, (box.x, box.y))
        return sum(box.width * box.height for box in boxes)

    def wrong(self, frames: Frames) -> int:
        """By how much the glass differs from what a stage that has shown nothing before draws."""
        wanted = pygame.Surface(LAYOUT.size, 0, 32)
        Stage(Painter(wanted), LAYOUT, self.pictures).show(frames)
        found = [pygame.surfarray.array3d(each).astype(int) for each in (self.glass, wanted)]
        return int(np.abs(found[0] - found[1]).max())


def live(panel: str, number: int, scene: str = "aquarium-live") -> Live:
    """A scene's picture of that number, thirty of which are a second."""
    moment, until = (NOON + each * timedelta(seconds=1) / FPS for each in (number, number + 1))
    return Live(scene=scene, canvas=WHOLE.size, part=WHOLE.panels[panel], at=moment, until=until)


def alone(number: int, scene: str = "aquarium-live") -> Frames:
    """The scene on both panels."""
    return {panel: PanelFrame(shows=sha(scene), shot=live(panel, number, scene)) for panel in WHOLE.panels}


@pytest.mark.parametrize("kind", [opened, textured])
def test_scene_looks_the_same_whatever_stood_there_before(kind: Opened, tmp_path: Path) -> None:
    """After itself, a still, a fade, on one panel alone, much later, back in time, after another scene."""
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
            alone(7),
        ):
            theatre.show(frames)
            assert theatre.wrong(frames) <= 2 * (fade in frames.values())


def test_scene_that_goes_on_presents_less_than_its_panels(tmp_path: Path) -> None:
    """The first frame is whole; the next ones are parts of it."""
    with opened(headless=True) as screen:
        theatre = Theatre(screen, tmp_path)
        shown = [theatre.show(alone(number, "seasons-live")) for number in range(6)]
    assert shown[0] == LAYOUT.size[0] * LAYOUT.size[1]
    assert max(shown[1:]) < shown[0]


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
        assert theatre.wrong(alone(4)) == 0


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
