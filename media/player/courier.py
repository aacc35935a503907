"""Brings programmes and pictures from the controller and keeps them, so that the player can go on alone."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from media.assets import AssetStore
from media.clock import Clock
from media.player.controller import Controller, ControllerGone
from media.programme import Programme, needed
from media.wire import MAX_BYTES, ProgrammeRefused, from_json

log = logging.getLogger(__name__)

ASK_EVERY_S = 1.0
SLOWEST_S = 10.0
MAX_KEPT_BYTES = MAX_BYTES


class Kept:
    """The last good programme on disk."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "programme.json"

    def read(self) -> Programme | None:
        """What was kept, or None where nothing or nothing sound is."""
        try:
            with self._path.open("rb") as file:
                return from_json(file.read(MAX_KEPT_BYTES + 1))
        except (OSError, ProgrammeRefused):
            return None

    def write(self, data: bytes) -> None:
        """Keep a programme; a power cut leaves the old one or the new one."""
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.chmod(0o600)
        fresh.replace(self._path)


class Courier:
    """Asks for the programme every second and for the pictures it names; `found` hears each new programme."""

    def __init__(
        self,
        controller: Controller,
        player: str,
        *,
        store: AssetStore,
        kept: Kept,
        clock: Clock,
        found: Callable[[Programme], None],
        fetched: Callable[[str], None],
    ) -> None:
        self._controller = controller
        self._path = f"/api/v1/programmes/{quote(player)}"
        self._player = player
        self._store = store
        self._kept = kept
        self._clock = clock
        self._found = found
        self._fetched = fetched
        self._programme = kept.read()
        self._refused: str | None = None
        self._gone = False

    def work(self, stopping: threading.Event) -> None:
        """Ask until told to stop; more seldom while nobody answers."""
        pause = ASK_EVERY_S
        while not stopping.is_set():
            try:
                self.ask()
            except ControllerGone as gone:
                self._say(gone)
                pause = min(SLOWEST_S, pause * 1.5)
            else:
                self._say(None)
                pause = ASK_EVERY_S
            stopping.wait(pause)
        self._controller.close()

    def ask(self) -> None:
        """One round: the programme if it is new, then what it needs at once, then the rest. Raises ControllerGone."""
        version = self._programme.version if self._programme else ""
        headers = {"If-None-Match": f'"{version}"'} if version else {}
        answer = self._controller.ask("GET", self._path, headers=headers, most_bytes=MAX_BYTES)
        if answer.status == 200:
            self._take(answer.body)
        elif answer.status != 304:
            raise ControllerGone(f"{self._path}: status {answer.status}")
        if self._programme is not None:
            self._fetch(self._programme.content())

    def _take(self, data: bytes) -> None:
        try:
            programme = from_json(data)
            if programme.player != self._player:
                raise ProgrammeRefused("player")
        except ProgrammeRefused as refused:
            self._say_refused(refused.where)
            return
        if self._programme is not None and programme.version == self._programme.version:
            return
        self._fetch(frozenset().union(*needed(programme, self._clock.now()).values()))
        self._kept.write(data)
        self._programme = programme
        self._found(programme)
        self._tidy(programme)

    def _fetch(self, shas: frozenset[str]) -> None:
        for sha in sorted(shas):
            if self._store.has(sha):
                continue
            answer = self._controller.ask("GET", f"/api/v1/content/{sha}")
            if answer.status == 200 and hashlib.sha256(answer.body).hexdigest() == sha:
                self._store.put(answer.body)
                self._fetched(sha)

    def _tidy(self, programme: Programme) -> None:
        """Drop pictures that this programme no longer names."""
        for sha in set(self._store.kept()) - programme.content():
            self._store.drop(sha)

    def _say(self, gone: ControllerGone | None) -> None:
        if gone is not None and not self._gone:
            log.warning("controller does not answer, playing on alone: %s", gone)
        if gone is None and self._gone:
            log.info("controller answers again")
        self._gone = gone is not None

    def _say_refused(self, where: str) -> None:
        if where != self._refused:
            log.warning("programme refused at %s, the last good one stays", where)
        self._refused = where


def offset_ms(controller: Controller, clock: Clock) -> float:
    """How far the controller's clock is ahead of ours, by the shortest of three round trips. Raises ControllerGone."""
    trips = [_trip(controller, clock) for _ in range(3)]
    return min(trips)[1]


def _trip(controller: Controller, clock: Clock) -> tuple[float, float]:
    """Length of the round trip and offset, in ms: the answer was written in the middle of its trip (Cristian)."""
    before, started = clock.now(), clock.mono()
    answer = controller.ask("GET", "/api/v1/time", most_bytes=4096)
    length = clock.mono() - started
    try:
        said = datetime.fromisoformat(_time_in(answer.body))
        offset = (said - before).total_seconds() - length / 2
    except (ValueError, TypeError) as error:
        raise ControllerGone("no time in the answer") from error
    return length * 1000, offset * 1000


def _time_in(body: bytes) -> str:
    document = json.loads(body)
    return str(document["now"]) if isinstance(document, dict) and "now" in document else ""
