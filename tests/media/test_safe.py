"""Safe areas: wider at seams than at free edges, widest at folds, and at the height of people's eyes."""

from __future__ import annotations

from dataclasses import replace

from media.geometry import PanelPlace, canvas
from media.safe import EDGE, FOLD, SEAM, eye_band, safe_parts, seams
from tests.media.builders import row


def folded(count: int) -> tuple[PanelPlace, ...]:
    """A row whose panels are turned this way and that."""
    return tuple(replace(panel, fold_deg=12 * (-1) ** n) for n, panel in enumerate(row(count)))


def test_a_seam_is_told_once_with_its_gap_and_fold() -> None:
    """Three panels have two seams."""
    found = seams(folded(3))
    assert [(each.first, each.second, each.gap_mm, each.fold_deg) for each in found] == [
        ("wall-1", "wall-2", 20, 24),
        ("wall-2", "wall-3", 20, 24),
    ]


def test_panels_far_apart_have_no_seam() -> None:
    """Two screens of one surface at two ends of a room."""
    near, far = row(2)
    assert seams((near, replace(far, at_mm=(5000, 0)))) == ()


def test_margins_grow_from_edge_to_seam_to_fold() -> None:
    """Each by its share of the shorter side."""
    flat, bent = row(3), folded(3)
    assert safe_parts(flat, canvas(flat))["wall-1"].margins_mm == tuple(
        round(600 * x) for x in (EDGE, EDGE, SEAM, EDGE)
    )
    assert safe_parts(bent, canvas(bent))["wall-2"].margins_mm == tuple(
        round(600 * x) for x in (FOLD, EDGE, FOLD, EDGE)
    )


def test_a_margin_is_never_narrower_than_the_gap() -> None:
    """Wide bezels push words further in."""
    wide = row(2, gap_mm=80)
    assert safe_parts(wide, canvas(wide))["wall-1"].margins_mm[2] == 80


def test_the_safe_box_lies_in_its_panel() -> None:
    """In pixels of the canvas."""
    panels = folded(7)
    whole = canvas(panels)
    for panel, safe in safe_parts(panels, whole).items():
        box = whole.panels[panel]
        assert box.x < safe.box.x < safe.box.x + safe.box.width < box.x + box.width
        assert box.y < safe.box.y < safe.box.y + safe.box.height < box.y + box.height


def test_eye_height_is_counted_from_the_floor() -> None:
    """A wall of 1,067 mm whose lower edge hangs at 700 mm; one that hangs at the ceiling has none."""
    panels = row(1)
    whole = canvas(panels)
    first, last = eye_band(panels, whole, 700) or (0, 0)
    assert (first, last) == tuple(round(mm * whole.size[1] / 1067) for mm in (167, 667))
    assert eye_band(panels, whole, 3000) is None
