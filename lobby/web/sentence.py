"""The console's biggest words: what to do, worst first; "all is well" only where everything has been proved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from enum import Enum, IntEnum
from typing import Any

from lobby.core.display_proof import Word
from lobby.core.hub import ThingState
from lobby.core.problem import Problem
from lobby.core.site import Bell, Cafe, Desk, Display, Room, Sensor, Site, Sound
from lobby.core.words import catalogue, explain, say
from lobby.web.drawings import bell_place
from lobby.web.screenproof import PREFIX, Fault, Proof, by_word, faults, word_of_surface
from lobby.web.spoken import lasting_words

SHOWN = 3
TOLD_SINGLY = 2
LOW_PERCENT = 15
OPEN_TO_ALL = frozenset({"raised", "escalated"})


class Weight(IntEnum):
    """How bad, worst first."""

    INCIDENT = 1
    PATH = 2
    UNWATCHED = 3
    RECORDS = 4
    PICTURE = 5
    DARK = 6
    CAFE = 7
    DEVICE = 8
    LOOK = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything one showing of the page is made from, read at one moment."""

    site: Site
    now: datetime
    zone: tzinfo
    language: str
    signed_in: bool
    things: Mapping[str, ThingState]
    incidents: Sequence[Mapping[str, Any]] = ()
    bells: Mapping[str, Mapping[str, Any]]
    path_ok: bool = True
    records_ok: bool = True
    records_cause: str = ""
    clock_ok: bool = True
    clock_cause: str = ""
    proof: Proof = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict)

    def name(self, thing: str) -> str:
        """What people call a thing or a surface."""
        known = self.site.things.get(thing) or self.site.surfaces.get(thing)
        if isinstance(known, Display):
            return self._panel(known.panel) or known.name.said(self.language)
        return known.name.said(self.language) if known else thing

    def panel(self, surface: str, panel: str) -> str:
        """What people call one screen of a surface."""
        name, panels = self.name(surface), [each.id for each in self.site.surfaces[surface].panels]
        if len(panels) == 1:
            return name
        return f"{name} {self.say('console.screens.panel', n=panels.index(panel) + 1)}"

    def _panel(self, panel: str) -> str | None:
        holders = (name for name, row in self.site.surfaces.items() if panel in {each.id for each in row.panels})
        surface = next(holders, None)
        return self.panel(surface, panel) if surface else None

    def say(self, key: str, **params: object) -> str:
        """A text of the page in the reader's language."""
        return say(key, self.language, **params)

    def clock(self, moment: datetime) -> str:
        """A time as staff read it."""
        return f"{moment.astimezone(self.zone):%H:%M}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worry:
    """One thing to do: what, where, why and its cure; `help` is the page that says more, `thing` what it is about."""

    weight: Weight
    text: str
    since: str
    help: str
    thing: str
    place: str = ""
    cause: str = ""
    cure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The band: `tone` is well, todo, danger or pending; `mark` its shape."""

    tone: str
    mark: str
    title: str
    line: str
    worries: tuple[Worry, ...] = ()
    more: int = 0


def band(scene: Scene) -> Band:
    """The sentence of the moment."""
    worries = sorted(_worries(scene), key=lambda worry: worry.weight)
    if worries:
        return _todo(scene, worries)
    missing = list(_missing(scene))
    if missing:
        line = scene.say("console.band.pending-line", time=scene.clock(scene.now), missing=" · ".join(missing))
        return Band(tone="pending", mark="unknown", title=scene.say("console.band.pending"), line=line)
    return Band(tone="well", mark="well", title=scene.say("console.band.well"), line=_well_line(scene))


def devices(scene: Scene) -> dict[str, ThingState]:
    """What has a wire and answers: displays, switches, the café; bells are counted apart."""
    silent = (Bell, Desk, Room)
    return {
        name: scene.things[name]
        for name, thing in scene.site.things.items()
        if not isinstance(thing, silent) and name in scene.things
    }


def watched_bells(scene: Scene) -> list[str]:
    """The bells under supervision; a bell nobody told of is not."""
    return [bell for bell in scene.site.bells() if word_of(scene.bells.get(bell, {}).get("state")) == "ok"]


def word_of(state: object) -> str:
    """A state told as an enum or as text, in small letters with hyphens; nothing told is unknown."""
    told = state.value if isinstance(state, Enum) else state
    return str(told or "unknown").lower().replace("_", "-")


def _todo(scene: Scene, worries: Sequence[Worry]) -> Band:
    danger = worries[0].weight <= Weight.RECORDS
    return Band(
        tone="danger" if danger else "todo",
        mark="danger" if danger else "attention",
        title=scene.say("console.band.todo", count=len(worries)),
        line=scene.say("console.band.todo-line", time=scene.clock(scene.now)),
        worries=tuple(worries[:SHOWN]),
        more=max(0, len(worries) - SHOWN),
    )


def _well_line(scene: Scene) -> str:
    watched = len(watched_bells(scene))
    line = scene.say(
        "console.band.well-line",
        time=scene.clock(scene.now),
        devices=len(devices(scene)),
        bells=scene.say("console.band.bells-watched", count=watched) if watched else "",
        screens=_screens_line(scene),
    )
    apart = [*_counted(scene, "hold", "console.band.held"), *_counted(scene, "watch-only", "console.band.watch-only")]
    return " · ".join([line, *apart])


def _screens_line(scene: Scene) -> str:
    """How far the pictures are proved: by their displays as well, or by the players alone."""
    words = [word_of_surface(scene.proof, scene.site, surface) for surface in scene.site.surfaces]
    confirmed = sum(1 for word in words if word in {Word.CONFIRMED, Word.OFF})
    key = "confirmed" if confirmed == len(words) else "partly" if confirmed else "presented"
    line, tested = scene.say(f"proof.screens.{key}", surfaces=len(words), confirmed=confirmed), words.count(Word.TEST)
    return f"{line} · {scene.say('proof.screens.test', count=tested)}" if tested else line


def _counted(scene: Scene, mode: str, key: str) -> list[str]:
    count = sum(1 for thing in scene.things.values() if thing.mode == mode)
    return [scene.say(key, count=count)] if count else []


def _missing(scene: Scene) -> Iterable[str]:
    """What keeps the page from saying that all is well."""
    silent = [name for name, thing in devices(scene).items() if thing.mode != "hold" and thing.health == "unknown"]
    if silent:
        yield scene.say("console.band.missing-devices", count=len(silent))
    unwatched = len(scene.site.bells()) - len(watched_bells(scene))
    if unwatched:
        yield scene.say("console.band.missing-bells", count=unwatched)
    unproved = [name for name in scene.site.surfaces if not _proved(scene, name)]
    if unproved:
        yield scene.say("console.band.missing-pictures", count=len(unproved))
    if not scene.signed_in:
        yield scene.say("console.band.missing-person")


def _proved(scene: Scene, name: str) -> bool:
    surface = scene.things.get(name)
    if surface is None or word_of_surface(scene.proof, scene.site, name) is Word.UNKNOWN:
        return False
    return surface.mode == "hold" or surface.health in {"ok", "off-on-purpose"}


def _worries(scene: Scene) -> Iterable[Worry]:
    yield from _incidents(scene)
    if scene.site.bells() and not scene.path_ok:
        yield _plain(scene, Weight.PATH, "path", "bell.path-disturbed", help_="bell")
    for bell in scene.site.bells():
        yield from _bell(scene, bell)
    if not scene.records_ok:
        yield _plain(scene, Weight.RECORDS, "storage", scene.records_cause, help_="restart")
    if not scene.clock_ok:
        yield _plain(scene, Weight.PICTURE, "clock", f"day.{scene.clock_cause}", help_="restart")
    elif scene.clock_cause:
        yield _plain(scene, Weight.LOOK, "clock-stepped", f"day.{scene.clock_cause}", help_="restart")
    for surface in scene.site.surfaces:
        yield from _surface(scene, surface)
    yield from _devices(scene)
    yield from _content(scene)


def _content(scene: Scene) -> Iterable[Worry]:
    """Batches that should be on the wall and are not approved: the old programme goes on."""
    for late in scene.content.get("late", ()):
        if late["over"]:
            yield Worry(
                weight=Weight.LOOK,
                text=scene.say("content.today.batch-late", name=late["title"], left=late["left"]),
                since=lasting_words((scene.now - datetime.fromisoformat(late["at"])).total_seconds(), scene.language),
                help="upload",
                thing="",
                cause=scene.say("content.batch.late-means"),
            )


def _incidents(scene: Scene) -> Iterable[Worry]:
    for incident in scene.incidents:
        if incident.get("state") in {"ended", "closed"} or incident.get("quiet_here"):
            continue
        key = "incident" if incident.get("state") in OPEN_TO_ALL else "incident-taken"
        place = incident.get("place", {}).get(scene.language) or incident.get("bell", "")
        since = lasting_words(float(incident.get("age_s", 0)), scene.language)
        text = scene.say(f"console.trouble.{key}", place=place)
        yield Worry(weight=Weight.INCIDENT, text=text, since=since, help="bell", thing=str(incident.get("bell", "")))


def _bell(scene: Scene, bell: str) -> Iterable[Worry]:
    told = scene.bells.get(bell, {})
    state, place = word_of(told.get("state")), bell_place(scene.site, bell, scene.language)
    key = {"lost": "bell-lost", "late": "bell-late"}.get(state) or ("bell-flag" if told.get("flags") else None)
    if key is None:
        return
    silent = state in {"lost", "late"}
    cause, cure = _explained(scene, _bell_causes(told, silent=silent))
    flags = [say(f"console.bells.flag-{word_of(flag)}", scene.language) for flag in told.get("flags", ())]
    yield Worry(
        weight=Weight.UNWATCHED if silent else Weight.LOOK,
        text=scene.say(f"console.trouble.{key}", place=place),
        since="",
        help="bell",
        thing=bell,
        cause=" · ".join([*flags, *([cause] if cause else [])]),
        cure=cure,
    )


def _bell_causes(told: Mapping[str, Any], *, silent: bool) -> Iterable[str]:
    """Why a bell is not heard, then what is wrong with one that is: what has a cause of its own comes first."""
    if silent:
        yield str(told.get("cause") or "silent")
    yield from (str(cause) for cause in told.get("flag_causes", {}).values() if cause)
    yield from (word_of(flag) for flag in told.get("flags", ()))


def _surface(scene: Scene, surface: str) -> Iterable[Worry]:
    shown = scene.things.get(surface)
    if shown is None or shown.mode == "hold" or shown.health != "trouble":
        return
    for found in by_word(faults(scene.proof, scene.site, surface)).values():
        yield from _panels(scene, surface, found)
    shown = replace(shown, troubles=tuple(code for code in shown.troubles if not code.startswith(PREFIX)))
    if shown.health != "trouble":
        return
    lost = shown.availability in {"lost", "late"}
    yield _about(scene, surface, shown, Weight.PICTURE, "surface-lost" if lost else "surface", "dark")


def _panels(scene: Scene, surface: str, found: Sequence[Fault]) -> Iterable[Worry]:
    """Panels that show something else than they should, each by its name, or many at once as one."""
    word, first = found[0].word.value, scene.panel(surface, found[0].panel)
    many = len(found) > TOLD_SINGLY
    for fault in found[:1] if many else found:
        name = scene.panel(surface, fault.panel)
        text = scene.say(f"proof.trouble.{word}", name=name)
        if many:
            text = scene.say(f"proof.trouble.{word}-many", name=first, count=len(found) - 1)
        cause, cure = _words_of(scene, fault.codes[0])
        yield Worry(
            weight=Weight.PICTURE,
            text=text,
            since=lasting_words((scene.now - fault.since).total_seconds(), scene.language),
            help="dark",
            thing=surface,
            place=_place(scene, surface),
            cause=cause,
            cure=cure,
        )


def _devices(scene: Scene) -> Iterable[Worry]:
    together: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for name, shown in devices(scene).items():
        wanting = isinstance(scene.site.things[name], Cafe) and cafe_state(shown) not in {"open", "silent"}
        if shown.mode == "hold" or not (wanting or shown.health == "trouble") or _said_of_its_display(scene, name):
            continue
        if any(told.get("display") == name for told in scene.proof.values()):
            continue  # what the display says against its picture is told of the picture
        thing, lost = scene.site.things[name], shown.availability in {"lost", "late"}
        if isinstance(thing, Display):
            because = shown.causes[:1]
            together.setdefault(("display-lost" if lost else "display-dark", because), []).append(name)
        elif isinstance(thing, Cafe):
            yield _cafe(scene, name, shown, lost=lost)
        elif isinstance(thing, Sensor) and not lost:
            yield _about(scene, name, shown, Weight.DEVICE, "sensor", "maintenance")
        else:
            yield _about(scene, name, shown, Weight.DEVICE, "switch-lost" if lost else "switch", "maintenance")
    for (key, _), names in together.items():
        yield from _displays(scene, key, names)


def _said_of_its_display(scene: Scene, name: str) -> bool:
    """Loudspeakers have no wire of their own: a display in trouble is one trouble, not two."""
    thing = scene.site.things[name]
    display = scene.things.get(thing.display) if isinstance(thing, Sound) else None
    return display is not None and display.health == "trouble"


def _displays(scene: Scene, key: str, names: Sequence[str]) -> Iterable[Worry]:
    weight = Weight.DARK if key == "display-dark" else Weight.DEVICE
    if len(names) <= 2:
        for name in names:
            yield _about(scene, name, scene.things[name], weight, key, "dark")
        return
    text = scene.say(f"console.trouble.{key}-many", name=scene.name(names[0]), count=len(names) - 1)
    yield _worry(scene, names[0], scene.things[names[0]], weight, text, "dark")


def _cafe(scene: Scene, name: str, shown: ThingState, *, lost: bool) -> Worry:
    if lost:
        return _about(scene, name, shown, Weight.CAFE, "cafe-lost", "maintenance")
    state = cafe_state(shown)
    if state == "open":
        return _about(scene, name, shown, Weight.CAFE, "other", "maintenance")
    what = scene.say(f"console.cafe.{state}")
    text = scene.say("console.trouble.cafe", name=scene.name(name), what=what)
    return _worry(scene, name, shown, Weight.CAFE, text, "maintenance")


def cafe_state(shown: ThingState) -> str:
    """The café in the glossary's words: open, refill, sold-out, serviced, silent; levels are percent, low or empty."""
    if shown.availability != "ok":
        return "silent"
    if shown.detail.get("faults") or shown.detail.get("state") in {"service", "serviced", "maintenance"}:
        return "serviced"
    levels = [level for name, level in shown.detail.items() if name.startswith("level.")]
    if any(level == "empty" or level == 0 for level in levels):
        return "sold-out"
    low = any(level == "low" or (isinstance(level, int | float) and level < LOW_PERCENT) for level in levels)
    return "refill" if low else "open"


