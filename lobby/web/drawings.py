"""The place drawn to scale: surfaces as they stand, folds and gaps true in millimetres, and the floor plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, radians, sin

from lobby.core.hanging import places_of
from lobby.core.publicplaces import public_places
from lobby.core.site import Bell, Site, Surface
from lobby.core.tongues import nearest
from media.geometry import canvas, reading_order

DEPTH = 0.35
"""How much of a fold's depth is seen as a rise: the slight perspective of someone standing before the wall."""

FIGURE_SHARE = 0.03
"""How large the numbers of panels stand, of the surface's width, so that they are read on a small screen too."""

ABOVE_FIGURE = 1.2
UNDER_FIGURE = 0.35
DRAWN_WIDTH = 60_000
"""Every plan is drawn this wide, so that its letters have one size whatever the floor measures."""

ROW_MM = 2700
LONGEST_LINE = 0.5
FARTHEST_STEPS = 4
CHARACTER_MM = 2300
LATIN_MM = 1050
LAST_LATIN = 0x24F
LABEL_GAP_MM = 1900


# A line of a label: from, to, row.
Box = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPanel:
    """One panel: `matrix` puts its own rectangle (`width` × `height` mm) in place, the rest crops the preview.

    `middle` and `foot`: where the middle of its lower edge is drawn.
    """

    id: str
    number: int
    matrix: str
    width: int
    height: int
    middle: float
    foot: float
    crop: str
    image_width: int
    image_height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A panel's number, or several of panels one above another, with the foot of its figures."""

    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnSurface:
    """A surface's panels in one view box, millimetres; their numbers, `figure` high, where there are several."""

    view_box: str
    width: float
    height: float
    panels: tuple[DrawnPanel, ...]
    numbers: tuple[Number, ...]
    figure: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place on the floor plan with its label, no lines where there is no room; `bells` and `surfaces` stand there."""

    place: str
    x: int
    y: int
    label_x: int
    label_y: int
    anchor: str
    name: str
    lang: str
    lines: tuple[str, ...]
    bells: tuple[str, ...]
    surfaces: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorPlan:
    """The lobby from above, scaled to one width."""

    view_box: str
    width: int
    height: int
    spots: tuple[Spot, ...]


def draw(surface: Surface) -> DrawnSurface:
    """The surface as it stands; its preview is the wall laid flat, with its gaps."""
    places = reading_order(places_of(surface))
    flat, numbers = canvas(places), {panel.id: number for number, panel in enumerate(surface.panels, start=1)}
    first = min(panel.at_mm[0] for panel in places)
    drawn: list[DrawnPanel] = []
    x = rise = lowest = widest = bottom = 0.0
    edge = first
    for panel in places:
        if panel.at_mm[0] < edge:  # another row begins
            x, rise, edge = panel.at_mm[0] - first, 0.0, panel.at_mm[0]
        x += panel.at_mm[0] - edge
        width, height = panel.size_mm
        fold = radians(panel.fold_deg)
        across, down = cos(fold), sin(fold) * DEPTH
        top, part = panel.at_mm[1] + rise, flat.panels[panel.id]
        drawn.append(
            DrawnPanel(
                id=panel.id,
                number=numbers[panel.id],
                matrix=f"matrix({across:.5f} {down:.5f} 0 1 {x:.1f} {top:.1f})",
                width=width,
                height=height,
                middle=x + across * width / 2,
                foot=top + height + down * width / 2,
                crop=f"{part.x} {part.y} {part.width} {part.height}",
                image_width=flat.size[0],
                image_height=flat.size[1],
            )
        )
        lowest = min(lowest, top, top + down * width)
        bottom = max(bottom, top + height, top + height + down * width)
        rise += down * width
        x += across * width
        edge = panel.at_mm[0] + width
        widest = max(widest, x)
    figure = widest * FIGURE_SHARE
    numbered = tuple(_numbers(drawn, figure)) if len(drawn) > 1 else ()
    bottom = max([bottom, *(number.y + figure * UNDER_FIGURE for number in numbered)])
    return DrawnSurface(
        view_box=f"-10 {lowest - 10:.1f} {widest + 20:.1f} {bottom - lowest + 20:.1f}",
        width=widest + 20,
        height=bottom - lowest + 20,
        panels=tuple(drawn),
        numbers=numbered,
        figure=round(figure),
    )


def _numbers(drawn: list[DrawnPanel], figure: float) -> Iterator[Number]:
    """Below the glass, never on it: of panels one above another the numbers stand together, from above."""
    columns: list[list[DrawnPanel]] = []
    for panel in drawn:
        over = (each for each in columns if abs(each[0].middle - panel.middle) < panel.width / 2)
        if (column := next(over, None)) is not None:
            column.append(panel)
        else:
            columns.append([panel])
    for column in columns:
        text = " · ".join(str(panel.number) for panel in column)
        lowest = max(panel.foot for panel in column)
        yield Number(x=round(column[0].middle), y=round(lowest + figure * ABOVE_FIGURE), text=text)


def floor_plan(site: Site, language: str, *, with_bells: bool) -> FloorPlan:
    """Places with their words; bells only where people who may know of them look."""
    scale = DRAWN_WIDTH / site.site.floor_mm[0]
    width, height = DRAWN_WIDTH, round(site.site.floor_mm[1] * scale)
    taken: list[Box] = []
    spots = []
    places = site.places if with_bells else public_places(site)
    bells = {bell.place for bell in site.bells().values()} if with_bells else set()
    # Where bells are is placed first: that label must stand at its spot.
    for place, at in sorted(places.items(), key=lambda item: (item[0] not in bells, item[1].at_mm[1])):
        called = nearest(at.name.told(), language)
        assert called is not None
        name, x, y = called.text, round(at.at_mm[0] * scale), round(at.at_mm[1] * scale)
        lines = _lines(name, width)
        free = _label(x, y, lines, taken, (width, height))
        anchor, label_y = free or ("end" if x > width * 0.6 else "start", y)
        spots.append(
            Spot(
                place=place,
                x=x,
                y=y,
                label_x=x + (-LABEL_GAP_MM if anchor == "end" else LABEL_GAP_MM),
                label_y=label_y,
                anchor=anchor,
                name=name,
                lang=called.lang,
                lines=lines if free or place in bells else (),
                bells=tuple(id_ for id_, bell in site.bells().items() if bell.place == place) if with_bells else (),
                surfaces=tuple(id_ for id_, surface in site.surfaces.items() if surface.place == place),
            )
        )
    return FloorPlan(
        view_box=f"-600 -600 {width + 1200} {height + 1200}", width=width, height=height, spots=tuple(spots)
    )


def bell_place(site: Site, bell: str, language: str) -> str:
    """Where a bell is, in the words a guard hears."""
    thing = site.things.get(bell)
    if not isinstance(thing, Bell) or thing.place not in site.places:
        return bell
    return site.places[thing.place].name.said(language)


def _lines(name: str, width: int) -> tuple[str, ...]:
    """A name too long for the floor stands in two lines, cut at the space nearest its middle."""
    spaces = [place for place, letter in enumerate(name) if letter == " "]
    if _length(name) < width * LONGEST_LINE or not spaces:
        return (name,)
    cut = min(spaces, key=lambda place: abs(place - len(name) / 2))
    return name[:cut], name[cut + 1 :]


def _length(name: str) -> int:
    return sum(CHARACTER_MM if ord(letter) > LAST_LATIN else LATIN_MM for letter in name)


def _label(x: int, y: int, lines: tuple[str, ...], taken: list[Box], floor: tuple[int, int]) -> tuple[str, int] | None:
    """Anchor and row of a label: beside its spot, else as near as it crosses no other; None where nothing is free.

    The label lies left of spots on the right of the floor where both sides are free.
    """
    length = max(map(_length, lines))
    sides = ("end", "start") if x > floor[0] * 0.6 else ("start", "end")
    fitting = [side for side in sides if _span(x, length, side)[0] >= 0 and _span(x, length, side)[1] <= floor[0]]
    steps = sorted(range(-FARTHEST_STEPS, FARTHEST_STEPS + 1), key=lambda step: (abs(step), -step))
    for step in steps:
        top = y + step * ROW_MM // 3
        for side in fitting or sides[:1]:
            boxes = _boxes(_span(x, length, side), top, len(lines))
            inside = top > ROW_MM // 2 and boxes[-1][2] <= floor[1] - ROW_MM // 3
            if inside and not any(_cross(mine, other) for mine in boxes for other in taken):
                taken += boxes
                return side, top
    return None


def _span(x: int, length: int, side: str) -> tuple[int, int]:
    return (x - LABEL_GAP_MM - length, x) if side == "end" else (x, x + LABEL_GAP_MM + length)


def _boxes(span: tuple[int, int], top: int, lines: int) -> list[Box]:
    return [(*span, top + ROW_MM * line) for line in range(lines)]


def _cross(one: Box, other: Box) -> bool:
    return abs(one[2] - other[2]) < ROW_MM and one[0] < other[1] and other[0] < one[1]
