"""Devices: what each should be, what it says, how old that is, why, and what was said on its wire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lobby.core.hub import ThingState
from lobby.core.site import Bell, Cafe, Display, Sensor, Site, Sound, Switch
from lobby.web.reasons import rule_words, why_words
from lobby.web.sentence import Scene, cafe_state, explained_all, word_of
from lobby.web.spoken import age_words, staff_time
from lobby.web.today import bell_lines, device_state
from lobby.web.whatif import value_words

if TYPE_CHECKING:
    from devices.trace import Exchanged
    from lobby.day.modes import Held
    from lobby.web.house import House

HELP = {"display": "dark", "bell": "bell"}
GROUPS: tuple[tuple[str, type[Display | Sound | Switch | Sensor | Cafe | Bell]], ...] = (
    ("displays", Display),
    ("sounds", Sound),
    ("switches", Switch),
    ("sensors", Sensor),
    ("cafes", Cafe),
    ("bells", Bell),
)
BYTES_SHOWN = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something wrong in words, with its cure and the page that says more."""

    what: str
    cure: str
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing of the table."""

    id: str
    name: str
    place: str
    mark: str
    word: str
    desired: str
    until: str
    reported: str
    seen_at: datetime | None
    age: str
    why: str
    mode: str
    mode_word: str
    held: str
    outcome: str
    troubles: tuple[Trouble, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The things of one kind."""

    key: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A line of the trace: when, from whom, what; `times` where it came again and again."""

    time: str
    way: str
    topic: str
    what: str
    more: str


def groups(house: House, scene: Scene) -> list[Group]:
    """Every thing with a wire, by kind; a kind that the place lacks is left out."""
    held = house.modes.held(scene.now)
    found = []
    for key, kind in GROUPS:
        rows = tuple(_row(house, scene, name, held.get(name)) for name in scene.site.of(kind))
        if rows:
            found.append(Group(key=key, rows=rows))
    return found


def row_of(house: House, scene: Scene, thing: str) -> Row:
    """One thing."""
    return _row(house, scene, thing, house.modes.held(scene.now).get(thing))


def counted(found: Iterable[Group]) -> list[tuple[str, str, int]]:
    """How many are in which state: mark, word, number; the worst first."""
    rows = [row for group in found for row in group.rows]
    order = ("danger", "attention", "unknown", "hold", "well", "off")
    told = [(mark, [row for row in rows if row.mark == mark]) for mark in order]
    return [(mark, some[0].word, len(some)) for mark, some in told if some]


def trace(scene: Scene, exchanged: Sequence[Exchanged]) -> list[Said]:
    """The wire's last words, newest first."""
    return [_said(scene, one) for one in reversed(exchanged)]


def why(house: House, scene: Scene, thing: str) -> Mapping[str, object] | None:
    """The rule that wins and those that lose; None for what has no plan."""
    plan = house.plan()
    if thing not in plan.things or isinstance(scene.site.things[thing], Bell | Cafe):
        return None
    return why_words(house, thing, scene.now, plan.why(thing, scene.now), scene.language)


def mode_words(scene: Scene, mode: str) -> str:
    """A mode as staff call it."""
    return scene.say(f"work.mode.{mode}")


def is_device(site: Site, thing: str) -> bool:
    """Whether it has a wire and so a page of its own."""
    return isinstance(site.things.get(thing), Display | Sound | Switch | Sensor | Cafe | Bell)


def _row(house: House, scene: Scene, name: str, held: Held | None) -> Row:
    if isinstance(scene.site.things[name], Bell):
        return _bell_row(scene, name)
    shown = scene.things[name]
    mark, key = device_state(shown)
    return Row(
        id=name,
        name=scene.name(name),
        place=_place(scene, name),
        mark=mark,
        word=scene.say(f"console.state.{key}"),
        desired=_value(scene, name, shown.desired),
        until=_until(scene, shown.until) if shown.until else "",
        reported=_reported(scene, name, shown),
        seen_at=shown.reported_at,
        age=_age(scene, shown.reported_at),
        why=rule_words(house, shown.rule, scene.language),
        mode=shown.mode,
        mode_word=scene.say(f"work.mode.{shown.mode}"),
        held=_held(house, scene, held),
        outcome=scene.say(f"work.outcome.{shown.outcome}") if shown.outcome else "",
        troubles=tuple(_troubles(scene, name, shown.causes)),
    )


