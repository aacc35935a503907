"""What this machine can show pictures by: each way to a screen is tried in a process of its own.

A driver that is bad may end that process, never the player. `python -m media.player.probe` is one trial: it opens a
window by SDL_VIDEODRIVER, prints what it found as JSON, and is gone. KMSDRM and Wayland could not be tried where this
program is tested; there the trial's own words are all that is known.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from media.geometry import Size

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


def trials() -> Iterator[Trial]:
    """Every way, one after the other."""
    return (tried(driver) for driver in DRIVERS)


def tried(driver: str) -> Trial:
    """One way, in a process of its own."""
    command = [sys.executable, "-m", "media.player.probe"]
    environment = {**os.environ, "SDL_VIDEODRIVER": driver, "PYTHONFAULTHANDLER": ""}
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
    """Open a window with OpenGL, else without it."""
    import pygame

    try:
        pygame.display.init()
    except pygame.error as error:
        sys.exit(str(error))
    gl = ""
    try:
        pygame.display.set_mode((64, 64), pygame.OPENGL | pygame.NOFRAME)
        gl = _renderer()
    except pygame.error:
        pygame.display.set_mode((64, 64), pygame.NOFRAME)
    print(json.dumps({"outputs": pygame.display.get_desktop_sizes(), "gl": gl}), flush=True)
    os._exit(0)  # a driver that is bad at closing has told all it can


def _renderer() -> str:
    """What OpenGL says of who draws; nothing where its library is not there."""
    name = ctypes.util.find_library("GL") or ctypes.util.find_library("GLESv2")
    if name is None:
        return ""
    get_string = ctypes.CDLL(name).glGetString
    get_string.restype = ctypes.c_char_p
    said = get_string(GL_RENDERER)
    return said.decode(errors="replace") if said else ""


if __name__ == "__main__":
    main()
