"""What the pages of playlists show: cards, items as thumbnails, states in four words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from lobby.core.site import Playlist, PlaylistItem
from lobby.web.lists.above import airing_name, called
from lobby.web.lists.differences import differences, lasting, length, mode_words, round_at, window_words
from lobby.web.lists.forms import OTHER
from lobby.web.lists.owned import names, of_notices
from lobby.web.lists.states import (
    AHEAD,
    APPROVED,
    DRAFT,
    ON_GLASS,
    WAITING,
    Place,
    on_walls,
    places,
    shown_at,
    since,
    state_of,
)
from lobby.web.spoken import age_words, staff_time
from media.art.titles import LIVE, stand_in
from media.checks.reading import too_short

if TYPE_CHECKING:
    from lobby.core.playlists import Revision
    from lobby.web.house import House
    from lobby.web.sentence import Scene

STATES = (DRAFT, WAITING, APPROVED, ON_GLASS)
MARKS = {DRAFT: "hold", WAITING: "attention", APPROVED: "open", ON_GLASS: "well"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Something that can be played, as people see it: `trouble` says why it does not play now."""

    what: str
    title: str
    kind: str
    thumbnail: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """An item of a playlist."""

    shown: Shown
    dwell: str
    weight: int
    window: str
    now: bool
    hurried: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateView:
    """The state in one of four words, who brought it there, and how fresh that is."""

    state: str
    mark: str
    word: str
    who: str = ""
    seen_at: datetime | None = None
    age: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A playlist: what is in effect, and what waits or was sent back."""

    id: str
    name: str
    how: str
    walls: bool
    playlist: Playlist
    items: tuple[ItemView, ...]
    round: str
    where: tuple[str, ...]
    current: StateView | None
    draft: StateView | None
    draft_revision: int | None
    sent_back: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A revision in the history."""

    number: int
    when: str
    who: str
    word: str
    changes: tuple[str, ...]
    in_effect: bool
    can_return: bool


class Titles:
    """What everything that can be played is called, and its small picture."""

    def __init__(self, house: House, scene: Scene) -> None:
        self._house = house
        self._language = scene.language
        self._scene = scene
        self._lists = _lists(house)
        self._usable = house.library.usable()

    def of(self, item: PlaylistItem) -> str:
        """What an item is called."""
        return self.shown(item.asset or f"{OTHER}{item.playlist}").title

    def shown(self, what: str) -> Shown:
        """An asset, a live scene, or a list (`list:ID`)."""
        if what.startswith(OTHER):
            return self._list(what)
        if what in LIVE:
            drawn = self._house.library.find(what)
            title, thumbnail = LIVE[what][self._language == "en"], drawn.thumbnail if drawn else ""
            return Shown(what=what, title=title, kind="scene", thumbnail=thumbnail)
        asset = self._house.library.find(what) or self._house.library.find(stand_in(what) or "")
        if asset is None:
            return Shown(what=what, title=what[:24], kind="gone", trouble=self._say("lists.item.gone"))
        title = called(self._house, asset, self._language)
        return Shown(what=what, title=title, kind="asset", thumbnail=asset.thumbnail, trouble=self._trouble(asset.id))

    def hurried(self, what: str, dwell_s: float) -> str:
        """Where the text in a work stands too short to be read: so, in words."""
        asset = self._house.library.find(what)
        record = self._house.library.records.of(asset.id) if asset is not None else None
        check = too_short(record.label.written, dwell_s) if record is not None else None
        return "" if check is None else self._scene.say(f"media.check.{check.code}.what", **check.params)

    def choices(self, without: str) -> list[Shown]:
        """Everything that can be added to a playlist: approved assets, live scenes, other lists."""
        kept = (each for each in reversed(self._house.library.assets()) if each.kind != "scene")
        assets = [
            self.shown(asset.id) for asset in kept if asset.id in self._usable and not of_notices(self._house, asset.id)
        ]
        lists = [
            self.shown(f"{OTHER}{name}")
            for name in self._lists
            if name != without and not of_notices(self._house, name)
        ]
        return [*assets, *(self.shown(name) for name in LIVE if name != "test-pattern"), *lists]

    def _list(self, what: str) -> Shown:
        known = self._lists.get(what.removeprefix(OTHER))
        if known is None:
            return Shown(what=what, title=what, kind="gone", trouble=self._say("lists.item.gone"))
        first = next((self.shown(item.asset) for item in known.items if item.asset and item.asset not in LIVE), None)
        thumbnail = first.thumbnail if first else ""
        return Shown(what=what, title=known.name.said(self._language), kind="list", thumbnail=thumbnail)

    def _trouble(self, asset: str) -> str:
        span = self._usable.get(asset)
        if span is None:
            return self._say("lists.item.not-approved")
        if span.end is not None and span.end <= self._scene.now:
            return self._say("lists.item.licence-over")
        return self._say("lists.item.licence-later") if not span.holds(self._scene.now) else ""

    def _say(self, key: str) -> str:
        return self._scene.say(key)


