"""Lines that keep themselves up, over wires in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest

from devices.errors import LinkLost, Refused
from devices.lines import LARGEST_PAYLOAD, MOST_IN_WORK, BellConnection, ThingConnection
from devices.messages import LinkState, Message
from lobby.core.clock import SystemClock
from tests.devices.mqtt.standins import Letter, MemoryWire, Wires
from tests.eventually import eventually
from tests.running import run


class Impatient(SystemClock):
    """Waits a thousandth of what it is asked."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / 1000)


@asynccontextmanager
async def running(line: ThingConnection | BellConnection) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(line.run())
        await eventually(lambda: line.state.up)
        yield
        task.cancel()


def things(wires: Wires) -> ThingConnection:
    return ThingConnection("s-things", wires, clock=Impatient(), chance=Random(1))


def bells(wires: Wires) -> BellConnection:
    return BellConnection("s-bells", wires, clock=Impatient(), chance=Random(1))


def test_publishing_while_disconnected_fails_at_once() -> None:
    """Nobody waits for a line that is not there."""
    line = things(Wires())
    with pytest.raises(LinkLost):
        run(line.publish("a", "b"))


def test_a_lost_line_comes_back_with_every_subscription() -> None:
    """After a loss the next wire asks for the same filters, and states were told in order."""

    async def scenario() -> None:
        wires, states = Wires(), list[tuple[LinkState, str]]()
        line = things(wires)
        line.subscribe("a/+", lambda message: None)
        line.watch(lambda state, cause: states.append((state, cause)))
        async with running(line):
            wires.made[0].lose()
            await eventually(lambda: len(states) == 4)
        assert wires.made[1].subscribed == ["a/+"]
        assert [state.value for state, _ in states] == ["connecting", "open", "waiting", "open", "closed"]

    run(scenario())


def test_a_filter_added_later_is_asked_for_on_the_open_line() -> None:
    """No reconnect is needed for one more subscription."""

    async def scenario() -> None:
        wires = Wires()
        line = things(wires)
        async with running(line):
            line.subscribe("late", lambda message: None)
            await eventually(lambda: wires.made[0].subscribed == ["late"])

    run(scenario())


def test_a_refused_subscription_is_named_and_the_others_go_on() -> None:
    """The line is incomplete, says which filter, and still hears the rest."""

    def refuse(wire: MemoryWire) -> None:
        wire.refuses = frozenset({"no/way"})

    async def scenario() -> None:
        heard: list[Message] = []
        wires = Wires(prepare=refuse)
        line = things(wires)
        line.subscribe("no/way", heard.append)
        line.subscribe("fine", heard.append)
        async with running(line):
            wires.made[0].heard(Letter("fine"))
            assert line.state is LinkState.INCOMPLETE
            assert "no/way" in str(line.mistake)
        assert [message.topic for message in heard] == ["fine"]

    run(scenario())


def test_a_broker_that_says_no_is_told_apart_from_one_that_is_away() -> None:
    """A wrong password is the installer's to mend; the line tries on all the same."""

    async def say_no() -> None:
        raise Refused("broker-refused", "Not authorized")

    def prepare(wire: MemoryWire) -> None:
        wire.open = say_no  # type: ignore[method-assign]  # one wire of this test behaves otherwise

    async def scenario() -> None:
        wires = Wires(prepare=prepare)
        line = things(wires)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(line.run())
            await eventually(lambda: len(wires.made) > 2)
            assert line.state is LinkState.REFUSED
            task.cancel()

    run(scenario())


def test_what_is_retained_goes_out_again_at_a_reconnect() -> None:
    """The broker's store is a cache: only the newest value of each topic, and nothing that was deleted."""

    async def scenario() -> None:
        wires = Wires()
        line = things(wires)
        async with running(line):
            for topic, payload in (("p", "1"), ("p", "2"), ("gone", "x"), ("gone", "")):
                await line.publish(topic, payload, retain=True)
            await line.publish("command", "now")
            wires.made[0].lose()
            await eventually(lambda: len(wires.made) == 2 and line.state.up)
        assert [(sent.topic, sent.payload) for sent in wires.made[1].sent] == [("p", "2")]

    run(scenario())


def test_a_message_over_the_cap_is_emptied_and_counted() -> None:
    """Handlers learn that there was one; its bytes reach nobody."""
    heard: list[Message] = []
    line = things(Wires())
    line.subscribe("a", heard.append)
    line._heard(Letter("a", bytes(LARGEST_PAYLOAD + 1)))
    line._heard(Letter("a", bytes(LARGEST_PAYLOAD)))
    assert [(message.too_large, len(message.payload)) for message in heard] == [(True, 0), (False, LARGEST_PAYLOAD)]
    assert line.counts.oversize == 1


