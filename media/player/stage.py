"""What is on the glass: draws a frame into the window, only where it differs from what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pygame

from media.geometry import Rect, Size, Window
from media.player.films import Showing
from media.player.pictures import Key, Pictures
from media.player.standby import card
from media.programme import Live, PanelFrame, Shot

BAND_BYTES = 512 * 1024
PREVIEW_WIDTH = 960
BLACK = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class _Layer:
    """A still, or one picture of a film, as it is drawn."""

    sha: str
    number: int
    picture: pygame.Surface = field(compare=False)


@dataclass(frozen=True, slots=True)
class _Look:
    """How one panel looks: a picture, a mixture in 255ths, dark, or the standby card."""

    kind: str
    shows: _Layer | None = None
    next: _Layer | None = None
    share: int = 0


OFF, STANDBY = _Look("off"), _Look("standby")


class Stage:
    """The window's panels. `show` draws and says whether anything has to be presented."""

    def __init__(self, surface: pygame.Surface, window: Window, pictures: Pictures, words: Sequence[str] = ()) -> None:
        self._surface = surface
        self._window = window
        self._pictures = pictures
        self._words = words
        self._cards: dict[Size, pygame.Surface] = {}
        self._looks: dict[str, _Look] = {}

    @property
    def window(self) -> Window:
        """Where everything lies."""
        return self._window

    def show(self, frames: Mapping[str, PanelFrame | None]) -> bool:
        """Draw what changed; True when it has to be presented. A picture that is not ready leaves its panel alone."""
        changed = False
        for panel, box in self._window.panels.items():
            look = self._look(panel, frames.get(panel), box.size)
            if look != self._looks.get(panel):
                self._draw(look, box)
                self._looks[panel] = look
                changed = True
        return changed

    def glass(self) -> dict[str, str | None]:
        """Panel → hash of the picture that is wholly or mostly on it; None where there is none."""
        tops = {
            panel: look.next if look.next is not None and look.share > 127 else look.shows
            for panel, look in self._looks.items()
        }
        return {panel: None if top is None else top.sha for panel, top in tops.items()}

    def want(self, coming: Iterable[Mapping[str, PanelFrame | None]]) -> None:
        """Have ready what these frames show, each at the size at which it is drawn."""
        stills: dict[Key, None] = {}
        films: dict[Showing, None] = {}
        for panel, frame in (pair for frames in coming for pair in frames.items()):
            box = self._window.panels.get(panel)
            if box is None:
                continue
            for sha, shot in _layers(frame):
                if shot is None:
                    stills[sha, box.size] = None
                elif isinstance(shot, Shot):
                    films[Showing.of(sha, box.size, shot)] = None
        self._pictures.want(list(stills))
        self._pictures.films.want(list(films))

    def preview(self, surface: str) -> pygame.Surface:
        """A small copy of what a surface's part of the window holds now."""
        box = self._window.surfaces[surface]
        part = self._surface.subsurface(_pygame(box))
        scale = min(1.0, PREVIEW_WIDTH / box.width)
        return pygame.transform.smoothscale(part, (round(box.width * scale), max(1, round(box.height * scale))))

    def _look(self, panel: str, frame: PanelFrame | None, size: Size) -> _Look:
        if frame is None:
            return OFF
        before = self._looks.get(panel, STANDBY)
        held = STANDBY if before == OFF else before
        if frame.shows is None and frame.next is None:
            return held
        share = round(255 * frame.alpha)
        shows, upcoming = self._layer(frame.shows, frame.shot, size), self._layer(frame.next, frame.next_shot, size)
        if (frame.shows and shows is None) or (frame.next and upcoming is None):
            return held
        return _Look("picture", shows, upcoming if share else None, share)

    def _layer(self, sha: str | None, shot: Shot | Live | None, size: Size) -> _Layer | None:
        """What is ready of it to be drawn; None where nothing is."""
        if sha is None:
            return None
        if shot is None:
            still = self._pictures.get(sha, size)
            return None if still is None else _Layer(sha, 0, still)
        found = self._pictures.films.picture(sha, size, shot) if isinstance(shot, Shot) else None
        return None if found is None else _Layer(sha, found.number, found.surface)

    def _draw(self, look: _Look, box: Rect) -> None:
        if look.kind == "standby":
            self._surface.blit(self._card(box.size), (box.x, box.y))
        elif look.share == 0:
            self._place(look.shows, box)
        else:
            self._mix(look, box)

    def _place(self, layer: _Layer | None, box: Rect) -> None:
        if layer is None:
            self._surface.fill(BLACK, _pygame(box))
        else:
            layer.picture.set_alpha(None)
            self._surface.blit(layer.picture, (box.x, box.y))

    def _mix(self, look: _Look, box: Rect) -> None:
        """Both pictures, band by band, so that a band is still in the processor's cache when the second one comes."""
        first = None if look.shows is None else look.shows.picture
        second = None if look.next is None else look.next.picture
        height = max(1, BAND_BYTES // (4 * box.width))
        for top in range(0, box.height, height):
            band = pygame.Rect(0, top, box.width, min(height, box.height - top))
            self._mix_band(first, second, look.share, band, (box.x, box.y + top))

    def _mix_band(
        self,
        first: pygame.Surface | None,
        second: pygame.Surface | None,
        share: int,
        band: pygame.Rect,
        at: tuple[int, int],
    ) -> None:
        over, share = (second, share) if second is not None else (first, 255 - share)
        if first is None or second is None:
            self._surface.fill(BLACK, (*at, *band.size))
        else:
            first.set_alpha(None)
            self._surface.blit(first, at, band)
        if over is not None:
            over.set_alpha(share)
            self._surface.blit(over, at, band)

    def _card(self, size: Size) -> pygame.Surface:
        if size not in self._cards:
            self._cards[size] = card(size, self._words)
        return self._cards[size]


def _layers(frame: PanelFrame | None) -> Iterable[tuple[str, Shot | Live | None]]:
    if frame is not None:
        pairs = (frame.shows, frame.shot), (frame.next, frame.next_shot)
        yield from ((sha, shot) for sha, shot in pairs if sha is not None)


def _pygame(box: Rect) -> pygame.Rect:
    return pygame.Rect(box.x, box.y, box.width, box.height)
