"""Today: the cards of the console's one page, made from one reading of the house."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from lobby.core.display_proof import FAULTS, Word
from lobby.core.hub import ThingState
from lobby.core.site import Cafe, Desk
from lobby.core.words import say
from lobby.day.lines import BESIDE
from lobby.web.drawings import DrawnSurface, bell_place, draw
from lobby.web.lists.above import above, named
from lobby.web.screenproof import word_of_surface
from lobby.web.sentence import Scene, cafe_state, devices, explained, word_of
from lobby.web.spoken import age_words, staff_time, when_words

if TYPE_CHECKING:
    from lobby.web.house import House
    from lobby.web.lists.above import Above
    from lobby.web.people import Person

EVENTS_AHEAD = timedelta(hours=48)
MOST_EVENTS = 7
MOST_NEWS = 3
CALL_STEPS = ("seen", "coming", "done")
HOLD_HOURS = (1, 4, 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A surface with its true picture."""

    id: str
    name: str
    drawn: DrawnSurface
    player: str | None
    off: bool
    mark: str
    word: str
    what: str
    end: str
    age: str
    seen_at: datetime | None
    panels: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """One change ahead."""

    day: str
    time: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a tile: mark, words, detail."""

    id: str
    mark: str
    name: str
    word: str
    detail: str = ""
    seen_at: datetime | None = None
    mode: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A temporary change in force."""

    id: str
    thing: str
    text: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A visitor who waits, and what staff may answer next."""

    id: str
    place: str
    words: str
    at: datetime | None
    steps: tuple[str, ...]


def scene_of(house: House, person: Person | None, language: str) -> Scene:
    """One reading of the house."""
    documents = house.hub.documents()
    records = _records_cause(house)
    return Scene(
        site=named(house),
        now=house.clock.now(),
        zone=ZoneInfo(house.site.site.time_zone),
        language=language,
        signed_in=person is not None,
        things=house.hub.snapshot()[1],
        incidents=tuple(documents.get("incidents", ())),
        bells=bells_told(documents.get("bells", ())),
        path_ok=bool(documents.get("bell_path", True)),
        records_ok=not records,
        records_cause=records,
        clock_ok=bool(documents.get("clock_trusted", True)),
        clock_cause=str(documents.get("clock_trouble") or ""),
        proof=documents.get("proof", {}),
        content=documents.get("content", {}),
    )


def _records_cause(house: House) -> str:
    """The worst of what keeps records from being stored, as a key of the words; empty is well."""
    presses, journal = house.hub.documents().get("records"), house.journal.trouble()
    if presses == "not-durable":
        return "bell.not-durable"
    return f"journal.{journal}" if journal else f"bell.{presses}" if presses else ""


def bells_told(told: Mapping[str, Any] | Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The supervision's document by bell."""
    if isinstance(told, Mapping):
        return {bell: state for bell, state in told.items() if isinstance(state, Mapping)}
    return {str(state.get("bell") or state.get("id")): state for state in told}


def pictures(house: House, scene: Scene) -> list[Picture]:
    """The surfaces as they look now."""
    players = {name: player for player, row in scene.site.players.items() for name in row.surfaces}
    pins = house.library.pins()
    return [_picture(house, scene, surface, players.get(surface), pins) for surface in scene.site.surfaces]


def coming(house: House, scene: Scene) -> list[Coming]:
    """What happens next, without what merely follows."""
    plan = house.plan()
    known = set(plan.things)
    changes: list[tuple[datetime, str, str]] = []
    for thing in (*scene.site.of(Desk), *scene.site.surfaces):
        if thing in known:
            rows = list(plan.agenda(thing, scene.now, scene.now + EVENTS_AHEAD))
            changes += [
                (after.start, thing, after.value) for before, after in pairwise(rows) if after.value != before.value
            ]
    return [_coming(scene, *change) for change in _grouped(sorted(changes))][:MOST_EVENTS]


def content_news(scene: Scene) -> list[Line]:
    """What of the content has to be done in time: the latest batches, licences, what waits; each leads to its page."""
    told, lines = scene.content, list[Line]()
    for late in told.get("late", ()):
        key = "batch-late" if late["over"] else "batch-soon"
        due = staff_time(datetime.fromisoformat(late["at"]), scene.now, scene.zone, scene.language)
        text = scene.say(f"content.today.{key}", name=late["title"], left=late["left"], due=due)
        lines.append(
            Line(id=f"/batches/{late['id']}", mark="danger" if late["over"] else "attention", name="", word=text)
        )
    for ending in told.get("ending", ()):
        key = "ended" if ending["days"] < 0 else "ending" if ending["days"] else "ending-today"
        text = scene.say(f"content.today.{key}", title=ending["title"], days=ending["days"])
        mark = "attention" if ending.get("urgent", True) else "unknown"
        lines.append(Line(id=f"/content/{ending['id']}", mark=mark, name="", word=text))
    if told.get("waiting"):
        text = scene.say("content.today.waiting", count=told["waiting"])
        lines.append(Line(id="/content?show=mine", mark="unknown", name="", word=text))
    return lines[:MOST_NEWS]


