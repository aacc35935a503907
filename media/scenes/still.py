"""One moment of a scene as a picture, without a window."""

from __future__ import annotations

from datetime import datetime

import pygame
from PIL import Image

from media.geometry import Rect, Size
from media.scenes import SCENES


def still(name: str, canvas: Size, moment: datetime) -> Image.Image:
    """The whole canvas at a moment."""
    ground = pygame.Surface(canvas, 0, 32)
    whole = Rect(x=0, y=0, width=canvas[0], height=canvas[1])
    SCENES[name](canvas).draw(ground, whole, whole, moment)
    return image_of(ground)


def image_of(surface: pygame.Surface) -> Image.Image:
    """A surface as a picture."""
    return Image.frombytes("RGB", surface.get_size(), pygame.image.tobytes(surface, "RGB"))
