"""Decoded pictures: made ready ahead of their time in other threads, so that presenting never waits for a file."""

from __future__ import annotations

import threading
from collections.abc import Collection

import pygame

from media.assets import AssetStore
from media.geometry import Size
from media.player.films import Films
from media.player.painter import Pixels, pixels_of
from media.player.scenes import Scenes

Key = tuple[str, Size]
LOOK_AGAIN_S = 0.5
FORMAT = pygame.Surface((1, 1), pygame.SRCALPHA, 32)
MOST_BYTES = 768 * 1024 * 1024


class Pictures:
    """Ready stills by hash and size, films and scenes. All is for the presenting thread, `work` for another one."""

    def __init__(self, store: AssetStore, *, most_bytes: int = MOST_BYTES) -> None:
        self._store = store
        self._most_bytes = most_bytes
        self._ready: dict[Key, Pixels] = {}
        self._wanted: tuple[Key, ...] = ()
        self._absent: frozenset[str] = frozenset()
        self._unreadable: frozenset[str] = frozenset()
        self._mending: frozenset[str] = frozenset()
        self._change = threading.Condition()
        self.films = Films(store)
        self.scenes = Scenes()

    @property
    def missing(self) -> frozenset[str]:
        """What gives way to others: what cannot be shown, and what came (anew) until it is ready."""
        return self.lost | self._mending | self.films.missing

    @property
    def lost(self) -> frozenset[str]:
        """What was wanted and cannot be shown."""
        return self._absent | self._unreadable | self.films.lost | self.scenes.missing

    def get(self, sha: str, size: Size) -> Pixels | None:
        """A picture ready to be drawn at that size, or None while it is not."""
        return self._ready.get((sha, size))

    def want(self, keys: Collection[Key]) -> None:
        """Name what is or will soon be on the glass; what nobody wants goes when room is needed."""
        with self._change:
            self._wanted = tuple(keys)
            self._change.notify()

    def mend(self, sha: str) -> None:
        """Content was fetched: try it (again)."""
        with self._change:
            self._mend(frozenset({sha}))
            self._change.notify()
        self.films.mend(sha)

    def work(self, stopping: threading.Event) -> None:
        """Decode what is wanted until told to stop."""
        while not stopping.is_set():
            key = self._next()
            if key is None:
                with self._change:
                    self._change.wait(LOOK_AGAIN_S)
                continue
            self._decode(key)
        self.films.close()

    def _next(self) -> Key | None:
        with self._change:
            self._mend(frozenset(sha for sha in self._absent if self._store.has(sha)))
            wanted, lost = self._wanted, self.lost
        return next((key for key in wanted if key not in self._ready and key[0] not in lost), None)

    def _mend(self, shas: frozenset[str]) -> None:
        self._mending |= shas & (self._absent | self._unreadable)
        self._absent -= shas
        self._unreadable -= shas

    def _decode(self, key: Key) -> None:
        sha, size = key
        there = self._store.has(sha)
        picture = self._loaded(sha, size) if there else None
        with self._change:
            self._mending -= {sha}
            if picture is not None:
                self._make_room(size)
                self._ready = {**self._ready, key: picture}
            elif there:
                self._unreadable |= {sha}
            else:
                self._absent |= {sha}

    def _loaded(self, sha: str, size: Size) -> Pixels | None:
        """None for what is no longer what it was; the file goes, so that it is fetched again."""
        if not self._store.sound(sha):
            self._store.drop(sha)
            return None
        try:
            picture = pygame.image.load(self._store.path(sha)).convert(FORMAT)
        except (pygame.error, OSError):
            return None
        return pixels_of(picture if picture.get_size() == size else pygame.transform.smoothscale(picture, size))

    def _make_room(self, size: Size) -> None:
        room = self._most_bytes - 4 * size[0] * size[1]
        held = sum(4 * width * height for _, (width, height) in self._ready)
        for key in [key for key in self._ready if key not in self._wanted]:
            if held <= room:
                return
            held -= 4 * key[1][0] * key[1][1]
            self._ready = {kept: picture for kept, picture in self._ready.items() if kept != key}
