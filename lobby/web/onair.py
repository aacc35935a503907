"""What lies above the programme now, for whoever opens the console: since when, until when, how it is ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lobby.core.airings import Airing
from lobby.day.noticeboard import SOURCE, occasion_for
from lobby.web import sheets
from lobby.web.lists.above import above, airing_name
from lobby.web.roles import LEADING, NOTICE_READERS, NOTICE_RELEASING, UPLOADING, Role
from lobby.web.sentence import Band, Scene
from lobby.web.spoken import staff_time

if TYPE_CHECKING:
    from lobby.web.house import House

SHOWN = 2
MARKS = {"emergency": "danger", "occasion": "attention", "notice": "open", "test": "open"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAir:
    """One thing on air. `kind` is emergency, occasion, notice or test; `end`: where its form leads, or empty."""

    id: str
    kind: str
    mark: str
    word: str
    name: str
    span: str
    places: str
    after: tuple[str, ...]
    end: str
    ends: str
    page: str


def on_air(house: House, scene: Scene, roles: frozenset[Role]) -> tuple[OnAir, ...]:
    """Emergencies, occasions, notices and test displays that hold now, in this order, of one kind the newest first."""
    held = [each for each in house.airings.all() if each.cls in {"notice", "emergency"} and each.holds(scene.now)]
    order = [*MARKS]
    held.sort(key=lambda each: (order.index(kind_of(each)), -each.start.timestamp()))
    return tuple(_on_air(house, scene, each, roles) for each in held)


def named(told: Band, scene: Scene, shown: Sequence[OnAir]) -> Band:
    """The sentence with what governs the whole site in front: an emergency, else the occasions."""
    occasions = [each.name for each in shown if each.kind == "occasion"]
    if any(each.kind == "emergency" for each in shown):
        alone = told.tone == "well"
        first = scene.say("onair.emergency")
        title = first if alone else scene.say("onair.title", first=first, title=told.title)
        return replace(told, tone="danger", mark="danger", title=title)
    if not occasions:
        return told
    return replace(told, title=scene.say("onair.title", first=" · ".join(occasions), title=told.title))


def just_ended(house: House, scene: Scene, notice: str) -> tuple[str, str] | None:
    """The id and the name of a notice that a form has just taken off, as long as that can be taken back."""
    found = house.notices.ended(notice) if notice else None
    return (found.id, _name(scene, found)) if found is not None else None


def after_ending(scene: Scene, airing: Airing) -> tuple[str, ...]:
    """What taking a notice off changes, in sentences."""
    return tuple(_after(scene, airing, kind_of(airing)))


def kind_of(airing: Airing) -> str:
    """What it is to people."""
    if airing.cls == "emergency":
        return "emergency"
    if airing.test:
        return "test"
    return "occasion" if occasion_for(airing) is not None else "notice"


def _on_air(house: House, scene: Scene, airing: Airing, roles: frozenset[Role]) -> OnAir:
    kind = kind_of(airing)
    may = {"notice": NOTICE_RELEASING, "test": UPLOADING}.get(kind, LEADING)
    page = "/notices#on-air" if roles & NOTICE_READERS and kind != "test" else ""
    ending = f"/api/v1/{'notices' if airing.source == SOURCE else 'test-displays'}/{airing.id}/end"
    names = ", ".join(sheets.role_name(scene.site, role, scene.language) for role in Role if role in may)
    return OnAir(
        id=airing.id,
        kind=kind,
        mark=MARKS[kind],
        word=scene.say(f"onair.kind.{kind}"),
        name=_name(scene, airing),
        span=scene.say(
            "onair.span",
            start=staff_time(airing.start, scene.now, scene.zone, scene.language),
            until=staff_time(airing.until, scene.now, scene.zone, scene.language),
        ),
        places=_places(house, scene, airing),
        after=after_ending(scene, airing),
        end=ending if roles & may else "",
        ends="" if roles & may else scene.say("onair.ended-by", who=names),
        page=page,
    )


def _name(scene: Scene, airing: Airing) -> str:
    occasion = occasion_for(airing)
    if occasion is not None:
        return scene.say(f"notices.occasion.{occasion.id}.name")
    return airing_name(airing, scene.language)


def _places(house: House, scene: Scene, airing: Airing) -> str:
    """Where it is seen; what is dark or covered by something stronger is said so."""
    seen, dark, covered = list[str](), list[str](), list[str]()
    for surface in airing.content:
        state = scene.things.get(surface)
        lying = above(house, surface, scene.now, (state.desired if state else None) or "off")
        top = next((each.airing.id for each in lying), "")
        where = seen if top == airing.id else covered if top else dark
        where.append(scene.name(surface))
    parts = [_together(scene, seen)] if seen else []
    parts += [scene.say("onair.dark", names=_together(scene, dark))] if dark else []
    parts += [scene.say("onair.covered", names=_together(scene, covered))] if covered else []
    return " · ".join(parts)


def _together(scene: Scene, names: Sequence[str]) -> str:
    """The names of surfaces, or that it is every one."""
    everywhere = len(names) == len(scene.site.surfaces) > 1
    return scene.say("onair.everywhere") if everywhere else ", ".join(names)


def _after(scene: Scene, airing: Airing, kind: str) -> Iterable[str]:
    """What ending it changes."""
    yield scene.say("onair.after.dark" if kind in {"emergency", "test"} else "onair.after.pictures")
    occasion = occasion_for(airing)
    if kind == "emergency" or (occasion is not None and occasion.silent):
        yield scene.say("onair.after.sound")
    if airing.details.get("kiosk"):
        yield scene.say("onair.after.kiosk")
    yield scene.say("onair.after.by-itself", until=staff_time(airing.until, scene.now, scene.zone, scene.language))
