"""What goes by itself in the store of content, and what is told of it in time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from devices.reports import Clock
from lobby.core.arrivals import Arrivals
from lobby.core.batches import Batches
from lobby.core.deadlines import deadlines
from lobby.core.hub import Hub
from lobby.core.journal import NotDurable
from lobby.core.library import Library

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0
SWEEP_EVERY = timedelta(hours=1)


class ContentWatch:
    """Tells consoles of deadlines once a minute; once an hour throws away what nobody needs any more.

    Files go a month after their asset was deleted, uploads a week after their last byte; `tidies` block and throw away
    what hangs on content that is gone. A journal that fails is asked again at the next look.
    """

    def __init__(
        self,
        library: Library,
        arrivals: Arrivals,
        batches: Batches,
        *,
        clock: Clock,
        hub: Hub,
        zone: ZoneInfo,
        tidies: Callable[[], None] = lambda: None,
    ) -> None:
        self._library = library
        self._arrivals = arrivals
        self._batches = batches
        self._clock = clock
        self._hub = hub
        self._zone = zone
        self._tidies = tidies
        self._swept = clock.now()
        library.on_change(self.tell)

    async def run(self) -> None:
        """Look again and again; ends only by cancellation."""
        while True:
            self.tell()
            if self._clock.now() - self._swept >= SWEEP_EVERY:
                self._swept = self._clock.now()
                await self.sweep()
            await self._clock.sleep(LOOK_EVERY_S)

    def tell(self) -> None:
        """Put the deadlines of this moment where consoles see them."""
        found = deadlines(self._library, self._batches, self._clock.now(), self._zone)
        self._hub.put("content", found.document())

    async def sweep(self) -> None:
        """Throw away what is over."""
        try:
            await self._library.sweep(self._clock.now())
        except NotDurable as failure:
            log.warning("deleted content waits for the journal: %s", failure.cause)
        await self._arrivals.tidy()
        await asyncio.to_thread(self._tidies)
