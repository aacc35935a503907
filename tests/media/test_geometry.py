"""The wall in millimetres and the window in pixels."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.geometry import (
    GeometryRefused,
    PanelPlace,
    Rect,
    canvas,
    feet,
    joints,
    miniature,
    slice_name,
    slices,
    whole,
    window,
)
from tests.media.builders import grid, row

MAIN = PanelPlace(id="main-1", pixels=(3840, 2160), at_mm=(0, 0), size_mm=(1872, 1053))
LED = PanelPlace(id="led-1", pixels=(1920, 960), at_mm=(0, 0), size_mm=(4800, 2400))


def test_gap_between_panels_takes_its_share_of_the_picture() -> None:
    """Twenty millimetres of gap on panels of 1.8 pixels a millimetre hide 36 pixels of the picture."""
    found = canvas(row(2))
    assert found.panels["wall-2"].x - found.panels["wall-1"].width == 36


def test_densest_panel_is_cut_from_the_canvas_pixel_for_pixel() -> None:
    """A panel of the highest density gets a box of exactly its own pixels."""
    panels = [PanelPlace(id="a", pixels=(1000, 500), at_mm=(0, 0), size_mm=(500, 250))]
    panels.append(PanelPlace(id="b", pixels=(500, 250), at_mm=(510, 0), size_mm=(500, 250)))
    assert canvas(panels).panels["a"] == Rect(x=0, y=0, width=1000, height=500)
    assert canvas(panels).panels["b"] == Rect(x=1020, y=0, width=1000, height=500)


def test_panels_on_top_of_each_other_are_refused_by_name() -> None:
    """Two panels that share glass are a mistake of the site file."""
    first, second = row(2, gap_mm=-10)
    with pytest.raises(GeometryRefused) as refused:
        canvas((first, second))
    assert refused.value.params == {"first": "wall-1", "second": "wall-2"}


def test_wall_that_no_memory_holds_is_refused() -> None:
    """A slip of the pen in millimetres does not become a canvas of terapixels."""
    far = replace(row(2)[1], at_mm=(900_000_000, 0))
    with pytest.raises(GeometryRefused, match="wall-too-big"):
        canvas((row(1)[0], far))


def test_lobby_window_holds_seven_panels_then_main_then_led() -> None:
    """Surfaces stand left to right, panels edge to edge, all of them in full."""
    found = window({"wall": row(7), "main": (MAIN,), "desk-led": (LED,)})
    assert found.size == (7 * 1080 + 3840 + 1920, 2160)
    assert found.panels["wall-7"] == Rect(x=6480, y=0, width=1080, height=1920)
    assert found.surfaces["desk-led"] == Rect(x=11_400, y=0, width=1920, height=960)


def test_stacked_surfaces_lie_below_each_other() -> None:
    """The second surface begins under the first."""
    found = window({"wall": row(7), "main": (MAIN,)}, "stacked")
    assert found.panels["main-1"] == Rect(x=0, y=1920, width=3840, height=2160)
    assert found.size == (7560, 4080)


def test_rows_of_a_surface_become_rows_of_the_window() -> None:
    """A video wall of two by two keeps its order; a millimetre of unevenness makes no row of its own."""
    lower = tuple(replace(panel, id=f"low-{n}", at_mm=(panel.at_mm[0] + 1, 1080)) for n, panel in enumerate(row(2)))
    found = window({"wall": row(2) + lower})
    assert found.size == (2160, 3840)
    assert found.panels["low-1"] == Rect(x=1080, y=1920, width=1080, height=1920)


def test_scale_makes_every_panel_smaller_alike() -> None:
    """A quarter of the size for trying on a desk."""
    found = window({"wall": row(7)}, scale=0.25)
    assert found.size == (7 * 270, 480)


def test_folded_wall_seen_from_above_is_one_zigzag() -> None:
    """Each panel begins where the last one ended, a gap further on, and turns by its own angle."""
    panels = tuple(replace(panel, fold_deg=60 if n % 2 else -60) for n, panel in enumerate(row(2)))
    first, second = feet(panels)
    assert first.right == pytest.approx((300, -519.6), abs=0.1)
    assert second.left == pytest.approx((320, -519.6), abs=0.1)
    assert second.right[1] == pytest.approx(0, abs=0.1)


@given(st.lists(st.tuples(st.integers(200, 900), st.integers(0, 90)), min_size=1, max_size=9), st.integers(0, 5000))
def test_canvas_boxes_never_share_a_pixel(widths: list[tuple[int, int]], start: int) -> None:
    """However panels are spaced, rounding never makes neighbours overlap by more than nothing."""
    panels, x = [], start
    for n, (width, gap) in enumerate(widths):
        panels.append(PanelPlace(id=f"p{n}", pixels=(width * 2, 1000), at_mm=(x, 0), size_mm=(width, 500)))
        x += width + gap
    boxes = list(canvas(panels).panels.values())
    assert all(left.x + left.width <= right.x for left, right in pairwise(boxes))


def test_miniature_keeps_gaps_and_shapes() -> None:
    """A wall of seven in a picture 960 pixels wide: equal panels, gaps between them, nothing beyond the width."""
    wall = tuple(
        PanelPlace(id=f"wall-{n}", pixels=(1080, 1920), at_mm=(720 * n, 0), size_mm=(680, 1210)) for n in range(7)
    )
    small = miniature(wall, (960, 540))
    boxes = list(small.panels.values())
    between = [right.x - left.x - left.width for left, right in pairwise(boxes)]
    assert small.size[0] == 960
    assert set(between) <= {7, 8}
    assert max(box.width for box in boxes) - min(box.width for box in boxes) <= 1


def test_miniature_of_a_small_wall_is_not_enlarged() -> None:
    """A sign of few pixels stays as it is."""
    sign = PanelPlace(id="sign", pixels=(96, 48), at_mm=(0, 0), size_mm=(960, 480))
    assert miniature([sign], (960, 540)).panels["sign"].size == (96, 48)


def test_slices_of_a_row_are_its_boxes_on_the_canvas() -> None:
    """Seven panels of a row get seven parts without the gaps, named from the left, each with the panel's pixels."""
    panels = row(7)
    found = {part.name: part for part in slices("wall", panels)}
    laid = canvas(panels)
    assert [found[slice_name("wall", 7, n)].box for n in range(1, 8)] == list(laid.panels.values())
    assert {(part.canvas, part.size) for part in found.values()} == {(laid.size, (1080, 1920))}


