"""A display shared with another signage player: only its input is switched, read back, and no person is fought."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest

from devices import displays
from devices.displays import BESIDE, OnLine, SamsungLine
from devices.errors import Refused
from devices.reports import Command, Outcome, Reported
from devices.simulated.displays import INPUT, PLUGS, POWER, MdcTwin, SimulatedDisplay
from devices.simulated.surroundings import SURROUNDINGS, Surroundings
from tests.devices.memory import to_memory
from tests.devices.peers import BEGINNING, LoopClock, ThingNotes
from tests.eventually import eventually
from tests.running import run

MAIN = "main"


class Watched(SimulatedDisplay):
    """A display that remembers what it was told."""

    def __init__(self, plug: str, *, on: bool) -> None:
        super().__init__(name=MAIN, display_id=1)
        self.told: list[tuple[int, int]] = []
        self.registers[INPUT], self.registers[POWER] = PLUGS[plug], int(on)
        self.switched_on_at = BEGINNING if on else None

    def answer(self, command: int, data: bytes) -> tuple[bool, bytes]:
        """And notes a set."""
        if data and command in (POWER, INPUT):
            self.told.append((command, data[0]))
        return SimulatedDisplay.answer(self, command, data)


class Shared:
    """The display with its driver: ours on hdmi1, the other player's usually on hdmi2."""

    def __init__(self, twin: Watched, beside: str) -> None:
        self.twin, self.notes, self.clock = twin, ThingNotes(), LoopClock()
        SURROUNDINGS.set(Surroundings(now=self.clock.now))
        self.line = SamsungLine(
            to_memory(MdcTwin([twin], switched_on=lambda _: None).talk()),
            {MAIN: OnLine(display_id=1, input="hdmi1", beside=beside)},
            sink=self.notes,
            clock=self.clock,
            chance=Random(1),
            poll_s=0.01,
        )

    async def send(self, value: str) -> Outcome:
        """An order."""
        return await self.line.send(Command(id="1", thing=MAIN, value=value, expires_at=BEGINNING))

    async def says(self, value: str) -> Reported:
        """Its last report, once it says that."""
        await eventually(lambda: self.notes.values(MAIN)[-1:] == [value])
        return self.notes.reports[-1]


@asynccontextmanager
async def shared(plug: str, *, on: bool = True, beside: str = "hdmi2") -> AsyncIterator[Shared]:
    """The driver until the block ends."""
    here = Shared(Watched(plug, on=on), beside)
    task = asyncio.create_task(here.line.run(), name="driver")
    try:
        await eventually(lambda: here.notes.reports)
        yield here
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulated displays answer at once."""
    monkeypatch.setattr(displays, "SETTLE_S", 0.0)
    monkeypatch.setattr(displays, "WAKING_EVERY_S", 0.01)


@pytest.mark.parametrize(
    ("plug", "on", "value"), [("hdmi1", True, "on"), ("hdmi2", True, BESIDE), ("hdmi2", False, "off")]
)
def test_it_says_whose_input_it_shows(plug: str, on: bool, value: str) -> None:
    """Power alone does not tell."""

    async def scenario() -> None:
        async with shared(plug, on=on) as here:
            await here.says(value)

    run(scenario())


@pytest.mark.parametrize(("plug", "value", "wanted"), [("hdmi2", "on", "hdmi1"), ("hdmi1", BESIDE, "hdmi2")])
def test_only_the_input_is_switched_and_read_back(plug: str, value: str, wanted: str) -> None:
    """To ours and back to the other player's; the power is left as it is."""

    async def scenario() -> None:
        async with shared(plug) as here:
            assert await here.send(value) is Outcome.VERIFIED
            assert here.twin.told == [(INPUT, PLUGS[wanted])]
            assert (await here.says(value)).detail["input"] == wanted

    run(scenario())


