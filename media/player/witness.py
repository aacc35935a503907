"""What really stands in the window: a print of each panel about once a second, with the moment it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import pygame

from media.geometry import Rect
from media.player.painter import Seen
from media.prints import GRID, print_of
from media.programme import Live, PanelFrame, Shot

EVERY_S = 1.0
AT_LAST_S = 1.5
AT_ONCE = 3
PICKED = 256


class Witness:
    """Looks at the window when the presenting thread has time: at rest, and at films where a second of theirs begins.

    A print costs about 0.2 ms for a panel of two million pixels.
    """

    def __init__(self) -> None:
        self._prints: dict[str, tuple[datetime, str]] = {}
        self._taken: dict[str, float] = {}

    @property
    def prints(self) -> Mapping[str, tuple[datetime, str]]:
        """Panel → moment and print of what stood there then."""
        return self._prints

    def look(
        self,
        ground: Seen,
        boxes: Mapping[str, Rect],
        frames: Mapping[str, PanelFrame | None],
        *,
        moment: datetime,
        mono: float,
        at_most: int = AT_ONCE,
    ) -> None:
        """Take the prints that are due, the oldest first, of what was presented for `moment`.

        Panels of a live scene are looked at together: whoever draws it once more draws it for one moment.
        """
        due = sorted(self._due(boxes, frames, mono), key=lambda panel: self._taken.get(panel, float("-inf")))
        alive = {panel for panel in due if isinstance(getattr(frames.get(panel), "shot", None), Live)}
        chosen = dict.fromkeys((*due[:at_most], *alive))
        taken = {panel: (moment, print_of(reduced(ground, boxes[panel]))) for panel in chosen}
        if taken or self._prints.keys() - boxes.keys():
            self._prints = {panel: each for panel, each in (self._prints | taken).items() if panel in boxes}
        self._taken |= dict.fromkeys(taken, mono)

    def _due(self, boxes: Mapping[str, Rect], frames: Mapping[str, PanelFrame | None], mono: float) -> Iterator[str]:
        for panel in boxes:
            age = mono - self._taken.get(panel, float("-inf"))
            if age >= AT_LAST_S or (age >= EVERY_S - 1 / 30 and _still(frames.get(panel))):
                yield panel


def reduced(ground: Seen, box: Rect) -> bytes:
    """A part of the window in so few pixels as a print has means: first by picking, as there is no time for all."""
    part = ground.subsurface(pygame.Rect(box.x, box.y, box.width, box.height))
    picked = pygame.transform.scale(part, (PICKED, PICKED))
    return pygame.image.tobytes(pygame.transform.smoothscale(picked, (GRID, GRID)), "RGB")


def _still(frame: PanelFrame | None) -> bool:
    """Whether it is a good moment: nothing mixes, and a film stands where one of its seconds begins."""
    if frame is None:
        return True
    if frame.next is not None or frame.alpha:
        return False
    return not isinstance(frame.shot, Shot) or frame.shot.number % frame.shot.film.fps == 0
