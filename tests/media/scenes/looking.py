"""Small canvases of the scenes and what can be seen on them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np
import numpy.typing as npt
import pygame

from media.geometry import Rect, Size
from media.scenes import SCENES, Scene

KOREA = timezone(timedelta(hours=9))
CANVAS = (496, 120)
NAMES = sorted(SCENES)


def seoul(text: str) -> datetime:
    """A moment by Seoul's clocks."""
    return datetime.fromisoformat(text).replace(tzinfo=KOREA)


def picture(scene: Scene, moment: datetime, part: Rect | None = None, canvas: Size = CANVAS) -> npt.NDArray[np.int16]:
    """What the scene shows at a moment: rows, columns, red-green-blue."""
    part = part or Rect(x=0, y=0, width=canvas[0], height=canvas[1])
    ground = pygame.Surface(part.size, 0, 32)
    scene.draw(ground, Rect(x=0, y=0, width=part.width, height=part.height), part, moment)
    return np.asarray(pygame.surfarray.array3d(ground).transpose(1, 0, 2), np.int16)
