"""No record, so no alarm: never. What happens when the journal, or the emergency file, or both cannot be written."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lobby.core.clock import SystemClock
from lobby.safety.chronicle import INCIDENTS
from lobby.safety.emergency import EmergencyFile
from lobby.safety.incidents import IncidentState
from tests.lobby.safety.rooms import clock, kinds, opened, press, reopened, settle, spoil
from tests.running import run


@pytest.mark.parametrize("state", ["slow", "full"])
def test_a_press_that_the_journal_cannot_take_stands_in_the_emergency_file(tmp_path: Path, state: str) -> None:
    """It is raised, durable and told."""
    told: list[str | None] = []

    async def work() -> None:
        async with opened(tmp_path, clock(), told=told.append) as (room, disk):
            disk.state = state
            assert await room.presses.pressed(press(press_id="a"))
            assert [i.state for i in room.incidents.open()] == [IncidentState.RAISED]
            assert [fact.kind for fact in EmergencyFile(tmp_path).read()] == ["incident.raised"]

    run(work())
    assert told == ["not-in-journal"]


@pytest.mark.parametrize("lands", [True, False])
def test_the_next_start_folds_the_emergency_file_in_without_duplicates(tmp_path: Path, lands: bool) -> None:
    """Whether the slow write came through later or not, each move is there once."""

    async def work() -> None:
        at = clock()
        async with opened(tmp_path, at) as (room, disk):
            disk.state = "slow"
            await room.presses.pressed(press(press_id="a"))
            await room.presses.pressed(press(press_id="b"))
            disk.state = "ok"
            disk.late = disk.late[:1] if lands else []
            await disk.land()
            async with reopened(disk, tmp_path, at) as after:
                assert await kinds(disk) == ["incident.raised", "incident.pressed"]
                assert await after.presses.pressed(press(press_id="b"))
                assert [incident.presses for incident in after.incidents.open()] == [2]
            assert not (tmp_path / "emergency.jsonl").exists()

    run(work())


def test_with_both_gone_people_are_called_and_the_bell_is_not_assured(tmp_path: Path) -> None:
    """False, raised, told; a repeat of the press that finds a disk is durable then, and raises nothing new."""
    told: list[str | None] = []
    seen: list[str] = []

    async def work() -> None:
        async with opened(tmp_path, clock(), told=told.append) as (room, disk):
            room.incidents.on_change(lambda incident: seen.append(incident.state.value))
            disk.state = "full"
            spoil(tmp_path)
            assert not await room.presses.pressed(press(press_id="a"))
            assert not await room.presses.pressed(press(press_id="a"))
            await settle()
            assert (seen, told) == (["raised"], ["not-durable"])
            disk.state = "ok"
            assert await room.presses.pressed(press(press_id="a"))
            assert await kinds(disk) == ["incident.raised"]

    run(work())
    assert told[-1] is None


def test_people_can_act_while_nothing_can_be_written(tmp_path: Path) -> None:
    """What they did is written, in order, as soon as it can be."""

    async def work() -> None:
        async with opened(tmp_path, clock()) as (room, disk):
            disk.state = "full"
            spoil(tmp_path)
            await room.presses.pressed(press(press_id="a"))
            (incident,) = room.incidents.open()
            await room.incidents.acknowledge(incident.id, person="kim", role="guard")
            disk.state = "ok"
            assert await room.assurance.settle()
            assert await kinds(disk) == ["incident.raised", "incident.acknowledged"]

    run(work())


def test_a_start_without_a_readable_journal_raises_from_the_emergency_file(tmp_path: Path) -> None:
    """And keeps the file until the journal has it."""

    async def work() -> None:
        at = clock()
        async with opened(tmp_path, at) as (room, disk):
            disk.state = "full"
            await room.presses.pressed(press(press_id="a"))
            async with reopened(disk, tmp_path, at) as after:
                assert [incident.bell for incident in after.incidents.open()] == ["loud"]
            assert (tmp_path / "emergency.jsonl").exists()

    run(work())


def test_an_emergency_file_that_cannot_be_read_stops_no_start(tmp_path: Path) -> None:
    """It is left for a person; the journal's incidents are there."""

    async def work() -> None:
        at = clock()
        async with opened(tmp_path, at) as (room, disk):
            await room.presses.pressed(press(press_id="a"))
            spoil(tmp_path)
            async with reopened(disk, tmp_path, at) as after:
                assert len(after.incidents.open()) == 1
            assert (tmp_path / "emergency.jsonl").exists()

    run(work())


