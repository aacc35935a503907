"""Approved phrases with typed slots: from the values of a form to a notice's texts in five scripts; pure.

The phrases are data (`lobby/words/phrases`): a headline and a sentence below it in every script.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from functools import cache
from importlib.resources import files
from string import Formatter

from lobby.core.particles import Word
from lobby.core.problem import Refusal
from lobby.core.publicplaces import public_places
from lobby.core.saidtimes import said_date, said_span, said_time
from lobby.core.site import Site
from media.notices.texts import LANGUAGES, Text, Tone

LONGEST_NAME = 24
LONGEST_ENGLISH_NAME = 40
LONGEST_HEADLINE = 40
LONGEST_BODY = 120
NAME_SIGNS = frozenset(" ·,.!?'\"()&-–:~/+#")
ADDRESSES = ("://", "www.", ".com", ".kr", "@")
SUBJECTS = ("desk", "building", "weather", "visitors", "state", "emergency")
ENGLISH = "-en"


class SlotKind(StrEnum):
    """What a slot takes."""

    TIME = "time"
    SPAN = "span"
    DATE = "date"
    PLACE = "place"
    SERVICE = "service"
    NUMBER = "number"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One gap of a phrase; `least` and `most` bound a number."""

    name: str
    kind: SlotKind
    least: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A text somebody has approved for good; `words`: script → headline and body with their slots."""

    id: str
    subject: str
    tone: Tone
    slots: tuple[Slot, ...]
    words: Mapping[str, tuple[str, str]]


@cache
def phrases() -> Mapping[str, Phrase]:
    """Every phrase by its id, in the order of the subjects."""
    found = {}
    for subject in SUBJECTS:
        for name, row in _read(subject).items():
            found[name] = _phrase(name, subject, row)
    return found


@cache
def services() -> Mapping[str, Mapping[str, str]]:
    """The services of the desk: id → script → name."""
    return _read("services")


@cache
def marks() -> Mapping[str, Mapping[str, str]]:
    """The word beside a tone's shape, and what stands below a text that lacks scripts."""
    return _read("marks")


def phrase_of(name: str) -> Phrase:
    """The phrase of an id. Raises Refusal."""
    found = phrases().get(name)
    if found is None:
        raise Refusal("notices.no-such-phrase", name, status=404)
    return found


def texts_of(phrase: Phrase, values: Mapping[str, str], site: Site, *, today: date) -> tuple[Text, ...]:
    """The phrase with its slots filled, in every script. Raises Refusal where a value is not valid.

    Values as a form gives them: `21:00`, `09:00-12:00`, `2026-11-26`, ids, figures; a name may have an English one
    under its slot's name with `-en`.
    """
    said = {slot.name: _said(slot, values, site, today) for slot in phrase.slots}
    return tuple(_text(phrase, said, language) for language in LANGUAGES)


def free_texts(headline: str, body: str, *, english: tuple[str, str] | None = None) -> tuple[Text, ...]:
    """A text of somebody's own: composed, of one line each, and it says in which languages alone it is.

    Raises Refusal. Whether it is short enough to be read is found out where it is set.
    """
    own = {"ko": (_free(headline, "headline", LONGEST_HEADLINE), _free(body, "body", LONGEST_BODY, needed=False))}
    if english is not None and any(part.strip() for part in english):
        head, rest = english
        own["en"] = (
            _free(head, "headline-en", 2 * LONGEST_HEADLINE),
            _free(rest, "body-en", 2 * LONGEST_BODY, needed=False),
        )
    only = marks()["korean-english-only" if "en" in own else "korean-only"]
    told = tuple((language, only[language]) for language in LANGUAGES if language not in own)
    mark = marks()[Tone.NOTICE]
    return tuple(
        Text(
            language=language,
            mark=mark[language],
            headline=words[0],
            body=words[1],
            foot=told if language == "ko" else (),
        )
        for language, words in own.items()
    )


def _said(slot: Slot, values: Mapping[str, str], site: Site, today: date) -> Mapping[str, str]:
    """A slot's value in every script; Korean brings its particle."""
    value = unicodedata.normalize("NFC", values.get(slot.name, "")).strip()
    if not value:
        raise Refusal("notices.slot-missing", slot.name, status=422)
    try:
        if slot.kind is SlotKind.TIME:
            moment = time.fromisoformat(value)
            return {language: said_time(moment, language) for language in LANGUAGES}
        if slot.kind is SlotKind.SPAN:
            return _span(slot, value)
        if slot.kind is SlotKind.DATE:
            return _date(slot, date.fromisoformat(value), today)
        if slot.kind is SlotKind.NUMBER:
            return _number(slot, int(value))
    except ValueError:
        raise Refusal("notices.slot-wrong", slot.name, status=422) from None
    if slot.kind is SlotKind.NAME:
        return _name(slot, value, values.get(slot.name + ENGLISH, ""))
    return _listed(slot, value, site)


