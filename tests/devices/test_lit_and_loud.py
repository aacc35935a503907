"""A display's picture and its loudspeakers: measured from the order, told when missing, set and read back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from random import Random

import pytest

from devices import displays
from devices.displays import OnLine, SamsungLine
from devices.errors import LinkLost, Refused
from devices.reports import Command, Outcome, Reported
from devices.simulated.displays import MUTE, POWER, VOLUME, MdcTwin, SimulatedDisplay
from devices.simulated.surroundings import SURROUNDINGS, Surroundings
from devices.warming import MEASURED_AT_MOST_S
from tests.devices.memory import to_memory
from tests.devices.peers import BEGINNING, LoopClock, ThingNotes
from tests.eventually import eventually
from tests.running import run

MAIN, SOUND = "main", "sound-main"


class Mute(SimulatedDisplay):
    """A model without a mute."""

    def answer(self, command: int, data: bytes) -> tuple[bool, bytes]:
        """No such command here."""
        return (False, b"\x02") if command == MUTE else SimulatedDisplay.answer(self, command, data)


class Room:
    """One display with loudspeakers, asked without rest."""

    def __init__(self, twin: SimulatedDisplay) -> None:
        self.twin, self.notes, self.clock = twin, ThingNotes(), LoopClock()
        SURROUNDINGS.set(Surroundings(now=self.clock.now))
        self.line = SamsungLine(
            to_memory(MdcTwin([twin], switched_on=lambda _: None).talk()),
            {MAIN: OnLine(display_id=1, input="hdmi1", sound=SOUND)},
            sink=self.notes,
            clock=self.clock,
            chance=Random(1),
            poll_s=0.01,
        )

    async def send(self, thing: str, value: str) -> Outcome:
        """An order."""
        return await self.line.send(Command(id="1", thing=thing, value=value, expires_at=_late()))

    def measured(self) -> list[object]:
        """What was told of the time it took."""
        return [one.detail["lit_after_s"] for one in self.notes.reports if "lit_after_s" in one.detail]

    def last(self, thing: str) -> Reported:
        """What it said last."""
        return [one for one in self.notes.reports if one.thing == thing][-1]

    async def says(self, thing: str, value: str) -> None:
        """Wait until its last report is that."""
        await eventually(lambda: self.notes.values(thing)[-1:] == [value])


@asynccontextmanager
async def room(twin: SimulatedDisplay | None = None, *, on: bool = False) -> AsyncIterator[Room]:
    """The driver until the block ends."""
    here = Room(twin or SimulatedDisplay(name=MAIN, display_id=1))
    if on:
        here.twin.registers[POWER], here.twin.switched_on_at = 1, BEGINNING - timedelta(hours=1)
    task = asyncio.create_task(here.line.run(), name="driver")
    await here.says(MAIN, "on" if on else "off")
    try:
        yield here
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulated displays answer at once."""
    monkeypatch.setattr(displays, "SETTLE_S", 0.0)
    monkeypatch.setattr(displays, "WAKING_EVERY_S", 0.01)


def test_the_time_from_the_order_to_the_picture_is_told_once() -> None:
    """Saying on is not yet a picture: measured is when the signal stands."""

    async def scenario() -> None:
        async with room(SimulatedDisplay(name=MAIN, display_id=1, warm_up_s=8)) as here:
            assert await here.send(MAIN, "on") is Outcome.VERIFIED
            here.clock.skip(7.5)
            await eventually(lambda: here.last(MAIN).detail.get("signal") is False)
            assert here.measured() == []
            here.clock.skip(0.5)
            await eventually(here.measured)
            before = len(here.notes.reports)
            await eventually(lambda: len(here.notes.reports) > before + 4)
            (took_s,) = here.measured()
            assert 8 <= float(str(took_s)) < 9
            assert here.notes.troubles == []

    run(scenario())


def test_a_display_that_was_on_already_is_not_measured() -> None:
    """Sending on twice says nothing of a warm-up."""

    async def scenario() -> None:
        async with room(on=True) as here:
            await here.send(MAIN, "on")
            before = len(here.notes.reports)
            await eventually(lambda: len(here.notes.reports) > before + 6)
            assert here.measured() == []

    run(scenario())


