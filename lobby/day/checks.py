"""The opening checklist's lines about hardware: screens, bells and what they sound, sign, lights, café. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from lobby.core.hub import OFF_VALUES, ThingState
from lobby.core.site import Cafe, Surface, Switch
from lobby.core.words import LANGUAGES, catalogue
from lobby.day.readiness import NOTHING, Item, Reading, State, Words, both, listed, said, worst

TURNING = timedelta(seconds=3)  # a player tells of a change up to two seconds later
BROKEN = frozenset({"late", "lost"})
OPEN_CAFES = {"open": State.OK, "refill": State.NOTED, "silent": State.UNKNOWN}
BELL_STATES = {"ok": State.OK, "late": State.NOT_OK, "lost": State.NOT_OK}


def screens(reading: Reading) -> Iterator[Item]:
    """Of each surface: are its panels lit, and do they show what the programme says?"""
    for surface, model in reading.site.surfaces.items():
        yield _lit(reading, surface, model)
        yield _shown(reading, surface, model)


def bells(reading: Reading) -> Iterator[Item]:
    """Each bell's watch, our own path to them, and what sounds and shines when one is pressed."""
    known = reading.site.bells()
    for bell in known:
        yield _bell(reading, bell)
    if any(bell.dialect != "modbus-contact" for bell in known.values()):
        yield _path(reading)
    for channel, model in reading.site.channels.items():
        if model.thing is not None and model.thing in reading.site.things:
            yield _thing(reading, model.thing, f"channel:{channel}", "bells", "channel", "bell")


def desk_things(reading: Reading) -> Iterator[Item]:
    """What follows the desk (sign, lights), and the café."""
    for name, switch in reading.site.of(Switch).items():
        if isinstance(switch, Switch) and switch.follows is not None:
            yield _thing(reading, name, f"switch:{name}", "desk", "switch", "maintenance")
    for name in reading.site.of(Cafe):
        yield _cafe(reading, name)


