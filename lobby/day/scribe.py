"""Writing down what nobody waits for: as it comes, together, and again after a failure."""

from __future__ import annotations

import asyncio

from devices.reports import Clock
from lobby.core.journal import Fact, Journal, NotDurable

WRITE_AGAIN_S = 1.0
MOST_WAITING = 1000


class Scribe:
    """Takes facts at once and writes them by `run`; when the journal fails for long, the newest are worth more."""

    def __init__(self, journal: Journal, *, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._waiting: asyncio.Queue[Fact] = asyncio.Queue(MOST_WAITING)

    def note(self, fact: Fact) -> None:
        """Write it soon."""
        if self._waiting.full():
            self._waiting.get_nowait()
        self._waiting.put_nowait(fact)

    async def run(self) -> None:
        """Write for ever; ends only by cancellation."""
        while True:
            facts = [await self._waiting.get()]
            while not self._waiting.empty():
                facts.append(self._waiting.get_nowait())
            while not await self._written(facts):
                await self._clock.sleep(WRITE_AGAIN_S)

    async def _written(self, facts: list[Fact]) -> bool:
        try:
            await self._journal.record(*facts)
        except NotDurable:
            return False
        return True
