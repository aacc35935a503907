"""Seven panels of 1080 × 1920 in one window, fading together: `python -m tests.bench.crossfade FOLDER FRAMES`.

Prints frames a second, and of a frame the milliseconds to draw and to present.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pygame
from PIL import Image

from media.assets import AssetStore
from media.geometry import PanelPlace, window
from media.player.pictures import Pictures
from media.player.screen import opened
from media.player.stage import Stage
from media.programme import PanelFrame

PANELS = 7
SIZE = (1080, 1920)


def main() -> None:
    """Draw two pictures for each panel, then fade."""
    folder, frames = Path(sys.argv[1]), int(sys.argv[2])
    places = [PanelPlace(id=f"wall-{n}", pixels=SIZE, at_mm=(n * 700, 0), size_mm=(680, 1210)) for n in range(PANELS)]
    layout = window({"wall": places})
    with opened(headless=False) as screen:
        screen.resize(layout.size)
        pictures = Pictures(AssetStore(folder / "store"))
        shas = [_picture(pictures, folder, number) for number in range(2 * PANELS)]
        stage = Stage(screen.surface, layout, pictures)
        drawn = presented = 0.0
        began = time.perf_counter()
        for number in range(frames):
            alpha = (number + 1) / (frames + 1)
            pairs = zip(places, shas[:PANELS], shas[PANELS:], strict=True)
            at = time.perf_counter()
            stage.show({panel.id: PanelFrame(shows=one, next=two, alpha=alpha) for panel, one, two in pairs})
            then = time.perf_counter()
            screen.present()
            pygame.event.pump()
            drawn, presented = drawn + then - at, presented + time.perf_counter() - then
        whole = time.perf_counter() - began
    print(f"{frames / whole:.3f} {1000 * drawn / frames:.3f} {1000 * presented / frames:.3f}", flush=True)


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
