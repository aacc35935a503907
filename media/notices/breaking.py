"""Where lines end: Korean and English at blanks only, Chinese and Japanese by phrase and by kinsoku; pure.

Lines are balanced: of all ways with the fewest lines, the one whose lines are most alike in length.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from media.notices.texts import MAY_END, WITHOUT_BLANKS, blank_between

NO_START = frozenset("、。，．,.・：；:;？！?!）)」』】〉》”’ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々〜～…–-%℃°")
NO_END = frozenset("（(「『【〈《“‘")
PAUSES = frozenset(".,!?。、，！？:：;；")
AT_A_PAUSE = 0.3
"""How much free room behind a pause counts: a line likes to end with its sentence."""

TIE = 0.7
"""What it costs to part a word where it may be parted, as free room in widths of a line."""

NO_BREAK = "\u00a0"

Measure = Callable[[str], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What is never parted; `blank`: a blank stands before it inside a line, `tied`: it rather stays with the last."""

    text: str
    blank: bool
    tied: bool = False


def pieces(text: str, language: str) -> tuple[Piece, ...]:
    """A text as whole words, or in a script without blanks as the phrases its blanks mark."""
    found: list[Piece] = []
    for word in text.split(" "):
        for number, part in enumerate(part for part in word.split(MAY_END) if part):
            blank = bool(found) and number == 0
            if blank and language in WITHOUT_BLANKS:
                blank = blank_between(found[-1].text, part)
            found.append(Piece(text=part, blank=blank, tied=number > 0))
    return tuple(found)


def lines(text: str, language: str, limit: float, measure: Measure, *, parting: bool = True) -> tuple[str, ...] | None:
    """The text in lines no wider than `limit`; None where a piece alone is wider and may not be parted.

    Phrases of a script without blanks may be parted where `parting` says so, words never.
    """
    known = list(pieces(text, language))
    if parting and language in WITHOUT_BLANKS:
        known = [part for piece in known for part in _parted(piece, limit, measure)]
    widths = [measure(piece.text) for piece in known]
    if any(width > limit for width in widths):
        return None
    return tuple(_joined(known[start:end]) for start, end in _balanced(known, widths, limit, measure(" ")))


def clusters(text: str) -> Iterator[str]:
    """Signs that stay together: figures and Latin, katakana words, and what may not begin or end a line."""
    held = ""
    for sign in text:
        if held and not _stays(held, sign):
            yield held
            held = ""
        held += sign
    if held:
        yield held


def _stays(held: str, sign: str) -> bool:
    last = held[-1]
    return sign in NO_START or last in NO_END or (_kind(last) == _kind(sign) and _kind(sign) in {"latin", "katakana"})


def _kind(sign: str) -> str:
    name = unicodedata.name(sign, "")
    if name.startswith("KATAKANA") or sign == "ー":
        return "katakana"
    return "latin" if sign.isascii() or sign in "–:" or sign == NO_BREAK else "other"


def _parted(piece: Piece, limit: float, measure: Measure) -> Iterator[Piece]:
    """A phrase that is too wide may end a line between its clusters."""
    if measure(piece.text) <= limit:
        yield piece
        return
    for number, part in enumerate(clusters(piece.text)):
        yield Piece(text=part, blank=piece.blank and number == 0, tied=number > 0 or piece.tied)


def _joined(row: Sequence[Piece]) -> str:
    return "".join(f" {piece.text}" if piece.blank and place else piece.text for place, piece in enumerate(row))


def _balanced(row: Sequence[Piece], widths: Sequence[float], limit: float, blank: float) -> list[tuple[int, int]]:
    """From the end: the fewest lines, then the least sum of squares of what is left free."""
    best: list[tuple[int, float, int]] = [(0, 0.0, len(row))] * (len(row) + 1)
    for start in range(len(row) - 1, -1, -1):
        width, choices = 0.0, []
        for end in range(start + 1, len(row) + 1):
            width += widths[end - 1] + (blank if row[end - 1].blank and end - 1 > start else 0.0)
            if width > limit:
                break
            count, free, _ = best[end]
            share = AT_A_PAUSE if row[end - 1].text[-1] in PAUSES else 1.0
            untied = (TIE * limit) ** 2 if end < len(row) and row[end].tied else 0.0
            choices.append((count + 1, free + share * (limit - width) ** 2 + untied, end))
        best[start] = min(choices)
    found, start = [], 0
    while start < len(row):
        end = best[start][2]
        found.append((start, end))
        start = end
    return found
