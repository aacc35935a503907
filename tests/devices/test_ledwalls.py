"""The driver of an LED wall against a controller written from the same sources by another hand, on real wires."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from devices import ledwalls
from devices.errors import BadFrame, DeviceError, LinkLost, Refused
from devices.ledwalls import LedWall, NovaStarLine
from devices.link import opener
from devices.reports import Availability, Command, Outcome
from devices.simulated.leds import BLACKOUT, BRIGHTNESS, Habit, SimulatedLed
from tests.devices.peers import BEGINNING, LoopClock, ThingNotes, plugged, serving
from tests.eventually import eventually
from tests.running import run


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin answers at once, so that silence can be noticed early."""
    monkeypatch.setattr(ledwalls, "ANSWER_WITHIN_S", 0.05)
    monkeypatch.setattr(ledwalls, "GAP_S", 0.03)
    monkeypatch.setattr(ledwalls, "SETTLE_S", 0.01)
    monkeypatch.setattr(ledwalls, "RETRY_AT_MOST_S", 0.1)


class Bench:
    """A wall, its driver and what it told."""

    def __init__(self, url: str, led: SimulatedLed, *, brightness: int | None = None) -> None:
        self.led = led
        self.notes = ThingNotes()
        wall = LedWall(thing="led", brightness_percent=brightness)
        self.line = NovaStarLine(opener(url), wall, sink=self.notes, clock=LoopClock(), chance=Random(1), poll_s=0.02)

    async def send(self, value: str) -> Outcome:
        command = Command(id="1", thing="led", value=value, expires_at=BEGINNING + timedelta(minutes=1))
        return await self.line.send(command)

    async def reached(self, availability: Availability, cause: str) -> None:
        await eventually(lambda: ("led", availability, cause) in self.notes.reached)

    async def troubled(self, cause: str) -> None:
        await eventually(lambda: ("led", cause) in self.notes.troubles)

    async def healed(self, cause: str) -> None:
        await eventually(lambda: ("led", cause) in self.notes.healed)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.line.run(), name="driver")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled(), task.exception()


@asynccontextmanager
async def on_tcp(*habits: Habit, brightness: int | None = None) -> AsyncIterator[Bench]:
    """A wall on the network that is reachable unless its habits forbid it."""
    led = SimulatedLed(name="led", habits=set(habits))
    async with serving(led.talk()) as server:
        bench = Bench(server.url, led, brightness=brightness)
        async with bench.running():
            yield bench


def test_an_order_to_show_is_told_when_it_is_on_the_wire() -> None:
    """Before the wall has answered, so that whoever shares its supply waits no longer than it has to."""

    async def scenario() -> None:
        async with on_tcp() as bench:
            await bench.reached(Availability.OK, "answers")
            told: list[tuple[str, bool]] = []
            bench.line.on_gone(lambda thing: told.append((thing, bench.led.lit)))
            await bench.send("on")
            await bench.send("off")
            assert told == [("led", False)]

    run(scenario())


def test_a_blank_wall_is_off_and_well() -> None:
    """Off on purpose: reachable, no trouble, its signal told."""

    async def scenario() -> None:
        async with on_tcp() as bench:
            await eventually(lambda: bench.notes.reports)
            assert bench.notes.reports[0].value == "off"
            assert bench.notes.reports[0].detail == {"picture": "blank", "brightness_percent": 50, "signal": "there"}
            assert bench.notes.troubles == []

    run(scenario())


def test_on_sets_the_brightness_and_shows_the_picture() -> None:
    """80 % are 204 of 255; read back it is verified."""

    async def scenario() -> None:
        async with on_tcp(brightness=80) as bench:
            await bench.reached(Availability.OK, "answers")
            assert await bench.send("on") is Outcome.VERIFIED
            assert bench.led.cards[BRIGHTNESS] == 204
            assert bench.led.lit
            assert isinstance(bench.notes.reports[-1].detail.get("lit_after_s"), float)
            assert await bench.send("on") is Outcome.VERIFIED
            assert "lit_after_s" not in bench.notes.reports[-1].detail
            assert await bench.send("off") is Outcome.VERIFIED
            assert bench.led.cards[BLACKOUT] == 0xFF

    run(scenario())


def test_it_is_the_same_on_a_serial_line(tmp_path: Path) -> None:
    """RS-232 carries the same bytes."""

    async def scenario() -> None:
        led = SimulatedLed(name="led", habits={"split"})
        async with plugged(tmp_path / "tty", led.talk()) as cable:
            bench = Bench(cable.url, led)
            async with bench.running():
                await bench.reached(Availability.OK, "answers")
                assert await bench.send("on") is Outcome.VERIFIED
                assert led.lit

    run(scenario())


def test_orders_to_all_need_no_receipt() -> None:
    """Reading back decides where the controller does not answer what goes to every card."""

    async def scenario() -> None:
        async with on_tcp("no-receipts") as bench:
            await bench.reached(Availability.OK, "answers")
            assert await bench.send("on") is Outcome.VERIFIED

    run(scenario())


