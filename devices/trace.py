"""The last exchanges of every thing on its wire, kept in memory for whoever asks what was really said."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from devices.link import Link, LinkOpener
from devices.messages import (
    PUBLISH_WITHIN_S,
    BellHandler,
    BellLine,
    Line,
    LinkState,
    Message,
    StateWatcher,
    ThingHandler,
    ThingLine,
)
from devices.reports import Clock

KEPT = 40
LONGEST = 512

Whose = Callable[[bytes], Iterable[str]]
"""The things that a request on a shared wire is for."""
TopicsOf = Callable[[str], Iterable[str]]
"""The things that a topic belongs to."""


class Way(Enum):
    """From whom to whom."""

    ASKED = "asked"
    """We sent it."""
    HEARD = "heard"
    """It came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """Bytes or a message, cut to `LONGEST` of its `size`; `times` since `first` where the same came again."""

    at: datetime
    first: datetime
    way: Way
    data: bytes
    size: int
    topic: str = ""
    times: int = 1


class Trace:
    """The rings of all things. A steady poll takes two lines, not the ring."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rings: dict[str, deque[_Kept]] = {}

    def note(self, thing: str, way: Way, data: bytes, topic: str = "") -> None:
        """Keep one more; what equals the last but one counts it up and takes its place at the end."""
        ring = self._rings.get(thing)
        if ring is None:
            ring = self._rings[thing] = deque(maxlen=KEPT)
        now, cut = self._clock.now(), data[:LONGEST]
        for place in (-1, -2) if len(ring) > 1 else (-1,) if ring else ():
            known = ring[place]
            if known.data == cut and known.way is way and known.topic == topic:
                known.at = now
                known.times += 1
                if place == -2:
                    ring[-2], ring[-1] = ring[-1], known
                return
        ring.append(_Kept(now, now, way, cut, len(data), topic))

    def of(self, thing: str) -> tuple[Exchanged, ...]:
        """What was exchanged, oldest first."""
        return tuple(kept.told() for kept in self._rings.get(thing, ()))


@dataclass(slots=True)
class _Kept:
    """An `Exchanged` that is cheap to count up: every message of every thing comes by."""

    at: datetime
    first: datetime
    way: Way
    data: bytes
    size: int
    topic: str
    times: int = 1

    def told(self) -> Exchanged:
        return Exchanged(
            at=self.at,
            first=self.first,
            way=self.way,
            data=self.data,
            size=self.size,
            topic=self.topic,
            times=self.times,
        )


class TracedLink:
    """A link that notes what passes; an answer belongs to whoever was asked last."""

    def __init__(self, link: Link, trace: Trace, whose: Whose) -> None:
        self._link = link
        self._trace = trace
        self._whose = whose
        self._asked: tuple[str, ...] = ()

    async def read(self, n: int) -> bytes:
        """See `Link`."""
        data = await self._link.read(n)
        for thing in self._asked:
            self._trace.note(thing, Way.HEARD, data)
        return data

    async def write(self, data: bytes) -> None:
        """See `Link`."""
        self._asked = tuple(self._whose(data))
        for thing in self._asked:
            self._trace.note(thing, Way.ASKED, data)
        await self._link.write(data)

    async def close(self) -> None:
        """See `Link`."""
        await self._link.close()


def traced(open_link: LinkOpener, trace: Trace, whose: Whose) -> LinkOpener:
    """The same way to open a wire, noted."""

    async def open_again() -> Link:
        return TracedLink(await open_link(), trace, whose)

    return open_again


def addressed(place: int, things: Mapping[int, Iterable[str]]) -> Whose:
    """Requests that carry their address in one byte at `place`; an address nobody has is for all of them."""
    known = {address: tuple(names) for address, names in things.items()}
    everybody = tuple(name for names in known.values() for name in names)
    return lambda data: known.get(data[place], everybody) if len(data) > place else everybody


class _Traced:
    """A line to the broker that notes what is published."""

    def __init__(self, line: Line, trace: Trace, whose: TopicsOf) -> None:
        self._line = line
        self._trace = trace
        self._whose = whose
        self._last: Message | None = None

    @property
    def state(self) -> LinkState:
        """See `Line`."""
        return self._line.state

    @property
    def since(self) -> datetime:
        """See `Line`."""
        return self._line.since

    def watch(self, watcher: StateWatcher) -> None:
        """See `Line`."""
        self._line.watch(watcher)

    async def publish(
        self,
        topic: str,
        payload: str | bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        within_s: float = PUBLISH_WITHIN_S,
    ) -> None:
        """See `Line`."""
        self._note(Way.ASKED, topic, payload.encode() if isinstance(payload, str) else payload)
        await self._line.publish(topic, payload, qos=qos, retain=retain, within_s=within_s)

    def _heard(self, message: Message) -> None:
        """Note it once, however many handlers it has."""
        if message is not self._last:
            self._last = message
            self._note(Way.HEARD, message.topic, message.payload)

    def _note(self, way: Way, topic: str, payload: bytes) -> None:
        for thing in self._whose(topic):
            self._trace.note(thing, way, payload, topic)


class TracedThings(_Traced):
    """See `ThingLine`."""

    def __init__(self, line: ThingLine, trace: Trace, whose: TopicsOf) -> None:
        super().__init__(line, trace, whose)
        self._things = line

    def subscribe(self, topic_filter: str, handler: ThingHandler) -> None:
        """See `ThingLine`."""

        def noted(message: Message) -> None:
            self._heard(message)
            handler(message)

        self._things.subscribe(topic_filter, noted)


class TracedBells(_Traced):
    """See `BellLine`."""

    def __init__(self, line: BellLine, trace: Trace, whose: TopicsOf) -> None:
        super().__init__(line, trace, whose)
        self._bells = line

    def subscribe(self, topic_filter: str, handler: BellHandler, *, qos: int = 1) -> None:
        """See `BellLine`."""

        def noted(message: Message) -> Awaitable[bool]:
            self._heard(message)
            return handler(message)

        self._bells.subscribe(topic_filter, noted, qos=qos)
