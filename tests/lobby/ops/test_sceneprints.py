"""Live scenes are known again by small drawings of their moments, made by a child that comes and goes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pygame
import pytest

from lobby.core.display_proof import SAME_LIVE, expected
from lobby.ops.sceneprints import Question, ScenePrints
from media.art.samples import SAMPLES
from media.geometry import Rect, canvas
from media.player.pattern import Pattern
from media.player.witness import reduced
from media.prints import apart, print_of
from media.prints_child import reduced as looked_at
from media.programme import Live, PanelFrame
from media.scenes import SCENES
from tests.media.builders import row
from tests.running import run

pytestmark = pytest.mark.slow

WALL = canvas(row(3, (432, 768)))
MOMENT = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.fixture
def window() -> Iterator[None]:
    """Pictures can be drawn."""
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    pygame.display.init()
    pygame.display.set_mode((1, 1), 0, 32)
    yield
    pygame.display.quit()


def question(scene: str, at: datetime = MOMENT) -> Question:
    """All panels of a small wall."""
    return Question(scene=scene, canvas=WALL.size, at=at, parts=WALL.panels)


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.usefixtures("window")
def test_a_small_drawing_knows_the_scene_on_the_glass_and_no_other_picture(name: str) -> None:
    """At noon and in the evening, on every panel: within the room there is, and no sample picture lies in it."""
    others = [bytes.fromhex(looked_at(SAMPLES[each](216, 384).convert("RGB"))) for each in list(SAMPLES)[:6]]

    async def scenario() -> None:
        prints, scene = ScenePrints(), SCENES[name](WALL.size)
        for at in (MOMENT, MOMENT + timedelta(hours=8)):
            told = await prints.ask(question(name, at))
            for panel, part in WALL.panels.items():
                box = Rect(x=0, y=0, width=part.width, height=part.height)
                ground = pygame.Surface(box.size, 0, 32)
                scene.draw(ground, box, part, at)
                assert apart(bytes.fromhex(print_of(reduced(ground, box))), told[panel]) < 0.85 * SAME_LIVE
                assert min(apart(other, told[panel]) for other in others) > 1.2 * SAME_LIVE
        await prints.close()

    run(scenario(), within_s=60)


@pytest.mark.usefixtures("window")
def test_the_test_pattern_is_known_by_its_frame_too() -> None:
    """On every panel under its name, over a whole sweep of its bar; no sample picture passes for it."""
    others = [bytes.fromhex(looked_at(SAMPLES[each](216, 384).convert("RGB"))) for each in list(SAMPLES)[:6]]
    names = {(WALL.size, part.x, part.y): panel for panel, part in WALL.panels.items()}

    async def scenario() -> None:
        prints, pattern = ScenePrints(), Pattern(WALL.size, names)
        for at in (MOMENT + timedelta(seconds=0.37 * n) for n in range(11)):
            told = await prints.ask(question("test-pattern", at))
            for panel, part in WALL.panels.items():
                ground, box = pygame.Surface(part.size, 0, 32), Rect(x=0, y=0, width=part.width, height=part.height)
                pattern.draw(ground, box, part, at)
                assert apart(bytes.fromhex(print_of(reduced(ground, box))), told[panel]) < 0.85 * SAME_LIVE
                assert min(apart(other, told[panel]) for other in others) > 1.2 * SAME_LIVE
        await prints.close()

    run(scenario(), within_s=60)


def test_an_unknown_scene_and_a_killed_child_give_no_prints_and_the_next_question_is_answered() -> None:
    """Nothing is said wrongly where nothing is known."""

    async def scenario() -> None:
        prints = ScenePrints()
        assert await prints.ask(question("no-such-scene")) == {}
        assert prints._child is not None
        os.kill(prints._child.pid, signal.SIGKILL)
        assert await prints.ask(question("aquarium-live")) == {}
        assert set(await prints.ask(question("aquarium-live"))) == set(WALL.panels)
        await prints.close()
        await prints.close()
        assert not prints.there

    run(scenario(), within_s=60)


def test_a_scene_has_more_room_than_a_picture() -> None:
    """Twice as far and more is still the scene, not a picture."""
    live = Live(scene="aquarium-live", canvas=(9, 9), part=Rect(x=0, y=0, width=9, height=9), at=MOMENT, until=MOMENT)
    shown = expected(PanelFrame(shows="a" * 64, shot=live), lambda _: None, lambda _: bytes([100]) * 96)
    assert shown.looks_like(bytes([115]) * 64 + bytes([100]) * 32)
    assert not shown.looks_like(bytes([120]) * 64 + bytes([100]) * 32)
