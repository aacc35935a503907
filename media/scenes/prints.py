"""`python -m media.scenes.prints`: what live scenes look like at moments, in prints of small drawings.

Lines of JSON on standard input, `{"scene", "canvas", "at", "parts": {panel: [x, y, width, height]}}`; for each a line
on standard output, `{"prints": {panel: print}}`, without any for a scene that is unknown or fails. Ends with its input.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import pygame

from media.child import stand_apart
from media.geometry import Rect, Size
from media.player.pattern import NAME, Pattern
from media.prints import GRID, print_of
from media.scenes import SCENES, Scene

NICE = 15
SIDE = 144
SCENES_KEPT = 4
MAKERS: Mapping[str, Callable[[Size], Scene]] = {**SCENES, NAME: partial(Pattern, names={})}


def main() -> None:
    """Answer until the input ends."""
    stand_apart()
    os.nice(NICE)
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    pygame.display.init()
    pygame.display.set_mode((1, 1), 0, 32)
    made: dict[tuple[str, Size], Scene] = {}
    for line in sys.stdin:
        try:
            prints = _prints(json.loads(line), made)
        except Exception as error:  # a scene that fails must not keep the others from being known
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            prints = {}
        sys.stdout.write(json.dumps({"prints": prints}) + "\n")
        sys.stdout.flush()


def _prints(asked: dict[str, Any], made: dict[tuple[str, Size], Scene]) -> dict[str, str]:
    name, canvas = str(asked["scene"]), (int(asked["canvas"][0]), int(asked["canvas"][1]))
    if name not in MAKERS:
        return {}
    if (name, canvas) not in made:
        for old in list(made)[: len(made) - SCENES_KEPT + 1]:
            del made[old]
        made[name, canvas] = MAKERS[name](canvas)
    moment, scene = datetime.fromisoformat(asked["at"]), made[name, canvas]
    parts = {panel: Rect(x=x, y=y, width=w, height=h) for panel, (x, y, w, h) in asked["parts"].items()}
    return {panel: _print(scene, part, moment) for panel, part in parts.items()}


def _print(scene: Scene, part: Rect, moment: datetime) -> str:
    scale = min(1.0, SIDE / min(part.size))
    box = Rect(x=0, y=0, width=max(GRID, round(part.width * scale)), height=max(GRID, round(part.height * scale)))
    ground = pygame.Surface(box.size, 0, 32)
    scene.draw(ground, box, part, moment)
    return print_of(pygame.image.tobytes(pygame.transform.smoothscale(ground, (GRID, GRID)), "RGB"))


if __name__ == "__main__":
    main()
