"""Never fight a person: what was right, was changed by hand and was corrected too often is left alone for a while."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

CORRECTIONS = 3
WITHIN_S = 600.0
STOP_S = 900.0
FIRST_RETRY_S, LONGEST_RETRY_S = 30.0, 900.0


@dataclass(slots=True)
class Watch:
    """What is remembered of one thing between two looks; all times are monotonic seconds."""

    wanted: str | None = None
    rule: str = ""
    right: bool = False
    assumed: str | None = None
    failures: int = 0
    retry_at: float = 0.0
    stopped_until: float = 0.0
    corrections: deque[float] = field(default_factory=deque)

    def want(self, value: str, rule: str, *, urgent: bool) -> None:
        """Take note of what is wanted; something new is tried at once, a person's or emergency's wish ends a stop."""
        if (value, rule) == (self.wanted, self.rule):
            return
        if value != self.wanted:
            self.right, self.failures, self.retry_at = False, 0, 0.0
        if urgent:
            self.stopped_until = 0.0
            self.corrections.clear()
        self.wanted, self.rule = value, rule

    def seen_right(self) -> None:
        """The thing is as wanted."""
        self.right, self.failures, self.retry_at = True, 0, 0.0

    def may_send(self, mono: float) -> bool:
        """Neither stopped nor waiting after a failure."""
        return mono >= self.stopped_until and (self.right or mono >= self.retry_at)

    def sending(self, mono: float) -> bool:
        """A command goes out; True when this is the correction that makes it a fight and stops the next."""
        if not self.right:
            return False
        self.right = False
        self.corrections.append(mono)
        while self.corrections[0] <= mono - WITHIN_S:
            self.corrections.popleft()
        if len(self.corrections) < CORRECTIONS:
            return False
        self.corrections.clear()
        self.stopped_until = mono + STOP_S
        return True

    def failed(self, mono: float) -> None:
        """It did not work: wait longer each time."""
        self.retry_at = mono + min(FIRST_RETRY_S * 2**self.failures, LONGEST_RETRY_S)
        self.failures = min(self.failures + 1, 10)
