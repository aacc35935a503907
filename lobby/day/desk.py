"""What people are told of a desk: its days with what was changed for a while, what is in force, until when, why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from lobby.core.holidaynames import holiday_names
from lobby.core.tongues import ENGLISH, KOREAN, TONGUES
from lobby.core.words import say
from schedules import HolidayCalendar, Layer, SpecialDay, Stretch, Timetable

if TYPE_CHECKING:
    from lobby.day.desired import Override
    from lobby.day.plan import Plan

LOOK_AHEAD = timedelta(days=35)
LOOK_BACK = timedelta(days=1)
CLOSED, SUSPENDED, LAST_TICKETS = "closed", "suspended", "last-tickets"
SHUT = frozenset({CLOSED, SUSPENDED})
OPEN = frozenset({"open", "evening", LAST_TICKETS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """One stretch of a desk's day, half-open; `reason` is what visitors are told, by language, or nothing."""

    value: str
    start: datetime
    end: datetime
    reason: Mapping[str, str]
    changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What to say of a desk at a moment. `until` is when it shuts (or resumes), `tickets_until` the last ticket."""

    state: str
    until: datetime | None
    tickets_until: datetime | None
    next_opening: datetime | None
    reason: Mapping[str, str]
    changed: bool


def desk_spells(
    plan: Plan,
    desk: str,
    now: datetime,
    *,
    overrides: Iterable[Override] = (),
    among_staff: bool = False,
) -> tuple[Spell, ...]:
    """The desk's next 35 days with what people have changed on top; their reasons are told among staff only."""
    table = plan.timetable(desk)
    known = tuple(
        Spell(value=row.value, start=row.start, end=row.end, reason=_reason(table, row, plan.holidays))
        for row in plan.agenda(desk, now - LOOK_BACK, now + LOOK_AHEAD)
    )
    for override in overrides:
        if override.thing == desk:
            told = {"ko": override.reason, "en": override.reason} if among_staff else {}
            known = overlay(known, Spell(value=override.value, start=override.start, end=override.until, reason=told))
    return known


def notice_ahead(plan: Plan, desk: str, today: date, within: timedelta) -> tuple[Mapping[str, str], date] | None:
    """What is posted of the next changed day within some days, and that day; today's stands in the state line."""
    table = plan.timetable(desk)
    days = sorted(table.special_days, key=lambda day: day.first) if table else []
    found = next((day for day in days if today < day.first <= today + within), None)
    return (_posted(found), found.first) if found else None


def overlay(spells: Sequence[Spell], change: Spell) -> tuple[Spell, ...]:
    """The day with a person's temporary change over it; a closure inside opening hours is a suspension."""
    kept: list[Spell] = []
    for spell in spells:
        if spell.end <= change.start or spell.start >= change.end:
            kept.append(spell)
            continue
        if spell.start < change.start:
            kept.append(replace(spell, end=change.start))
        kept.append(_changed(spell, change))
        if spell.end > change.end:
            kept.append(replace(spell, start=change.end))
    return tuple(kept)


def opening(spells: Sequence[Spell], moment: datetime, zone: tzinfo) -> Opening:
    """The words' facts at a moment; `unknown` outside the days that are known. The browser computes the same."""
    current = next((spell for spell in spells if spell.start <= moment < spell.end), None)
    if current is None:
        return Opening(state="unknown", until=None, tickets_until=None, next_opening=None, reason={}, changed=False)
    later = [spell for spell in spells if spell.start > current.start]
    state = _closed_state(spells, moment, zone) if current.value == CLOSED else current.value
    shuts = next((spell.start for spell in later if (spell.value in SHUT) != (current.value in SHUT)), None)
    opens = next((spell.start for spell in later if spell.value not in SHUT), None)
    last = next(
        (spell.start for spell in later if spell.value == LAST_TICKETS and spell.start < (shuts or moment)), None
    )
    return Opening(
        state=state,
        until=opens if current.value == SUSPENDED else shuts,
        tickets_until=last if current.value not in SHUT else None,
        next_opening=opens if current.value in SHUT else None,
        reason=current.reason,
        changed=current.changed,
    )


def as_json(spells: Iterable[Spell]) -> list[dict[str, object]]:
    """The rows the kiosk keeps: seconds since 1970, value, reason."""
    return [
        {
            "from": int(spell.start.timestamp()),
            "to": int(spell.end.timestamp()),
            "value": spell.value,
            "reason": dict(spell.reason),
            "changed": spell.changed,
        }
        for spell in spells
    ]


def _changed(spell: Spell, change: Spell) -> Spell:
    value = change.value
    if value == CLOSED and spell.value != CLOSED:
        value = SUSPENDED
    return replace(
        spell,
        value=value,
        start=max(spell.start, change.start),
        end=min(spell.end, change.end),
        reason=change.reason or spell.reason,
        changed=True,
    )


def _closed_state(spells: Sequence[Spell], moment: datetime, zone: tzinfo) -> str:
    """Before opening, after closing, or a day that never opens: three different words for visitors."""
    today = moment.astimezone(zone).date()
    hours = [spell for spell in spells if spell.value != CLOSED and spell.start.astimezone(zone).date() == today]
    if any(spell.start > moment for spell in hours):
        return "closed-before"
    return "closed" if hours else "closed-today"


def _reason(table: Timetable | None, row: Stretch, calendar: HolidayCalendar) -> dict[str, str]:
    """Why visitors find it so: a holiday's name, or what the special day says; nothing on an ordinary day."""
    name = row.rule.name
    if row.rule.layer is Layer.HOLIDAY:
        return {"ko": name, "en": _english(name, row, calendar), **holiday_names(name)}
    if row.rule.layer is not Layer.SPECIAL or table is None:
        return {}
    day = next((each for each in table.special_days if each.id == name), None)
    return _posted(day) if day else {"ko": name, "en": name}


def _english(name: str, row: Stretch, calendar: HolidayCalendar) -> str:
    day = row.start.date()
    near = (day + timedelta(days=ahead) for ahead in (0, 1, -1))  # the stretch is in UTC, the holiday is not
    return next((calendar.name(each, english=True) or name for each in near if calendar.name(each) == name), name)


def _posted(day: SpecialDay) -> dict[str, str]:
    """A special day's notice, else its reason; what nobody translated says so in every script."""
    korean = day.notice or day.reason
    if english := day.notice_en or day.reason_en:
        return {KOREAN: korean, ENGLISH: english, **day.further}
    foreign = {tongue: say("kiosk.korean-only", tongue, text=korean) for tongue in TONGUES if tongue != KOREAN}
    return {KOREAN: korean, **foreign}
