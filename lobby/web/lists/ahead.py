"""What Today says of the screens: what waits for somebody, and what changes tomorrow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from lobby.core.airings import Airing
from lobby.web.lists.above import airing_name
from lobby.web.lists.airings import PUT_HERE
from lobby.web.lists.owned import names
from lobby.web.lists.states import places
from lobby.web.lists.views import Titles

if TYPE_CHECKING:
    from lobby.core.playlists import Revision
    from lobby.web.house import House
    from lobby.web.sentence import Scene

MOST_LINES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """One line with the page that says more; `waits` where nobody has approved it yet."""

    text: str
    path: str
    waits: bool = False


def ahead(house: House, scene: Scene) -> list[Ahead]:
    """What waits for approval in one line, then what changes tomorrow, what waits first; at most three lines."""
    tomorrow = scene.now.astimezone(scene.zone).date() + timedelta(days=1)
    changes = sorted(_tomorrow(house, scene, tomorrow), key=lambda one: not one.waits)
    shown, more = changes[:MOST_LINES], len(changes) - MOST_LINES
    if more > 0:
        last = shown[-1]
        text = scene.say("lists.ahead.more", text=last.text, n=more)
        shown = [*shown[:-1], Ahead(text=text, path=last.path, waits=last.waits)]
    return [*_waiting(house, scene), *shown]


def _waiting(house: House, scene: Scene) -> Iterator[Ahead]:
    lists = [name for name in names(house) if (one := house.playlists.draft(name)) and one.waiting]
    airings = [one for one in house.airings.all() if one.approved_by is None and one.cls in PUT_HERE]
    if not lists and not airings:
        return
    counts = [("lists", len(lists)), ("airings", len(airings))]
    what = " · ".join(scene.say(f"lists.ahead.{key}", n=count) for key, count in counts if count)
    path = f"/playlists/{lists[0]}#draft" if len(lists) == 1 else "/playlists" if lists else "/airings"
    yield Ahead(text=scene.say("lists.ahead.waiting", what=what), path=path, waits=True)


def _tomorrow(house: House, scene: Scene, day: date) -> Iterator[Ahead]:
    for airing in house.airings.all():
        yield from _of_airing(scene, airing, day)
    titles = Titles(house, scene)
    for name in names(house):
        current, draft = house.playlists.revision(name), house.playlists.draft(name)
        where = places(house, name, scene.now)
        if where and current is not None:
            surface = scene.name(where[0].surface)
            yield from _of_list(scene, current, titles, surface, day, waits=False)
            if draft is not None and draft.waiting:
                yield from _of_list(scene, draft, titles, surface, day, waits=True)


def _of_airing(scene: Scene, airing: Airing, day: date) -> Iterator[Ahead]:
    first, gone = airing.start.astimezone(scene.zone).date(), airing.until.astimezone(scene.zone).date()
    key = "begins" if first == day else "ends" if gone == day else ""
    waits = airing.approved_by is None
    if not key or (key == "ends" and waits):
        return
    names = ", ".join(scene.name(surface) for surface in airing.content)
    what = airing_name(airing, scene.language)
    text = scene.say(f"lists.ahead.{key}", name=names, cls=scene.say(f"lists.cls.{airing.cls}"), what=what)
    yield Ahead(text=text, path=f"/airings#airing-{airing.id}", waits=waits)


def _of_list(
    scene: Scene, revision: Revision, titles: Titles, surface: str, day: date, *, waits: bool
) -> Iterator[Ahead]:
    for item in revision.playlist.items:
        comes, goes = item.from_ == day, item.to is not None and item.to + timedelta(days=1) == day
        if comes or (goes and not waits):
            key = "comes" if comes else "goes"
            text = scene.say(f"lists.ahead.{key}", name=surface, what=titles.of(item))
            yield Ahead(text=text, path=f"/playlists/{revision.id}", waits=waits)
