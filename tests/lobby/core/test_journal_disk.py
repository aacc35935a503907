"""The journal on a disk that fills, turns read-only or is held, and under SIGKILL: never a lie, and it heals."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from lobby.core.clock import SystemClock
from lobby.core.journal import Fact, Journal, NotDurable, Verified
from tests.eventually import eventually
from tests.lobby.core.folds import Counting, seen
from tests.running import run

ROOT = Path(__file__).parents[3]
BIG = Fact(kind="note", subject="s", payload={"text": "x" * 20_000})


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A real file system of one megabyte; only root may mount it."""
    if os.geteuid() != 0:
        pytest.fail("this test mounts a small disk and needs root; leave out the slow ones without it")
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


async def refused(journal: Journal, fact: Fact) -> str:
    """Record until the disk refuses; the cause."""
    while True:
        try:
            await journal.record(fact, within_s=5)
        except NotDurable as failure:
            return failure.cause


@pytest.mark.slow
def test_a_full_disk_is_said_and_the_journal_heals_by_itself(tmp_path: Path) -> None:
    """Every record that returned is there; when space is free again writing resumes without being asked."""

    async def scenario(disk: Path) -> tuple[str, list[str | None], Verified]:
        told: list[str | None] = []
        filler = disk / "filler"
        filler.write_bytes(b"x" * 500_000)
        async with Journal.open(disk / "journal.db", clock=SystemClock(), projections=(Counting(),)) as journal:
            journal.watch(told.append)
            cause = await refused(journal, BIG)
            assert not journal.healthy()
            filler.unlink()
            await eventually(journal.healthy)
            await journal.record(seen("after"))
            return cause, told, await journal.verify()

    with small_disk(tmp_path / "disk") as disk:
        cause, told, verified = run(scenario(disk))
    assert (cause, told) == ("disk-full", ["disk-full", None])
    assert verified.ok


@pytest.mark.slow
def test_a_read_only_disk_is_said_and_the_journal_heals(tmp_path: Path) -> None:
    """A lobby that starts on a disk the kernel had made read-only goes on when it is mended."""

    async def scenario(disk: Path) -> tuple[str, bool]:
        async with Journal.open(disk / "journal.db", clock=SystemClock()) as journal:
            cause = await refused(journal, seen("bell"))
            await asyncio.to_thread(remount, disk, "rw")
            await eventually(journal.healthy)
            await journal.record(seen("after"))
            return cause, (await journal.verify()).ok

    with small_disk(tmp_path / "disk") as disk:
        run(found(disk / "journal.db"))
        remount(disk, "ro")
        assert run(scenario(disk)) == ("read-only", True)


def remount(disk: Path, mode: str) -> None:
    """Turn a mounted disk read-only or writable."""
    subprocess.run(["mount", "-o", f"remount,{mode}", str(disk)], check=True)


