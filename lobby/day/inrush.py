"""The displays of one supply go on one by one, whatever the reason: hours, a person, power that came back."""

from __future__ import annotations

from collections.abc import Mapping

from lobby.core.site import Site
from lobby.day.leads import supplies_of


class Inrush:
    """The turns of one supply; all times are monotonic seconds."""

    def __init__(self, *, gap_s: float) -> None:
        self._gap_s = gap_s
        self._free_at = float("-inf")

    def turn(self, mono: float) -> float:
        """The next moment at which something may go on; it is taken by asking."""
        at = max(mono, self._free_at)
        self._free_at = at + self._gap_s
        return at


def inrush_of(site: Site) -> Mapping[str, Inrush]:
    """For each display the turns of its supply."""
    out: dict[str, Inrush] = {}
    for row in supplies_of(site).values():
        out |= dict.fromkeys(row, Inrush(gap_s=site.site.inrush_gap_s))
    return out
