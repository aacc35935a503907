"""Talking over one link: one question at a time, everything that arrives is read, and the line is kept open."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Generic, NoReturn, TypeVar

from devices.backoff import Backoff
from devices.cancellation import heed_cancellation
from devices.errors import BadFrame, DeviceError, LinkLost
from devices.framing import Decoder
from devices.link import Link, LinkOpener
from devices.reports import Clock

Frame = TypeVar("Frame")

READ_SIZE = 1024


class Exchange(Generic[Frame]):
    """Questions and answers over one open link; whoever asks while another waits for an answer queues up.

    A frame that answers no open question goes to `stray`: late, doubled, or from someone who was not asked.
    """

    def __init__(
        self,
        link: Link,
        decoder: Decoder[Frame],
        *,
        gap_s: float,
        stray: Callable[[Frame], None] | None = None,
    ) -> None:
        self._link = link
        self._decoder = decoder
        self._gap_s = gap_s
        self._stray = stray
        self._turn = asyncio.Lock()
        self._matches: Callable[[Frame], bool] = _nothing
        self._answer: asyncio.Future[Frame] | None = None
        self.rubbish: BadFrame | None = None  # what came since the last question and was no frame
        self._over: DeviceError | None = None

    async def ask(
        self,
        request: bytes,
        matches: Callable[[Frame], bool],
        *,
        within_s: float,
        first: Callable[[], Awaitable[None]] | None = None,
        gone: Callable[[], None] = lambda: None,
    ) -> Frame:
        """The first frame that matches, counted from when it is our turn and `first` is done.

        `gone` is called when the request is on the wire, or perhaps some of it. What it left unfinished is dropped, so
        that it does not swallow the next answer.
        Raises `BadFrame` when only rubbish came in time, `LinkLost` (`silent`) when nothing did or the link is gone.
        """
        async with self._turn:
            if self._over:
                raise LinkLost(self._over.cause, self._over.detail)
            if first is not None:
                await first()
            self._matches, self.rubbish = matches, None
            self._answer = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(within_s):
                    try:
                        await self._link.write(request)
                    finally:
                        gone()
                    return await self._answer
            except TimeoutError:
                self._take(self._decoder.flush())
                raise self._unanswered(within_s) from None
            finally:
                _forget(self._answer)
                self._answer = None

    def _unanswered(self, within_s: float) -> DeviceError:
        return self.rubbish or LinkLost("silent", f"nothing within {within_s:g} s")

    async def listen(self) -> NoReturn:
        """Read for ever; raises `LinkLost` when the link is gone, after telling whoever waits."""
        try:
            while True:
                self._take(await self._more())
        except LinkLost as lost:
            self.end(lost)
            raise

    def end(self, why: DeviceError) -> None:
        """Nobody listens any more: who waits or asks later is told why."""
        self._over = self._over or why
        if self._answer and not self._answer.done():
            self._answer.set_exception(LinkLost(why.cause, why.detail))

    async def _more(self) -> list[Frame | BadFrame]:
        if not self._decoder.held:
            return self._decoder.feed(await self._link.read(READ_SIZE))
        try:
            async with asyncio.timeout(self._gap_s):
                return self._decoder.feed(await self._link.read(READ_SIZE))
        except TimeoutError:
            return self._decoder.flush()

    def _take(self, found: list[Frame | BadFrame]) -> None:
        for item in found:
            if isinstance(item, BadFrame):
                self.rubbish = item
            elif self._answer and not self._answer.done() and self._matches(item):
                self._answer.set_result(item)
            elif self._stray:
                self._stray(item)


def _nothing(frame: object) -> bool:  # noqa: ARG001 - it has the shape of a matcher
    return False


def _forget(answer: asyncio.Future[Frame]) -> None:
    if not answer.cancel() and not answer.cancelled():
        answer.exception()  # seen, so that the loop does not report it


async def keep_talking(
    open_link: LinkOpener,
    talk: Callable[[Link], Awaitable[NoReturn]],
    *,
    down: Callable[[LinkLost], None],
    backoff: Backoff,
    clock: Clock,
) -> NoReturn:
    """Open, talk until the link is lost, say `down`, wait, again; ends only by cancellation.

    `talk` resets the backoff when it has heard something good: an open port alone proves nothing.
    """
    while True:
        try:
            await _once(open_link, talk)
        except LinkLost as lost:
            heed_cancellation()
            down(lost)
        await clock.sleep(backoff.next_s())


async def _once(open_link: LinkOpener, talk: Callable[[Link], Awaitable[NoReturn]]) -> None:
    link = await open_link()
    try:
        await talk(link)
    finally:
        with suppress(LinkLost):
            await link.close()


async def talking(exchange: Exchange[Frame], duty: Awaitable[NoReturn]) -> NoReturn:
    """Listen and do the duty together; the first `LinkLost` of either ends both and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(exchange.listen(), name="listen")
            await duty
        raise AssertionError("a duty ends only by an error")
    except ExceptionGroup as several:
        raise _loss(several) from several
    finally:
        exchange.end(LinkLost("closed"))


def _loss(several: ExceptionGroup[Exception]) -> Exception:
    _, others = several.split(LinkLost)
    first: Exception = several
    while others is None and isinstance(first, ExceptionGroup):
        first = first.exceptions[0]
    return first
