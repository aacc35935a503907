"""Live scenes in the player: prepared ahead, seamless from panel to panel, and never its end when they fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pygame
import pytest

from media.assets import AssetStore
from media.geometry import Rect, Size, canvas, window
from media.player.pictures import Pictures
from media.player.scenes import AGAIN_AFTER_S, AHEAD, Scenes, Showing
from media.player.screen import Screen, opened
from media.player.stage import Stage
from media.programme import Live, Programme, frame
from tests.media.builders import at, playlist, programme, row, sha
from tests.media.player.controllers import picture

PIXELS = (54, 96)
PANELS = row(2, PIXELS)
WHOLE = canvas(PANELS)
NOON = at(12)


class Ramp:
    """A scene whose red is the column of the canvas and whose green counts seconds; it remembers what it prepared."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.prepared: list[datetime] = []
        self.fails = False

    def prepare(self, moment: datetime) -> None:
        """Remember."""
        self.prepared.append(moment)

    def draw(
        self, ground: pygame.Surface, box: Rect, part: Rect, moment: datetime, *, since: datetime | None = None
    ) -> list[Rect]:
        """Column by column."""
        if self.fails:
            raise ZeroDivisionError("a scene that cannot be drawn")
        for column in range(box.width):
            colour = (part.x + column) % 256, moment.second % 256, 9
            ground.fill(colour, (box.x + column, box.y, 1, box.height))
        return [box]


class Gallery:
    """A stage of two panels and one scene; `made` are the scenes, from the first to the last."""

    def __init__(self, screen: Screen, folder: Path) -> None:
        self.made: list[Ramp] = []
        self.store = AssetStore(folder)
        self.still = self.store.put(picture((200, 40, 40), PIXELS))
        self.pictures = Pictures(self.store)
        self.pictures.scenes = Scenes({"ramp": self._make})
        layout = window({"wall": PANELS})
        screen.resize(layout.size)
        self.screen = screen
        self.stage = Stage(screen.painter, layout, self.pictures)
        self.plan: Programme = replace(
            programme(PANELS, [(0, "day")], {"day": playlist("ls", 10, "span")}),
            pictures={sha("s"): {"54x96": self.still}},
            scenes={sha("l"): "ramp"},
        )

    def _make(self, size: Size) -> Ramp:
        self.made.append(Ramp(size))
        return self.made[-1]

    def step(self, moment: datetime, mono: float = 0.0) -> None:
        """One round of the player at a moment, with the other threads' work done at once."""
        lacking = {frozenset[str](), self.pictures.missing}
        self.stage.want([frame(self.plan, moment, missing=missing) for missing in lacking])
        while (key := self.pictures._next()) is not None:
            self.pictures._decode(key)
        self.pictures.scenes.look(mono)
        self.stage.show(frame(self.plan, moment, missing=self.pictures.missing))

    def colours(self, y: int = 50) -> list[tuple[int, int, int]]:
        """A row of the window."""
        pixels = (self.screen.surface.get_at((x, y)) for x in range(2 * PIXELS[0]))
        return [(red, green, blue) for red, green, blue, _ in pixels]


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    """A window nobody sees."""
    with opened(headless=True) as screen:
        yield Gallery(screen, tmp_path)


def showing_scene(gallery: Gallery) -> datetime:
    """A moment at which the scene stands alone."""
    moments = (NOON + timedelta(seconds=second) for second in range(20))
    return next(m for m in moments if all(each and each.shows == sha("l") and each.next is None
                                          for each in frame(gallery.plan, m).values()))  # fmt: skip


def test_scene_goes_on_behind_the_gap_between_panels(gallery: Gallery) -> None:
    """Each panel shows its part of the one canvas; what lies in the gap is skipped, not squeezed."""
    gallery.step(showing_scene(gallery))
    reds = [red for red, _, _ in gallery.colours()]
    assert reds[: PIXELS[0]] == list(range(PIXELS[0]))
    assert reds[PIXELS[0]] == WHOLE.panels["wall-2"].x > PIXELS[0]
    assert len(gallery.made) == 1
    assert gallery.stage.glass() == {"wall-1": sha("l"), "wall-2": sha("l")}


