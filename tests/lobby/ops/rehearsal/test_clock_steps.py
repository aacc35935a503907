"""The clock is set by a second up to a day while the lobby runs: no boundary is missed, none is doubled."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from random import Random

import pytest

from lobby.day.plan import Plan
from tests.lobby.ops.rehearsal.clocks import Step, expected, mistakes, run_through
from tests.lobby.ops.rehearsal.randomsites import random_site

RUNS = 120
LASTS_S = 2 * 86_400.0
SIZES_S = (1.0, 2.5, 60.0, 3600.0, 86_400.0)
APART_S = 10.0
SOON_S = 0.05


def steps_near_edges(plan: Plan, start: datetime, dice: Random) -> list[Step]:
    """Up to four steps, every other one within seconds of a boundary, either way."""
    edges = [
        row.start for thing in plan.things for row in plan.agenda(thing, start, start + timedelta(seconds=LASTS_S))
    ]
    found: list[Step] = []
    for _ in range(dice.randint(1, 4)):
        near = (dice.choice(edges) - start).total_seconds() + dice.uniform(-3, 3)
        after_s = near if dice.random() < 0.5 else dice.uniform(0, LASTS_S)
        size_s = dice.choice((-1, 1)) * dice.choice(SIZES_S) * dice.uniform(0.5, 1)
        if 1 < after_s < LASTS_S - APART_S and all(abs(after_s - one.after_s) > APART_S for one in found):
            found.append(Step(after_s=after_s, by_s=size_s))
    return sorted(found, key=lambda step: step.after_s)


def missed(seed: int) -> list[str]:
    """What goes wrong in one run; empty when nothing does."""
    dice = Random(seed)
    site, day = random_site(dice)
    plan, start = (
        Plan.from_site(site),
        datetime.combine(day, time(dice.randint(0, 23), dice.randint(0, 59)), tzinfo=UTC),
    )
    steps = steps_near_edges(plan, start, dice)
    wanted = {thing: expected(plan, thing, start, LASTS_S, steps) for thing in plan.things}
    edges = sorted({one.at_s for rows in wanted.values() for one in rows})
    seen = run_through(plan, start, LASTS_S, steps, dice, [max(0.0, at_s - dice.uniform(0, SOON_S)) for at_s in edges])
    found = list(seen.wrong)
    for thing, rows in wanted.items():
        found += [f"{thing}: {told}" for told in mistakes(rows, seen.edges.get(thing, []))]
    return [f"seed {seed} {steps}: {told}" for told in found]


@pytest.mark.slow
def test_steps_of_the_clock_miss_and_double_nothing() -> None:
    """Random sites and zones, steps across boundaries, looks right before them, and work that takes its time."""
    assert [told for seed in range(RUNS) for told in missed(seed)] == []
