"""Proof of life for whoever supervises this process: systemd by its socket, a container's health check by a file.

Source: sd_notify(3) and sd_watchdog_enabled(3). Nothing is told where nobody listens.
"""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from devices.reports import Clock
from lobby.core.journal import Journal, NotDurable

UNASKED_EVERY_S = 10.0
PULSE = "UPDATE journal_pulse SET beats = beats + 1"


class Supervisor:
    """Told by `alive` after every real proof; passes on no more than the supervisor needs."""

    def __init__(self, environment: Mapping[str, str], *, mono: Callable[[], float]) -> None:
        self._socket = environment.get("NOTIFY_SOCKET")
        named = environment.get("LOBBY_ALIVE_FILE")
        self._file = Path(named) if named else None
        self._mono = mono
        self._told_at = float("-inf")
        self.every_s = _watchdog_s(environment) / 2 or UNASKED_EVERY_S

    @property
    def watches(self) -> bool:
        """Does anybody want to know?"""
        return self._socket is not None or self._file is not None

    def alive(self, status: str = "") -> None:
        """Tell it, at most once in half of `every_s`; the first time it also means that the start is over."""
        now = self._mono()
        if now - self._told_at < self.every_s / 2:
            return
        first, self._told_at = self._told_at < 0, now
        self._say(*(("READY=1",) if first else ()), "WATCHDOG=1", *((f"STATUS={status}",) if status else ()))
        self._touch()

    def stopping(self) -> None:
        """The end has begun; from now on silence means nothing."""
        self._say("STOPPING=1")

    def _say(self, *lines: str) -> None:
        if self._socket is None:
            return
        address = "\0" + self._socket[1:] if self._socket.startswith("@") else self._socket
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line, suppress(OSError):
            line.setblocking(False)  # a supervisor that does not read must not stop a bell
            line.sendto("\n".join(lines).encode(), address)

    def _touch(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # an old file is what the health check looks for
                self._file.touch(mode=0o600)


async def prove(journal: Journal, supervisor: Supervisor, clock: Clock) -> None:
    """Prove again and again that the loop turns and the journal's writer answers.

    A full or broken disk is an answer: it is told as the status, and presses go on from memory, which a restart would
    lose. Only a writer that never answers, or a loop that stands still, keeps the proof back.
    """
    while True:
        supervisor.alive(await _answer(journal))
        await clock.sleep(supervisor.every_s)


async def _answer(journal: Journal) -> str:
    try:
        await journal.transact(_pulse)
    except NotDurable as failure:
        return f"the journal cannot write: {failure.cause}"
    return "the journal writes"


def _pulse(cursor: sqlite3.Cursor) -> None:
    cursor.execute(PULSE)


def _watchdog_s(environment: Mapping[str, str]) -> float:
    """How long silence may last; 0 where nobody said, or said it to another process."""
    microseconds = environment.get("WATCHDOG_USEC", "")
    meant = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(microseconds) / 1e6 if meant and microseconds.isdigit() else 0.0
