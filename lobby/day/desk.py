"""What visitors are told of a desk: open or not, until when, when again and why; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lobby.day.desired import Override, Planned
from lobby.day.plan import Plan
from lobby.day.resolve import forecast
from schedules import Layer, SpecialDay, Timetable, calendar_of
from schedules.localtime import day_start, local_day

AHEAD = timedelta(days=35)
CLOSED = "closed"
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why the hours are not the usual ones: `kind` is holiday, special-day, override or weekend; texts by language."""

    kind: str
    text: Mapping[str, str]
    notice: Mapping[str, str] | None = None
    confirmed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A stretch of the agenda with its reason."""

    value: str
    start: datetime
    end: datetime
    reason: Reason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskView:
    """`state`: open, evening, last-tickets, extended, suspended, before, ended or closed-today; times are UTC."""

    state: str
    until: datetime | None
    next_opening: datetime | None
    reason: Reason | None
    agenda: tuple[Spell, ...]

    @property
    def notice(self) -> Mapping[str, str] | None:
        """What must be posted with changed hours."""
        return self.reason.notice if self.reason else None

    def document(self) -> dict[str, Any]:
        """The same as JSON, for the kiosk and `/api/v1/now`."""
        return {
            "state": self.state,
            "open": self.state in {"open", "evening", "last-tickets", "extended"},
            "until": _text(self.until),
            "next_opening": _text(self.next_opening),
            "reason": _reason_document(self.reason),
            "agenda": [
                {
                    "value": spell.value,
                    "from": _text(spell.start),
                    "until": _text(spell.end),
                    "reason": _reason_document(spell.reason),
                }
                for spell in self.agenda
            ],
        }


def desk_view(
    plan: Plan, desk: str, moment: datetime, *, overrides: Iterable[Override] = (), country: str = "KR"
) -> DeskView:
    """The desk now, and its agenda from this day's beginning to 35 days ahead."""
    table, known = plan.timetable(desk), {one.id: one for one in overrides}
    assert table is not None  # a desk has hours
    today = day_start(plan.zone, local_day(plan.zone, moment))
    pieces = list(forecast(plan, known.values(), desk, today, moment + AHEAD))
    spells = tuple(_spell(piece, table, known, country) for piece in pieces)
    index = next(number for number, spell in enumerate(spells) if spell.end > moment)
    now, ahead = spells[index], spells[index + 1 :]
    opening = next((spell.start for spell in ahead if spell.value != CLOSED), None)
    open_now = now.value != CLOSED
    closing = next((spell.start for spell in ahead if spell.value == CLOSED), None)
    return DeskView(
        state=_state(plan, desk, moment, now, spells),
        until=closing if open_now else opening,
        next_opening=next((s.start for s in ahead if closing and s.start > closing and s.value != CLOSED), None)
        if open_now
        else opening,
        reason=now.reason,
        agenda=spells,
    )


def _state(plan: Plan, desk: str, moment: datetime, now: Spell, spells: tuple[Spell, ...]) -> str:
    by_person = now.reason is not None and now.reason.kind == "override"
    planned = plan.at(desk, moment).value
    if now.value != CLOSED:
        return "extended" if by_person and planned == CLOSED else now.value
    if by_person and planned != CLOSED:
        return "suspended"
    tomorrow = day_start(plan.zone, local_day(plan.zone, moment) + _ONE_DAY)
    if any(moment < spell.start < tomorrow and spell.value != CLOSED for spell in spells):
        return "before"
    return "ended" if any(spell.start < moment and spell.value != CLOSED for spell in spells) else "closed-today"


def _spell(piece: Planned, table: Timetable, overrides: Mapping[str, Override], country: str) -> Spell:
    reason = _reason(piece, table, overrides, country)
    return Spell(value=piece.value, start=piece.start, end=piece.end, reason=reason)


def _reason(piece: Planned, table: Timetable, overrides: Mapping[str, Override], country: str) -> Reason | None:
    layer, _, name = piece.rule.partition(":")
    day = local_day(table.zone, piece.start)
    if layer == "override" and name in overrides:
        said = overrides[name].reason
        return Reason(kind="override", text={"ko": said, "en": said})
    if layer == Layer.SPECIAL.name.lower():
        special = next((one for one in table.special_days if one.id == name), None)
        return _special_reason(special) if special else None
    if layer == Layer.HOLIDAY.name.lower():
        english = calendar_of(country).name(day, english=True) or name
        confirmed = table.holidays is None or table.holidays.confirmed(day.year)
        return Reason(kind="holiday", text={"ko": name, "en": english}, confirmed=confirmed)
    if piece.value == CLOSED and not table.weekly.days[day.weekday()]:
        return Reason(kind="weekend", text={})
    return None


def _special_reason(special: SpecialDay) -> Reason:
    notice = {"ko": special.notice, "en": special.notice_en or special.notice} if special.notice else None
    text = {"ko": special.reason, "en": special.reason_en or special.reason}
    return Reason(kind="special-day", text=text, notice=notice)


def _reason_document(reason: Reason | None) -> dict[str, Any] | None:
    if reason is None:
        return None
    notice = dict(reason.notice) if reason.notice else None
    return {"kind": reason.kind, "text": dict(reason.text), "notice": notice, "confirmed": reason.confirmed}


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
