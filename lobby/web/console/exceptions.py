"""Special days: those that stand, the form for one, and what it would change, before anything is saved."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from lobby.core.problem import Problem, Refusal
from lobby.core.words import explain
from lobby.day.specialdays import file_name
from lobby.web.sentence import Scene
from lobby.web.sheets import hours_of
from lobby.web.specialdays import exception_of, path_of
from lobby.web.spoken import days_words
from lobby.web.whatif import Difference, differences, hours_words
from schedules import SpecialDay

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lobby.core.site import SpecialDayHours
    from lobby.day.plan import Plan
    from lobby.web.house import House
    from schedules import Window

FIELDS = ("hours", "first", "last", "kind", "from", "to", "from2", "to2", "reason", "reason_en", "notice", "notice_en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceptional:
    """A special day; `id` fits into a path, `state` is staff, file, hidden or over."""

    id: str
    hours: str
    days: str
    opens: str
    reason: str
    notice: str
    state: str
    first: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changes: on these days this thing, from these hours to those."""

    days: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """The answer before saving: how many days, every change, or what stands against it."""

    days: int = 0
    changes: tuple[Change, ...] = ()
    problem: tuple[str, str] | None = None


def listed(house: House, scene: Scene) -> list[Exceptional]:
    """Every special day from today on, of staff and of the site file, earliest first."""
    today = scene.now.astimezone(scene.zone).date()
    rows = [_of_staff(scene, hours, day) for hours, days in house.special_days.by_hours().items() for day in days
            if day.last >= today]  # fmt: skip
    hidden = house.special_days.hidden()
    rows += [_of_file(scene, hours, day, hidden) for hours, row in scene.site.hours.items() for day in row.special_days
             if day.to >= today]  # fmt: skip
    return sorted(rows, key=lambda row: (row.first, row.id))


def blank(scene: Scene, asked: Mapping[str, str]) -> dict[str, str]:
    """The form's fields as asked for, the rest as a newcomer expects them."""
    fields = dict.fromkeys(FIELDS, "") | {
        "hours": hours_of(scene)[0][0],
        "kind": "closed",
        "from": "09:00",
        "to": "15:00",
    }
    return fields | {name: asked[name][:400] for name in FIELDS if name in asked}


def filled(house: House, scene: Scene, name: str) -> dict[str, str]:
    """The form's fields of a special day that stands. Raises Refusal."""
    for hours, days in house.special_days.by_hours().items():
        for day in days:
            if day.id == name:
                texts = (day.reason, day.reason_en, day.notice, day.notice_en)
                return _fields(hours, day.first, day.last, day.windows, texts)
    for hours, row in scene.site.hours.items():
        for one in row.special_days:
            if file_name(hours, one.id) == name:
                return _fields_of_file(hours, one)
    raise Refusal("day.unknown-special-day", status=404, id=name)


async def what_if_saved(house: House, scene: Scene, fields: Mapping[str, str], instead_of: str | None) -> WhatIf:
    """What saving the form would change."""
    try:
        hours, first, last, windows = exception_of(house, fields)
        for name, code in (("reason", "day.no-reason"), ("notice", "day.no-notice")):
            if not fields[name].strip():
                raise Refusal(code)
        day = SpecialDay(id=instead_of or "new", first=first, last=last, windows=windows, reason="-")
        spans = [(first, last), *_span_of(house, scene, instead_of)]
        return await compared(
            house, scene, lambda: house.special_days.as_if(put=(hours, day), without=instead_of), _days_of(spans)
        )
    except Refusal as refusal:
        return WhatIf(problem=_explained(refusal.problem, scene))


async def what_if_gone(house: House, scene: Scene, name: str, *, back: bool) -> WhatIf:
    """What taking a special day back would change, or letting one of the site file count again."""
    days = house.special_days

    def after() -> Plan:
        return days.as_if_restored(name) if back else days.as_if(without=name)

    try:
        return await compared(house, scene, after, _days_of(_span_of(house, scene, name)))
    except Refusal as refusal:
        return WhatIf(problem=_explained(refusal.problem, scene))


