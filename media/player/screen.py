"""The one borderless window of a player, by pygame-ce."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pygame

from media.geometry import Rect, Size
from media.player.painter import Painter
from media.player.textures import TextureScreen

S = TypeVar("S", "Screen", TextureScreen)

# Without acceleration SDL copies the window straight to the display; with it, on a machine without a graphics card,
# every flip goes through software OpenGL and takes six to eight times as long (measured).
SDL = {"SDL_FRAMEBUFFER_ACCELERATION": "0", "SDL_NO_SIGNAL_HANDLERS": "1", "SDL_VIDEO_WINDOW_POS": "0,0"}


class WrongPygame(Exception):
    """The machine has the old pygame; this program needs pygame-ce, which is imported by the same name."""

    def __init__(self) -> None:
        super().__init__("pygame-ce is needed: pip uninstall pygame pygame-ce, then pip install pygame-ce")


class NoDisplay(Exception):
    """No window can be opened; `driver` is the one that was asked for, `why` what SDL says."""

    def __init__(self, driver: str, why: str) -> None:
        super().__init__(f"{driver or 'any'}: {why}")
        self.driver = driver
        self.why = why


class Screen:
    """A window at the desktop's left upper corner. Only the main thread calls it."""

    def __init__(self) -> None:
        self.surface = _window((64, 64))

    @property
    def painter(self) -> Painter:
        """What draws into it; another one after each `resize`."""
        return Painter(self.surface)

    def resize(self, size: Size) -> None:
        """Make the window that large; what it showed is gone."""
        self.surface = _window(size)

    def desktop(self) -> Size:
        """How large the largest output is, as far as the desktop says."""
        return max(pygame.display.get_desktop_sizes(), default=(1280, 720))

    def present(self, boxes: Collection[Rect] | None = None) -> None:
        """Bring what was drawn to the glass: these boxes, of which there may be hundreds, or all of it."""
        whole = self.surface.get_width() * self.surface.get_height()
        if boxes is None or sum(box.width * box.height for box in boxes) >= whole:
            pygame.display.flip()
        elif boxes:
            pygame.display.update([(box.x, box.y, box.width, box.height) for box in boxes])

    def closed(self) -> bool:
        """True when the window system asked this window to close; asking also keeps the window alive."""
        return any(event.type == pygame.QUIT for event in pygame.event.get())

    def close(self) -> None:
        """SDL itself ends this one."""


@contextmanager
def opened(*, headless: bool, driver: str = "") -> Iterator[Screen]:
    """The window while it is needed, by the way to the screen that SDL calls x11, wayland or kmsdrm.

    Without a driver SDL finds one. Raises WrongPygame, NoDisplay.
    """
    with _opened(Screen, headless=headless, driver=driver) as screen:
        yield screen


@contextmanager
def textured(*, headless: bool = False, driver: str = "") -> Iterator[TextureScreen]:
    """The same, drawn by a graphics card."""
    with _opened(TextureScreen, headless=headless, driver=driver) as screen:
        yield screen


@contextmanager
def _opened(kind: Callable[[], S], *, headless: bool, driver: str) -> Iterator[S]:
    if not getattr(pygame, "IS_CE", False):
        raise WrongPygame
    os.environ.update(SDL)
    if headless:
        os.environ["SDL_VIDEODRIVER"] = "dummy"
        os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
    elif driver:
        os.environ["SDL_VIDEODRIVER"] = driver
    try:
        pygame.display.init()
        screen = kind()
    except pygame.error as error:
        pygame.display.quit()
        raise NoDisplay(driver or os.environ.get("SDL_VIDEODRIVER", ""), str(error)) from error
    try:
        yield screen
    finally:
        screen.close()
        pygame.display.quit()


def _window(size: Size) -> pygame.Surface:
    surface = pygame.display.set_mode(size, pygame.NOFRAME, 32)
    pygame.display.set_caption("lobby")
    pygame.mouse.set_visible(False)
    return surface
