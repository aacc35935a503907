"""Which language stands where on a surface: inside panels, never across a seam, clear of edges; in turn if need be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from media.geometry import Canvas, PanelPlace, Rect, alike, canvas
from media.letters import LEAST_PX, USUAL_READING_MM
from media.notices.fitting import (
    BODY_SHARES,
    GLYPH_SHARE,
    LEADING,
    Fitted,
    Sizes,
    Width,
    fit,
    least_em,
)
from media.notices.texts import JOINED, LANGUAGES, Text

SAFE_MM = 45
SAFE_SHARE = 0.07
GROUND_SHARE = 0.11
MOST_SHARE = 0.17
MARK_SHARE = 0.62
MARK_LEAD = 1.9
FOOT_LEAD = 1.3
FOOT_SHARE = 0.6
"""The small words that say what is missing are for whoever steps nearer to look for them."""

UNDER_RULE = 0.3
FIRST_SHARE = 0.52
TALL_FIRST_SHARE = 0.4
SECOND_MOST = 0.62
COLUMN_GAP = 1.2


@dataclass(frozen=True, slots=True)
class _Reader:
    """How wide texts are, and from how far they are read, in mm."""

    width: Width
    reading_mm: float


class DoesNotFit(Exception):
    """A text too long to be read from where people stand; `language` says which."""

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self.language = language


FootLine = tuple[tuple[str, str], ...]
"""Small words that stand in one line, each with its script."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One language in its box (canvas pixels); the mark line is `mark` high, 0 where the block has none.

    The small words below stand in `foot_lines`, `foot` high.
    """

    text: Text
    box: Rect
    fitted: Fitted
    mark: float
    foot: float = 0.0
    foot_lines: tuple[FootLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One still of a surface: what stands on which panel; a panel without blocks keeps a calm ground."""

    blocks: Mapping[str, tuple[Block, ...]]


def pages(
    panels: Sequence[PanelPlace], texts: Sequence[Text], width: Width, reading_mm: float = USUAL_READING_MM[1]
) -> tuple[Page, ...]:
    """Every language of a notice on a surface, on as few pages as can be read. Raises DoesNotFit.

    `reading_mm`: from how far it is read.
    """
    laid = laid_out(panels)
    if len(panels) > 1:
        return tuple(_walls(panels, laid, texts, _Reader(width, reading_mm)))
    panel, ordered = panels[0], sorted(texts, key=lambda text: LANGUAGES.index(text.language))
    found: list[Page] = []
    while ordered:
        blocks, count = _together(panel, laid.panels[panel.id], ordered, _Reader(width, reading_mm))
        found.append(Page(blocks={panel.id: blocks}))
        ordered = ordered[count:]
    return tuple(found)


def laid_out(panels: Sequence[PanelPlace]) -> Canvas:
    """The picture of a surface: a wall with its gaps, a single screen at exactly its pixels."""
    if len(panels) > 1:
        return canvas(panels)
    (panel,) = panels
    glass = Rect(x=0, y=0, width=panel.pixels[0], height=panel.pixels[1])
    return Canvas(size=panel.pixels, panels={panel.id: glass})


def assigned(panels: int, languages: Sequence[str]) -> tuple[tuple[str | None, ...], ...]:
    """Which language each panel of a wall has, page by page.

    Several languages have a panel each, the first of them again on what is left, spread over the wall; a few on many
    panels, or one, are repeated, so that no panel is empty; more languages than panels come in turn.
    """
    if panels < len(languages):
        rounds = range(0, len(languages), panels)
        return tuple(_filled(languages[start : start + panels], panels) for start in rounds)
    return (_spread(panels, languages),)


