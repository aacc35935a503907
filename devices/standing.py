"""How one thing stands with those who listen: reachable or not, and its troubles, each told once until it changes."""

from __future__ import annotations

from devices.errors import DeviceError
from devices.reports import Availability, ThingSink

LOST_AFTER_MISSES = 3


class Standing:
    """What has been told of one thing."""

    def __init__(self, thing: str, sink: ThingSink) -> None:
        self._thing = thing
        self._sink = sink
        self._told = (Availability.UNKNOWN, "")
        self._missed = 0
        self._troubles: set[str] = set()

    @property
    def silent(self) -> bool:
        """Whether so many answers are missing that the line should be opened afresh."""
        return self._missed >= LOST_AFTER_MISSES

    def answered(self) -> None:
        """It said something that can be read."""
        self._missed = 0
        self._is(Availability.OK, "answers")

    def missed(self, cause: str) -> None:
        """An answer did not come, or not whole: LATE first, LOST after three."""
        self._missed += 1
        if self.silent:
            self._is(Availability.LOST, cause)
        elif self._told[0] is not Availability.LOST:
            self._is(Availability.LATE, cause)

    def late(self, cause: str) -> None:
        """Nothing has come for longer than usual."""
        if self._told[0] is not Availability.LOST:
            self._is(Availability.LATE, cause)

    def unknown(self) -> None:
        """Nothing is known of it until it says something."""
        self._missed = 0
        self._is(Availability.UNKNOWN, "")

    def lost(self, cause: str) -> None:
        """It cannot be reached."""
        self._missed = 0
        self._is(Availability.LOST, cause)

    def trouble(self, error: DeviceError) -> None:
        """It answers, but wrongly."""
        if error.cause not in self._troubles:
            self._troubles.add(error.cause)
            self._sink.trouble(self._thing, error.cause, detail=error.detail)

    def well(self, *causes: str) -> None:
        """These troubles are over, if there were any."""
        for cause in causes:
            if cause in self._troubles:
                self._troubles.discard(cause)
                self._sink.well(self._thing, cause)

    def _is(self, availability: Availability, cause: str) -> None:
        if self._told != (availability, cause):
            self._told = availability, cause
            self._sink.availability(self._thing, availability, cause)
