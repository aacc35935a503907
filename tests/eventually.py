"""Waiting for a condition instead of a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


async def eventually(condition: Callable[[], object], *, within_s: float = 10) -> None:
    """Return as soon as the condition holds; fail with its name when it never does."""
    end = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"never true within {within_s} s: {condition}")
        await asyncio.sleep(0.005)


def soon(condition: Callable[[], object], *, within_s: float = 10) -> None:
    """The same for tests without a loop."""
    end = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"never true within {within_s} s: {condition}")
        time.sleep(0.005)
