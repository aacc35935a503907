"""The page of notices: what is on air, what waits, the prepared occasions, the phrases, and a draft as it will hang."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from lobby.core.airings import Airing
from lobby.core.hanging import places_of
from lobby.core.particles import with_particle
from lobby.core.phrases import SUBJECTS, Phrase, phrases, services
from lobby.core.problem import Refusal
from lobby.core.publicplaces import public_places
from lobby.core.words import explain
from lobby.day.drafts import Draft, class_of
from lobby.day.noticeboard import SOURCE, occasion_for, occasions_on, texts_kept
from lobby.day.occasions import OCCASIONS, Occasion, draft_of, sounds_of
from lobby.web.drawings import DrawnSurface, draw
from lobby.web.notices.forms import LOCAL, USUAL, kept
from lobby.web.onair import after_ending
from lobby.web.sentence import Scene
from lobby.web.spoken import staff_time
from lobby.web.whatif import value_words
from media.geometry import canvas
from media.letters import PER_DISTANCE
from media.notices.layout import steady
from media.notices.texts import LANGUAGES, Text, as_read

if TYPE_CHECKING:
    from lobby.core.site import Site
    from lobby.web.house import House

PREVIEW_WIDTH = 1500
MOST_HISTORY = 20
QUARTER = timedelta(minutes=15)
HISTORY = """SELECT at, subject, payload FROM journal WHERE kind = 'media.airing-put'
    AND json_extract(payload, '$.source') = ? ORDER BY seq DESC LIMIT ?"""
ENDS = """SELECT subject, at, payload FROM journal WHERE kind = 'media.airing-ended'
    AND subject IN (SELECT value FROM json_each(?))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A script with what stands in it, for reading."""

    language: str
    name: str
    headline: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hanging:
    """A notice that is on air or waits: its words, where, until when, who."""

    id: str
    name: str
    body: str
    emergency: bool
    occasion: str
    places: str
    end: str
    who: str
    mine: bool
    scripts: str
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What becomes of one surface or of the loudspeakers."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A phrase to pick."""

    id: str
    subject: str
    headline: str
    body: str
    path: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hung:
    """A draft on a surface: the drawing, the pictures page by page, and how far its smallest sign can be read."""

    id: str
    name: str
    drawn: DrawnSurface
    sources: tuple[str, ...]
    least: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A draft before it goes on air: as it hangs, in every script, what it changes; or what stands against it."""

    hung: tuple[Hung, ...] = ()
    lines: tuple[Line, ...] = ()
    effects: tuple[Effect, ...] = ()
    end: str = ""
    emergency: bool = False
    at_once: bool = False
    problem: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A prepared occasion: what it does, whether it is on, and what starting it would change."""

    id: str
    name: str
    words: str
    on_until: str
    notice: str
    after: tuple[str, ...]
    longest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A notice of before."""

    id: str
    at: str
    name: str
    who: str
    end: str


def hanging(house: House, scene: Scene, notices: Iterable[Airing], person: str) -> list[Hanging]:
    """Notices for a list."""
    return [_hanging(house, scene, each, person) for each in notices]


def buttons(house: House, scene: Scene) -> list[Button]:
    """The occasions and which of them are on."""
    on = occasions_on(house.notices.current())
    return [_button(scene, occasion, on.get(name)) for name, occasion in OCCASIONS.items()]


def choices(scene: Scene, fields: Mapping[str, str], *, leads: bool) -> list[Choice]:
    """The phrases of a subject that hold every word that is looked for; emergencies only for those who lead."""
    wanted, subject = fields.get("q", "").casefold().split(), fields.get("subject", "")
    found = [
        phrase
        for phrase in phrases().values()
        if (leads or phrase.subject != "emergency")
        and subject in ("", phrase.subject)
        and all(word in _searched(phrase) for word in wanted)
    ]
    return [_choice(scene, phrase, fields) for phrase in found]


def headline_of(scene: Scene, phrase: Phrase) -> str:
    """A phrase's headline with its gaps named."""
    return _gapped(scene, phrase, phrase.words[scene.language][0])


def subjects(*, leads: bool) -> list[str]:
    """What phrases are about."""
    return [subject for subject in SUBJECTS if leads or subject != "emergency"]


def places(scene: Scene) -> list[tuple[str, str]]:
    """The places of the site for a slot."""
    return [(name, place.name.said(scene.language)) for name, place in public_places(scene.site).items()]


def service_names(scene: Scene) -> list[tuple[str, str]]:
    """The services for a slot."""
    return [(name, names[scene.language]) for name, names in services().items()]


