"""What pictures should look like on the glass: the prints of our own renditions, made once and kept beside them.

A file is called by the rendition's hash and holds one print of a picture, one for each second of a film; a missing or
damaged one is made again.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from media.assets import AssetStore, NoSuchContent
from media.limited import MIB, PICTURE_LIMITS, IntakeRefused, Limits, in_child
from media.prints import read
from media.programme import Film

log = logging.getLogger(__name__)

CHILD = Path(__file__).with_name("prints_child.py")
FORMAT = 1
LIMITS = Limits(longest_s=120.0, process={**PICTURE_LIMITS, "CPU": 90, "FSIZE": 0})
MOST_BYTES = MIB
Prints = tuple[bytes, ...]


class ExpectedPrints:
    """The prints by content hash. `known` never waits; what it does not know can be `made`, one after the other."""

    def __init__(self, folder: Path, store: AssetStore) -> None:
        self._folder = folder
        self._store = store
        self._known: dict[str, Prints] = {}
        self._refused: set[str] = set()
        self._one_at_a_time = asyncio.Lock()

    def known(self, sha: str) -> Prints | None:
        """The prints of a rendition, a film's by the second; None while they are not here."""
        return self._known.get(sha)

    def lacking(self, shas: Iterable[str]) -> list[str]:
        """Those of which nothing is known yet; what cannot be read is not asked for again."""
        return [sha for sha in shas if sha not in self._known and sha not in self._refused]

    async def made(self, sha: str, film: Film | None = None) -> Prints | None:
        """The prints from their file, else by a child process; None for content that is not here or cannot be read."""
        async with self._one_at_a_time:
            if sha not in self._known and sha not in self._refused:
                await self._find(sha, film)
        return self._known.get(sha)

    def forget(self, keep: Iterable[str]) -> None:
        """Hold no more in memory than these; the files stay."""
        kept = set(keep)
        self._known = {sha: prints for sha, prints in self._known.items() if sha in kept}
        self._refused &= kept

    def tidy(self) -> None:
        """Remove drafts that a killed run left and prints of content that is gone; blocks."""
        here = {f"{sha}.json" for sha in self._store.kept()}
        for left in self._folder.glob("*"):
            if left.name not in here:
                left.unlink(missing_ok=True)

    async def _find(self, sha: str, film: Film | None) -> None:
        prints = await asyncio.to_thread(self._kept, sha, film)
        if prints is None:
            prints = await self._looked_at(sha, film)
        if prints is not None:
            self._known[sha] = prints

    async def _looked_at(self, sha: str, film: Film | None) -> Prints | None:
        try:
            source = self._store.path(sha)
        except NoSuchContent:
            return None
        job = {"source": str(source), "fps": film.fps if film else 0, "frames": film.frames if film else 1}
        try:
            said = await in_child(CHILD, job, self._store.path(sha).parent, LIMITS)
        except IntakeRefused as refused:
            log.warning("no print of content %s: %s", sha[:12], refused)
            self._refused.add(sha)
            return None
        prints = _whole(said.get("prints"), film)
        if prints is None:
            self._refused.add(sha)
            return None
        await asyncio.to_thread(self._keep, sha, prints)
        return prints

    def _kept(self, sha: str, film: Film | None) -> Prints | None:
        place = self._folder / f"{sha}.json"
        with suppress(OSError, ValueError):
            if place.stat().st_size <= MOST_BYTES:
                document = json.loads(place.read_bytes())
                if isinstance(document, dict) and document.get("format") == FORMAT:
                    return _whole(document.get("prints"), film)
        return None

    def _keep(self, sha: str, prints: Prints) -> None:
        """Written whole; a disk that refuses costs only the work of another time."""
        draft = self._folder / f"{sha}.new"
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            with draft.open("w", encoding="ascii") as file:
                json.dump({"format": FORMAT, "prints": [each.hex() for each in prints]}, file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._folder / f"{sha}.json")


def _whole(told: object, film: Film | None) -> Prints | None:
    """Prints as a child or a file told them: all of them, or nothing."""
    seconds = 1 if film is None else -(-film.frames // film.fps)
    if not isinstance(told, list) or len(told) != seconds:
        return None
    prints = [read(each) for each in told]
    return None if None in prints else tuple(each for each in prints if each is not None)
