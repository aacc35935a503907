"""Tells the controller what is on the glass, in words each second and in small pictures every two."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from urllib.parse import quote

import pygame
from PIL import Image

from media.clock import Clock
from media.player.controller import Controller, ControllerGone
from media.player.courier import offset_ms

log = logging.getLogger(__name__)

REPORT_EVERY_S = 1.0
PREVIEW_EVERY_S = 2.0
OFFSET_EVERY_S = 60.0
MAX_PREVIEW_BYTES = 200_000
QUALITIES = (80, 60, 40)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a player says of itself: the pictures on the glass by panel, and how well it keeps time."""

    version: str | None = None
    surfaces: tuple[str, ...] = ()
    panels: Mapping[str, str | None] = field(default_factory=dict)
    stale: bool = False
    offset_ms: float | None = None
    lateness_ms: float = 0.0
    presented: int = 0


class Reporter:
    """Owns the line reports go by. `report` and `previews` are set by the presenting thread and never wait."""

    def __init__(self, controller: Controller, player: str, clock: Clock) -> None:
        self._controller = controller
        self._path = f"/api/v1/players/{quote(player)}"
        self._clock = clock
        self._offset: float | None = None
        self._offset_at = self._preview_at = float("-inf")
        self._encoded: dict[str, tuple[pygame.Surface, bytes]] = {}
        self.report = Report()
        self.previews: Mapping[str, pygame.Surface] = {}

    def work(self, stopping: threading.Event) -> None:
        """Report until told to stop; the courier is the one who says that nobody answers."""
        while not stopping.is_set():
            try:
                self.tell()
            except ControllerGone as gone:
                log.debug("not reported: %s", gone)
            stopping.wait(REPORT_EVERY_S)
        self._controller.close()

    def tell(self) -> None:
        """One round: the report, then what else is due. Raises ControllerGone."""
        document = asdict(self.report) | {"offset_ms": self._offset}
        body = json.dumps(document).encode()
        self._controller.ask("POST", f"{self._path}/report", body=body, headers={"Content-Type": "application/json"})
        now = self._clock.mono()
        if now - self._preview_at >= PREVIEW_EVERY_S - 0.1:
            self._preview_at = now
            self._send_previews()
        if now - self._offset_at >= OFFSET_EVERY_S:
            self._offset_at = now
            self._offset = round(offset_ms(self._controller, self._clock), 3)

    def _send_previews(self) -> None:
        for surface, picture in self.previews.items():
            held = self._encoded.get(surface)
            if held is None or held[0] is not picture:
                held = picture, jpeg(picture)
                self._encoded[surface] = held
            path = f"{self._path}/preview?surface={quote(surface)}"
            self._controller.ask("PUT", path, body=held[1], headers={"Content-Type": "image/jpeg"})


def jpeg(picture: pygame.Surface) -> bytes:
    """A picture as JPEG of at most 200 kB."""
    image = Image.frombytes("RGB", picture.get_size(), pygame.image.tobytes(picture, "RGB"))
    data = b""
    for quality in QUALITIES:
        into = io.BytesIO()
        image.save(into, "JPEG", quality=quality)
        data = into.getvalue()
        if len(data) <= MAX_PREVIEW_BYTES:
            break
    return data
