"""What a player would present at a moment, drawn by the player's own stage, without a window and without waiting."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import pygame

from media.assets import AssetStore
from media.geometry import Window, canvas, window
from media.player.glimpse import glimpse, jpeg
from media.player.pictures import Pictures
from media.player.screen import opened
from media.player.stage import Stage
from media.programme import PanelFrame, Programme, Shot, ahead, frame

READY_WITHIN_S = 20.0
LOOK_EVERY_S = 0.005
KINDS = (".jpg", ".jpeg", ".png")


class NotDrawn(Exception):
    """The pictures were not ready in time."""


def draw(
    programme: Programme,
    surface: str,
    moment: datetime,
    *,
    store: AssetStore,
    into: Path,
    scale: float = 1.0,
    words: Sequence[str] = (),
) -> None:
    """Draw one surface, the wall laid flat with its gaps, into a file.

    A JPEG is byte for byte the small copy that a player of the same scale sends; a PNG has the surface's own size.
    Raises NotDrawn, OSError.
    """
    plan = programme.surfaces[surface]
    with _shown(programme, moment, store, scale=scale, words=words) as (ground, layout):
        if into.suffix == ".png":
            width, height = canvas(plan.panels).size
            whole = round(width * scale), round(height * scale)
            pygame.image.save(glimpse(ground, layout.panels, plan.panels, within=whole), into)
        else:
            into.write_bytes(jpeg(glimpse(ground, layout.panels, plan.panels)))


@contextmanager
def _shown(
    programme: Programme, moment: datetime, store: AssetStore, *, scale: float, words: Sequence[str]
) -> Iterator[tuple[pygame.Surface, Window]]:
    """The whole window of a player, as it is at that moment."""
    layout = window({name: plan.panels for name, plan in programme.surfaces.items()}, scale=scale)
    with opened(headless=True) as screen:
        screen.resize(layout.size)
        pictures = Pictures(store)
        stage = Stage(screen.painter, layout, pictures, words)
        with _decoding(pictures):
            _settle(stage, pictures, programme, moment)
            yield screen.surface, layout


def _settle(stage: Stage, pictures: Pictures, programme: Programme, moment: datetime) -> None:
    """Show the frame of the moment as soon as everything in it is ready."""
    tick = threading.Event()
    for _ in range(round(READY_WITHIN_S / LOOK_EVERY_S)):
        missing = pictures.missing
        stage.want((*ahead(programme, moment), *ahead(programme, moment, missing=missing)))
        frames = frame(programme, moment, missing=missing)
        if _ready(frames, stage, pictures):
            stage.show(frames)
            return
        tick.wait(LOOK_EVERY_S)
    raise NotDrawn


def _ready(frames: Mapping[str, PanelFrame | None], stage: Stage, pictures: Pictures) -> bool:
    """Everything can be drawn, and films have come to the very picture of the moment."""
    if not stage.ready(frames):
        return False
    for panel, shown in frames.items():
        for sha, shot in () if shown is None else ((shown.shows, shown.shot), (shown.next, shown.next_shot)):
            if sha is not None and isinstance(shot, Shot):
                found = pictures.films.picture(sha, stage.window.panels[panel].size, shot)
                if found is None or found.number != shot.number:
                    return False
    return True


@contextmanager
def _decoding(pictures: Pictures) -> Iterator[None]:
    stopping = threading.Event()
    duties = (pictures.work, partial(pictures.scenes.work, mono=lambda: 0.0))
    threads = [threading.Thread(target=duty, args=(stopping,), name="preview", daemon=True) for duty in duties]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join(1)
