"""Seven panels of 1080 × 1920 in one window, fading together: `python -m tests.bench.crossfade FOLDER FRAMES`.

Prints frames a second, and in milliseconds the median of: fading one panel, copying one picture to the same place,
presenting the window, copying as many bytes.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

from media.assets import AssetStore
from media.geometry import PanelPlace, window
from media.player.painter import Painter
from media.player.pictures import Pictures
from media.player.screen import opened
from media.player.stage import Stage
from media.programme import PanelFrame

PANELS = 7
SIZE = (1080, 1920)


def main() -> None:
    """Draw two pictures for each panel, then fade; fades and flips by turns with the bare copies beside them."""
    folder, frames = Path(sys.argv[1]), int(sys.argv[2])
    places = [PanelPlace(id=f"wall-{n}", pixels=SIZE, at_mm=(n * 700, 0), size_mm=(680, 1210)) for n in range(PANELS)]
    layout = window({"wall": places})
    with opened(headless=False) as screen:
        screen.resize(layout.size)
        pictures = Pictures(AssetStore(folder / "store"))
        shas = [_picture(pictures, folder, number) for number in range(2 * PANELS)]
        stage, painter = Stage(screen.painter, layout, pictures), Painter(screen.surface)
        whole = np.ones(layout.size, np.uint32), np.ones(layout.size, np.uint32)

        def fade(number: int) -> None:
            alpha, pairs = (number + 1) / (frames + 1), zip(places, shas[:PANELS], shas[PANELS:], strict=True)
            stage.show({panel.id: PanelFrame(shows=one, next=two, alpha=alpha) for panel, one, two in pairs})

        def copy(number: int) -> None:
            for panel, sha in zip(places, shas[number % 2 * PANELS :], strict=False):
                if (picture := pictures.get(sha, SIZE)) is not None:
                    painter.place(picture, layout.panels[panel.id])

        works = (fade, copy, lambda _: screen.present(), lambda _: np.copyto(*whole))
        took = [[_ms(work, number) for work in works] for number in range(frames)]
    fading, copying, flipping, bare = (median(column) for column in zip(*took, strict=True))
    fps = 1000 / (fading + flipping)
    print(f"{fps:.3f} {fading / PANELS:.3f} {copying / PANELS:.3f} {flipping:.3f} {bare:.3f}", flush=True)


def _ms(work: Callable[[int], object], number: int) -> float:
    began = time.perf_counter()
    work(number)
    return 1000 * (time.perf_counter() - began)


def _picture(pictures: Pictures, folder: Path, number: int) -> str:
    """A picture with an edge everywhere, decoded."""
    coarse = np.random.default_rng(number).integers(0, 255, (SIZE[1] // 8, SIZE[0] // 8, 3), np.uint8)
    path = folder / f"{number}.jpg"
    Image.fromarray(coarse).resize(SIZE, Image.Resampling.NEAREST).save(path, quality=90)
    store = pictures._store
    sha = store.take(path)
    pictures.want([(sha, SIZE)])
    while (key := pictures._next()) is not None:
        pictures._decode(key)
    return sha


if __name__ == "__main__":
    main()
