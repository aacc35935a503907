"""What this machine can show pictures by: each way to a screen is tried in a process of its own.

A driver that is bad may end that process, never the player. `python -m media.player.probe` is one trial: it opens a
window by SDL_VIDEODRIVER, prints what it found as JSON, and is gone. KMSDRM and Wayland could not be tried where this
program is tested; there the trial's own words are all that is known.
"""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from media.geometry import Size

if TYPE_CHECKING:
    import pygame

DRIVERS = ("x11", "wayland", "kmsdrm")
TRIAL_S = 15.0
GL_RENDERER = 0x1F01
IN_SOFTWARE = ("llvmpipe", "softpipe", "swrast", "software", "swiftshader")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One way to the screen: whether a window opened, the outputs' sizes, what draws OpenGL, or why it failed."""

    driver: str
    opened: bool
    outputs: tuple[Size, ...] = ()
    gl: str = ""
    why: str = ""

    @property
    def hardware(self) -> bool:
        """Whether a graphics card draws."""
        return bool(self.gl) and not any(name in self.gl.lower() for name in IN_SOFTWARE)


def trials(size: Size) -> Iterator[Trial]:
    """Every way, one after the other, for a window of that size."""
    return (tried(driver, size) for driver in DRIVERS)


def tried(driver: str, size: Size) -> Trial:
    """One way, in a process of its own; without a driver, the way that SDL finds."""
    command = [sys.executable, "-m", "media.player.probe", *map(str, size)]
    named = {"SDL_VIDEODRIVER": driver} if driver else {}
    environment = {**os.environ, **named, "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - our own module, and a driver's name from the table above
            command, env=environment, capture_output=True, timeout=TRIAL_S, check=False, text=True, errors="replace"
        )
    except subprocess.TimeoutExpired:
        return Trial(driver=driver, opened=False, why=f"no answer within {TRIAL_S:.0f} s")
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        return Trial(driver=driver, opened=False, why=said[-1][:200] if said else f"ended with {done.returncode}")
    found = json.loads(done.stdout.splitlines()[-1])
    outputs = tuple((int(width), int(height)) for width, height in found["outputs"])
    return Trial(driver=driver, opened=True, outputs=outputs, gl=str(found["gl"]))


def main() -> None:
    """Open a window, then have a card draw a canvas as large as the player's window would be."""
    import pygame

    size = int(sys.argv[1]), int(sys.argv[2])
    try:
        pygame.display.init()
        window = pygame.Window("lobby", (64, 64), borderless=True)
    except pygame.error as error:
        sys.exit(str(error))
    found = {"outputs": pygame.display.get_desktop_sizes(), "gl": ""}
    with contextlib.suppress(pygame.error):
        found["gl"] = _card(window, size)
    print(json.dumps(found), flush=True)
    os._exit(0)  # a driver that is bad at closing has told all it can


def _card(window: pygame.Window, size: Size) -> str:
    """What OpenGL says of who draws, once it has drawn a whole window; nothing where it does not. pygame.error."""
    from pygame._sdl2.video import Renderer

    from media.player.textures import TexturePainter

    renderer = Renderer(window, vsync=True, target_texture=True)
    painter = TexturePainter(renderer, size)
    renderer.target = None
    painter.canvas.draw()
    renderer.present()
    return _renderer()


def _renderer() -> str:
    """The name of what draws, as the context of this process has it; nothing where there is no OpenGL."""
    for library in ("GL", "GLESv2"):
        name = ctypes.util.find_library(library)
        if name is None:
            continue
        get_string = ctypes.CDLL(name).glGetString
        get_string.restype = ctypes.c_char_p
        if said := get_string(GL_RENDERER):
            return str(said.decode(errors="replace"))
    return ""


if __name__ == "__main__":
    main()
