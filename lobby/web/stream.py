"""Server-sent events: what happens is encoded once and handed to every reader as the same bytes."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from lobby.core.problem import Refusal
from lobby.web.public import now_document
from lobby.web.reading import address_of, caller_of
from lobby.web.shapes import Shapes, encoded
from lobby.web.throttle import TooFast

if TYPE_CHECKING:
    from lobby.core.hub import Event
    from lobby.web.house import House

HEARTBEAT_S = 0.5
MOST_WAITING = 800
MOST_READERS = 128
MOST_FROM_ONE_ADDRESS = 16
RETRY = b"retry: 500\n\n"


def frame(name: str, data: bytes, event_id: str = "") -> bytes:
    """One event as it goes over the wire."""
    head = f"id: {event_id}\nevent: {name}\n" if event_id else f"event: {name}\n"
    return head.encode() + b"data: " + data + b"\n\n"


class Reader:
    """One open stream. What it does not fetch in time is dropped and replaced by a snapshot."""

    def __init__(self, first: bytes, whole: Callable[[], bytes], *, welcome: Callable[[], bool], address: str) -> None:
        self.address = address
        self.welcome = welcome
        self._whole = whole
        self._waiting: deque[bytes] = deque([RETRY + first])
        self._news = asyncio.Event()
        self._news.set()
        self._ended = False

    def give(self, data: bytes) -> None:
        """One more event."""
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(data)
        else:
            self._waiting.clear()
            self._waiting.append(self._whole())
        self._news.set()

    def end(self) -> None:
        """No more events; what waits is still fetched."""
        self._ended = True
        self._news.set()

    async def next(self) -> bytes | None:
        """All that waits, in one piece; None at the end."""
        await self._news.wait()
        if not self._waiting:
            return None
        data = b"".join(self._waiting)
        self._waiting.clear()
        if not self._ended:
            self._news.clear()
        return data


class Audience:
    """The readers of one stream."""

    def __init__(self) -> None:
        self.readers: set[Reader] = set()

    def admit(self, address: str) -> None:
        """Refuse one more reader than the process can carry, or than one address needs."""
        addresses = Counter(reader.address for reader in self.readers)
        if len(self.readers) >= MOST_READERS or addresses[address] >= MOST_FROM_ONE_ADDRESS:
            raise TooFast(5, "api.too-many-streams")

    def give(self, data: bytes) -> None:
        """The same bytes to everybody."""
        for reader in self.readers:
            reader.give(data)

    def end(self, *, unless: Callable[[Reader], bool] = lambda _reader: False) -> None:
        """End every reader, or those that are no longer welcome."""
        for reader in self.readers:
            if not unless(reader):
                reader.end()


class Feed:
    """Follows the hub for all readers: staff see everything, visitors what is public. `run` owns it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._shapes = Shapes(house)
        self._staff = Audience()
        self._visitors = Audience()
        self._subscription = house.hub.subscribe()
        self._take: Callable[[], list[Event]] = list
        self._public = b""
        self._ended = False

    @property
    def shapes(self) -> Shapes:
        """Snapshots for who does not stream."""
        return self._shapes

    def counts(self) -> dict[str, int]:
        """How many streams are open."""
        return {"staff": len(self._staff.readers), "visitors": len(self._visitors.readers)}

    async def run(self) -> None:
        """Hand on what happens and beat twice a second, until cancelled."""
        with self._subscription as subscription:
            self._take = subscription.take
            subscription.hand_on(self._tell)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._beat(), name="stream: heartbeat")
                while True:
                    self._tell(await subscription.next())

    def end(self) -> None:
        """End every stream: the server stops."""
        self._ended = True
        self._staff.end()
        self._visitors.end()

    def join(self, last_id: str | None, *, welcome: Callable[[], bool], address: str) -> Reader:
        """A staff reader that resumes after `last_id`, or begins with a snapshot."""
        self._staff.admit(address)
        self._tell(self._take())
        first = self._missed(last_id)
        whole = self._snapshot
        return self._joined(
            self._staff, Reader(whole() if first is None else first, whole, welcome=welcome, address=address)
        )

    def join_public(self, *, address: str) -> Reader:
        """A visitors' reader."""
        self._visitors.admit(address)
        reader = Reader(self._now(), self._now, welcome=lambda: True, address=address)
        return self._joined(self._visitors, reader)

    def leave(self, reader: Reader) -> None:
        """The reader is gone."""
        self._staff.readers.discard(reader)
        self._visitors.readers.discard(reader)

    def _joined(self, audience: Audience, reader: Reader) -> Reader:
        audience.readers.add(reader)
        if self._ended:
            reader.end()
        return reader

    def _tell(self, events: list[Event]) -> None:
        if self._staff.readers:
            for event in events:
                self._staff.give(self._framed(event))
        if self._visitors.readers and any(event.name in ("change", "snapshot") for event in events):
            self._tell_visitors()

    def _tell_visitors(self) -> None:
        now = self._now()
        if now != self._public:
            self._public = now
            self._visitors.give(now)

    def _framed(self, event: Event) -> bytes:
        if event.name == "snapshot":
            return self._snapshot()
        data = self._shapes.change(event.data) if event.name == "change" else self._shapes.told(event.data)
        return frame(event.name, data, self._id(event.seq))

    def _snapshot(self) -> bytes:
        seq, whole = self._shapes.snapshot()
        return frame("snapshot", whole, self._id(seq))

    def _now(self) -> bytes:
        return frame("now", encoded(now_document(self._house)))

    def _missed(self, last_id: str | None) -> bytes | None:
        """What came after an id of this run; None where only a snapshot will do."""
        boot, _, number = (last_id or "").rpartition("-")
        if boot != self._house.hub.boot or not number.isdecimal() or len(number) > 15:
            return None
        events = self._house.hub.since(int(number))
        return None if events is None else b"".join(self._framed(event) for event in events)

    def _id(self, seq: int) -> str:
        return f"{self._house.hub.boot}-{seq}"

    async def _beat(self) -> None:
        clock = self._house.clock
        while True:
            await clock.sleep(HEARTBEAT_S)
            beat = frame("heartbeat", encoded({"at": clock.now(), "seq": self._house.hub.snapshot()[0]}))
            self._staff.end(unless=lambda reader: reader.welcome())
            self._staff.give(beat)
            self._visitors.give(beat)


