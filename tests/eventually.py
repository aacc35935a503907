"""Waiting for a condition instead of a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

OFTEN_S, SELDOM_S = 0.005, 0.025  # asking a controller costs it time: who has waited for long asks more seldom


async def eventually(condition: Callable[[], object], *, within_s: float = 10) -> None:
    """Return as soon as the condition holds; fail with its name when it never does."""
    for pause_s in _pauses(condition, within_s):
        await asyncio.sleep(pause_s)


def soon(condition: Callable[[], object], *, within_s: float = 10) -> None:
    """The same for tests without a loop."""
    for pause_s in _pauses(condition, within_s):
        time.sleep(pause_s)


def _pauses(condition: Callable[[], object], within_s: float) -> Iterator[float]:
    began = time.monotonic()
    while not condition():
        waited_s = time.monotonic() - began
        if waited_s > within_s:
            raise AssertionError(f"never true within {within_s} s: {condition}")
        yield min(max(OFTEN_S, waited_s / 20), SELDOM_S)
