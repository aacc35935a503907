"""The only place that asks the operating system for the time, and the clocks that tests and rehearsals bring."""

from __future__ import annotations

import asyncio
import ctypes
import heapq
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from devices.reports import Clock

STEP_LIMIT_S = 2.0
SETTLING_ROUNDS = 32
TIME_ERROR = 5  # adjtimex(2): "the system clock is not synchronized to a reliable server"


class SystemClock:
    """The operating system's time."""

    def now(self) -> datetime:
        """The wall clock, aware, UTC."""
        return datetime.now(UTC)

    def mono(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait that long on the monotonic clock."""
        await asyncio.sleep(seconds)


class VirtualClock:
    """Time that moves only when told; sleepers wake in the order of their deadlines, then of their asking."""

    def __init__(self, start: datetime, mono: float = 0.0) -> None:
        self._wall = start.astimezone(UTC)
        self._mono = mono
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """The wall clock, aware, UTC."""
        return self._wall

    def mono(self) -> float:
        """Seconds that never run backwards."""
        return self._mono

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been moved that far."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waiter = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._mono + seconds, next(self._order), waiter))
        await waiter

    def next_due(self) -> float | None:
        """The earliest deadline anybody sleeps for, in monotonic seconds."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    async def advance(self, seconds: float) -> None:
        """Move wall and monotonic time forward, waking every sleeper at its own moment."""
        await self.settle()
        end = self._mono + seconds
        while (due := self.next_due()) is not None and due <= end:
            self._move(due)
            heapq.heappop(self._sleepers)[2].set_result(None)
            await self.settle()
        self._move(end)

    def pass_by(self, seconds: float) -> None:
        """Time that passes while somebody works; sleepers whose moment it reaches wake at the next `advance`."""
        self._move(self._mono + seconds)

    def step(self, seconds: float) -> None:
        """Set the wall clock forward or back without the monotonic one, as a time server may."""
        self._wall += timedelta(seconds=seconds)

    async def settle(self) -> None:
        """Let everything that is ready run; work in threads is not waited for."""
        for _ in range(SETTLING_ROUNDS):
            await asyncio.sleep(0)

    def _move(self, mono: float) -> None:
        self._wall += timedelta(seconds=mono - self._mono)
        self._mono = mono


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStep:
    """The wall clock was set: by how many seconds (negative = back), told at `at`."""

    by_s: float
    at: datetime


class StepWatch:
    """Tells when wall and monotonic time disagree by more than `limit_s` since the last look; slow drift is no step."""

    def __init__(self, clock: Clock, *, limit_s: float = STEP_LIMIT_S) -> None:
        self._clock = clock
        self._limit_s = limit_s
        self._offset = self._difference()

    def look(self) -> ClockStep | None:
        """The step since the last look, or None."""
        before, self._offset = self._offset, self._difference()
        by_s = self._offset - before
        return ClockStep(by_s=by_s, at=self._clock.now()) if abs(by_s) > self._limit_s else None

    def _difference(self) -> float:
        return self._clock.now().timestamp() - self._clock.mono()


def trusted(now: datetime, build: datetime, *, synchronised: bool | None = None) -> bool:
    """False when the clock is earlier than the build or known to be unsynchronised: keep devices as they are."""
    return now >= build and synchronised is not False


def synchronised() -> bool | None:
    """What the kernel says of its clock (adjtimex(2), read only); None where it cannot be asked."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        answer = libc.adjtimex(ctypes.create_string_buffer(512))
    except (OSError, AttributeError):
        return None
    return None if answer < 0 else answer != TIME_ERROR
