"""The clocks: virtual time moves only when told, steps are noticed, an old clock is not trusted."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from lobby.core.clock import StepWatch, SystemClock, VirtualClock, synchronised, trusted
from tests.running import run

START = datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_sleepers_wake_in_the_order_of_their_deadlines() -> None:
    """Advancing wakes each sleeper at its own moment, whatever order they asked in."""

    async def scenario() -> list[tuple[float, float]]:
        clock, woken = VirtualClock(START), []

        async def sleeper(seconds: float) -> None:
            await clock.sleep(seconds)
            woken.append((seconds, clock.mono()))

        async with asyncio.TaskGroup() as group:
            for seconds in (3.0, 1.0, 2.0):
                group.create_task(sleeper(seconds))
            await clock.advance(5)
        return woken

    assert run(scenario()) == [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]


def test_a_sleeper_that_sleeps_again_is_woken_within_one_advance() -> None:
    """A loop of sleeps runs as often as its period fits into the time advanced."""

    async def scenario() -> int:
        clock, beats = VirtualClock(START), []

        async def beat() -> None:
            while True:
                await clock.sleep(0.5)
                beats.append(clock.now())

        async with asyncio.TaskGroup() as group:
            task = group.create_task(beat())
            await clock.advance(5)
            task.cancel()
        return len(beats)

    assert run(scenario()) == 10


def test_advancing_moves_both_times_and_stepping_only_the_wall() -> None:
    """A step of the wall clock leaves durations alone."""

    async def scenario() -> tuple[datetime, float]:
        clock = VirtualClock(START)
        await clock.advance(10)
        clock.step(-3600)
        return clock.now(), clock.mono()

    assert run(scenario()) == (START + timedelta(seconds=10 - 3600), 10)


def test_a_cancelled_sleeper_is_forgotten() -> None:
    """Nothing is due after the only sleeper gave up."""

    async def scenario() -> float | None:
        clock = VirtualClock(START)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(clock.sleep(5))
            await clock.settle()
            task.cancel()
        return clock.next_due()

    assert run(scenario()) is None


def test_a_step_is_told_once_with_its_size() -> None:
    """A clock set back by an hour is a step of minus an hour, and only at the first look."""
    clock = VirtualClock(START)
    watch = StepWatch(clock)
    clock.step(-3600)
    first = watch.look()
    assert first is not None
    assert round(first.by_s) == -3600
    assert watch.look() is None


def test_small_corrections_are_no_step() -> None:
    """A time server's slow correction, two seconds or less a look, is not told."""
    clock = VirtualClock(START)
    watch = StepWatch(clock)
    clock.step(1.9)
    assert watch.look() is None


def test_a_clock_earlier_than_the_build_is_not_trusted() -> None:
    """So devices are kept as they are; an unsynchronised clock is no better, an unknown one is taken as it is."""
    assert not trusted(START, START + timedelta(seconds=1))
    assert not trusted(START, START, synchronised=False)
    assert trusted(START, START)


def test_the_system_clock_is_aware_and_never_runs_backwards() -> None:
    """UTC wall time and a monotonic counter."""
    clock = SystemClock()
    before = clock.mono()
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.mono() >= before
    assert synchronised() in {True, False, None}
