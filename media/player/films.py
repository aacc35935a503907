"""Films on the glass: each has a thread that decodes a few pictures ahead of the shared time and catches up alone."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from media.assets import AssetStore
from media.geometry import Size
from media.player.painter import Pixels
from media.programme import Film, Shot
from media.video import GOP, FilmBroken, Reel, opened

log = logging.getLogger(__name__)

AHEAD = 3
END_WITHIN_S = 0.5


@dataclass(frozen=True, slots=True)
class Showing:
    """A film as it runs on panels of one size from one start on."""

    sha: str
    size: Size
    start: int
    film: Film

    @classmethod
    def of(cls, sha: str, size: Size, shot: Shot) -> Showing:
        """The one that a shot belongs to."""
        return cls(sha, size, shot.start, shot.film)


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a film, ready to be drawn."""

    number: int
    pixels: Pixels


class Films:
    """The films that run or soon will. The presenting thread calls, `mend` any one; each film has its own thread."""

    def __init__(self, store: AssetStore) -> None:
        self._store = store
        self._running: dict[Showing, Projector] = {}
        self._absent: frozenset[str] = frozenset()
        self._mending: frozenset[str] = frozenset()
        self.broken: dict[str, str] = {}

    @property
    def missing(self) -> frozenset[str]:
        """Films that give way to others: those lost, and those that came (anew) until their first picture is ready."""
        return self.lost | self._mending

    @property
    def lost(self) -> frozenset[str]:
        """Films that were wanted and cannot be shown (any further)."""
        return self._absent | frozenset(self.broken)

    def want(self, showings: Collection[Showing]) -> None:
        """Run exactly these; one that is not wanted any more ends, one that failed is told as broken."""
        for each, projector in list(self._running.items()):
            if projector.failure is not None:
                self._failed(each.sha, projector.failure)
            if projector.failure is not None or each not in showings:
                self._running.pop(each).end()
        absent = frozenset(each.sha for each in showings if not self._store.has(each.sha))
        self._mending |= self._absent - absent
        self._absent = absent
        for each in showings:
            if each not in self._running and each.sha not in self.lost:
                self._running[each] = Projector(self._store, each)
        self._mending -= frozenset(each.sha for each, projector in self._running.items() if projector.begun)

    def picture(self, sha: str, size: Size, shot: Shot) -> Picture | None:
        """The newest picture up to the shot's; None while there is none yet."""
        projector = self._running.get(Showing.of(sha, size, shot))
        return None if projector is None else projector.picture(shot.number)

    def mend(self, sha: str) -> None:
        """Content was fetched: try it (again)."""
        if self.broken.pop(sha, None) is not None:
            self._mending |= {sha}

    def close(self) -> None:
        """End every film; safe twice."""
        running, self._running = self._running, {}
        for projector in running.values():
            projector.end(END_WITHIN_S)

    def _failed(self, sha: str, why: str) -> None:
        """A file that is no longer what it was goes, so that it is fetched again."""
        self.broken[sha] = why
        sound = self._store.sound(sha)
        if not sound:
            self._store.drop(sha)
        log.warning("film %s cannot be played%s: %s", sha[:12], "" if sound else " and is fetched again", why)


class Projector:
    """One running film, decoded ahead of what is wanted, by a thread of its own. `picture` never waits."""

    def __init__(self, store: AssetStore, showing: Showing) -> None:
        self._store = store
        self._showing = showing
        self._wanted = 0
        self._ready: deque[Picture] = deque()
        self._shown: Picture | None = None
        self._ended = False
        self._astray = False
        self._change = threading.Condition()
        self.failure: str | None = None
        self._thread = threading.Thread(target=self._work, name=f"film-{showing.sha[:8]}", daemon=True)
        self._thread.start()

    def picture(self, number: int) -> Picture | None:
        """The newest picture up to `number`; what is a key's distance off was meant for another time."""
        with self._change:
            self._wanted = number
            while self._ready and not 0 < self._lead(self._ready[0].number) <= AHEAD:
                picture = self._ready.popleft()
                if -GOP <= self._lead(picture.number) <= 0:
                    self._shown = picture
            if self._ready and (self._shown is None or self._lead(self._shown.number) < 0):
                self._ready.clear()
                self._astray = True
            self._change.notify()
        return self._shown

    @property
    def begun(self) -> bool:
        """Whether it has had a picture yet."""
        return bool(self._ready) or self._shown is not None

    def end(self, within_s: float = 0.0) -> None:
        """Tell the thread to stop and wait for it no longer than that."""
        with self._change:
            self._ended = True
            self._change.notify()
        self._thread.join(within_s)

    def _work(self) -> None:
        sha, film, size = self._showing.sha, self._showing.film, self._showing.size
        try:
            if not self._store.sound(sha):
                raise FilmBroken(0, "the file is not what its name says")
            with opened(self._store.path(sha), film, size) as reel:
                while self._has_room():
                    self._ready.append(self._next(reel))
        except Exception as error:  # whatever a film does to its decoder must never end the player
            self.failure = f"{type(error).__name__}: {error}"

    def _has_room(self) -> bool:
        """Wait until another picture may be decoded; False when the film has ended."""
        with self._change:
            self._change.wait_for(lambda: self._ended or len(self._ready) < AHEAD)
            return not self._ended

    def _next(self, reel: Reel) -> Picture:
        """The next picture; where the shared time is elsewhere, the one that is due there."""
        with self._change:
            wanted, astray = self._wanted, self._astray or not 0 <= self._lead(reel.position) <= AHEAD
            self._astray = False
        if astray:
            reel.wind(wanted)
        return drawn(reel)

    def _lead(self, number: int) -> int:
        """How many pictures lie between the wanted one and that, the short way round the loop."""
        half = self._showing.film.frames // 2
        return (number - self._wanted + half) % self._showing.film.frames - half


def drawn(reel: Reel) -> Picture:
    """The film's next picture in the decoder's own memory: nothing is copied before it is drawn."""
    number = reel.position
    frame = reel.drawn(reel.read())
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint32).reshape(-1, plane.line_size // 4)
    return Picture(number=number, pixels=rows[: frame.height, : frame.width])
