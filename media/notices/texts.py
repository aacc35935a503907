"""What a notice says: a headline and a sentence below it, once a language, and the tone in which it is said."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LANGUAGES = ("ko", "en", "zh-hans", "zh-hant", "ja")
WITHOUT_BLANKS = frozenset({"zh-hans", "zh-hant", "ja"})
LATIN_END = 0x24F
HANGUL = range(0xAC00, 0xD7A4)
MAY_END = "\u200b"
"""Where a line may end inside a word, without a sign of its own."""


JOINED = " · "


class Tone(StrEnum):
    """How a notice looks: the colours of its ground and the shape beside its first word.

    The quiet ones are those of notices and weather while a site mourns: without colour, under their own shapes.
    """

    NOTICE = "notice"
    WEATHER = "weather"
    EMERGENCY = "emergency"
    DRILL = "drill"
    MOURNING = "mourning"
    QUIET = "quiet"
    QUIET_WEATHER = "quiet-weather"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One language's words; `mark` is the word beside the shape, `foot` small words in other scripts below it all."""

    language: str
    mark: str
    headline: str
    body: str = ""
    foot: tuple[tuple[str, str], ...] = ()

    @property
    def only(self) -> str:
        """The small words in a line."""
        return JOINED.join(words for _, words in self.foot)


def text_of(document: Mapping[str, Any]) -> Text:
    """A text as the job of the drawing process carries it; composed (NFC), so that Hangul never falls apart."""
    composed = {key: _composed(value) for key, value in document.items() if key != "foot"}
    return Text(
        language=composed["language"],
        mark=composed["mark"],
        headline=composed["headline"],
        body=composed.get("body", ""),
        foot=tuple((str(script), _composed(words)) for script, words in document.get("foot", ())),
    )


def _composed(text: object) -> str:
    return unicodedata.normalize("NFC", str(text))


def as_read(text: str, language: str) -> str:
    """A text as people read it: in Chinese and Japanese the blanks only say where a line may end.

    Beside a Latin word, a Hangul word, or between two figures a blank stays a blank.
    """
    text = text.replace(MAY_END, "")
    if language not in WITHOUT_BLANKS:
        return text
    pieces = text.split(" ")
    joined = pieces[0]
    for piece in pieces[1:]:
        joined += f" {piece}" if blank_between(joined, piece) else piece
    return joined


def blank_between(before: str, after: str) -> bool:
    """Whether two pieces of a text without blanks are parted by one all the same."""
    if not before or not after or not (before[-1].isalnum() and after[0].isalnum()):
        return False
    return _spaced(before[-1]) or _spaced(after[0]) or (before[-1].isdecimal() and after[0].isdecimal())


def _spaced(sign: str) -> bool:
    """A letter of a script that parts its words by blanks."""
    return not sign.isdecimal() and (ord(sign) <= LATIN_END or ord(sign) in HANGUL)
