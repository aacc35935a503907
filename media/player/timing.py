"""The time a player plays by: its own clock where that is disciplined, else the controller's, reached without jerks.

A clock that no time server disciplines is put right by measuring the controller's (Cristian's method); small
corrections slew, so that no item jumps, and large ones step, because an hour of the wrong picture is worse.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from media.clock import Clock
from media.player.controller import Controller, ControllerGone

PROBES = 8
SLEW = 0.05
STEP_S = 1.0
DRIFT = 200e-6
WRONG_MS = 100.0
STEPPED_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset:
    """How far another clock is ahead of ours, and by how much that may be wrong."""

    ms: float
    within_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """The other clock minus our seconds that never run backwards, as it was at `mono`."""

    ahead_s: float
    within_s: float
    mono: float

    def at(self, mono: float) -> _Measured:
        """The same later: by how much it may be wrong grows as clocks drift."""
        return _Measured(ahead_s=self.ahead_s, within_s=self.within_s + DRIFT * abs(mono - self.mono), mono=mono)

    def joined(self, fresh: _Measured) -> _Measured:
        """What both leave possible; the fresh one alone where they contradict each other: somebody set a clock."""
        aged = self.at(fresh.mono)
        least = max(aged.ahead_s - aged.within_s, fresh.ahead_s - fresh.within_s)
        most = min(aged.ahead_s + aged.within_s, fresh.ahead_s + fresh.within_s)
        if least > most:
            return fresh
        return _Measured(ahead_s=(least + most) / 2, within_s=(most - least) / 2, mono=fresh.mono)


class SharedClock:
    """A `Clock` that all players of a site share; `measured` tells it how far the controller's is ahead of our own.

    `disciplined` says whether a time server keeps our own clock: None, like False, means that nobody knows.
    """

    def __init__(self, own: Clock, disciplined: Callable[[], bool | None] = lambda: None) -> None:
        self._own = own
        self._disciplined = disciplined
        self._lock = threading.Lock()
        self._measured: _Measured | None = None
        self._follows = False
        self._added_s = 0.0
        self._at = own.mono()
        self._steady = self._difference()

    @property
    def own(self) -> Clock:
        """The machine's clock as it is."""
        return self._own

    @property
    def corrected(self) -> bool:
        """Whether the controller's time is followed instead of the machine's."""
        return self._follows

    def now(self) -> datetime:
        """Shared time."""
        with self._lock:
            wall, mono = self._own.now(), self._own.mono()
            aim = self._lead(wall, mono) if self._follows else 0.0
            self._approach(aim, max(0.0, mono - self._at))
            self._at = mono
            return wall + timedelta(seconds=self._added_s)

    def mono(self) -> float:
        """Seconds that never run backwards."""
        return self._own.mono()

    def measured(self, offset_s: float, *, within_s: float = 0.0) -> None:
        """The controller's clock is that far ahead of ours now, to `within_s`; what was known before narrows it."""
        follows = self._disciplined() is not True
        with self._lock:
            self._steady = self._difference()
            fresh = _Measured(ahead_s=self._steady + offset_s, within_s=within_s, mono=self._own.mono())
            self._measured = fresh if self._measured is None else self._measured.joined(fresh)
            self._follows = follows

    def controllers(self, moment: datetime) -> datetime:
        """A moment of shared time as the controller's clock had it, as far as it was ever measured."""
        with self._lock:
            lead_s = self._lead(self._own.now(), self._own.mono()) - self._added_s
        return moment + timedelta(seconds=lead_s)

    def stepped(self) -> bool:
        """Whether somebody has set the machine's clock since the last measurement."""
        return abs(self._difference() - self._steady) > STEPPED_S

    def _lead(self, wall: datetime, mono: float) -> float:
        """How far the controller's clock is ahead of ours at this reading of both."""
        return 0.0 if self._measured is None else self._measured.ahead_s + mono - wall.timestamp()

    def _approach(self, aim: float, elapsed_s: float) -> None:
        error = aim - self._added_s
        most = SLEW * elapsed_s
        self._added_s = aim if abs(error) > STEP_S else self._added_s + max(-most, min(most, error))

    def _difference(self) -> float:
        return self._own.now().timestamp() - self._own.mono()


def offset(controller: Controller, clock: Clock) -> Offset:
    """How far the controller's clock is ahead of ours, by the shortest of eight round trips. Raises ControllerGone."""
    length, ahead = min(_trip(controller, clock) for _ in range(PROBES))
    return Offset(ms=ahead, within_ms=length / 2)


def _trip(controller: Controller, clock: Clock) -> tuple[float, float]:
    """Length of the round trip and offset, in ms: the answer was written in the middle of its trip (Cristian)."""
    before, started = clock.now(), clock.mono()
    answer = controller.ask("GET", "/api/v1/time", most_bytes=4096)
    length = clock.mono() - started
    try:
        said = datetime.fromisoformat(_time_in(answer.body))
        ahead = (said - before).total_seconds() - length / 2
    except (ValueError, TypeError) as error:
        raise ControllerGone("no time in the answer") from error
    return length * 1000, ahead * 1000


def _time_in(body: bytes) -> str:
    document = json.loads(body)
    return str(document["now"]) if isinstance(document, dict) and "now" in document else ""
