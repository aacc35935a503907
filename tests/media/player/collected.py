"""Windows of a card that are collected late: `python -m tests.media.player.collected` fails where one ends another."""

from __future__ import annotations

import gc

import pygame

from media.player.screen import opened, textured

SIZE = (432, 384)


def main() -> None:
    """Each is left in a circle, which only the collector ends."""
    gc.disable()
    for _ in range(20):
        with textured(headless=True) as older:
            older.resize(SIZE)
            older.present()
            circle: list[object] = [older]
            circle.append(circle)
        del older, circle
        with opened(headless=True) as screen:
            screen.resize(SIZE)
            gc.collect()
            screen.painter.seen.subsurface(pygame.Rect(0, 0, *SIZE))
            assert pygame.display.get_window_size() == SIZE


if __name__ == "__main__":
    main()
