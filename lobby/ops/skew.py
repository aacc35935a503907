"""How well panels keep together: by how much each shows a change before or after the others."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

GATHER_S = 5.0
WINDOW = 200
FRAMES_MS = 2000 / 30
ASTRAY_OF, LAST = 3, 5
MOST_OPEN = 500
MOST_PANELS = 64
BEHIND, AHEAD = "wall-out-of-step", "wall-ahead"


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSkew:
    """By how many ms a panel shows changes before or after the others, over its last changes."""

    p50_ms: float
    p99_ms: float
    changes: int


@dataclass(slots=True)
class _Change:
    """One change as far as it was told: panel → who drives it and the controller's time when it was on the glass."""

    first_told: float
    at: dict[str, tuple[str, datetime]]


class Skew:
    """Gathers what players tell of their changes and matches them by the instant at which they were due.

    A panel is out of step when three of its last five changes came more than two frames (66.7 ms) before or after the
    others', and until that is over. Times are those of one clock, the controller's, as each player measures it.
    """

    def __init__(self) -> None:
        self._open: dict[datetime, _Change] = {}
        self._astray: dict[str, deque[float]] = {}

    def told(self, changes: object, *, player: str, panels: Collection[str], mono: float) -> None:
        """What a player said of its changes, [due, at, [panel, …]] each; anything else, and panels not its own, is not
        taken.
        """
        for each in changes if isinstance(changes, list) else ():
            if (read := _read(each)) is None or (read[0] not in self._open and len(self._open) >= MOST_OPEN):
                continue
            due, at, names = read
            change = self._open.setdefault(due, _Change(first_told=mono, at={}))
            change.at |= dict.fromkeys([name for name in names if name in panels], (player, at))

    def settle(self, mono: float) -> bool:
        """Measure the changes that every player has had time to tell; whether there was one."""
        ripe = [due for due, change in self._open.items() if mono - change.first_told >= GATHER_S]
        for due in sorted(ripe):
            shown = self._open.pop(due).at
            if len(shown) == 1 and not shown.keys() & self._astray.keys():
                continue  # nothing to compare it with, now or before
            for panel, (_, at) in shown.items():
                astray = at - common(due, _one_of_each(due, shown.values()))
                self._astray.setdefault(panel, deque(maxlen=WINDOW)).append(_ms(astray))
        return bool(ripe)

    def panels(self) -> Mapping[str, PanelSkew]:
        """Every panel that has changed at all."""
        return {panel: _figures([abs(ms) for ms in astray]) for panel, astray in sorted(self._astray.items())}

    def behind(self) -> frozenset[str]:
        """The panels that change after the others."""
        return self._where(lambda ms: ms > FRAMES_MS)

    def ahead(self) -> frozenset[str]:
        """The panels that change before the others."""
        return self._where(lambda ms: ms < -FRAMES_MS)

    def _where(self, wrong: Callable[[float], bool]) -> frozenset[str]:
        last = {panel: list(astray)[-LAST:] for panel, astray in self._astray.items()}
        return frozenset(panel for panel, each in last.items() if sum(map(wrong, each)) >= ASTRAY_OF)


def common(due: datetime, shown: Collection[datetime]) -> datetime:
    """The instant at which the players, one voice each, showed a change: where most are, whatever a few clocks say.

    Where no more than half are within two frames of one another, as with two that differ, it is the one nearest to the
    instant that was planned: a player that keeps the plan is never the wrong one.
    """
    ordered = sorted(shown)
    middle = ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1]
    for found in sorted(middle, key=lambda at: abs(at - due)):
        if sum(abs(_ms(at - found)) <= FRAMES_MS for at in ordered) * 2 > len(ordered):
            return found
    return min(ordered, key=lambda at: abs(at - due))


def _one_of_each(due: datetime, shown: Iterable[tuple[str, datetime]]) -> Collection[datetime]:
    """Of each player, however many panels it drives, the time of the panel that kept the plan best."""
    best: dict[str, datetime] = {}
    for player, at in shown:
        best[player] = min(at, best.get(player, at), key=lambda each: abs(each - due))
    return best.values()


def _ms(span: timedelta) -> float:
    return span.total_seconds() * 1000


def _read(said: object) -> tuple[datetime, datetime, list[str]] | None:
    """Due, at and panels from a machine; None where it is anything else."""
    if not isinstance(said, list) or len(said) != 3 or not isinstance(said[2], list):
        return None
    try:
        due, at = (datetime.fromisoformat(str(moment)) for moment in said[:2])
    except ValueError:
        return None
    if due.tzinfo is None or at.tzinfo is None:
        return None
    return due, at, [str(name) for name in said[2][:MOST_PANELS]]


def _figures(astray: Collection[float]) -> PanelSkew:
    ordered = sorted(astray)
    p50, p99 = (ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))] for share in (0.5, 0.99))
    return PanelSkew(p50_ms=round(p50, 1), p99_ms=round(p99, 1), changes=len(ordered))
