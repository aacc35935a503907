"""A whole rehearsal: the stage, its faults and people, and what came of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lobby.core.journal import Entry
from lobby.core.site import Site
from lobby.ops.rehearsal import execution
from lobby.ops.rehearsal.faults import CLOCK, Guards, befall, thrown
from lobby.ops.rehearsal.stage import Stage, in_virtual_time, staged
from schedules.localtime import day_start

PAGE = 1000
SETTLED_AFTER_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What to rehearse: days from a local date on."""

    site: Site
    first: date
    days: int
    seed: int = 1
    faults: bool = False
    wire: bool = False

    @property
    def to(self) -> date:
        """The day after the last."""
        return self.first + timedelta(days=self.days)

    def midnight(self, day: date) -> datetime:
        """When a day begins at the site."""
        return day_start(ZoneInfo(self.site.site.time_zone), day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it. `different`: where the plan and the journal say otherwise, None where that was not asked.

    `unsettled`: things that are not as they should be at the end; `open`: incidents that nobody closed.
    """

    entries: tuple[Entry, ...]
    faults: Mapping[str, int]
    stretches: int
    different: tuple[tuple[execution.Edge | None, execution.Edge | None], ...] | None
    unsettled: tuple[str, ...]
    open: int
    whole: bool

    @property
    def well(self) -> bool:
        """Whether everything was as it must be."""
        return self.whole and not (self.different or self.unsettled or self.open)


def rehearsed(rehearsal: Rehearsal, advance: Callable[[], None] = lambda: None) -> Outcome:
    """Play it; `advance` is called after each day."""
    return in_virtual_time(_play(rehearsal, advance))


async def _play(rehearsal: Rehearsal, advance: Callable[[], None]) -> Outcome:
    start, end = rehearsal.midnight(rehearsal.first), rehearsal.midnight(rehearsal.to)
    async with staged(rehearsal.site, start=start, seed=rehearsal.seed, wire=rehearsal.wire) as stage:
        total_s = (end - start).total_seconds()
        faults = thrown(stage, rehearsal.seed, total_s) if rehearsal.faults else ()
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(befall(stage, faults), name="faults"),
                group.create_task(Guards(stage, rehearsal.seed).run(), name="guards"),
            ]
            for day in range(rehearsal.days):
                midnight = rehearsal.midnight(rehearsal.first + timedelta(days=day + 1))
                await asyncio.sleep((midnight - start).total_seconds() - stage.loop.time())
                stage.stir()
                stage.planned(midnight)
                advance()
            outcome = await _outcome(stage, rehearsal, Counter(fault.kind for fault in faults))
            for task in tasks:
                task.cancel()
    return outcome


async def _outcome(stage: Stage, rehearsal: Rehearsal, faults: Counter[str]) -> Outcome:
    end = rehearsal.midnight(rehearsal.to)
    entries = tuple(entry for entry in await _entries(stage) if faults[CLOCK] or entry.at < end)
    plan = execution.planned(stage.plans, rehearsal.first, rehearsal.to)
    driven = {thing for bell in stage.site.bells().values() for thing in (*bell.effects.sirens, *bell.effects.lights)}
    asked = {thing: edges for thing, edges in plan.items() if not faults or thing not in driven}
    done = {thing: edges for thing, edges in execution.executed(entries).items() if thing in asked}
    return Outcome(
        entries=entries,
        faults=dict(sorted(faults.items())),
        stretches=sum(len(edges) for edges in asked.values()),
        different=None if faults[CLOCK] else tuple(execution.differences(asked, done)),
        unsettled=_unsettled(stage),
        open=sum(incident.open for incident in stage.lobby.incidents.open()),
        whole=(await stage.lobby.journal.verify()).ok,
    )


async def _entries(stage: Stage) -> tuple[Entry, ...]:
    found: list[Entry] = []
    while page := await stage.lobby.journal.entries(after=found[-1].seq if found else 0, limit=PAGE):
        found += page
    return tuple(found)


def _unsettled(stage: Stage) -> tuple[str, ...]:
    """Whatever is commanded and has not followed, unless it should have changed just now."""
    recent = stage.clock.now() - timedelta(seconds=SETTLED_AFTER_S)
    return tuple(
        name
        for name, state in stage.lobby.hub.things().items()
        if state.kind in ("display", "switch") and state.reported != state.desired and state.since < recent
    )
