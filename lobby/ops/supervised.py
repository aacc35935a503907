"""Duties that may crash without taking the others with them: the console must never stop a bell."""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable

from devices.backoff import Backoff
from devices.reports import Clock

log = logging.getLogger(__name__)

CALM_AFTER_S = 30.0


async def supervised(
    name: str, duty: Callable[[], Awaitable[None]], *, clock: Clock, fell: Callable[[str], None] | None = None
) -> None:
    """Run a duty for ever; when it raises or ends, tell `fell`, log once a fall and begin again after a pause."""
    pause = Backoff(random.Random(), first_s=0.2, longest_s=30.0)  # noqa: S311 - spreads restarts, no secret
    while True:
        began = clock.mono()
        try:
            await duty()
        except Exception:  # the boundary between duties: whatever breaks in one is told, and the others go on
            log.exception("%s fell and is started again", name)
        if fell is not None:
            fell(name)
        if clock.mono() - began > CALM_AFTER_S:
            pause.reset()
        await clock.sleep(pause.next_s())
