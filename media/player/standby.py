"""What a panel shows while nothing is known to show: a calm card, never black, never the desktop."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pygame

from media.geometry import Size

TOP, FOOT = (44, 52, 60), (30, 33, 36)
SOFT = (177, 184, 190)
GRAIN = 1.5
FONTS = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/truetype/nanum/NanumGothic.ttf"),
)


def card(size: Size, words: Sequence[str] = ()) -> pygame.Surface:
    """The card at a size: dusk-grey ground with fine grain, a quiet ring, the given lines below it."""
    picture = pygame.Surface(size, 0, 32)
    pygame.surfarray.blit_array(picture, _ground(size))
    radius = max(4, min(size) // 16)
    ring = _ring(radius)
    centre = (size[0] // 2, size[1] * 2 // 5)
    picture.blit(ring, ring.get_rect(center=centre))
    _write(picture, words, centre[1] + 2 * radius)
    return picture


def _ring(radius: int) -> pygame.Surface:
    """Drawn four times as large and made smaller, so that its edge is smooth."""
    large = pygame.Surface((8 * radius, 8 * radius), pygame.SRCALPHA, 32)
    large.fill((*SOFT, 0))
    pygame.draw.circle(large, (*SOFT, 255), (4 * radius, 4 * radius), 4 * radius, max(2, radius // 4))
    return pygame.transform.smoothscale(large, (2 * radius, 2 * radius))


def _ground(size: Size) -> np.ndarray:
    """Columns × rows × colours; the grain is always the same."""
    shares = np.linspace(0, 1, size[1])[None, :, None]
    colours = np.asarray(TOP) * (1 - shares) + np.asarray(FOOT) * shares
    grain = np.random.default_rng(7).uniform(-GRAIN, GRAIN, (size[0], size[1], 1))
    return np.clip(colours + grain, 0, 255).astype(np.uint8)


def _write(picture: pygame.Surface, words: Sequence[str], top: int) -> None:
    path = next((path for path in FONTS if path.is_file()), None)
    if path is None or not words:
        return
    pygame.font.init()
    font = pygame.font.Font(path, max(12, min(picture.get_size()) // 22))
    for number, line in enumerate(words):
        drawn = font.render(unicodedata.normalize("NFC", line), True, SOFT)
        place = drawn.get_rect(midtop=(picture.get_width() // 2, top + number * font.get_linesize()))
        picture.blit(drawn, place)
