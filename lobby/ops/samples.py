"""The samples a new lobby hangs up: drawn by child processes, taken in like anybody's pictures and films."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

from lobby.core.library import Library
from lobby.ops.children import child
from lobby.ops.progress import Advance, progress
from media.art.titles import FILMS

log = logging.getLogger(__name__)

TOGETHER = 2
SCENE_SIZE = ("384", "216")
SCENE_AT = "2026-10-24T10:30:00+09:00"


async def add_missing_samples(library: Library, folder: Path) -> None:
    """Draw what playlists ask for and nobody has brought, and take each in as soon as it is drawn.

    Pictures come two at a time; films, which take long, one by one behind them, while their stills are shown.
    """
    names = library.missing_samples()
    pictures = [name for name in names if name not in FILMS]
    films = [name for name in names if name in FILMS]
    gate = asyncio.Semaphore(TOGETHER)

    async def one(name: str, drawn: Advance) -> None:
        async with gate:
            await _added(library, folder / name, name)
        drawn()

    with progress("cli.running.pictures", len(pictures)) as drawn:
        async with asyncio.TaskGroup() as group:
            for name in pictures:
                group.create_task(one(name, drawn), name=f"sample {name}")
    for name in library.missing_scenes():
        await _scene_added(library, folder / name, name)
    with progress("cli.running.films", len(films)) as drawn:
        for name in films:
            await _added(library, folder / name, name)
            drawn()


async def _added(library: Library, folder: Path, name: str) -> None:
    place = await asyncio.to_thread(_place, folder)
    if await _drawn(name, place / f"{name}{'.mp4' if name in FILMS else '.png'}"):
        await library.add_samples(place)


async def _scene_added(library: Library, folder: Path, name: str) -> None:
    """A live scene needs no file to play; people see by a small picture what it is like."""
    picture = await asyncio.to_thread(_place, folder) / f"{name}.png"
    async with child(
        (sys.executable, "-m", "media.scenes", name, str(picture), *SCENE_SIZE, "--at", SCENE_AT)
    ) as process:
        drawn = await process.wait() == 0
    if drawn:
        await library.add_scene(name, picture)


async def _drawn(name: str, path: Path) -> bool:
    """Draw it beside its place and move it there when it is whole; a film that is there already is not drawn again."""
    if name in FILMS and await asyncio.to_thread(path.is_file):
        return True
    draft = path.with_name(f"{path.stem}.new{path.suffix}")
    async with child((sys.executable, "-m", "media.art", name, str(draft))) as process:
        code = await process.wait()
    if code:
        log.warning("no sample is called %s", name)
        return False
    await asyncio.to_thread(draft.replace, path)
    return True


def _place(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
