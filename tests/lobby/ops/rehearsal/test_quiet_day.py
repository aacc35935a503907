"""Nothing ticks in a rehearsal while nothing happens: a duty that does must say what it looks at (`stage.LOOKS`)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextvars import Context
from datetime import UTC, datetime
from typing import Any

import pytest

from lobby.ops.rehearsal.loop import VirtualLoop
from lobby.ops.rehearsal.stage import in_virtual_time, staged
from tests.lobby.ops.rehearsal.scenes import seoul_hall

MIDNIGHT = datetime(2026, 11, 24, 15, tzinfo=UTC)
SETTLED_S, DAWN_S = 600.0, 7 * 3600.0
MOST_PAUSES = 60


def test_a_quiet_night_is_jumped_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """From ten past midnight until seven nobody sets a timer more often than a few times an hour."""
    pauses: Counter[str] = Counter()
    set_timer = VirtualLoop.call_at

    def noted(
        self: VirtualLoop, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        task = asyncio.current_task()
        if SETTLED_S < self.time() < DAWN_S and task is not None:
            pauses[task.get_name()] += 1
        return set_timer(self, when, callback, *args, context=context)

    async def play() -> None:
        async with staged(seoul_hall(), start=MIDNIGHT, seed=1):
            await asyncio.sleep(DAWN_S)

    monkeypatch.setattr(VirtualLoop, "call_at", noted)
    in_virtual_time(play())
    assert {name: count for name, count in pauses.items() if count > MOST_PAUSES} == {}
