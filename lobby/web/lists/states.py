"""How far a playlist or an airing is on its way to the glass, and where it plays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from lobby.core.airings import lying
from lobby.core.standing import on_glass
from lobby.web.lists.forms import as_json

if TYPE_CHECKING:
    from lobby.core.airings import Airing
    from lobby.core.playlists import Revision
    from lobby.core.site import Playlist
    from lobby.web.house import House

AHEAD = timedelta(days=7)
DRAFT, WAITING, APPROVED, ON_GLASS = "draft", "waiting", "approved", "on-glass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A surface on which a playlist plays within the next days: by the plan from `next`, or by an airing.

    `covered` is what lies above it for now.
    """

    surface: str
    next: datetime
    until: datetime
    airing: str | None = None
    covered: str | None = None

    def now(self, moment: datetime) -> bool:
        """Whether it is playing there."""
        return self.next <= moment < self.until


def state_of(revision: Revision) -> str:
    """One of draft (sent back), waiting, approved."""
    if revision.sent_back:
        return DRAFT
    return WAITING if revision.waiting else APPROVED


def places(house: House, name: str, moment: datetime | None = None) -> list[Place]:
    """Where it plays within a week, the soonest first, inside other playlists too."""
    now, lists = moment or house.clock.now(), house.playlists.all()
    holding = _holding(lists, name)
    found = [*_planned(house, holding, now), *_aired(house, holding, now)]
    return sorted(found, key=lambda place: (place.next, place.surface))


def surfaces_of(house: House, name: str) -> frozenset[str]:
    """The surfaces on which it plays within a week."""
    return frozenset(place.surface for place in places(house, name))


def on_walls(house: House, name: str) -> bool:
    """Whether it plays on a surface of several panels; of one that plays nowhere, whether the place has any."""
    surfaces = house.site.surfaces
    return any(len(surfaces[each].panels) > 1 for each in surfaces_of(house, name) or surfaces)


def shown_at(house: House, changed_at: datetime, surfaces: Iterable[str]) -> datetime | None:
    """When every player of these surfaces was heard to show what was changed at a moment; None where one is not."""
    wanted, heard = frozenset(surfaces), house.on_glass()
    players = [player for player, row in house.site.players.items() if wanted & set(row.surfaces)]
    if not players or any(player not in heard for player in players):
        return None
    return on_glass([heard[player] for player in players], changed_at)


def since(house: House, revision: Revision) -> datetime:
    """From when a revision counts: its approval, of the site file's the start of this run."""
    return revision.approved_at or house.started_at


def revision_shape(revision: Revision) -> dict[str, Any]:
    """A revision on the wire."""
    return {
        "revision": revision.revision,
        "state": state_of(revision),
        "person": revision.person,
        "at": revision.at,
        "approved_by": revision.approved_by,
        "approved_at": revision.approved_at,
        "sent_back": revision.sent_back or None,
        "playlist": as_json(revision.playlist),
    }


def playlist_shape(house: House, name: str) -> dict[str, Any]:
    """A playlist on the wire: what is in effect, what waits, where it plays, whether it stands on the glass."""
    current, draft = house.playlists.revision(name), house.playlists.draft(name)
    where = places(house, name)
    seen = shown_at(house, since(house, current), {each.surface for each in where}) if current else None
    return {
        "id": name,
        "in_effect": revision_shape(current) if current else None,
        "draft": revision_shape(draft) if draft else None,
        "plays": [
            {"surface": each.surface, "next": each.next, "until": each.until, "airing": each.airing} for each in where
        ],
        "on_glass": seen is not None,
        "on_glass_at": seen,
    }


def airing_state(house: House, airing: Airing) -> str:
    """One of waiting, coming, on-air, over."""
    now = house.clock.now()
    if airing.until <= now:
        return "over"
    if airing.approved_by is None:
        return WAITING
    return "coming" if now < airing.start else "on-air"


def airing_shape(house: House, airing: Airing) -> dict[str, Any]:
    """An airing on the wire."""
    seen = None
    if airing.approved_by is not None:
        seen = shown_at(house, airing.approved_at or airing.start, airing.content)
    return {
        "id": airing.id,
        "cls": airing.cls,
        "name": airing.name,
        "content": dict(airing.content),
        "start": airing.start,
        "until": airing.until,
        "days": list(airing.days),
        "hours": [{"from": f"{begin:%H:%M}", "to": f"{end:%H:%M}"} for begin, end in airing.hours],
        "every_s": airing.every_s,
        "for_s": airing.for_s,
        "state": airing_state(house, airing),
        "person": airing.person,
        "approved_by": airing.approved_by,
        "approved_at": airing.approved_at,
        "on_glass": seen is not None,
        "on_glass_at": seen,
    }


def _holding(lists: Mapping[str, Playlist], name: str) -> frozenset[str]:
    """The playlist itself and every one that plays it."""
    found, before = {name}, set[str]()
    while found != before:
        before = set(found)
        found |= {key for key, each in lists.items() if any(item.playlist in found for item in each.items)}
    return frozenset(found)


def _planned(house: House, holding: frozenset[str], now: datetime) -> Iterator[Place]:
    plan, zone = house.plan(), ZoneInfo(house.site.site.time_zone)
    for surface, model in house.site.surfaces.items():
        rows = plan.agenda(surface, now, now + AHEAD) if surface in plan.things else ()
        for row in rows:
            if (model.playlist if row.value == "on" else row.value) in holding:
                above = lying(house.airings.all(), surface, now, zone) if row.start <= now else []
                covered = above[0][0].id if above else None
                yield Place(surface=surface, next=row.start, until=row.end, covered=covered)
                break


def _aired(house: House, holding: frozenset[str], now: datetime) -> Iterator[Place]:
    zone = ZoneInfo(house.site.site.time_zone)
    for airing in house.airings.all():
        if airing.approved_by is None:
            continue
        for surface, content in airing.content.items():
            spans = airing.spans(zone, (now, now + AHEAD)) if content in holding else []
            if spans:
                yield Place(surface=surface, next=spans[0][0], until=spans[0][1], airing=airing.id)
