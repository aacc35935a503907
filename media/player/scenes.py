"""Live scenes on the glass: made and prepared ahead of their time by another thread, drawn by the presenting one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import pygame

from media.geometry import Rect, Size
from media.player.pattern import NAME, Corner, Pattern
from media.programme import Live
from media.scenes import SCENES, Scene

log = logging.getLogger(__name__)

AHEAD = timedelta(seconds=10)
STEP = timedelta(seconds=5)
ENOUGH = timedelta(seconds=7)
LOOK_EVERY_S = 0.5
AGAIN_AFTER_S = 60.0

Easel = tuple[str, Size]
Makers = Mapping[str, Callable[[Size], Scene]]


@dataclass(frozen=True, slots=True)
class Showing:
    """A live scene on panels of one size, or soon on them."""

    asset: str
    scene: str
    canvas: Size
    part: Rect
    size: Size
    panel: str = field(default="", compare=False)

    @classmethod
    def of(cls, asset: str, size: Size, live: Live, panel: str = "") -> Showing:
        """The one that a picture belongs to."""
        return cls(asset, live.scene, live.canvas, live.part, size, panel)

    @property
    def easel(self) -> Easel:
        """What one scene draws: all panels of a surface."""
        return self.scene, self.canvas


class Scenes:
    """The scenes that run or soon will. The presenting thread calls, `work` is for another one.

    A scene is drawn only at moments it was prepared for, so that drawing never waits. One that fails gives way and is
    tried again after a minute.
    """

    def __init__(self, makers: Makers = SCENES) -> None:
        self._names: dict[Corner, str] = {}
        self._makers: Makers = {NAME: partial(Pattern, names=self._names), **makers}
        self._wanted: Mapping[Showing, datetime] = {}
        self._made: dict[Easel, Scene] = {}
        self._prepared: dict[Showing, tuple[datetime, datetime]] = {}
        self._failed_at: dict[str, float] = {}
        self._calm = True
        self._change = threading.Event()
        self.broken: dict[str, str] = {}

    @property
    def missing(self) -> frozenset[str]:
        """Assets whose scene cannot be drawn; they give way to others."""
        return frozenset(self.broken)

    def want(self, showings: Mapping[Showing, datetime], *, calm: bool = True) -> None:
        """Have exactly these ready, each from that moment on; unless it is calm, what can wait does."""
        news = not showings.keys() <= self._wanted.keys()
        self._names.update({(each.canvas, each.part.x, each.part.y): each.panel for each in showings})
        self._wanted, self._calm = showings, calm
        if news:
            self._change.set()

    def ready(self, asset: str, size: Size, live: Live) -> bool:
        """Whether that picture can be drawn at once."""
        first, last = self._prepared.get(Showing.of(asset, size, live), (live.until, live.at))
        return asset not in self.broken and first <= live.at <= last

    def draw(
        self, ground: pygame.Surface, box: Rect, asset: str, live: Live, *, since: Live | None = None
    ) -> Sequence[Rect] | None:
        """Draw a picture that is ready, or what of it differs from the one that the box still shows.

        The boxes that were drawn; None where the scene failed, which may have left anything there.
        """
        goes_on = since is not None and replace(since, at=live.at, until=live.until) == live
        before = since.at if since is not None and goes_on else None
        try:
            return self._made[live.scene, live.canvas].draw(ground, box, live.part, live.at, since=before)
        except Exception as error:  # whatever a scene does must never end the player
            self._fail(asset, error)
            return None

    def work(self, stopping: threading.Event, mono: Callable[[], float]) -> None:
        """Make and prepare what is wanted until told to stop."""
        while not stopping.is_set():
            self.look(mono())
            self._change.wait(LOOK_EVERY_S)
            self._change.clear()

    def look(self, mono: float) -> None:
        """One round: what is wanted is prepared for the next seconds, and what nobody wants any more is forgotten."""
        wanted = self._wanted
        first: dict[Easel, datetime] = {}
        for showing, since in wanted.items():
            first[showing.easel] = min(since, first.get(showing.easel, since))
        for showing in wanted:
            if mono - self._failed_at.get(showing.asset, float("-inf")) < AGAIN_AFTER_S:
                continue
            if not self._calm and self._enough(showing, first[showing.easel]):
                continue
            try:
                self._prepare(showing, first[showing.easel])
            except Exception as error:  # a scene may fail in any way while it is made, too
                self._fail(showing.asset, error)
            if showing.asset in self.broken:
                self._failed_at[showing.asset] = mono
        self._prepared = {showing: span for showing, span in self._prepared.items() if showing in wanted}
        self._made = {easel: scene for easel, scene in self._made.items() if easel in first}

    def _enough(self, showing: Showing, since: datetime) -> bool:
        """Whether it is prepared for the next seconds: to prepare more would make what is drawn meanwhile late."""
        begins, ends = self._prepared.get(showing, (since, since))
        return showing.asset not in self.broken and begins <= since and since + ENOUGH <= ends

    def _prepare(self, showing: Showing, since: datetime) -> None:
        """Draw once where nobody sees it, so that the scene knows the scale; then have the next seconds ready."""
        again = self._failed_at.pop(showing.asset, None) is not None
        if again or showing.easel not in self._made:
            self._made[showing.easel] = self._makers[showing.scene](showing.canvas)
        scene = self._made[showing.easel]
        if again or showing not in self._prepared:
            scratch = pygame.Surface(showing.size, 0, 32)
            scene.draw(scratch, Rect(x=0, y=0, width=showing.size[0], height=showing.size[1]), showing.part, since)
            self.broken.pop(showing.asset, None)
        for number in range(AHEAD // STEP + 1):
            scene.prepare(since + number * STEP)
        self._prepared[showing] = since, since + AHEAD

    def _fail(self, asset: str, error: Exception) -> None:
        if asset not in self.broken:
            log.warning("a live scene fails and gives way: %s: %s", type(error).__name__, error)
        self.broken[asset] = f"{type(error).__name__}: {error}"