def _bell_row(scene: Scene, name: str) -> Row:
    """A bell is watched by the watch room, which tells more than a value."""
    line = next(each for each in bell_lines(scene) if each.id == name)
    told: Mapping[str, Any] = scene.bells.get(name, {})
    state = word_of(told.get("state"))
    causes = [str(told.get("cause") or "silent")] if state in {"late", "lost"} else []
    causes += [str(cause) for cause in told.get("flag_causes", {}).values() if cause]
    causes += [word_of(flag) for flag in told.get("flags", ())]
    return Row(
        id=name,
        name=scene.site.things[name].name.said(scene.language),
        place=_place(scene, name),
        mark=line.mark,
        word=line.word,
        desired=scene.say("work.value.watch"),
        until="",
        reported=line.word,
        seen_at=line.seen_at,
        age=_age(scene, line.seen_at),
        why=scene.say("staff.why.always"),
        mode="",
        mode_word=scene.say("work.mode.bell"),
        held="",
        outcome="",
        troubles=tuple(_troubles(scene, name, causes)),
    )


def _value(scene: Scene, name: str, value: str | None) -> str:
    if value is None:
        return scene.say("console.state.unknown")
    if value == "watch":
        return scene.say("work.value.watch")
    return value_words(scene.site, name, value, scene.language)


def _reported(scene: Scene, name: str, shown: ThingState) -> str:
    thing = scene.site.things[name]
    if isinstance(thing, Cafe):
        return scene.say(f"console.cafe.{cafe_state(shown)}")
    if isinstance(thing, Sensor) and shown.reported is not None:
        return thing.said(shown.reported, scene.language)
    return _value(scene, name, shown.reported)


def _held(house: House, scene: Scene, held: Held | None) -> str:
    if held is None:
        return ""
    person = house.people.names().get(held.person, scene.say("staff.why.somebody"))
    if held.until is None:
        return scene.say("work.mode.by", person=person, reason=held.reason)
    return scene.say("work.mode.by-until", person=person, reason=held.reason, time=_until(scene, held.until))


def _troubles(scene: Scene, name: str, causes: Iterable[str]) -> Iterator[Trouble]:
    help_ = HELP.get(scene.site.things[name].kind, "maintenance")
    for what, cure in explained_all(scene, causes):
        yield Trouble(what=what, cure=cure, help=help_)


def _place(scene: Scene, name: str) -> str:
    place = scene.site.places.get(scene.site.things[name].place)
    return place.name.said(scene.language) if place else ""


def _until(scene: Scene, moment: datetime) -> str:
    return scene.say("work.when.until", when=staff_time(moment, scene.now, scene.zone, scene.language))


def _age(scene: Scene, at: datetime | None) -> str:
    return age_words((scene.now - at).total_seconds(), scene.language) if at else scene.say("console.age.never")


def _said(scene: Scene, one: Exchanged) -> Said:
    again = ""
    if one.times > 1:
        again = scene.say("work.trace.again", times=one.times, time=_second(scene, one.first))
    return Said(time=_second(scene, one.at), way=one.way.value, topic=one.topic, what=_shown(one), more=again)


def _second(scene: Scene, at: datetime) -> str:
    return f"{at.astimezone(scene.zone):%H:%M:%S}"


def _shown(one: Exchanged) -> str:
    """A message as text, bytes as pairs of digits; what was cut off is counted."""
    cut = f" … ({one.size} B)" if one.size > len(one.data) else ""
    if one.topic:
        return one.data.decode("utf-8", "replace") + cut
    digits = one.data[:BYTES_SHOWN].hex(" ").upper()
    return digits + (f" … ({one.size} B)" if one.size > BYTES_SHOWN else "")
