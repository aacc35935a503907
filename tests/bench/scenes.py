"""Live scenes on the wall: seven panels of 1080 × 1920, drawn and presented, while the next stretch is prepared."""

from __future__ import annotations

from collections.abc import Sequence
from tempfile import TemporaryDirectory

from media.scenes import FPS, SCENES
from tests.bench.films import display, said_by
from tests.bench.rows import Row

FRAMES = 240
# The two scenes that cost most to draw turn into each other.
CHANGES = (("aquarium-live", "seasons-live", "fade", 0), ("aquarium-live", "seasons-live", "wipe", 0))


def measured(frames: int = FRAMES) -> list[Row]:
    """Frames a second of each scene, and the milliseconds to draw and to present one; then while they change."""
    rows = []
    for name in SCENES:
        with display() as screen:
            fps, drawn, presented = said_by("sceneplay", name, str(frames), DISPLAY=screen)
        wall = f"{name} on seven panels 1080×1920"
        rows.append(Row(name=wall, value=fps, unit="fps", limit=None, bar=FPS, at_least=True))
        rows.append(Row(name=f"{name}, drawing one of them (median)", value=drawn, unit="ms", limit=None, bar=18))
        rows.append(Row(name=f"{name}, presenting one of them (median)", value=presented, unit="ms", limit=None, bar=6))
    return [*rows, *changing()]


def changing(changes: Sequence[tuple[str, str, str, int]] = CHANGES) -> list[Row]:
    """Frames a second of a player while the wall changes."""
    rows = []
    for first, second, how, turn_ms in changes:
        with TemporaryDirectory(prefix="lobby-bench-") as folder, display() as screen:
            fps, longest, memory = said_by("changing", folder, first, second, how, str(turn_ms), DISPLAY=screen)
        turns = f", panel after panel by {turn_ms} ms" if turn_ms else ""
        name = f"{first} and {second} changing, {how}{turns}"
        rows.append(Row(name=name, value=fps, unit="fps", limit=None, bar=FPS, at_least=True))
        rows.append(Row(name="longest time between two of its frames", value=longest, unit="ms", limit=None, bar=150))
        rows.append(Row(name="memory of that player", value=memory, unit="MiB", limit=None, bar=1536))
    return rows