async def compared(house: House, scene: Scene, after: Callable[[], Plan], days: Iterable[date]) -> WhatIf:
    """What some days would have otherwise; both plans are compiled and read beside the loop."""
    reached = sorted({day + timedelta(days=ahead) for day in days for ahead in (0, 1)})  # a window may end a day later
    site = house.site

    def work() -> list[Difference]:
        before, then = house.special_days.as_if(), after()
        return [one for day in reached for one in differences(site, before, then, day, day)]

    found = await asyncio.to_thread(work)
    return WhatIf(days=len({one.day for one in found}), changes=tuple(_changes(scene, found)))


def _days_of(spans: Iterable[tuple[date, date]]) -> Iterator[date]:
    for first, last in spans:
        yield from (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))


def _changes(scene: Scene, found: list[Difference]) -> Iterator[Change]:
    """By thing; neighbouring days that change alike are one line."""
    for thing, rows in groupby(sorted(found, key=lambda one: (one.thing, one.day)), key=lambda one: one.thing):
        run: list[Difference] = []
        for one in [*rows, None]:
            alike = run and one and (one.before, one.after) == (run[-1].before, run[-1].after)
            if run and not (alike and one and one.day - run[-1].day == timedelta(days=1)):
                yield _change(scene, thing, run)
                run = []
            if one is not None:
                run.append(one)


def _change(scene: Scene, thing: str, run: list[Difference]) -> Change:
    return Change(
        days=days_words(run[0].day, run[-1].day, scene.language),
        name=scene.name(thing),
        before=hours_words(scene.site, thing, run[0].before, scene.language),
        after=hours_words(scene.site, thing, run[0].after, scene.language),
    )


def _span_of(house: House, scene: Scene, name: str | None) -> list[tuple[date, date]]:
    if name is None:
        return []
    fields = filled(house, scene, name)
    return [(date.fromisoformat(fields["first"]), date.fromisoformat(fields["last"]))]


def _of_staff(scene: Scene, hours: str, day: SpecialDay) -> Exceptional:
    english = scene.language == "en"
    return Exceptional(
        id=day.id,
        hours=scene.site.hours[hours].name.said(scene.language),
        days=days_words(day.first, day.last, scene.language),
        opens=_opens(scene, day.windows),
        reason=(day.reason_en if english else None) or day.reason,
        notice=(day.notice_en if english else None) or day.notice or "",
        state="staff",
        first=day.first,
    )


def _of_file(scene: Scene, hours: str, day: SpecialDayHours, hidden: frozenset[str]) -> Exceptional:
    name = file_name(hours, day.id)
    windows = ", ".join(f"{one.from_:%H:%M}–{one.to:%H:%M}" for one in day.windows)
    return Exceptional(
        id=path_of(name),
        hours=scene.site.hours[hours].name.said(scene.language),
        days=days_words(day.from_, day.to, scene.language),
        opens=windows or scene.say("staff.days.closed"),
        reason=day.reason.said(scene.language),
        notice=day.notice.said(scene.language) if day.notice else "",
        state="hidden" if name in hidden else "file",
        first=day.from_,
    )


def _opens(scene: Scene, windows: tuple[Window, ...]) -> str:
    return ", ".join(f"{one.start:%H:%M}–{one.end:%H:%M}" for one in windows) or scene.say("staff.days.closed")


def _fields(
    hours: str, first: date, last: date, windows: tuple[Window, ...], texts: tuple[str | None, ...]
) -> dict[str, str]:
    reason, reason_en, notice, notice_en = (text or "" for text in texts)
    spans = [(f"{one.start:%H:%M}", f"{one.end:%H:%M}") for one in windows[:2]]
    spans += [("", "")] * (2 - len(spans))
    return {
        "hours": hours,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "kind": "hours" if windows else "closed",
        "from": spans[0][0],
        "to": spans[0][1],
        "from2": spans[1][0],
        "to2": spans[1][1],
        "reason": reason,
        "reason_en": reason_en,
        "notice": notice,
        "notice_en": notice_en,
    }


def _fields_of_file(hours: str, day: SpecialDayHours) -> dict[str, str]:
    from schedules import Window

    windows = tuple(Window(start=one.from_, end=one.to, value=one.value) for one in day.windows)
    notice = day.notice
    texts = (day.reason.ko, day.reason.en, notice.ko if notice else None, notice.en if notice else None)
    return _fields(hours, day.from_, day.to, windows, texts)


def _explained(problem: Problem, scene: Scene) -> tuple[str, str]:
    return explain(problem, scene.language)
