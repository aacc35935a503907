"""Special days by the API: what stands, what one more would change, adding, changing, taking back, restoring."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lobby.core.problem import Refusal
from lobby.web.acts import LONGEST_REASON, answer, said
from lobby.web.once import WriteRoute, refuse_changed, version_of
from lobby.web.reading import fields_of, person_of
from lobby.web.whatif import Difference, differences, told

if TYPE_CHECKING:
    from lobby.web.house import House
    from schedules import Window

LONGEST_NOTICE = 400
LONGEST_EXCEPTION = timedelta(days=366)
MOST_ROWS = 60
FILE_SIGN = "."
"""Stands in a path for the slash of `hours/id`, the name of a special day of the site file."""
PAGE = "/timetable/special-days"

router = APIRouter(route_class=WriteRoute)


@router.get("/api/v1/special-days")
async def special_days(request: Request) -> Response:
    """The exceptions that staff have entered, by hours."""
    return answer(request, standing(_house(request)), tagged=True)


@router.post("/api/v1/special-days/preview")
async def preview_special_day(request: Request) -> Response:
    """What one more exception would change, day by day, and nothing is kept."""
    from schedules import SpecialDay

    house, fields = _house(request), await fields_of(request)
    hours, first, last, windows = exception_of(house, fields)
    day = SpecialDay(id="preview", first=first, last=last, windows=windows, reason="-", source="preview")

    def work() -> list[Difference]:
        after = house.special_days.as_if(put=(hours, day))
        return differences(house.site, house.special_days.as_if(), after, first, last)

    found = await asyncio.to_thread(work)
    rows = [told(house.site, one, request.state.language) for one in found]
    return answer(request, {"days": len({one.day for one in found}), "rows": rows[:MOST_ROWS]})


@router.post("/api/v1/special-days")
async def add_special_day(request: Request) -> Response:
    """One more exception, or one `instead_of` another; changed hours must be posted, so its notice is asked for."""
    house, person, fields = _house(request), person_of(request), await fields_of(request)
    refuse_changed(request, version_of(standing(house)), fields)
    hours, first, last, windows = exception_of(house, fields)
    instead_of = _maybe(fields, "instead_of", 80)
    made = await house.special_days.add(
        hours=hours,
        first=first,
        last=last,
        windows=windows,
        reason=said(fields, "reason", LONGEST_REASON),
        notice=_maybe(fields, "notice", LONGEST_NOTICE),
        person=person.id,
        reason_en=_maybe(fields, "reason_en", LONGEST_REASON),
        notice_en=_maybe(fields, "notice_en", LONGEST_NOTICE),
        instead_of=named(instead_of) if instead_of else None,
    )
    return answer(request, made, status=201, page=PAGE)


@router.delete("/api/v1/special-days/{day}")
@router.post("/api/v1/special-days/{day}/withdraw")
async def withdraw_special_day(request: Request, day: str) -> Response:
    """Take an exception back; one of the site file, `hours.id` in the path, counts no more."""
    house, person = _house(request), person_of(request)
    fields = await fields_of(request)
    refuse_changed(request, version_of(standing(house)), fields)
    await house.special_days.withdraw(named(day), person=person.id)
    return answer(request, standing(house), page=PAGE)


@router.post("/api/v1/special-days/{day}/restore")
async def restore_special_day(request: Request, day: str) -> Response:
    """Let an exception of the site file count again."""
    house, person = _house(request), person_of(request)
    fields = await fields_of(request)
    refuse_changed(request, version_of(standing(house)), fields)
    await house.special_days.restore(named(day), person=person.id)
    return answer(request, standing(house), page=PAGE)


def standing(house: House) -> dict[str, list[Any]]:
    """What staff have entered, by hours; `hidden` names what they took back of the site file's."""
    rows: dict[str, list[Any]] = {hours: list(days) for hours, days in house.special_days.by_hours().items()}
    hidden = sorted(house.special_days.hidden())
    return {**rows, "hidden": hidden} if hidden else rows


def named(day: str) -> str:
    """A special day's name from its part of a path."""
    return day.replace(FILE_SIGN, "/")


def path_of(name: str) -> str:
    """The part of a path that names a special day."""
    return name.replace("/", FILE_SIGN)


def exception_of(house: House, fields: Mapping[str, Any]) -> tuple[str, date, date, tuple[Window, ...]]:
    """Which hours, from which day to which, and the windows of those days; none is closed. Raises Refusal."""
    hours = said(fields, "hours", 32)
    if hours not in house.site.hours:
        raise Refusal("api.not-valid", "hours", status=422)
    first = _day(fields, "first")
    last = _day(fields, "last") if fields.get("last") else first
    if last < first or last - first > LONGEST_EXCEPTION:
        raise Refusal("api.not-valid", "last", status=422)
    return hours, first, last, _windows(_rows(fields))


def _maybe(fields: Mapping[str, Any], name: str, longest: int) -> str | None:
    """A text that may be left out."""
    return said(fields, name, longest) if str(fields.get(name) or "").strip() else None


def _rows(fields: Mapping[str, Any]) -> Any:
    """Windows as a program sends them, or the two of a form that says `kind` hours."""
    if "kind" not in fields:
        return fields.get("windows", ())
    if fields["kind"] == "closed":
        return ()
    rows = [{"from": fields.get("from"), "to": fields.get("to"), "value": "on"}]
    if fields.get("from2") and fields.get("to2"):
        rows.append({"from": fields["from2"], "to": fields["to2"], "value": "on"})
    return rows


def _day(fields: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(said(fields, name, 10))
    except ValueError:
        raise Refusal("api.not-valid", name, status=422) from None


def _windows(rows: Any) -> tuple[Window, ...]:
    from schedules import Window

    if not isinstance(rows, list | tuple) or len(rows) > 10:
        raise Refusal("api.not-valid", "windows", status=422)
    try:
        return tuple(
            Window(
                start=time.fromisoformat(row["from"]), end=time.fromisoformat(row["to"]), value=said(row, "value", 40)
            )
            for row in rows
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refusal("api.not-valid", "windows", status=422) from None


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house
