"""A clock for players under test, and one that stands where it is put."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class RealClock:
    """The operating system's time, wrong by so many seconds."""

    def __init__(self, ahead_s: float = 0.0) -> None:
        self._ahead = timedelta(seconds=ahead_s)

    def now(self) -> datetime:
        """Wall clock."""
        return datetime.now(UTC) + self._ahead

    def mono(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()


class PutClock:
    """A clock a test puts forward by hand."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment
        self.seconds = 0.0

    def now(self) -> datetime:
        """Where it was put."""
        return self.moment

    def mono(self) -> float:
        """What the test says."""
        return self.seconds