def test_scene_is_drawn_thirty_times_a_second_and_no_oftener(gallery: Gallery) -> None:
    """Within a thirtieth of a second nothing has to be presented."""
    moment = showing_scene(gallery)
    gallery.step(moment)
    shown = frame(gallery.plan, moment)["wall-1"]
    assert shown is not None
    assert isinstance(shown.shot, Live)
    assert shown.shot.until - shown.shot.at < timedelta(seconds=1 / 29)
    assert not gallery.stage.show(frame(gallery.plan, shown.shot.until - timedelta(microseconds=1)))
    assert set(gallery.stage.show(frame(gallery.plan, shown.shot.until))) == {"wall-1", "wall-2"}


def test_scene_is_never_drawn_at_a_moment_it_was_not_prepared_for(gallery: Gallery) -> None:
    """Prepared for the next seconds; beyond them the panel holds what it has until the other thread came."""
    moment = showing_scene(gallery)
    gallery.step(moment)
    assert gallery.made[0].prepared[-1] - gallery.made[0].prepared[0] >= AHEAD
    late = Live(scene="ramp", canvas=WHOLE.size, part=WHOLE.panels["wall-1"], at=moment + 2 * AHEAD, until=moment)
    assert not gallery.pictures.scenes.ready(sha("l"), PIXELS, late)


def test_scene_mixes_with_a_still(gallery: Gallery) -> None:
    """Half-way of a fade from the scene to the still both are seen."""
    moment = showing_scene(gallery)
    while (shown := frame(gallery.plan, moment)["wall-1"]) and not 0.4 < shown.alpha < 0.6:
        moment += timedelta(milliseconds=50)
    gallery.step(moment)
    assert shown is not None
    red, green, _ = gallery.colours()[20]
    assert red == pytest.approx(20 + (200 - 20) * shown.alpha, abs=4) or red == pytest.approx(
        200 + (20 - 200) * shown.alpha, abs=4
    )
    assert 0 < green < 60


def test_scene_that_fails_gives_way_and_is_tried_again(gallery: Gallery) -> None:
    """The still takes its place at once; after a minute a new scene is made, and comes back."""
    moment = showing_scene(gallery)
    gallery.step(moment)
    gallery.made[0].fails = True
    gallery.step(moment + timedelta(seconds=0.1))
    assert gallery.pictures.scenes.missing == {sha("l")}
    gallery.step(moment + timedelta(seconds=0.2))
    assert gallery.colours()[20] == pytest.approx((200, 40, 40), abs=3)
    gallery.step(moment + timedelta(seconds=0.3), mono=AGAIN_AFTER_S - 1)
    assert len(gallery.made) == 1
    gallery.step(moment + timedelta(seconds=0.4), mono=AGAIN_AFTER_S + 1)
    assert not gallery.pictures.scenes.missing
    assert gallery.stage.glass() == {"wall-1": sha("l"), "wall-2": sha("l")}


def test_name_that_no_scene_has_gives_way() -> None:
    """A programme of a newer controller: the player goes on with what it can draw."""
    scenes = Scenes({})
    unknown = Showing(asset=sha("x"), scene="unknown", canvas=WHOLE.size, part=WHOLE.panels["wall-1"], size=PIXELS)
    scenes.want({unknown: NOON})
    scenes.look(0)
    assert scenes.missing == {sha("x")}


def test_what_can_wait_is_not_prepared_during_a_change(gallery: Gallery) -> None:
    """While pictures mix the other thread leaves the presenting one alone, unless the scene would run out."""
    moment = showing_scene(gallery)
    gallery.step(moment)
    prepared, scenes = gallery.made[0].prepared, gallery.pictures.scenes
    (showing, *_) = scenes._wanted
    for later_s, waits in ((1, True), (4, False)):
        before = len(prepared)
        scenes.want(dict.fromkeys(scenes._wanted, moment + timedelta(seconds=later_s)), calm=False)
        scenes.look(0.0)
        assert (len(prepared) == before) is waits
    assert showing in scenes._wanted
