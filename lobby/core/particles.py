"""Korean particles after any word: Hangul, figures, Latin; the form its last sound asks for. Pure."""

from __future__ import annotations

import re

_FIRST, _LAST, _FINALS, _FINAL_L = 0xAC00, 0xD7A3, 28, 8
_CLOSED_DIGITS = "013678"
_L_DIGITS = "178"
_CLOSED_NAMES = "LMNR"
_L_NAMES = "LR"
_VOWELS = "aeiouy"
_BEHIND = re.compile(r"[\s\u00a0]*[(（\[][^()（）\[\]]*[)）\]][\s\u00a0]*$")

PARTICLES: dict[str, tuple[str, str]] = {
    "은": ("은", "는"),
    "이": ("이", "가"),
    "을": ("을", "를"),
    "과": ("과", "와"),
    "으로": ("으로", "로"),
    "이나": ("이나", "나"),
}
"""The particle as a slot asks for it → its form after a closed and after an open syllable."""


class Word(str):
    """A slot's text that brings its Korean particle: `{place:을}`."""

    __slots__ = ()

    def __format__(self, particle: str) -> str:
        return with_particle(str(self), particle) if particle else str(self)


def with_particle(word: str, wanted: str) -> str:
    """The word with its particle. Raises KeyError for a stranger."""
    return f"{word}{particle(word, wanted)}"


def particle(word: str, wanted: str) -> str:
    """The particle's form behind a word; both forms where nobody can know the last sound. Raises KeyError."""
    closed, opened = PARTICLES[wanted]
    sound = last_sound(word)
    if sound is None:
        return f"{closed}({opened})"
    if wanted == "으로" and sound == "l":
        return opened
    return closed if sound else opened


def last_sound(word: str) -> str | None:
    """Empty for an open syllable, `l` for one that ends in ㄹ, `c` for any other consonant, None where unknown.

    A bracket at the end is not read: 서울광장(도서관 앞) takes the particle of 서울광장.
    """
    bare = _BEHIND.sub("", word)
    last = next((sign for sign in reversed(bare) if sign.isalnum()), "")
    if last and _FIRST <= ord(last) <= _LAST:
        final = (ord(last) - _FIRST) % _FINALS
        return "l" if final == _FINAL_L else "c" if final else ""
    if last and last in "0123456789":
        return "l" if last in _L_DIGITS else "c" if last in _CLOSED_DIGITS else ""
    if last.isascii() and last.isalpha():
        return _of_latin(re.findall(r"[A-Za-z]+", bare)[-1])
    return None


def _of_latin(word: str) -> str:
    """Letters by their Korean names where all are capitals (LED, CCTV), else the word as it is borrowed."""
    if word.isupper():
        last = word[-1]
        return "l" if last in _L_NAMES else "c" if last in _CLOSED_NAMES else ""
    text = word.lower()
    if len(text) > 2 and text[-1] == "e" and text[-2] in "lmn":
        text = text[:-1]  # a silent e: game, line, style
    if text[-1] == "l":
        return "l"
    short = len(text) > 1 and text[-2] in _VOWELS
    if text[-1] in "mn" or text.endswith(("ng", "ck")) or (text[-1] in "bkpt" and short):
        return "c"
    return "c" if text[-1] == "c" else ""
