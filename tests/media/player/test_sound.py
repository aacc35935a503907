"""The loudspeaker: the right second of the film at the right moment, silent in between, never an end of the player."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from media.assets import AssetStore
from media.hearing import Heard
from media.player.sound import FRAME, PIECE_S, RATE, Loudspeaker, Track
from media.player.troubles import NO_SOUND, Troubles
from media.programme import Film, Loud
from media.wire import version_of
from tests.eventually import soon
from tests.media.player.controllers import pretend_controller
from tests.media.player.test_film_player import on_air
from tests.media.player.test_player import player

pytestmark = pytest.mark.slow

EPOCH = datetime(2026, 11, 25, tzinfo=UTC)
LOW, HIGH = 300, 1200


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Four seconds: two with a low tone, two with a high one."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    tones = f"aevalsrc='0.5*sin(2*PI*(if(lt(t,2),{LOW},{HIGH}))*t)':d=4:s={RATE}"
    inputs = ("-f", "lavfi", "-i", "color=s=64x64:d=4:r=30", "-f", "lavfi", "-i", tones)
    keys = ("-g", "30", "-keyint_min", "30", "-sc_threshold", "0", "-bf", "0", "-pix_fmt", "yuv420p")
    words = ("-c:v", "libx264", "-preset", "ultrafast", *keys, "-c:a", "aac", "-b:a", "128k")
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *inputs, *words, str(path)], check=True)
    return path.read_bytes()


class Ear:
    """An output that remembers and takes a piece whenever it is asked; its time is the clock's."""

    heard: ClassVar[list[bytes]] = []
    levels: ClassVar[list[int]] = []

    def free(self) -> int:
        """It has room for what sounds next, as long as nobody has heard enough."""
        return (2 if not self.heard else 1) if len(self.heard) < 40 else 0

    def put(self, piece: bytes) -> None:
        """Remember it; one that waits is asked to wait until the one before it has sounded."""
        if self.heard:
            CLOCK.moment += timedelta(seconds=len(self.heard[-1]) / FRAME / RATE)
        self.heard.append(piece)

    def level(self, level: int) -> None:
        """Remember it."""
        self.levels.append(level)

    def stop(self) -> None:
        """Nothing to do."""


class Deaf(Ear):
    """A machine without loudspeakers."""

    def __init__(self) -> None:
        raise OSError("no output")


class Clock:
    """Time that passes as pieces are heard."""

    moment = EPOCH

    def now(self) -> datetime:
        """The moment."""
        return self.moment

    def mono(self) -> float:
        """Seconds."""
        return self.moment.timestamp()


CLOCK = Clock()


def tone(piece: bytes) -> int:
    """The loudest frequency of a piece, in steps of a hundred."""
    wave = np.frombuffer(piece, np.int16)[::2].astype(float)
    if np.abs(wave).max() < 100:
        return 0
    strength = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
    return round(float(np.fft.rfftfreq(len(wave), 1 / RATE)[strength.argmax()]) / 100) * 100


def wanted(sha: str, *, start_s: float = 0.0, level: int = 30) -> Heard:
    """The film, begun that many seconds after the epoch."""
    return Heard(sha=sha, film=Film(frames=120, fps=30), epoch=EPOCH, start=round(start_s * 1e6), level=level)


@contextmanager
def speaking(store: AssetStore, output: type[Ear] = Ear) -> Iterator[tuple[Loudspeaker, Troubles]]:
    """The loudspeaker at work until the block ends."""
    CLOCK.moment = EPOCH
    Ear.heard.clear()
    Ear.levels.clear()
    troubles, stopping = Troubles(), threading.Event()
    made = Loudspeaker(store, CLOCK, troubles, output)
    thread = threading.Thread(target=made.work, args=(stopping,), daemon=True)
    thread.start()
    try:
        yield made, troubles
    finally:
        stopping.set()
        made.hear(None)
        thread.join(5)
        assert not thread.is_alive()


def test_a_track_is_read_from_any_second_over_its_end(tmp_path: Path, film: bytes) -> None:
    """At 1.75 s the low tone still, then the high one, after the end the low one again."""
    (tmp_path / "film.mp4").write_bytes(film)
    track = Track(tmp_path / "film.mp4", 4.0)
    track.wind(1.75)
    tones = [tone(track.read(0.25)) for _ in range(11)]
    assert tones == [LOW, *[HIGH] * 8, LOW, LOW]
    assert track.position == pytest.approx(0.5)


