"""What is computed without any device: what should be now, and a year ahead."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from statistics import median

from lobby.core.site import Site
from lobby.core.sitefile import read
from lobby.day.plan import Plan
from lobby.day.resolve import resolve
from tests.bench.rows import Row
from tests.scenarios.house import SITES

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
THINGS = 40
RESOLVE_BAR_US = 50
PLAN_BAR_MS = 300


def measured(turns: int) -> list[Row]:
    """`resolve` at moments of one day, and a year's agenda of 40 things from the site file on."""
    site = read(SITES / "seoul-city-hall.toml")
    return [
        Row(
            name="resolve of the whole site, median", value=_resolve_us(site), unit="us", limit=None, bar=RESOLVE_BAR_US
        ),
        Row(name="a year's plan of 40 things", value=_year_ms(site, turns), unit="ms", limit=None, bar=PLAN_BAR_MS),
    ]


def _resolve_us(site: Site) -> float:
    plan, took = Plan.from_site(site), []
    for second in range(0, 86_400, 17):
        moment = BEGIN + timedelta(seconds=second)
        began = time.perf_counter()
        resolve(plan, (), (), moment)
        took.append(1e6 * (time.perf_counter() - began))
    return median(took)


def _year_ms(site: Site, turns: int) -> float:
    """The site's own things, over again until there are 40; each turn compiles the plan anew."""
    took, rows = [], 0
    for _ in range(turns):
        began = time.perf_counter()
        plan = Plan.from_site(site)
        names = [plan.things[number % len(plan.things)] for number in range(THINGS)]
        rows = sum(1 for name in names for _ in plan.agenda(name, BEGIN, BEGIN + YEAR))
        took.append(1e3 * (time.perf_counter() - began))
    assert rows > THINGS
    return median(took)