def usual_end(scene: Scene, lasts: timedelta = USUAL) -> str:
    """An end for a form: so long from now, at a quarter of an hour."""
    end = (scene.now + lasts).astimezone(scene.zone)
    late = timedelta(minutes=end.minute % 15, seconds=end.second, microseconds=end.microsecond)
    return f"{end + (QUARTER - late if late else timedelta(0)):{LOCAL}}"


async def look(house: House, scene: Scene, draft: Draft, fields: Mapping[str, str], *, at_once: bool) -> Look:
    """The draft as it will hang, drawn before anything is saved."""
    try:
        hung = [await _hung(house, scene, draft, surface, fields) for surface in draft.surfaces]
        texts = house.notices.worded(draft).texts
    except Refusal as refusal:
        return Look(problem=explain(refusal.problem, scene.language))
    return Look(
        hung=tuple(hung),
        lines=tuple(lines_of(scene, texts)),
        effects=tuple(effects(scene, draft, silent=class_of(draft) == "emergency")),
        end=staff_time(draft.until, scene.now, scene.zone, scene.language),
        emergency=class_of(draft) == "emergency",
        at_once=at_once and not draft.free,
    )


async def look_at(house: House, scene: Scene, occasion: Occasion, until: datetime) -> Look:
    """What starting an occasion would put on the screens and change."""
    try:
        draft = draft_of(occasion, house.site, start=scene.now, until=until, zone=scene.zone)
    except Refusal as refusal:
        return Look(problem=explain(refusal.problem, scene.language))
    fields = {f"surface-{surface}": "on" for surface in draft.surfaces} | {
        "phrase": occasion.phrase,
        "until": until.isoformat(),
        "kiosk": "on",
    }
    for name, value in draft.values.items():
        first, _, last = value.partition("-")
        fields |= {f"slot-{name}-from": first, f"slot-{name}-to": last}
    found = await look(house, scene, draft, fields, at_once=True)
    if found.problem:
        return found
    changed = tuple(effects(scene, draft, silent=occasion.silent, quiet=occasion.quiet))
    return Look(hung=found.hung, lines=found.lines, effects=changed, end=found.end, at_once=True)


def effects(scene: Scene, draft: Draft, *, silent: bool, quiet: bool = False) -> Iterable[Effect]:
    """Surface by surface what hangs now and what will, then the sound, then other notices."""
    emergency = class_of(draft) == "emergency"
    for surface in draft.surfaces:
        state = scene.things.get(surface)
        value = (state.desired if state else None) or "off"
        off = value == "off"
        yield Effect(
            name=scene.name(surface),
            before=scene.say("notices.effect.off") if off else value_words(scene.site, surface, value, scene.language),
            after=scene.say(
                f"notices.effect.{'lights' if emergency else 'when-on'}" if off else "notices.effect.shows"
            ),
        )
    for sound in sounds_of(scene.site):
        key = "silent" if silent else "sounds-on"
        yield Effect(name=scene.name(sound), before="", after=scene.say(f"notices.effect.{key}"))
    if quiet:
        yield Effect(name=scene.say("notices.effect.others"), before="", after=scene.say("notices.effect.quiet"))


def lines_of(scene: Scene, texts: Iterable[Text]) -> list[Line]:
    """Every script of a text, for reading."""
    return [
        Line(
            language=text.language,
            name=scene.say(f"notices.script.{text.language}"),
            headline=as_read(text.headline, text.language),
            body=as_read(text.body, text.language),
        )
        for text in texts
    ]


async def history(house: House, scene: Scene) -> list[Past]:
    """The last notices that are over, the newest first."""
    on = {each.id for each in house.notices.all()}
    rows = [row for row in await house.journal.read(HISTORY, (SOURCE, MOST_HISTORY)) if row["subject"] not in on]
    ended = await house.journal.read(ENDS, (json.dumps([row["subject"] for row in rows]),))
    ends = {row["subject"]: datetime.fromisoformat(row["at"]) for row in ended}
    return [_past(house, scene, row["subject"], row["at"], row["payload"], ends.get(row["subject"])) for row in rows]


def preview_scale(site: Site, surface: str) -> float:
    """So that a preview is as wide as the page."""
    width = canvas_width(site, surface)
    return min(1.0, PREVIEW_WIDTH / width)


def canvas_width(site: Site, surface: str) -> int:
    """A surface's width in pixels, gaps included."""
    return canvas(places_of(site.surfaces[surface])).size[0]