def _about(scene: Scene, name: str, shown: ThingState, weight: Weight, key: str, help_: str) -> Worry:
    return _worry(scene, name, shown, weight, scene.say(f"console.trouble.{key}", name=scene.name(name)), help_)


def _worry(scene: Scene, name: str, shown: ThingState, weight: Weight, text: str, help_: str) -> Worry:
    cause, cure = explained(scene, shown)
    return Worry(
        weight=weight,
        text=text,
        since=_lasting(scene, shown),
        help=help_,
        thing=name,
        place=_place(scene, name),
        cause=cause,
        cure=cure,
    )


def _plain(scene: Scene, weight: Weight, key: str, code: str, *, help_: str) -> Worry:
    cause, cure = _words_of(scene, code)
    text = scene.say(f"console.trouble.{key}")
    return Worry(weight=weight, text=text, since="", help=help_, thing="", cause=cause, cure=cure)


def _place(scene: Scene, name: str) -> str:
    """Where a thing or a surface is, in words."""
    known = scene.site.things.get(name) or scene.site.surfaces.get(name)
    place = scene.site.places.get(known.place) if known is not None else None
    return place.name.said(scene.language) if place is not None else ""


def _lasting(scene: Scene, shown: ThingState) -> str:
    return lasting_words((scene.now - shown.since).total_seconds(), scene.language)


def explained(scene: Scene, shown: ThingState) -> tuple[str, str]:
    """What is wrong with a thing and its cure; empty where nothing is known to be."""
    return _explained(scene, shown.causes, shown.detail)


def explained_all(
    scene: Scene, causes: Iterable[str], detail: Mapping[str, object] | None = None
) -> list[tuple[str, str]]:
    """Every cause that has words, with its cure, in the order told; `detail` of the thing fills their slots."""
    codes = [code for cause in causes for code in (f"device.{cause}", f"media.{cause}", cause)]
    return [_words_of(scene, code, detail) for code in codes if f"{code}.what" in catalogue(scene.language)]


def _explained(scene: Scene, causes: Iterable[str], detail: Mapping[str, object] | None = None) -> tuple[str, str]:
    """The first cause that has words, with its cure."""
    return next(iter(explained_all(scene, causes, detail)), ("", ""))


def _words_of(scene: Scene, code: str, detail: Mapping[str, object] | None = None) -> tuple[str, str]:
    if f"{code}.what" not in catalogue(scene.language):
        return "", ""
    params = {name: str(value) for name, value in (detail or {}).items()}
    return explain(Problem(code=code, params=params), scene.language)
