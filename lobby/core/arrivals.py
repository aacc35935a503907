"""Arrivals: files on their way in. Bytes come in pieces and survive broken lines and restarts; a whole file is then
checked and converted until it is an asset or is refused.

Two files lie in the folder for each: `ID.json` says what it is and how many bytes are durable, `ID.part` holds them.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import os
import re
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from devices.reports import Clock
from lobby.core.datafolder import clean_write
from lobby.core.journal import NotDurable
from lobby.core.library import Library
from lobby.core.problem import Problem, Refusal
from media.estimate import Estimate

MIB = 1024 * 1024
LARGEST = 4096 * MIB
PERSONS_BYTES = 8192 * MIB
PERSONS_FILES = 500
FREE_NEEDED = 1024 * MIB
WRITE_AT = 256 * 1024
SYNC_AT = 8 * MIB
EXPIRES = timedelta(days=7)
TOLD_FOR = timedelta(days=1)
WORKERS = 3
LONGEST_NAME = 200
ID = re.compile(r"[0-9a-f]{24}")

log = logging.getLogger(__name__)


class Stage(StrEnum):
    """Where a file is on its way."""

    COMING = "coming"
    QUEUED = "queued"
    CHECKING = "checking"
    TAKEN = "taken"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What whoever brings a file wants of it: where it shall hang, what it came with, what its label says.

    With `asks` approval is asked for at once; with `approves`, where one person works alone, it is approved as well.
    """

    panel: str | None = None
    surface: str | None = None
    batch: str | None = None
    asks: bool = False
    approves: bool = False
    descriptions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One file: `offset` of its `length` bytes are durable; `source` is a file of this machine that is read in place.

    `share` of the conversion is done, begun at `began`; it ends as the `asset`, or with the `problem`.
    """

    id: str
    person: str
    name: str
    length: int
    at: datetime
    touched: datetime
    meant: Meant = field(default_factory=Meant)
    offset: int = 0
    stage: Stage = Stage.COMING
    source: Path | None = None
    share: float = 0.0
    began: datetime | None = None
    asset: str | None = None
    problem: Problem | None = None

    @property
    def ended(self) -> bool:
        """Taken or refused."""
        return self.stage in {Stage.TAKEN, Stage.REFUSED}

    @property
    def expires(self) -> datetime:
        """When what has come so far is thrown away."""
        return self.touched + EXPIRES


class Arrivals:
    """Every file on its way, by its id. `load` takes up what an earlier run left, `run` converts what is whole."""

    def __init__(
        self,
        folder: Path,
        library: Library,
        *,
        clock: Clock,
        free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
    ) -> None:
        self._folder = folder
        self._library = library
        self._clock = clock
        self._free = free
        self._known: dict[str, Arrival] = {}
        self._estimates: dict[str, Estimate] = {}
        self._writing: dict[str, asyncio.Lock] = {}
        self._writers: dict[str, object] = {}
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._taken_listeners: list[Callable[[Arrival, str], Awaitable[None]]] = []

    async def load(self) -> None:
        """Read the folder: bytes beyond what is durable are cut off, whole files wait for their conversion again."""
        for arrival in await asyncio.to_thread(lambda: list(self._found())):
            self._known[arrival.id] = arrival
            if arrival.stage in {Stage.QUEUED, Stage.CHECKING}:
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
        return None if estimate is None else estimate.ready_at(self._clock.now())

    def all(self) -> tuple[Arrival, ...]:
        """Every arrival, those of the last day that have ended too, in the order of their coming."""
        return tuple(self._known.values())

    async def begin(self, name: str, length: int, *, person: str, meant: Meant) -> Arrival:
        """A file of so many bytes is about to come. Raises Refusal."""
        if not 0 < length <= LARGEST:
            raise Refusal("content.too-large", status=413, largest=str(LARGEST // MIB))
        await self._refuse_full(length, person)
        now = self._clock.now()
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
        now = self._clock.now()
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
            piece = _Piece(self._part(arrival), offset, known.length, sha256)
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
        now = self._clock.now()
        over = [
            each.id
            for each in self.all()
            if (each.stage is Stage.COMING and each.expires <= now) or (each.ended and each.touched + TOLD_FOR <= now)
        ]
        for arrival in over:
            self._forget(arrival)
            await asyncio.to_thread(self._delete, arrival)

    async def _receive(self, known: Arrival, piece: _Piece, chunks: AsyncIterator[bytes], mine: object) -> None:
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

    async def _written(self, known: Arrival, piece: _Piece, data: bytes) -> None:
        """Write, and note now and then how much is durable: a killed controller loses a few seconds of bytes."""
        if await asyncio.to_thread(piece.write, data):
            await self._put(replace(known, offset=piece.durable, touched=self._clock.now()))

    async def _kept(self, known: Arrival, offset: int) -> None:
        whole = offset == known.length
        arrival = replace(
            known, offset=offset, touched=self._clock.now(), stage=Stage.QUEUED if whole else Stage.COMING
        )
        await self._put(arrival)
        if whole:
            self._queue.put_nowait(arrival.id)

    async def _work(self) -> None:
        while True:
            arrival = self._known.get(await self._queue.get())
            if arrival is not None and arrival.stage is Stage.QUEUED:
                await self._convert(arrival)

    async def _convert(self, arrival: Arrival) -> None:
        begun = replace(arrival, stage=Stage.CHECKING, began=self._clock.now())
        self._known[arrival.id] = begun

        estimate = self._estimates[arrival.id] = Estimate(self._clock.now())

        def progress(share: float) -> None:
            estimate.hear(share, self._clock.now())
            self._known[arrival.id] = replace(self._known[arrival.id], share=share)

        try:
            ended = await self._taken(begun, progress)
        finally:
            self._estimates.pop(arrival.id, None)
        if ended.source is None:
            await asyncio.to_thread(self._part(arrival.id).unlink, missing_ok=True)
        await self._put(replace(ended, touched=self._clock.now(), share=1.0))

    async def _taken(self, arrival: Arrival, progress: Callable[[float], None]) -> Arrival:
        path, meant = arrival.source or self._part(arrival.id), arrival.meant
        try:
            asset = await self._library.take_in(
                path,
                name=arrival.name,
                person=arrival.person,
                panel=meant.panel,
                surface=meant.surface,
                batch=meant.batch,
                asks=meant.asks,
                progress=progress,
            )
            await self._labelled(arrival, asset.id)
        except Refusal as refusal:
            return replace(arrival, stage=Stage.REFUSED, problem=refusal.problem)
        except (NotDurable, OSError) as error:  # the disk: whoever brought it is told and can bring it again
            log.warning("an upload could not be taken in: %s", error)
            return replace(arrival, stage=Stage.REFUSED, problem=Problem(code="content.disk"))
        return replace(arrival, stage=Stage.TAKEN, asset=asset.id)

    async def _labelled(self, arrival: Arrival, asset: str) -> None:
        records, meant = self._library.records, arrival.meant
        label = records.all()[asset].label
        told = replace(label, descriptions={**label.descriptions, **meant.descriptions})
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
        clean_write(self._folder / f"{arrival.id}.json", json.dumps(_as_json(arrival), ensure_ascii=False).encode())

    def _delete(self, arrival: str) -> None:
        for ending in ("part", "json"):
            (self._folder / f"{arrival}.{ending}").unlink(missing_ok=True)

    def _found(self) -> Iterable[Arrival]:
        """What the folder holds; a part that nothing tells of, or a form's file of an earlier run, goes."""
        for left in (*self._folder.glob("upload-*"), *self._folder.glob("*.part")):
            if not (left.suffix == ".part" and left.with_suffix(".json").is_file()):
                left.unlink(missing_ok=True)
        for path in sorted(self._folder.glob("*.json")):
            if (arrival := _read(path)) is not None:
                yield _cut(arrival, self._part(arrival.id))


