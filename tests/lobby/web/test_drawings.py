"""Surfaces as the console draws them: true to the wall, the panels' numbers beside the glass."""

from __future__ import annotations

from itertools import pairwise

import pytest

from lobby.core.site import Panel
from lobby.web.drawings import DrawnSurface, draw
from tests.lobby.web.houses import sample

WALL = sample().surfaces["wall"]


def grid(columns: int, rows: int, order: int = 1) -> DrawnSurface:
    """Upright panels with gaps of 20 mm, written down from the first or from the last."""
    places = [(column * 720, row * 1220) for row in range(rows) for column in range(columns)][::order]
    panels = tuple(
        Panel(id=f"p-{number}", pixels=(1080, 1920), at_mm=at, size_mm=(700, 1200))
        for number, at in enumerate(places, start=1)
    )
    return draw(WALL.model_copy(update={"panels": panels}))


@pytest.mark.parametrize("drawn", [draw(WALL), grid(2, 2), grid(4, 1, -1)], ids=["wall", "grid", "from-the-right"])
def test_numbers_stand_below_every_panel_and_inside_the_drawing(drawn: DrawnSurface) -> None:
    """Whatever hangs on the glass, its last line is seen."""
    _, top, _, height = map(float, drawn.view_box.split())
    lowest = max(panel.foot for panel in drawn.panels)
    for number in drawn.numbers:
        assert lowest - 200 < number.y - drawn.figure
        assert number.y < top + height
    middles = [panel.middle for panel in drawn.panels]
    assert all(any(abs(number.x - middle) < 1 for middle in middles) for number in drawn.numbers)


def test_every_panel_of_a_folded_row_has_its_own_number_below_its_own_edge() -> None:
    """From one to seven, from the left."""
    drawn = draw(WALL)
    assert [number.text for number in drawn.numbers] == ["1", "2", "3", "4", "5", "6", "7"]
    for number, panel in zip(drawn.numbers, drawn.panels, strict=True):
        assert number.y - drawn.figure > panel.foot
    assert all(before.x < after.x for before, after in pairwise(drawn.numbers))


def test_panels_one_above_another_share_a_line_below_the_lowest() -> None:
    """And the second row is drawn below the first, not beside it."""
    drawn = grid(2, 2)
    assert [number.text for number in drawn.numbers] == ["1 · 3", "2 · 4"]
    assert [panel.middle for panel in drawn.panels] == [350, 1070, 350, 1070]
    assert drawn.width < 1500


def test_a_single_panel_needs_no_number() -> None:
    """There is nothing to tell apart."""
    assert draw(sample().surfaces["main"]).numbers == ()
