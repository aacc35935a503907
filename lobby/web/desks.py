"""A desk's card: its state in words, its buttons with their ends, and what changes with each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from lobby.core.site import Desk, Room, Site
from lobby.day.desk import (
    CLOSED,
    LAST_TICKETS,
    OPEN,
    SHUT,
    Opening,
    Spell,
    desk_spells,
    notice_ahead,
    opening,
    overlay,
)
from lobby.web.effects import Along, along, effects
from lobby.web.sentence import Scene
from lobby.web.spoken import when_words

if TYPE_CHECKING:
    from lobby.web.house import House

POSTED_AHEAD = timedelta(days=14)
EXTENSIONS_MIN = (15, 30)
SUSPENSION_MIN = 30
OPEN_NOW_MIN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A button that names its end; `also` is what changes with it, told before it is done."""

    key: str
    title: str
    value: str
    until: datetime
    until_text: str
    do: str
    reason: str
    also: tuple[str, ...]
    along: tuple[Along, ...] = ()
    kiosk: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskCard:
    """A desk: its state as word, shape and end."""

    id: str
    name: str
    state: str
    mark: str
    word: str
    end: str
    reason: str
    rooms: tuple[str, ...]
    acts: tuple[Act, ...]


def spells_of(house: House, desk: str, now: datetime, *, among_staff: bool = False) -> tuple[Spell, ...]:
    """The desk's next 35 days with what people have changed on top."""
    return desk_spells(house.plan(), desk, now, overrides=house.overrides.active(now), among_staff=among_staff)


def coming_notice(house: House, desk: str, now: datetime, zone: tzinfo) -> tuple[Mapping[str, str], date] | None:
    """What is posted of the next changed day within two weeks, and that day."""
    return notice_ahead(house.plan(), desk, now.astimezone(zone).date(), POSTED_AHEAD)


def desk_cards(house: House, scene: Scene) -> list[DeskCard]:
    """Every desk of the place; most have one."""
    return [_desk_card(house, scene, desk) for desk in scene.site.of(Desk)]


def _desk_card(house: House, scene: Scene, desk: str) -> DeskCard:
    spells = spells_of(house, desk, scene.now, among_staff=True)
    now = opening(spells, scene.now, scene.zone)
    word = "extended" if now.changed and now.state not in {*SHUT, LAST_TICKETS} else now.state
    return DeskCard(
        id=desk,
        name=scene.name(desk),
        state=now.state,
        mark=_desk_mark(now.state),
        word=scene.say("console.state.unknown" if word == "unknown" else f"console.desk.{word}"),
        end=_desk_end(scene, now),
        reason=now.reason.get(scene.language, ""),
        rooms=tuple(_room_words(scene, room, now) for room in _rooms(scene.site, desk)),
        acts=tuple(_acts(house, scene, desk, now, spells)),
    )


def _desk_mark(state: str) -> str:
    if state in {"open", "evening"}:
        return "open"
    return {"unknown": "unknown", "suspended": "hold", "last-tickets": "attention"}.get(state, "off")


def _desk_end(scene: Scene, now: Opening) -> str:
    if now.next_opening is not None:
        when = when_words(now.next_opening, scene.now, scene.zone, scene.language)
        return scene.say("console.desk.next-opening", when=when)
    return scene.say("console.desk.until", time=scene.clock(now.until)) if now.until else ""


def _acts(house: House, scene: Scene, desk: str, now: Opening, spells: Sequence[Spell]) -> Iterable[Act]:
    if now.state in OPEN and now.until is not None:
        value = next(spell.value for spell in spells if spell.start <= scene.now < spell.end)
        value = _value_before_tickets(spells, scene.now) if value == LAST_TICKETS else value
        for minutes in EXTENSIONS_MIN:
            yield _act(house, scene, desk, now, "extend", value, now.until + timedelta(minutes=minutes), minutes)
        if now.state != "last-tickets":
            yield _act(house, scene, desk, now, "tickets", LAST_TICKETS, now.until)
        resume = min(now.until, _next_five(scene.now + timedelta(minutes=SUSPENSION_MIN)))
        yield _act(house, scene, desk, now, "suspend", CLOSED, resume)
    elif now.state in {"closed", "closed-before", "closed-today"}:
        yield _act(house, scene, desk, now, "open", "open", _next_five(scene.now + timedelta(minutes=OPEN_NOW_MIN)))


def _act(
    house: House, scene: Scene, desk: str, now: Opening, key: str, value: str, until: datetime, minutes: int = 0
) -> Act:
    titles = {"extend": "extend", "tickets": "close-tickets", "suspend": "suspend", "open": "open-now"}
    time = scene.clock(until)
    return Act(
        key=f"{key}-{minutes}" if minutes else key,
        title=scene.say(f"console.desk.{titles[key]}", minutes=minutes),
        value=value,
        until=until,
        until_text=scene.say("console.desk.extend-until", time=time),
        do=scene.say(f"console.desk.do-{key}", time=time),
        reason=scene.say(f"console.desk.reason-{key}"),
        also=() if key == "tickets" else tuple(_also(house, scene, desk, value, until)),
        along=tuple(along(house, scene, now.until, until)) if key == "extend" and now.until else (),
        kiosk=_kiosk(house, scene, desk, now, value, until),
    )


def _kiosk(house: House, scene: Scene, desk: str, now: Opening, value: str, until: datetime) -> tuple[str, str] | None:
    """What the kiosk says now and what it would say; visitors read it at once."""
    if scene.site.kiosk is None:
        return None
    change = Spell(value=value, start=scene.now, end=until, reason={})
    then = opening(overlay(spells_of(house, desk, scene.now), change), scene.now, scene.zone)
    said = [visitor_words(each, scene.now, scene.zone, scene.language) for each in (now, then)]
    return (said[0], said[1]) if said[0] != said[1] else None


def visitor_words(state: Opening, now: datetime, zone: tzinfo, language: str) -> str:
    """The kiosk's state line in one piece."""
    from lobby.web.visitors import state_words

    words = state_words(state, now, zone, language)
    return " · ".join(text for text in (words.word, words.until) if text)


def _also(house: House, scene: Scene, desk: str, value: str, until: datetime) -> Iterable[str]:
    """What follows the desk, and the shift that nobody should forget."""
    yield from effects(house, scene, desk, value, until)
    if scene.site.bells():
        yield scene.say("console.desk.guard-shift")


def _rooms(site: Site, desk: str) -> list[str]:
    return [name for name, thing in site.things.items() if isinstance(thing, Room) and thing.follows == desk]


def _room_words(scene: Scene, room: str, now: Opening) -> str:
    key = "room-closed" if now.state in {*SHUT, "closed-before", "closed-today", "unknown"} else "room-open"
    return scene.say(f"console.desk.{key}", name=scene.name(room))


def _value_before_tickets(spells: Sequence[Spell], now: datetime) -> str:
    before = [spell.value for spell in spells if spell.start <= now and spell.value not in {*SHUT, LAST_TICKETS}]
    return before[-1] if before else "open"


def _next_five(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0) + timedelta(minutes=(-moment.minute) % 5)
