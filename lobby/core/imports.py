"""Bringing over what another signage exported: file by file through the intake, as content that waits for its label.

One import at a time, in the background; each file has an outcome, and those that came stand in the draft of a playlist
in their old order. Nothing reaches the glass by it: the files are one intake batch and wait, as the draft does.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from lobby.core.batches import Batches
from lobby.core.journal import Fact, Journal, Json
from lobby.core.library import Library
from lobby.core.playlists import MOST_ITEMS, Playlists
from lobby.core.problem import Problem, Refusal
from lobby.core.site import Day, Playlist, PlaylistItem, Text, TimeSpan, dwell_bounds
from media.limited import IntakeRefused

if TYPE_CHECKING:
    from media.exports import Export, Exported

log = logging.getLogger(__name__)

FREE_NEEDED = 1024 * 1024 * 1024
KEPT = "import-"
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Told = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one entry: an asset, or the problem that kept it out."""

    item: Exported
    asset: str | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import: `outcomes` grow in the export's order until it is `over`; `problem` ended it as a whole.

    What came is the intake `batch`; `drafts` are the playlists that were drafted of it.
    """

    id: str
    export: Export
    person: str
    surface: str | None = None
    outcomes: tuple[Outcome, ...] = ()
    batch: str | None = None
    drafts: tuple[str, ...] = ()
    over: bool = False
    problem: Problem | None = None

    @property
    def brought(self) -> tuple[Outcome, ...]:
        """Those that came."""
        return tuple(each for each in self.outcomes if each.asset is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """An export that was looked through and waits until somebody brings it or leaves it."""

    source: Path
    export: Export


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    source: Path
    ours: bool


class Imports:
    """The imports of a lobby. `run` is its duty; `told` hears after every file."""

    def __init__(
        self,
        library: Library,
        playlists: Playlists,
        *,
        batches: Batches,
        journal: Journal,
        folder: Path,
        zone: ZoneInfo,
        told: Told,
    ) -> None:
        self._library = library
        self._playlists = playlists
        self._batches = batches
        self._zone = zone
        self._journal = journal
        self._folder = folder
        self._told = told
        self._current: Import | None = None
        self._job: _Job | None = None
        self._looked: dict[str, Looked] = {}
        self._wanted = asyncio.Event()
        self._news = asyncio.Event()

    @property
    def current(self) -> Import | None:
        """The one that runs, else the last one."""
        return self._current

    async def moved_on(self, count: int) -> Import | None:
        """The current import as soon as it has more outcomes than that, or is over."""
        while self._current is not None and not self._current.over and len(self._current.outcomes) <= count:
            self._news.clear()
            await self._news.wait()
        return self._current

    def said(self) -> Mapping[str, object]:
        """How far it is, as a live document; nothing of what is in it."""
        now = self._current
        return {} if now is None else {"id": now.id, "done": len(now.outcomes), "over": now.over}

    def looked(self, person: str) -> Looked | None:
        """What a person has looked through and not yet brought or left."""
        return self._looked.get(person)

    async def keep(self, file: Path, export: Export, *, person: str) -> None:
        """Keep an upload that was looked through until the person decides; one before it is left."""
        await self.leave(person)
        place = self._folder / f"{KEPT}{secrets.token_hex(16)}"
        await asyncio.to_thread(file.rename, place)
        self._looked[person] = Looked(source=place, export=export)

    async def leave(self, person: str) -> None:
        """Throw away what the person looked through."""
        left = self._looked.pop(person, None)
        if left is not None:
            await asyncio.to_thread(left.source.unlink, missing_ok=True)

    def bring(self, person: str, *, surface: str | None = None) -> Import:
        """Bring what the person looked through. Raises Refusal."""
        found = self._looked.get(person)
        if found is None:
            raise Refusal("import.gone", status=404)
        begun = self.begin(found.source, found.export, person=person, surface=surface, ours=True)
        del self._looked[person]
        return begun

    def begin(
        self, source: Path, export: Export, *, person: str, surface: str | None = None, ours: bool = False
    ) -> Import:
        """Bring over what comes of it; a file that is `ours` is thrown away in the end. Raises Refusal."""
        if self._current is not None and not self._current.over:
            raise Refusal("import.busy", status=409)
        self._current = Import(id=secrets.token_hex(6), export=export, person=person, surface=surface)
        self._job = _Job(source=source, ours=ours)
        self._wanted.set()
        return self._current

    async def run(self) -> None:
        """Bring over whatever was begun; ends only by cancellation."""
        await asyncio.to_thread(self._tidy)
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            if self._current is not None and self._job is not None:
                await self._bring(self._current, self._job)

    async def _bring(self, begun: Import, job: _Job) -> None:
        try:
            await self._files(begun, job.source)
        except IntakeRefused as refused:
            self._say(problem=Problem(code=f"media.{refused.code}", params=refused.params))
        except Refusal as refusal:
            self._say(problem=refusal.problem)
        except OSError as error:
            log.warning("an import failed: %s", error)
            self._say(problem=Problem(code="media.export-broken"))
        finally:
            if job.ours:
                await asyncio.to_thread(job.source.unlink, missing_ok=True)
            self._say(over=True)
        await self._record()

    async def _files(self, begun: Import, source: Path) -> None:
        from media.exports import copied_out

        await asyncio.to_thread(self._refuse_full, begun.export)
        async with copied_out(source, begun.export.coming, self._folder) as files:
            batch = await self._batches.open(begun.export.name, person=begun.person, surface=begun.surface)
            self._say(batch=batch.id)
            for item in begun.export.items:
                self._add(await self._one(begun, item, files, batch.id))
        await self._draft(begun)

    async def _draft(self, begun: Import) -> None:
        """Playlists of what came and was not switched off there, in the old order; long ones in parts."""
        assert self._current is not None
        came = [each for each in self._current.brought if each.item.enabled]
        parts = [came[at : at + MOST_ITEMS] for at in range(0, len(came), MOST_ITEMS)]
        for number, part in enumerate(parts, start=1):
            items = tuple(_item(each, self._zone) for each in part)
            name = f"{begun.export.name} ({number})" if len(parts) > 1 else begun.export.name
            playlist = Playlist(name=Text(ko=name, en=name), items=items)
            draft = await self._playlists.save(f"{KEPT}{begun.id}-{number}", playlist, person=begun.person)
            self._say(drafts=(*self._current.drafts, draft.id))

    async def _one(self, begun: Import, item: Exported, files: Mapping[str, Path], batch: str) -> Outcome:
        from media.exports import ending_of

        if item.why:
            return Outcome(item=item, problem=Problem(code=f"import.{item.why}"))
        if item.file not in files:
            return Outcome(item=item, problem=Problem(code="import.missing"))
        name = f"{item.title}{ending_of(item)}"
        try:
            asset = await self._library.take_in(
                files[item.file], name=name, person=begun.person, surface=begun.surface, batch=batch
            )
        except Refusal as refusal:
            return Outcome(item=item, problem=refusal.problem)
        return Outcome(item=item, asset=asset.id)

    def _refuse_full(self, export: Export) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        needed = sum({item.file: item.bytes for item in export.coming}.values())
        if shutil.disk_usage(self._folder).free < needed + FREE_NEEDED:
            raise Refusal("import.no-room", gigabytes=f"{(needed + FREE_NEEDED) / 2**30:.1f}")

    def _tidy(self) -> None:
        """What an earlier run kept and nobody decided about."""
        for left in self._folder.glob(f"{KEPT}*"):
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)

    def _add(self, outcome: Outcome) -> None:
        assert self._current is not None
        self._say(outcomes=(*self._current.outcomes, outcome))

    def _say(self, **news: object) -> None:
        assert self._current is not None
        self._current = replace(self._current, **news)  # type: ignore[arg-type] # its own fields, by name
        self._news.set()
        self._told()

    async def _record(self) -> None:
        done = self._current
        assert done is not None
        counts = {"brought": len(done.brought), "refused": len(done.export.items) - len(done.brought)}
        payload: dict[str, Json] = {
            "system": done.export.kind,
            "name": done.export.name,
            **counts,
            "person": done.person,
        }
        await self._journal.record(Fact(kind="media.imported", subject=done.id, payload=payload))


async def looked_through(source: Path, *, called: str = "") -> Export:
    """What an export brings, `called` so by whoever brought it. Raises Refusal."""
    from media.exports import look_through

    try:
        return await look_through(source, called=called)
    except IntakeRefused as refused:
        raise Refusal(f"media.{refused.code}", called or source.name, status=422, **refused.params) from refused


def _item(outcome: Outcome, zone: ZoneInfo) -> PlaylistItem:
    """As it stood there: for as long, in the same dates, weekdays and hours."""
    item = outcome.item
    usual = PlaylistItem(asset=str(outcome.asset))
    first, last = None if item.start is None else item.start.astimezone(zone).date(), item.last(zone)
    spans = () if item.hours is None else (TimeSpan.model_validate({"from": item.hours[0], "to": item.hours[1]}),)
    return usual.model_copy(
        update={
            "dwell_s": dwell_of(item, usual.dwell_s),
            "from_": first if first is None or last is None or first <= last else None,
            "to": last,
            "days": tuple(DAYS[day - 1] for day in item.days),
            "hours": spans,
        }
    )


def dwell_of(item: Exported, usual_s: float) -> float:
    """How long it will stand: as long as it stood there, within what a playlist may have."""
    least, most = dwell_bounds()
    return min(max(item.seconds or usual_s, least), most)
