"""How well panels keep together: each change as every panel showed it, later than the first one by so much."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

GATHER_S = 5.0
WINDOW = 200
FRAMES_MS = 2000 / 30
LATE_OF, LAST = 3, 5
MOST_OPEN = 500
MOST_PANELS = 64
TROUBLE = "wall-out-of-step"


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSkew:
    """By how many ms a panel shows changes later than the first panel of the same change, over its last changes."""

    p50_ms: float
    p99_ms: float
    changes: int


@dataclass(slots=True)
class _Change:
    """One change as far as it was told: panel → the controller's time at which it was on the glass."""

    first_told: float
    at: dict[str, datetime]


class Skew:
    """Gathers what players tell of their changes and matches them by the instant at which they were due.

    A panel is out of step when three of its last five changes came more than two frames (66.7 ms) after the first
    panel's, and until that is over. Times are those of one clock, the controller's, as each player measures it.
    """

    def __init__(self) -> None:
        self._open: dict[datetime, _Change] = {}
        self._late: dict[str, deque[float]] = {}

    def told(self, changes: object, *, panels: Collection[str], mono: float) -> None:
        """What a player said of its changes, [due, at, [panel, …]] each; anything else, and panels not its own, is not
        taken.
        """
        for each in changes if isinstance(changes, list) else ():
            if (read := _read(each)) is None or (read[0] not in self._open and len(self._open) >= MOST_OPEN):
                continue
            due, at, names = read
            change = self._open.setdefault(due, _Change(first_told=mono, at={}))
            change.at |= dict.fromkeys([name for name in names if name in panels], at)

    def settle(self, mono: float) -> bool:
        """Measure the changes that every player has had time to tell; whether there was one."""
        ripe = [due for due, change in self._open.items() if mono - change.first_told >= GATHER_S]
        for due in sorted(ripe):
            shown = self._open.pop(due).at
            first = min(shown.values(), default=None)
            for panel, at in shown.items():
                assert first is not None
                self._late.setdefault(panel, deque(maxlen=WINDOW)).append((at - first).total_seconds() * 1000)
        return bool(ripe)

    def panels(self) -> Mapping[str, PanelSkew]:
        """Every panel that has changed at all."""
        return {panel: _figures(late) for panel, late in sorted(self._late.items())}

    def out_of_step(self) -> frozenset[str]:
        """The panels that are behind."""
        last = {panel: list(late)[-LAST:] for panel, late in self._late.items()}
        return frozenset(panel for panel, late in last.items() if sum(ms > FRAMES_MS for ms in late) >= LATE_OF)


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


def _figures(late: Collection[float]) -> PanelSkew:
    ordered = sorted(late)
    p50, p99 = (ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))] for share in (0.5, 0.99))
    return PanelSkew(p50_ms=round(p50, 1), p99_ms=round(p99, 1), changes=len(ordered))
