"""Where the media part gets its time from; the operating system is asked by the program that starts it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time and a time that never runs backwards."""

    def now(self) -> datetime:
        """The wall clock, aware, UTC."""

    def mono(self) -> float:
        """Seconds that never run backwards."""