def name_of(reading: Reading, thing: str) -> Words:
    """What people call a thing or a surface."""
    known = reading.site.things.get(thing) or reading.site.surfaces.get(thing)
    return both(known.name) if known is not None else dict.fromkeys(LANGUAGES, thing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """One panel of a surface: whether it is lit, by which proof."""

    panel: str
    state: State
    on: bool = False
    silent: bool = False
    proved_at: datetime | None = None
    coming_at: datetime | None = None


def lamps(reading: Reading, surface: str) -> tuple[Lamp, ...]:
    """Every panel of a surface, by its display's own report, or by its player's where no display tells."""
    displays = {panel: name for name, thing in reading.site.things.items() if (panel := getattr(thing, "panel", None))}
    panels = reading.site.surfaces[surface].panels
    return tuple(_lamp(reading, panel.id, displays.get(panel.id, surface)) for panel in panels)


def _lamp(reading: Reading, panel: str, source: str) -> Lamp:
    shown = reading.things.get(source)
    if shown is None:
        return Lamp(panel=panel, state=State.UNKNOWN)
    state, coming = _judged(reading, source, shown)
    on = state is State.OK and shown.desired not in OFF_VALUES
    silent = shown.availability in BROKEN
    return Lamp(panel=panel, state=state, on=on, silent=silent, proved_at=shown.reported_at, coming_at=coming)


def _lit(reading: Reading, surface: str, model: Surface) -> Item:
    found = lamps(reading, surface)
    state, name = worst(lamp.state for lamp in found), both(model.name)
    lit, coming = sum(lamp.on for lamp in found), [lamp.coming_at for lamp in found if lamp.coming_at]
    if state is State.TO_COME and coming:
        words = said("lit.to-come", name=name, lit=lit, all=len(found), time=reading.clock(max(coming)))
    elif state is State.OK and not lit:
        words = said("lit.off", name=name)
    else:
        words = said("lit.count", name=name, lit=lit, all=len(found))
    wanting = listed((words, *_wanting(model, found)), " · ") if state is not State.TO_COME else words
    return Item(
        id=f"lit:{surface}",
        group="screens",
        state=state,
        words=wanting,
        proved_at=min((lamp.proved_at for lamp in found if lamp.proved_at), default=None),
        coming_at=max(coming) if state is State.TO_COME and coming else None,
        help="dark",
    )


def _wanting(model: Surface, found: tuple[Lamp, ...]) -> Iterator[Words]:
    """The panels that are not lit, named, those of one state together."""
    order = [panel.id for panel in model.panels]
    for key in ("not-ok", "lost", "unknown", "noted"):
        names = [said("panel", n=order.index(lamp.panel) + 1) for lamp in found if _lacking(lamp) == key]
        if names:
            yield said(f"lit.{key}", names=listed(names)) if len(order) > 1 else said(f"lit.one-{key}")


def _lacking(lamp: Lamp) -> str:
    """The word for a panel that is not lit."""
    return "lost" if lamp.state is State.NOT_OK and lamp.silent else lamp.state.value


def _shown(reading: Reading, surface: str, model: Surface) -> Item:
    shown, name = reading.things.get(surface), both(model.name)
    state, words, coming = _presented(reading, surface, model, shown)
    return Item(
        id=f"shown:{surface}",
        group="screens",
        state=state,
        words=said(f"shown.{words}", name=name, **_shown_slots(reading, model, shown, coming)),
        proved_at=shown.reported_at if shown else None,
        coming_at=coming,
        help="dark",
    )


def _presented(
    reading: Reading, surface: str, model: Surface, shown: ThingState | None
) -> tuple[State, str, datetime | None]:
    """The state of a surface's pictures, the key of its words, and when they are to come."""
    if shown is None or shown.desired is None or shown.availability == "unknown":
        return State.UNKNOWN, "unknown", None
    if shown.mode != "automatic":
        return State.NOTED, "held", None
    if shown.health == "trouble":
        return State.NOT_OK, "lost" if shown.availability in BROKEN else "trouble", None
    if shown.desired in OFF_VALUES:
        coming = reading.coming_on(surface)
        dark = shown.reported == shown.desired
        state = (State.TO_COME if coming else State.OK) if dark else State.NOT_OK
        return state, ("to-come" if coming else "off") if dark else "not-off", coming if dark else None
    judged = [reading.right.get(panel.id) for panel in model.panels]
    turning = shown.reported != shown.desired and reading.at - shown.since < TURNING
    if (shown.reported is None or turning) and False not in judged:
        return State.UNKNOWN, "unproved", None
    if shown.reported != shown.desired or False in judged:
        return State.NOT_OK, "wrong" if False in judged else "other", None
    return (State.UNKNOWN, "unproved", None) if None in judged else (State.OK, "right", None)


def _shown_slots(
    reading: Reading, model: Surface, shown: ThingState | None, coming: datetime | None
) -> Mapping[str, object]:
    order = [panel.id for panel in model.panels]
    wrong = [said("panel", n=n) for n, panel in enumerate(order, 1) if reading.right.get(panel) is False]
    playlist = reading.site.playlists.get(shown.desired or "") if shown else None
    return {
        "names": listed(wrong),
        "what": both(playlist.name) if playlist else NOTHING,
        "time": reading.clock(coming) if coming else "",
    }


def _bell(reading: Reading, bell: str) -> Item:
    told = reading.bells.get(bell, {})
    watch = _word(told.get("state"))
    flags = tuple(_word(flag) for flag in told.get("flags", ()))
    state = State.NOT_OK if flags else BELL_STATES.get(watch, State.UNKNOWN)
    known = watch if watch in {"ok", "late", "lost", "unprovisioned"} else "unknown"
    cause = _why((told.get("cause"), *dict(told.get("flag_causes", {})).values()))
    parts = [said(f"bell.{known}"), *(said(f"flag.{flag}") for flag in flags)]
    parts += [cause] if state is State.NOT_OK else []
    words = said("named", name=name_of(reading, bell), what=listed(parts, " · "))
    return Item(
        id=f"bell:{bell}", group="bells", state=state, words=words, proved_at=_moment(told.get("heard_at")), help="bell"
    )


def _path(reading: Reading) -> Item:
    state = {None: State.UNKNOWN, True: State.OK, False: State.NOT_OK}[reading.path_works]
    words = said(f"path.{state.value}")
    return Item(id="path", group="bells", state=state, words=words, proved_at=reading.path_proved_at, help="bell")


def _thing(reading: Reading, thing: str, id_: str, group: str, words: str, help_: str) -> Item:
    """A thing on a wire that should be on or off now."""
    shown, name = reading.things.get(thing), name_of(reading, thing)
    if shown is None:
        return Item(id=id_, group=group, state=State.UNKNOWN, words=said(f"{words}.unknown", name=name), help=help_)
    state, coming = _judged(reading, thing, shown)
    key = state.value
    if state is State.OK:
        key = "off" if shown.desired in OFF_VALUES else "on"
    text = said(f"{words}.{key}", name=name, time=reading.clock(coming) if coming else "")
    if state is State.NOT_OK:
        text = listed((text, _why(shown.causes)), " · ")
    return Item(id=id_, group=group, state=state, words=text, proved_at=shown.reported_at, coming_at=coming, help=help_)


def _judged(reading: Reading, thing: str, shown: ThingState) -> tuple[State, datetime | None]:
    """A thing's state, and when it is to come: silence and disagreement prove nothing."""
    if shown.mode != "automatic":
        return State.NOTED, None
    if shown.health == "trouble":
        return State.NOT_OK, None
    if shown.desired is None or shown.reported != shown.desired or shown.health == "unknown":
        return State.UNKNOWN, None
    coming = reading.coming_on(thing) if shown.desired in OFF_VALUES else None
    return (State.TO_COME, coming) if coming else (State.OK, None)


def _cafe(reading: Reading, cafe: str) -> Item:
    shown = reading.things.get(cafe)
    heard = shown is not None and shown.availability == "ok"
    word = reading.cafes.get(cafe, "silent") if heard else "silent"
    broken = shown is not None and shown.health == "trouble"
    state = State.NOT_OK if broken else OPEN_CAFES.get(word, State.NOT_OK)
    words = said("named", name=name_of(reading, cafe), what=said(f"cafe.{word}"))
    proved_at = shown.reported_at if shown else None
    return Item(id=f"cafe:{cafe}", group="desk", state=state, words=words, proved_at=proved_at, help="maintenance")


def _why(causes: object) -> Words:
    """The first cause that has words."""
    for cause in causes if isinstance(causes, tuple | list) else ():
        for code in (f"device.{cause}", f"bell.{cause}", f"day.{cause}"):
            if f"{code}.what" in catalogue("ko"):
                return {language: catalogue(language)[f"{code}.what"] for language in LANGUAGES}
    return NOTHING


def _word(told: object) -> str:
    value = told.value if isinstance(told, Enum) else told
    return str(value or "unknown").lower().replace("_", "-")


def _moment(told: Any) -> datetime | None:
    return datetime.fromisoformat(told) if isinstance(told, str) else told
