"""What simulated hardware takes from around it: the time, its rests and chance; a rehearsal brings its own."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """By default this machine's."""

    now: Callable[[], datetime] = _now
    rest: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: random.Random = field(default_factory=random.SystemRandom)


SURROUNDINGS: ContextVar[Surroundings] = ContextVar("surroundings", default=Surroundings())  # noqa: B039 - frozen


def now() -> datetime:
    """What time the device believes it is."""
    return SURROUNDINGS.get().now()


def said_now() -> str:
    """The same as devices write it."""
    return now().isoformat(timespec="milliseconds")


async def rest(seconds: float) -> None:
    """Do nothing for so long."""
    await SURROUNDINGS.get().rest(seconds)


def chance() -> random.Random:
    """Where a device's whims and ids come from."""
    return SURROUNDINGS.get().chance
