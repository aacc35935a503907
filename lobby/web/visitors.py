"""The visitors' page: what the kiosk says now, and what it keeps to go on by itself for 35 days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from lobby.core.site import Cafe, Desk, Kiosk, Site
from lobby.core.tongues import Part, Parts, filled, parts
from lobby.core.words import catalogue, say
from lobby.day.desk import OPEN, SHUT, Opening, Spell, as_json, opening
from lobby.web.desks import coming_notice, spells_of
from lobby.web.lists.above import above, title
from lobby.web.sentence import cafe_state
from lobby.web.spoken import clock_words, day_words, now_words, when_words
from lobby.web.works import Work, works
from media.notices.texts import Text, Tone, as_read

if TYPE_CHECKING:
    from lobby.web.house import House

PAGES = ("home", "map", "lifts", "desk", "cafe", "today", "playing", "help")
LIFT_WORDS = ("lift", "toilet", "restroom", "elevator")
MARKS = {"emergency": "danger", Tone.MOURNING: "ribbon"}
DAYS_SHOWN = 7
AHEAD = timedelta(days=35)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayHours:
    """One day of a desk in words."""

    day: str
    hours: str
    reason: Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything the kiosk shows, in one script, at one moment."""

    site: Site
    place: Parts
    title: Parts
    language: str
    now: datetime
    zone: tzinfo
    desk: str | None
    desk_name: Parts
    spells: tuple[Spell, ...]
    opening: Opening | None
    state: StateWords | None
    clock: str
    cafe: CafeWords | None
    days: tuple[DayHours, ...]
    playing: tuple[Parts, ...]
    works: tuple[tuple[Parts, tuple[Work, ...]], ...]
    lifts: tuple[Parts, ...]
    notices: tuple[Parts, ...]
    notice: tuple[Parts, date] | None
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateWords:
    """The state line: the biggest word, its shape, and what stands below."""

    mark: str
    word: str
    reason: Parts
    until: str
    tickets: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notice on air: its line and the sentence below, until when, its shape, how urgent it is."""

    text: Parts
    more: Parts
    until: int
    urgent: bool
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CafeWords:
    """The café as visitors read it."""

    name: Parts
    state: str
    word: str
    hours: Parts
    telephone: str


def view(house: House, language: str) -> View:
    """One reading of the house; nothing of bells, people or incidents is in it."""
    site, now = house.site, house.clock.now()
    zone = ZoneInfo(site.site.time_zone)
    desk = next(iter(site.of(Desk)), None)
    spells = spells_of(house, desk, now) if desk else ()
    state = opening(spells, now, zone) if desk else None
    coming = coming_notice(house, desk, now, zone) if desk else None
    place = parts(site.site.name.told(), language)
    shown = {surface: tuple(found) for surface in site.surfaces if (found := works(house, surface, now))}
    return View(
        site=site,
        place=place,
        title=filled("kiosk.title", language, place=place),
        language=language,
        now=now,
        zone=zone,
        desk=desk,
        desk_name=parts(site.things[desk].name.told(), language) if desk else (),
        spells=spells,
        opening=state,
        state=state_words(state, now, zone, language) if state else None,
        clock=now_words(now, zone, language),
        cafe=_cafe(house, language),
        days=tuple(_days(spells, now, zone, language)),
        playing=tuple(_playing(house, now, zone, language, named=frozenset(shown))),
        works=tuple((parts(site.surfaces[surface].name.told(), language), each) for surface, each in shown.items()),
        lifts=tuple(parts(site.places[place].name.told(), language) for place in _lifts(site)),
        notices=tuple(_notices(spells, now, zone, language)),
        notice=(parts(coming[0], language), coming[1]) if coming else None,
        told=told_of(house, language),
    )


def state_words(state: Opening, now: datetime, zone: tzinfo, language: str) -> StateWords:
    """The state line in words people say; `static/opening.js` builds the same words."""
    key = {"evening": "open", "closed-before": "not-yet"}.get(state.state, state.state)
    return StateWords(
        mark={"open": "open", "last-tickets": "attention", "suspended": "hold", "unknown": "unknown"}.get(key, "shut"),
        word=say(f"kiosk.{key}", language),
        reason=filled("kiosk.reason", language, reason=parts(state.reason, language)) if state.reason else (),
        until=_until(state, now, zone, language),
        tickets=_tickets(state, zone, language),
    )


def facts(shown: View) -> Mapping[str, Any]:
    """What the page keeps: the days as rows, and the words of its language, to count and speak alone."""
    site, said = shown.site, catalogue(shown.language)
    return {
        "at": int(shown.now.timestamp() * 1000),
        "zone": site.site.time_zone,
        "language": shown.language,
        "telephone": site.site.telephone,
        "desk": as_json(shown.spells),
        "cafe": shown.cafe.state if shown.cafe else None,
        "notice": _posted(shown),
        "told": [asdict(each) for each in shown.told],
        "words": {key.removeprefix("kiosk."): text for key, text in said.items() if key.startswith("kiosk.")},
    }


def told_of(house: House, language: str) -> tuple[Told, ...]:
    """The notices on air, emergencies first; a page that goes on by itself drops each at its end."""
    return tuple(
        Told(
            text=line(text, language),
            more=sentence(text),
            until=int(airing.until.timestamp()),
            urgent=airing.cls == "emergency",
            mark=MARKS.get("emergency" if airing.cls == "emergency" else str(airing.details.get("tone")), "attention"),
        )
        for airing, text in house.notices.told(language)
    )


def line(text: Text, language: str) -> Parts:
    """A notice in one line; what lacks the reader's script says so at its end, in that script."""
    said = Part(text=as_read(text.headline, text.language), lang=text.language)
    lacking = dict(text.foot).get(language, "")
    return (said, Part(text=f" ({lacking})", lang=language)) if lacking else (said,)


