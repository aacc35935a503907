"""What was just taken off air: for a short while its end can be taken back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from lobby.core.airings import Airing

TAKEN_BACK_WITHIN = timedelta(seconds=60)
"""The page counts ten seconds; whoever reads without script has a little longer."""
MOST_ENDED = 100


@dataclass(frozen=True, slots=True)
class _Ended:
    airing: Airing
    at: datetime


class Ended:
    """Airings that people ended, in memory only: a restart leaves what is ended as it is."""

    def __init__(self) -> None:
        self._ended: OrderedDict[str, _Ended] = OrderedDict()

    def keep(self, airing: Airing, at: datetime) -> None:
        """Remember one; the oldest are forgotten."""
        self._ended[airing.id] = _Ended(airing, at)
        while len(self._ended) > MOST_ENDED:
            self._ended.popitem(last=False)

    def drop(self, airing_id: str) -> None:
        """Forget one: its end was taken back."""
        self._ended.pop(airing_id, None)

    def of(self, airing_id: str, now: datetime) -> Airing | None:
        """The airing, as long as its end can be taken back."""
        return next((airing for airing, _ in self.held(now) if airing.id == airing_id), None)

    def held(self, now: datetime) -> Iterator[tuple[Airing, datetime]]:
        """Every airing whose end can be taken back now, with the moment until which it can."""
        for each in self._ended.values():
            if now < (last := min(each.at + TAKEN_BACK_WITHIN, each.airing.until)):
                yield each.airing, last
