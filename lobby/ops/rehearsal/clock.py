"""The clock of a rehearsal: its time is the loop's, its steps are told, and who only looks or greets rests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from lobby.ops.rehearsal.loop import News, VirtualLoop

NEVER_SEEN = -1


class Happenings:
    """Whatever may concern anybody: lines of the journal, and what the rehearsal itself does to the house."""

    def __init__(self, time: Callable[[], float]) -> None:
        self._time = time
        self._count = 0
        self._unsettled_until = 0.0

    def version(self) -> int:
        """See `News`."""
        return self._count

    def open(self) -> bool:
        """Deadlines of something that is not well may still run out."""
        return self._time() < self._unsettled_until

    def tell(self, *, settles_s: float = 0.0) -> None:
        """Something has happened, and what follows from it by itself does so within that time."""
        self._count += 1
        self._unsettled_until = max(self._unsettled_until, self._time() + settles_s)


class Nothing:
    """No news ever: for whoever only says that nothing has happened."""

    def version(self) -> int:
        """See `News`."""
        return 0

    def open(self) -> bool:
        """See `News`."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """What somebody who pauses again and again looks at, and whether others count on their turns."""

    news: News
    keeps: bool = False


class RehearsalClock:
    """See `devices.reports.Clock`. `habit_of` knows by the name of a task who rests; everybody else is waited for."""

    def __init__(
        self,
        loop: VirtualLoop,
        start: datetime,
        *,
        habit_of: Callable[[str], Habit | None] = lambda _: None,
        takes_s: Callable[[], float] | None = None,
    ) -> None:
        self._loop = loop
        self._start = start
        self._habit_of = habit_of
        self._takes_s = takes_s
        self._stepped_s = 0.0
        self._habits: dict[str, Habit | None] = {}
        self._seen: WeakKeyDictionary[asyncio.Task[object], int] = WeakKeyDictionary()

    def now(self) -> datetime:
        """The wall clock, aware, UTC."""
        return self._start + timedelta(seconds=self.mono() + self._stepped_s)

    def mono(self) -> float:
        """Seconds that never run backwards; asking may take a moment, as work does."""
        if self._takes_s is not None:
            self._loop.pass_by(self._takes_s())
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        """Wait that long on the monotonic clock, or rest until there is news."""
        task = asyncio.current_task()
        habit = None if task is None or seconds <= 0 else self._habit(task.get_name())
        if task is None or habit is None:
            await asyncio.sleep(seconds)
            return
        seen = self._seen.get(task, NEVER_SEEN)
        await self._loop.rest(seconds, habit.news, seen, keeps=habit.keeps)
        self._seen[task] = habit.news.version()

    def step(self, seconds: float) -> None:
        """Set the wall clock without the monotonic one, as a time server may."""
        self._stepped_s += seconds

    def _habit(self, name: str) -> Habit | None:
        if name not in self._habits:
            self._habits[name] = self._habit_of(name)
        return self._habits[name]
