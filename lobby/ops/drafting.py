"""What a playlist that is not in effect yet would look like, drawn by the player's own stage in a child process."""

from __future__ import annotations

import asyncio
import tempfile
from collections import OrderedDict
from datetime import datetime
from pathlib import Path

import media.player
from lobby.core.site import Playlist, Site
from lobby.ops.playing import card_words
from lobby.ops.programming import Programmes
from media.limited import MIB, IntakeRefused, Limits, in_child
from media.wire import to_json

CHILD = Path(media.player.__file__).with_name("still_child.py")
LIMITS = Limits(longest_s=25.0, process={"AS": 3072 * MIB, "CPU": 25, "FSIZE": 8 * MIB, "NOFILE": 128, "CORE": 0})
SCALE = 0.5
MOST_KEPT = 24


class Drafts:
    """Draws one at a time; the latest pictures are kept, so that a page that is loaded again asks for nothing."""

    def __init__(self, site: Site, *, programmes: Programmes, assets: Path) -> None:
        self._site = site
        self._programmes = programmes
        self._assets = assets
        self._one_at_a_time = asyncio.Lock()
        self._kept: OrderedDict[tuple[str, str, datetime], bytes] = OrderedDict()

    async def picture(self, surface: str, name: str, playlist: Playlist, moment: datetime) -> bytes | None:
        """A JPEG of a surface that plays this and nothing else at a moment; None where it cannot be drawn."""
        programme = await self._programmes.draft(surface, name, playlist, moment)
        if programme is None:
            return None
        key = programme.version, surface, moment
        async with self._one_at_a_time:
            if key not in self._kept:
                try:
                    self._kept[key] = await self._drawn(to_json(programme), surface, moment)
                except IntakeRefused:
                    return None
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
            return self._kept[key]

    async def _drawn(self, programme: bytes, surface: str, moment: datetime) -> bytes:
        with tempfile.TemporaryDirectory(prefix="draft-") as name:
            folder = Path(name)
            await asyncio.to_thread((folder / "programme.json").write_bytes, programme)
            job = {
                "programme": str(folder / "programme.json"),
                "surface": surface,
                "moment": moment.isoformat(),
                "store": str(self._assets.resolve()),
                "into": str(folder / "drawn.jpg"),
                "scale": SCALE,
                "words": card_words(self._site),
            }
            await in_child(CHILD, job, folder, LIMITS)
            return await asyncio.to_thread((folder / "drawn.jpg").read_bytes)
