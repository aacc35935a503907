"""The delivery specification as a page to print, and as a file that can be sent to an artist; routes import it late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

from lobby.core.delivery import Chapter, Wall, chapters, wall_of
from lobby.core.hanging import places_of
from lobby.core.problem import Refusal
from lobby.core.site import Site
from lobby.core.words import say
from lobby.web.rendering import stand_alone
from lobby.web.spoken import staff_date
from media.geometry import Rect, feet
from media.limited import IntakeRefused
from media.template import template

MARGIN = 60
STYLES = ("lobby.css", "spec.css")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One panel on the drawing, in canvas pixels."""

    number: int
    box: Rect
    safe: Rect


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The wall laid flat, and its folds from above as lines of points; `eyes` is a box over the whole width."""

    view_box: str
    width: int
    height: int
    letter: int
    panels: tuple[Outline, ...]
    eyes: Rect | None
    above_box: str
    above: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What both the page and the file show."""

    id: str
    name: str
    date: str
    contact: str
    size: str
    drawing: Drawing
    chapters: tuple[Chapter, ...]


def sheet_of(site: Site, surface: str, moment: datetime, language: str) -> Sheet:
    """The sheet of a surface. Raises Refusal where there is none of that name."""
    if surface not in site.surfaces:
        raise Refusal("spec.no-place", surface, status=404, surfaces=", ".join(site.surfaces) or "–")
    wall = wall_of(site.surfaces[surface], language)
    contact = {"name": site.site.name.said(language), "telephone": site.site.telephone}
    date = staff_date(moment, ZoneInfo(site.site.time_zone), language)
    return Sheet(
        id=surface,
        name=site.surfaces[surface].name.said(language),
        date=say("spec.as-of", language, date=date),
        contact=say("spec.contact", language, **contact),
        size=f"{wall.whole.size[0]} × {wall.whole.size[1]}",
        drawing=_drawing(wall),
        chapters=chapters(site, surface, language),
    )


def page_alone(site: Site, surface: str, moment: datetime, language: str) -> str:
    """The sheet as one file that needs nothing else."""
    styles = "\n".join(files("lobby.web").joinpath("static", name).read_text(encoding="utf-8") for name in STYLES)
    return stand_alone("spec-file.html", language, sheet=sheet_of(site, surface, moment, language), styles=styles)


async def picture(site: Site, surface: str, language: str) -> bytes:
    """The template of a surface. Raises Refusal."""
    if surface not in site.surfaces:
        raise Refusal("spec.no-place", surface, status=404, surfaces=", ".join(site.surfaces) or "–")
    found = site.surfaces[surface]
    try:
        names = wall_of(found, language).names
        return await template(places_of(found), names, lower_edge_mm=found.lower_edge_mm)
    except IntakeRefused as refused:
        raise Refusal(f"media.{refused.code}", status=422, **refused.params) from refused


def _drawing(wall: Wall) -> Drawing:
    width, height = wall.whole.size
    outlines = (
        Outline(number=n, box=wall.whole.panels[panel.id], safe=wall.safe[panel.id].box)
        for n, panel in enumerate(wall.panels, start=1)
    )
    folded = any(panel.fold_deg for panel in wall.panels)
    stands = feet(wall.panels) if folded else ()
    points = [point for foot in stands for point in (foot.left, foot.right)]
    deep = [z for _, z in points] or [0.0]
    right = max((x for x, _ in points), default=0.0)
    above = f"{-MARGIN} {min(deep) - MARGIN:.0f} {right + 2 * MARGIN:.0f} {max(deep) - min(deep) + 2 * MARGIN:.0f}"
    eyes = None if wall.eyes is None else Rect(x=0, y=wall.eyes[0], width=width, height=wall.eyes[1] - wall.eyes[0])
    return Drawing(
        view_box=f"{-MARGIN} {-MARGIN} {width + 2 * MARGIN} {height + 2 * MARGIN}",
        width=width,
        height=height,
        letter=max(40, min(width, height) // 8),
        panels=tuple(outlines),
        eyes=eyes,
        above_box=above if folded else "",
        above=tuple(f"{f.left[0]:.0f},{f.left[1]:.0f} {f.right[0]:.0f},{f.right[1]:.0f}" for f in stands),
    )
