"""Small copies of what stands on the glass: the wall laid flat, with the gaps between its panels."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pygame
from PIL import Image

from media.geometry import Canvas, PanelPlace, Rect, Size, miniature
from media.player.painter import Seen

LARGEST = (960, 540)
WALL = (22, 24, 26)
MAX_BYTES = 200_000
QUALITIES = (80, 60, 40)
FINER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """A surface as it stood at a moment."""

    at: datetime
    picture: pygame.Surface


def glimpse(
    ground: Seen, boxes: Mapping[str, Rect], panels: Sequence[PanelPlace], *, within: Size = LARGEST
) -> pygame.Surface:
    """A copy of a surface's panels, which lie at `boxes` of `ground`, each at its place on the wall."""
    flat = miniature(panels, within)
    return _assembled(ground, boxes, flat)


def jpeg(picture: pygame.Surface) -> bytes:
    """A picture as JPEG of at most 200 kB; equal pictures are equal bytes."""
    image = Image.frombytes("RGB", picture.get_size(), pygame.image.tobytes(picture, "RGB"))
    data = b""
    for quality in QUALITIES:
        into = io.BytesIO()
        image.save(into, "JPEG", quality=quality)
        data = into.getvalue()
        if len(data) <= MAX_BYTES:
            break
    return data


def _assembled(ground: Seen, boxes: Mapping[str, Rect], flat: Canvas) -> pygame.Surface:
    picture = pygame.Surface(flat.size, 0, 32)
    picture.fill(WALL)
    for panel, place in flat.panels.items():
        box = boxes[panel]
        part = ground.subsurface(pygame.Rect(box.x, box.y, box.width, box.height))
        picture.blit(_reduced(part, place), (place.x, place.y))
    return picture


def _reduced(part: pygame.Surface, place: Rect) -> pygame.Surface:
    """First to twice the size by picking pixels, then smoothly: the presenting thread has no time for all pixels."""
    rough = place.width * FINER, place.height * FINER
    if part.get_width() > rough[0] and part.get_height() > rough[1]:
        part = pygame.transform.scale(part, rough)
    return part if part.get_size() == place.size else pygame.transform.smoothscale(part, place.size)
