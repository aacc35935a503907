"""The bytes that came, kept to make pictures again when walls change; they are never served to anybody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from pathlib import Path

from media.assets import AssetStore
from media.limited import MIB

log = logging.getLogger(__name__)

LEAST_FREE = 4096 * MIB


class Originals:
    """A store beside that of the pictures, by the assets' ids; without one nothing is kept."""

    def __init__(self, store: AssetStore | None) -> None:
        self._store = store

    def path(self, asset: str) -> Path | None:
        """Where the bytes of an asset lie; None where they are not kept."""
        return self._store.path(asset) if self._store is not None and self._store.has(asset) else None

    async def keep(self, path: Path) -> None:
        """Keep what came. It may stay away: then it has to be brought again when walls change."""
        if self._store is None:
            return
        try:
            kept = await asyncio.to_thread(self._store.keep, path, free=LEAST_FREE)
        except OSError as error:
            log.warning("what came could not be kept: %s", error)
            return
        if not kept:
            log.warning("what came is not kept: less than %d MiB of the disk would be free", LEAST_FREE // MIB)

    def drop(self, asset: str) -> None:
        """Forget the bytes of an asset; blocks."""
        if self._store is not None:
            self._store.drop(asset)

    def tidy(self) -> int:
        """Remove drafts of an interrupted run and say how many; blocks."""
        return self._store.tidy() if self._store is not None else 0

    def drop_strangers(self, assets: Collection[str]) -> dict[str, int]:
        """Remove what belongs to none of the assets, and say what it was and its bytes; blocks."""
        found = self._store.orphans(assets) if self._store is not None else {}
        for asset in found:
            self.drop(asset)
        return found
