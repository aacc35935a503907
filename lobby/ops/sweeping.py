"""What goes by itself in the store of content: files of what was deleted a month ago, uploads nobody goes on with."""

from __future__ import annotations

import logging

from devices.reports import Clock
from lobby.core.arrivals import Arrivals
from lobby.core.journal import NotDurable
from lobby.core.library import Library

log = logging.getLogger(__name__)

LOOK_EVERY_S = 3600.0


class Sweep:
    """Looks once an hour; a journal that fails is asked again at the next look."""

    def __init__(self, library: Library, arrivals: Arrivals, *, clock: Clock) -> None:
        self._library = library
        self._arrivals = arrivals
        self._clock = clock

    async def run(self) -> None:
        """Look again and again; ends only by cancellation."""
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            await self.look()

    async def look(self) -> None:
        """One look."""
        try:
            await self._library.sweep(self._clock.now())
        except NotDurable as failure:
            log.warning("deleted content waits for the journal: %s", failure.cause)
        await self._arrivals.tidy()
