"""Which film is heard at a moment and where it stands: pure, like the frame that is seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from media.programme import Film, PanelFrame, Programme, Shot, SurfacePlan

HALF = 0.5
MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A film that is heard: its file, its beginning in microseconds after the programme's epoch, its level."""

    sha: str
    film: Film
    epoch: datetime
    start: int
    level: int

    @property
    def seconds(self) -> float:
        """How long it lasts before it begins again."""
        return self.film.frames / self.film.fps

    def at(self, moment: datetime) -> float:
        """The second of the film that belongs to a moment."""
        since = (moment - self.epoch) // timedelta(microseconds=1) - self.start
        return since / MICROSECONDS % self.seconds


def heard(programme: Programme, moment: datetime, frames: Mapping[str, PanelFrame | None]) -> Heard | None:
    """The film of the first surface that is heard now, on its first panel that shows one; a player has one voice.

    In a change what turns up is heard from its middle on.
    """
    for plan in programme.surfaces.values():
        level = _level(plan, moment)
        shown = (_uppermost(frame) for panel in plan.panels if (frame := frames.get(panel.id)) is not None)
        playing = next(((sha, shot) for sha, shot in shown if sha and isinstance(shot, Shot)), None)
        if level and playing is not None:
            sha, shot = playing
            return Heard(sha=sha, film=shot.film, epoch=programme.epoch, start=shot.start, level=level)
    return None


def _level(plan: SurfacePlan, moment: datetime) -> int:
    return next((each.level for each in plan.sound if each.start <= moment < each.end), 0)


def _uppermost(frame: PanelFrame) -> tuple[str | None, object]:
    turned = frame.next is not None and frame.alpha >= HALF
    return (frame.next, frame.next_shot) if turned else (frame.shows, frame.shot)