class _Piece:
    """Bytes that are appended to a part, synced now and then; `close` says up to where they are durable."""

    def __init__(self, path: Path, offset: int, length: int, sha256: bytes | None) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        os.lseek(self._file, offset, os.SEEK_SET)
        self._begin = self._end = self._durable = offset
        self._length = length
        self._sha256 = sha256
        self._digest = hashlib.sha256()
        self._checked = sha256 is None

    @property
    def durable(self) -> int:
        """Up to where the bytes are synced."""
        return self._durable

    def write(self, chunk: bytes) -> bool:
        """Append; more than was announced is refused. True when more is durable now, for good."""
        if self._end + len(chunk) > self._length:
            raise Refusal("content.too-many-bytes", status=413)
        view = memoryview(chunk)
        while view:
            view = view[os.write(self._file, view) :]
        self._end += len(chunk)
        if self._sha256 is not None:
            self._digest.update(chunk)
        if self._end - self._durable < SYNC_AT or self._sha256 is not None:
            return False
        self._sync()
        return True

    def sound(self) -> bool:
        """Whether all that came has the promised hash."""
        self._checked = self._sha256 is None or hmac.compare_digest(self._digest.digest(), self._sha256)
        return self._checked

    def close(self) -> int:
        """Sync what came, or cut it off where its hash is not the promised one."""
        try:
            if self._checked:
                self._sync()
            else:
                os.ftruncate(self._file, self._begin)
                self._durable = self._begin
        except OSError as error:
            log.warning("an upload could not be synced: %s", error)
        finally:
            os.close(self._file)
        return self._durable

    def _sync(self) -> None:
        os.fdatasync(self._file)
        self._durable = self._end


def _cut(arrival: Arrival, part: Path) -> Arrival:
    """The arrival as its bytes on disk allow: never more than was durable, never more than there is."""
    if arrival.source is not None or arrival.ended:
        return arrival
    if not part.is_file():
        return replace(arrival, stage=Stage.REFUSED, problem=Problem(code="content.lost"))
    size = part.stat().st_size
    offset = min(arrival.offset, size)
    if size > offset:
        os.truncate(part, offset)
    return replace(arrival, offset=offset, stage=arrival.stage if offset == arrival.length else Stage.COMING)


def _as_json(arrival: Arrival) -> dict[str, Any]:
    moments = {name: moment.isoformat() if (moment := getattr(arrival, name)) else None for name in MOMENTS}
    source = str(arrival.source) if arrival.source is not None else None
    return {**asdict(arrival), **moments, "source": source}


MOMENTS = ("at", "touched", "began")


def _read(path: Path) -> Arrival | None:
    """The arrival of a state file; None where it cannot be read or carries another's name."""
    try:
        document: Mapping[str, Any] = json.loads(path.read_bytes())
        moments = {name: datetime.fromisoformat(document[name]) if document[name] else None for name in MOMENTS}
        problem, source = document["problem"], document["source"]
        arrival = Arrival(
            **{
                **document,
                **moments,
                "meant": Meant(**document["meant"]),
                "stage": Stage(document["stage"]),
                "source": Path(source) if source else None,
                "problem": Problem(**problem) if problem else None,
            }
        )
    except (OSError, ValueError, TypeError, KeyError):
        log.warning("%s tells of no upload and is left alone", path)
        return None
    return arrival if ID.fullmatch(arrival.id) and path.stem == arrival.id else None