def test_a_picture_that_comes_after_minutes_is_no_warm_up() -> None:
    """Somebody plugged the cable in: that must not move tomorrow's switching on."""

    async def scenario() -> None:
        async with room(SimulatedDisplay(name=MAIN, display_id=1, habits={"no-signal"})) as here:
            await here.send(MAIN, "on")
            here.clock.skip(MEASURED_AT_MOST_S + 1)
            await eventually(lambda: (MAIN, "no-signal") in here.notes.troubles)
            here.twin.habits.clear()
            await eventually(lambda: (MAIN, "no-signal") in here.notes.healed)
            assert here.measured() == []

    run(scenario())


def test_on_without_a_signal_is_trouble_once_it_should_be_warm() -> None:
    """Not while it gets warm; told afterwards, and told when the picture is back."""

    async def scenario() -> None:
        async with room(SimulatedDisplay(name=MAIN, display_id=1, habits={"no-signal"})) as here:
            await here.send(MAIN, "on")
            before = len(here.notes.reports)
            await eventually(lambda: len(here.notes.reports) > before + 6)
            assert here.notes.troubles == []
            here.clock.skip(16)
            await eventually(lambda: here.notes.troubles == [(MAIN, "no-signal")])
            assert here.last(MAIN).value == "on"
            here.twin.habits.clear()
            await eventually(lambda: here.notes.healed == [(MAIN, "no-signal")])

    run(scenario())


def test_a_display_that_is_off_misses_no_signal() -> None:
    """Off on purpose ends the trouble."""

    async def scenario() -> None:
        async with room(SimulatedDisplay(name=MAIN, display_id=1, habits={"no-signal"}), on=True) as here:
            await eventually(lambda: here.notes.troubles == [(MAIN, "no-signal")])
            assert await here.send(MAIN, "off") is Outcome.VERIFIED
            await eventually(lambda: here.notes.healed == [(MAIN, "no-signal")])

    run(scenario())


def test_a_level_is_set_and_read_back() -> None:
    """Volume first, then the mute is lifted; off is muted."""

    async def scenario() -> None:
        async with room(on=True) as here:
            assert await here.send(SOUND, "35") is Outcome.VERIFIED
            assert (here.twin.registers[VOLUME], here.twin.registers[MUTE]) == (35, 0)
            assert await here.send(SOUND, "off") is Outcome.VERIFIED
            assert here.twin.registers[MUTE] == 1
            await here.says(SOUND, "off")
            here.twin.registers[MUTE] = 0
            await here.says(SOUND, "35")

    run(scenario())


def test_a_display_without_a_mute_is_turned_down_to_nothing() -> None:
    """Volume 0 is silence too."""

    async def scenario() -> None:
        async with room(Mute(name=MAIN, display_id=1), on=True) as here:
            assert await here.send(SOUND, "20") is Outcome.VERIFIED
            assert await here.send(SOUND, "off") is Outcome.VERIFIED
            assert here.twin.registers[VOLUME] == 0

    run(scenario())


def test_a_display_that_is_off_is_silent_and_takes_no_level() -> None:
    """Off is verified without a question; a level is tried again later."""

    async def scenario() -> None:
        async with room() as here:
            await here.says(SOUND, "off")
            with pytest.raises(LinkLost, match="display-off"):
                await here.send(SOUND, "20")
            with pytest.raises(Refused, match="unknown-value"):
                await here.send(SOUND, "loud")

    run(scenario())


def test_a_display_that_refuses_to_say_its_level_is_told_and_heals() -> None:
    """Trouble of the sound, once, until it says it again."""

    async def scenario() -> None:
        async with room(on=True) as here:
            await here.says(SOUND, "10")
            here.twin.habits.add("refuses")
            await eventually(lambda: here.notes.troubles == [(MAIN, "refused"), (SOUND, "refused")])
            here.twin.habits.clear()
            await eventually(lambda: here.notes.healed == [(MAIN, "refused"), (SOUND, "refused")])

    run(scenario())


def test_a_display_that_lies_about_its_level_did_not_follow() -> None:
    """Acknowledged, but as loud as before."""

    async def scenario() -> None:
        async with room(on=True) as here:
            here.twin.habits.add("lies")
            with pytest.raises(Refused, match="did-not-follow"):
                await here.send(SOUND, "off")

    run(scenario())


def _late() -> datetime:
    return BEGINNING + timedelta(hours=1)
