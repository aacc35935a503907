"""Tells the controller what is on the glass: in words each second, in small pictures whenever they changed."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from urllib.parse import quote, urlencode

from media.player.changes import Change
from media.player.controller import Answer, Controller, ControllerGone
from media.player.glimpse import Glimpse, jpeg
from media.player.timing import WRONG_MS, SharedClock, offset
from media.player.troubles import CLOCK_WRONG, Troubles

log = logging.getLogger(__name__)

REPORT_EVERY_S = 1.0
OFFSET_EVERY_S = 60.0
TWICE = 409
MOST_CHANGES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a player says of itself: the contents on the glass by panel, and how well it keeps time.

    `standby` are panels that are on and have nothing to show; `due` is when the glass last had to change; `prints` are
    those of what stands in the window, each with its moment; `pattern` that it shows the test pattern, asked by nobody.
    """

    version: str | None = None
    surfaces: tuple[str, ...] = ()
    panels: Mapping[str, str | None] = field(default_factory=dict)
    standby: tuple[str, ...] = ()
    stale: bool = False
    pattern: bool = False
    due: datetime | None = None
    lateness_ms: float = 0.0
    presented: int = 0
    prints: Mapping[str, tuple[datetime, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Encoded:
    """A glimpse as it is sent."""

    glimpse: Glimpse
    data: bytes
    fingerprint: str


class Reporter:
    """Owns the line reports go by. `report` and `show` are called by the presenting thread and never wait."""

    def __init__(self, controller: Controller, player: str, *, clock: SharedClock, troubles: Troubles) -> None:
        self._controller = controller
        self._path = f"/api/v1/players/{quote(player)}"
        self._player = player
        self._clock = clock
        self._troubles = troubles
        self._offset: float | None = None
        self._offset_at = float("-inf")
        self._encoded: dict[str, _Encoded] = {}
        self._news = threading.Event()
        self._twice = False
        self._glimpses: Mapping[str, Glimpse] = {}
        self._changes: deque[Change] = deque(maxlen=MOST_CHANGES)
        self.report = Report()

    def changed(self, changes: Iterable[Change]) -> None:
        """These changes have reached the glass; told with the next report that arrives, in the controller's time."""
        self._changes.extend(changes)

    def show(self, glimpses: Mapping[str, Glimpse]) -> None:
        """How the surfaces look now."""
        self._glimpses = glimpses
        self._news.set()

    def work(self, stopping: threading.Event) -> None:
        """Report until told to stop; the courier is the one who says that nobody answers."""
        while not stopping.is_set():
            try:
                self.tell()
            except ControllerGone as gone:
                log.debug("not reported: %s", gone)
            self._pause(stopping)
        self._controller.close()

    def tell(self) -> None:
        """One round: the clock if it is time, the report, then the pictures the controller lacks. ControllerGone."""
        self._compare_clocks()
        self._encoded = {surface: self._encode(surface, seen) for surface, seen in self._glimpses.items()}
        told = list(self._changes)
        body = json.dumps(self._document(told), default=datetime.isoformat).encode()
        headers = {"Content-Type": "application/json"}
        answer = self._controller.ask("POST", f"{self._path}/report", body=body, headers=headers)
        for _ in told:
            self._changes.popleft()
        self._say_twice(twice=answer.status == TWICE)
        for surface in _wanted(answer):
            if surface in self._encoded:
                self._send(surface, self._encoded[surface])

    def _document(self, changes: Sequence[Change]) -> dict[str, object]:
        return asdict(self.report) | {
            "offset_ms": self._offset,
            "clock": "corrected" if self._clock.corrected else "own",
            "troubles": self._troubles.codes(),
            "changes": [(each.due, self._clock.controllers(each.at), each.panels) for each in changes],
            "contents": self._troubles.subjects()[:20],
            "previews": {surface: encoded.fingerprint for surface, encoded in self._encoded.items()},
        }

    def _pause(self, stopping: threading.Event) -> None:
        """Until the next report is due; a new look of the glass is told at once."""
        self._news.clear()
        until = self._clock.mono() + REPORT_EVERY_S
        while not stopping.is_set() and not self._news.is_set():
            left = until - self._clock.mono()
            if left <= 0:
                return
            stopping.wait(min(left, 0.1))

    def _compare_clocks(self) -> None:
        now = self._clock.mono()
        if now - self._offset_at < OFFSET_EVERY_S and not self._clock.stepped():
            return
        found = offset(self._controller, self._clock.own)
        self._offset_at, self._offset = now, round(found.ms, 3)
        self._clock.measured(found.ms / 1000, within_s=found.within_ms / 1000)
        self._troubles.set(CLOCK_WRONG, wrong=abs(found.ms) > WRONG_MS)

    def _encode(self, surface: str, seen: Glimpse) -> _Encoded:
        held = self._encoded.get(surface)
        if held is not None and held.glimpse is seen:
            return held
        data = jpeg(seen.picture)
        return _Encoded(glimpse=seen, data=data, fingerprint=hashlib.sha256(data).hexdigest()[:16])

    def _send(self, surface: str, encoded: _Encoded) -> None:
        query = urlencode({"surface": surface, "at": encoded.glimpse.at.isoformat(), "name": encoded.fingerprint})
        headers = {"Content-Type": "image/jpeg"}
        self._controller.ask("PUT", f"{self._path}/preview?{query}", body=encoded.data, headers=headers)

    def _say_twice(self, *, twice: bool) -> None:
        if twice and not self._twice:
            log.warning("another player plays as %s; the controller's console names both", self._player)
        self._twice = twice


def _wanted(answer: Answer) -> tuple[str, ...]:
    """The surfaces whose small picture the controller does not have."""
    try:
        document = json.loads(answer.body)
    except ValueError:
        return ()
    wanted = document.get("want", ()) if isinstance(document, dict) else ()
    return tuple(map(str, wanted)) if isinstance(wanted, list) else ()
