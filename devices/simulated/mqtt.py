"""A small MQTT 3.1.1 client of the simulated things' own: what a cheap device does, no more.

Source: OASIS MQTT 3.1.1. QoS 0 and 1; a lost connection raises, the thing decides when to come back.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from devices.simulated.plan import BrokerAddress
from devices.simulated.surroundings import rest

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ, PINGRESP, DISCONNECT = 1, 2, 3, 4, 8, 9, 12, 13, 14
RETAINED = 1
KEEPALIVE_S = 20
LONGEST_PACKET = 1 << 20


class Disconnected(Exception):
    """The broker went away or said no."""


class SmallClient:
    """One connection: `connect`, then `listen` until it breaks."""

    def __init__(self, client_id: str, heard: Callable[[str, bytes], None]) -> None:
        self._client_id = client_id
        self._heard = heard
        self._writer: asyncio.StreamWriter | None = None
        self._reader: asyncio.StreamReader | None = None
        self._last_id = 0

    async def connect(self, broker: BrokerAddress, *, will: tuple[str, bytes] | None, topics: tuple[str, ...]) -> None:
        """Open, sign on with a retained last will if it has one, subscribe."""
        try:
            self._reader, self._writer = await asyncio.open_connection(broker.host, broker.port)
        except OSError as error:
            raise Disconnected(str(error)) from error
        self._writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._send(CONNECT << 4, _connect_body(self._client_id, broker, will))
        kind, body = await self._packet()
        if kind >> 4 != CONNACK or body[1]:
            raise Disconnected(f"refused with {body[1:].hex()}")
        if topics:
            filters = b"".join(_text(topic) + b"\x01" for topic in topics)
            self._send(SUBSCRIBE << 4 | 2, self._next_id() + filters)

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None:
        """Send and forget: a thing that must be sure repeats itself."""
        number = self._next_id() if qos else b""
        self._send(PUBLISH << 4 | qos << 1 | int(retain), _text(topic) + number + payload)

    async def listen(self) -> None:
        """Hand every message on until the line breaks."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._ping(), name=f"{self._client_id}: ping")
            while True:
                kind, body = await self._packet()
                if kind >> 4 == PUBLISH:
                    self._message(kind, body)

    def drop(self) -> None:
        """Cut the line without a word, so that the broker sends the last will."""
        if self._writer is not None:
            self._writer.transport.abort()

    def goodbye(self) -> None:
        """Leave politely."""
        if self._writer is not None and not self._writer.is_closing():
            self._send(DISCONNECT << 4, b"")
            self._writer.close()

    async def _ping(self) -> None:
        while True:
            await rest(KEEPALIVE_S / 2)
            self._send(PINGREQ << 4, b"")

    def _message(self, kind: int, body: bytes) -> None:
        size = int.from_bytes(body[:2], "big")
        topic, rest = body[2 : 2 + size].decode("utf-8", "replace"), body[2 + size :]
        if kind >> 1 & 3:
            self._send(PUBACK << 4, rest[:2])
            rest = rest[2:]
        if not kind & RETAINED:  # what the broker kept is no order of now
            self._heard(topic, rest)

    def _send(self, first: int, body: bytes) -> None:
        if self._writer is None or self._writer.is_closing():
            raise Disconnected("not connected")
        self._writer.write(bytes([first]) + _length(len(body)) + body)

    async def _packet(self) -> tuple[int, bytes]:
        assert self._reader is not None
        try:
            first = (await self._reader.readexactly(1))[0]
            size = await self._size()
            return first, await self._reader.readexactly(size)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise Disconnected(str(error)) from error

    async def _size(self) -> int:
        assert self._reader is not None
        size = 0
        for place in range(4):
            byte = (await self._reader.readexactly(1))[0]
            size |= (byte & 0x7F) << 7 * place
            if not byte & 0x80:
                break
        if size > LONGEST_PACKET:
            raise Disconnected("packet too long")
        return size

    def _next_id(self) -> bytes:
        self._last_id = self._last_id % 0xFFFF + 1
        return self._last_id.to_bytes(2, "big")


def _text(value: str) -> bytes:
    data = value.encode()
    return len(data).to_bytes(2, "big") + data


def _length(size: int) -> bytes:
    out = bytearray()
    while True:
        size, low = size >> 7, size & 0x7F
        out.append(low | (0x80 if size else 0))
        if not size:
            return bytes(out)


def _connect_body(client_id: str, broker: BrokerAddress, will: tuple[str, bytes] | None) -> bytes:
    flags, tail = 0x02, _text(client_id)
    if will is not None:
        flags |= 0x04 | 0x08 | 0x20
        tail += _text(will[0]) + len(will[1]).to_bytes(2, "big") + will[1]
    if broker.username is not None:
        flags |= 0x80
        tail += _text(broker.username)
    if broker.password is not None:
        flags |= 0x40
        tail += _text(broker.password)
    return _text("MQTT") + bytes([4, flags]) + KEEPALIVE_S.to_bytes(2, "big") + tail
