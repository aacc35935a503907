"""The test display: a draft on the real glass outside hours, for a quarter of an hour at most; it ends by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from lobby.core.airings import TEST_DISPLAY
from lobby.core.problem import Refusal
from lobby.web.content.cards import used
from lobby.web.spoken import staff_time

if TYPE_CHECKING:
    from lobby.core.airings import Airing
    from lobby.web.house import House
    from lobby.web.sentence import Scene

LONGEST = timedelta(minutes=15)
MINUTES = (5, 10, 15)
OFF, ON = "off", "on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """A surface on which a draft could be tried now; `refused` says why not, `until` that it is under way."""

    surface: str
    name: str
    refused: str
    airing: str
    until: str


def tries(house: House, scene: Scene, asset: str) -> list[Try]:
    """Every surface that the asset has pictures for."""
    known = house.library.by_id()[asset]
    return [
        _try(house, scene, name, asset)
        for name, surface in scene.site.surfaces.items()
        if known.fits(frozenset(panel.pixels for panel in surface.panels))
    ]


async def begin(house: House, asset: str, surface: str, minutes: int, *, person: str) -> Airing:
    """Light the surface and show the draft on it until the minutes are over. Raises Refusal."""
    now = house.clock.now()
    if surface not in house.site.surfaces or minutes not in MINUTES:
        raise Refusal("api.not-valid", "surface, minutes", status=422)
    known, record = house.library.by_id().get(asset), house.library.records.of(asset)
    if known is None or record is None:
        raise Refusal("media.no-such-asset", asset, status=404)
    if not known.fits(frozenset(panel.pixels for panel in house.site.surfaces[surface].panels)):
        raise Refusal("content.try-other-size", surface, status=422)
    if asset in used(house) and asset not in house.library.usable():
        raise Refusal("content.try-in-playlist", status=409)  # it would play there too, unapproved, for the minutes
    if (why := _refused(house, surface, now)) is not None:
        raise why
    until = now + timedelta(minutes=minutes)
    airing = await house.airings.put(
        cls="notice",
        name=record.label.title,
        content={surface: asset},
        start=now,
        until=until,
        person=person,
        source=TEST_DISPLAY,
        approved=True,
    )
    await house.overrides.set(thing=surface, value=ON, until=until, person=person, reason=record.label.title)
    return airing


async def end(house: House, airing: str, *, person: str) -> None:
    """Dark again now. Raises Refusal."""
    found = house.airings.of(airing)
    if found is None or not found.test:
        raise Refusal("airings.unknown", airing, status=404)
    await house.airings.end(airing, person=person)
    for change in house.overrides.active(house.clock.now()):
        if change.thing in found.content and change.until == found.until:
            await house.overrides.end(change.id, person=person)


def running(house: House, now: datetime) -> Mapping[str, Airing]:
    """Surface → the test display on it."""
    held = (each for each in house.airings.current(now) if each.test)
    return {surface: each for each in held for surface in each.content}


def _refused(house: House, surface: str, now: datetime) -> Refusal | None:
    """Only where the plan is dark for a quarter of an hour to come, and nobody has changed it by hand."""
    if surface in running(house, now):
        return Refusal("content.try-under-way", surface, status=409)
    plan = house.plan()
    if surface in plan.things:
        rows = list(plan.agenda(surface, now, now + LONGEST))
        if any(row.value != OFF for row in rows):
            return Refusal("content.try-in-hours", surface, status=409)
    if any(change.thing == surface for change in house.overrides.active(now)):
        return Refusal("content.try-changed", surface, status=409)
    return None


def _try(house: House, scene: Scene, surface: str, asset: str) -> Try:
    under_way = running(house, scene.now).get(surface)
    mine = under_way is not None and under_way.content.get(surface) == asset
    why = _refused(house, surface, scene.now)
    return Try(
        surface=surface,
        name=scene.name(surface),
        refused=scene.say(f"{why.problem.code}.what") if why is not None and not mine else "",
        airing=under_way.id if under_way is not None and mine else "",
        until=staff_time(under_way.until, scene.now, scene.zone, scene.language) if under_way and mine else "",
    )
