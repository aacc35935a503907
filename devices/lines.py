"""Lines to the broker that keep themselves up: connect, subscribe, account for what comes, come back after a loss.

They know no MQTT library: a `Wire` is one connection, made anew for every attempt.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from random import Random
from typing import Protocol

from devices.backoff import Backoff
from devices.cancellation import heed_cancellation
from devices.errors import DeviceError, LinkLost, Refused, WrongAddress
from devices.messages import PUBLISH_WITHIN_S, BellHandler, LinkState, Message, StateWatcher, ThingHandler
from devices.receipts import Receipt, Receipts
from devices.reports import Clock
from devices.topics import Routes

LARGEST_PAYLOAD = 256 * 1024
STEADY_S = 5.0
FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 10.0
MOST_IN_WORK = 100
AGAIN_AFTER_S = 1.0
MOST_FAILURES = 3

log = logging.getLogger(__name__)


class Arrival(Protocol):
    """A message as the library hands it over; asking for a topic that is not UTF-8 raises UnicodeDecodeError."""

    mid: int
    payload: bytes | bytearray
    qos: int
    retain: bool
    dup: bool

    @property
    def topic(self) -> str:
        """Where it was published."""


Heard = Callable[[Arrival], None]


class Wire(Protocol):
    """One connection, used once."""

    lost: str | None
    """Why it ended; None while it lives."""
    ended: Callable[[], None]
    """Called when `lost` is set."""

    async def open(self) -> None:
        """Connect and wait for the broker's yes; raises LinkLost, or Refused when it says no."""

    async def subscribe_all(self, filters: Mapping[str, int]) -> tuple[str, ...]:
        """Subscribe to each with its quality; the filters that were refused."""

    async def send(self, topic: str, payload: str | bytes, qos: int, retain: bool, within_s: float) -> None:
        """Publish; with QoS 1 wait for the broker's acknowledgement."""

    def acknowledge(self, receipt: Receipt) -> None:
        """Tell the broker that a message is safe with us."""

    def close(self) -> None:
        """Let go; safe twice."""


@dataclass(slots=True, kw_only=True)
class Counts:
    """What a connection has met since it was built."""

    received: int = 0
    oversize: int = 0
    bad_topic: int = 0
    unclaimed: int = 0
    failed: int = 0
    overflow: int = 0
    connections: int = 0


