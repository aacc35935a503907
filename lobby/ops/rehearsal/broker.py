"""A broker in memory: to the lobby's two lines it is a wire, to simulated things an MQTT 3.1.1 server on the network.

It keeps what a broker must: retained messages, last wills, and for a persistent session whatever is not acknowledged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count
from random import Random

from devices.errors import LinkLost
from devices.lines import BellConnection, Heard, ThingConnection
from devices.receipts import Receipt
from devices.reports import Clock
from devices.topics import matches
from lobby.ops.rehearsal.network import Network

RETAIN, WILL, WILL_RETAINED = 0x01, 0x04, 0x20


class Packet(IntEnum):
    """MQTT 3.1.1, section 2.2.1."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    SUBSCRIBE = 8
    SUBACK = 9
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14


@dataclass(slots=True, kw_only=True)
class Arriving:
    """A message as `devices.lines` reads it."""

    mid: int
    topic: str
    payload: bytes | bytearray
    qos: int
    retain: bool
    dup: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Session:
    """What the broker knows of one client."""

    persistent: bool = False
    hand_over: Callable[[Arriving], None] | None = None
    filters: dict[str, int] = field(default_factory=dict)
    owed: dict[int, Arriving] = field(default_factory=dict)
    numbers: count[int] = field(default_factory=lambda: count(1))
    met: dict[str, int | None] = field(default_factory=dict)

    def want(self, filters: Mapping[str, int]) -> None:
        """These too."""
        self.filters.update(filters)
        self.met.clear()

    def quality(self, topic: str) -> int | None:
        """At which quality it wants that topic; None = not at all."""
        if topic not in self.met:
            self.met[topic] = max((qos for name, qos in self.filters.items() if matches(name, topic)), default=None)
        return self.met[topic]

    def give(self, message: Arriving) -> None:
        """Deliver, and keep it where the client has to say that it is safe."""
        if self.persistent and message.qos:
            self.owed[message.mid] = message
        if self.hand_over is not None:
            self.hand_over(message)