def cards(house: House, scene: Scene) -> list[Card]:
    """Every playlist, those that wait for somebody first, then those that play."""
    titles = Titles(house, scene)
    found = [card(house, scene, name, titles) for name in names(house)]
    return sorted(found, key=lambda one: (one.draft is None, not one.where))


def card(house: House, scene: Scene, name: str, titles: Titles) -> Card:
    """One playlist."""
    current, draft = house.playlists.revision(name), house.playlists.draft(name)
    shown = current or draft
    assert shown is not None
    where, walls = places(house, name, scene.now), on_walls(house, name)
    before = current.playlist if current else Playlist(name=shown.playlist.name)
    return Card(
        id=name,
        name=shown.playlist.name.said(scene.language),
        how=mode_words(shown.playlist, scene.language, walls=walls),
        walls=walls,
        playlist=shown.playlist,
        items=tuple(items(house, scene, name, shown.playlist, titles)),
        round=round_words(house, scene, name, shown.playlist),
        where=tuple(place_words(house, scene, each) for each in where),
        current=_current(house, scene, current, where) if current else None,
        draft=_draft(house, scene, draft) if draft else None,
        draft_revision=draft.revision if draft else None,
        sent_back=draft.sent_back if draft else "",
        changes=tuple(changes(house, scene, name, before, draft.playlist, titles)) if draft else (),
    )


def items(house: House, scene: Scene, name: str, playlist: Playlist, titles: Titles) -> Iterator[ItemView]:
    """A playlist's items as they are written."""
    for item in playlist.items:
        alone = playlist.model_copy(update={"items": (item,)})
        yield ItemView(
            shown=titles.shown(item.asset or f"{OTHER}{item.playlist}"),
            dwell="" if item.playlist else length(item.dwell_s, scene.language),
            weight=item.weight,
            window=window_words(item, scene.language),
            now=bool(round_at(house.playlists.all(), name, alone, scene.now, scene.zone)),
            hurried=titles.hurried(item.asset, item.dwell_s) if item.asset else "",
        )


def changes(house: House, scene: Scene, name: str, before: Playlist, after: Playlist, titles: Titles) -> Iterator[str]:
    """What is different, with how long a round takes before and after."""
    yield from differences(before, after, titles.of, scene.language, walls=on_walls(house, name))
    was, becomes = (round_words(house, scene, name, each) for each in (before, after))
    if was != becomes and before.items:
        yield scene.say("lists.diff.round", before=was, after=becomes)


def round_words(house: House, scene: Scene, name: str, playlist: Playlist) -> str:
    """How long a round takes now, or that every panel keeps its picture."""
    if playlist.mode == "one-per-panel":
        return scene.say("lists.round.still" if on_walls(house, name) else "lists.alone.still")
    steps = round_at(house.playlists.all(), name, playlist, scene.now, scene.zone)
    if not steps:
        return scene.say("lists.round.empty")
    return scene.say("lists.round.takes", length=lasting(steps, scene.language), count=len(steps))


