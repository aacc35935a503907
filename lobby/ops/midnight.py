"""What a lobby does once a day, at the site's midnight: the journal's signed checkpoint, and what was kept long enough
goes."""

from __future__ import annotations

import logging
from datetime import date
from zoneinfo import ZoneInfo

from devices.reports import Clock
from lobby.core.journal import Journal, NotDurable
from lobby.ops.retention import Retention

log = logging.getLogger(__name__)

LOOK_EVERY_S = 30.0


class Midnight:
    """Makes the checkpoint when the local day has changed; a journal that fails is asked again."""

    def __init__(self, journal: Journal, *, zone: ZoneInfo, clock: Clock, retention: Retention | None = None) -> None:
        self._journal = journal
        self._retention = retention
        self._zone = zone
        self._clock = clock
        self._day = self._today()

    async def run(self) -> None:
        """Look twice a minute; ends only by cancellation."""
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            await self.look()

    async def look(self) -> None:
        """One look."""
        today = self._today()
        if today == self._day:
            return
        try:
            point = await self._journal.checkpoint()
            if self._retention is not None:
                await self._retention.sweep(self._clock.now())
        except NotDurable as failure:
            log.warning("the checkpoint of %s waits for the journal: %s", self._day, failure.cause)
            return
        log.info("journal checkpoint of %s: line %s, %s", self._day, point.seq, point.hash[:16])
        self._day = today

    def _today(self) -> date:
        return self._clock.now().astimezone(self._zone).date()
