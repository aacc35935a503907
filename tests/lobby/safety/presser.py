"""A child process that records presses until it is killed at a boundary that its parent chose.

Boundaries are counted in one row: before and after each record, each SQL statement of the writer (BEGIN, INSERT,
COMMIT, as SQLite traces them) and each system call on the emergency file.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lobby.core.clock import SystemClock
from lobby.core.ledger import Ledger
from lobby.core.projection import Entry, Fact
from lobby.safety import emergency
from tests.lobby.safety.rooms import Disk, opened, press

PRELOADED = ["tests.lobby.safety.presser", "tests.lobby.core.bringer"]
"""One fork server serves all tests of a process; what it has not loaded every child loads anew."""
BELLS = ("loud", "wired", "stray")
PRESSES = 12


class Fate:
    """Counts boundaries and ends the process at the chosen one."""

    def __init__(self, at: int) -> None:
        self._left = at

    def passes(self, *_: object) -> None:
        """One boundary."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call between two boundaries."""

        def counted(*given: Any, **named: Any) -> Any:
            self.passes()
            result = call(*given, **named)
            self.passes()
            return result

        return counted


def press_until_killed(folder: Path, kill_at: int) -> None:
    """Press `PRESSES` times with ids, every fourth while the journal fails; each id answered True goes to a file."""
    asyncio.run(_work(folder, Fate(kill_at)))


async def _work(folder: Path, fate: Fate) -> None:
    accepted = os.open(folder / "accepted", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    async with opened(folder, SystemClock(), folder / "journal.db") as (room, disk):
        _trap(fate, disk)
        for number in range(PRESSES):
            disk.state = "full" if number % 4 == 3 else "ok"
            bell = BELLS[number % 3]
            if await room.presses.pressed(press(bell, f"p{number}")):
                os.write(accepted, f"{bell} p{number}\n".encode())
            if number == 5:
                await room.incidents.acknowledge(room.incidents.open()[0].id, person="kim", role="guard")
    os.write(accepted, b"finished -\n")


def _trap(fate: Fate, disk: Disk) -> None:
    emergency.os = _Calls(fate)  # type: ignore[assignment, attr-defined]  # this process only
    append = Ledger.append

    def traced(ledger: Ledger, cursor: sqlite3.Cursor, drafts: Any) -> tuple[Entry, ...]:
        cursor.connection.set_trace_callback(fate.passes)
        return append(ledger, cursor, drafts)

    Ledger.append = traced  # type: ignore[method-assign, assignment]  # this process only
    record = disk.journal.record

    async def bounded(*facts: Fact, within_s: float | None = None) -> tuple[Entry, ...]:
        fate.passes()
        entries = await record(*facts, within_s=within_s)
        fate.passes()
        return entries

    disk.journal.record = bounded  # type: ignore[method-assign]  # this process only


class _Calls:
    """The `os` module with boundaries around what writes."""

    def __init__(self, fate: Fate) -> None:
        self.write = fate.around(os.write)
        self.fsync = fate.around(os.fsync)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)
