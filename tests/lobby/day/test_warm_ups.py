"""Measured warm-ups in the journal, and the turns of a supply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random

from devices.reports import Command, Outcome, Reported
from lobby.core.clock import VirtualClock
from lobby.core.journal import MEMORY, Fact, Journal
from lobby.day.inrush import Inrush, inrush_of
from lobby.day.outbox import COMMANDS, Outbox
from lobby.day.warmups import KEPT, LIT, WARM_UPS, WarmUps
from tests.lobby.day.place import SEOUL, hall, seoul
from tests.running import run

EIGHT = seoul("2026-11-24 08:00")
TOMORROW = seoul("2026-11-25 00:00")


class Noting:
    """A driver that notes when it was told what."""

    things = ("a", "b", "c")

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.sent: list[tuple[float, str, str]] = []

    async def run(self) -> None:
        """Nothing to keep."""

    async def send(self, command: Command) -> Outcome:
        """Note it."""
        self.sent.append((self._clock.mono(), command.thing, command.value))
        return Outcome.VERIFIED


def test_what_displays_tell_is_journalled_and_counts_from_the_next_day() -> None:
    """A report with the seconds becomes a fact; others do not; today's fact is tomorrow's lead."""

    async def play() -> None:
        clock = VirtualClock(EIGHT)
        async with Journal.open(MEMORY, clock=clock, projections=(WARM_UPS,)) as journal:
            warm_ups = WarmUps(journal, clock=clock, zone=SEOUL)
            writing = asyncio.ensure_future(warm_ups.run())
            warm_ups.heard(Reported(thing="wall-display-1", value="on", detail={"lit_after_s": 8.25}))
            warm_ups.heard(Reported(thing="wall-display-1", value="on", detail={"signal": True}))
            await clock.settle()
            writing.cancel()
            assert [entry.subject for entry in await journal.entries(kinds=[LIT])] == ["wall-display-1"]
            assert warm_ups.longest(TOMORROW) == {"wall-display-1": 8.25}
            assert warm_ups.longest(EIGHT) == {}

    run(play())


def test_the_longest_of_the_last_ten_counts_also_after_a_restart() -> None:
    """An outlier is forgotten after ten mornings."""

    async def play() -> None:
        clock = VirtualClock(EIGHT)
        async with Journal.open(MEMORY, clock=clock, projections=(WARM_UPS,)) as journal:
            warm_ups = WarmUps(journal, clock=clock, zone=SEOUL)
            for after_s in (40.0, *range(1, KEPT)):
                await journal.record(Fact(kind=LIT, subject="d", payload={"after_s": float(after_s)}))
            assert warm_ups.longest(TOMORROW) == {"d": 40.0}
            for after_s in (5.0, *(6.0 for _ in range(3 * KEPT))):
                await journal.record(Fact(kind=LIT, subject="d", payload={"after_s": after_s}))
            again = WarmUps(journal, clock=clock, zone=SEOUL)
            await again.load()
            assert again.longest(TOMORROW) == warm_ups.longest(TOMORROW) == {"d": 6.0}

    run(play())


def test_the_gap_counts_from_when_an_order_is_on_the_wire() -> None:
    """The next waits for that, however long it takes; nobody waits long after the last one, nor for who gave up."""
    supply = Inrush(gap_s=1.5)
    first, second, third = (supply.line_up() for _ in range(3))
    assert [turn.first.is_set() for turn in (first, second, third)] == [True, False, False]
    supply.gone(first, 12.0)
    assert (second.first.is_set(), supply.rest_s(12.5), supply.rest_s(100.0)) == (True, 1.0, 0.0)
    supply.leave(second)
    assert (third.first.is_set(), supply.rest_s(12.5)) == (True, 1.0)


def test_every_display_of_a_supply_has_the_same_turns() -> None:
    """One supply where nobody names another."""
    assert list(inrush_of(hall())) == ["wall-display-1"]


def test_the_outbox_spaces_switching_on_and_nothing_else() -> None:
    """Three on at once: a gap apart, each in its time although the last waits long; three off at once: at once."""

    async def play() -> None:
        clock = VirtualClock(EIGHT)
        async with Journal.open(MEMORY, clock=clock, projections=(COMMANDS,)) as journal:
            driver, supply = Noting(clock), Inrush(gap_s=20)
            outbox = Outbox(
                journal,
                clock=clock,
                drivers=dict.fromkeys(driver.things, driver),
                jitter=Random(1),
                inrush=dict.fromkeys(driver.things, supply),
            )
            running = asyncio.ensure_future(outbox.run())
            await outbox.put(*(outbox.command(thing, "on") for thing in driver.things))
            await clock.advance(60)
            await outbox.put(*(outbox.command(thing, "off") for thing in driver.things))
            await clock.advance(0)
            running.cancel()
            assert driver.sent[:3] == [(0.0, "a", "on"), (20.0, "b", "on"), (40.0, "c", "on")]
            assert driver.sent[3:] == [(60.0, thing, "off") for thing in driver.things]

    run(play())


class Slow(Noting):
    """A driver on a machine that hardly runs: its order goes out some time after it was told."""

    def on_gone(self, heard: Callable[[str], None]) -> None:
        """Whom to tell when it is out."""
        self._heard = heard

    async def send(self, command: Command) -> Outcome:
        """Note when it is out; the proof takes longer."""
        await self._clock.sleep({"a": 7.0}.get(command.thing, 0.0))
        await super().send(command)
        self._heard(command.thing)
        await self._clock.sleep(15)
        return Outcome.VERIFIED


def test_an_order_that_leaves_late_moves_the_next_ones() -> None:
    """A gap lies between what goes out, not between what was meant to; nobody waits for a proof."""

    async def play() -> None:
        clock = VirtualClock(EIGHT)
        async with Journal.open(MEMORY, clock=clock, projections=(COMMANDS,)) as journal:
            driver, supply = Slow(clock), Inrush(gap_s=10)
            outbox = Outbox(
                journal,
                clock=clock,
                drivers=dict.fromkeys(driver.things, driver),
                jitter=Random(1),
                inrush=dict.fromkeys(driver.things, supply),
            )
            running = asyncio.ensure_future(outbox.run())
            await outbox.put(*(outbox.command(thing, "on") for thing in driver.things))
            await clock.advance(60)
            running.cancel()
            assert [at for at, _, _ in driver.sent] == [7.0, 17.0, 27.0]

    run(play())


def test_who_is_told_to_stay_off_while_it_waits_for_its_turn_is_not_switched_on() -> None:
    """The newer order counts, and goes out at once."""

    async def play() -> None:
        clock = VirtualClock(EIGHT)
        async with Journal.open(MEMORY, clock=clock, projections=(COMMANDS,)) as journal:
            driver, supply = Noting(clock), Inrush(gap_s=20)
            outbox = Outbox(
                journal,
                clock=clock,
                drivers=dict.fromkeys(driver.things, driver),
                jitter=Random(1),
                inrush=dict.fromkeys(driver.things, supply),
            )
            running = asyncio.ensure_future(outbox.run())
            await outbox.put(outbox.command("a", "on"), outbox.command("b", "on"))
            await clock.advance(5)
            await outbox.put(outbox.command("b", "off"))
            await clock.advance(60)
            running.cancel()
            assert driver.sent == [(0.0, "a", "on"), (5.0, "b", "off")]

    run(play())
