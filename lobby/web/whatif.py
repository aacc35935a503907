"""What a change of hours would change: the days that differ, thing by thing; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from lobby.core.site import Desk, Display, Room, Site, Sound
from lobby.core.words import say
from lobby.day.lines import BESIDE
from schedules.localtime import day_start

if TYPE_CHECKING:
    from lobby.day.plan import Plan

Hours = tuple[tuple[str, str, str], ...]

IDLE = frozenset({"off", "closed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A thing on a day: its hours before and after as (from, to, value), what is off or closed left out."""

    day: date
    thing: str
    before: Hours
    after: Hours


def differences(site: Site, before: Plan, after: Plan, first: date, last: date) -> list[Difference]:
    """Every day and thing that differs, by day; displays follow their surface and are left out."""
    days = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
    return [found for day in days for found in _of_day(site, before, after, day)]


def told(site: Site, one: Difference, language: str) -> dict[str, str]:
    """A difference in words."""
    thing = site.things.get(one.thing) or site.surfaces[one.thing]
    return {
        "day": one.day.isoformat(),
        "thing": one.thing,
        "name": thing.name.said(language),
        "before": hours_words(site, one.thing, one.before, language),
        "after": hours_words(site, one.thing, one.after, language),
    }


def value_words(site: Site, thing: str, value: str, language: str) -> str:
    """A value as staff call it."""
    if value in site.playlists:
        return site.playlists[value].name.said(language)
    if isinstance(site.things.get(thing), Desk):
        return say(f"console.desk.{value}", language)
    if isinstance(site.things.get(thing), Room):
        return say("console.desk.open" if value == "on" else "console.desk.closed", language)
    if isinstance(site.things.get(thing), Sound) and value != "off":
        return say("sound.level", language, level=value)
    if value == BESIDE:
        return say("beside.value", language)
    return say(f"console.events.turn-{value}", language) if value in {"on", "off"} else value


def _of_day(site: Site, before: Plan, after: Plan, day: date) -> Iterator[Difference]:
    zone = ZoneInfo(site.site.time_zone)
    for thing in after.things:
        if isinstance(site.things.get(thing), Display):
            continue
        was, becomes = _hours(before, thing, day, zone), _hours(after, thing, day, zone)
        if was != becomes:
            yield Difference(day=day, thing=thing, before=was, after=becomes)


def _hours(plan: Plan, thing: str, day: date, zone: ZoneInfo) -> Hours:
    start, end = day_start(zone, day), day_start(zone, day + timedelta(days=1))
    rows: list[tuple[datetime, datetime, str]] = []
    for row in plan.agenda(thing, start, end):
        if rows and rows[-1][2] == row.value:
            rows[-1] = (rows[-1][0], row.end, row.value)
        else:
            rows.append((row.start, row.end, row.value))
    return tuple((_clock(one, zone), _clock(two, zone), value) for one, two, value in rows if value not in IDLE)


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%H:%M}"


def hours_words(site: Site, thing: str, hours: Hours, language: str) -> str:
    """The hours of a thing on a day as staff say them."""
    if not hours:
        desk = isinstance(site.things.get(thing), Desk | Room)
        return say("staff.days.shut" if desk else "staff.days.dark", language)
    return ", ".join(f"{start}–{end} {value_words(site, thing, value, language)}" for start, end, value in hours)
