"""A picture to hold a phone's camera to: frame number, moving bars and panel names, the same instant on all panels.

A photo of two panels shows two lit cells; each cell between them is a thirtieth of a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pygame

from media.geometry import PanelPlace, Rect, Size
from media.player.standby import FONTS
from media.programme import Interval, Item, Playlist, Programme, SurfacePlan
from media.wire import version_of

NAME = "test-pattern"
ASSET = "0" * 63 + "1"
FPS = 30
SWEEP_S = 4
LARGEST_NUMBER = 10_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
GROUND, LINE, SOFT, BRIGHT, BAR = (18, 20, 22), (70, 78, 86), (177, 184, 190), (255, 255, 255), (255, 196, 64)

Corner = tuple[Size, int, int]
Names = Mapping[Corner, str]


class Pattern:
    """The pattern on one canvas, a live scene; `names`: (canvas, x, y of a part) → what its panel is called."""

    def __init__(self, canvas: Size, names: Names) -> None:
        self._canvas = canvas
        self._names = names
        self._grounds: dict[tuple[Size, Rect, str], pygame.Surface] = {}
        self._fonts: dict[int, pygame.font.Font] = {}

    def prepare(self, moment: datetime) -> None:
        """Nothing is slow here."""

    def draw(
        self,
        ground: pygame.Surface,
        box: Rect,
        part: Rect,
        moment: datetime,
        *,
        since: datetime | None = None,  # noqa: ARG002 - a pattern is cheap, and a test of the whole glass
    ) -> Sequence[Rect]:
        """A panel's part: everything that moves depends on the frame's number alone."""
        number = (moment - EPOCH) // MICROSECOND * FPS // 1_000_000
        view = ground.subsurface((box.x, box.y, box.width, box.height))
        view.blit(self._ground(box.size, part), (0, 0))
        self._cells(view, number % FPS)
        self._sweep(view, part, number)
        figures = self._font(box.height // 10).render(f"{number % LARGEST_NUMBER:04d}", True, BRIGHT)
        view.blit(figures, figures.get_rect(center=(box.width // 2, box.height * 3 // 5)))
        return (box,)

    def _ground(self, size: Size, part: Rect) -> pygame.Surface:
        """What stands still: edges, a line across the whole canvas, the panel's name."""
        name = self._names.get((self._canvas, part.x, part.y), "")
        key = size, part, name
        if key not in self._grounds:
            self._grounds[key] = self._drawn(size, part, name)
        return self._grounds[key]

    def _drawn(self, size: Size, part: Rect, name: str) -> pygame.Surface:
        width, height = size
        across, down = width / part.width, height / part.height
        picture = pygame.Surface(size, 0, 32)
        picture.fill(GROUND)
        for nth in range(1, 6):
            pygame.draw.line(picture, LINE, (width * nth // 6, 0), (width * nth // 6, height))
            pygame.draw.line(picture, LINE, (0, height * nth // 6), (width, height * nth // 6))
        start = -part.x * across, (self._canvas[1] - part.y) * down
        end = (self._canvas[0] - part.x) * across, -part.y * down
        pygame.draw.line(picture, SOFT, start, end, max(2, width // 270))
        pygame.draw.rect(picture, BRIGHT, (0, 0, width, height), max(1, width // 540))
        words = self._font(height // 14).render(name, True, BRIGHT)
        picture.blit(words, words.get_rect(center=(width // 2, height // 4)))
        return picture

    def _cells(self, view: pygame.Surface, lit: int) -> None:
        """A ladder of thirty cells on the left edge, one lit at a time from the top down."""
        width, height = view.get_size()
        for cell in range(FPS):
            top, foot = height * cell // FPS, height * (cell + 1) // FPS
            inside = 2, top + 2, max(1, width // 9 - 2), max(1, foot - top - 3)
            view.fill(BRIGHT if cell == lit else LINE, inside)

    def _sweep(self, view: pygame.Surface, part: Rect, number: int) -> None:
        """A bar that runs along the whole canvas, gaps included."""
        x = (number % (FPS * SWEEP_S)) * self._canvas[0] // (FPS * SWEEP_S) - part.x
        across, height = view.get_width() / part.width, view.get_height()
        left, thick = round(x * across), max(2, round(self._canvas[0] / (FPS * SWEEP_S) * across))
        view.fill(BAR, (left, height * 4 // 5, thick, height // 8))

    def _font(self, height: int) -> pygame.font.Font:
        if height not in self._fonts:
            pygame.font.init()
            path = next((path for path in FONTS if path.is_file()), None)
            self._fonts[height] = pygame.font.Font(path, max(8, height))
        return self._fonts[height]


def always(player: str, surfaces: Mapping[str, Sequence[PanelPlace]], now: datetime) -> Programme:
    """A programme that shows the pattern on every panel, for a player that asks nobody."""
    start, end = now - timedelta(days=1), now + timedelta(days=35)
    plans = {
        name: SurfacePlan(panels=tuple(panels), intervals=(Interval(start=start, end=end, playlist=NAME),), fade_ms=0)
        for name, panels in surfaces.items()
    }
    shown = Playlist(mode="span", items=(Item(asset=ASSET, dwell_ms=3_600_000),))
    draft = Programme(
        player=player,
        version="",
        epoch=EPOCH,
        start=start,
        end=end,
        surfaces=plans,
        playlists={NAME: shown},
        pictures={},
        scenes={ASSET: NAME},
    )
    return replace(draft, version=version_of(draft))
