"""An event loop without sockets, threads or waiting: when everybody waits, its time jumps to what comes next.

A *rest* is a pause of somebody who only looks whether anything has changed, or only says that nothing has. While there
is no news for it, its turns change nothing, so they are left out; a rest with `keeps` still has its last turn before
whatever happens next, so that nobody's deadline runs out because healthy signs of life were left out.
"""

from __future__ import annotations

import asyncio
import contextvars
import heapq
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import count
from math import ceil
from typing import Any, Protocol

from lobby.ops.rehearsal.network import Factory, Listening, Network

FINEST_S = 1e-6
FRESH_S = 1.0  # a sign of life of less than that ago is good enough for every deadline
RESOLUTION_S = 1e-7


class News(Protocol):
    """What somebody who rests would have to look at."""

    def version(self) -> int:
        """Another number whenever something has happened."""

    def open(self) -> bool:
        """Something goes on, so nothing may be left out."""


@dataclass(slots=True, eq=False, kw_only=True)
class Rest:
    """A pause of `period_s`, begun at `began`, of somebody who had seen the news up to `seen`."""

    began: float
    period_s: float
    waker: asyncio.Future[None]
    news: News
    seen: int
    keeps: bool

    def quiet(self) -> bool:
        """Whether the next turn would change nothing."""
        return self.news.version() == self.seen and not self.news.open()

    def next_turn(self, now: float) -> float:
        """The first turn that is not past."""
        return self.began + self.period_s * max(1, ceil((now - self.began) / self.period_s - FINEST_S))

    def last_turn(self, before: float) -> float | None:
        """The last turn before a moment, if there is one and it would tell anything new."""
        if before - self.began <= FRESH_S:
            return None
        turns = ceil((before - self.began) / self.period_s - FINEST_S) - 1
        return self.began + self.period_s * turns if turns >= 1 else None


class _Timer(asyncio.TimerHandle):
    """A timer that comes after those of the same moment that were set before it."""

    __slots__ = ("order",)
    _scheduled: bool

    def __init__(self, order: int, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.order = order

    def __lt__(self, other: object) -> bool:
        assert isinstance(other, _Timer)
        return (self.when(), self.order) < (other.when(), other.order)


class _Selector:
    """What the loop asks when nothing is ready; instead of waiting it lets time jump."""

    def __init__(self, leap: Callable[[], None]) -> None:
        self._leap = leap

    def select(self, timeout: float | None) -> list[object]:
        """Nothing ever comes from outside."""
        if timeout is None or timeout > 0:
            self._leap()
        return []


class VirtualLoop(asyncio.BaseEventLoop):
    """Deterministic: timers of one moment fire in the order of their setting; work for threads is done on the spot."""

    _scheduled: list[_Timer]

    def __init__(self) -> None:
        super().__init__()
        self.network = Network(self)
        self.turns = 0
        self._virtual_s = 0.0
        self._clock_resolution = RESOLUTION_S  # more than the last digit of a year in seconds
        self._selector = _Selector(self._jump)
        self._order = count()
        self._rests: dict[asyncio.Future[None], Rest] = {}

    def time(self) -> float:
        """Seconds since this loop began."""
        return self._virtual_s

    def pass_by(self, seconds: float) -> None:
        """Time that goes by while somebody works."""
        self._virtual_s += seconds

    def call_at(  # type: ignore[override]  # the base class ties the arguments to the callback's
        self, when: float, callback: Callable[..., Any], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        """As every loop, but equal moments keep their order."""
        timer = _Timer(next(self._order), when, callback, args, self, context)
        heapq.heappush(self._scheduled, timer)
        timer._scheduled = True  # noqa: SLF001 - the base class takes note of cancelled timers by it
        return timer

    def run_in_executor(  # type: ignore[override]  # as above
        self,
        executor: Executor | None,  # noqa: ARG002 - there are no threads in a rehearsal
        func: Callable[..., Any],
        *args: Any,
    ) -> asyncio.Future[Any]:
        """Here and now."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as failed:  # whoever waits for the thread's work gets what the work raised
            future.set_exception(failed)
        return future

    async def rest(self, period_s: float, news: News, seen: int, *, keeps: bool) -> None:
        """Pause until the next turn, or until there is news."""
        waker = self.create_future()
        rest = Rest(began=self.time(), period_s=period_s, waker=waker, news=news, seen=seen, keeps=keeps)
        self._rests[waker] = rest
        try:
            await waker
        finally:
            self._rests.pop(waker, None)

    async def create_connection(  # type: ignore[override]  # of its many forms the one that streams use
        self, protocol_factory: Factory, host: str | None = None, port: int | None = None, **_: Any
    ) -> tuple[asyncio.Transport, asyncio.BaseProtocol]:
        """A connection inside this loop's own network; the port alone counts."""
        del host
        return self.network.connect(protocol_factory, int(port or 0))

    async def create_server(  # type: ignore[override]  # as above
        self, protocol_factory: Factory, host: str | None = None, port: int | None = None, **_: Any
    ) -> Listening:
        """A server inside this loop's own network."""
        del host
        return self.network.serve(protocol_factory, int(port or 0))

    async def create_unix_server(  # type: ignore[override]  # as above
        self, protocol_factory: Factory, path: str | None = None, **_: Any
    ) -> Listening:
        """Nobody comes to it from outside."""
        del path
        return self.network.serve(protocol_factory, 0)

    def _jump(self) -> None:
        """To the next timer or to whoever has something to look at; before it, signs of life that were left out."""
        events = [self._scheduled[0].when()] if self._scheduled else []
        rests = [rest for rest in self._rests.values() if not rest.waker.done()]
        busy = [(rest.next_turn(self._virtual_s), rest) for rest in rests if not rest.quiet()]
        if not events and not busy:
            raise RuntimeError("nothing will ever happen again")
        goal = min([*events, *(at for at, _ in busy)])
        kept = [(at, rest) for rest in rests if rest.keeps and (at := rest.last_turn(goal)) is not None]
        moment = max(self._virtual_s, min([goal, *(at for at, _ in kept)]))
        self._virtual_s = moment
        self.turns += 1
        for at, rest in (*kept, *busy):
            if at <= moment and not rest.waker.done():
                rest.waker.set_result(None)

    def _process_events(self, event_list: list[object]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody sleeps who would have to be woken."""