def bell_lines(scene: Scene) -> list[Line]:
    """Every bell with its supervision."""
    lines = []
    for bell in scene.site.bells():
        told = scene.bells.get(bell, {})
        state = word_of(told.get("state"))
        flags = [say(f"console.bells.flag-{word_of(flag)}", scene.language) for flag in told.get("flags", ())]
        lines.append(
            Line(
                id=bell,
                mark={"ok": "well", "late": "attention", "lost": "danger"}.get(state, "unknown"),
                name=bell_place(scene.site, bell, scene.language),
                word=", ".join(flags) or _bell_word(scene, state),
                seen_at=moment_of(told.get("heard_at")),
                detail=_heard(scene, told),
            )
        )
    return lines


def cafe_lines(scene: Scene) -> list[Line]:
    """The café in words: open, out of what, since when."""
    lines = []
    for name, cafe in scene.site.of(Cafe).items():
        shown = scene.things.get(name)
        state = cafe_state(shown) if shown else "silent"
        mark = {"open": "well", "silent": "unknown"}.get(state, "attention")
        assert isinstance(cafe, Cafe)
        lines.append(
            Line(
                id=name,
                mark=mark,
                name=cafe.name.said(scene.language),
                word=say(f"console.cafe.{state}", scene.language),
                detail=cafe.hours_text.said(scene.language),
                seen_at=shown.reported_at if shown else None,
            )
        )
    return lines


def device_lines(scene: Scene) -> list[Line]:
    """Every device with its state, for the people who hold one or ask why."""
    return [_device_line(scene, name, shown) for name, shown in devices(scene).items()]


def changes(house: House, scene: Scene) -> list[Change]:
    """What people have changed for a while."""
    names = house.people.names()
    return [
        Change(
            id=override.id,
            thing=override.thing,
            text=scene.say(
                "console.overrides.row",
                name=scene.name(override.thing),
                value=_value_words(scene, override.thing, override.value),
            ),
            end=scene.say(
                "console.overrides.until",
                time=staff_time(override.until, scene.now, scene.zone, scene.language),
                person=names.get(override.person, override.person),
            ),
        )
        for override in house.overrides.active(scene.now)
    ]


def calls(house: House, scene: Scene) -> list[Call]:
    """Visitors who wait for a person."""
    waiting = house.hub.documents().get("assistance", ())
    return [
        Call(
            id=call["id"],
            place=_call_place(scene, call.get("place", "")),
            words=scene.say(f"console.visitor.state-{call['state']}"),
            at=moment_of(call.get("at")),
            steps=CALL_STEPS[CALL_STEPS.index(call["state"]) + 1 :] if call["state"] in CALL_STEPS else CALL_STEPS,
        )
        for call in waiting
    ]


def hold_ends(scene: Scene) -> list[tuple[datetime, str]]:
    """The ends a hold may have, each with its words."""
    ends = [(scene.now + timedelta(hours=hours), hours) for hours in HOLD_HOURS]
    return [(end, scene.say("console.things.hours", n=hours, time=scene.clock(end))) for end, hours in ends]


def _call_place(scene: Scene, place: str) -> str:
    known = scene.site.places.get(place)
    return known.name.said(scene.language) if known else scene.say("console.visitor.kiosk")


def _picture(house: House, scene: Scene, surface: str, player: str | None, pins: Mapping[str, str]) -> Picture:
    model, shown = scene.site.surfaces[surface], scene.things.get(surface)
    mark, word = _picture_state(scene, surface, shown, player)
    off = shown is not None and shown.desired == "off" and shown.health != "trouble"
    pinned = [panel.id for panel in model.panels if panel.id in pins]
    what = _value_words(scene, surface, shown.desired) if shown and shown.desired and not off else ""
    if pinned and not off:
        names = ", ".join(scene.panel(surface, panel) for panel in pinned)
        what = scene.say("console.screens.pinned", names=names)
    until = shown.until if shown else None
    if lying := above(house, surface, scene.now, shown.desired if shown else None):
        what, until = lying[0].words(scene.language), _ends_at(house, scene, surface, lying[0])
    return Picture(
        id=surface,
        name=scene.name(surface),
        drawn=draw(model),
        player=player,
        off=off,
        mark=mark,
        word=word,
        what=what,
        end=until_words(scene, until) if until else "",
        age=_age(scene, shown.reported_at) if shown else "",
        seen_at=shown.reported_at if shown else None,
        panels=tuple((panel.id, scene.panel(surface, panel.id)) for panel in model.panels),
    )


def _ends_at(house: House, scene: Scene, surface: str, lies: Above) -> datetime:
    """When what lies above a surface is no more seen: at its end, or when the surface goes dark under it."""
    plan, end = house.plan(), lies.until
    if surface not in plan.things or lies.airing.cls == "emergency":
        return end
    rows = plan.agenda(surface, scene.now, end)
    return min([end, *(row.start for row in rows if row.value == "off" and row.start > scene.now)])


