"""Child processes with an owner: started, watched, started again, stopped by pid in the end."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from devices.reports import Clock
from media.limited import first_to_go

log = logging.getLogger(__name__)

STOP_WITHIN_S = 3.0
LEASH = Path(__file__).with_name("leash.py")
AGAIN_AFTER_S = (0.5, 1.0, 2.0, 5.0, 10.0)


def lobby_command(*words: str) -> tuple[str, ...]:
    """This very program with other words."""
    return (sys.executable, "-m", "lobby.ops.cli", *words)


@asynccontextmanager
async def child(command: Sequence[str], *, hears: bool = False) -> AsyncIterator[asyncio.subprocess.Process]:
    """One process for the block's time; with `hears` its first lines can be read from `stdout`.

    It ends with this process even when this process is killed; when memory runs out it goes first.
    """
    process = await asyncio.create_subprocess_exec(
        *leash(),
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE if hears else asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    first_to_go(process.pid)
    try:
        yield process
    finally:
        await stop(process)


def leash() -> tuple[str, ...]:
    """What to put before a command so that it ends with this process."""
    return (sys.executable, "-I", "-S", str(LEASH), str(os.getpid()))


async def stop(process: asyncio.subprocess.Process) -> None:
    """Ask it to end, then make it; safe when it has ended already."""
    for send in (process.terminate, process.kill):
        if process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            send()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_WITHIN_S):
                await process.wait()


async def keep_running(name: str, command: Sequence[str], *, clock: Clock) -> None:
    """Run a process, start it again whenever it ends, more slowly the more often it does; ends by cancellation."""
    falls = 0
    while True:
        began = clock.mono()
        async with child(command) as process:
            code = await process.wait()
        falls = 0 if clock.mono() - began > AGAIN_AFTER_S[-1] else falls + 1
        log.warning("%s ended with %s; starting it again", name, code)
        await clock.sleep(AGAIN_AFTER_S[min(falls, len(AGAIN_AFTER_S) - 1)])
