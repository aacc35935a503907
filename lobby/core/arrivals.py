"""Arrivals: files on their way in. Bytes come in pieces and survive broken lines and restarts; a whole file is then
checked and converted until it is an asset or is refused.

Two files lie in the folder for each: `ID.json` says what it is and how many bytes are durable, `ID.part` holds them.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from devices.reports import Clock
from lobby.core.arrival import EXPIRES, Arrival, Meant, Piece, Stage, as_json, cut, read
from lobby.core.attempts import Attempts
from lobby.core.datafolder import clean_write
from lobby.core.journal import NotDurable
from lobby.core.library import Library
from lobby.core.problem import Problem, Refusal
from lobby.core.records import Record
from media.estimate import Estimate
from media.film_intake import LIMITS

__all__ = ["EXPIRES", "LARGEST", "Arrival", "Arrivals", "Meant", "Stage"]

MIB = 1024 * 1024
LARGEST = LIMITS.bytes
PERSONS_BYTES = 8192 * MIB
PERSONS_FILES = 500
FREE_NEEDED = 1024 * MIB
WRITE_AT = 256 * 1024
TOLD_FOR = timedelta(days=1)
WORKERS = 3
LONGEST_NAME = 200
ID = re.compile(r"[0-9a-f]{24}")

log = logging.getLogger(__name__)


class Arrivals:
    """Every file on its way, by its id. `load` takes up what an earlier run left, `run` converts what is whole."""

    def __init__(
        self,
        folder: Path,
        library: Library,
        *,
        clock: Clock,
        attempts: Attempts | None = None,
        free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
    ) -> None:
        self._folder = folder
        self._library = library
        self.clock = clock
        self._attempts = attempts or Attempts(folder.with_name("attempts"))
        self._free = free
        self._known: dict[str, Arrival] = {}
        self._estimates: dict[str, Estimate] = {}
        self._writing: dict[str, asyncio.Lock] = {}
        self._writers: dict[str, object] = {}
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._taken_listeners: list[Callable[[Arrival, str], Awaitable[None]]] = []

    async def load(self) -> None:
        """Read the folder: bytes beyond what is durable are cut off, whole files wait for their conversion again."""
        found = await asyncio.to_thread(lambda: list(self._found()))
        await asyncio.to_thread(self._attempts.keep, {each.id for each in found})
        for arrival in found:
            self._known[arrival.id] = arrival
            if arrival.stage in {Stage.QUEUED, Stage.CHECKING} and self._attempts.spent(arrival.id):
                await self._given_up(arrival)
            elif arrival.stage in {Stage.QUEUED, Stage.CHECKING}:
                self._known[arrival.id] = replace(arrival, stage=Stage.QUEUED, share=0.0, began=None)
                self._queue.put_nowait(arrival.id)
        await self.tidy()

    def on_taken(self, listener: Callable[[Arrival, str], Awaitable[None]]) -> None:
        """Call it with each arrival and the asset it has become, before it counts as taken."""
        self._taken_listeners.append(listener)

    def of(self, arrival: str) -> Arrival:
        """One arrival. Raises Refusal where there is none, or none any more."""
        found = self._known.get(arrival)
        if found is None:
            raise Refusal("content.no-such-upload", arrival[:40], status=404)
        return found

    def ready_at(self, arrival: Arrival) -> datetime | None:
        """When its conversion ends at its pace of late; None while that cannot be foretold."""
        estimate = self._estimates.get(arrival.id)
        return None if estimate is None else estimate.ready_at(self.clock.now())

    def all(self) -> tuple[Arrival, ...]:
        """Every arrival, those of the last day that have ended too, in the order of their coming."""
        return tuple(self._known.values())

    async def begin(self, name: str, length: int, *, person: str, meant: Meant) -> Arrival:
        """A file of so many bytes is about to come. Raises Refusal."""
        if length <= 0:
            raise Refusal("content.empty-file", status=422)
        if length > LARGEST:
            raise Refusal("content.too-large", status=413, largest=str(LARGEST // MIB))
        self._library.refuse_unseen(name, length)
        await self._refuse_full(length, person)
        now = self.clock.now()
        arrival = Arrival(
            id=secrets.token_hex(12), person=person, name=name[:LONGEST_NAME], length=length, at=now, touched=now,
            meant=meant,
        )  # fmt: skip
        await asyncio.to_thread(self._create, arrival)
        self._known[arrival.id] = arrival
        return arrival

    async def bring(self, path: Path, *, name: str, person: str, meant: Meant) -> Arrival:
        """A file of this machine, read where it lies; the same file once more is the arrival that is under way."""
        length = (await asyncio.to_thread(path.stat)).st_size
        same = (each for each in self.all() if each.source == path and each.length == length and not each.ended)
        if (known := next(same, None)) is not None:
            return known
        now = self.clock.now()
        arrival = Arrival(
            id=secrets.token_hex(12), person=person, name=name[:LONGEST_NAME], length=length, offset=length, at=now,
            touched=now, meant=meant, source=path, stage=Stage.QUEUED,
        )  # fmt: skip
        await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        await self._put(arrival)
        self._queue.put_nowait(arrival.id)
        return arrival

    async def append(
        self, arrival: str, offset: int, chunks: AsyncIterator[bytes], *, sha256: bytes | None = None
    ) -> Arrival:
        """Write what comes after `offset`; durable when it returns, and what came before a break of the line too.

        A newer writer of the same arrival ends the older one. With `sha256` all of it is kept or nothing. Raises
        Refusal.
        """
        self.of(arrival)
        mine = self._writers[arrival] = object()
        async with self._writing.setdefault(arrival, asyncio.Lock()):
            known = self.of(arrival)
            if known.stage is not Stage.COMING or offset != known.offset:
                raise Refusal("content.wrong-offset", status=409, offset=str(known.offset))
            piece = Piece(self._part(arrival), offset, known.length, sha256)
            try:
                await self._receive(known, piece, chunks, mine)
            finally:
                await asyncio.shield(self._kept(known, await asyncio.to_thread(piece.close)))
        return self.of(arrival)

    async def abandon(self, arrival: str) -> None:
        """Throw away what has come; a conversion under way goes on to its end. Raises Refusal."""
        found = self.of(arrival)
        if found.stage is Stage.CHECKING:
            raise Refusal("content.under-way", status=409)
        self._forget(found.id)
        await asyncio.to_thread(self._delete, found.id)

    async def run(self) -> None:
        """Convert what is whole, a few at a time; ends only by cancellation."""
        async with asyncio.TaskGroup() as group:
            for number in range(WORKERS):
                group.create_task(self._work(), name=f"arrivals: worker {number + 1}")

    async def tidy(self) -> None:
        """Throw away what nobody has gone on with for a week, and forget what ended a day ago."""
        now = self.clock.now()
        over = [
            each.id
            for each in self.all()
            if (each.stage is Stage.COMING and each.expires <= now) or (each.ended and each.touched + TOLD_FOR <= now)
        ]
        for arrival in over:
            self._forget(arrival)
            await asyncio.to_thread(self._delete, arrival)

    async def _receive(self, known: Arrival, piece: Piece, chunks: AsyncIterator[bytes], mine: object) -> None:
        pending = bytearray()
        try:
            async for chunk in chunks:
                if self._writers.get(known.id) is not mine:
                    raise Refusal("content.taken-over", status=409)
                pending += chunk
                if len(pending) >= WRITE_AT:
                    data, pending = bytes(pending), bytearray()
                    await self._written(known, piece, data)
        finally:
            if self._writers.get(known.id) is mine:
                await asyncio.shield(self._written(known, piece, bytes(pending)))
        if not piece.sound():
            raise Refusal("content.wrong-checksum", status=460)

    async def _written(self, known: Arrival, piece: Piece, data: bytes) -> None:
        """Write, and note now and then how much is durable: a killed controller loses a few seconds of bytes."""
        if await asyncio.to_thread(piece.write, data) and known.id in self._known:
            await self._put(replace(known, offset=piece.durable, touched=self.clock.now()))

    async def _kept(self, known: Arrival, offset: int) -> None:
        if known.id not in self._known:  # thrown away while its last bytes came
            return
        whole = offset == known.length
        arrival = replace(known, offset=offset, touched=self.clock.now(), stage=Stage.QUEUED if whole else Stage.COMING)
        await self._put(arrival)
        if whole:
            self._queue.put_nowait(arrival.id)

    async def _work(self) -> None:
        while True:
            arrival = self._known.get(await self._queue.get())
            if arrival is not None and arrival.stage is Stage.QUEUED:
                await self._convert(arrival)

    async def _convert(self, arrival: Arrival) -> None:
        begun = replace(arrival, stage=Stage.CHECKING, began=self.clock.now())
        await self._put(begun)
        estimate = self._estimates[arrival.id] = Estimate(self.clock.now())

        def progress(share: float) -> None:
            estimate.hear(share, self.clock.now())
            self._known[arrival.id] = replace(self._known[arrival.id], share=share)

        try:
            ended = await self._taken(begun, progress)
        except asyncio.CancelledError:
            await self._put(arrival)
            raise
        finally:
            self._estimates.pop(arrival.id, None)
        await self._end(ended)

    async def _given_up(self, arrival: Arrival) -> None:
        """Whenever it is converted the lobby falls: never again, or the bells would fall with it for ever."""
        times = self._attempts.of(arrival.id)
        log.error(
            "the upload %s (%s) is refused: the lobby ended %d times while it was made", arrival.id, arrival.name, times
        )
        self._attempts.end(arrival.id)
        problem = Problem(code="content.too-often", params={"times": str(times)})
        await self._end(replace(arrival, stage=Stage.REFUSED, problem=problem))

    async def _end(self, ended: Arrival) -> None:
        if ended.source is None:
            await asyncio.to_thread(self._part(ended.id).unlink, missing_ok=True)
        await self._put(replace(ended, touched=self.clock.now(), share=1.0))

    async def _taken(self, arrival: Arrival, progress: Callable[[float], None]) -> Arrival:
        path, meant = arrival.source or self._part(arrival.id), arrival.meant
        here: list[Record] = []
        try:
            asset = await self._library.take_in(
                path,
                name=arrival.name,
                person=arrival.person,
                panel=meant.panel,
                surface=meant.surface,
                batch=meant.batch,
                replaces=meant.replaces,
                asks=meant.asks,
                progress=progress,
                here=here.append,
                under_way=self._attempts.under_way(arrival.id),
            )
            await self._labelled(arrival, asset.id, here=bool(here))
        except Refusal as refusal:
            return replace(arrival, stage=Stage.REFUSED, problem=refusal.problem)
        except (NotDurable, OSError) as error:  # the disk: whoever brought it is told and can bring it again
            log.warning("an upload could not be taken in: %s", error)
            return replace(arrival, stage=Stage.REFUSED, problem=Problem(code="content.disk"))
        return replace(arrival, stage=Stage.TAKEN, asset=asset.id, here=bool(here))

    async def _labelled(self, arrival: Arrival, asset: str, *, here: bool) -> None:
        """What it says; where the file is here already only what nobody has written yet."""
        records, meant = self._library.records, arrival.meant
        label = records.all()[asset].label
        written = {language: text for language, text in label.descriptions.items() if text}
        said = {**meant.descriptions, **written} if here else {**label.descriptions, **meant.descriptions}
        told = replace(label, descriptions={**label.descriptions, **said})
        await records.label(asset, told, person=arrival.person)
        for listener in self._taken_listeners:
            await listener(arrival, asset)
        if meant.approves and self._library.approvable(asset, arrival.person) is None:
            await self._library.approve(asset, person=arrival.person)

    async def _refuse_full(self, length: int, person: str) -> None:
        open_ones = [each for each in self.all() if not each.ended and each.source is None]
        own = [each for each in open_ones if each.person == person]
        if len(own) >= PERSONS_FILES or sum(each.length for each in own) + length > PERSONS_BYTES:
            raise Refusal("content.quota", status=507, files=str(PERSONS_FILES), gigabytes=str(PERSONS_BYTES // 2**30))
        promised = sum(each.length - each.offset for each in open_ones)
        if await asyncio.to_thread(self._room) < length + promised + FREE_NEEDED:
            raise Refusal("api.no-room", status=507)

    def _room(self) -> int:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._free(self._folder)

    async def _put(self, arrival: Arrival) -> None:
        """Remember it, durably; a disk that fails is told where it matters, when the next bytes come."""
        self._known[arrival.id] = arrival
        try:
            await asyncio.to_thread(self._write, arrival)
        except OSError as error:
            log.warning("the state of an upload could not be written: %s", error)

    def _forget(self, arrival: str) -> None:
        for table in (self._known, self._writing, self._writers):
            table.pop(arrival, None)

    def _part(self, arrival: str) -> Path:
        return self._folder / f"{arrival}.part"

    def _create(self, arrival: Arrival) -> None:
        os.close(os.open(self._part(arrival.id), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        self._write(arrival)

    def _write(self, arrival: Arrival) -> None:
        clean_write(self._folder / f"{arrival.id}.json", json.dumps(as_json(arrival), ensure_ascii=False).encode())

    def _delete(self, arrival: str) -> None:
        self._attempts.end(arrival)
        for ending in ("part", "json"):
            (self._folder / f"{arrival}.{ending}").unlink(missing_ok=True)

    def _found(self) -> Iterable[Arrival]:
        """What the folder holds; a part that nothing tells of, and a form's file or a draft of an earlier run, go."""
        for left in (*self._folder.glob("upload-*"), *self._folder.glob(".*.new"), *self._folder.glob("*.part")):
            if not (left.suffix == ".part" and left.with_suffix(".json").is_file()):
                left.unlink(missing_ok=True)
        for path in sorted(self._folder.glob("*.json")):
            if (arrival := read(path)) is not None:
                yield cut(arrival, self._part(arrival.id))