@pytest.mark.parametrize("inside", ["magicinfo", "magicinfo-s", "url-launcher", "hdmi3", "hdbaset"])
def test_the_other_player_may_be_one_inside_the_display(inside: str) -> None:
    """MagicINFO's own player, for one: given back by its input, taken by ours."""

    async def scenario() -> None:
        async with shared("hdmi1", beside=inside) as here:
            assert await here.send(BESIDE) is Outcome.VERIFIED
            assert (await here.says(BESIDE)).detail["input"] == inside
            assert await here.send("on") is Outcome.VERIFIED
            assert here.twin.told == [(INPUT, PLUGS[inside]), (INPUT, PLUGS["hdmi1"])]

    run(scenario())


def test_from_off_it_goes_on_and_to_the_input() -> None:
    """In this order; a second order changes nothing."""

    async def scenario() -> None:
        async with shared("hdmi2", on=False) as here:
            assert await here.send("on") is Outcome.VERIFIED
            assert await here.send("on") is Outcome.VERIFIED
            assert here.twin.told == [(POWER, 1), (INPUT, PLUGS["hdmi1"])]
            await here.says("on")

    run(scenario())


def test_the_other_player_gets_a_dark_display_too() -> None:
    """Its hours begin before ours: power, and its input stands already."""

    async def scenario() -> None:
        async with shared("hdmi2", on=False) as here:
            assert await here.send(BESIDE) is Outcome.VERIFIED
            assert here.twin.told == [(POWER, 1)]
            await here.says(BESIDE)

    run(scenario())


def test_an_input_that_a_person_chose_is_left_and_told() -> None:
    """Neither ours nor the other's: it counts as lent, and giving back changes nothing."""

    async def scenario() -> None:
        async with shared("dp1") as here:
            await here.says(BESIDE)
            assert await here.send(BESIDE) is Outcome.VERIFIED
            assert here.twin.told == []
            assert (MAIN, "wrong-input") in here.notes.troubles

    run(scenario())


def test_the_other_players_silence_is_not_our_trouble() -> None:
    """No signal on its input is told to nobody; on ours it is."""

    async def scenario() -> None:
        async with shared("hdmi2") as here:
            here.twin.habits.add("no-signal")
            before = len(here.notes.reports)
            await eventually(lambda: len(here.notes.reports) > before + 4)
            assert here.notes.troubles == []
            here.twin.choose("hdmi1")
            await eventually(lambda: (MAIN, "no-signal") in here.notes.troubles)

    run(scenario())


def test_a_display_that_does_not_change_its_input_did_not_follow() -> None:
    """It acknowledges and stays: that is a failure, not a success."""

    async def scenario() -> None:
        async with shared("hdmi2") as here:
            here.twin.habits.add("lies")
            with pytest.raises(Refused) as refused:
                await here.send("on")
            assert (refused.value.cause, refused.value.detail) == ("did-not-follow", "asked for hdmi1, says hdmi2")

    run(scenario())


@pytest.mark.parametrize("habit", ["split", "doubled"])
def test_bad_habits_of_the_line_change_nothing(habit: str) -> None:
    """Bytes one by one, and every answer twice."""

    async def scenario() -> None:
        async with shared("hdmi2") as here:
            here.twin.habits.add(habit)  # type: ignore[arg-type] # one of the words for habits
            assert await here.send("on") is Outcome.VERIFIED
            await here.says("on")

    run(scenario())


def test_a_display_of_our_own_is_never_lent() -> None:
    """Without another player there is no such value."""

    async def scenario() -> None:
        twin = Watched("hdmi1", on=True)
        line = SamsungLine(
            to_memory(MdcTwin([twin], switched_on=lambda _: None).talk()),
            {MAIN: OnLine(display_id=1, input="hdmi1")},
            sink=ThingNotes(),
            clock=LoopClock(),
            chance=Random(1),
        )
        with pytest.raises(Refused):
            await line.send(Command(id="1", thing=MAIN, value=BESIDE, expires_at=BEGINNING))

    run(scenario())
