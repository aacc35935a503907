"""The time a player plays by: its own clock where that is disciplined, else the controller's, reached without jerks.

A clock that no time server disciplines is put right by measuring the controller's (Cristian's method); small
corrections slew, so that no item jumps, and large ones step, because an hour of the wrong picture is worse.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from media.clock import Clock
from media.player.controller import Controller, ControllerGone

PROBES = 8
SLEW = 0.05
STEP_S = 1.0
WRONG_MS = 100.0
STEPPED_S = 0.5


class SharedClock:
    """A `Clock` that all players of a site share; `measured` tells it how far the controller's is ahead of our own.

    `disciplined` says whether a time server keeps our own clock: None, like False, means that nobody knows.
    """

    def __init__(self, own: Clock, disciplined: Callable[[], bool | None] = lambda: None) -> None:
        self._own = own
        self._disciplined = disciplined
        self._lock = threading.Lock()
        self._ahead_of_mono: float | None = None
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
        return self._ahead_of_mono is not None

    def now(self) -> datetime:
        """Shared time."""
        with self._lock:
            wall, mono = self._own.now(), self._own.mono()
            aim = 0.0 if self._ahead_of_mono is None else self._ahead_of_mono + mono - wall.timestamp()
            self._approach(aim, max(0.0, mono - self._at))
            self._at = mono
            return wall + timedelta(seconds=self._added_s)

    def mono(self) -> float:
        """Seconds that never run backwards."""
        return self._own.mono()

    def measured(self, offset_s: float) -> None:
        """The controller's clock is that far ahead of ours now."""
        undisciplined = self._disciplined() is not True
        with self._lock:
            self._steady = self._difference()
            self._ahead_of_mono = self._steady + offset_s if undisciplined else None

    def stepped(self) -> bool:
        """Whether somebody has set the machine's clock since the last measurement."""
        return abs(self._difference() - self._steady) > STEPPED_S

    def _approach(self, aim: float, elapsed_s: float) -> None:
        error = aim - self._added_s
        most = SLEW * elapsed_s
        self._added_s = aim if abs(error) > STEP_S else self._added_s + max(-most, min(most, error))

    def _difference(self) -> float:
        return self._own.now().timestamp() - self._own.mono()


def offset_ms(controller: Controller, clock: Clock) -> float:
    """How far the controller's clock is ahead of ours, by the shortest of eight round trips. Raises ControllerGone."""
    trips = [_trip(controller, clock) for _ in range(PROBES)]
    return min(trips)[1]


def _trip(controller: Controller, clock: Clock) -> tuple[float, float]:
    """Length of the round trip and offset, in ms: the answer was written in the middle of its trip (Cristian)."""
    before, started = clock.now(), clock.mono()
    answer = controller.ask("GET", "/api/v1/time", most_bytes=4096)
    length = clock.mono() - started
    try:
        said = datetime.fromisoformat(_time_in(answer.body))
        offset = (said - before).total_seconds() - length / 2
    except (ValueError, TypeError) as error:
        raise ControllerGone("no time in the answer") from error
    return length * 1000, offset * 1000


def _time_in(body: bytes) -> str:
    document = json.loads(body)
    return str(document["now"]) if isinstance(document, dict) and "now" in document else ""