async def _hung(house: House, scene: Scene, draft: Draft, surface: str, fields: Mapping[str, str]) -> Hung:
    found = house.site.surfaces[surface]
    scale = preview_scale(house.site, surface)
    told, texts = await house.notices.preview(draft, surface, page=0, scale=scale), house.notices.worded(draft).texts
    asked = {key: value for key, value in kept(fields).items() if not key.startswith("surface-")}
    sources = [
        f"/api/v1/notices/preview/{surface}?{urlencode({**asked, f'surface-{surface}': 'on', 'page': page})}"
        for page in range(1 if steady(places_of(found), len(texts)) else told.pages)
    ]
    return Hung(
        id=surface,
        name=scene.name(surface),
        drawn=draw(found),
        sources=tuple(sources),
        least=scene.say(
            "notices.look.least", mm=f"{told.least_mm:.0f}", metres=f"{told.least_mm * PER_DISTANCE / 1000:.1f}"
        ),
    )


def _hanging(house: House, scene: Scene, airing: Airing, person: str) -> Hanging:
    texts, occasion = texts_kept(airing), occasion_for(airing)
    korean = texts["ko"]
    where = [_place(house, scene, airing, surface) for surface in airing.content]
    where += [scene.say("notices.kiosk")] if airing.details.get("kiosk") else []
    return Hanging(
        id=airing.id,
        name=as_read(texts.get(scene.language, korean).headline, scene.language),
        body=as_read(texts.get(scene.language, korean).body, scene.language),
        emergency=airing.cls == "emergency",
        occasion=scene.say(f"notices.occasion.{occasion.id}.name") if occasion else "",
        places=" · ".join(where),
        end=staff_time(airing.until, scene.now, scene.zone, scene.language),
        who=house.people.names().get(airing.person, ""),
        mine=airing.person == person,
        scripts=" · ".join(scene.say(f"notices.script.{language}") for language in texts),
        after=after_ending(scene, airing),
    )


def _place(house: House, scene: Scene, airing: Airing, surface: str) -> str:
    """A surface, and why the notice is not seen there where that is so."""
    above = [each for each in house.airings.current(scene.now) if surface in each.content]
    top = max(above, key=lambda each: (each.rank, each.start, each.id), default=airing)
    state = scene.things.get(surface)
    off = airing.cls != "emergency" and (state is None or state.desired in (None, "off"))
    name = scene.name(surface)
    if off:
        return scene.say("notices.place-off", name=name)
    return scene.say("notices.place-covered", name=name) if top.id != airing.id and airing in above else str(name)


def _button(scene: Scene, occasion: Occasion, airing: Airing | None) -> Button:
    hours = occasion.longest.total_seconds() / 3600
    longest = ("days", hours / 24) if hours >= 72 else ("hours", hours)
    return Button(
        id=occasion.id,
        name=scene.say(f"notices.occasion.{occasion.id}.name"),
        words=scene.say(f"notices.occasion.{occasion.id}.words"),
        on_until=staff_time(airing.until, scene.now, scene.zone, scene.language) if airing else "",
        notice=airing.id if airing else "",
        after=after_ending(scene, airing) if airing else (),
        longest=scene.say(f"notices.longest-{longest[0]}", n=f"{longest[1]:.0f}"),
    )


def _choice(scene: Scene, phrase: Phrase, fields: Mapping[str, str]) -> Choice:
    headline, body = phrase.words[scene.language]
    asked = {key: fields[key] for key in ("q", "subject") if fields.get(key)}
    return Choice(
        id=phrase.id,
        subject=scene.say(f"notices.subject.{phrase.subject}"),
        headline=_gapped(scene, phrase, headline),
        body=_gapped(scene, phrase, body),
        path=f"/notices?{urlencode({**asked, 'phrase': phrase.id})}#write",
        chosen=phrase.id == fields.get("phrase"),
    )


def _gapped(scene: Scene, phrase: Phrase, text: str) -> str:
    """The text with its gaps named in brackets."""
    for slot in phrase.slots:
        before, opening, rest = text.partition(f"{{{slot.name}")
        if opening:
            particle, _, after = rest.partition("}")
            name = scene.say(f"notices.slot.{slot.kind}")
            worn = with_particle(name, particle[1:])[len(name) :] if particle else ""
            text = f"{before}[{name}]{worn}{after}"
    return text


def _searched(phrase: Phrase) -> str:
    whole = " ".join(" ".join(phrase.words[language]) for language in LANGUAGES)
    return f"{phrase.id} {whole}".casefold()


def _past(house: House, scene: Scene, notice: str, at: str, payload: str | None, ended: datetime | None) -> Past:
    said = json.loads(payload) if payload else {}
    end = ended or (datetime.fromisoformat(said["until"]) if said.get("until") else None)
    return Past(
        id=notice,
        at=staff_time(datetime.fromisoformat(at), scene.now, scene.zone, scene.language),
        name=str(said.get("title", "")),
        who=house.people.names().get(str(said.get("person", "")), ""),
        end=staff_time(end, scene.now, scene.zone, scene.language) if end else "",
    )
