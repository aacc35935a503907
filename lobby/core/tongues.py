"""What visitors read in: five scripts, and a text in the one nearest to theirs, piece by piece with its own; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from lobby.core.words import say
from media.notices.texts import HANGUL, LANGUAGES

TONGUES = LANGUAGES
KOREAN, ENGLISH = "ko", "en"
NEAREST: Mapping[str, tuple[str, ...]] = {"zh-hans": ("zh-hans", "zh-hant"), "zh-hant": ("zh-hant", "zh-hans")}
ASKED: Mapping[str, str] = {"zh": "zh-hans", "zh-cn": "zh-hans", "zh-sg": "zh-hans", "zh-tw": "zh-hant",
                            "zh-hk": "zh-hant", "zh-mo": "zh-hant"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a text and the script it is written in."""

    text: str
    lang: str


Parts = tuple[Part, ...]


def tongue_of(asked: str) -> str | None:
    """The script that a language's tag asks for (`zh-TW`, `ja-JP`, `zh-Hant-HK`); None where visitors have none."""
    tag = asked.strip().lower()
    while tag:
        if (found := ASKED.get(tag, tag)) in TONGUES:
            return found
        tag = tag.rpartition("-")[0]
    return None


def nearest(told: Mapping[str, str], tongue: str) -> Part | None:
    """A text in its reader's script, else in the other Chinese one, else in English, else in Korean."""
    order = (*NEAREST.get(tongue, (tongue,)), ENGLISH, KOREAN)
    return next((Part(text=told[lang], lang=lang) for lang in order if told.get(lang)), None)


def parts(told: Mapping[str, str], tongue: str) -> Parts:
    """The nearest text; Korean that stands inside it is a piece of its own. `static/spoken.js` does the same."""
    found, korean = nearest(told, tongue), told.get(KOREAN, "")
    if found is None:
        return ()
    if found.lang == KOREAN or korean not in found.text or not any(ord(sign) in HANGUL for sign in korean):
        return (found,)
    before, _, after = found.text.partition(korean)
    pieces = ((before, found.lang), (korean, KOREAN), (after, found.lang))
    return tuple(Part(text=text, lang=lang) for text, lang in pieces if text)


def by_script(told: Mapping[str, str]) -> Mapping[str, str]:
    """A text by language as records keep it, where Chinese is Simplified."""
    return {ASKED.get(language, language): text for language, text in told.items()}


def filled(key: str, tongue: str, /, **slots: Parts | str) -> Parts:
    """A text of the catalogue with names in its slots, each in its own script."""
    found: list[Part] = []
    for text, slot, _, _ in Formatter().parse(say(key, tongue)):
        if text:
            found.append(Part(text=text, lang=tongue))
        if slot:
            value = slots[slot]
            found.extend((Part(text=value, lang=tongue),) if isinstance(value, str) else value)
    return tuple(found)


def plain(pieces: Parts) -> str:
    """The pieces in one."""
    return "".join(each.text for each in pieces)
