"""Where on a wall words and faces are safe: away from its edges, from the seams between panels and from folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from media.geometry import Canvas, PanelPlace, Rect, Size

Side = Literal["left", "top", "right", "bottom"]
SIDES: tuple[Side, ...] = ("left", "top", "right", "bottom")

# Shares of a panel's shorter side: at an edge with nothing beyond, beside another panel, beside one turned otherwise.
EDGE, SEAM, FOLD = 0.03, 0.05, 0.07
NEIGHBOUR_MM = 300
EYES_MM = (1100, 1600)
"""Above the floor: the eyes of someone in a wheelchair and of someone tall who stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seam:
    """What lies between two panels that hang side by side or one above the other."""

    first: str
    second: str
    side: Side
    gap_mm: int
    fold_deg: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe:
    """A panel's safe part: how far it stays from each edge in mm, and the box that is left in the canvas."""

    margins_mm: tuple[int, int, int, int]
    box: Rect


def seams(panels: Sequence[PanelPlace]) -> tuple[Seam, ...]:
    """Every seam once, seen from the panel at its left or above it; farther apart than `NEIGHBOUR_MM` is none."""
    found = []
    for panel in panels:
        for side in ("right", "bottom"):
            beside = _beside(panel, panels, side)
            if beside is not None:
                other, gap = beside
                turn = abs(panel.fold_deg - other.fold_deg)
                found.append(Seam(first=panel.id, second=other.id, side=side, gap_mm=gap, fold_deg=turn))
    return tuple(found)


def safe_parts(panels: Sequence[PanelPlace], whole: Canvas) -> dict[str, Safe]:
    """The safe part of every panel; at a seam at least as far from the edge as the gap is wide."""
    return {panel.id: _safe(panel, panels, whole.panels[panel.id]) for panel in panels}


def eye_band(panels: Sequence[PanelPlace], whole: Canvas, lower_edge_mm: int) -> tuple[int, int] | None:
    """The canvas rows at the height of people's eyes, from above; None where the wall hangs above or below them."""
    top, bottom = _heights(panels)
    height_mm, scale = bottom - top, whole.size[1] / (bottom - top)
    first = max(0, round((lower_edge_mm + height_mm - EYES_MM[1]) * scale))
    last = min(whole.size[1], round((lower_edge_mm + height_mm - EYES_MM[0]) * scale))
    return (first, last) if first < last else None


def measures(panels: Sequence[PanelPlace]) -> Size:
    """Width and height of the whole wall laid flat, in mm."""
    left = min(panel.at_mm[0] for panel in panels)
    top, bottom = _heights(panels)
    return max(panel.at_mm[0] + panel.size_mm[0] for panel in panels) - left, bottom - top


def _heights(panels: Sequence[PanelPlace]) -> Size:
    return min(panel.at_mm[1] for panel in panels), max(panel.at_mm[1] + panel.size_mm[1] for panel in panels)


def _safe(panel: PanelPlace, panels: Sequence[PanelPlace], box: Rect) -> Safe:
    left, top, right, bottom = (_margin(panel, panels, side) for side in SIDES)
    across, down = box.width / panel.size_mm[0], box.height / panel.size_mm[1]
    x, y = round(left * across), round(top * down)
    width, height = box.width - x - round(right * across), box.height - y - round(bottom * down)
    inner = Rect(x=box.x + x, y=box.y + y, width=width, height=height)
    return Safe(margins_mm=(left, top, right, bottom), box=inner)


def _margin(panel: PanelPlace, panels: Sequence[PanelPlace], side: Side) -> int:
    shorter = min(panel.size_mm)
    beside = _beside(panel, panels, side)
    if beside is None:
        return round(EDGE * shorter)
    other, gap = beside
    share = FOLD if other.fold_deg != panel.fold_deg else SEAM
    return max(round(share * shorter), min(gap, shorter // 4))


def _beside(panel: PanelPlace, panels: Sequence[PanelPlace], side: Side) -> tuple[PanelPlace, int] | None:
    """The nearest panel at that side that shares some of the edge, and the gap to it."""
    axis = 0 if side in ("left", "right") else 1
    near = []
    for other in panels:
        before, after = (other, panel) if side in ("left", "top") else (panel, other)
        gap = after.at_mm[axis] - before.at_mm[axis] - before.size_mm[axis]
        if other is not panel and 0 <= gap <= NEIGHBOUR_MM and _alongside(panel, other, 1 - axis):
            near.append((gap, other.id, other))
    return (min(near)[2], min(near)[0]) if near else None


def _alongside(first: PanelPlace, second: PanelPlace, axis: int) -> bool:
    ends = first.at_mm[axis] + first.size_mm[axis], second.at_mm[axis] + second.size_mm[axis]
    return first.at_mm[axis] < ends[1] and second.at_mm[axis] < ends[0]
