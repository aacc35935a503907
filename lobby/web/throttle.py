"""Brakes on guessing and flooding, by key and address, in memory: nobody can lock out somebody else."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass
from math import ceil

from devices.reports import Clock
from lobby.core.problem import Refusal

KEYS = 4096


@dataclass(slots=True, kw_only=True)
class _Failures:
    count: int = 0
    free_at: float = 0.0


class Guesses:
    """Slows wrong answers down: after some free ones each doubles the wait of that key, up to a limit.

    A key holds the account and the address it is tried from, so that spam from one desk never bars another.
    """

    def __init__(self, clock: Clock, *, free: int = 5, first_s: float = 2, longest_s: float = 300) -> None:
        self._clock = clock
        self._free = free
        self._first_s = first_s
        self._longest_s = longest_s
        self._failures: OrderedDict[tuple[str, ...], _Failures] = OrderedDict()

    def admit(self, *key: str) -> None:
        """Refuse with status 429 while the key has to wait."""
        failures = self._failures.get(key)
        wait_s = failures.free_at - self._clock.mono() if failures else 0.0
        if wait_s > 0:
            raise TooFast(wait_s, "signin.wait")

    def failed(self, *key: str) -> None:
        """Count a wrong answer."""
        failures = self._failures.setdefault(key, _Failures())
        self._failures.move_to_end(key)
        failures.count += 1
        if failures.count >= self._free:
            wait_s = min(self._longest_s, self._first_s * 2.0 ** min(30, failures.count - self._free))
            failures.free_at = self._clock.mono() + wait_s
        while len(self._failures) > KEYS:
            self._failures.popitem(last=False)

    def right(self, *key: str) -> None:
        """Forget the wrong answers of the key."""
        self._failures.pop(key, None)


class Rate:
    """At most `count` passages of a key in `within_s` seconds; the oldest keys are forgotten first."""

    def __init__(self, clock: Clock, *, count: int, within_s: float) -> None:
        self._clock = clock
        self._count = count
        self._within_s = within_s
        self._passed: OrderedDict[str, deque[float]] = OrderedDict()

    def admit(self, key: str) -> None:
        """Count one passage or refuse it with status 429."""
        now = self._clock.mono()
        passed = self._passed.setdefault(key, deque())
        self._passed.move_to_end(key)
        while passed and passed[0] <= now - self._within_s:
            passed.popleft()
        if len(passed) >= self._count:
            raise TooFast(passed[0] + self._within_s - now, "api.too-fast")
        passed.append(now)
        while len(self._passed) > KEYS:
            self._passed.popitem(last=False)


class TooFast(Refusal):
    """Asked too often: the reader is told how long to wait."""

    def __init__(self, wait_s: float, code: str) -> None:
        super().__init__(code, status=429, wait_s=str(max(1, ceil(wait_s))))
        self.wait_s = max(1, ceil(wait_s))