def sentence(text: Text) -> Parts:
    """What stands below the line."""
    body = as_read(text.body, text.language)
    return (Part(text=body, lang=text.language),) if body else ()


def measure(kiosk: Kiosk | None) -> str:
    """The style sheet that makes `--mm` one millimetre on this kiosk's glass, and the lift of the low posture."""
    kiosk = kiosk or Kiosk()
    pixels = kiosk.pixels[0] / kiosk.size_mm[0]
    too_high = max(0, kiosk.lower_edge_mm + kiosk.size_mm[1] - 1220)
    return f":root {{ --mm: {pixels:.4f}px; --too-high: {too_high}; --screen-height: {kiosk.size_mm[1]}; }}\n"


def here(site: Site) -> str:
    """The place the kiosk stands at, where the site file has one of that name."""
    return "kiosk" if "kiosk" in site.places else ""


def _posted(shown: View) -> Mapping[str, Any] | None:
    """The notice of a day to come, and when that day begins: then the state line says it."""
    if shown.notice is None:
        return None
    text, first = shown.notice
    until = datetime.combine(first, time.min, shown.zone)
    return {"text": [asdict(each) for each in text], "until": int(until.timestamp())}


def _until(state: Opening, now: datetime, zone: tzinfo, language: str) -> str:
    if state.state == "unknown":
        return ""
    moment = state.next_opening or state.until
    if moment is None:
        return say("kiosk.all-day" if state.state in OPEN else "kiosk.next-none", language)
    params = {"when": when_words(moment, now, zone, language), "clock": f"{moment.astimezone(zone):%H:%M}"}
    if state.state == "last-tickets":
        return say("kiosk.with-ticket", language, **params)
    if state.next_opening is None:
        return say("kiosk.until", language, **params)
    days = (moment.astimezone(zone).date() - now.astimezone(zone).date()).days
    return say("kiosk.next" if days < 2 else "kiosk.next-open", language, **params)


