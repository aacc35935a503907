"""The window drawn by a graphics card: pictures become textures, a mixture costs the processor nothing.

Only where a trial in another process found a card (`media.player.probe`). Everything is drawn onto one canvas on the
card, which is what `seen` reads back and what is presented. Tried here with Mesa's software OpenGL only: what a real
card makes of it, vsync and tearing are for the site to see.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from weakref import ref

import numpy as np
import pygame
from pygame._sdl2.video import Renderer, Texture

from media.geometry import Rect, Size
from media.player.painter import Drawing, Pixels

AT_HAND = 2
NONE, BLEND = 0, 1


class TexturePainter:
    """A `Brush` that draws onto the canvas of a renderer; the last two pictures of each box stay on the card."""

    def __init__(self, renderer: Renderer, size: Size) -> None:
        self._renderer = renderer
        self.canvas = Texture(renderer, size, depth=32, target=True)
        self.canvas.blend_mode = NONE
        self._held: dict[Rect, list[tuple[ref[Pixels], Texture]]] = {}
        self._grounds: dict[Rect, tuple[pygame.Surface, Texture]] = {}
        renderer.target = self.canvas
        renderer.draw_color = (0, 0, 0, 255)
        renderer.clear()

    @property
    def seen(self) -> TexturePainter:
        """The canvas, to be read back part by part."""
        return self

    def subsurface(self, rect: pygame.Rect, /) -> pygame.Surface:
        """A copy of a part of what was drawn."""
        return self._renderer.to_surface(area=rect)

    def place(self, picture: Pixels, box: Rect) -> None:
        """See `Brush`."""
        self._draw(self._texture(picture, box), box)

    def mix(self, first: Pixels, second: Pixels, share: int, box: Rect) -> None:
        """See `Brush`."""
        below, above = self._texture(first, box), self._texture(second, box)
        self._draw(below, box)
        self._draw(above, box, share=share)

    def wipe(self, left: Pixels, right: Pixels, edge: int, box: Rect) -> None:
        """See `Brush`."""
        before, after = self._texture(left, box), self._texture(right, box)
        self._draw(after, box)
        if edge:
            part = pygame.Rect(0, 0, edge, box.height)
            before.blend_mode = NONE
            before.draw(part, part.move(box.x, box.y))

    def paint(self, box: Rect, draw: Drawing) -> Sequence[Rect] | None:
        """See `Brush`."""
        if box not in self._grounds:
            texture = Texture(self._renderer, box.size, depth=32, streaming=True)
            self._grounds[box] = pygame.Surface(box.size, pygame.SRCALPHA, 32), texture
        ground, texture = self._grounds[box]
        drawn = draw(ground, Rect(x=0, y=0, width=box.width, height=box.height))
        if drawn is None:
            return None
        texture.update(ground)
        self._draw(texture, box)
        return [each.moved(box.x, box.y) for each in drawn]

    def close(self) -> None:
        """Give back what is on the card, while there still is a renderer."""
        self._held.clear()
        self._grounds.clear()
        del self.canvas, self._renderer

    def _draw(self, texture: Texture, box: Rect, *, share: int = 255) -> None:
        texture.blend_mode = NONE if share == 255 else BLEND
        texture.alpha = share
        texture.draw(None, pygame.Rect(box.x, box.y, box.width, box.height))

    def _texture(self, picture: Pixels, box: Rect) -> Texture:
        """The picture on the card; the longest unused one of the box makes room."""
        held = self._held.setdefault(box, [])
        for number, (each, texture) in enumerate(held):
            if each() is picture:
                held.append(held.pop(number))
                return texture
        texture = held.pop(0)[1] if len(held) == AT_HAND else self._fresh(box.size)
        texture.update(pygame.image.frombuffer(np.ascontiguousarray(picture).data, box.size, "BGRA"))
        held.append((ref(picture), texture))
        return texture

    def _fresh(self, size: Size) -> Texture:
        return Texture(self._renderer, size, depth=32, streaming=True)


class TextureScreen:
    """A window at the desktop's left upper corner whose pictures a card draws. Only the main thread calls it."""

    def __init__(self) -> None:
        self._window = pygame.Window("lobby", (64, 64), position=(0, 0), borderless=True)
        self._renderer = Renderer(self._window, vsync=True, target_texture=True)
        self.painter = TexturePainter(self._renderer, (64, 64))
        pygame.mouse.set_visible(False)

    def resize(self, size: Size) -> None:
        """Make the window that large; what it showed is gone."""
        self._window.size = size
        self.painter.close()
        self.painter = TexturePainter(self._renderer, size)

    def desktop(self) -> Size:
        """How large the largest output is, as far as the desktop says."""
        return max(pygame.display.get_desktop_sizes(), default=(1280, 720))

    def present(self, boxes: Collection[Rect] | None = None) -> None:  # noqa: ARG002 - a card brings the whole window anyway
        """Bring what was drawn to the glass."""
        self._renderer.target = None
        self.painter.canvas.draw()
        self._renderer.present()
        self._renderer.target = self.painter.canvas

    def closed(self) -> bool:
        """True when the window system asked this window to close; asking also keeps the window alive."""
        return any(event.type == pygame.QUIT for event in pygame.event.get())

    def close(self) -> None:
        """End it before SDL ends: what is collected later would destroy whatever SDL has put in its place since."""
        self.painter.close()
        del self._renderer
        self._window.destroy()
