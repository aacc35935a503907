"""Preview equals execution: what `lobby plan` said at each time, held against what the journal says happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lobby.core.journal import Entry
from lobby.day.plan import Plan
from lobby.day.printed import plan_rows
from lobby.day.reconciler import CHANGED

TOLERANCE = timedelta(milliseconds=50)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A thing gets a value by a rule."""

    thing: str
    value: str
    rule: str
    at: datetime

    def same(self, other: Edge) -> bool:
        """Equal, at the same time but for the moment that a look takes; never early."""
        late = other.at - self.at
        return (self.value, self.rule) == (other.value, other.rule) and timedelta(0) <= late <= TOLERANCE


def planned(plans: Sequence[tuple[datetime, Plan]], first: date, to: date) -> dict[str, list[Edge]]:
    """The edges of each thing by the plan that was printed last before each; a plan holds until the next one."""
    found: dict[str, list[Edge]] = {}
    ends = [moment for moment, _ in plans[1:]]
    for (start, plan), end in zip(plans, [*ends, None], strict=True):
        for edge in _edges(plan, first, to, start, end):
            rows = found.setdefault(edge.thing, [])
            if not rows or rows[-1].value != edge.value:
                rows.append(edge)
    return found


def executed(entries: Iterable[Entry]) -> dict[str, list[Edge]]:
    """The edges of each thing by the journal."""
    found: dict[str, list[Edge]] = {}
    for entry in entries:
        if entry.kind == CHANGED and entry.payload is not None:
            edge = Edge(thing=entry.subject, value=entry.payload["value"], rule=entry.payload["rule"], at=entry.at)
            found.setdefault(entry.subject, []).append(edge)
    return found


def differences(plan: dict[str, list[Edge]], journal: dict[str, list[Edge]]) -> list[tuple[Edge | None, Edge | None]]:
    """The first pair of each thing where plan and journal differ; None where one has no more."""
    out: list[tuple[Edge | None, Edge | None]] = []
    for thing in dict.fromkeys((*plan, *journal)):
        said, done = plan.get(thing, []), journal.get(thing, [])
        longest = max(len(said), len(done))
        pairs = zip(_filled(said, longest), _filled(done, longest), strict=True)
        out += [pair for pair in pairs if not _agree(*pair)][:1]
    return out


def _agree(said: Edge | None, done: Edge | None) -> bool:
    return said is not None and done is not None and said.same(done)


def _filled(edges: list[Edge], count: int) -> list[Edge | None]:
    return [*edges, *([None] * (count - len(edges)))]


def _edges(plan: Plan, first: date, to: date, start: datetime, end: datetime | None) -> Iterator[Edge]:
    """The rows of `lobby plan` that touch a time, clipped to it."""
    begin = max(first, start.astimezone(plan.zone).date() - DAY)
    for row in plan_rows(plan, begin, to if end is None else min(to, end.astimezone(plan.zone).date() + DAY)):
        since, until = (datetime.fromisoformat(row[key]) for key in ("from", "until"))
        if until > start and (end is None or since < end):
            yield Edge(thing=row["thing"], value=row["value"], rule=row["rule"], at=max(since, start))
