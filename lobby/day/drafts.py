"""A notice as somebody wants it: a phrase with its values or a text of one's own, where and until when."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from lobby.core.hanging import places_of
from lobby.core.phrases import free_texts, phrase_of, texts_of
from lobby.core.problem import Refusal
from lobby.core.site import Site, Surface
from media.notices.texts import Text, Tone, as_read

EMERGENCY = "emergency"
FIRE = ("fire", "fire-at")
QUIET = {Tone.NOTICE: Tone.QUIET, Tone.WEATHER: Tone.QUIET_WEATHER}
SETTING = 2
"""Raised when notices are drawn in another way, so that none of the old stills is used again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a notice shall say: `phrase` and `values`, or a text of one's own, Korean with English beside it or without.

    `surfaces` are where it hangs; with `kiosk` the visitors' pages say it in a line, too.
    """

    phrase: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    headline: str = ""
    body: str = ""
    english: tuple[str, str] = ("", "")
    surfaces: tuple[str, ...]
    kiosk: bool = True
    until: datetime

    @property
    def free(self) -> bool:
        """Whether the text is somebody's own: then another person has to approve it."""
        return not self.phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """A draft's texts in every script it has, and their tone."""

    texts: tuple[Text, ...]
    tone: Tone

    @property
    def name(self) -> str:
        """What people call the notice: its Korean headline."""
        return as_read(self.texts[0].headline, "ko")


def worded(draft: Draft, site: Site, today: date, *, quiet: bool = False) -> Worded:
    """The texts of a draft; in a `quiet` time without colour, an emergency never. Raises Refusal."""
    if draft.free:
        return Worded(
            texts=free_texts(draft.headline, draft.body, english=draft.english), tone=_tone(Tone.NOTICE, quiet)
        )
    phrase = phrase_of(draft.phrase)
    texts = texts_of(phrase, draft.values, site, today=today)
    return Worded(texts=texts, tone=_tone(phrase.tone, quiet))


def class_of(draft: Draft) -> Literal["notice", "emergency"]:
    """How strong it is: only a phrase prepared for it is an emergency."""
    return "emergency" if draft.phrase and phrase_of(draft.phrase).subject == EMERGENCY else "notice"


def kind_of(draft: Draft) -> str:
    """What an emergency is of: `fire` or `evacuation`; empty for a notice."""
    if class_of(draft) == "notice":
        return ""
    return "fire" if draft.phrase in FIRE else "evacuation"


def refuse_end(draft: Draft, now: datetime, longest: timedelta) -> None:
    """Raises Refusal where the end has passed or is too far."""
    if draft.until <= now:
        raise Refusal("notices.end-past", status=422)
    if draft.until - now > longest:
        raise Refusal("notices.end-too-far", status=422, hours=f"{longest.total_seconds() / 3600:g}")


def refuse_places(surfaces: Iterable[str], site: Site) -> None:
    """Raises Refusal where it hangs nowhere, or at a place nobody knows."""
    found = tuple(surfaces)
    if not found:
        raise Refusal("notices.nowhere", status=422)
    for name in found:
        if name not in site.surfaces:
            raise Refusal("media.no-such-surface", name, status=404)


def still_name(wording: Worded, surface: Surface) -> str:
    """The same words on the same panels are the same stills: found again, they need no drawing."""
    told = {
        "setting": SETTING,
        "texts": [asdict(text) for text in wording.texts],
        "tone": wording.tone,
        "panels": [asdict(panel) for panel in places_of(surface)],
        "reading": surface.reading_mm,
    }
    digest = hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return f"notice-{digest[:20]}"


def _tone(tone: Tone, quiet: bool) -> Tone:
    return QUIET.get(tone, tone) if quiet else tone