def _picture_state(scene: Scene, surface: str, shown: ThingState | None, player: str | None) -> tuple[str, str]:
    if player is None:
        return "unknown", scene.say("console.state.not-installed")
    if shown is None or shown.health == "unknown":
        return "unknown", scene.say("console.state.waiting")
    if shown.mode == "hold":
        return "hold", scene.say("console.state.hold")
    proved = word_of_surface(scene.proof, scene.site, surface)
    if proved in FAULTS:
        return proof_words(scene, proved)
    if shown.health == "trouble":
        lost = shown.availability in {"late", "lost"}
        return "attention", scene.say(f"console.state.{shown.availability if lost else 'dark'}")
    if shown.health == "off-on-purpose" and proved is not Word.TEST:
        return "off", scene.say("console.state.off")
    return proof_words(scene, proved or Word.PRESENTED)


def proof_words(scene: Scene, word: Word) -> tuple[str, str]:
    """A word of the proof of display as people read it, and its mark."""
    mark = {Word.CONFIRMED: "well", Word.PRESENTED: "open", Word.TEST: "tool"}.get(word, word.value)
    return mark, scene.say(f"proof.word.{word.value}")


def _value_words(scene: Scene, thing: str, value: str) -> str:
    if value in scene.site.playlists:
        return scene.site.playlists[value].name.said(scene.language)
    if isinstance(scene.site.things.get(thing), Desk):
        return scene.say(f"console.desk.{value}")
    if value == BESIDE:
        return scene.say("beside.value")
    return scene.say(f"console.events.turn-{value}") if value in {"on", "off"} else value


def _grouped(rows: Sequence[tuple[datetime, str, str]]) -> list[tuple[datetime, list[str], str]]:
    """Surfaces that go off at one moment are one event; everything else stands alone."""
    grouped: list[tuple[datetime, list[str], str]] = []
    for at, thing, value in rows:
        same = next((row for row in grouped if value == "off" and row[0] == at and row[2] == "off"), None)
        if same:
            same[1].append(thing)
        else:
            grouped.append((at, [thing], value))
    return grouped


def _coming(scene: Scene, at: datetime, things: Sequence[str], value: str) -> Coming:
    local, today = at.astimezone(scene.zone), scene.now.astimezone(scene.zone).date()
    days = (local.date() - today).days
    day = scene.say("console.events." + ("today" if days == 0 else "tomorrow")) if days < 2 else f"{local:%m-%d}"
    name, what = scene.name(things[0]), _value_words(scene, things[0], value)
    if len(things) > 1:
        text = scene.say("console.events.group", name=name, count=len(things) - 1, what=what)
    elif isinstance(scene.site.things.get(things[0]), Desk):
        text = scene.say(f"console.events.desk-{value}", name=name)
    elif value == "off":
        text = scene.say("console.events.off", name=name)
    else:
        text = scene.say("console.events.plays", name=name, what=what)
    return Coming(day=day, time=f"{local:%H:%M}", text=text)


def _device_line(scene: Scene, name: str, shown: ThingState) -> Line:
    mark, key = device_state(shown)
    desired = shown.desired or "unknown"
    note = " ".join(explained(scene, shown)) if mark == "attention" else ""
    return Line(
        id=name,
        mark=mark,
        name=scene.name(name),
        word=scene.say(f"console.state.{key}"),
        detail=scene.say("console.things.desired") + " " + _value_words(scene, name, desired)
        if desired in {"on", "off", BESIDE}
        else "",
        seen_at=shown.reported_at,
        mode=shown.mode,
        note=note,
    )


def device_state(shown: ThingState) -> tuple[str, str]:
    """A device's mark and the word's key of `console.state`."""
    if shown.mode in {"hold", "watch-only"}:
        return "hold", "hold" if shown.mode == "hold" else "watch"
    if shown.availability in {"late", "lost"}:
        return "attention", shown.availability
    table = {"ok": ("well", "ok"), "off-on-purpose": ("off", "off"), "trouble": ("attention", "trouble")}
    return table.get(shown.health, ("unknown", "unknown"))


def _bell_word(scene: Scene, state: str) -> str:
    if state == "unprovisioned":
        return scene.say("console.bells.unprovisioned")
    return scene.say(f"console.state.{state if state in {'ok', 'late', 'lost'} else 'unknown'}")


def _heard(scene: Scene, told: Mapping[str, Any]) -> str:
    heard = moment_of(told.get("heard_at"))
    if heard is None:
        return scene.say("console.bells.never-heard")
    return scene.say("console.bells.last-heard", age=_age(scene, heard))


def moment_of(told: object) -> datetime | None:
    """A moment that a document tells as itself or as text."""
    if isinstance(told, datetime):
        return told
    return datetime.fromisoformat(told) if isinstance(told, str) else None


def _age(scene: Scene, at: datetime | None) -> str:
    return age_words((scene.now - at).total_seconds(), scene.language) if at else scene.say("console.age.never")


def until_words(scene: Scene, moment: datetime) -> str:
    """Until when: the time today, day and time later."""
    local = moment.astimezone(scene.zone)
    same_day = local.date() == scene.now.astimezone(scene.zone).date()
    time = f"{local:%H:%M}" if same_day else when_words(moment, scene.now, scene.zone, scene.language)
    return scene.say("console.age.until", time=time)
