"""A reconciler alone on a clock that jumps, is set and passes while it works; and what it should have seen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from lobby.core.hub import Hub
from lobby.core.journal import MEMORY, Entry, Journal
from lobby.day.modes import MODES, Modes
from lobby.day.outbox import COMMANDS, Outbox
from lobby.day.overrides import OVERRIDES, Overrides
from lobby.day.plan import Plan
from lobby.day.reconciler import CHANGED, DESIRED, Reconciler
from lobby.ops.rehearsal.clock import Habit, Happenings, RehearsalClock
from lobby.ops.rehearsal.loop import VirtualLoop
from lobby.ops.rehearsal.stage import in_virtual_time

NOTICED_WITHIN_S = 1.1
LOOKS_LATE = timedelta(milliseconds=100)
LONGEST_WORK_S = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The wall clock is set by so much after so many seconds of the steady one."""

    after_s: float
    by_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What happened: every edge with the steady time at which it was written, and what was wrong at a look."""

    edges: dict[str, list[tuple[float, str]]]
    wrong: list[str]


def run_through(
    plan: Plan, start: datetime, lasts_s: float, steps: Sequence[Step], dice: Random, pokes: Sequence[float] = ()
) -> Seen:
    """Let the reconciler run from a moment on; after each step what it wants is looked at a second later.

    At each of `pokes` something makes it look, as a report may at any time.
    """
    return in_virtual_time(_run_through(plan, start, lasts_s, steps, dice, pokes))


async def _run_through(
    plan: Plan, start: datetime, lasts_s: float, steps: Sequence[Step], dice: Random, pokes: Sequence[float]
) -> Seen:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    news = Happenings(loop.time)
    looks = dict.fromkeys(("reconciler: clock", "reconciler: everything"), Habit(news=news))
    clock = RehearsalClock(loop, start, habit_of=looks.get, takes_s=lambda: dice.uniform(0, LONGEST_WORK_S))
    async with Journal.open(MEMORY, clock=clock, projections=(OVERRIDES, MODES, COMMANDS, DESIRED)) as journal:
        hub = Hub(clock, dict.fromkeys(plan.things, "switch"))
        reconciler = Reconciler(
            journal,
            clock=clock,
            plan=lambda: plan,
            overrides=Overrides(journal, clock=clock, plan=lambda: plan),
            modes=Modes(journal, clock=clock),
            emergencies=tuple,
            hub=hub,
            outbox=Outbox(journal, clock=clock, drivers={}, jitter=dice),
        )
        running = asyncio.create_task(reconciler.run())
        for poke in pokes:
            loop.call_at(poke, reconciler.wake)
        wrong: list[str] = []
        for step in steps:
            await asyncio.sleep(step.after_s - loop.time())
            clock.step(step.by_s)
            news.tell(settles_s=NOTICED_WITHIN_S)
            await asyncio.sleep(NOTICED_WITHIN_S)
            wrong += _wrong(plan, hub, clock.now())
        await asyncio.sleep(lasts_s - loop.time())
        running.cancel()
        return Seen(edges=_edges(await journal.entries(kinds=[CHANGED], limit=100_000)), wrong=wrong)


def _wrong(plan: Plan, hub: Hub, now: datetime) -> list[str]:
    """What a second after a step is neither as it should be now nor as it was until just now."""
    moments = (now, now - LOOKS_LATE)
    return [
        f"{now} {thing} {hub.things()[thing].desired}"
        for thing in plan.things
        if hub.things()[thing].desired not in {plan.at(thing, moment).value for moment in moments}
    ]


def _edges(entries: list[Entry]) -> dict[str, list[tuple[float, str]]]:
    found: dict[str, list[tuple[float, str]]] = {}
    for entry in entries:
        if entry.payload is not None:
            found.setdefault(entry.subject, []).append((entry.mono, entry.payload["value"]))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A value that should be written at a steady time; `may` be left out where it held for less than a look."""

    at_s: float
    value: str
    may: bool


def expected(plan: Plan, thing: str, start: datetime, lasts_s: float, steps: Sequence[Step]) -> list[Expected]:
    """The thing's edges as the wall clock went: the agenda of each piece of it, one after the other."""
    found: list[Expected] = []
    wall, began_s = start, 0.0
    for step in (*steps, Step(after_s=lasts_s, by_s=0)):
        end = wall + timedelta(seconds=step.after_s - began_s)
        rows = list(plan.agenda(thing, wall, end)) if end > wall else []
        found += [_row(row.start, row.end, row.value, wall, began_s) for row in rows]
        wall, began_s = end + timedelta(seconds=step.by_s), step.after_s
    return found


def _row(since: datetime, until: datetime, value: str, wall: datetime, began_s: float) -> Expected:
    at_s = began_s + (since - wall).total_seconds()
    return Expected(at_s=at_s, value=value, may=(until - since).total_seconds() <= NOTICED_WITHIN_S)


def mistakes(want: list[Expected], seen: list[tuple[float, str]]) -> Iterator[str]:
    """Where the edges seen are not the ones expected: missed, doubled, in another order, early or late."""
    rest = list(seen)
    now: str | None = None
    for one in want:
        if one.value == now:
            continue
        if rest and rest[0][1] == one.value and -0.001 <= rest[0][0] - one.at_s <= NOTICED_WITHIN_S:
            now = rest.pop(0)[1]
        elif not one.may:
            yield f"{one} not in {rest[:2]}"
            return
    if rest:
        yield f"nobody expected {rest[0]}"
