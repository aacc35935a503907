"""Live scenes: pictures as pure functions of time, drawn in the player, panel by panel, without a seam.

The same moment is the same picture on every machine and after any other. Nothing here is imported before it is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from media.geometry import Rect, Size

if TYPE_CHECKING:
    import pygame

FPS = 30


class Scene(Protocol):
    """One scene on one canvas, which is the picture a surface would show if its gaps were glass."""

    def prepare(self, moment: datetime) -> None:
        """Have ready what drawing that moment needs; slow, for another thread, ahead of time. Ready already: nothing.

        What is ready holds for ten seconds or longer and may be asked for as early as one such stretch ahead.
        """

    def draw(
        self, ground: pygame.Surface, box: Rect, part: Rect, moment: datetime, *, since: datetime | None = None
    ) -> Sequence[Rect]:
        """Draw a part of the canvas into a box of the ground, whole; what was not prepared is prepared first.

        A box that is smaller or larger than its part is drawn from a canvas of that scale, never stretched. `since`
        is the moment of which the box still shows that part: then only what is different may be drawn. What was drawn
        are boxes of the ground, none over another.
        """


def _aquarium(canvas: Size) -> Scene:
    from media.scenes.aquarium import Aquarium
    from media.scenes.live import Live

    return Live(canvas, Aquarium)


def _seasons(canvas: Size) -> Scene:
    from media.scenes.live import Live
    from media.scenes.seasons import Seasons

    return Live(canvas, Seasons)


def _skyline(canvas: Size) -> Scene:
    from media.scenes.live import Live
    from media.scenes.skyline import Skyline

    return Live(canvas, Skyline)


SCENES: Mapping[str, Callable[[Size], Scene]] = {
    "aquarium-live": _aquarium,
    "seasons-live": _seasons,
    "skyline-live": _skyline,
}
