"""A film made over and over, as the lobby does while screens are lit: `python -m tests.bench.transcoding FOLDER FILM`.

Prints a line as soon as the first picture is done.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from lobby.ops.screens import PACE_WHILE_LIT
from media.assets import AssetStore
from media.intake import take_in

SIZES = [(1920, 1080), (1080, 1920)]


async def main(folder: Path, film: Path) -> None:
    """Until it is ended."""
    store, told = AssetStore(folder), False

    def heard(_: float) -> None:
        nonlocal told
        if not told:
            told = True
            print("works", flush=True)

    while True:
        asset = await take_in(
            film, name=film.name, sizes=SIZES, store=store, pace=lambda: PACE_WHILE_LIT, progress=heard
        )
        for sha in asset.renditions.values():
            store.drop(sha)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