class MemoryBroker:
    """Both a place for things to connect (`port`) and the wires of the lobby's lines."""

    def __init__(self, network: Network, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._network = network
        self._sessions: dict[str, Session] = {}
        self._retained: dict[str, bytes] = {}
        self._wires: dict[Wire, None] = {}
        self._ends: dict[_ThingSide, None] = {}
        self._listening = network.serve(self._thing_side, 0)
        self.port = self._listening.port
        self.away = False

    def lines(self, site: str, *, clock: Clock, chance: Random) -> MemoryLines:
        """The lobby's two connections."""
        return MemoryLines(self, site, clock=clock, chance=chance)

    def go_away(self) -> None:
        """It stops: everybody loses the line, no will is read out."""
        self.away = True
        self._listening.close()
        for wire in tuple(self._wires):
            wire.end("stopped")
        for end in tuple(self._ends):
            end.forget()

    def come_back(self) -> None:
        """It runs again and remembers what it kept."""
        self.away = False
        self._network.serve(self._thing_side, self.port)

    def session(self, client_id: str, *, persistent: bool) -> Session:
        """Taken up where it is persistent, new otherwise."""
        known = self._sessions.get(client_id)
        if known is None or not persistent:
            known = self._sessions[client_id] = Session(persistent=persistent)
        return known

    def subscribe(self, session: Session, filters: Mapping[str, int]) -> None:
        """From now on, and what is retained at once."""
        session.want(filters)
        for topic, payload in self._retained.items():
            wanted = [qos for name, qos in filters.items() if matches(name, topic)]
            if wanted:
                session.give(_message(session, topic, payload, max(wanted), retain=True))

    def publish(self, topic: str, payload: bytes, qos: int, *, retain: bool) -> None:
        """To everybody who wants it, in the order of their first connection."""
        if retain and payload:
            self._retained[topic] = payload
        elif retain:
            self._retained.pop(topic, None)
        for session in tuple(self._sessions.values()):
            wanted = session.quality(topic)
            if wanted is not None and (session.hand_over is not None or session.persistent):
                session.give(_message(session, topic, payload, min(qos, wanted), retain=False))

    def hold(self, wire: Wire) -> None:
        """A line of the lobby is open."""
        self._wires[wire] = None

    def release(self, wire: Wire) -> None:
        """It is open no more."""
        self._wires.pop(wire, None)

    def _thing_side(self) -> asyncio.BaseProtocol:
        end = _ThingSide(self, self._ends)
        self._ends[end] = None
        return end


class Wire:
    """See `devices.lines.Wire`."""

    def __init__(self, broker: MemoryBroker, client_id: str, heard: Heard, *, persistent: bool) -> None:
        self.lost: str | None = None
        self.ended: Callable[[], None] = lambda: None
        self._broker = broker
        self._client_id = client_id
        self._heard = heard
        self._persistent = persistent
        self._session: Session | None = None

    async def open(self) -> None:
        """See `devices.lines.Wire`."""
        if self._broker.away:
            raise LinkLost("broker-unreachable", "away")
        self._broker.hold(self)
        self._session = self._broker.session(self._client_id, persistent=self._persistent)
        self._session.hand_over = self._take
        for message in tuple(self._session.owed.values()):
            message.dup = True
            self._take(message)

    async def subscribe_all(self, filters: Mapping[str, int]) -> tuple[str, ...]:
        """See `devices.lines.Wire`."""
        self._broker.subscribe(self._here(), filters)
        return ()

    async def send(self, topic: str, payload: str | bytes, qos: int, retain: bool, within_s: float) -> None:  # noqa: ARG002 - the port's
        """See `devices.lines.Wire`."""
        self._here()
        self._broker.publish(topic, payload.encode() if isinstance(payload, str) else payload, qos, retain=retain)

    def acknowledge(self, receipt: Receipt) -> None:
        """See `devices.lines.Wire`."""
        self._here().owed.pop(receipt.mid, None)

    def close(self) -> None:
        """See `devices.lines.Wire`."""
        self.end("closed")

    def end(self, why: str) -> None:
        """The line is gone; safe twice."""
        if self.lost is None:
            self.lost = why
            self._broker.release(self)
            if self._session is not None:
                self._session.hand_over = None
            self.ended()

    def _here(self) -> Session:
        if self._session is None or self.lost is not None:
            raise LinkLost("broker-lost", self.lost or "not open")
        return self._session

    def _take(self, message: Arriving) -> None:
        asyncio.get_running_loop().call_soon(self._deliver, message)

    def _deliver(self, message: Arriving) -> None:
        if self.lost is None:
            self._heard(message)


class MemoryLines:
    """See `lobby.ops.ports.Lines`."""

    def __init__(self, broker: MemoryBroker, site: str, *, clock: Clock, chance: Random) -> None:
        def wire(client_id: str, *, persistent: bool) -> Callable[[Heard], Wire]:
            return lambda heard: Wire(broker, client_id, heard, persistent=persistent)

        bells, things = f"{site}-bells", f"{site}-things"
        self.bells = BellConnection(bells, wire(bells, persistent=True), clock=clock, chance=chance)
        self.things = ThingConnection(things, wire(things, persistent=False), clock=clock, chance=chance)

    async def run(self) -> None:
        """Keep both up; ends only by cancellation."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.bells.run(), name="broker: bells")
            group.create_task(self.things.run(), name="broker: things")


class _ThingSide(asyncio.Protocol):
    """The broker's end of a thing's connection: packets in, packets out (OASIS MQTT 3.1.1)."""

    def __init__(self, broker: MemoryBroker, ends: dict[_ThingSide, None]) -> None:
        self._broker = broker
        self._ends = ends
        self._transport: asyncio.Transport | None = None
        self._held = bytearray()
        self._session = Session()
        self._will: tuple[str, bytes, bool] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is there; who, the first packet says."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Any piece of packets."""
        self._held += data
        while (packet := _cut(self._held)) is not None:
            self._serve(*packet)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's
        """Gone; without goodbye its will is read out."""
        self._session.hand_over = None
        self._ends.pop(self, None)
        if self._will is not None:
            topic, payload, retain = self._will
            self._broker.publish(topic, payload, 1, retain=retain)

    def forget(self) -> None:
        """The broker stops: hang up and read no will."""
        self._will = None
        if self._transport is not None:
            self._transport.close()

    def _serve(self, first: int, body: bytes) -> None:
        match first >> 4:
            case Packet.CONNECT:
                self._sign_on(body)
            case Packet.PUBLISH:
                self._published(first, body)
            case Packet.SUBSCRIBE:
                self._subscribed(body)
            case Packet.PINGREQ:
                self._send(Packet.PINGRESP, b"")
            case Packet.DISCONNECT:
                self._will = None

    def _sign_on(self, body: bytes) -> None:
        flags, rest = body[7], body[10:]
        name, rest = _text(rest)
        if flags & WILL:
            topic, rest = _text(rest)
            message, rest = _bytes(rest)
            self._will = topic, message, bool(flags & WILL_RETAINED)
        self._session = self._broker.session(name, persistent=False)
        self._session.hand_over = self._deliver
        self._send(Packet.CONNACK, b"\x00\x00")

    def _published(self, first: int, body: bytes) -> None:
        topic, rest = _text(body)
        qos = first >> 1 & 3
        if qos:
            self._send(Packet.PUBACK, rest[:2])
            rest = rest[2:]
        self._broker.publish(topic, rest, qos, retain=bool(first & RETAIN))

    def _subscribed(self, body: bytes) -> None:
        number, rest = body[:2], body[2:]
        filters: dict[str, int] = {}
        while rest:
            name, rest = _text(rest)
            filters[name], rest = rest[0], rest[1:]
        self._send(Packet.SUBACK, number + bytes(filters.values()))
        self._broker.subscribe(self._session, filters)

    def _deliver(self, message: Arriving) -> None:
        number = message.mid.to_bytes(2, "big") if message.qos else b""
        name = message.topic.encode()
        content = len(name).to_bytes(2, "big") + name + number + message.payload
        self._send(Packet.PUBLISH, content, flags=message.qos << 1 | int(message.retain))

    def _send(self, kind: int, body: bytes, *, flags: int = 0) -> None:
        if self._transport is not None:
            self._transport.write(bytes([kind << 4 | flags]) + _length(len(body)) + body)


def _message(session: Session, topic: str, payload: bytes, qos: int, *, retain: bool) -> Arriving:
    mid = next(session.numbers) % 0xFFFF + 1 if qos else 0
    return Arriving(mid=mid, topic=topic, payload=payload, qos=qos, retain=retain)


def _cut(held: bytearray) -> tuple[int, bytes] | None:
    """The next whole packet, taken out of what is held."""
    size, place = 0, 1
    while True:
        if len(held) <= place:
            return None
        size |= (held[place] & 0x7F) << 7 * (place - 1)
        place += 1
        if not held[place - 1] & 0x80:
            break
    if len(held) < place + size:
        return None
    packet = held[0], bytes(held[place : place + size])
    del held[: place + size]
    return packet


def _bytes(data: bytes) -> tuple[bytes, bytes]:
    size = int.from_bytes(data[:2], "big")
    return data[2 : 2 + size], data[2 + size :]


def _text(data: bytes) -> tuple[str, bytes]:
    content, rest = _bytes(data)
    return content.decode("utf-8", "replace"), rest


def _length(size: int) -> bytes:
    out = bytearray()
    while True:
        size, low = size >> 7, size & 0x7F
        out.append(low | (0x80 if size else 0))
        if not size:
            return bytes(out)
