"""What is kept of the exchanges on a wire."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from devices.link import Link
from devices.messages import Message
from devices.trace import KEPT, LONGEST, Trace, TracedBells, TracedThings, Way, addressed, traced
from lobby.core.clock import VirtualClock
from tests.running import run

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


class Echo:
    """A wire that answers with what was written."""

    def __init__(self) -> None:
        self.said = b""

    async def read(self, n: int) -> bytes:
        """What was written last."""
        return self.said[:n]

    async def write(self, data: bytes) -> None:
        """Remember it."""
        self.said = data

    async def close(self) -> None:
        """Nothing to close."""


async def echo() -> Link:
    """Open it."""
    return Echo()


def told(trace: Trace, thing: str) -> list[tuple[str, bytes, int]]:
    """A ring, short."""
    return [(one.way.value, one.data, one.times) for one in trace.of(thing)]


def test_an_answer_belongs_to_whoever_was_asked() -> None:
    """On a shared wire each thing has its own lines."""
    trace = Trace(VirtualClock(NOON))

    async def talk() -> None:
        link = await traced(echo, trace, addressed(2, {1: ("one",), 2: ("two",)}))()
        await link.write(b"\xaa\x11\x02\x00")
        await link.read(10)
        await link.close()

    run(talk())
    assert told(trace, "two") == [("asked", b"\xaa\x11\x02\x00", 1), ("heard", b"\xaa\x11\x02\x00", 1)]
    assert told(trace, "one") == []


def test_a_request_to_nobody_known_is_for_all() -> None:
    """A broadcast stands in every ring."""
    whose = addressed(0, {1: ("one",), 2: ("two", "three")})
    assert list(whose(b"\xfe")) == ["one", "two", "three"]
    assert list(whose(b"")) == ["one", "two", "three"]


def test_a_steady_poll_takes_two_lines() -> None:
    """What comes again and again is counted, and something else stays in sight."""
    trace = Trace(VirtualClock(NOON))
    trace.note("bell", Way.HEARD, b"pressed")
    for _ in range(1000):
        trace.note("bell", Way.ASKED, b"?")
        trace.note("bell", Way.HEARD, b"quiet")
    assert told(trace, "bell") == [("heard", b"pressed", 1), ("asked", b"?", 1000), ("heard", b"quiet", 1000)]


def test_the_ring_is_bounded() -> None:
    """Neither many nor long messages grow it."""
    trace = Trace(VirtualClock(NOON))
    for number in range(10 * KEPT):
        trace.note("sign", Way.HEARD, number.to_bytes(2) * LONGEST)
    kept = trace.of("sign")
    assert len(kept) == KEPT
    assert {len(one.data) for one in kept} == {LONGEST}
    assert kept[-1].size == 2 * LONGEST


class Board:
    """A broker's line that hands out what a test says."""

    def __init__(self) -> None:
        self.handlers: list[Callable[[Message], Awaitable[bool] | None]] = []
        self.sent: list[str] = []

    def subscribe(self, _topic: str, handler: Callable[[Message], Awaitable[bool] | None], *, qos: int = 1) -> None:
        """Keep the handler."""
        self.handlers.append(handler)

    async def publish(self, topic: str, _payload: str | bytes, **_how: object) -> None:
        """Keep the topic."""
        self.sent.append(topic)


def test_messages_are_noted_once_with_their_topic() -> None:
    """Two handlers of one message make one line; a command stands beside it."""
    trace, board = Trace(VirtualClock(NOON)), Board()
    line = TracedThings(board, trace, lambda topic: (topic.split("/")[0],))  # type: ignore[arg-type] # a stand-in
    heard: list[Message] = []
    line.subscribe("sign/#", heard.append)
    line.subscribe("sign/state", heard.append)
    message = Message("sign/state", b"ON", 1, False)
    for handler in board.handlers:
        handler(message)
    run(line.publish("sign/set", "OFF"))
    assert (len(heard), board.sent) == (2, ["sign/set"])
    assert told(trace, "sign") == [("heard", b"ON", 1), ("asked", b"OFF", 1)]


def test_a_bells_answer_comes_through() -> None:
    """Noting a press changes nothing of what its handler says."""
    trace, board = Trace(VirtualClock(NOON)), Board()
    line = TracedBells(board, trace, lambda topic: (topic,))  # type: ignore[arg-type] # a stand-in

    async def recorded(_message: Message) -> bool:
        return True

    async def press() -> bool:
        answered = board.handlers[0](Message("bell", b"press", 1, False))
        assert answered is not None
        return await answered

    line.subscribe("bell", recorded)
    assert run(press())
    assert told(trace, "bell") == [("heard", b"press", 1)]