def test_the_film_is_heard_from_the_second_that_is_seen(tmp_path: Path, film: bytes) -> None:
    """Joined late it begins in the middle and goes on piece by piece, at its level."""
    store = AssetStore(tmp_path / "store")
    sha = store.put(film)
    with speaking(store) as (made, _):
        CLOCK.moment = EPOCH + timedelta(seconds=101)
        made.hear(wanted(sha, start_s=99.5))
        soon(lambda: len(Ear.heard) >= 12)
    tones = [tone(piece) for piece in Ear.heard[:12]]
    assert tones[0] == LOW
    assert tones[2:10] == [HIGH] * 8 or tones[3:10] == [HIGH] * 7
    assert Ear.levels == [30]
    assert all(len(piece) <= round(PIECE_S * RATE) * FRAME for piece in Ear.heard)


def test_an_output_whose_clock_runs_away_is_brought_back(tmp_path: Path, film: bytes) -> None:
    """The shared time jumps by a second and a half: the next piece is that of the right moment."""
    store = AssetStore(tmp_path / "store")
    sha = store.put(film)
    with speaking(store) as (made, _):
        made.hear(wanted(sha))
        soon(lambda: len(Ear.heard) >= 2)
        CLOCK.moment = EPOCH + timedelta(seconds=402.5)
        before = len(Ear.heard)
        soon(lambda: len(Ear.heard) >= before + 4)
    assert tone(Ear.heard[before + 2]) == HIGH


def test_a_film_without_sound_is_silence_and_no_trouble(tmp_path: Path) -> None:
    """Nothing is put out."""
    path = tmp_path / "mute.mp4"
    inputs = ("-f", "lavfi", "-i", "color=s=64x64:d=4:r=30")
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *inputs, "-c:v", "libx264", str(path)], check=True)
    store = AssetStore(tmp_path / "store")
    sha = store.put(path.read_bytes())
    with speaking(store) as (made, troubles):
        made.hear(wanted(sha))
        soon(lambda: Ear.levels == [30])
        assert Ear.heard == []
        assert troubles.codes() == ()


def test_a_whole_player_is_heard_in_its_hours_and_silent_after_them(
    tmp_path: Path, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What SDL would send to the loudspeakers: the film's tones at a third, then nothing when the hours are over."""
    spoken = tmp_path / "spoken.raw"
    monkeypatch.setenv("SDL_AUDIODRIVER", "disk")
    monkeypatch.setenv("SDL_DISKAUDIOFILE", str(spoken))
    with pretend_controller() as controller:
        silent = on_air(controller, film)
        plan = silent.surfaces["wall"]
        always = Loud(start=silent.start, end=silent.end, level=30)
        draft = replace(silent, surfaces={"wall": replace(plan, sound=(always,))})
        controller.programme = replace(draft, version=version_of(draft))
        with player(controller.url, tmp_path / "player"):
            soon(lambda: {LOW, HIGH} <= set(tones_in(spoken)), within_s=20)
            assert "no-sound" not in controller.reports[-1]["troubles"]
            controller.programme = silent
            soon(lambda: tones_in(spoken)[-4:] == [0] * 4)


def tones_in(spoken: Path) -> list[int]:
    """The tones of every quarter of a second that was put out."""
    data, step = spoken.read_bytes() if spoken.exists() else b"", round(PIECE_S * RATE) * FRAME
    return [tone(data[at : at + step]) for at in range(0, len(data) - step, step)]


@pytest.mark.parametrize(("output", "content"), [(Deaf, None), (Ear, b"no film at all" * 100)])
def test_no_output_and_a_broken_film_are_told_and_end_nothing(
    tmp_path: Path, film: bytes, output: type[Ear], content: bytes | None
) -> None:
    """The trouble has its word; the thread lives on."""
    store = AssetStore(tmp_path / "store")
    sha = store.put(content or film)
    with speaking(store, output) as (made, troubles):
        made.hear(wanted(sha))
        soon(lambda: troubles.codes() == (NO_SOUND,))