class EventStream(Response):
    """A response that lasts until the reader ends or the client goes away."""

    media_type = "text/event-stream"

    def __init__(self, reader: Reader, feed: Feed) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._reader = reader
        self._feed = feed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the shape of ASGI
        """Send events as they come; the client's going away ends it, even while nothing happens."""
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async with asyncio.TaskGroup() as group:
                watch = group.create_task(self._until_gone(receive), name="stream: client")
                while (data := await self._reader.next()) is not None:
                    await send({"type": "http.response.body", "body": data, "more_body": True})
                watch.cancel()
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._feed.leave(self._reader)

    async def _until_gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._reader.end()


router = APIRouter()


@router.get("/api/v1/stream", status_code=200, response_class=EventStream, response_model=None)
async def stream(request: Request) -> Response:
    """Everything live for a signed-in person: one snapshot, then changes, incidents at once, two beats a second."""
    session = caller_of(request).session
    if session is None:
        raise Refusal("signin.needed", status=401)
    house, feed = _house(request), _feed(request)
    last_id = request.headers.get("last-event-id")
    alive = house.people.sessions.alive
    reader = feed.join(last_id, welcome=lambda: alive(session), address=address_of(request))
    return EventStream(reader, feed)


@router.get("/api/v1/now/stream", status_code=200, response_class=EventStream, response_model=None)
async def now_stream(request: Request) -> Response:
    """What visitors may know, again whenever it changes."""
    feed = _feed(request)
    return EventStream(feed.join_public(address=address_of(request)), feed)


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


def _feed(request: Request) -> Feed:
    feed: Feed = request.app.state.feed
    return feed
