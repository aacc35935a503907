"""How much room the data folder's disk has left, asked for at most twice a minute and never waited for long."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from devices.reports import Clock
from lobby.web.morning.books import Free

LASTS_S = 30.0
WAIT_S = 1.0


class Space:
    """Asks the disk in a thread: one that hangs is unknown, and asked again later."""

    def __init__(self, folder: Path, *, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._asked = float("-inf")
        self._found: Free | None = None

    async def free(self) -> Free | None:
        """What the last look found; None where the disk does not say."""
        now = self._clock.mono()
        if now - self._asked >= LASTS_S:
            self._asked = now
            self._found = await self._look()
        return self._found

    async def _look(self) -> Free | None:
        try:
            disk = await asyncio.wait_for(asyncio.to_thread(os.statvfs, self._folder), WAIT_S)
        except (OSError, TimeoutError):
            return None
        return Free(count=disk.f_bavail * disk.f_frsize, at=self._clock.now())
