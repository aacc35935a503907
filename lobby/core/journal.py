"""The journal: what happened, durable when `record` returns, told to followers after it is.

One thread owns the connection that writes. What is queued becomes durable together (group commit); a record with a
time limit goes before everything that waits. A disk that fails makes `NotDurable`, and the journal heals when it does.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Self, TypeVar

from devices.reports import Clock
from lobby.core.ledger import MEMORY, Checkpoint, Ledger, Verified
from lobby.core.projection import Draft, Entry, Fact, Json, Projection, canonical, draft
from lobby.core.writer import Job, NotDurable, Reader, Writer

__all__ = ["MEMORY", "Checkpoint", "Entry", "Fact", "Journal", "Json", "NotDurable", "Projection", "Verified"]

T = TypeVar("T")

STUCK_AFTER_S = 2.0
TIDY_AFTER, TIDY_NOW = 256, 2048
QUIET_S = 1.0
STANDING_S, STANDING_EVERY_S = 0.005, 0.02
"""How long the loop stands still for an urgent record, at most, and how much time lies between two such times."""
LINES_AFTER = "SELECT * FROM journal WHERE seq > :after ORDER BY seq LIMIT :limit"
LINES_OF_KINDS_AFTER = """SELECT * FROM journal WHERE seq > :after
    AND kind IN (SELECT value FROM json_each(:kinds)) ORDER BY seq LIMIT :limit"""

log = logging.getLogger(__name__)


class Journal:
    """The only way to write what must survive; see `open`."""

    def __init__(self, path: Path, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._writer = Writer(path, ledger, self._ended)
        self._reader = None if path == MEMORY else Reader(path)
        self._followers: list[Callable[[Entry], None]] = []
        self._watchers: list[Callable[[str | None], None]] = []
        self._waiting: dict[Job, None] = {}
        self._failure: str | None = None
        self._results: deque[tuple[Sequence[Job], str | None]] = deque()
        self._stood_still = float("-inf")
        self._untidied = 0
        self._tidying: asyncio.TimerHandle | None = None

    @classmethod
    @asynccontextmanager
    async def open(
        cls, path: Path, *, clock: Clock, projections: Sequence[Projection] = (), key: bytes | None = None
    ) -> AsyncIterator[Self]:
        """Open or create; `MEMORY` works in the caller's thread, for rehearsals and tests.

        A disk that refuses is no error here: the journal is unhealthy, keeps trying, and requests raise NotDurable.
        """
        journal = cls(path, Ledger(path, projections=projections, key=key), clock)
        try:
            await journal._start()
            yield journal
        finally:
            await journal._close()

    async def record(self, *facts: Fact, within_s: float | None = None) -> tuple[Entry, ...]:
        """Write the facts in one transaction; durable when it returns. With `within_s` it goes before all that waits.

        Raises NotDurable; after "slow" the facts may still be written later, so the caller folds without doubles.
        """
        drafts = self._drafts(facts)

        def work(cursor: sqlite3.Cursor) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
            entries = self._ledger.append(cursor, drafts)
            return entries, entries

        result: tuple[Entry, ...] = await self._submit(work, within_s=within_s)
        return result

    async def transact(self, work: Callable[[sqlite3.Cursor], T], *facts: Fact) -> T:
        """Run `work` on the writer's connection, together with the facts; what it raises undoes all of it."""
        drafts = self._drafts(facts)
        result: T = await self._submit(lambda cursor: (work(cursor), self._ledger.append(cursor, drafts)))
        return result

    async def read(self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> list[sqlite3.Row]:
        """Rows of a query; it sees everything recorded before. Raises NotDurable where the file fails."""

        def work(db: sqlite3.Connection) -> list[sqlite3.Row]:
            return db.execute(sql, parameters).fetchall()

        return await self._aside(work)

    async def entries(self, *, after: int = 0, kinds: Iterable[str] = (), limit: int = 1000) -> list[Entry]:
        """Lines after a number, of certain kinds or of all, in order."""
        wanted = sorted(kinds)
        sql = LINES_OF_KINDS_AFTER if wanted else LINES_AFTER
        parameters = {"after": after, "limit": limit, "kinds": canonical(wanted)}
        return [Entry.from_row(row) for row in await self.read(sql, parameters)]

    def follow(self, callback: Callable[[Entry], None]) -> None:
        """Call it with each entry after its commit, in order, in the loop's thread."""
        self._followers.append(callback)

    def watch(self, callback: Callable[[str | None], None]) -> None:
        """Call it when writing breaks (with the cause) and when it works again (with None)."""
        self._watchers.append(callback)

    def healthy(self) -> bool:
        """The last write went well and none has been waiting for long."""
        return self.trouble() is None

    def trouble(self) -> str | None:
        """Why it is not healthy, in the words of NotDurable."""
        oldest = next(iter(self._waiting), None)
        stuck = oldest is not None and self._clock.mono() - oldest.since > STUCK_AFTER_S
        return self._failure or ("slow" if stuck else None)

    async def erase(self, *seqs: int) -> None:
        """Take the payloads of lines out for good; the chain holds, and the journal says that it was done."""
        at, mono = self._clock.now(), self._clock.mono()
        await self._submit(lambda cursor: (None, self._ledger.erase(cursor, seqs, at=at, mono=mono)))
        await self._aside(_empty_log)

    async def checkpoint(self) -> Checkpoint:
        """Sign the chain's head, for the daily report."""
        at = self._clock.now()
        point: Checkpoint = await self._submit(lambda cursor: (self._ledger.checkpoint(cursor, at=at), ()))
        return point

    async def verify(self) -> Verified:
        """Walk the whole chain beside the work; its signatures prove nothing to whoever holds the key."""
        if self._reader is None:
            return self._ledger.verify()
        return await asyncio.to_thread(self._ledger.verify)

    async def rebuild(self, projection: Projection) -> None:
        """Drop the projection's tables and fold the whole journal again."""

        def work(cursor: sqlite3.Cursor) -> tuple[None, tuple[Entry, ...]]:
            self._ledger.rebuild(cursor, projection)
            return None, ()

        await self._submit(work)

    def _drafts(self, facts: Iterable[Fact]) -> tuple[Draft, ...]:
        at, mono = self._clock.now(), self._clock.mono()
        return tuple(draft(fact, at=at, mono=mono) for fact in facts)

    async def _submit(
        self, work: Callable[[sqlite3.Cursor], tuple[Any, tuple[Entry, ...]]], *, within_s: float | None = None
    ) -> Any:
        future = self._loop.create_future()
        job = Job(work=work, future=future, since=self._clock.mono(), urgent=within_s is not None)
        self._waiting[job] = None
        if self._reader is None:
            self._told(*self._writer.perform(deque([job])))
        elif job.urgent and job.since - self._stood_still >= STANDING_EVERY_S:
            self._stand_still(job)
        else:
            self._writer.put(job)
        try:
            async with asyncio.timeout(within_s):
                return await future
        except TimeoutError:
            raise NotDurable("slow") from None

    def _stand_still(self, job: Job) -> None:
        """Leave the processor to the writer until the job has ended, but not for long: a disk may hang.

        Otherwise the two threads hand over to each other at every statement, which costs a press a millisecond or more
        on a busy loop.
        """
        job.ended = threading.Event()
        self._writer.put(job)
        job.ended.wait(STANDING_S)
        self._stood_still = self._clock.mono()
        self._collect()

    async def _aside(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return self._ledger.using(work) if self._reader is None else await self._reader.run(work)

    async def _start(self) -> None:
        if self._reader is None:
            self._ledger.open()
            return
        opened = self._loop.create_future()
        self._writer.start(opened)
        with suppress(NotDurable):  # told by `healthy`; the writer tries again every second
            await opened

    async def _close(self) -> None:
        if self._reader is None:
            self._ledger.close()
            return
        if self._tidying is not None:
            self._tidying.cancel()
        await asyncio.to_thread(self._reader.stop)
        await asyncio.to_thread(self._writer.stop)

    def _ended(self, jobs: Sequence[Job], cause: str | None) -> None:
        self._results.append((jobs, cause))
        for job in jobs:
            if job.ended is not None:
                job.ended.set()
        with suppress(RuntimeError):  # the loop is gone, and everybody who waited with it
            self._loop.call_soon_threadsafe(self._collect)

    def _collect(self) -> None:
        """Tell what the writer has done, in its order."""
        while self._results:
            self._told(*self._results.popleft())

    def _told(self, jobs: Sequence[Job], cause: str | None) -> None:
        for entry in (entry for job in jobs for entry in job.entries):
            self._tell_followers(entry)  # a siren's command leaves before the bell is told that it was heard
        for job in jobs:
            self._waiting.pop(job, None)
            job.answer()
        if cause != self._failure:
            self._health_changed(cause)
        self._tidy_sometimes()

    def _tell_followers(self, entry: Entry) -> None:
        for callback in self._followers:
            try:
                callback(entry)
            except Exception:  # one follower's mistake must not keep the entry from the others
                log.exception("a follower failed on line %d (%s)", entry.seq, entry.kind)

    def _health_changed(self, cause: str | None) -> None:
        self._failure = cause
        if cause is None:
            log.warning("the journal writes again")
        else:
            log.error("the journal cannot write: %s", cause)
        for callback in self._watchers:
            try:
                callback(cause)
            except Exception:  # one watcher's mistake must not fail the press that is being recorded
                log.exception("a watcher failed on %s", cause)

    def _tidy_sometimes(self) -> None:
        """Move the log into the file once nothing has been written for a while: its syncs would delay a press."""
        self._untidied += 1
        if self._reader is None or self._untidied < TIDY_AFTER:
            return
        if self._tidying is not None:
            self._tidying.cancel()
        self._tidying = self._loop.call_later(0 if self._untidied >= TIDY_NOW else QUIET_S, self._tidy)

    def _tidy(self) -> None:
        self._untidied = 0
        if self._reader is not None:
            self._reader.tidy()


def _empty_log(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
