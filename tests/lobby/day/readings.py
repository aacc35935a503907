"""Readings of the test hall for the opening checklist: everything well, or one thing otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from lobby.core.hub import ThingState
from lobby.day.checklist import Checklist, checklist
from lobby.day.plan import Plan
from lobby.day.readiness import Item, Reading, State
from tests.lobby.day.place import hall, plan, seoul

SITE, TABLE = hall(), plan()
OPEN_TUESDAY = seoul("2026-11-24 09:05")
UNWIRED = ("desk", "room")


def thing(name: str, at: datetime, table: Plan = TABLE, **changes: Any) -> ThingState:
    """A thing that answers and is as the plan wants it."""
    kind = "surface" if name in SITE.surfaces else SITE.things[name].kind
    wanted = table.at(name, at).value if name in table.things else None
    known = ThingState(
        thing=name,
        kind=kind,
        desired=wanted,
        reported=wanted,
        reported_at=at - timedelta(seconds=3),
        availability="none" if kind in UNWIRED else "ok",
        since=at,
    )
    return replace(known, **changes)


def reading(at: datetime = OPEN_TUESDAY, table: Plan = TABLE, **changes: Any) -> Reading:
    """Everything well at a moment."""
    names = [*SITE.surfaces, *(name for name, model in SITE.things.items() if model.kind != "bell")]
    heard = (at - timedelta(seconds=20)).isoformat()
    well = Reading(
        site=SITE,
        at=at,
        plan=table,
        things={name: thing(name, at, table) for name in names},
        right={panel.id: True for surface in SITE.surfaces.values() for panel in surface.panels},
        cafes={"robot-cafe": "open"},
        bells={"bell-desk": {"state": "ok", "flags": [], "heard_at": heard}},
        path_works=True,
        path_proved_at=at,
        free_bytes=50_000_000_000,
        free_at=at,
        clock_trusted=True,
        on_duty=("김하늘",),
    )
    return replace(well, **changes)


def but(known: Reading, name: str, **changes: Any) -> Reading:
    """The same with one thing otherwise."""
    return replace(known, things={**known.things, name: replace(known.things[name], **changes)})


def line(found: Checklist, id_: str) -> Item:
    """One line."""
    return next(item for item in found.items if item.id == id_)


def state_of(known: Reading, id_: str) -> State:
    """The state of one line of a reading's list."""
    return line(checklist(known), id_).state