def arranged(panels: Sequence[PanelPlace], languages: Sequence[str]) -> tuple[tuple[str | None, ...], ...]:
    """What `assigned` says of panels that are alike; unlike ones cannot stand in for one another, so that each has
    every language, page by page the next: only the first page hangs while every panel that it needs is seen.
    """
    rows = assigned(len(panels), languages)
    if alike(panels):
        return rows
    turn = dict(zip(languages, [*languages[1:], languages[0]], strict=True))
    found = [tuple(language or languages[0] for language in rows[0])]
    while len(found) < len(languages):
        found.append(tuple(turn[language] for language in found[-1]))
    return tuple(found)


def steady(panels: Sequence[PanelPlace], languages: int) -> bool:
    """Whether only the first page hangs while every panel is seen; the others wait for a dark one."""
    return len(panels) > 1 and not alike(panels) and len(panels) >= languages


def importance(panels: int, languages: Sequence[str]) -> tuple[tuple[int, ...], int]:
    """The places of a wall by importance, each language once before any again, and how many of them must be seen.

    Where a notice has pages in turn the places count on from page to page, and each language has one.
    """
    found = assigned(panels, languages)
    if len(found) > 1:
        return tuple(range(len(languages))), len(languages)
    firsts = [found[0].index(language) for language in languages]
    return (*firsts, *sorted(set(range(panels)) - set(firsts))), len(firsts)


def _filled(languages: Sequence[str], panels: int) -> tuple[str | None, ...]:
    return tuple(languages[place] if place < len(languages) else None for place in range(panels))


def _spread(panels: int, languages: Sequence[str]) -> tuple[str, ...]:
    """The first language at the ends and evenly between, the others in order on the panels that remain.

    On a wall with many more panels than languages each is repeated.
    """
    times = panels - len(languages) + 1
    if times > len(languages):
        return tuple(languages[place % len(languages)] for place in range(panels))
    step = (panels - 1) / (times - 1) if times > 1 else 0
    firsts = {round(number * step) for number in range(times)}
    others = iter(languages[1:])
    return tuple(languages[0] if place in firsts else next(others, languages[0]) for place in range(panels))


def _walls(panels: Sequence[PanelPlace], laid: Canvas, texts: Sequence[Text], reader: _Reader) -> list[Page]:
    by_language = {text.language: text for text in texts}
    ordered = [language for language in LANGUAGES if language in by_language]
    found: list[Page] = []
    for row in arranged(panels, ordered):
        blocks: dict[str, tuple[Block, ...]] = {}
        for panel, language in zip(panels, row, strict=True):
            if language is not None:
                spare = found[0].blocks.get(panel.id) if found and not alike(panels) else None
                blocks[panel.id] = _hung(panel, laid.panels[panel.id], by_language[language], reader, spare)
        found.append(Page(blocks=blocks))
    return found


def _hung(
    panel: PanelPlace, glass: Rect, text: Text, reader: _Reader, spare: tuple[Block, ...] | None
) -> tuple[Block, ...]:
    """The text alone on its panel; where it is too small for it, `spare`. Raises DoesNotFit where there is none."""
    try:
        return (_alone(panel, glass, text, reader),)
    except DoesNotFit:
        if spare is None:
            raise
        return spare


def _together(panel: PanelPlace, glass: Rect, texts: Sequence[Text], reader: _Reader) -> tuple[tuple[Block, ...], int]:
    """As many of the texts as stand on one panel together, from the first on, and how many those are."""
    for count in range(len(texts), 1, -1):
        blocks = _stacked(panel, glass, texts[:count], reader)
        if blocks is not None:
            return blocks, count
    return (_alone(panel, glass, texts[0], reader),), 1


def _alone(panel: PanelPlace, glass: Rect, text: Text, reader: _Reader) -> Block:
    found = _block(panel, text, _safe(panel, glass), reader, first=True)
    if found is None:
        raise DoesNotFit(text.language)
    return found


