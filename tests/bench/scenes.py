"""Live scenes on the wall: seven panels of 1080 × 1920, drawn and presented, while the next stretch is prepared."""

from __future__ import annotations

from media.scenes import FPS, SCENES
from tests.bench.films import display, said_by
from tests.bench.rows import Row

FRAMES = 240


def measured(frames: int = FRAMES) -> list[Row]:
    """Frames a second of each scene, and the milliseconds to draw and to present one."""
    rows = []
    for name in SCENES:
        with display() as screen:
            fps, drawn, presented = said_by("sceneplay", name, str(frames), DISPLAY=screen)
        wall = f"{name} on seven panels 1080×1920"
        rows.append(Row(name=wall, value=fps, unit="fps", limit=None, bar=FPS, at_least=True))
        rows.append(Row(name=f"{name}, drawing one of them (median)", value=drawn, unit="ms", limit=None, bar=18))
        rows.append(Row(name=f"{name}, presenting one of them (median)", value=presented, unit="ms", limit=None, bar=6))
    return rows
