"""A night of players whose clocks drift and whose network jitters, without a time server, on virtual time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import cast

from media.player.controller import Answer, Controller
from media.player.reporter import OFFSET_EVERY_S
from media.player.timing import SharedClock, offset

DUSK = datetime(2026, 11, 25, 9, tzinfo=UTC)
PLAYERS, HOURS = 7, 12
DRIFT_PPM, JITTER_S, WRONG_S = 100, 0.05, 0.05
CHANGE_EVERY_S = 12.0
SETTLED_S = 2 * OFFSET_EVERY_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """The largest difference between two players at a change: of the night, its first and its last hour.

    `early_ms`: by how much each player's clock was ahead of the true time at each of the changes.
    """

    worst_ms: float
    first_hour_ms: float
    last_hour_ms: float
    early_ms: tuple[tuple[float, ...], ...]


class _Time:
    """True seconds since dusk; only the night moves them."""

    def __init__(self) -> None:
        self.s = 0.0


class _Oscillator:
    """A machine's clock: fast or slow by a share, wrong from the beginning."""

    def __init__(self, time: _Time, chance: Random) -> None:
        self._time = time
        self._rate = 1 + chance.uniform(-DRIFT_PPM, DRIFT_PPM) * 1e-6
        self._wrong_s = chance.uniform(-WRONG_S, WRONG_S)

    def now(self) -> datetime:
        """Wall clock."""
        return DUSK + timedelta(seconds=self.mono() + self._wrong_s)

    def mono(self) -> float:
        """Seconds by its own oscillator."""
        return self._time.s * self._rate


class _Line:
    """The way to the controller, whose clock is true; each direction takes its own time."""

    def __init__(self, time: _Time, chance: Random) -> None:
        self._time = time
        self._chance = chance

    def ask(self, _method: str, _path: str, **_more: object) -> Answer:
        """The time in the middle of the trip."""
        self._time.s += self._chance.uniform(0, JITTER_S)
        said = (DUSK + timedelta(seconds=self._time.s)).isoformat()
        self._time.s += self._chance.uniform(0, JITTER_S)
        return Answer(status=200, headers={}, body=json.dumps({"now": said}).encode())


def night(seed: int, hours: float = HOURS) -> Night:
    """Every player measures once a minute; how far they are apart is looked at with every change of the wall."""
    chance, time = Random(seed), _Time()
    owns = [_Oscillator(time, chance) for _ in range(PLAYERS)]
    clocks = [SharedClock(own, lambda: False) for own in owns]
    line, measured_at = cast(Controller, _Line(time, chance)), [float("-inf")] * PLAYERS
    apart, early = list[tuple[float, float]](), list[tuple[float, ...]]()
    while time.s < hours * 3600:
        for number, (own, clock) in enumerate(zip(owns, clocks, strict=True)):
            if time.s - measured_at[number] >= OFFSET_EVERY_S:
                measured_at[number], found = time.s, offset(line, own)
                clock.measured(found.ms / 1000, within_s=found.within_ms / 1000)
        time.s += CHANGE_EVERY_S * chance.random()
        shown = [clock.now().timestamp() for clock in clocks]
        if time.s > SETTLED_S:
            apart.append((time.s, 1000 * (max(shown) - min(shown))))
            early.append(tuple(1000 * (each - DUSK.timestamp() - time.s) for each in shown))
    last = hours * 3600 - 3600
    return Night(
        worst_ms=max(ms for _, ms in apart),
        first_hour_ms=max(ms for at, ms in apart if at <= 3600),
        last_hour_ms=max(ms for at, ms in apart if at >= last),
        early_ms=tuple(early),
    )
