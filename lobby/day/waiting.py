"""Waiting for an event or a time, whichever comes first, on the lobby's own clock."""

from __future__ import annotations

import asyncio

from devices.reports import Clock


async def event_or(seconds: float, event: asyncio.Event, clock: Clock) -> bool:
    """True when the event is set; False when that many seconds have passed before."""
    if event.is_set() or seconds <= 0:
        return event.is_set()
    async with asyncio.TaskGroup() as group:
        waits = {group.create_task(event.wait()), group.create_task(clock.sleep(seconds))}
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
    return event.is_set()


async def either(one: asyncio.Event, other: asyncio.Event) -> None:
    """Return when one of the two is set."""
    if one.is_set() or other.is_set():
        return
    async with asyncio.TaskGroup() as group:
        waits = {group.create_task(one.wait()), group.create_task(other.wait())}
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
