"""One reading of the house for the opening checklist: what is known, planned and watched at this moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lobby.core.site import Cafe
from lobby.day.readiness import Reading
from lobby.web.roles import ACKNOWLEDGING
from lobby.web.sentence import Scene, cafe_state

if TYPE_CHECKING:
    from lobby.web.house import House
    from media.programme import Programme

REPORT_LASTS = timedelta(seconds=10)
LATENESS = (timedelta(0), timedelta(seconds=1), timedelta(seconds=2.5))
MOST_NAMES = 5


async def reading_of(house: House, scene: Scene) -> Reading:
    """The checklist's reading, of the moment of the scene."""
    documents, now, things = house.hub.documents(), scene.now, scene.things
    free = await house.books.free()
    return Reading(
        site=house.site,
        at=now,
        plan=house.plan(),
        things=things,
        overrides=house.overrides.active(now),
        right=right_pictures(house, documents.get("players", {}), now),
        cafes={name: cafe_state(things[name]) for name in house.site.of(Cafe) if name in things},
        bells=scene.bells,
        path_works=documents.get("bell_path"),
        path_proved_at=house.books.path_proved_at(),
        incidents=scene.incidents,
        records_trouble=scene.records_cause,
        free_bytes=free.count if free else None,
        free_at=free.at if free else None,
        clock_trusted=documents.get("clock_trusted"),
        clock_trouble=str(documents.get("clock_trouble") or ""),
        on_duty=on_duty(house),
    )


def on_duty(house: House) -> tuple[str, ...]:
    """Names of people signed in who may answer a bell."""
    living = house.people.sessions.living()
    names = [one.name for one in house.people.all() if one.id in living and one.roles & ACKNOWLEDGING]
    return tuple(names[:MOST_NAMES])


def right_pictures(house: House, reports: Mapping[str, Any], now: datetime) -> dict[str, bool | None]:
    """Panel → whether its player says that it shows what the programme has there at this moment."""
    found: dict[str, bool | None] = {}
    for player in house.site.players:
        programme, said = house.programme_for(player), reports.get(player)
        if programme is not None and said is not None:
            found.update(_judged(programme, said, now))
    return found


def _judged(programme: Programme, said: Mapping[str, Any], now: datetime) -> Iterable[tuple[str, bool | None]]:
    """Panel by panel; an old report, or one about another programme, proves nothing."""
    at, panels = datetime.fromisoformat(said["at"]), said.get("panels")
    if said.get("version") != programme.version or now - at > REPORT_LASTS or not isinstance(panels, Mapping):
        return
    wanted = _wanted(programme, at)
    for panel, allowed in wanted.items():
        yield panel, panels.get(panel) in allowed


def _wanted(programme: Programme, at: datetime) -> dict[str, set[str | None]]:
    """Panel → what it may show in a report of this moment: a report is a second on its way, a fade shows two."""
    from media.programme import frame

    found: dict[str, set[str | None]] = {}
    for late in LATENESS:
        for panel, shown in frame(programme, at - late).items():
            pictures = {shown.shows, shown.next} if shown is not None else {None}
            found.setdefault(panel, set()).update(pictures)
    return found
