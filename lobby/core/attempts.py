"""How often a work was under way when the lobby fell: a small file each, over all starts; one rule for all works."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from lobby.core.datafolder import clean_write

MOST_TRIES = 3
"""With what the lobby fell so often is left alone: bells must not fall with it."""


class Attempts:
    """Counts in a folder. What ends, well or not, is forgotten, a stop takes its try back, what a fall ends counts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @asynccontextmanager
    async def under_way(self, name: str) -> AsyncIterator[None]:
        """One more while it lasts, durable before anything is done; to be entered when it is really its turn."""
        before = self.of(name)
        counting = asyncio.ensure_future(asyncio.to_thread(self._write, name, before + 1))
        try:
            await asyncio.shield(counting)
            yield
        except asyncio.CancelledError:
            await asyncio.wait([counting])  # a thread goes on when who waits for it is stopped
            self._write(name, before)
            raise
        except BaseException:
            self.end(name)
            raise
        self.end(name)

    def end(self, name: str) -> None:
        """It is over."""
        (self._folder / name).unlink(missing_ok=True)

    def of(self, name: str) -> int:
        """With how many falls it was under way."""
        with suppress(OSError, ValueError):
            return int((self._folder / name).read_text())
        return 0

    def spent(self, name: str) -> bool:
        """Whether it is not tried again."""
        return self.of(name) >= MOST_TRIES

    def keep(self, names: Collection[str]) -> None:
        """Forget all others."""
        with suppress(FileNotFoundError):
            for left in self._folder.iterdir():
                if left.name not in names:
                    left.unlink(missing_ok=True)

    def _write(self, name: str, count: int) -> None:
        if count == 0:
            self.end(name)
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        clean_write(self._folder / name, str(count).encode())
