"""The media library: assets that were taken in, and those pinned to panels; playlists have a module of their own.

All of it is facts in the journal; this module keeps their fold in memory and the pictures in the store. What people say
of an asset and who approved it is its record (`lobby.core.records`).
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lobby.core.destinations import keeps_sound, rows_of, sizes_of, sizes_of_name
from lobby.core.fitting import Fitting
from lobby.core.holdings import REMADE, UNPINNED, Pin, merged, pinned, remade, taken
from lobby.core.journal import Fact, Journal, Json, NotDurable
from lobby.core.originals import Originals
from lobby.core.playlists import Playlists
from lobby.core.problem import Refusal
from lobby.core.records import (
    ERASED,
    NOTICES_BY,
    REMOVED,
    SAMPLES_BY,
    TAKEN,
    Record,
    Records,
    Span,
    replacements,
)
from lobby.core.sequences import contained
from lobby.core.site import Site
from media.art.titles import LIVE, SCENES, korean_title, scene_id, stand_in
from media.assets import Asset, AssetStore, asset_of, hash_of
from media.geometry import PanelPlace, Size
from media.intake import IntakeRefused, Pace, Progress, is_film, refuse_unseen, take_in
from media.limited import MIB

log = logging.getLogger(__name__)

MAX_ASSETS = 5000
NOTHING = nullcontext()
CHILDREN = 2
FILMS_TOGETHER = 1
SAMPLE_ENDINGS = ("*.png", "*.mp4")
STOPS = "stop"
TIDIED = "media.tidied"
STATUS = {
    "too-many-bytes": 413,
    "no-room": 507,
    "film-too-many-bytes": 413,
    "kind-not-taken": 415,
    "film-other-container": 415,
    "picture-other-kind": 415,
    "not-a-picture": 415,
}


class Library:
    """What can be shown. Every act has a person; `on_change` callbacks hear that something is different now.

    In `originals` the bytes that came are kept, never served, so that pictures can be made again for another wall.
    Films are made at the share of a core that `pace` says from moment to moment.
    """

    def __init__(
        self,
        journal: Journal,
        store: AssetStore,
        site: Site,
        playlists: Playlists,
        *,
        originals: AssetStore | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._journal = journal
        self._store = store
        self.originals = Originals(originals)
        self._site = site
        self._assets: dict[str, Asset] = {}
        self._names: dict[str, str] = {}
        self._playlists = playlists
        playlists.known = lambda reference: reference in LIVE or self.find(reference) is not None
        self._pins: dict[str, Pin] = {}
        self._shown: Mapping[str, Asset] | None = None
        self._replaced: Mapping[str, str] | None = None
        self.records = Records(journal, zone=ZoneInfo(site.site.time_zone), alone=site.site.one_person)
        self.records.on_change(self._tell)
        self.fitting = Fitting(site, playlists, self.records)
        self._children = asyncio.Semaphore(CHILDREN)
        self._films = asyncio.Semaphore(FILMS_TOGETHER)
        self._listeners: list[Callable[[], None]] = []
        self.pace = pace

    @property
    def store(self) -> AssetStore:
        """Where its pictures lie."""
        return self._store

    async def load(self) -> None:
        """Read what the journal knows; before anything else."""
        for row in await self._journal.read("SELECT part, id, document FROM library ORDER BY seq"):
            self._remember(row["part"], row["id"], json.loads(row["document"]))
        await self.records.load()

    async def tidy(self) -> None:
        """Remove what a killed run left: drafts, and files that came in without a record. Before anything is taken in.

        Nothing is an orphan where the journal fails or knows of no content at all: then the files are not its own.
        """
        drafts = await asyncio.to_thread(self._store.tidy)
        drafts += await asyncio.to_thread(self.originals.tidy)
        known = self._journal.healthy() and bool(self._assets)
        orphans = await asyncio.to_thread(self._drop_orphans) if known else {}
        if not drafts and not orphans:
            return
        told: dict[str, Json] = {
            "drafts": drafts,
            "files": len(orphans),
            "megabytes": f"{sum(orphans.values()) / MIB:.1f}",
        }
        log.warning("an interrupted intake left %(drafts)s drafts and %(files)s files, %(megabytes)s MB: removed", told)
        try:
            await self._journal.record(Fact(kind=TIDIED, subject="content", payload=told))
        except NotDurable as failure:
            log.warning("what was removed is not in the journal: %s", failure.cause)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call it after each change, in the loop's thread."""
        self._listeners.append(listener)

    def assets(self) -> tuple[Asset, ...]:
        """Every asset that nobody has deleted, in the order of their coming; stills of notices are not among them."""
        records = self.records.all()
        return tuple(each for each in self.by_id().values() if records[each.id].by != NOTICES_BY)

    def by_id(self) -> Mapping[str, Asset]:
        """Every asset that nobody has deleted, by its id."""
        if self._shown is None:
            removed = self.records.removed()
            self._shown = {
                name: self.fitting.lent(asset) for name, asset in self._assets.items() if name not in removed
            }
        return self._shown

    def ever(self) -> Mapping[str, Asset]:
        """Every asset whose files are still here, deleted ones too."""
        return self._assets

    def find(self, reference: str) -> Asset | None:
        """The asset of an id or of a sample's name."""
        removed, replaced = self.records.removed(), self.replaced()
        found = self._ever(replaced.get(reference, reference))
        return None if found is None or found.id in removed else self.by_id()[found.id]

    def replaced(self) -> Mapping[str, str]:
        """A deleted asset → the approved one that takes its place wherever it is named."""
        if self._replaced is None:
            self._replaced = replacements(self.records.all(), self._assets.keys())
        return self._replaced

    def playing(self) -> Mapping[str, Asset]:
        """Every asset by every id that playlists and pins may know it by."""
        shown = self.by_id()
        return {**shown, **{old: shown[new] for old, new in self.replaced().items() if new in shown}}

    def usable(self) -> Mapping[str, Span]:
        """The assets that may be on a surface, and when: approved, not deleted, inside their licence."""
        return self.records.usable()

    def can_show(self, surface: str, content: str) -> bool:
        """Whether a surface can show an asset, or some of a playlist: approved, and taken in at its panels' sizes."""
        lists, sizes = self._playlists.all(), sizes_of(self._site, None, surface)
        return any(
            self._shown_at(each, sizes) for each in (contained(lists, content) if content in lists else (content,))
        )

    def pins(self) -> Mapping[str, str]:
        """Panel → asset."""
        replaced = self.replaced()
        return {panel: replaced.get(pin.asset, pin.asset) for panel, pin in self._hanging().items()}

    def pinned_by(self) -> Mapping[str, str]:
        """Panel → the person who pinned its picture."""
        return {panel: pin.person for panel, pin in self._hanging().items()}

    def stale(self) -> tuple[Asset, ...]:
        """The assets of which pictures are missing, or were made for another wall or by another recipe, as they are.

        Stills of notices are not among them: the board sets its texts anew.
        """
        removed, records = self.records.removed(), self.records.all()
        shown = (each for name, each in self._assets.items() if name not in removed)
        return tuple(each for each in shown if records[each.id].by != NOTICES_BY and self.fitting.stale(each))

    async def renew(self, asset: Asset) -> None:
        """Its pictures are others from now on. Raises NotDurable."""
        await self._record(remade(asset))

    def turn(self, *, film: bool) -> asyncio.Semaphore:
        """To be held while a file is made, whoever makes it: memory allows one film at a time, and two pictures."""
        return self._films if film else self._children

    def content(self, sha: str) -> Path:
        """Where a picture lies that a player may fetch. Raises media.assets.NoSuchContent."""
        return self._store.path(sha)

    async def take_in(
        self,
        path: Path,
        *,
        name: str,
        person: str,
        panel: str | None = None,
        surface: str | None = None,
        batch: str | None = None,
        replaces: str | None = None,
        asks: bool = False,
        across: bool = False,
        progress: Progress = lambda _: None,
        here: Callable[[Record], object] = lambda _: None,
        under_way: AbstractAsyncContextManager[None] = NOTHING,
    ) -> Asset:
        """Take a picture or film in at the size of a panel, of a surface's panels or of all. Raises Refusal.

        It reaches the glass only once it is approved, by a pin or a playlist: an intended `panel` is pinned then.
        With `asks` approval is asked for at once, with `across` a film of any shape is cut for rows of panels too. Once
        approved it takes the place of the asset that it `replaces`. `here` hears of the record of the same bytes where
        they are here already: that keeps its label. `under_way` is held while it is its turn to be made.
        """
        if replaces is not None and self.find(replaces) is None:
            raise Refusal("media.no-such-asset", replaces, status=404)
        sizes, rows = sizes_of(self._site, panel, surface), {} if panel else rows_of(self._site, surface)
        heard = keeps_sound(self._site, panel, surface)
        asset = await self._made(
            path, name, sizes, progress, rows=rows, across=across, keep_sound=heard, under_way=under_way
        )
        if person != NOTICES_BY:
            await self.originals.keep(path)
        new = replaces if replaces != asset.id else None
        known = self.records.of(asset.id)
        there = known is not None and known.removed_at is None
        meant = {"panel": panel, "surface": surface, "batch": batch, "replaces": new, "asks": asks, "came_as": name}
        await self._record(taken(asset, person, **meant))
        if there:
            here(self.records.all()[asset.id])
        elif new is not None:
            await self.records.label(asset.id, self.records.all()[new].label, person=person)
        return asset

    def refuse_unseen(self, name: str, length: int) -> None:
        """Refuse at once what would be refused when all of it has come."""
        try:
            refuse_unseen(name, length)
        except IntakeRefused as refused:
            raise _refusal(refused) from refused

    def refuse_place(self, panel: str | None, surface: str | None) -> None:
        """Refuse a panel or surface that is not there."""
        sizes_of(self._site, panel, surface)

    async def pin(self, panel: str, asset: str, *, person: str) -> None:
        """Show an approved asset on a panel while its surface is on. Raises Refusal."""
        found = self.find(asset)
        if found is None or not found.fits(sizes_of(self._site, panel, None)):
            raise Refusal("media.no-such-asset", asset, status=404)
        if found.id not in self.usable():
            raise Refusal("media.not-approved", found.id, status=409)
        await self._record(pinned(panel, found.id, person))

    async def approve(self, *assets: str, person: str) -> None:
        """Let all of them onto the glass or none. Raises Refusal.

        Each is pinned to the panel it was meant for; what it replaces is deleted, as it takes its place.
        """
        for asset in assets:
            if (refusal := self.approvable(asset, person)) is not None:
                raise refusal
        records = [self.records.all()[asset] for asset in assets]
        pins = [pinned(record.panel, record.asset, person) for record in records if record.panel and _is_new(record)]
        olds = {record.replaces for record in records if record.replaces and _is_new(record)} & set(self.by_id())
        gone = [Fact(kind=REMOVED, subject=old, payload={"person": person}) for old in sorted(olds)]
        await self.records.approve(*assets, person=person, also=[*pins, *gone])
        for pin in pins:
            self._remember("pin", pin.subject, dict(pin.payload))
        self._tell()

    def approvable(self, asset: str, person: str) -> Refusal | None:
        """Why this person cannot approve it, or None."""
        found = self._assets.get(asset)
        stops = [each for each in found.checks if each.severity == STOPS] if found is not None else []
        return self.records.approvable(asset, person) or (
            Refusal("media.check-stops", status=422, count=str(len(stops))) if stops else None
        )

    async def sweep(self, now: datetime) -> None:
        """Erase the files of what was deleted a month ago, but for those that other assets have too. Raises NotDurable.

        It is written down first: what a kill leaves behind then is tidied away at the next start.
        """
        over = [
            record.asset
            for record in self.records.all().values()
            if record.files_go_at is not None and record.files_go_at <= now
        ]
        for name in over:
            asset = self._assets.pop(name, None)
            try:
                await self._record(Fact(kind=ERASED, subject=name, payload={"title": asset.title if asset else ""}))
            except NotDurable:
                self._assets |= {} if asset is None else {name: asset}
                self._tell()
                raise
            if asset is not None:
                await asyncio.to_thread(self._drop, asset, tuple(self._assets.values()))

    def _drop(self, asset: Asset, others: Iterable[Asset]) -> None:
        for sha in asset.content() - _content(others):
            self._store.drop(sha)
        self.originals.drop(asset.id)

    def _drop_orphans(self) -> dict[str, int]:
        orphans = self._store.orphans(_content(self._assets.values()))
        for sha in orphans:
            self._store.drop(sha)
        return orphans | self.originals.drop_strangers(self._assets.keys())

    async def unpin(self, panel: str, *, person: str) -> None:
        """Let the panel play its playlist again; nothing happens where nothing is pinned."""
        if panel in self._hanging():
            await self._record(Fact(kind=UNPINNED, subject=panel, payload={"person": person}))

    def missing_samples(self) -> tuple[str, ...]:
        """Names in playlists that no asset has, or none that fits; what has to be drawn: pictures first, films last."""
        names = dict.fromkeys(item.asset for each in self._playlists.all().values() for item in each.items)
        again = {each.name for each in self.stale() if self.originals.path(each.id) is None}

        def lacking(name: str) -> bool:
            return self._ever(name) is None or name in again

        missing = [name for name in names if name and name not in LIVE and lacking(name)]
        stills = [stand_in(name) or name for name in missing]
        films = [name for name in missing if stand_in(name) is not None]
        return (*(name for name in stills if lacking(name)), *films)

    def missing_scenes(self) -> tuple[str, ...]:
        """The live scenes that have no small picture yet."""
        return tuple(name for name in SCENES if self._ever(name) is None)

    async def add_scene(self, name: str, picture: Path) -> Asset:
        """A live scene under its name, with a small picture (PNG or JPEG of our own) that shows what it is like."""
        thumbnail = await asyncio.to_thread(self._store.take, picture)
        asset = Asset(
            id=scene_id(name),
            title=LIVE[name][0],
            width=0,
            height=0,
            renditions={},
            thumbnail=thumbnail,
            kind="scene",
            name=name,
        )
        await self._record(taken(asset, SAMPLES_BY))
        return asset

    async def add_samples(self, folder: Path, *, progress: Progress = lambda _: None) -> tuple[Asset, ...]:
        """Take in every `NAME.png` and `NAME.mp4` of a folder under its name; what is known already is skipped.

        A sample that is refused is told in the program's log and left out.
        """
        files = await asyncio.to_thread(lambda: sorted(each for end in SAMPLE_ENDINGS for each in folder.glob(end)))
        done: list[Asset | None] = []

        async def one(file: Path) -> None:
            done.append(await self._sample(file))
            progress(len(done) / len(files))

        async with asyncio.TaskGroup() as group:
            for file in files:
                group.create_task(one(file), name=f"sample-{file.stem}")
        return tuple(asset for asset in done if asset is not None)

    async def _sample(self, file: Path) -> Asset | None:
        known = self._ever(file.stem)
        sizes = sizes_of_name(self._site, self._playlists.all(), file.stem)
        fits = known is not None and known.fits(sizes) and not self.fitting.stale(known)
        same = known is not None and fits and known.id == await asyncio.to_thread(hash_of, file)
        if known is not None and same and all(self._store.has(sha) for sha in known.renditions.values()):
            return known
        try:
            made = await self._made(file, file.name, sizes, lambda _: None)
        except Refusal as refusal:
            log.warning("sample %s was refused: %s", file.name, refusal.problem.code)
            return None
        await self.originals.keep(file)
        asset = replace(made, name=file.stem, title=korean_title(file.stem) or made.title)
        await self._record(taken(asset, SAMPLES_BY))
        return asset

    async def _made(
        self,
        path: Path,
        name: str,
        sizes: frozenset[Size],
        progress: Progress,
        *,
        rows: Mapping[str, Sequence[PanelPlace]] | None = None,
        across: bool = False,
        keep_sound: bool = False,
        under_way: AbstractAsyncContextManager[None] = NOTHING,
    ) -> Asset:
        if len(self._assets) >= MAX_ASSETS:  # deleted ones count until their files are gone
            raise Refusal("media.library-full", status=507, most=str(MAX_ASSETS))
        film = await asyncio.to_thread(is_film, path)
        async with self.turn(film=film), under_way:
            try:
                made = await take_in(
                    path,
                    name=name,
                    sizes=sizes,
                    walls=rows,
                    across=across,
                    keep_sound=keep_sound,
                    store=self._store,
                    pace=self.pace if film else None,
                    progress=progress,
                )
            except IntakeRefused as refused:
                raise _refusal(refused) from refused
        known = self._assets.get(made.id)
        return made if known is None else merged(known, made)

    def _shown_at(self, reference: str, sizes: frozenset[Size]) -> bool:
        found = self.find(reference)
        return reference in LIVE or (found is not None and found.id in self.usable() and found.fits(sizes))

    def _hanging(self) -> Mapping[str, Pin]:
        """The pins of what nobody has deleted."""
        removed, replaced = self.records.removed(), self.replaced()
        return {panel: pin for panel, pin in self._pins.items() if pin.asset not in removed or pin.asset in replaced}

    def _ever(self, reference: str) -> Asset | None:
        """The asset of an id or a sample's name, a deleted one too."""
        return self._assets.get(reference) or self._assets.get(self._names.get(reference, ""))

    async def _record(self, *facts: Fact) -> None:
        for entry in await self._journal.record(*facts):
            document = dict(entry.payload or {})
            part = "asset" if entry.kind in (TAKEN, REMADE) else "pin"
            if entry.kind != ERASED:
                self._remember("unpinned" if entry.kind == UNPINNED else part, entry.subject, document)
        self._tell()

    def _tell(self) -> None:
        self._shown = self._replaced = None
        for listener in self._listeners:
            listener()

    def _remember(self, part: str, name: str, document: dict[str, Any]) -> None:
        self._shown = self._replaced = None
        if part == "asset":
            asset = asset_of(document)
            self._assets[name] = asset
            if asset.name is not None:
                self._names[asset.name] = name
        elif part == "pin":
            self._pins[name] = Pin(panel=name, asset=document["asset"], person=document["person"])
        elif part == "unpinned":
            self._pins.pop(name, None)


def _refusal(refused: IntakeRefused) -> Refusal:
    return Refusal(f"media.{refused.code}", status=STATUS.get(refused.code, 422), **refused.params)


def _content(assets: Iterable[Asset]) -> set[str]:
    return {sha for asset in assets for sha in asset.content()}


def _is_new(record: Record) -> bool:
    """Not yet approved once: a later approval, of an edit, hangs nothing up again."""
    return record.approval is None