def _span(slot: Slot, value: str) -> Mapping[str, str]:
    first, _, last = value.partition("-")
    start, end = time.fromisoformat(first), time.fromisoformat(last)
    if end <= start:
        raise Refusal("notices.span-backwards", slot.name, status=422)
    return {language: said_span(start, end, language) for language in LANGUAGES}


def _date(slot: Slot, day: date, today: date) -> Mapping[str, str]:
    if day < today:
        raise Refusal("notices.date-past", slot.name, status=422)
    return {language: said_date(day, language) for language in LANGUAGES}


def _number(slot: Slot, number: int) -> Mapping[str, str]:
    if not slot.least <= number <= slot.most:
        bounds = {"least": str(slot.least), "most": str(slot.most)}
        raise Refusal("notices.number-outside", slot.name, status=422, **bounds)
    return dict.fromkeys(LANGUAGES, str(number))


def _listed(slot: Slot, value: str, site: Site) -> Mapping[str, str]:
    if slot.kind is SlotKind.SERVICE:
        if value not in services():
            raise Refusal("notices.slot-wrong", slot.name, status=422)
        return services()[value]
    place = public_places(site).get(value)
    if place is None:
        raise Refusal("notices.slot-wrong", slot.name, status=422)
    return {language: place.name.written(language) for language in LANGUAGES}


def _name(slot: Slot, value: str, english: str) -> Mapping[str, str]:
    """A name is letters, figures and few signs; without an English one the Korean stands in every script."""
    own = _plain_name(slot, value, LONGEST_NAME)
    other = unicodedata.normalize("NFC", english).strip()
    foreign = _plain_name(slot, other, LONGEST_ENGLISH_NAME) if other else own
    return {language: own if language == "ko" else foreign for language in LANGUAGES}


def _plain_name(slot: Slot, value: str, longest: int) -> str:
    name = " ".join(value.split())
    if len(name) > longest:
        raise Refusal("notices.name-long", slot.name, status=422, longest=str(longest))
    if any(not sign.isalnum() and sign not in NAME_SIGNS for sign in name):
        raise Refusal("notices.name-signs", slot.name, status=422)
    if any(piece in name.lower() for piece in ADDRESSES):
        raise Refusal("notices.no-addresses", slot.name, status=422)
    return name


def _free(text: str, name: str, longest: int, *, needed: bool = True) -> str:
    composed = unicodedata.normalize("NFC", text)
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in composed).split())
    if needed and not plain:
        raise Refusal("notices.slot-missing", name, status=422)
    if len(plain) > longest:
        raise Refusal("notices.text-long", name, status=422, longest=str(longest), length=str(len(plain)))
    return plain


def _text(phrase: Phrase, said: Mapping[str, Mapping[str, str]], language: str) -> Text:
    worn = {name: Word(values[language]) if language == "ko" else values[language] for name, values in said.items()}
    headline, body = (_one_stop(Formatter().vformat(part, (), worn)) for part in phrase.words[language])
    return Text(language=language, mark=marks()[phrase.tone][language], headline=headline, body=body)


def _one_stop(text: str) -> str:
    """`until 9 p.m..` is `until 9 p.m.`"""
    return text.replace("..", ".")


def _phrase(name: str, subject: str, row: Mapping[str, object]) -> Phrase:
    slots = row.get("slots", {})
    assert isinstance(slots, Mapping)
    return Phrase(
        id=name,
        subject=subject,
        tone=Tone(str(row.get("tone", "notice"))),
        slots=tuple(_slot(key, str(spec)) for key, spec in slots.items()),
        words={language: _pair(row[language]) for language in LANGUAGES},
    )


def _slot(name: str, spec: str) -> Slot:
    kind, _, bounds = spec.partition(" ")
    least, _, most = bounds.partition("-")
    return Slot(name=name, kind=SlotKind(kind), least=int(least or 0), most=int(most or 0))


def _pair(words: object) -> tuple[str, str]:
    assert isinstance(words, Iterable)
    headline, body = words
    return str(headline), str(body)


def _read(name: str) -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("lobby.words").joinpath("phrases", f"{name}.toml").read_text(encoding="utf-8"))
