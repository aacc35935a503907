"""Brings programmes and contents from the controller and keeps them, so that the player can go on alone."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import quote

from media.assets import AssetStore, hash_of
from media.clock import Clock
from media.player.controller import Controller, ControllerGone
from media.player.troubles import CONTENT_MISSING, DISK, PROGRAMME_REFUSED, Troubles
from media.programme import Programme, needed
from media.wire import MAX_BYTES, ProgrammeRefused, from_json

log = logging.getLogger(__name__)

ASK_EVERY_S = 1.0
SLOWEST_S = 10.0
FETCH_FOR_S = 1.0
AGAIN_AFTER_S = 5.0


class Kept:
    """The last good programme of a player on its disk."""

    def __init__(self, folder: Path, player: str) -> None:
        self._path = folder / "programme.json"
        self._player = player

    def read(self) -> Programme | None:
        """What was kept, or None where nothing, nothing sound or another player's is."""
        try:
            with self._path.open("rb") as file:
                programme = from_json(file.read(MAX_BYTES + 1))
        except (OSError, ProgrammeRefused):
            return None
        return programme if programme.player == self._player else None

    def write(self, data: bytes) -> None:
        """Keep a programme; a power cut leaves the old one or the new one. Raises OSError."""
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.chmod(0o600)
        fresh.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class Courier:
    """Asks for the programme every second and for the contents it names; `found` hears each new programme.

    What neither the programme on the glass nor the one to come needs is dropped once everything new is there.
    """

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
        troubles: Troubles,
    ) -> None:
        self._controller = controller
        self._path = f"/api/v1/programmes/{quote(player)}"
        self._player = player
        self._store = store
        self._kept = kept
        self._clock = clock
        self._found = found
        self._fetched = fetched
        self._troubles = troubles
        self._programme = kept.read()
        self._refused: str | None = None
        self._again_at: dict[str, float] = {}
        self._untidy = True
        self._gone = False

    def work(self, stopping: threading.Event) -> None:
        """Ask until told to stop; at once while there is more to fetch, more seldom while nobody answers."""
        pause = ASK_EVERY_S
        while not stopping.is_set():
            try:
                done = self.ask()
            except ControllerGone as gone:
                self._say(gone)
                pause = min(SLOWEST_S, pause * 1.5)
            else:
                self._say(None)
                pause = ASK_EVERY_S if done else 0
            stopping.wait(pause)
            pause = max(pause, ASK_EVERY_S)
        self._controller.close()

    def ask(self) -> bool:
        """One round: the programme if it is new with what it needs at once, then for a while the rest.

        False where more is left to fetch, so that no long fetch hides a new programme. Raises ControllerGone.
        """
        version = self._programme.version if self._programme else ""
        headers = {"If-None-Match": f'"{version}"'} if version else {}
        answer = self._controller.ask("GET", self._path, headers=headers, most_bytes=MAX_BYTES)
        if answer.status == 200:
            self._take(answer.body)
        elif answer.status == 304:
            self._say_refused(None)
        elif answer.status != 204:  # 204: it is being made
            raise ControllerGone(f"{self._path}: status {answer.status}")
        return self._programme is None or self._complete(self._programme)

    def _take(self, data: bytes) -> None:
        try:
            programme = from_json(data)
            if programme.player != self._player:
                raise ProgrammeRefused("player")
        except ProgrammeRefused as refused:
            self._say_refused(refused.where)
            return
        self._say_refused(None)
        if self._programme is not None and programme.version == self._programme.version:
            return
        for sha in sorted(frozenset().union(*needed(programme, self._clock.now()).values())):
            self._fetch(sha)
        self._keep(data)
        self._programme = programme
        self._untidy = True
        self._found(programme)

    def _keep(self, data: bytes) -> None:
        """On the disk, so that a restart without the controller knows it; a disk that fails costs only that."""
        try:
            self._kept.write(data)
        except OSError as error:
            self._full(error)
        else:
            self._troubles.well(DISK)

    def _complete(self, programme: Programme) -> bool:
        """Fetch what is not there yet; what the controller lacks too is told, and asked for again after a while."""
        until = self._clock.mono() + FETCH_FOR_S
        lacking = sorted(sha for sha in programme.content() if not self._store.has(sha))
        absent = [sha for sha in lacking if not self._fetch(sha, until=until)]
        given_up = [sha for sha in absent if sha in self._again_at]
        if given_up:
            self._troubles.tell(CONTENT_MISSING, *given_up)
        else:
            self._troubles.well(CONTENT_MISSING)
        if len(given_up) < len(absent):
            return False
        if self._untidy:
            self._tidy(programme.content())
            self._untidy = False
        return True

    def _fetch(self, sha: str, *, until: float | None = None) -> bool:
        """Whether that content is here and whole; nothing is asked for after `until`."""
        if self._store.has(sha):
            return True
        now = self._clock.mono()
        if now < self._again_at.get(sha, now) or (until is not None and now >= until):
            return False
        try:
            came = self._brought(sha)
        except OSError as error:
            self._full(error)
            came = False
        if came:
            self._again_at.pop(sha, None)
            self._fetched(sha)
        else:
            self._again_at[sha] = self._clock.mono() + AGAIN_AFTER_S
        return came

    def _brought(self, sha: str) -> bool:
        with self._store.workplace() as folder:
            draft = folder / "content"
            if self._controller.fetch(f"/api/v1/content/{sha}", draft) != 200 or hash_of(draft) != sha:
                return False
            self._store.take(draft)
        return True

    def _tidy(self, needed_still: Iterable[str]) -> None:
        for sha in set(self._store.kept()) - set(needed_still):
            self._store.drop(sha)
        self._again_at = {sha: at for sha, at in self._again_at.items() if sha in set(needed_still)}

    def _full(self, error: OSError) -> None:
        if DISK not in self._troubles.codes():
            log.error("the player's disk takes nothing more: %s", error)
        self._troubles.tell(DISK)

    def _say(self, gone: ControllerGone | None) -> None:
        if gone is not None and not self._gone:
            log.warning("controller does not answer, playing on alone: %s", gone)
        if gone is None and self._gone:
            log.info("controller answers again")
        self._gone = gone is not None

    def _say_refused(self, where: str | None) -> None:
        if where != self._refused and where is not None:
            log.warning("programme refused at %s, the last good one stays", where)
        self._refused = where
        self._troubles.set(PROGRAMME_REFUSED, wrong=where is not None)