def test_fewer_working_panels_take_the_middle_of_the_same_canvas() -> None:
    """Five of seven are the middle five of the seven; six lie half a step aside, and four are the middle of those."""
    found = {part.name: part.box for part in slices("wall", row(7))}
    assert len(found) == 7 + 6 + 5 + 4
    assert [found[f"wall:5:{n}"] for n in range(1, 6)] == [found[f"wall:7:{n}"] for n in range(2, 7)]
    assert [found[f"wall:4:{n}"] for n in range(1, 5)] == [found[f"wall:6:{n}"] for n in range(2, 6)]
    assert found["wall:6:1"].x == (found["wall:7:1"].x + found["wall:7:2"].x) // 2
    assert len({(box.x, box.y) for box in found.values()}) == 13


def test_uneven_row_is_sliced_whole_only() -> None:
    """Where one gap is wider, no other number of panels has a middle of its own; the site's order does not matter."""
    panels = [*row(6), replace(row(7)[6], at_mm=(4000, 0))]
    assert [part.name for part in slices("wall", panels[::-1])] == [f"wall:7:{n}" for n in range(1, 8)]


def test_a_grid_is_cut_row_by_row_with_its_gaps() -> None:
    """Two rows of three: each part lies where its panel hangs, gaps in mm are left out both ways, no shorter runs."""
    wall = [
        PanelPlace(id=f"g-{r}{c}", pixels=(400, 300), at_mm=(420 * c, 310 * r), size_mm=(400, 300))
        for r in (1, 0)
        for c in (2, 0, 1)
    ]
    found = {part.name: part for part in slices("wall", wall)}
    assert list(found) == [f"wall:6:{n}" for n in range(1, 7)]
    assert [(each.box.x, each.box.y) for each in found.values()] == [
        *((0, 0), (420, 0), (840, 0)),
        *((0, 310), (420, 310), (840, 310)),
    ]
    assert {(each.canvas, each.box.size) for each in found.values()} == {((1240, 610), (400, 300))}


def test_the_seams_of_a_grid_lie_between_neighbours() -> None:
    """Two rows of three: four seams beside one another, three between the rows, none across a corner."""
    found = {(each.first, each.second): each for each in joints(grid(2, 3, (400, 300), gap_mm=20))}
    assert [key for key, each in found.items() if not each.level] == [(1, 2), (2, 3), (4, 5), (5, 6)]
    assert [key for key, each in found.items() if each.level] == [(1, 4), (2, 5), (3, 6)]
    scale = 400 / 600
    above = found[1, 4].box
    assert (above.x, above.width, above.height) == (0, 400, round(1087 * scale) - round(1067 * scale))


def test_a_panel_over_two_others_has_a_seam_with_each() -> None:
    """One broad panel above two: two seams below it, as wide as they share, and no seam past another panel."""
    broad = PanelPlace(id="a", pixels=(800, 300), at_mm=(0, 0), size_mm=(820, 300))
    low = [PanelPlace(id=f"b{n}", pixels=(400, 300), at_mm=(420 * n, 320), size_mm=(400, 300)) for n in (0, 1)]
    foot = replace(broad, id="c", at_mm=(0, 640))
    found = {(each.first, each.second): each.box.width for each in joints([broad, *low, foot])}
    assert set(found) == {(1, 2), (1, 3), (2, 3), (2, 4), (3, 4)}
    assert found[1, 2] == found[1, 3] == found[2, 4]


def test_a_single_panel_has_no_slices_and_a_stack_has() -> None:
    """A picture across needs more than one panel; one above the other is a wall too."""
    above = replace(MAIN, id="main-2", at_mm=(0, 2000))
    assert slices("main", (MAIN,)) == ()
    assert next(part.box.y for part in slices("main", (above, MAIN))) == 0
    assert whole((1080, 1920)).box == Rect(x=0, y=0, width=1080, height=1920)
