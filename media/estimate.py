"""When work will be ready, by how it went on lately; pure: moments come as arguments."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

WINDOW_S = 30.0
MOST_HEARD = 512
LONGEST_S = 7 * 86_400.0


class Estimate:
    """Hears which share is done and when; looks back over the last half minute, as the pace may have changed."""

    def __init__(self, started_at: datetime) -> None:
        self._heard: deque[tuple[datetime, float]] = deque([(started_at, 0.0)], maxlen=MOST_HEARD)

    @property
    def share(self) -> float:
        """What is done, from 0 to 1."""
        return self._heard[-1][1]

    def hear(self, share: float, moment: datetime) -> None:
        """So much is done at that moment; less than before is not believed."""
        if share <= self.share or moment < self._heard[-1][0]:
            return
        self._heard.append((moment, min(1.0, share)))
        while len(self._heard) > 2 and (moment - self._heard[1][0]).total_seconds() > WINDOW_S:
            self._heard.popleft()

    def ready_at(self, moment: datetime) -> datetime | None:
        """When it will be ready, seen from a moment; None until enough was heard, and for what takes days.

        What is silent for longer than its pace explains is later, never earlier.
        """
        (before, less), (last, share) = self._heard[0], self._heard[-1]
        if share >= 1.0:
            return last
        took = (last - before).total_seconds()
        if took <= 0 or share <= less:
            return None
        rate = (share - less) / max(took, (moment - before).total_seconds() if self._late(moment, took) else took)
        if 1 - share >= rate * (LONGEST_S + self._since(moment)):
            return None
        return max(moment, last) + timedelta(seconds=max(0.0, (1 - share) / rate - self._since(moment)))

    def _since(self, moment: datetime) -> float:
        """Seconds since the last word."""
        return max(0.0, (moment - self._heard[-1][0]).total_seconds())

    def _late(self, moment: datetime, took: float) -> bool:
        """Is the silence longer than the longest between two words would be?"""
        return self._since(moment) > 2 * took / max(1, len(self._heard) - 1)
