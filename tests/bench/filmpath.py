"""A film's way to the window without the flip: `python -m tests.bench.filmpath FILM WIDTH HEIGHT FRAMES ROUNDS`.

Prints frames a second and milliseconds of processor time a frame.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

os.environ["SDL_VIDEODRIVER"] = "dummy"

import pygame

from media.geometry import Rect
from media.player.films import drawn
from media.player.painter import Painter
from media.player.screen import opened as screen_opened
from media.programme import Film
from media.video import opened


def main() -> None:
    """Decode, scale, turn into screen pixels and draw, as the player does."""
    path, size = Path(sys.argv[1]), (int(sys.argv[2]), int(sys.argv[3]))
    frames, rounds = int(sys.argv[4]), int(sys.argv[5])
    with screen_opened(headless=True) as screen:
        screen.resize(size)
        painter, box = Painter(screen.surface), Rect(x=0, y=0, width=size[0], height=size[1])
        with opened(path, Film(frames=frames, fps=30), size) as reel:
            began, spent = time.perf_counter(), time.process_time()
            for _ in range(frames * rounds):
                painter.place(drawn(reel).pixels, box)
            whole, spent = time.perf_counter() - began, time.process_time() - spent
    pygame.quit()
    print(f"{frames * rounds / whole:.3f} {1000 * spent / frames / rounds:.3f}", flush=True)


if __name__ == "__main__":
    main()
