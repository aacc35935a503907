"""What looking at the own window costs a player: the print of one panel of two million pixels."""

from __future__ import annotations

import time

import pygame

from media.geometry import Rect
from media.player.screen import opened
from media.player.witness import reduced
from media.prints import print_of
from tests.bench.rows import Row, percentile

SIZE = (1080, 1920)
PANELS = 7


def measured(times: int) -> list[Row]:
    """Each of another panel of a wide window, so that no panel is in the processor's cache."""
    with opened(headless=True) as screen:
        screen.resize((PANELS * SIZE[0], SIZE[1]))
        screen.surface.fill((90, 120, 60), pygame.Rect(0, 400, PANELS * SIZE[0], 900))
        boxes = [Rect(x=n * SIZE[0], y=0, width=SIZE[0], height=SIZE[1]) for n in range(PANELS)]
        took = [_ms(screen.surface, boxes[number % PANELS]) for number in range(times)]
    return [
        Row(name="print of a panel of 1080 × 1920, p50", value=percentile(took, 0.5), unit="ms", limit=None, bar=1.0),
        Row(name="print of a panel of 1080 × 1920, p90", value=percentile(took, 0.9), unit="ms", limit=None, bar=1.0),
    ]


def _ms(window: pygame.Surface, box: Rect) -> float:
    began = time.perf_counter()
    print_of(reduced(window, box))
    return 1000 * (time.perf_counter() - began)
