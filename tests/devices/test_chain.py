"""Seven displays on one serial line at 9600 baud: found in order, and none hides or slows another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest

from devices import displays
from devices.displays import OnLine, SamsungLine
from devices.reports import Availability, Command, Outcome, Reported
from devices.simulated.displays import POWER, Habit, MdcTwin, SimulatedDisplay
from tests.devices.memory import to_memory
from tests.devices.peers import BEGINNING, LoopClock, ThingNotes
from tests.eventually import eventually
from tests.running import run

SEVEN = tuple(f"wall-{number}" for number in range(1, 8))


class Wall:
    """The driver on its line and the displays at the other end."""

    def __init__(self, *, gap_s: float = 0.0, turnaround_s: float = 0.003) -> None:
        self.twins = {name: SimulatedDisplay(name=name, display_id=at) for at, name in enumerate(SEVEN, 1)}
        self.switched: list[float] = []
        self.notes, self.clock = Timed(), LoopClock()
        twin = MdcTwin([*self.twins.values()], switched_on=lambda _: self.switched.append(self.clock.mono()))
        self.line = SamsungLine(
            to_memory(twin.talk(), baud=9600, turnaround_s=turnaround_s),
            {name: OnLine(display_id=at, input="hdmi1") for at, name in enumerate(SEVEN, 1)},
            sink=self.notes,
            clock=self.clock,
            chance=Random(1),
            poll_s=0.0,
            gap_s=gap_s,
        )

    def lit(self) -> None:
        """All have been on for long."""
        for twin in self.twins.values():
            twin.registers[POWER], twin.switched_on_at = 1, BEGINNING

    async def rounds(self, first: int, last: int) -> list[float]:
        """How long these rounds took, by the first display's reports."""
        await eventually(lambda: len(self.notes.at["wall-1"]) > last, within_s=20)
        return [after - before for before, after in pairwise(self.notes.at["wall-1"][first : last + 1])]


class Timed(ThingNotes):
    """Notes with the moment of every report."""

    def __init__(self) -> None:
        super().__init__()
        self.at: dict[str, list[float]] = {name: [] for name in SEVEN}

    def reported(self, report: Reported) -> None:
        """Also when."""
        super().reported(report)
        self.at[report.thing].append(asyncio.get_running_loop().time())


@asynccontextmanager
async def running(wall: Wall) -> AsyncIterator[Wall]:
    """The driver until the block ends."""
    task = asyncio.create_task(wall.line.run(), name="driver")
    try:
        yield wall
    finally:
        task.cancel()
        await asyncio.wait([task])


def test_the_seven_are_found_in_order() -> None:
    """One after the other, as they stand in the site file."""

    async def scenario() -> None:
        async with running(Wall()) as wall:
            await eventually(lambda: len(wall.notes.reached) >= len(SEVEN))
            assert [(thing, word) for thing, word, _ in wall.notes.reached] == [
                (name, Availability.OK) for name in SEVEN
            ]

    run(scenario())


@pytest.mark.slow
def test_a_round_of_seven_lit_displays_takes_less_than_two_seconds() -> None:
    """Power, plug and faults of all, at 9600 baud with 30 ms for each answer to begin."""

    async def scenario() -> None:
        wall = Wall(turnaround_s=0.03)
        wall.lit()
        async with running(wall):
            assert max(await wall.rounds(0, 1)) < 2.0

    run(scenario())


@pytest.mark.slow
@pytest.mark.parametrize("habit", ["silent", "rubbish", "wrong-sum", "cut-short"])
def test_a_display_that_answers_badly_neither_hides_nor_slows_the_others(
    habit: Habit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its neighbours are never late and without trouble; once it is lost a round takes a moment longer, no more."""
    monkeypatch.setattr(displays, "ANSWER_WITHIN_S", 0.2)
    monkeypatch.setattr(displays, "BRIEFLY_S", 0.1)
    monkeypatch.setattr(displays, "GAP_S", 0.05)

    async def scenario() -> None:
        wall = Wall()
        async with running(wall):
            healthy = max(await wall.rounds(0, 2))
            wall.twins["wall-4"].habits.add(habit)
            await eventually(lambda: any(word is Availability.LOST for _, word, _ in wall.notes.reached))
            start = len(wall.notes.at["wall-1"])
            assert min(await wall.rounds(start, start + 2)) < healthy + 0.15
        others = [row for row in wall.notes.reached if row[0] != "wall-4"]
        assert {word for _, word, _ in others} == {Availability.OK}
        assert {thing for thing, _ in wall.notes.troubles} <= {"wall-4"}

    run(scenario())


@pytest.mark.slow
@pytest.mark.alone
def test_orders_to_switch_on_keep_their_distance_on_the_wire() -> None:
    """Seven at once, whoever sent them: on the line none is closer to another than the gap."""

    async def scenario() -> None:
        async with running(Wall(gap_s=0.1)) as wall:
            await eventually(lambda: len(wall.notes.reached) >= len(SEVEN))
            until = BEGINNING + timedelta(minutes=1)
            orders = [Command(id=name, thing=name, value="on", expires_at=until) for name in SEVEN]
            outcomes = await asyncio.gather(*(wall.line.send(order) for order in orders))
            assert set(outcomes) == {Outcome.VERIFIED}
            gaps = [after - before for before, after in pairwise(wall.switched)]
            assert len(gaps) == len(SEVEN) - 1
            assert min(gaps) >= 0.1

    run(scenario())
