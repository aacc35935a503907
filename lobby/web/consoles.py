"""Which consoles are alive: a browser that beats, with a signed-in person; ten seconds of silence is nobody."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from devices.reports import Clock

LIVES_S = 10.0
MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """One browser page in front of a person; `hears` says that its tone was confirmed by ear."""

    id: str
    person: str
    roles: frozenset[str]
    hears: bool
    beat_at: float


class Consoles:
    """The consoles that have beaten lately."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._consoles: OrderedDict[tuple[str, str], Console] = OrderedDict()

    def beat(self, console: str, *, person: str, roles: Iterable[str], hears: bool) -> None:
        """One sign of life. A console's id counts per person: nobody speaks for another's."""
        now = self._clock.mono()
        key = (person, console)
        self._consoles[key] = Console(id=console, person=person, roles=frozenset(roles), hears=hears, beat_at=now)
        self._consoles.move_to_end(key)
        while len(self._consoles) > MOST:
            self._consoles.popitem(last=False)

    def live(self) -> tuple[Console, ...]:
        """Those that beat within the limit."""
        since = self._clock.mono() - LIVES_S
        return tuple(console for console in self._consoles.values() if console.beat_at >= since)