@pytest.mark.parametrize(
    ("habit", "error", "cause"),
    [
        ("check-error", BadFrame, "check-error"),
        ("wrong-sum", BadFrame, "check-error"),
        ("rubbish", BadFrame, "bad-frame"),
        ("silent", LinkLost, "silent"),
        ("late", LinkLost, "silent"),
        ("card-silent", LinkLost, "card-silent"),
        ("refuses", Refused, "refused"),
        ("lies", Refused, "did-not-follow"),
    ],
)
def test_an_order_that_fails_says_why(habit: Habit, error: type[DeviceError], cause: str) -> None:
    """By class who must act; mended, the same order works."""

    async def scenario() -> None:
        async with on_tcp() as bench:
            await bench.reached(Availability.OK, "answers")
            bench.led.habits.add(habit)
            with pytest.raises(error) as caught:
                await bench.send("on")
            assert caught.value.cause == cause
            bench.led.habits.clear()
            await eventually(lambda: bench.notes.reached[-1][1] is Availability.OK)
            assert await bench.send("on") is Outcome.VERIFIED

    run(scenario())


@pytest.mark.parametrize(
    ("habit", "cause"),
    [("check-error", "check-error"), ("wrong-sum", "check-error"), ("rubbish", "bad-frame"), ("refuses", "refused")],
)
def test_a_wrong_answer_is_told_and_the_wall_held(habit: Habit, cause: str) -> None:
    """The trouble is told once, the last state is not replaced, and good answers end it."""

    async def scenario() -> None:
        async with on_tcp() as bench:
            assert await sent_when_open(bench) is Outcome.VERIFIED
            bench.led.habits.add(habit)
            await bench.troubled(cause)
            asked = bench.led.requests
            await eventually(lambda: bench.led.requests > asked + 2)  # a report that was under way is over
            said = len(bench.notes.reports)
            await eventually(lambda: bench.led.requests > asked + 5)
            assert len(bench.notes.reports) == said
            assert bench.led.lit
            bench.led.habits.clear()
            await bench.healed(cause)
            await eventually(lambda: bench.notes.values("led")[-1] == "on")
            assert bench.notes.troubles.count(("led", cause)) == 1

    run(scenario())


@pytest.mark.parametrize(("habit", "cause"), [("silent", "silent"), ("late", "silent"), ("wrong-sum", "check-error")])
def test_a_wall_without_good_answers_is_lost(habit: Habit, cause: str) -> None:
    """Late first, then lost, and back by itself."""

    async def scenario() -> None:
        async with on_tcp() as bench:
            await bench.reached(Availability.OK, "answers")
            bench.led.habits.add(habit)
            await bench.reached(Availability.LATE, cause)
            await bench.reached(Availability.LOST, cause)
            bench.led.habits.clear()
            await eventually(lambda: bench.notes.reached[-1][1] is Availability.OK)

    run(scenario())


def test_a_silent_card_behind_a_controller_that_answers_is_told_as_such() -> None:
    """The controller is reachable; the cable behind it is to be looked at."""

    async def scenario() -> None:
        async with on_tcp("card-silent") as bench:
            await bench.troubled("card-silent")
            assert bench.notes.reached[-1] == ("led", Availability.OK, "answers")
            bench.led.habits.clear()
            await bench.healed("card-silent")

    run(scenario())


def test_a_lit_wall_without_signal_is_told() -> None:
    """It says on and has nothing to show; a blank one needs no signal."""

    async def scenario() -> None:
        async with on_tcp() as bench:
            assert await sent_when_open(bench) is Outcome.VERIFIED
            await eventually(lambda: any(report.detail.get("signal") == "there" for report in bench.notes.reports))
            bench.led.habits.add("no-signal")
            await bench.troubled("no-signal")
            await bench.send("off")
            await bench.healed("no-signal")

    run(scenario())


def test_a_wall_dimmed_by_hand_is_told() -> None:
    """Its brightness is not that of the site file; nobody fights about it."""

    async def scenario() -> None:
        async with on_tcp(brightness=80) as bench:
            assert await sent_when_open(bench) is Outcome.VERIFIED
            bench.led.cards[BRIGHTNESS] = 10
            await bench.troubled("wrong-brightness")
            assert bench.led.cards[BRIGHTNESS] == 10
            await bench.send("on")
            await bench.healed("wrong-brightness")

    run(scenario())


def test_nothing_is_sent_without_a_line() -> None:
    """The cause is that of the line."""

    async def scenario() -> None:
        bench = Bench("tcp://127.0.0.1:1", SimulatedLed(name="led"))
        with pytest.raises(LinkLost, match="connecting"):
            await bench.send("on")
        async with bench.running():
            await bench.reached(Availability.LOST, "connection-refused")
            with pytest.raises(LinkLost, match="connection-refused"):
                await bench.send("on")

    run(scenario())


async def sent_when_open(bench: Bench) -> Outcome:
    """`on`, as soon as the controller answers."""
    await bench.reached(Availability.OK, "answers")
    return await bench.send("on")