class _Connection(ABC):
    """Keeps one client id connected, subscribed and accounted for; both kinds of line share it."""

    def __init__(self, client_id: str, wire: Callable[[Heard], Wire], *, clock: Clock, chance: Random) -> None:
        self.client_id = client_id
        self.counts = Counts()
        self.mistake: WrongAddress | None = None
        self._make = wire
        self._clock = clock
        self._backoff = Backoff(chance, first_s=FIRST_WAIT_S, longest_s=LONGEST_WAIT_S)
        self._state = LinkState.CLOSED
        self._since = clock.now()
        self._watchers: list[StateWatcher] = []
        self._wire: Wire | None = None
        self._stir = asyncio.Event()
        self._asked: set[str] = set()
        self._refused: set[str] = set()
        self._kept: dict[str, str | bytes] = {}
        self._complained: set[str] = set()

    @property
    def state(self) -> LinkState:
        """How it stands now."""
        return self._state

    @property
    def since(self) -> datetime:
        """Since when."""
        return self._since

    @property
    def refused(self) -> tuple[str, ...]:
        """The filters that the broker does not let us read."""
        return tuple(sorted(self._refused))

    def watch(self, watcher: StateWatcher) -> None:
        """Call at every change with the new state and its cause, a word of `device.<cause>` or empty."""
        self._watchers.append(watcher)

    async def publish(
        self,
        topic: str,
        payload: str | bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        within_s: float = PUBLISH_WITHIN_S,
    ) -> None:
        """Hand over to the broker; what is retained goes out again at every reconnect. Raises LinkLost."""
        if retain:
            self._keep(topic, payload)
        if self._wire is None:
            raise LinkLost("broker-lost", f"not connected: {self._state.value}")
        await self._wire.send(topic, payload, qos, retain, within_s)

    async def run(self) -> None:
        """Connect, subscribe, come back after every loss; ends only by cancellation."""
        try:
            while True:
                began = self._clock.mono()
                await self._until_lost()
                heed_cancellation()
                if self._clock.mono() - began > STEADY_S:
                    self._backoff.reset()
                await self._clock.sleep(self._backoff.next_s())
        finally:
            self._move(LinkState.CLOSED, "")

    async def _until_lost(self) -> None:
        if self._state is LinkState.CLOSED:
            self._move(LinkState.CONNECTING, "")
        wire = self._new_wire()
        try:
            await wire.open()
            await self._serve(wire)
        except Refused as no:
            self._move(LinkState.REFUSED, no.cause, no.detail)
        except DeviceError as lost:
            self._move(LinkState.WAITING, lost.cause, lost.detail)
        finally:
            self._wire = None
            wire.close()

    async def _serve(self, wire: Wire) -> None:
        """Be a connected line until the wire is lost; new filters are asked for as they come."""
        self.counts.connections += 1
        self._asked.clear()
        self._refused.clear()
        self._wire, wire.ended = wire, self._stir.set
        for topic, payload in tuple(self._kept.items()):
            await wire.send(topic, payload, 1, True, PUBLISH_WITHIN_S)
        while wire.lost is None:
            self._stir.clear()
            await self._ask(wire)
            await self._stir.wait()
        raise LinkLost("broker-lost", wire.lost)

    async def _ask(self, wire: Wire) -> None:
        filters = {name: qos for name, qos in self._filters().items() if name not in self._asked}
        if filters:
            self._asked.update(filters)
            self._refused.update(await wire.subscribe_all(filters))
        names = ", ".join(self.refused)
        self.mistake = WrongAddress("refused-subscription", names) if names else None
        if self.mistake is not None:
            self._move(LinkState.INCOMPLETE, "refused-subscription", names)
        elif wire.lost is None:
            self._move(LinkState.OPEN, "")

    @abstractmethod
    def _new_wire(self) -> Wire:
        """A wire for the next connection."""

    @abstractmethod
    def _filters(self) -> Mapping[str, int]:
        """Every filter with its quality."""

    def _keep(self, topic: str, payload: str | bytes) -> None:
        if payload:
            self._kept[topic] = payload
        else:
            self._kept.pop(topic, None)

    def _read(self, raw: Arrival) -> Message | None:
        """The message, or None and a count where it cannot be one of ours."""
        self.counts.received += 1
        too_large = len(raw.payload) > LARGEST_PAYLOAD
        self.counts.oversize += too_large
        try:
            payload = b"" if too_large else bytes(raw.payload)
            return Message(raw.topic, payload, raw.qos, raw.retain, raw.dup, too_large)
        except UnicodeDecodeError:
            self.counts.bad_topic += 1
            return None

    def _failed(self, message: Message) -> None:
        self.counts.failed += 1
        if message.topic not in self._complained:
            self._complained.add(message.topic)
            log.exception("%s: a handler of %s failed", self.client_id, message.topic)

    def _move(self, state: LinkState, cause: str, detail: str = "") -> None:
        if state is self._state:
            return
        self._state, self._since = state, self._clock.now()
        level = logging.INFO if state.up or state in (LinkState.CLOSED, LinkState.CONNECTING) else logging.WARNING
        log.log(level, "%s: %s %s %s", self.client_id, state.value, cause, detail)
        for watcher in self._watchers:
            watcher(state, cause)


