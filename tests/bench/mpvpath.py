"""A film all the way to the glass: `python -m tests.bench.mpvpath FILM WIDTH HEIGHT FRAMES ROUNDS`, with DISPLAY.

Decoded, scaled, drawn and presented as the player does it; prints milliseconds of processor time a frame.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pygame

from media.geometry import Rect
from media.player.films import drawn
from media.player.painter import Painter
from media.player.screen import opened as screen_opened
from media.programme import Film
from media.video import opened


def main() -> None:
    """As fast as it goes, every picture presented, as `mpv --untimed` does it."""
    path, size = Path(sys.argv[1]), (int(sys.argv[2]), int(sys.argv[3]))
    frames, rounds = int(sys.argv[4]), int(sys.argv[5])
    with screen_opened(headless=False) as screen:
        screen.resize(size)
        painter, box = Painter(screen.surface), Rect(x=0, y=0, width=size[0], height=size[1])
        with opened(path, Film(frames=frames, fps=30), size) as reel:
            spent = time.process_time()
            for _ in range(frames * rounds):
                painter.place(drawn(reel).pixels, box)
                screen.present()
                pygame.event.pump()
            spent = time.process_time() - spent
    print(f"{1000 * spent / frames / rounds:.3f}", flush=True)


if __name__ == "__main__":
    main()
