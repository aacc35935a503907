"""A real player whose window can be spoilt: `python -m tests.scenarios.badplayer` takes the words of `lobby play`.

SPOIL names a file: while it holds the name of a panel and "black", "other" or "stands", that panel's part of the window
is so, whatever the player draws; "hangs" stops the presenting loop while reports go on.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pygame

from lobby.ops.cli import main
from media.player.stage import Stage
from media.programme import PanelFrame

COLOURS = {"black": (0, 0, 0), "other": (250, 20, 200)}
SPOIL = Path(os.environ["SPOIL"])
show = Stage.show


def spoilt(stage: Stage, frames: Mapping[str, PanelFrame | None]) -> object:
    """Draw as always, then as the file says."""
    panel, _, how = (SPOIL.read_text() if SPOIL.exists() else "").strip().partition(" ")
    while how == "hangs" and SPOIL.exists():
        time.sleep(0.05)  # this process is under test, not the test
    window, box = pygame.display.get_surface(), stage.window.panels.get(panel)
    if box is None or window is None:
        return show(stage, frames)
    part = pygame.Rect(box.x, box.y, box.width, box.height)
    before = window.subsurface(part).copy()
    changed = show(stage, frames)
    if how in COLOURS:
        window.fill(COLOURS[how], part)
    else:
        window.blit(before, part)
    looks = stage._looks  # so that it is drawn again afterwards
    looks[panel] = replace(looks[panel], kind="spoilt")
    return changed


Stage.show = spoilt  # type: ignore[method-assign,assignment] # that is what this module is for

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