class ThingConnection(_Connection):
    """Everything that is no bell: clean session, acknowledged by the library, plain handlers."""

    def __init__(self, client_id: str, wire: Callable[[Heard], Wire], *, clock: Clock, chance: Random) -> None:
        super().__init__(client_id, wire, clock=clock, chance=chance)
        self._routes: Routes[ThingHandler] = Routes()

    def subscribe(self, topic_filter: str, handler: ThingHandler) -> None:
        """Hand every message of that filter to the handler, over all reconnects."""
        self._routes.add(topic_filter, handler)
        self._stir.set()

    def _filters(self) -> Mapping[str, int]:
        return dict.fromkeys(self._routes.filters(), 1)

    def _new_wire(self) -> Wire:
        return self._make(self._heard)

    def _heard(self, raw: Arrival) -> None:
        message = self._read(raw)
        if message is None:
            return
        handlers = self._routes.find(message.topic)
        if not handlers:
            self.counts.unclaimed += 1
        for handler in handlers:
            try:
                handler(message)
            except Exception:  # one driver's mistake must not cut the line of all the others
                self._failed(message)


class BellConnection(_Connection):
    """Bells only: persistent session; each message is acknowledged, in order of receipt, once its handler is sure."""

    def __init__(self, client_id: str, wire: Callable[[Heard], Wire], *, clock: Clock, chance: Random) -> None:
        super().__init__(client_id, wire, clock=clock, chance=chance)
        self.receipts = Receipts()
        self._newest: Wire | None = None
        self._qualities: dict[str, int] = {}
        self._routes: Routes[BellHandler] = Routes()
        self._group = asyncio.TaskGroup()
        self._in_work: Counter[str] = Counter()

    def subscribe(self, topic_filter: str, handler: BellHandler, *, qos: int = 1) -> None:
        """See `BellLine`."""
        self._routes.add(topic_filter, handler)
        self._qualities[topic_filter] = max(qos, self._qualities.get(topic_filter, 0))
        self._stir.set()

    async def run(self) -> None:
        """As the other line; work on messages outlives the connection that brought them."""
        async with asyncio.TaskGroup() as self._group:
            await super().run()

    def _filters(self) -> Mapping[str, int]:
        return self._qualities

    def _new_wire(self) -> Wire:
        heard = partial(self._received, self.receipts.renew())
        self._newest = self._make(heard)
        return self._newest

    def _received(self, generation: int, raw: Arrival) -> None:
        receipt = self.receipts.received(generation, raw.mid, raw.qos)
        message = self._read(raw)
        handlers = () if message is None else self._routes.find(message.topic)
        if message is None or not handlers:
            self.counts.unclaimed += message is not None
            self._settle(receipt)
        elif not raw.qos and self._in_work[message.topic] >= MOST_IN_WORK:
            self.counts.overflow += 1
        else:
            self._in_work[message.topic] += 1
            work = self._work(message, handlers, receipt)
            self._group.create_task(work, name=f"{self.client_id}: message of {message.topic}")

    async def _work(self, message: Message, handlers: tuple[BellHandler, ...], receipt: Receipt) -> None:
        try:
            while not await self._recorded(message, handlers, receipt):
                if not self.receipts.owes(receipt):
                    return
                await self._clock.sleep(AGAIN_AFTER_S)
                message = replace(message, again=True)
            self._settle(receipt)
        finally:
            self._in_work[message.topic] -= 1

    async def _recorded(self, message: Message, handlers: tuple[BellHandler, ...], receipt: Receipt) -> bool:
        """Whether every handler is sure. One that keeps failing is counted: a poisoned message must not block."""
        try:
            for handler in handlers:
                if not await handler(message):
                    return False
        except Exception:  # a handler's mistake must not cut the line of the other bells
            self._failed(message)
            receipt.failures += 1
            return receipt.failures >= MOST_FAILURES
        return True

    def _settle(self, receipt: Receipt) -> None:
        for due in self.receipts.settle(receipt):
            if self._newest is not None and self._newest.lost is None:
                self._newest.acknowledge(due)
