"""The displays of one supply go on one by one, whatever the reason: hours, a person, power that came back."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping

from lobby.core.site import Site
from lobby.day.leads import supplies_of


class Turn:
    """A place in the row of one supply; `first` is set when nobody is before it any more."""

    def __init__(self) -> None:
        self.first = asyncio.Event()


class Inrush:
    """The row of those of one supply that are to go on; all times are monotonic seconds.

    The first keeps its turn until its order has gone out on the wire, however long that takes. The next may go a gap
    after that, at the earliest.
    """

    def __init__(self, *, gap_s: float) -> None:
        self._gap_s = gap_s
        self._free_at = float("-inf")
        self._row: deque[Turn] = deque()

    def line_up(self) -> Turn:
        """A place at the end of the row."""
        turn = Turn()
        self._row.append(turn)
        self._row[0].first.set()
        return turn

    def rest_s(self, mono: float) -> float:
        """How long the first of the row has to wait still."""
        return max(0.0, self._free_at - mono)

    def gone(self, turn: Turn, mono: float) -> None:
        """Its order is on the wire now."""
        self._free_at = max(self._free_at, mono + self._gap_s)
        self.leave(turn)

    def leave(self, turn: Turn) -> None:
        """It needs its place no more; safe twice."""
        if turn in self._row:
            self._row.remove(turn)
        if self._row:
            self._row[0].first.set()


def inrush_of(site: Site) -> Mapping[str, Inrush]:
    """For each display the row of its supply."""
    out: dict[str, Inrush] = {}
    for row in supplies_of(site).values():
        out |= dict.fromkeys(row, Inrush(gap_s=site.site.inrush_gap_s))
    return out