def test_a_limit_on_file_size_is_a_failure_and_not_a_crash(tmp_path: Path) -> None:
    """The writer outlives an error that SQLite only knows as input-output."""

    async def scenario() -> tuple[str, bool]:
        async with Journal.open(tmp_path / "journal.db", clock=SystemClock()) as journal:
            await journal.record(seen("before"))
            with file_size_limit(400_000):
                cause = await refused(journal, BIG)
            await eventually(journal.healthy)
            await journal.record(seen("after"))
            return cause, (await journal.verify()).ok

    assert run(scenario()) == ("broken", True)


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size` bytes."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_file_held_by_another_program_is_slow_and_heals(tmp_path: Path) -> None:
    """A backup that locks the file delays nobody beyond the limit asked for."""
    path = tmp_path / "journal.db"

    async def scenario() -> tuple[str, bool, list[str]]:
        async with Journal.open(path, clock=SystemClock()) as journal:
            await journal.record(seen("before"))
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                with pytest.raises(NotDurable) as failure:
                    await journal.record(seen("bell"), within_s=0.1)
                other.execute("ROLLBACK")
            await journal.record(seen("after"))
            return failure.value.cause, journal.healthy(), [entry.subject for entry in await journal.entries()]

    assert run(scenario()) == ("slow", True, ["before", "bell", "after"])


def test_a_journal_that_cannot_be_opened_is_unhealthy_and_opens_when_it_can(tmp_path: Path) -> None:
    """A lobby with a broken disk still starts: bells are raised from memory."""
    folder = tmp_path / "data"
    folder.write_text("in the way", encoding="utf-8")

    async def scenario() -> tuple[str, bool]:
        async with Journal.open(folder / "journal.db", clock=SystemClock()) as journal:
            with pytest.raises(NotDurable) as failure:
                await journal.record(seen("bell"), within_s=5)
            folder.unlink()
            folder.mkdir()
            await eventually(journal.healthy)
            return failure.value.cause, (await journal.verify()).ok

    assert run(scenario()) == ("broken", True)


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    """Neither overwritten nor taken for an empty journal."""
    path = tmp_path / "journal.db"
    path.write_bytes(b"rubbish" * 1000)

    async def scenario() -> str:
        async with Journal.open(path, clock=SystemClock()) as journal:
            with pytest.raises(NotDurable):
                await journal.read("SELECT 1 FROM journal")
            return journal.trouble() or ""

    assert run(scenario()) == "broken"
    assert path.read_bytes() == b"rubbish" * 1000


def writer(path: Path, who: str) -> subprocess.Popen[str]:
    """A process that records until it is killed."""
    command = [sys.executable, "-m", "tests.lobby.core.folds", str(path), who]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


async def found(path: Path) -> tuple[Verified, set[int], list[tuple[object, ...]], list[tuple[object, ...]]]:
    """The verdict, the numbers of all lines, and the projection as kept and as rebuilt."""
    counted = "SELECT * FROM counting ORDER BY subject"
    async with Journal.open(path, clock=SystemClock(), projections=(Counting(),)) as journal:
        kept = [tuple(row) for row in await journal.read(counted)]
        await journal.rebuild(Counting())
        rebuilt = [tuple(row) for row in await journal.read(counted)]
        return await journal.verify(), {row[0] for row in await journal.read("SELECT seq FROM journal")}, kept, rebuilt


@pytest.mark.slow
def test_killed_at_any_instant_nothing_durable_is_lost(tmp_path: Path) -> None:
    """Each number a writer had said is there after SIGKILL, the chain holds, projections are what they should be."""
    path, chance, said = tmp_path / "journal.db", random.Random(1), set[int]()
    for _ in range(6):
        with writer(path, "a") as child:
            assert child.stdout is not None
            said |= {int(child.stdout.readline()) for _ in range(chance.randrange(1, 150))}
            child.kill()
            said |= {int(line) for line in child.stdout.read().split("\n")[:-1]}
    verified, there, kept, rebuilt = run(found(path))
    assert verified.ok
    assert said <= there
    assert kept == rebuilt


@pytest.mark.slow
def test_two_writers_by_mistake_still_make_one_chain(tmp_path: Path) -> None:
    """The data folder's lock forbids it; should it fail, no line is lost and none stands twice."""
    path = tmp_path / "journal.db"
    with writer(path, "a") as first, writer(path, "b") as second:
        said: list[int] = []
        for child in (first, second, first, second):
            assert child.stdout is not None
            said += [int(child.stdout.readline()) for _ in range(60)]
        first.kill()
        second.kill()
    verified, there, kept, rebuilt = run(found(path))
    assert verified.ok
    assert len(set(said)) == len(said) == len(there & set(said))
    assert kept == rebuilt


def test_closing_writes_what_is_queued(tmp_path: Path) -> None:
    """A shutdown loses no record that was on its way."""

    async def scenario() -> int:
        async with asyncio.TaskGroup() as group:
            async with Journal.open(tmp_path / "j.db", clock=SystemClock()) as journal:
                for number in range(200):
                    group.create_task(journal.record(seen("a", number)))
                await asyncio.sleep(0)
        async with Journal.open(tmp_path / "j.db", clock=SystemClock()) as journal:
            return len(await journal.entries())

    assert run(scenario()) == 200