def place_words(house: House, scene: Scene, place: Place) -> str:
    """Where and when it plays."""
    name, playing = scene.name(place.surface), place.now(scene.now)
    above = house.airings.of(place.covered) if place.covered else None
    if playing and above is not None:
        other = airing_name(above, scene.language)
        return scene.say("lists.where.covered", name=name, cls=scene.say(f"lists.cls.{above.cls}"), other=other)
    if playing and place.until >= scene.now + AHEAD:
        words = scene.say("lists.where.always", name=name)
    else:
        when = staff_time(place.until if playing else place.next, scene.now, scene.zone, scene.language)
        words = scene.say(f"lists.where.{'now' if playing else 'next'}", name=name, time=when)
    airing = house.airings.of(place.airing) if place.airing else None
    return (
        f"{words} ({scene.say(f'lists.cls.{airing.cls}')}: {airing_name(airing, scene.language)})" if airing else words
    )


def history(house: House, scene: Scene, name: str, titles: Titles) -> list[Past]:
    """Every revision, the newest first, with what it changed against what was in effect before it."""
    revisions = house.playlists.history(name)
    current = house.playlists.revision(name)
    return [
        Past(
            number=each.revision,
            when=staff_time(each.at, scene.now, scene.zone, scene.language) if each.at else "",
            who=_who(house, scene, each),
            word=scene.say(f"lists.state.{state_of(each)}"),
            changes=tuple(_against(house, scene, name, each, revisions, titles)),
            in_effect=current is not None and current.revision == each.revision,
            can_return=each.revision == 1 or each.approved_by is not None,
        )
        for each in revisions
    ]


def _against(
    house: House, scene: Scene, name: str, revision: Revision, revisions: Iterable[Revision], titles: Titles
) -> Iterator[str]:
    earlier = [
        each for each in revisions if each.revision < revision.revision and (each.revision == 1 or each.approved_by)
    ]
    if earlier:
        before = max(earlier, key=lambda each: each.revision).playlist
        yield from changes(house, scene, name, before, revision.playlist, titles)


def _current(house: House, scene: Scene, revision: Revision, where: list[Place]) -> StateView:
    lit = {each.surface for each in where}
    seen = shown_at(house, since(house, revision), lit) if lit else None
    state = ON_GLASS if seen else APPROVED
    return StateView(
        state=state,
        mark=MARKS[state],
        word=scene.say(f"lists.state.{state}"),
        who=_who(house, scene, revision),
        seen_at=seen,
        age=age_words((scene.now - seen).total_seconds(), scene.language) if seen else "",
    )


def _draft(house: House, scene: Scene, revision: Revision) -> StateView:
    state = state_of(revision)
    return StateView(
        state=state, mark=MARKS[state], word=scene.say(f"lists.state.{state}"), who=_who(house, scene, revision)
    )


def _who(house: House, scene: Scene, revision: Revision) -> str:
    """Who drafted and who approved it, and when."""
    if revision.person is None:
        return scene.say("lists.who.file")
    names, nobody = house.people.names(), scene.say("staff.why.somebody")
    told = [_by(scene, "drafted", names.get(revision.person, nobody), revision.at)]
    if revision.approved_by:
        told.append(_by(scene, "approved", names.get(revision.approved_by, nobody), revision.approved_at))
    return " · ".join(told)


def _by(scene: Scene, key: str, name: str, at: datetime | None) -> str:
    time = staff_time(at, scene.now, scene.zone, scene.language) if at else ""
    return scene.say(f"lists.who.{key}", name=name, time=time)


def _lists(house: House) -> Mapping[str, Playlist]:
    return house.playlists.all()
