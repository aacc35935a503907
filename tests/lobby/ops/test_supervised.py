"""Duties fall, are started again, and end when they are told to."""

from __future__ import annotations

import asyncio

import pytest

from lobby.core.clock import SystemClock
from lobby.core.problem import Refusal
from lobby.ops.supervised import spared, supervised
from tests.running import run


def test_a_duty_that_falls_is_started_again() -> None:
    """Whatever it raised."""
    begun = 0

    async def duty() -> None:
        nonlocal begun
        begun += 1
        if begun == 1:
            raise ValueError("a mistake")
        raise Refusal("cli.failed")

    with pytest.raises(Refusal):
        run(supervised("duty", duty, clock=SystemClock()))
    assert begun == 2


def test_a_duty_of_several_tasks_is_started_again_when_one_fails() -> None:
    """A task group that fails leaves its own cancellation behind (Python 3.11), which is no stop."""
    begun = 0

    async def breaks() -> None:
        raise ConnectionError

    async def duty() -> None:
        nonlocal begun
        begun += 1
        if begun == 2:
            raise Refusal("cli.failed")
        async with asyncio.TaskGroup() as group:
            group.create_task(breaks())

    with pytest.raises(Refusal):
        run(supervised("duty", duty, clock=SystemClock()))
    assert begun == 2


def test_a_duty_that_fails_while_it_is_cancelled_is_not_started_again() -> None:
    """Two things end at once: a broker goes away in the moment of the stop."""
    begun = 0

    async def breaks(gone: asyncio.Event) -> None:
        await gone.wait()
        raise ConnectionError

    async def body() -> None:
        gone = asyncio.Event()

        async def duty() -> None:
            nonlocal begun
            begun += 1
            async with asyncio.TaskGroup() as group:
                group.create_task(breaks(gone))

        task = asyncio.create_task(supervised("duty", duty, clock=SystemClock()))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        gone.set()
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()

    run(body(), within_s=5)
    assert begun == 1


def test_what_is_only_nice_to_have_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Samples that cannot be drawn, for whatever reason, are told and left; the bells go on."""

    async def broken() -> None:
        raise ValueError("unexpected")

    run(spared("samples", broken))
    assert "samples: left until the next start" in caplog.text
