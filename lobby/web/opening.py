"""A desk's days as visitors need them: what is in force, until when, and when it opens next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

CLOSED, SUSPENDED, LAST_TICKETS = "closed", "suspended", "last-tickets"
SHUT = frozenset({CLOSED, SUSPENDED})


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
