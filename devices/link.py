"""One wire as a port: bytes in, bytes out, and errors that say who must act."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar
from urllib.parse import urlsplit

import serialx

from devices.errors import LinkLost, WrongAddress

Parity = Literal["none", "even", "odd"]
T = TypeVar("T")

CONNECT_WITHIN_S = 5.0
CLOSE_WITHIN_S = 1.0
READ_AHEAD = 4096
_PARITIES = {"none": serialx.Parity.NONE, "even": serialx.Parity.EVEN, "odd": serialx.Parity.ODD}
_OPENING = {
    errno.ENOENT: "port-missing",
    errno.ENODEV: "port-missing",
    errno.ENXIO: "port-missing",
    errno.EBUSY: "port-busy",
    errno.EACCES: "port-forbidden",
    errno.EPERM: "port-forbidden",
    errno.ENOTTY: "not-a-port",
    errno.EISDIR: "not-a-port",
    errno.ECONNREFUSED: "connection-refused",
}


class Link(Protocol):
    """A wire that is open. It never reconnects by itself; every failure is `LinkLost`."""

    async def read(self, n: int) -> bytes:
        """At least one and at most `n` bytes; waits for ever, raises `LinkLost` when the wire is gone.

        Cancelling it loses no byte.
        """

    async def write(self, data: bytes) -> None:
        """Hand over all of it, or raise `LinkLost`; when it returns nothing of it waits in this process."""

    async def close(self) -> None:
        """Let go; safe twice, and safe after the wire is gone."""


LinkOpener = Callable[[], Awaitable[Link]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a wire leads: a serial port's path, or host and port."""

    path: str | None = None
    host: str = ""
    port: int = 0


def address(url: str) -> Address:
    """What `serial:///dev/x`, `tcp://host:port` or `socket://host:port` means; else `WrongAddress`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as mistake:
        raise WrongAddress("wrong-address", url) from mistake
    if parts.scheme == "serial" and not parts.netloc and len(parts.path) > 1:
        return Address(path=parts.path)
    if parts.scheme in ("tcp", "socket") and parts.hostname and port:
        return Address(host=parts.hostname, port=port)
    raise WrongAddress("wrong-address", url)


def opener(url: str, *, baud: int = 9600, parity: Parity = "none") -> LinkOpener:
    """A way to open that wire again and again; a malformed `url` raises `WrongAddress` here, not later."""
    where = address(url)

    async def open_again() -> Link:
        return await _open(where, baud, parity)

    return open_again


async def open_link(url: str, *, baud: int = 9600, parity: Parity = "none") -> Link:
    """Open once. `LinkLost` when nobody is there now, `WrongAddress` when nobody ever can be."""
    return await _open(address(url), baud, parity)


async def _open(where: Address, baud: int, parity: Parity) -> Link:
    if where.path is not None:
        opened = serialx.open_serial_connection(where.path, baudrate=baud, parity=_PARITIES[parity], exclusive=True)
        return StreamLink(*await _reached(opened), gone="cable-out")
    reader, writer = await _reached(asyncio.open_connection(where.host, where.port, limit=READ_AHEAD))
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return StreamLink(reader, writer, gone="hung-up")


async def _reached(opening: Coroutine[Any, Any, T]) -> T:
    try:
        async with asyncio.timeout(CONNECT_WITHIN_S):
            return await opening
    except TimeoutError as late:
        raise LinkLost("unreachable", f"no connection within {CONNECT_WITHIN_S:g} s") from late
    except (OSError, serialx.SerialException) as failed:
        raise LinkLost(_OPENING.get(getattr(failed, "errno", None) or 0, "unreachable"), str(failed)) from failed


class StreamLink:
    """A link on a pair of asyncio streams; `gone` is the word for the other end's disappearance."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, gone: str) -> None:
        self._reader = reader
        self._writer = writer
        self._gone = gone
        writer.transport.set_write_buffer_limits(high=0)  # so that `drain` waits until all is handed over

    async def read(self, n: int) -> bytes:
        """See `Link`."""
        try:
            data = await self._reader.read(n)
        except (OSError, serialx.SerialException) as failed:
            raise LinkLost(self._gone, str(failed)) from failed
        if not data:
            raise LinkLost(self._gone, "end of stream")
        return data

    async def write(self, data: bytes) -> None:
        """See `Link`."""
        if self._writer.is_closing():
            raise LinkLost(self._gone, "already closed")
        try:
            self._writer.write(data)
            await self._writer.drain()
        except (OSError, serialx.SerialException) as failed:
            raise LinkLost(self._gone, str(failed)) from failed

    async def close(self) -> None:
        """See `Link`."""
        try:
            self._writer.close()
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await self._writer.wait_closed()
        except (OSError, serialx.SerialException):  # TimeoutError is an OSError: the peer did not read our last bytes
            self._writer.transport.abort()
