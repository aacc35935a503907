"""What Today can change beyond the desk: uploaded pictures, a screen for a while, who may answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from lobby.core.site import Display, Site
from lobby.core.words import say
from lobby.safety.acts import Act, may
from lobby.web.drawings import bell_place
from lobby.web.sentence import Scene
from lobby.web.whatif import value_words

if TYPE_CHECKING:
    from lobby.web.house import House
    from lobby.web.people import Person

BY_MACHINE = frozenset({"command-line", "samples"})
STEP = timedelta(minutes=30)
STEPS = 24
MOST_WAITING = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """A picture on a panel, and who put it there."""

    panel: str
    name: str
    title: str
    thumbnail: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A picture that was uploaded and hangs nowhere; `panels` are those it fits."""

    asset: str
    title: str
    thumbnail: str
    panels: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenSheet:
    """What a surface can be told for a while; `also` is what changes with it."""

    id: str
    name: str
    values: tuple[tuple[str, str], ...]
    ends: tuple[tuple[datetime, str], ...]
    also: str


def hours_of(scene: Scene) -> list[tuple[str, str]]:
    """Every timetable with its name, the desks' first."""
    hours = scene.site.hours
    first = {thing.hours for thing in scene.site.things.values() if thing.kind == "desk"}
    return [(name, hours[name].name.said(scene.language)) for name in sorted(hours, key=lambda name: name not in first)]


def pinned(house: House, scene: Scene) -> list[Pinned]:
    """What hangs on panels instead of their playlist."""
    assets = {asset.id: asset for asset in house.library.assets()}
    people, names, by = house.people.names(), _panel_names(scene), house.library.pinned_by()
    rows = []
    for panel, asset in sorted(house.library.pins().items()):
        known, person = assets.get(asset), by.get(panel, "")
        machine = person in BY_MACHINE or person not in people
        rows.append(
            Pinned(
                panel=panel,
                name=names.get(panel, panel),
                title=known.title if known else "",
                thumbnail=known.thumbnail if known else "",
                by=scene.say("staff.pins.by-machine") if machine else scene.say("staff.pins.by", person=people[person]),
            )
        )
    return rows


def waiting(house: House, scene: Scene) -> list[Waiting]:
    """The newest approved uploads that hang nowhere; samples are not among them."""
    hanging, names, usable = set(house.library.pins().values()), _panel_names(scene), house.library.usable()
    sizes = {panel.id: panel.pixels for surface in scene.site.surfaces.values() for panel in surface.panels}
    found = (
        Waiting(
            asset=asset.id,
            title=asset.title,
            thumbnail=asset.thumbnail,
            panels=tuple((panel, names[panel]) for panel, size in sizes.items() if asset.fits(frozenset({size}))),
        )
        for asset in reversed(house.library.assets())
        if asset.name is None and asset.id in usable and asset.id not in hanging
    )
    return list(islice((row for row in found if row.panels), MOST_WAITING))


def screen_sheet(house: House, scene: Scene, surface: str) -> ScreenSheet:
    """What a surface can be told: off, or another playlist that has pictures."""
    site, own = scene.site, scene.site.surfaces[surface].playlist
    line = house.plan().at(surface, scene.now)
    played = [name for name, playlist in site.playlists.items() if name == own or playlist.items]
    plays = [(name, scene.say("staff.screen.play", what=value_words(site, surface, name, scene.language)))
             for name in played]  # fmt: skip
    followers = [
        name
        for name, thing in site.things.items()
        if isinstance(thing, Display) and thing.panel in {panel.id for panel in site.surfaces[surface].panels}
    ]
    also = scene.say("staff.screen.also-displays", count=len(followers)) if followers else ""
    return ScreenSheet(
        id=surface,
        name=scene.name(surface),
        values=(("off", scene.say("staff.screen.off")), *plays),
        ends=tuple(_ends(scene, line.end)),
        also=also or scene.say("staff.screen.also-none"),
    )


def places_to_call(scene: Scene) -> list[tuple[str, str]]:
    """The bells by their place: what can be raised by hand."""
    return [(bell, bell_place(scene.site, bell, scene.language)) for bell in scene.site.bells()]


def responders(people: Iterable[Person]) -> list[Person]:
    """Who may answer a bell; desk staff are asked last."""
    able = [one for one in people if not one.disabled and any(may(role, Act.ACKNOWLEDGE) for role in one.roles)]
    return sorted(able, key=lambda one: (not any(may(role, Act.END) for role in one.roles), one.name))


def role_name(site: Site, role: str, language: str) -> str:
    """What this site calls a role."""
    return site.roles[role].said(language) if role in site.roles else say(f"staff.role.{role}", language)


def _ends(scene: Scene, change: datetime) -> Iterator[tuple[datetime, str]]:
    """Half hours of the next half day, and the next planned change where it lies within a day."""
    if scene.now < change <= scene.now + timedelta(hours=24):
        yield change, scene.say("staff.screen.until-plan", time=scene.clock(change))
    first = scene.now.replace(second=0, microsecond=0)
    first += timedelta(minutes=30 - first.minute % 30)
    for step in range(STEPS):
        end = first + step * STEP
        yield end, scene.say("staff.screen.until-time", time=scene.clock(end))


def _panel_names(scene: Scene) -> dict[str, str]:
    surfaces = scene.site.surfaces.items()
    return {panel.id: scene.panel(name, panel.id) for name, surface in surfaces for panel in surface.panels}
