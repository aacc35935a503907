"""The console's menu: at most five words, for who may see the page and where the place has its subject."""

from __future__ import annotations

from dataclasses import dataclass

from lobby.core.site import Cafe, Display, Sensor, Site, Switch
from lobby.web.roles import DEVICE_READERS, PEOPLE, RECORDS, TIMETABLE_READERS, WALL_READERS, Role


@dataclass(frozen=True, slots=True)
class Entry:
    """A page: its word's key, its way, and the roles that see it."""

    key: str
    path: str
    roles: frozenset[Role]


ENTRIES = (
    Entry("work.menu.today", "/", PEOPLE),
    Entry("work.menu.walls", "/walls", WALL_READERS),
    Entry("work.menu.timetable", "/timetable", TIMETABLE_READERS),
    Entry("work.menu.devices", "/devices", DEVICE_READERS),
    Entry("work.menu.journal", "/journal", RECORDS),
)


def menu_of(site: Site, roles: frozenset[Role]) -> tuple[Entry, ...]:
    """The pages of a person; a single one needs no menu."""
    lacking = lacks(site)
    found = tuple(entry for entry in ENTRIES if entry.roles & roles and entry.path not in lacking)
    return found if len(found) > 1 else ()


def lacks(site: Site) -> frozenset[str]:
    """The pages whose subject this place does not have."""
    devices = any(isinstance(thing, Display | Switch | Sensor | Cafe) for thing in site.things.values()) or site.bells()
    return frozenset(
        path
        for path, there in (("/walls", site.surfaces), ("/timetable", site.hours), ("/devices", devices))
        if not there
    )