def _stacked(panel: PanelPlace, glass: Rect, texts: Sequence[Text], reader: _Reader) -> tuple[Block, ...] | None:
    """The first language large, the others in a column beside it, below it where the panel is upright."""
    safe = _safe(panel, glass)
    gap = round(COLUMN_GAP * _margin(panel, glass) * 0.8)
    first, rest = _parts(safe, gap)
    boxes = [first, *_rows(rest, len(texts) - 1, gap)]
    found = [
        _block(panel, text, box, reader, first=place == 0)
        for place, (text, box) in enumerate(zip(texts, boxes, strict=True))
    ]
    return tuple(block for block in found if block is not None) if all(found) else None


def _parts(safe: Rect, gap: int) -> tuple[Rect, Rect]:
    if safe.width >= safe.height:
        wide = round(safe.width * FIRST_SHARE)
        left = Rect(x=safe.x, y=safe.y, width=wide - gap, height=safe.height)
        return left, Rect(x=safe.x + wide + gap, y=safe.y, width=safe.width - wide - gap, height=safe.height)
    high = round(safe.height * TALL_FIRST_SHARE)
    top = Rect(x=safe.x, y=safe.y, width=safe.width, height=high)
    return top, Rect(x=safe.x, y=safe.y + high + gap, width=safe.width, height=safe.height - high - gap)


def _rows(box: Rect, count: int, gap: int) -> list[Rect]:
    height = (box.height - gap * (count - 1)) // count
    return [Rect(x=box.x, y=box.y + number * (height + gap), width=box.width, height=height) for number in range(count)]


def _margin(panel: PanelPlace, glass: Rect) -> float:
    per_mm = glass.width / panel.size_mm[0]
    return max(SAFE_MM * per_mm, SAFE_SHARE * min(glass.size))


def _safe(panel: PanelPlace, glass: Rect) -> Rect:
    """Clear of bezels and gaps, and above the calm strip at the foot."""
    margin, foot = round(_margin(panel, glass)), round(max(_margin(panel, glass), GROUND_SHARE * glass.height))
    return Rect(
        x=glass.x + margin,
        y=glass.y + margin,
        width=glass.width - 2 * margin,
        height=glass.height - margin - foot,
    )


def _block(panel: PanelPlace, text: Text, box: Rect, reader: _Reader, *, first: bool) -> Block | None:
    least = least_em(text.language, reading_mm=reader.reading_mm, per_mm=box_density(panel))
    most = MOST_SHARE * min(panel.pixels) * (1.0 if first else SECOND_MOST)
    mark = max(least, most * MARK_SHARE * 0.55) if first else 0.0
    foot_size = max(least * FOOT_SHARE, LEAST_PX / GLYPH_SHARE[text.language])
    small = _foot_lines(text, box.width / foot_size, reader.width)
    foot = foot_size * LEADING * len(small)
    under = 0.0 if first else UNDER_RULE * BODY_SHARES[0] * most
    high = box.height - mark * MARK_LEAD - foot * FOOT_LEAD - under
    sizes = Sizes(most=max(most, least), least=least, least_body=least)
    fitted = fit(text, (box.width, high), sizes, reader.width)
    if fitted is None:
        return None
    return Block(text=text, box=box, fitted=fitted, mark=mark, foot=foot_size, foot_lines=small)


def _foot_lines(text: Text, limit: float, width: Width) -> tuple[FootLine, ...]:
    """The small words, as many in a line as it holds."""
    rows: list[list[tuple[str, str]]] = []
    for script, words in text.foot:
        row = [*(rows[-1] if rows else ()), (script, words)]
        if rows and foot_width(row, width) <= limit:
            rows[-1] = row
        else:
            rows.append([(script, words)])
    return tuple(map(tuple, rows))


def foot_width(row: Sequence[tuple[str, str]], width: Width) -> float:
    """How wide small words in a line are, in em."""
    return sum(width(words, script, False) for script, words in row) + (len(row) - 1) * width(JOINED, "en", False)


def box_density(panel: PanelPlace) -> float:
    """Pixels for each millimetre of a panel."""
    return panel.pixels[0] / panel.size_mm[0]
