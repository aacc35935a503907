"""`python -m tests.campaign.rehearsals`: what the suite does a share of, whole.

A thousand random plans, a thousand runs with steps of the clock, every transition of every zone of 2020 to 2040, a year
with faults, and a day of which no exchange is left out. Prints a table; 1 as soon as a promise is broken.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from datetime import date

from lobby.core.sitefile import read
from lobby.ops.rehearsal.play import Outcome, Rehearsal, rehearsed
from tests.lobby.ops.rehearsal.scenes import SITES, seoul_hall
from tests.lobby.ops.rehearsal.test_clock_steps import missed
from tests.lobby.ops.rehearsal.test_preview import differing
from tests.schedules.test_all_zones import read_obviously
from tests.schedules.transitions import every_transition

RUNS = 1000
FIRST = date(2026, 1, 1)


def main() -> int:
    """Do all of it."""
    rows = []
    for name, work in PARTS.items():
        began = time.perf_counter()
        wrong = list(work())
        rows.append((name, len(wrong), f"{time.perf_counter() - began:.0f} s"))
        for told in wrong:
            print(f"{name}: {told}", file=sys.stderr)
    print("| what | wrong | took |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    return int(any(count for _, count, _ in rows))


def plans() -> Iterator[str]:
    """Preview equals execution."""
    return (told for seed in range(RUNS) if (told := differing(seed)))


def steps() -> Iterator[str]:
    """No boundary missed or doubled."""
    return (told for seed in range(RUNS) for told in missed(seed))


def zones() -> Iterator[str]:
    """Every transition, read obviously."""
    return (f"{zone} {moment}" for zone, moment in every_transition() if read_obviously(zone, moment))


def year_with_faults() -> Iterator[str]:
    """Whatever is thrown in is put right."""
    yield from _ill(Rehearsal(site=read(SITES / "seoul-city-hall.toml"), first=FIRST, days=365, faults=True))


def day_on_the_wire() -> Iterator[str]:
    """Every byte of a day, and the same journal as without those that are left out."""
    wire, fast = (Rehearsal(site=seoul_hall(), first=FIRST, days=1, wire=way) for way in (True, False))
    yield from _ill(wire)
    if sorted(_facts(rehearsed(wire))) != sorted(_facts(rehearsed(fast))):
        yield "another journal"


def _ill(rehearsal: Rehearsal) -> Iterator[str]:
    outcome = rehearsed(rehearsal)
    if not outcome.well:
        yield f"{outcome.different} {outcome.unsettled} {outcome.open}"


def _facts(outcome: Outcome) -> Iterator[tuple[str, str, str]]:
    for entry in outcome.entries:
        said = {key: value for key, value in (entry.payload or {}).items() if key not in ("id", "expires_at")}
        yield entry.kind, entry.subject, repr(sorted(said.items()))


PARTS: dict[str, Callable[[], Iterator[str]]] = {
    f"{RUNS} random plans": plans,
    f"{RUNS} runs with steps of the clock": steps,
    "transitions of all zones 2020 to 2040": zones,
    "a year with faults": year_with_faults,
    "a day on the wire": day_on_the_wire,
}

if __name__ == "__main__":
    sys.exit(main())
