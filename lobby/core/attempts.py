"""How often a work was begun and never ended, because the lobby fell with it: a small file each, over all starts."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from lobby.core.datafolder import clean_write


class Attempts:
    """Counts in a folder. What ends, well or not or because the lobby stops, is forgotten; what a fall ends is not."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def begin(self, name: str) -> None:
        """One more, durable when it returns."""
        await asyncio.to_thread(self._write, name, self.of(name) + 1)

    def end(self, name: str) -> None:
        """It is over."""
        (self._folder / name).unlink(missing_ok=True)

    def of(self, name: str) -> int:
        """How often it was begun and never ended."""
        with suppress(OSError, ValueError):
            return int((self._folder / name).read_text())
        return 0

    def keep(self, names: Collection[str]) -> None:
        """Forget all others."""
        with suppress(FileNotFoundError):
            for left in self._folder.iterdir():
                if left.name not in names:
                    left.unlink(missing_ok=True)

    def _write(self, name: str, count: int) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        clean_write(self._folder / name, str(count).encode())