def test_a_torn_line_spoils_only_itself(tmp_path: Path) -> None:
    """A kill in the middle of a write leaves half a line."""

    async def work() -> None:
        async with opened(tmp_path, clock()) as (room, disk):
            disk.state = "full"
            await room.presses.pressed(press("loud", "a"))
            with (tmp_path / "emergency.jsonl").open("ab") as file:
                file.write(b'\n{"kind": "incident.rai')
            await room.presses.pressed(press("wired", "b"))
            bells = [fact.payload["bell"] for fact in EmergencyFile(tmp_path).read()]
            assert bells == ["loud", "wired"]

    run(work())


def test_an_emergency_disk_that_hangs_holds_nobody_up_for_long(tmp_path: Path) -> None:
    """A pipe that nobody reads stands for it."""
    os.mkfifo(tmp_path / "emergency.jsonl")

    async def work() -> None:
        with EmergencyFile(tmp_path, limit_s=0.05) as file:
            with pytest.raises(TimeoutError):
                await file.append([])
            os.close(os.open(tmp_path / "emergency.jsonl", os.O_RDONLY | os.O_NONBLOCK))

    run(work())


def _held(path: Path, until: threading.Event, held: threading.Event) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    held.set()
    until.wait(20)
    other.execute("ROLLBACK")
    other.close()


def test_a_writer_blocked_for_longer_than_half_a_second_delays_the_alarm_by_no_more(tmp_path: Path) -> None:
    """Another process holds the real journal: raised and durable by the other path within 0.5 s and a little."""
    until, held = threading.Event(), threading.Event()
    path = tmp_path / "journal.db"
    took: list[float] = []

    async def work() -> None:
        async with opened(tmp_path, SystemClock(), path) as (room, disk):
            holder = threading.Thread(target=_held, args=(path, until, held))
            holder.start()
            await asyncio.to_thread(held.wait)
            began = time.monotonic()
            assert await room.presses.pressed(press(press_id="a"))
            took.append(time.monotonic() - began)
            until.set()
            await asyncio.to_thread(holder.join)
            assert await room.assurance.settle()
            rows = await disk.journal.read("SELECT doc FROM incidents")
            assert len(rows) == 1

    run(work())
    assert 0.4 < took[0] < 1.5


@pytest.mark.parametrize("harm", ["query_only = ON", "max_page_count = 1"])
def test_a_journal_that_is_read_only_or_full_is_survived(tmp_path: Path, harm: str) -> None:
    """The real writer's connection is made so; SQLite's own errors do the rest."""
    path = tmp_path / "journal.db"
    trap = _Trap(harm)

    async def work() -> None:
        async with opened(tmp_path, SystemClock(), path) as (room, _):
            await room.presses.pressed(press("wired", "w"))
            with trap:
                assert await room.presses.pressed(press(press_id="a"))
            assert len(EmergencyFile(tmp_path).read()) == 1
            assert len(room.incidents.open()) == 2
        async with opened(tmp_path, SystemClock(), path) as (room, disk):
            assert [incident.bell for incident in room.incidents.open()] == ["wired", "loud"]
            assert await kinds(disk) == ["incident.raised"] * 2

    run(work())


class _Trap:
    """While it is set, the fold of an incident runs on a connection that cannot write."""

    def __init__(self, harm: str) -> None:
        self._harm = harm
        self._apply: Callable[..., None] = type(INCIDENTS).apply

    def __enter__(self) -> None:
        def harmed(table: object, cursor: sqlite3.Cursor, entry: object) -> None:
            cursor.execute(f"PRAGMA {self._harm}")
            cursor.execute("CREATE TABLE too_much AS SELECT randomblob(100000) AS filling")
            self._apply(table, cursor, entry)

        type(INCIDENTS).apply = harmed  # type: ignore[method-assign, assignment]  # put back on leaving

    def __exit__(self, *_: object) -> None:
        type(INCIDENTS).apply = self._apply  # type: ignore[method-assign]  # as it was