def test_a_topic_that_is_not_utf8_is_dropped_and_counted() -> None:
    """The library raises when such a topic is asked for; the line goes on."""

    class Odd(Letter):
        @property
        def topic(self) -> str:  # as the library, which decodes on asking
            return b"\xff".decode()

        @topic.setter
        def topic(self, value: str) -> None: ...

    line = things(Wires())
    line._heard(Odd(""))
    assert line.counts.bad_topic == 1


def test_a_failing_handler_does_not_keep_the_message_from_the_next() -> None:
    """One driver's mistake is counted; the other handlers of the topic are called."""

    def broken(message: Message) -> None:
        raise ZeroDivisionError

    heard: list[Message] = []
    line = things(Wires())
    line.subscribe("a", broken)
    line.subscribe("a", heard.append)
    line._heard(Letter("a"))
    assert (len(heard), line.counts.failed) == (1, 1)


def test_a_press_is_acknowledged_only_when_its_handler_is_sure() -> None:
    """While the handler works nothing is acknowledged; rubbish behind it waits its turn, then both go in order."""

    async def scenario() -> None:
        sure = asyncio.Event()

        async def slow(message: Message) -> bool:
            return await sure.wait()

        wires = Wires()
        line = bells(wires)
        line.subscribe("bell", slow)
        async with running(line):
            wires.made[0].heard(Letter("bell", mid=1))
            wires.made[0].heard(Letter("rubbish", mid=2))
            await asyncio.sleep(0)
            assert wires.made[0].acknowledged == []
            sure.set()
            await eventually(lambda: wires.made[0].acknowledged == [1, 2])

    run(scenario())


def test_an_acknowledgement_after_a_reconnect_is_dropped() -> None:
    """A press whose handler ends on another connection is not acknowledged there under its old packet id."""

    async def scenario() -> None:
        sure = asyncio.Event()

        async def slow(message: Message) -> bool:
            return await sure.wait()

        wires = Wires()
        line = bells(wires)
        line.subscribe("bell", slow)
        async with running(line):
            wires.made[0].heard(Letter("bell", mid=5))
            await asyncio.sleep(0)
            wires.made[0].lose()
            await eventually(lambda: len(wires.made) == 2 and line.state.up)
            sure.set()
            await eventually(lambda: line.receipts.dropped == 1)
            assert wires.made[0].acknowledged + wires.made[1].acknowledged == []

    run(scenario())


def test_a_press_that_is_not_durable_is_handed_out_again_and_then_acknowledged() -> None:
    """False keeps it owed; the second hand-out says so."""

    async def scenario() -> None:
        given: list[bool] = []

        async def second_time(message: Message) -> bool:
            given.append(message.again)
            return len(given) == 2

        wires = Wires()
        line = bells(wires)
        line.subscribe("bell", second_time)
        async with running(line):
            wires.made[0].heard(Letter("bell", mid=3))
            await eventually(lambda: wires.made[0].acknowledged == [3])
        assert given == [False, True]

    run(scenario())


def test_a_poisoned_message_is_counted_and_does_not_block_the_line() -> None:
    """A handler that fails on every try gives the message up; what follows is acknowledged."""

    async def broken(message: Message) -> bool:
        raise ZeroDivisionError

    async def scenario() -> None:
        wires = Wires()
        line = bells(wires)
        line.subscribe("bell", broken)
        async with running(line):
            wires.made[0].heard(Letter("bell", mid=1))
            wires.made[0].heard(Letter("rubbish", mid=2))
            await eventually(lambda: wires.made[0].acknowledged == [1, 2])
        assert line.counts.failed == 3

    run(scenario())


def test_a_flood_from_one_bell_leaves_the_others_alone() -> None:
    """Unacknowledged quality-0 messages are bounded for each bell."""

    async def scenario() -> None:
        sure = asyncio.Event()
        heard: list[str] = []

        async def slow(message: Message) -> bool:
            heard.append(message.topic)
            return await sure.wait()

        wires = Wires()
        line = bells(wires)
        line.subscribe("+", slow)
        async with running(line):
            for _ in range(MOST_IN_WORK + 50):
                wires.made[0].heard(Letter("loud", qos=0, mid=0))
            wires.made[0].heard(Letter("calm", qos=0, mid=0))
            sure.set()
            await eventually(lambda: "calm" in heard)
        assert (heard.count("loud"), line.counts.overflow) == (MOST_IN_WORK, 50)

    run(scenario())


def test_a_cancellation_that_a_failure_swallows_is_heeded() -> None:
    """The attempt fails in the moment of the cancellation and raises the failure only: the line ends all the same."""

    class Swallowing(MemoryWire):
        async def open(self) -> None:
            try:
                await asyncio.get_running_loop().create_future()
            except asyncio.CancelledError:
                raise LinkLost("broker-unreachable", "refused just now") from None

    async def scenario() -> None:
        line = ThingConnection("s-things", Swallowing, clock=Impatient(), chance=Random(1))
        task = asyncio.ensure_future(line.run())
        await eventually(lambda: line.state is LinkState.CONNECTING)
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=5)
        assert task in done
        assert task.cancelled()

    run(scenario())
