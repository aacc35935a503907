"""The two threads at the journal's file: one writes what is queued as few transactions, one reads and tidies."""

from __future__ import annotations

import asyncio
import os
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from lobby.core.ledger import Ledger, connect, savepoint
from lobby.core.projection import Entry

T = TypeVar("T")

BATCH_LIMIT = 256
PULSE_EVERY_S = 1.0
FREE_BYTES_NEEDED = 1_000_000

CAUSES = {
    sqlite3.SQLITE_FULL: "disk-full",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_CANTOPEN: "broken",
    sqlite3.SQLITE_PERM: "read-only",
    sqlite3.SQLITE_BUSY: "slow",
    sqlite3.SQLITE_LOCKED: "slow",
    sqlite3.SQLITE_PROTOCOL: "slow",
    sqlite3.SQLITE_IOERR: "broken",
    sqlite3.SQLITE_CORRUPT: "broken",
    sqlite3.SQLITE_NOTADB: "broken",
    sqlite3.SQLITE_NOMEM: "broken",
}


class NotDurable(Exception):
    """It is not on disk (yet). `cause` is explained by `journal.<cause>`: slow, disk-full, read-only or broken."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """Work for the writer and what came of it; without a future nobody waits for it."""

    work: Callable[[sqlite3.Cursor], tuple[Any, tuple[Entry, ...]]]
    future: asyncio.Future[Any] | None = None
    since: float = 0.0
    urgent: bool = False
    ended: threading.Event | None = None
    value: Any = None
    entries: tuple[Entry, ...] = ()
    error: Exception | None = None

    def attempt(self, cursor: sqlite3.Cursor) -> None:
        """Do it inside the open transaction. The caller's own mistakes stay here; a failing disk raises."""
        try:
            self.value, self.entries = savepoint(cursor, lambda: self.work(cursor))
        except Exception as error:  # whatever the caller's work raises belongs to the caller
            if not cursor.connection.in_transaction or _disk_says(error):
                raise
            self.error = error

    def undone(self, cause: str) -> None:
        """The transaction it was in is gone."""
        self.value, self.entries, self.error = None, (), self.error or NotDurable(cause)

    def answer(self) -> None:
        """Tell whoever waits; in the loop's thread."""
        if self.future is None or self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.value)
        else:
            self.future.set_exception(self.error)


class Writer:
    """Owns the ledger. `told` is called in the writer's thread with jobs that ended and the cause of a failure."""

    def __init__(self, path: Path, ledger: Ledger, told: Callable[[Sequence[Job], str | None], None]) -> None:
        self._path = path
        self._ledger = ledger
        self._told = told
        self._inbox: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._urgent: deque[Job] = deque()
        self._ordinary: deque[Job] = deque()
        self._stopping = False
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="journal writer", daemon=True)

    def start(self, opened: asyncio.Future[None]) -> None:
        """Open the file and begin to write; `opened` tells how the opening went."""
        self.put(Job(work=self._pulse, future=opened))
        self._thread.start()

    def put(self, job: Job) -> None:
        """Queue a job."""
        self._inbox.put(job)

    def stop(self) -> None:
        """Write what is queued, close the file, end; blocks until then."""
        self._inbox.put(None)
        self._thread.join()

    def perform(self, batch: deque[Job]) -> tuple[list[Job], str | None]:
        """Take jobs from the batch and make them durable together; the cause where that failed."""
        taken: list[Job] = []
        try:
            with self._ledger.transaction() as cursor:
                while batch and len(taken) < BATCH_LIMIT and not (taken and self._overtaken(batch)):
                    taken.append(batch.popleft())
                    taken[-1].attempt(cursor)
        except Exception as error:  # any failure of the file must end as an answer, never as a dead thread
            return self._failed(taken, batch, error)
        self._failing = False
        return taken, None

    def _failed(self, taken: list[Job], batch: deque[Job], error: Exception) -> tuple[list[Job], str]:
        cause = cause_of(error, self._path) or "broken"
        if not taken:
            taken.extend(batch)
            batch.clear()
        for job in taken:
            job.undone(cause)
        if cause != "slow":
            self._ledger.close()
        self._failing = True
        return taken, cause

    def _run(self) -> None:
        while self._wait():
            while batch := self._urgent or self._ordinary:
                self._told(*self.perform(batch))
                self._drain()
        with suppress(sqlite3.Error):  # a broken file has nothing left to give back
            self._ledger.close()

    def _wait(self) -> bool:
        """Block until there is something to do; while the file fails, look every second whether it heals."""
        if self._stopping:
            return False
        try:
            self._sort(self._inbox.get(timeout=PULSE_EVERY_S if self._failing else None))
        except queue.Empty:
            self._ordinary.append(Job(work=self._pulse))
        self._drain()
        return True

    def _drain(self) -> None:
        with suppress(queue.Empty):
            while True:
                self._sort(self._inbox.get_nowait())

    def _sort(self, job: Job | None) -> None:
        if job is None:
            self._stopping = True
        else:
            (self._urgent if job.urgent else self._ordinary).append(job)

    def _overtaken(self, batch: deque[Job]) -> bool:
        self._drain()
        return batch is self._ordinary and bool(self._urgent)

    def _pulse(self, cursor: sqlite3.Cursor) -> tuple[None, tuple[Entry, ...]]:
        self._ledger.pulse(cursor)
        return None, ()


class Reader:
    """One thread with a connection that only reads, and moves the write-ahead log into the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal reader")

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do it in the reader's thread. Raises NotDurable where the file fails."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._attempt, work)

    def tidy(self) -> None:
        """Move the write-ahead log into the file when the thread has time, without delaying the writer."""
        self._executor.submit(self._attempt, _move_log)

    def stop(self) -> None:
        """Finish what is queued and close; blocks until then."""
        self._executor.submit(self._close)
        self._executor.shutdown()

    def _attempt(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            self._db = self._db or _reading(self._path)
            return work(self._db)
        except sqlite3.DatabaseError as error:
            if (cause := cause_of(error, self._path)) is None:
                raise
            self._close()
            raise NotDurable(cause) from error

    def _close(self) -> None:
        if self._db is not None:
            db, self._db = self._db, None
            db.close()


def cause_of(error: Exception, path: Path) -> str | None:
    """The word for a failure of the disk; None where the statement was wrong and the disk is well."""
    cause = _disk_says(error)
    return _why_broken(path) if cause == "broken" else cause


def _disk_says(error: Exception) -> str | None:
    if isinstance(error, OSError):
        return "broken"
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else CAUSES.get(code & 0xFF)


def _why_broken(path: Path) -> str:
    """An input-output error that a look at the file system explains better."""
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return "broken"
    if disk.f_flag & os.ST_RDONLY:
        return "read-only"
    return "disk-full" if disk.f_bavail * disk.f_frsize < FREE_BYTES_NEEDED else "broken"


def _reading(path: Path) -> sqlite3.Connection:
    db = connect(path)
    db.execute("PRAGMA query_only = ON")
    return db


def _move_log(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
