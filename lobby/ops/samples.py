"""The sample pictures a new lobby hangs up: drawn by a child process, taken in like anybody's pictures."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

from lobby.core.library import Library
from lobby.ops.children import child
from lobby.ops.progress import Advance, progress

log = logging.getLogger(__name__)

TOGETHER = 2


async def add_missing_samples(library: Library, folder: Path) -> None:
    """Draw what playlists ask for and nobody has brought, two at a time, and take each in as soon as it is drawn."""
    names = library.missing_samples()
    gate = asyncio.Semaphore(TOGETHER)

    async def one(name: str, drawn: Advance) -> None:
        async with gate:
            place = await asyncio.to_thread(_place, folder / name)
            if await _drawn(name, place / f"{name}.png"):
                await library.add_samples(place)
        drawn()

    with progress("cli.running.pictures", len(names)) as drawn:
        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(one(name, drawn), name=f"sample {name}")


async def _drawn(name: str, path: Path) -> bool:
    draft = path.with_suffix(".new.png")
    async with child((sys.executable, "-m", "media.art", name, str(draft))) as process:
        code = await process.wait()
    if code:
        log.warning("no sample picture is called %s", name)
        return False
    await asyncio.to_thread(draft.replace, path)
    return True


def _place(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
