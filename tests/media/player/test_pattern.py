"""The test pattern: one frame number on all panels, bars that go on behind the gaps, names where they hang."""

from __future__ import annotations

from datetime import datetime, timedelta

import pygame

from media.geometry import Rect, canvas
from media.player.pattern import BAR, BRIGHT, FPS, Pattern, always
from media.player.scenes import Scenes
from media.programme import Live, frame
from media.wire import from_json, to_json
from tests.media.builders import at, row

PANELS = row(3, (270, 480))
WHOLE = canvas(PANELS)
NAMES = {(WHOLE.size, part.x, part.y): panel for panel, part in WHOLE.panels.items()}


def drawn(panel: str, moment: datetime, names: dict[tuple[tuple[int, int], int, int], str] = NAMES) -> pygame.Surface:
    """One panel's part."""
    ground, box = pygame.Surface((270, 480), 0, 32), Rect(x=0, y=0, width=270, height=480)
    Pattern(WHOLE.size, names).draw(ground, box, WHOLE.panels[panel], moment)
    return ground


def lit(picture: pygame.Surface) -> int:
    """Which cell of the ladder is lit."""
    return next(cell for cell in range(FPS) if picture.get_at((6, 480 * cell // FPS + 6))[:3] == BRIGHT)


def test_all_panels_light_the_same_cell_and_the_next_one_a_thirtieth_later() -> None:
    """A photo of two panels tells in which thirtieth of a second each of them is."""
    moment = at(12) + timedelta(milliseconds=210)
    assert {lit(drawn(panel.id, moment)) for panel in PANELS} == {6}
    assert lit(drawn("wall-1", moment + timedelta(milliseconds=34))) == 7


def test_bar_runs_over_the_canvas_from_panel_to_panel() -> None:
    """Within four seconds it is seen on every panel, from the first to the last, and on one at a time."""
    seen = []
    for tick in range(4 * FPS):
        moment = at(12) + tick * timedelta(seconds=1) / FPS
        row_of = {panel.id: drawn(panel.id, moment) for panel in PANELS}
        seen += [name for name, each in row_of.items() if any(each.get_at((x, 400))[:3] == BAR for x in range(270))]
    assert sorted(seen) == seen
    assert set(seen) == {panel.id for panel in PANELS}


def test_panels_are_called_by_their_names() -> None:
    """The same part with and without its name differs where the name stands."""
    with_name, without = drawn("wall-2", at(12)), drawn("wall-2", at(12), {})
    band = pygame.Rect(40, 90, 190, 60)
    assert with_name.subsurface(band).get_buffer().raw != without.subsurface(band).get_buffer().raw


def test_pattern_is_a_programme_of_its_own_and_a_live_scene() -> None:
    """Always on, on every panel, and the player draws it under its name without any asset."""
    plan = always("lobby-player", {"wall": PANELS}, at(12))
    assert from_json(to_json(plan)) == plan
    shots = [shown.shot for shown in frame(plan, at(12)).values() if shown is not None]
    assert [isinstance(shot, Live) and shot.scene for shot in shots] == ["test-pattern"] * 3
    assert "test-pattern" in Scenes()._makers