def _tickets(state: Opening, zone: tzinfo, language: str) -> str:
    if state.tickets_until is None or state.state == "last-tickets":
        return ""
    return say("kiosk.tickets-until", language, when=clock_words(state.tickets_until.astimezone(zone), language))


def _cafe(house: House, language: str) -> CafeWords | None:
    for name, cafe in house.site.of(Cafe).items():
        assert isinstance(cafe, Cafe)
        shown = house.hub.snapshot()[1].get(name)
        state = cafe_state(shown) if shown else "unknown"
        return CafeWords(
            name=parts(cafe.name.told(), language),
            state=state,
            word=say(f"kiosk.cafe-state.{state}", language),
            hours=parts(cafe.hours_text.told(), language),
            telephone=cafe.telephone or "",
        )
    return None


def _days(spells: tuple[Spell, ...], now: datetime, zone: tzinfo, language: str) -> list[DayHours]:
    today = now.astimezone(zone).date()
    days = []
    for day in (today + timedelta(days=ahead) for ahead in range(DAYS_SHOWN if spells else 0)):
        midnight = datetime.combine(day, time.min, zone)
        over = midnight, datetime.combine(day + timedelta(days=1), time.min, zone)
        todays = [spell for spell in spells if spell.start < over[1] and spell.end > over[0]]
        begun = [spell for spell in todays if spell.start >= midnight]
        reason = parts(next((spell.reason for spell in begun or todays if spell.reason), {}), language)
        days.append(DayHours(day=day_words(day, today, language), hours=_hours(todays, over, language), reason=reason))
    return days


def _hours(todays: list[Spell], day: tuple[datetime, datetime], language: str) -> str:
    """When a desk is open on a day; what goes on over midnight is shown up to it."""
    windows = [spell for spell in todays if spell.value not in SHUT]
    if not windows:
        return say("kiosk.pages.desk-closed", language)
    start, end = max(windows[0].start, day[0]), min(windows[-1].end, day[1])
    if (start, end) == day:
        return say("kiosk.pages.desk-all-day", language)
    zone = day[0].tzinfo
    return f"{start.astimezone(zone):%H:%M} – {'24:00' if end == day[1] else format(end.astimezone(zone), '%H:%M')}"


def _playing(house: House, now: datetime, zone: tzinfo, language: str, *, named: frozenset[str]) -> list[Parts]:
    """What is on the screens whose works are not named, by the plan, and when those that are off come on."""
    plan, lines = house.plan(), []
    for surface, model in house.site.surfaces.items():
        row, name = plan.at(surface, now), parts(model.name.told(), language)
        if surface in named:
            continue
        if row.value != "off":
            playlist = house.playlists.all().get(row.value)
            what = playlist.name.told() if playlist else {language: row.value}
            if lying := above(house, surface, now, row.value):
                what = title(house, lying[0], surface)
            lines.append(filled("kiosk.pages.playing-on", language, surface=name, what=parts(what, language)))
            continue
        later = next((each for each in plan.agenda(surface, now, now + AHEAD) if each.value != "off"), None)
        if later is not None:
            when = when_words(later.start, now, zone, language)
            lines.append(filled("kiosk.pages.playing-next", language, surface=name, when=when))
    return lines


def _lifts(site: Site) -> list[str]:
    return [place for place in site.places if any(word in place for word in LIFT_WORDS)]


def _notices(spells: tuple[Spell, ...], now: datetime, zone: tzinfo, language: str) -> list[Parts]:
    """What changes in the next two weeks, from which day and why: the posting the law asks for."""
    told: dict[date, Parts] = {}
    for spell in spells:
        if spell.reason and spell.end > now and spell.start < now + timedelta(days=14):
            text = parts(spell.reason, language)
            day = max(spell.start, now).astimezone(zone).date()
            if text not in told.values():
                told[day] = text
    today = now.astimezone(zone).date()
    return [
        filled("kiosk.pages.notice-on", language, day=day_words(day, today, language), what=text)
        for day, text in told.items()
    ]
