"""Where panels hang and where their pixels lie: walls in millimetres, pictures across walls, a player's window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations
from math import cos, radians, sin
from typing import Literal

Size = tuple[int, int]
MAX_CANVAS_PIXELS = 400_000_000
RUNS = (6, 5, 4)


class GeometryRefused(Exception):
    """A wall that cannot be drawn; `code` is explained as `media.<code>`."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(f"{code} {params}")
        self.code = code
        self.params: Mapping[str, str] = params


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelPlace:
    """One panel as it hangs: its left upper corner and size in mm on the wall laid flat, its pixels, its turn."""

    id: str
    pixels: Size
    at_mm: tuple[int, int]
    size_mm: Size
    fold_deg: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rect:
    """A box of whole pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def size(self) -> Size:
        """Width and height."""
        return self.width, self.height

    def moved(self, dx: int, dy: int) -> Rect:
        """The same box elsewhere."""
        return Rect(x=self.x + dx, y=self.y + dy, width=self.width, height=self.height)


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """The picture a whole wall would show if bezels and gaps were glass: its size and each panel's part of it."""

    size: Size
    panels: Mapping[str, Rect]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A player's one window: its size, each surface's box and each panel's box in it."""

    size: Size
    surfaces: Mapping[str, Rect]
    panels: Mapping[str, Rect]


@dataclass(frozen=True, slots=True, kw_only=True)
class Foot:
    """A panel seen from above, in mm: where its left and right edges stand (x along the wall, z into the room)."""

    panel: str
    left: tuple[float, float]
    right: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one panel takes of a picture that covers `canvas`: the box in canvas pixels, and the panel's own pixels."""

    name: str
    canvas: Size
    box: Rect
    size: Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """Two neighbours by their places in reading order, from 1, and the box of the canvas between them that nobody sees.

    `level`: the second hangs below the first, not beside it.
    """

    first: int
    second: int
    level: bool
    box: Rect


def canvas(panels: Sequence[PanelPlace]) -> Canvas:
    """Lay a wall out in pixels of its densest panel; what lies behind bezels and gaps is in the canvas, unseen.

    Raises GeometryRefused `no-panels`, or `panels-overlap` (`first`, `second`), or `wall-too-big`.
    """
    if not panels:
        raise GeometryRefused("no-panels")
    _refuse_overlaps(panels)
    density = max(panel.pixels[axis] / panel.size_mm[axis] for panel in panels for axis in (0, 1))
    left, top = min(panel.at_mm[0] for panel in panels), min(panel.at_mm[1] for panel in panels)
    boxes = {panel.id: _box(panel, density, left, top) for panel in panels}
    size = _extent(boxes.values())
    if size[0] * size[1] > MAX_CANVAS_PIXELS:
        raise GeometryRefused("wall-too-big", pixels=f"{size[0]}×{size[1]}")
    return Canvas(size=size, panels=boxes)


def whole(size: Size) -> Part:
    """The part of a panel that shows a picture of its own; its name is the size's."""
    return Part(name=size_name(size), canvas=size, box=Rect(x=0, y=0, width=size[0], height=size[1]), size=size)


def slices(surface: str, panels: Sequence[PanelPlace]) -> tuple[Part, ...]:
    """A wall's parts of one picture across it, in reading order; none for a single panel.

    A row of equal panels at equal distances gets those of `RUNS` of its panels too, cut from the middle of the same
    canvas: where they meet the whole row's they are equal to them. Raises GeometryRefused as `canvas` does.
    """
    row = reading_order(panels)
    if len(row) < 2:
        return ()
    laid = canvas(row)
    boxes = [laid.panels[panel.id] for panel in row]
    counts = [len(row), *(count for count in RUNS if count < len(row) and in_row(row) and _uniform(row))]
    return tuple(
        Part(name=slice_name(surface, count, place), canvas=laid.size, box=box, size=panel.pixels)
        for count in counts
        for place, (box, panel) in enumerate(zip(_middle(boxes, count), row, strict=False), start=1)
    )


