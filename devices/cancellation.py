"""A cancellation that must not be lost."""

from __future__ import annotations

import asyncio


def heed_cancellation() -> None:
    """Raise CancelledError if the current task is being cancelled; for endless duties, after each failure they survive.

    What fails in the very moment of its cancellation may raise the failure only: `asyncio.wait_for` (until 3.12) and a
    task group (until 3.13) swallow the cancellation then, and a duty that goes on after failures would never end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
