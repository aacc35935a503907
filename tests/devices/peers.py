"""The other end of a line in these tests: scripted bytes on real sockets and ptys, sinks that take notes, a clock."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from devices.reports import Availability, BellHeard, BellPressed, Reported

Answer = Callable[[bytes], list[bytes]]
BEGINNING = datetime(2026, 11, 22, tzinfo=UTC)


class LoopClock:
    """The loop's time, with a `skip` that lets minutes pass at once."""

    def __init__(self) -> None:
        self.skipped_s = 0.0

    def now(self) -> datetime:
        return BEGINNING + timedelta(seconds=self.mono())

    def mono(self) -> float:
        return asyncio.get_running_loop().time() + self.skipped_s

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def skip(self, seconds: float) -> None:
        self.skipped_s += seconds


@dataclass
class ThingNotes:
    """A `ThingSink` that remembers."""

    reports: list[Reported] = field(default_factory=list)
    reached: list[tuple[str, Availability, str]] = field(default_factory=list)
    troubles: list[tuple[str, str]] = field(default_factory=list)
    healed: list[tuple[str, str]] = field(default_factory=list)

    def reported(self, report: Reported) -> None:
        self.reports.append(report)

    def availability(self, thing: str, availability: Availability, cause: str) -> None:
        self.reached.append((thing, availability, cause))

    def trouble(self, thing: str, cause: str, *, detail: str = "") -> None:
        self.troubles.append((thing, cause))

    def well(self, thing: str, cause: str) -> None:
        self.healed.append((thing, cause))

    def values(self, thing: str) -> list[str | None]:
        return [report.value for report in self.reports if report.thing == thing]


@dataclass
class BellNotes:
    """A `BellSink` that remembers; `durable` is what a press is answered with, once `gate` is open."""

    durable: bool = True
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    presses: list[BellPressed] = field(default_factory=list)
    signs: list[BellHeard] = field(default_factory=list)
    losses: list[tuple[str, str, str]] = field(default_factory=list)
    troubles: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()

    async def pressed(self, press: BellPressed) -> bool:
        self.presses.append(press)
        await self.gate.wait()
        return self.durable

    def heard(self, heard: BellHeard) -> None:
        self.signs.append(heard)

    def lost(self, bell: str, path: str, cause: str) -> None:
        self.losses.append((bell, path, cause))

    def trouble(self, bell: str, cause: str) -> None:
        self.troubles.append((bell, cause))


@dataclass
class Script:
    """Byte-exact answers: request in hex → pieces of the answer in hex; an unknown request is met with silence.

    `after` names the answers that a request changes.
    """

    answers: dict[str, list[str]]
    after: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)

    def __call__(self, request: bytes) -> list[bytes]:
        said = request.hex(" ")
        self.heard.append(said)
        pieces = [bytes.fromhex(piece) for piece in self.answers.get(said, [])]
        self.answers |= self.after.get(said, {})
        return pieces


@dataclass
class Server:
    """A scripted device on a TCP port of this machine."""

    answer: Answer
    port: int = 0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def hang_up(self) -> None:
        for writer in tuple(self.writers):
            writer.close()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        self.connections += 1
        try:
            while request := await reader.read(1024):
                for piece in self.answer(request):
                    writer.write(piece)
                    await writer.drain()
        except ConnectionError:
            pass
        finally:
            self.writers.discard(writer)
            writer.close()


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[Server]:
    """A scripted device behind TCP until the block ends."""
    peer = Server(answer)
    listening = await asyncio.start_server(peer.converse, "127.0.0.1", 0)
    peer.port = listening.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        listening.close()
        peer.hang_up()


class Cable:
    """A scripted device on a pty behind a stable name; `pull` and `plug` as with an adapter."""

    def __init__(self, path: Path, answer: Answer) -> None:
        self.path = path
        self.answer = answer
        self._master: int | None = None
        self._held: int = -1

    @property
    def url(self) -> str:
        return f"serial://{self.path}"

    def plug(self) -> None:
        self._master, self._held = os.openpty()
        tty.setraw(self._held)
        os.set_blocking(self._master, False)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(self._held))
        asyncio.get_running_loop().add_reader(self._master, self._serve)

    def pull(self) -> None:
        if self._master is not None:
            asyncio.get_running_loop().remove_reader(self._master)
            os.close(self._master)
            os.close(self._held)
            self._master = None
            self.path.unlink()

    def say(self, data: bytes) -> None:
        if self._master is not None:
            os.write(self._master, data)

    def _serve(self) -> None:
        assert self._master is not None
        for piece in self.answer(os.read(self._master, 1024)):
            self.say(piece)


@asynccontextmanager
async def plugged(path: Path, answer: Answer) -> AsyncIterator[Cable]:
    """A scripted device on a pty until the block ends."""
    cable = Cable(path, answer)
    cable.plug()
    try:
        yield cable
    finally:
        cable.pull()


@asynccontextmanager
async def running(driver: object) -> AsyncIterator[None]:
    """A driver's `run` until the block ends; its errors are raised here."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(driver.run(), name="driver")  # type: ignore[attr-defined]
        try:
            yield
        finally:
            task.cancel()