def reading_order(panels: Sequence[PanelPlace]) -> tuple[PanelPlace, ...]:
    """Row by row from above, each from the left, whatever their order in the site file."""
    rows = _ranks(panels, 1)
    return tuple(sorted(panels, key=lambda panel: (rows[panel.id], panel.at_mm)))


def in_row(panels: Sequence[PanelPlace]) -> bool:
    """Whether they hang side by side, none above another."""
    return not any(_ranks(panels, 1).values())


def alike(panels: Sequence[PanelPlace]) -> bool:
    """Whether every panel has the same pixels, so that one may show what was made for another."""
    return len({panel.pixels for panel in panels}) == 1


def joints(panels: Sequence[PanelPlace]) -> tuple[Joint, ...]:
    """Every seam of a wall once, those between panels side by side first. Raises GeometryRefused as `canvas` does."""
    row = reading_order(panels)
    laid = canvas(row)
    boxes = [laid.panels[panel.id] for panel in row]
    found = (
        Joint(first=one, second=other, level=level, box=hidden)
        for level in (False, True)
        for (one, first), (other, second) in permutations(enumerate(boxes, start=1), 2)
        if (hidden := _between(first, second, level=level)) is not None and not any(_over(hidden, box) for box in boxes)
    )
    return tuple(found)


def slice_name(surface: str, count: int, place: int) -> str:
    """How the part of a picture across a row is called: `wall:7:3`, the third of seven panels, from 1."""
    return f"{surface}:{count}:{place}"


def miniature(panels: Sequence[PanelPlace], within: Size) -> Canvas:
    """The wall laid flat with its gaps, as large as fits into that size and never larger than its own pixels.

    Raises GeometryRefused as `canvas` does.
    """
    whole = canvas(panels)
    scale = min(1.0, within[0] / whole.size[0], within[1] / whole.size[1])
    boxes = {panel: _scaled(box, scale) for panel, box in whole.panels.items()}
    return Canvas(size=_extent(boxes.values()), panels=boxes)


def window(
    surfaces: Mapping[str, Sequence[PanelPlace]],
    arrangement: Literal["side-by-side", "stacked"] = "side-by-side",
    *,
    scale: float = 1,
) -> Window:
    """Lay a player's surfaces out in one window, in the given order, panels edge to edge, every panel in full."""
    boxes: dict[str, Rect] = {}
    outlines: dict[str, Rect] = {}
    x = y = 0
    for name, panels in surfaces.items():
        own = {panel: box.moved(x, y) for panel, box in _outputs(panels, scale).items()}
        width, height = _extent(own.values())
        outlines[name] = Rect(x=x, y=y, width=width - x, height=height - y)
        boxes |= own
        x, y = (width, y) if arrangement == "side-by-side" else (x, height)
    return Window(size=_extent(boxes.values()), surfaces=outlines, panels=boxes)


def feet(panels: Sequence[PanelPlace]) -> tuple[Foot, ...]:
    """A folded wall from above: each panel turned by its fold, edges joined by the same gaps as when laid flat."""
    found: list[Foot] = []
    x = z = 0.0
    ordered = sorted(panels, key=lambda panel: panel.at_mm)
    for before, panel in zip([None, *ordered], ordered, strict=False):
        x += panel.at_mm[0] if before is None else panel.at_mm[0] - before.at_mm[0] - before.size_mm[0]
        turn = radians(panel.fold_deg)
        end = (x + panel.size_mm[0] * cos(turn), z + panel.size_mm[0] * sin(turn))
        found.append(Foot(panel=panel.id, left=(x, z), right=end))
        x, z = end
    return tuple(found)


def size_name(size: Size) -> str:
    """How a picture size is written: `1080x1920`."""
    return f"{size[0]}x{size[1]}"


def _uniform(row: Sequence[PanelPlace]) -> bool:
    """Equal panels at one height and equal distances?"""
    steps = {after.at_mm[0] - before.at_mm[0] for before, after in pairwise(row)}
    return len(steps) == 1 and len({(panel.pixels, panel.size_mm, panel.at_mm[1]) for panel in row}) == 1


