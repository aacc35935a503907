"""Two kinds of wire a simulated device can hang on: a TCP port and one end of a pseudo-terminal."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

Answer = Callable[[bytes], list[bytes]]
READ_SIZE = 4096
PTY_PIECE_S = 0.001


class Wire(Protocol):
    """A cable that can be pulled and put back; `url` is where the controller finds it."""

    @property
    def url(self) -> str:
        """The address for the site file's link."""

    async def plug(self) -> None:
        """Put the cable in."""

    async def pull(self) -> None:
        """Pull it out; safe twice."""


class TcpWire:
    """A listening port; every connection gets its own decoder from `talk`."""

    def __init__(self, talk: Callable[[], Answer], *, refuses: Callable[[], bool], port: int = 0) -> None:
        self._talk = talk
        self._refuses = refuses
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._port = port

    @property
    def url(self) -> str:
        """The address, known after the first `plug`."""
        return f"tcp://127.0.0.1:{self._port}"

    async def plug(self) -> None:
        """Listen; where no port was named the first time on a free one, later on the same."""
        if self._server is None:
            self._server = await asyncio.start_server(self._converse, "127.0.0.1", self._port)
            self._port = self._server.sockets[0].getsockname()[1]

    async def pull(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
            self.hang_up()
            self._server = None

    def hang_up(self) -> None:
        """Close the connections but keep listening, as a display does when it starts up."""
        for writer in tuple(self._writers):
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses():
            writer.close()
            return
        self._writers.add(writer)
        answer = self._talk()
        try:
            while data := await reader.read(READ_SIZE):
                for piece in answer(data):
                    writer.write(piece)
                    await writer.drain()
        except ConnectionError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()


class ConverterWire(TcpWire):
    """A serial line behind a network converter: the connection is the converter's and outlives the devices' starts."""

    def __init__(self, talk: Callable[[], Answer], *, port: int) -> None:
        super().__init__(talk, refuses=lambda: False, port=port)


class SerialWire:
    """A pseudo-terminal behind a stable link name; pulling the cable closes our end, which the other end feels."""

    def __init__(self, talk: Callable[[], Answer], *, path: Path) -> None:
        self._talk = talk
        self._path = path
        self._master: int | None = None
        self._answer: Answer = talk()
        self._out: list[bytes] = []
        self._later: asyncio.TimerHandle | None = None

    @property
    def url(self) -> str:
        """The address of the link name."""
        return f"serial://{self._path}"

    async def plug(self) -> None:
        """Make the pair and point the link name at the controller's end."""
        if self._master is not None:
            return
        self._master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(self._master, False)
        self._point_at(os.ttyname(slave))
        os.close(slave)
        self._answer = self._talk()
        asyncio.get_running_loop().add_reader(self._master, self._read)

    async def pull(self) -> None:
        """Close our end and remove the link name."""
        if self._master is None:
            return
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)
        self._master = None
        self._out.clear()
        self._path.unlink(missing_ok=True)

    def _point_at(self, name: str) -> None:
        beside = self._path.with_name(f".{self._path.name}.new")
        beside.unlink(missing_ok=True)
        beside.symlink_to(name)
        beside.replace(self._path)

    def _read(self) -> None:
        assert self._master is not None
        try:
            data = os.read(self._master, READ_SIZE)
        except OSError:
            self._rest()
            return
        self._out.extend(self._answer(data))
        self._write()

    def _rest(self) -> None:
        """Nobody holds the other end (EIO): look again shortly instead of spinning."""
        loop, master = asyncio.get_running_loop(), self._master
        if master is None:
            return
        loop.remove_reader(master)

        def resume() -> None:
            if self._master == master:
                loop.add_reader(master, self._read)

        loop.call_later(0.05, resume)

    def _write(self) -> None:
        if self._master is None or not self._out:
            return
        with suppress(OSError):
            os.write(self._master, self._out.pop(0))
        if self._out:
            asyncio.get_running_loop().call_later(PTY_PIECE_S, self._write)
