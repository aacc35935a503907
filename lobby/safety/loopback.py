"""Our own path to the broker and back: a word is published every few seconds and must come in again.

It notices within 10 s that bells on MQTT could not be heard, even while everything is quiet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from devices.errors import DeviceError
from devices.reports import Clock

EVERY_S = 5.0
ANSWER_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The last word sent and the last one back, in seconds of the monotonic clock."""

    number: int = 0
    sent: float | None = None
    back: float | None = None

    def sending(self, mono: float) -> Round:
        """The next word goes out."""
        return replace(self, number=self.number + 1, sent=mono, back=None)

    def received(self, number: int, mono: float) -> Round:
        """A word came in; an older one proves nothing."""
        return replace(self, back=mono) if number == self.number else self

    def undisturbed(self, mono: float) -> bool | None:
        """True when the last word came back, False when it is overdue, None while that is open."""
        if self.back is not None:
            return True
        return False if self.sent is not None and mono - self.sent >= ANSWER_S else None


class LoopBack:
    """Sends, listens and tells the edges: `told(True)` when the path works, `told(False)` when it does not."""

    def __init__(
        self, publish: Callable[[str], Awaitable[None]], *, clock: Clock, told: Callable[[bool], None], boot: str = ""
    ) -> None:
        self._publish = publish
        self._clock = clock
        self._told = told
        self._boot = boot
        self._round = Round()
        self._works: bool | None = None
        self._back_at: datetime | None = None

    def proved_at(self) -> datetime | None:
        """When a word of ours last came back."""
        return self._back_at

    @property
    def works(self) -> bool | None:
        """None until the first word came back or was given up."""
        return self._works

    def received(self, word: str) -> None:
        """Something came in on our own topic; what another run sent is passed over."""
        boot, _, number = word.rpartition(":")
        if boot == self._boot and number.isdecimal() and len(number) < 16:
            self._round = self._round.received(int(number), self._clock.mono())
            self._back_at = self._back_at if self._round.back is None else self._clock.now()
            self.look()

    def look(self) -> None:
        """Tell an edge if there is one."""
        works = self._round.undisturbed(self._clock.mono())
        if works is not None and works is not self._works:
            self._works = works
            self._told(works)

    async def run(self) -> None:
        """Send every `EVERY_S`, look `ANSWER_S` later; ends only by cancellation."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._round = self._round.sending(self._clock.mono())
                sending = tasks.create_task(self._send(), name="loop-back: send")
                await self._clock.sleep(ANSWER_S)
                self.look()
                await self._clock.sleep(EVERY_S - ANSWER_S)
                sending.cancel()

    async def _send(self) -> None:
        try:
            await self._publish(f"{self._boot}:{self._round.number}")
        except DeviceError:
            return  # it will not come back, which is what is looked for