def _middle(boxes: Sequence[Rect], count: int) -> list[Rect]:
    """That many boxes in the middle of a row; half a step aside where the numbers are not odd or even alike."""
    first, half = divmod(len(boxes) - count, 2)
    if not half:
        return list(boxes[first : first + count])
    pairs = list(pairwise(boxes))[first : first + count]
    return [left.moved((right.x - left.x) // 2, 0) for left, right in pairs]


def _box(panel: PanelPlace, density: float, left: int, top: int) -> Rect:
    x0, y0 = round((panel.at_mm[0] - left) * density), round((panel.at_mm[1] - top) * density)
    width, height = round(panel.size_mm[0] * density), round(panel.size_mm[1] * density)
    return Rect(x=x0, y=y0, width=width, height=height)


def _between(first: Rect, second: Rect, *, level: bool) -> Rect | None:
    """What lies between two boxes where the second is beside the first, or below it; rounding may let them touch."""
    left, right = max(first.x, second.x), min(first.x + first.width, second.x + second.width)
    top, foot = max(first.y, second.y), min(first.y + first.height, second.y + second.height)
    across, down = (left, right), (top, foot)
    if level:
        down = first.y + first.height, second.y
    else:
        across = first.x + first.width, second.x
    gap, shared = (down, across) if level else (across, down)
    if shared[0] >= shared[1] or gap[1] < gap[0] - 1:
        return None
    return Rect(x=across[0], y=down[0], width=max(0, across[1] - across[0]), height=max(0, down[1] - down[0]))


def _over(one: Rect, other: Rect) -> bool:
    """Whether they share some area."""
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height


def _scaled(box: Rect, scale: float) -> Rect:
    """Edges are rounded, not lengths, so that equal gaps stay equal to a pixel."""
    x, y = round(box.x * scale), round(box.y * scale)
    right, foot = round((box.x + box.width) * scale), round((box.y + box.height) * scale)
    return Rect(x=x, y=y, width=max(1, right - x), height=max(1, foot - y))


def _outputs(panels: Sequence[PanelPlace], scale: float) -> dict[str, Rect]:
    columns = _ranks(panels, 0)
    rows = _ranks(panels, 1)
    widths = _widest(panels, columns, 0, scale)
    heights = _widest(panels, rows, 1, scale)
    return {
        panel.id: Rect(
            x=sum(widths[: columns[panel.id]]),
            y=sum(heights[: rows[panel.id]]),
            width=max(1, round(panel.pixels[0] * scale)),
            height=max(1, round(panel.pixels[1] * scale)),
        )
        for panel in panels
    }


def _ranks(panels: Sequence[PanelPlace], axis: int) -> dict[str, int]:
    """Which column (or row) each panel stands in: one that starts before the middle of the last shares its rank."""
    ranks: dict[str, int] = {}
    rank, middle = -1, float("-inf")
    for panel in sorted(panels, key=lambda panel: panel.at_mm[axis]):
        if panel.at_mm[axis] >= middle:
            rank, middle = rank + 1, panel.at_mm[axis] + panel.size_mm[axis] / 2
        ranks[panel.id] = rank
    return ranks


def _widest(panels: Sequence[PanelPlace], ranks: Mapping[str, int], axis: int, scale: float) -> list[int]:
    found = [0] * (max(ranks.values(), default=-1) + 1)
    for panel in panels:
        found[ranks[panel.id]] = max(found[ranks[panel.id]], max(1, round(panel.pixels[axis] * scale)))
    return found


def _extent(boxes: Iterable[Rect]) -> Size:
    found = tuple(boxes)
    right = max((box.x + box.width for box in found), default=0)
    return right, max((box.y + box.height for box in found), default=0)


def _refuse_overlaps(panels: Sequence[PanelPlace]) -> None:
    for index, first in enumerate(panels):
        for second in panels[index + 1 :]:
            if all(_meet(first, second, axis) for axis in (0, 1)):
                raise GeometryRefused("panels-overlap", first=first.id, second=second.id)


def _meet(first: PanelPlace, second: PanelPlace, axis: int) -> bool:
    ends = first.at_mm[axis] + first.size_mm[axis], second.at_mm[axis] + second.size_mm[axis]
    return first.at_mm[axis] < ends[1] and second.at_mm[axis] < ends[0]
