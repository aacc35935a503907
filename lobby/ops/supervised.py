"""Duties that may fall without taking the others with them: the console must never stop a bell."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from devices.backoff import Backoff
from devices.cancellation import heed_cancellation
from devices.reports import Clock
from lobby.core.problem import Refusal

log = logging.getLogger(__name__)

CALM_AFTER_S = 30.0


async def supervised(
    name: str, duty: Callable[[], Awaitable[None]], *, clock: Clock, until: asyncio.Event | None = None
) -> None:
    """Run a duty until cancelled, or until it ends after `until` is set; when it falls, log it and begin again.

    A Refusal is no fall: somebody has to mend something, so it is raised.
    """
    pause = Backoff(random.Random(), first_s=0.2, longest_s=30.0)  # noqa: S311 - spreads restarts, no secret
    while until is None or not until.is_set():
        began = clock.mono()
        try:
            await asyncio.ensure_future(duty())  # a task of its own, so that cancellations of this one can be counted
        except Refusal:
            raise
        except Exception:  # the boundary between duties: whatever breaks in one is told, and the others go on
            log.exception("%s fell and is started again", name)
        heed_cancellation()
        if until is not None and until.is_set():
            return
        if clock.mono() - began > CALM_AFTER_S:
            pause.reset()
        await clock.sleep(pause.next_s())


async def spared(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do once what no bell and no screen needs; where it fails, whatever the reason, it is told and left."""
    try:
        await work()
    except Exception:  # a picture that cannot be drawn must not end the lobby
        log.exception("%s: left until the next start", name)
