"""Stand-ins of the ports around MQTT: a line and a wire in memory, sinks that write down what they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, TypeVar

from devices.lines import Arrival, Heard
from devices.messages import LinkState, Message, StateWatcher
from devices.receipts import Receipt
from devices.reports import Availability, BellHeard, BellPressed, Reported
from devices.topics import Routes

Handler = TypeVar("Handler")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class Sent:
    """One message published by the code under test."""

    topic: str
    payload: str
    retain: bool = False


class MemoryLine(Generic[Handler]):
    """A line that is whatever the test says; `answer` may react to what is published."""

    def __init__(self) -> None:
        self.state = LinkState.OPEN
        self.since = NOON
        self.sent: list[Sent] = []
        self.routes: Routes[Handler] = Routes()
        self.answer: Callable[[Sent], None] = lambda sent: None
        self._watchers: list[StateWatcher] = []

    def watch(self, watcher: StateWatcher) -> None:
        self._watchers.append(watcher)

    def subscribe(self, topic_filter: str, handler: Handler, *, qos: int = 1) -> None:
        self.routes.add(topic_filter, handler)

    async def publish(
        self, topic: str, payload: str | bytes, *, qos: int = 1, retain: bool = False, within_s: float = 5
    ) -> None:
        text = payload if isinstance(payload, str) else payload.decode()
        self.sent.append(Sent(topic, text, retain))
        self.answer(self.sent[-1])

    def move(self, state: LinkState, cause: str = "") -> None:
        self.state = state
        for watcher in self._watchers:
            watcher(state, cause)


class MemoryThings(MemoryLine[Callable[[Message], None]]):
    """A line of plain handlers."""

    def arrives(self, topic: str, payload: str | bytes, *, retained: bool = False) -> None:
        for handler in self.routes.find(topic):
            handler(Message(topic, _bytes(payload), 1, retained))


class MemoryBells(MemoryLine[Callable[[Message], Awaitable[bool]]]):
    """A line of bells; `arrives` gives what would be acknowledged."""

    async def arrives(self, topic: str, payload: str | bytes, *, retained: bool = False, again: bool = False) -> bool:
        message = Message(topic, _bytes(payload), 1, retained, again)
        return all([await handler(message) for handler in self.routes.find(topic)])


@dataclass
class Letter:
    """A message as the library would hand it over."""

    topic: str
    payload: bytes | bytearray = b"{}"
    mid: int = 1
    qos: int = 1
    retain: bool = False
    dup: bool = False


class MemoryWire:
    """One connection; `lose` ends it."""

    def __init__(self, heard: Heard) -> None:
        self.heard = heard
        self.lost: str | None = None
        self.ended: Callable[[], None] = lambda: None
        self.acknowledged: list[int] = []
        self.subscribed: list[str] = []
        self.sent: list[Sent] = []
        self.refuses: frozenset[str] = frozenset()

    async def open(self) -> None:
        await asyncio.sleep(0)

    async def subscribe_all(self, filters: Mapping[str, int]) -> tuple[str, ...]:
        self.subscribed += filters
        return tuple(name for name in filters if name in self.refuses)

    async def send(self, topic: str, payload: str | bytes, qos: int, retain: bool, within_s: float) -> None:
        self.sent.append(Sent(topic, payload if isinstance(payload, str) else payload.decode(), retain))

    def acknowledge(self, receipt: Receipt) -> None:
        self.acknowledged.append(receipt.mid)

    def close(self) -> None:
        self.lose("closed")

    def lose(self, cause: str = "cut") -> None:
        if self.lost is None:
            self.lost = cause
            self.ended()


@dataclass
class Wires:
    """Makes wires and remembers them; `prepare` sees each before it opens."""

    made: list[MemoryWire] = field(default_factory=list)
    prepare: Callable[[MemoryWire], None] = lambda wire: None

    def __call__(self, heard: Callable[[Arrival], None]) -> MemoryWire:
        self.made.append(MemoryWire(heard))
        self.prepare(self.made[-1])
        return self.made[-1]


@dataclass
class NotedThings:
    """A ThingSink that writes down."""

    reports: list[Reported] = field(default_factory=list)
    moves: list[tuple[str, Availability, str]] = field(default_factory=list)
    troubles: list[tuple[str, str]] = field(default_factory=list)
    ended: list[tuple[str, str]] = field(default_factory=list)

    def reported(self, report: Reported) -> None:
        self.reports.append(report)

    def availability(self, thing: str, availability: Availability, cause: str) -> None:
        self.moves.append((thing, availability, cause))

    def trouble(self, thing: str, cause: str, *, detail: str = "") -> None:
        self.troubles.append((thing, cause))

    def well(self, thing: str, cause: str) -> None:
        self.ended.append((thing, cause))


@dataclass
class NotedBells:
    """A BellSink that writes down; `durable` is its answer."""

    durable: bool = True
    presses: list[BellPressed] = field(default_factory=list)
    signs: list[BellHeard] = field(default_factory=list)
    losses: list[tuple[str, str]] = field(default_factory=list)
    troubles: list[tuple[str, str]] = field(default_factory=list)

    async def pressed(self, press: BellPressed) -> bool:
        self.presses.append(press)
        return self.durable

    def heard(self, heard: BellHeard) -> None:
        self.signs.append(heard)

    def lost(self, bell: str, path: str, cause: str) -> None:
        self.losses.append((bell, cause))

    def trouble(self, bell: str, cause: str) -> None:
        self.troubles.append((bell, cause))


def _bytes(payload: str | bytes) -> bytes:
    return payload.encode() if isinstance(payload, str) else payload
