"""A network inside one loop: connections are two ends that hand each other bytes, in order, at once.

Of every listening port it is known whether a question was answered as ever; see `Tap`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

FIRST_PORT = 20_000
NUMBERED = (b"\x55\xaa", b"\xaa\x55")
NUMBER_AT, SUM = 3, 2
WARM_AFTER_S = 20.0

Factory = Callable[[], asyncio.BaseProtocol]


class Tap:
    """Listens in on a port: news is every question asked or answered otherwise than last time, or not at all.

    Some time after the last news there is a last bit of it: by then a display has had its time to get warm.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._unsettled_until = 0.0
        self._later: asyncio.TimerHandle | None = None
        self._told = 0
        self._asked: bytes | None = None
        self._heard = b""
        self._known: dict[bytes, bytes] = {}

    def version(self) -> int:
        """See `News`."""
        return self._told

    def open(self) -> bool:
        """A question has not been answered (yet), or deadlines may still run out."""
        return self._asked is not None or self._loop.time() < self._unsettled_until

    def tell(self, *, settles_s: float = 0.0) -> None:
        """Something has happened at the other end; what follows from it by itself does so within that time."""
        self._told += 1
        self._unsettled_until = max(self._unsettled_until, self._loop.time() + settles_s)
        if self._later is not None:
            self._later.cancel()
        self._later = self._loop.call_later(WARM_AFTER_S, self._settled)

    def _settled(self) -> None:
        self._told += 1

    def asked(self, data: bytes) -> None:
        """The controller said something."""
        if self._asked is not None:
            self.tell()
        self._asked, self._heard = unnumbered(data), b""

    def answered(self, data: bytes) -> None:
        """The device said something."""
        if self._asked is None:
            self.tell()
            return
        self._heard += unnumbered(data)
        known = self._known.get(self._asked)
        if known == self._heard:
            self._asked = None
        elif known is None or not known.startswith(self._heard):
            self.tell()
            self._known[self._asked] = self._heard
            self._asked = None


def unnumbered(data: bytes) -> bytes:
    """The same frame without its running number: NovaStar's have one, and a sum over it at the end."""
    return data[:NUMBER_AT] + data[NUMBER_AT + 1 : -SUM] if data.startswith(NUMBERED) else data


class _Socket:
    """As much of a socket as people ask for."""

    def __init__(self, port: int) -> None:
        self._port = port

    def setsockopt(self, *_: Any) -> None:
        """There is nothing to tune."""

    def getsockname(self) -> tuple[str, int]:
        """The port is what matters."""
        return "127.0.0.1", self._port


class End(asyncio.Transport):
    """One end of a connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop, protocol: asyncio.BaseProtocol, port: int) -> None:
        super().__init__({"socket": _Socket(port), "peername": ("127.0.0.1", port)})
        self._loop = loop
        self._protocol = protocol
        self._closing = False
        self.other: End | None = None
        self.said: Callable[[bytes], None] = lambda _: None
        self.over: Callable[[], None] = lambda: None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """It arrives in the next turn of the loop."""
        if not self._closing and self.other is not None:
            content = bytes(data)
            self.said(content)
            self._loop.call_soon(self.other.receive, content)

    def receive(self, data: bytes) -> None:
        """Bytes from the other end."""
        if not self._closing and isinstance(self._protocol, asyncio.Protocol):
            self._protocol.data_received(data)

    def is_closing(self) -> bool:
        """Whether it is over."""
        return self._closing

    def close(self) -> None:
        """Both ends are lost; safe twice."""
        if not self._closing:
            self._closing = True
            self.over()
            self._loop.call_soon(self._protocol.connection_lost, None)
            if self.other is not None:
                self._loop.call_soon(self.other.hung_up)

    def abort(self) -> None:
        """The same: nothing is ever on its way for long."""
        self.close()

    def hung_up(self) -> None:
        """The other end is gone."""
        if not self._closing:
            if isinstance(self._protocol, asyncio.Protocol):
                self._protocol.eof_received()
            self.close()

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Who listens here."""
        return self._protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Somebody else listens from now on."""
        self._protocol = protocol

    def get_write_buffer_size(self) -> int:
        """Nothing waits."""
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing ever waits, however little may."""

    def pause_reading(self) -> None:
        """Nobody is fast enough here to be held up."""

    def resume_reading(self) -> None:
        """See `pause_reading`."""


class Listening:
    """A server's port."""

    def __init__(self, network: Network, port: int) -> None:
        self._network = network
        self._forever: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.port = port
        self.sockets = (_Socket(port),)

    async def __aenter__(self) -> Listening:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    async def serve_forever(self) -> None:
        """Until cancelled."""
        await self._forever

    def close(self) -> None:
        """Listen no more; connections go on."""
        self._network.close(self.port)


class Network:
    """Ports and who listens on them."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._listening: dict[int, Factory] = {}
        self._taps: dict[int, Tap] = {}
        self._next = FIRST_PORT

    def tap(self, port: int) -> Tap:
        """What is said over that port's connections from now on."""
        return self._taps.setdefault(port, Tap(self._loop))

    def serve(self, factory: Factory, port: int) -> Listening:
        """Listen on a port; 0 takes a free one."""
        self._next += not port
        number = port or self._next
        self._listening[number] = factory
        return Listening(self, number)

    def close(self, port: int) -> None:
        """Nobody listens there any more."""
        self._listening.pop(port, None)

    def connect(self, factory: Factory, port: int) -> tuple[End, asyncio.BaseProtocol]:
        """Raises ConnectionRefusedError where nobody listens."""
        tap = self._taps.get(port)
        if tap is not None:
            tap.tell()
        if port not in self._listening:
            raise ConnectionRefusedError(111, "nobody listens there")
        near, far = End(self._loop, factory(), port), End(self._loop, self._listening[port](), port)
        near.other, far.other = far, near
        if tap is not None:
            near.said, far.said = tap.asked, tap.answered
            near.over = far.over = tap.tell
        for end in (far, near):
            end.get_protocol().connection_made(end)
        return near, near.get_protocol()
