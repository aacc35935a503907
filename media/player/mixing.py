"""Live scenes while they change into something else: each on a ground of its own, so that only what moved is drawn."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pygame

from media.geometry import Rect, Size
from media.player.painter import OPAQUE, Brush, Pixels
from media.player.pictures import Pictures
from media.player.scenes import Scenes
from media.programme import Live

Place = tuple[str, str]


class Ground:
    """One panel's picture of a live scene, which is nowhere on the glass as it is."""

    def __init__(self, size: Size) -> None:
        self._surface = pygame.Surface(size, 0, 32)
        self._box = Rect(x=0, y=0, width=size[0], height=size[1])
        self._opaque = False
        self.shown: Live | None = None

    def draw(self, scenes: Scenes, asset: str, live: Live) -> bool:
        """Bring it to a moment; False where the scene failed."""
        if live == self.shown:
            return True
        drawn = scenes.draw(self._surface, self._box, asset, live, since=self.shown)
        self.shown = None if drawn is None else live
        self._opaque = self._opaque and not drawn
        return drawn is not None

    def copy(self, seen: pygame.Surface, box: Rect, live: Live) -> None:
        """Take over what stands in a box, which is the scene at a moment."""
        self._surface.blit(seen, (0, 0), (box.x, box.y, box.width, box.height))
        self.shown, self._opaque = live, False

    def onto(self, seen: pygame.Surface, box: Rect) -> None:
        """Put the picture into a box."""
        seen.blit(self._surface, (box.x, box.y))

    def pixels(self, *, opaque: bool) -> Pixels:
        """A view of the picture, during which nothing is drawn; what moves need not be made opaque to be laid below."""
        view: Pixels = np.asarray(self._surface.get_view("2")).T
        if opaque and not self._opaque:
            # Drawing leaves anything in the byte that has no colour.
            np.bitwise_or(view, np.uint32(OPAQUE), out=view)
            self._opaque = True
        return view


class Grounds:
    """The grounds of all panels, by panel and asset. The presenting thread only."""

    def __init__(self, brush: Brush, pictures: Pictures) -> None:
        self._brush = brush
        self._pictures = pictures
        self._kept: dict[Place, Ground] = {}

    def keep(self, places: Collection[Place]) -> None:
        """Forget all others."""
        self._kept = {place: ground for place, ground in self._kept.items() if place in places}

    def anticipate(self, panel: str, asset: str, size: Size, live: Live) -> bool:
        """Draw a scene as it will be when it begins to mix; False where it stands there already."""
        ground = self._kept.get((panel, asset))
        if ground is not None and ground.shown == live:
            return False
        self.mixed(panel, asset, size, live, opaque=True)
        return True

    def __contains__(self, place: Place) -> bool:
        """Whether there is one."""
        return place in self._kept

    def begin(self, panel: str, asset: str, box: Rect, live: Live) -> None:
        """A scene that stands alone in the window begins to mix: its ground is a copy of that."""
        ground = self._kept[panel, asset] = Ground(box.size)

        def copied(seen: pygame.Surface, place: Rect) -> Sequence[Rect]:
            ground.copy(seen, place, live)
            return ()

        self._brush.paint(box, copied)

    def mixed(self, panel: str, asset: str, size: Size, live: Live, *, opaque: bool) -> Pixels | None:
        """The scene's picture at a moment; None where it failed."""
        ground = self._kept.get((panel, asset)) or self._kept.setdefault((panel, asset), Ground(size))
        if ground.draw(self._pictures.scenes, asset, live):
            return ground.pixels(opaque=opaque)
        del self._kept[panel, asset]
        return None

    def end(self, panel: str, asset: str, box: Rect, live: Live) -> Sequence[Rect] | None:
        """The scene stands alone in the window from now on; the boxes that changed, None where it failed."""
        ground, scenes = self._kept.pop((panel, asset)), self._pictures.scenes

        def painted(seen: pygame.Surface, place: Rect) -> Sequence[Rect] | None:
            ground.onto(seen, place)
            drawn = scenes.draw(seen, place, asset, live, since=ground.shown)
            return None if drawn is None else (place,)

        return self._brush.paint(box, painted)
