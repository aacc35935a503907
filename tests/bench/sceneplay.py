"""A live scene on seven panels of 1080 × 1920 in one window: `python -m tests.bench.sceneplay NAME FRAMES`.

Prints frames a second as fast as they come, and of a frame the milliseconds to draw and to present (medians). As a
player does it, only what changed is drawn and presented, but for the first frame of each stretch.
The slow part is prepared in another thread meanwhile, as a player does it.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median

import pygame

from media.geometry import PanelPlace, Rect, canvas, window
from media.player.screen import opened
from media.scenes import FPS, SCENES

PANELS = 7
SIZE = (1080, 1920)
BEGAN = datetime(2026, 6, 21, 10, tzinfo=UTC)
AHEAD = timedelta(seconds=10)


def main() -> None:
    """Play at the scene's own pace in its time, as quickly as the machine can."""
    name, frames = sys.argv[1], int(sys.argv[2])
    places = [PanelPlace(id=f"wall-{n}", pixels=SIZE, at_mm=(n * 719, 0), size_mm=(680, 1210)) for n in range(PANELS)]
    layout, whole = window({"wall": places}), canvas(places)
    scene = SCENES[name](whole.size)
    stopping = threading.Event()
    times: list[tuple[float, float]] = []
    with opened(headless=False) as screen:
        screen.resize(layout.size)
        # As a player does it: one panel is drawn where nobody sees it, so that the scene knows the scale it is for.
        scene.draw(screen.surface, layout.panels["wall-0"], whole.panels["wall-0"], BEGAN)
        scene.prepare(BEGAN + AHEAD)
        moments = [BEGAN]
        ahead = threading.Thread(target=_prepare, args=(scene.prepare, moments, stopping))
        ahead.start()
        since: datetime | None = None
        began = time.perf_counter()
        for number in range(frames):
            moment = moments[0] = BEGAN + number * timedelta(seconds=1) / FPS
            at = time.perf_counter()
            boxes: list[Rect] = []
            for panel, box in layout.panels.items():
                boxes += scene.draw(screen.surface, box, whole.panels[panel], moment, since=since)
            since, then = moment, time.perf_counter()
            screen.present(boxes)
            pygame.event.pump()
            times.append((then - at, time.perf_counter() - then))
        fps = frames / (time.perf_counter() - began)
        stopping.set()
        ahead.join()
    drawn, presented = (1000 * median(each[part] for each in times) for part in (0, 1))
    print(f"{fps:.3f} {drawn:.3f} {presented:.3f}", flush=True)


def _prepare(prepare: Callable[[datetime], None], moments: list[datetime], stopping: threading.Event) -> None:
    while not stopping.wait(0.2):
        prepare(moments[0] + AHEAD)


if __name__ == "__main__":
    main()
