"""The grid of the content page: every asset with its state, found by words, narrowed by what has to be done."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lobby.core.deadlines import SOON
from lobby.core.records import NOTICES_BY, Record, State
from lobby.web.roles import APPROVING, UPLOADING
from lobby.web.spoken import staff_time

if TYPE_CHECKING:
    from lobby.web.house import House
    from lobby.web.people import Person
    from lobby.web.sentence import Scene
    from media.assets import Asset

STEPS = ("draft", "waiting", "approved", "in-effect")
"""The glossary's four words, always in this order."""
FILTERS = ("all", "mine", "draft", "ending", "unused", "removed")
PAGE = 60
MACHINES = frozenset({"samples", "command-line", "import"})
MARKS = {"stop": "danger", "warn": "attention"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something to see about an asset: a shape with its words."""

    mark: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One asset in the grid; `step` is how far it is of `STEPS`."""

    id: str
    title: str
    artist: str
    kind: str
    thumbnail: str
    step: int
    notes: tuple[Note, ...]
    places: str
    came: str
    gone: str = ""
    may_restore: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """What a reader looks for, and what was found; `counts` are of everything, by filter."""

    cards: tuple[Card, ...]
    shown: str
    query: str
    counts: Mapping[str, int]
    more: int


class Shelf:
    """The house's assets as one reader sees them, read at one moment."""

    def __init__(self, house: House, scene: Scene, person: Person) -> None:
        self._house = house
        self._scene = scene
        self._person = person
        self.records = house.library.records.all()
        self.live = in_effect(house)
        self.used = used(house, scene)
        self._names = house.people.names()

    def grid(self, shown: str, query: str) -> Grid:
        """What fits the filter and the words, the newest first."""
        assets = list(reversed(self._house.library.assets()))
        chosen = self.removed() if shown == "removed" else [each for each in assets if self._fits(each, shown)]
        words = _words(query)
        found = [each for each in chosen if all(word in self._haystack(each) for word in words)]
        counts = {name: sum(self._fits(each, name) for each in assets) for name in FILTERS if name != "removed"}
        counts["removed"] = len(self.removed())
        cards = tuple(self.card(each) for each in found[:PAGE])
        return Grid(cards=cards, shown=shown, query=query, counts=counts, more=max(0, len(found) - PAGE))

    def card(self, asset: Asset) -> Card:
        """One asset as the grid shows it."""
        scene, record = self._scene, self.records[asset.id]
        return Card(
            id=asset.id,
            title=record.label.called(scene.language),
            artist=record.label.rights.artist,
            kind=scene.say(f"content.kind.{asset.kind}"),
            thumbnail=asset.thumbnail,
            step=self.step(record),
            notes=tuple(self.notes(asset, record)),
            places=", ".join(self.used.get(asset.id, ())),
            came=self._came(record),
            gone=self._gone(record),
            may_restore=self.may_restore(record),
        )

    def may_restore(self, record: Record) -> bool:
        """Whether this reader may take a deletion back: an approver, where it comes back to the screens."""
        return bool(self._person.roles & (APPROVING if record.approval else UPLOADING))

    def _gone(self, record: Record) -> str:
        """When it was deleted, and until when that can be taken back."""
        scene = self._scene
        if record.removed_at is None or record.files_go_at is None:
            return ""
        moments = {"when": record.removed_at, "until": record.files_go_at}
        said = {name: staff_time(at, scene.now, scene.zone, scene.language) for name, at in moments.items()}
        return scene.say("content.gone", **said)

    def _came(self, record: Record) -> str:
        scene = self._scene
        key = "content.came-by-machine" if record.by in MACHINES else "content.came"
        when = staff_time(record.at, scene.now, scene.zone, scene.language)
        return scene.say(key, when=when, who=self.name(record.by))

    def step(self, record: Record) -> int:
        """How far it is: approved and on the glass is the last."""
        if record.state is State.APPROVED:
            return 3 if record.asset in self.live else 2
        return STEPS.index(record.state.value)

    def notes(self, asset: Asset, record: Record) -> Iterable[Note]:
        """What has to be seen before anything else."""
        scene = self._scene
        for severity in ("stop", "warn"):
            count = sum(each.severity == severity for each in asset.checks)
            if count:
                yield Note(mark=MARKS[severity], words=scene.say(f"content.checks-{severity}", count=count))
        if record.sent_back is not None:
            yield Note(mark="attention", words=scene.say("content.sent-back"))
        if record.label.missing() and record.approval is None:
            yield Note(mark="attention", words=scene.say("content.lacks-words"))
        if record.state is State.WAITING and record.approval is not None:
            yield Note(mark="attention", words=scene.say("content.edit-waits"))
        if (words := self.licence(record)) is not None:
            yield words

    def licence(self, record: Record) -> Note | None:
        """What the licence says, where it says something now."""
        ends, scene = record.ends(self._scene.zone), self._scene
        first = record.label.rights.first
        if ends is not None and ends <= scene.now:
            return Note(mark="danger", words=scene.say("content.licence-over"))
        if ends is not None and ends <= scene.now + SOON:
            days = (ends.astimezone(scene.zone).date() - scene.now.astimezone(scene.zone).date()).days - 1
            return Note(
                mark="attention",
                words=scene.say("content.licence-days" if days else "content.licence-today", days=days),
            )
        if first is not None and first > scene.now.astimezone(scene.zone).date():
            return Note(mark="off", words=scene.say("content.licence-from", day=first.isoformat()))
        return None

    def name(self, person: str) -> str:
        """What people call somebody, or a part of this program."""
        if person in MACHINES:
            return self._scene.say(f"content.by.{person}")
        return self._names.get(person, self._scene.say("staff.why.somebody"))

    def removed(self) -> list[Asset]:
        """What was deleted and can still be taken back, the latest first."""
        gone = [each for each in self.records.values() if each.removed_at is not None and each.by != NOTICES_BY]
        gone.sort(key=lambda each: each.removed_at or each.at, reverse=True)
        known = self._house.library.ever()
        return [known[each.asset] for each in gone if each.asset in known]

    def waits_for_me(self, record: Record) -> bool:
        """Whether this reader is the one who has to do something next."""
        if record.state is State.WAITING:
            others = self._house.site.site.one_person or self._person.id not in {record.by, record.edited_by}
            return bool(self._person.roles & APPROVING) and others
        return record.state is State.DRAFT and self._person.id == record.by

    def _fits(self, asset: Asset, shown: str) -> bool:
        record = self.records[asset.id]
        if shown == "mine":
            return self.waits_for_me(record)
        if shown == "draft":
            return record.state is State.DRAFT
        if shown == "ending":
            ends = record.ends(self._scene.zone)
            return ends is not None and ends <= self._scene.now + SOON
        if shown == "unused":
            return asset.id not in self.used
        return True

    def _haystack(self, asset: Asset) -> str:
        """All that is said of it, and the words that staff know from other programs."""
        record, scene = self.records[asset.id], self._scene
        rights, playing = record.label.rights, self.used.get(asset.id, ())
        parts = [asset.title, record.label.title, record.label.title_en, *record.label.descriptions.values()]
        parts += [rights.artist, rights.holder, rights.licence, rights.credit, rights.year, *playing]
        parts += [scene.say("content.search-words")]
        parts += [scene.say("content.search-words-playing")] if playing else []
        return "".join(" ".join(parts).casefold().split())


def in_effect(house: House) -> frozenset[str]:
    """The assets that stand in a programme which its player shows as it is now."""
    found: set[str] = set()
    for player, standing in house.on_glass().items():
        programme = house.programme_for(player)
        if programme is not None and standing.shows == standing.newest == programme.version:
            found |= set(programme.pictures)
    return frozenset(found)


def used(house: House, scene: Scene | None = None) -> Mapping[str, tuple[str, ...]]:
    """Asset → the playlists and airings that hold it and the panels it is pinned to, in a reader's words."""
    language = scene.language if scene else "ko"
    screens = (
        {panel.id: scene.panel(name, panel.id) for name, row in house.site.surfaces.items() for panel in row.panels}
        if scene
        else {}
    )
    by_name = {asset.name: asset.id for asset in house.library.assets() if asset.name}
    found: dict[str, list[str]] = {}
    for playlist in house.playlists.all().values():
        for item in playlist.items:
            asset = by_name.get(item.asset, item.asset)
            if asset and playlist.name.said(language) not in found.setdefault(asset, []):
                found[asset].append(playlist.name.said(language))
    for airing in house.airings.all():
        for content in dict.fromkeys(() if airing.test else airing.content.values()):
            found.setdefault(by_name.get(content, content), []).append(airing.name)
    for panel, asset in house.library.pins().items():
        found.setdefault(asset, []).append(screens.get(panel, panel))
    return {asset: tuple(names) for asset, names in found.items()}


def _words(query: str) -> list[str]:
    """The single words of a search, composed and in small letters."""
    return [word.casefold() for word in unicodedata.normalize("NFC", query).split()]
