"""The sound of the film that is heard, on this machine's output: it follows the shared time as the pictures do.

A piece is handed on while the one before it sounds; where the output's own clock has run too far away, the next piece
is that of the right moment. What a film's sound does to its decoder ends the sound, never the player.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import av
import pygame
from av.audio.resampler import AudioResampler

from media.assets import AssetStore
from media.clock import Clock
from media.hearing import Heard
from media.player.troubles import NO_SOUND, Troubles

log = logging.getLogger(__name__)

RATE = 48_000
FRAME = 4  # two channels of sixteen bits
PIECE_S = 0.25
LOOK_EVERY_S = 0.02
REST_S = 0.25
ASTRAY_S = 0.08
AGAIN_AFTER_S = 30.0


class Output(Protocol):
    """A machine's loudspeakers: one piece sounds, one may wait."""

    def free(self) -> int:
        """How many pieces it takes now: 2 while nothing sounds, 0 while one waits already."""

    def put(self, piece: bytes) -> None:
        """Let this piece sound next."""

    def level(self, level: int) -> None:
        """How loud, from 0 to 100."""

    def stop(self) -> None:
        """Silence at once."""


class Mixer:
    """The output that SDL has, opened when first needed. Raises pygame.error where there is none."""

    def __init__(self) -> None:
        pygame.mixer.init(frequency=RATE, size=-16, channels=2, buffer=1024, allowedchanges=0)
        self._channel = pygame.mixer.Channel(0)

    def free(self) -> int:
        """See Output."""
        if not self._channel.get_busy():
            return 2
        return 1 if self._channel.get_queue() is None else 0

    def put(self, piece: bytes) -> None:
        """See Output."""
        sound = pygame.mixer.Sound(buffer=piece)
        if self._channel.get_busy():
            self._channel.queue(sound)
        else:
            self._channel.play(sound)

    def level(self, level: int) -> None:
        """See Output."""
        self._channel.set_volume(level / 100)

    def stop(self) -> None:
        """See Output."""
        self._channel.stop()


class Track:
    """A film's sound from any second on, silence where it ends before the pictures; a film without one is silent."""

    def __init__(self, path: Path, seconds: float) -> None:
        self._container = av.open(str(path), format="mp4", metadata_errors="ignore")
        self._stream = next(iter(self._container.streams.audio), None)
        self._seconds = seconds
        self._pieces: Iterator[bytes] = iter(())
        self._held = b""
        self.position = 0.0
        self.wind(0.0)

    @property
    def silent(self) -> bool:
        """Whether there is nothing to hear."""
        return self._stream is None

    def wind(self, second: float) -> None:
        """Go to that second."""
        self.position, self._held = second % self._seconds, b""
        self._pieces = self._from(self.position)

    def read(self, seconds: float) -> bytes:
        """The next piece of that length, over the end to the beginning."""
        wanted = round(min(seconds, self._seconds - self.position) * RATE) * FRAME
        while len(self._held) < wanted:
            piece = next(self._pieces, None)
            self._held += bytes(wanted - len(self._held)) if piece is None else piece
        piece, self._held = self._held[:wanted], self._held[wanted:]
        self.position += wanted / FRAME / RATE
        if self._seconds - self.position < 1 / RATE:
            self.wind(0.0)
        return piece

    def close(self) -> None:
        """Let the file go."""
        self._container.close()

    def _from(self, second: float) -> Iterator[bytes]:
        if self._stream is None:
            return
        assert self._stream.time_base is not None
        self._container.seek(int(second / self._stream.time_base), stream=self._stream, backward=True)
        resampler = AudioResampler("s16", "stereo", RATE)
        skip: int | None = None
        for frame in self._container.decode(self._stream):
            if skip is None:
                began = 0.0 if frame.pts is None or frame.time_base is None else float(frame.pts * frame.time_base)
                skip = max(0, round((second - began) * RATE)) * FRAME
            for part in resampler.resample(frame):
                data = bytes(part.planes[0])[: part.samples * FRAME]
                yield data[skip:]
                skip = max(0, skip - len(data))


class Loudspeaker:
    """What is heard. The presenting thread calls `hear`, which never waits; `work` is a thread of its own."""

    def __init__(self, store: AssetStore, clock: Clock, troubles: Troubles, output: type[Output] = Mixer) -> None:
        self._store = store
        self._clock = clock
        self._troubles = troubles
        self._open = output
        self._wanted: Heard | None = None
        self._changed = threading.Event()

    def hear(self, wanted: Heard | None) -> None:
        """From now on this film, or nothing."""
        if wanted != self._wanted:
            self._wanted = wanted
            self._changed.set()

    def work(self, stopping: threading.Event) -> None:
        """Play what is wanted until told to stop; an output that fails is tried again now and then."""
        while not stopping.is_set():
            self._changed.wait(REST_S)
            self._changed.clear()
            if self._wanted is None:
                continue
            try:
                self._sound(stopping)
                self._troubles.well(NO_SOUND)
            except Exception as error:  # neither a film's sound nor an output may ever end the player
                log.warning("no sound: %s: %s", type(error).__name__, error)
                self._troubles.tell(NO_SOUND)
                stopping.wait(AGAIN_AFTER_S)

    def _sound(self, stopping: threading.Event) -> None:
        """One film after the other while there is one to hear."""
        output = self._open()
        while not stopping.is_set() and (wanted := self._wanted) is not None:
            track = Track(self._store.path(wanted.sha), wanted.seconds)
            try:
                self._one(output, track, wanted, stopping)
            finally:
                output.stop()
                track.close()

    def _one(self, output: Output, track: Track, wanted: Heard, stopping: threading.Event) -> None:
        output.level(wanted.level)
        while not stopping.is_set() and self._wanted == wanted:
            free = 0 if track.silent else output.free()
            if free:
                self._feed(output, track, wanted, begins=free == 2)
            self._changed.wait(LOOK_EVERY_S if not track.silent else REST_S)
            self._changed.clear()

    def _feed(self, output: Output, track: Track, wanted: Heard, *, begins: bool) -> None:
        """The piece that follows: when nothing sounds that of now, else that of the end of what has just begun."""
        due = (wanted.at(self._clock.now()) + (0.0 if begins else PIECE_S)) % wanted.seconds
        away = (track.position - due + wanted.seconds / 2) % wanted.seconds - wanted.seconds / 2
        if begins or abs(away) > ASTRAY_S:
            track.wind(due)
        output.put(track.read(PIECE_S))
