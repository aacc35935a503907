"""The opening checklist: a pure fold over what is known, planned and watched at a moment; it fills itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from lobby.core.hub import OFF_VALUES
from lobby.core.site import Desk, Surface
from lobby.day.briefing import program, today
from lobby.day.checks import bells, desk_things, lamps, screens
from lobby.day.plan import Plan
from lobby.day.readiness import ONE_DAY, Item, Reading, State, Words, listed, said
from schedules.localtime import day_start

FILLS_BEFORE = timedelta(minutes=10)
DUE_AFTER = timedelta(minutes=15)
GROUPS = ("screens", "bells", "desk", "program", "day")
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """The lines of one day at one moment. `opening` is the day's first opening, None where nothing opens.

    It fills from `fills_from` on and is wanted, signed, by `due`; both None where nothing opens.
    """

    day: date
    at: datetime
    opening: datetime | None
    summary: Words
    items: tuple[Item, ...]

    @property
    def wanting(self) -> tuple[Item, ...]:
        """What is not as it should be, or not known to be."""
        return tuple(item for item in self.items if item.wanting)

    @property
    def coming(self) -> tuple[Item, ...]:
        """What is as planned and still to come."""
        return tuple(item for item in self.items if item.state is State.TO_COME)

    @property
    def proved(self) -> int:
        """How many lines nobody has to look after: proved, or decided by somebody."""
        return sum(item.state in (State.OK, State.NOTED) for item in self.items)

    @property
    def fills_from(self) -> datetime | None:
        """When the list of the day begins to fill."""
        return self.opening - FILLS_BEFORE if self.opening else None

    @property
    def due(self) -> datetime | None:
        """When somebody should have signed it."""
        return self.opening + DUE_AFTER if self.opening else None

    @property
    def phase(self) -> str:
        """`waiting` until it fills, `filling` until the opening, then `open`."""
        if self.fills_from is None or self.opening is None or self.at >= self.opening:
            return "open"
        return "filling" if self.at >= self.fills_from else "waiting"


def checklist(reading: Reading) -> Checklist:
    """All lines, in the order in which people walk through the lobby."""
    items = (*screens(reading), *bells(reading), *desk_things(reading), *program(reading), *today(reading))
    return Checklist(
        day=reading.day,
        at=reading.at,
        opening=opening_of(reading.plan, reading.site.surfaces, reading.site.of(Desk), reading.day),
        summary=_summary(reading, items),
        items=items,
    )


def opening_of(plan: Plan, surfaces: Mapping[str, Surface], desks: Mapping[str, object], day: date) -> datetime | None:
    """When the first surface or desk of a local day opens, by the plan alone; None where nothing does."""
    start, end = day_start(plan.zone, day), day_start(plan.zone, day + ONE_DAY)
    opened = (
        after.start
        for thing in (*surfaces, *desks)
        if thing in plan.lines
        for before, after in pairwise(plan.agenda(thing, start - INSTANT, end))
        if before.value in OFF_VALUES and after.value not in OFF_VALUES
    )
    return min(opened, default=None)


def _summary(reading: Reading, items: tuple[Item, ...]) -> Words:
    """The list in one line: how many screens are lit, whether bells are watched, whether the café is open."""
    found = [lamp for surface in reading.site.surfaces for lamp in lamps(reading, surface)]
    watched = [item.state is State.OK for item in items if item.id.startswith("bell:")]
    parts = [said("sum.screens", lit=sum(lamp.on for lamp in found), all=len(found))] if found else []
    if watched:
        key = "bells" if all(watched) else "bells-some"
        parts.append(said(f"sum.{key}", watched=sum(watched), all=len(watched)))
    parts += [item.words for item in items if item.id.startswith("cafe:")]
    return listed(parts, " · ")
