"""Public holidays by the API: what is confirmed, putting in whole years, taking an act back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lobby.core.problem import Refusal
from lobby.web.acts import answer
from lobby.web.once import WriteRoute, refuse_changed, version_of
from lobby.web.reading import fields_of, person_of

if TYPE_CHECKING:
    from datetime import date

    from lobby.web.house import House
    from schedules import OfficialYear

PAGE = "/timetable/holidays"
LONGEST_SOURCE = 120
MOST_YEARS = 12

router = APIRouter(route_class=WriteRoute)


@router.get("/api/v1/holidays")
async def holidays(request: Request) -> Response:
    """The country, through which year it is confirmed, and what people put in, the last first."""
    return answer(request, standing(_house(request)), tagged=True)


@router.post("/api/v1/holidays")
async def put_holidays(request: Request) -> Response:
    """Whole years as they are officially; what was there before is kept and counts again when this is taken back."""
    house, person, fields = _house(request), person_of(request), await fields_of(request)
    refuse_changed(request, version_of(standing(house)), fields)
    years = years_in(fields)
    source = " ".join(str(fields.get("source") or "").split())[:LONGEST_SOURCE]
    act = await house.official_days.put(years, today=today_of(house), person=person.id, source=source)
    return answer(request, {"act": act}, status=201, page=f"{PAGE}?year={years[0].year}&done={act}")


@router.post("/api/v1/holidays/{act}/withdraw")
async def withdraw_holidays(request: Request, act: str) -> Response:
    """Take back what one act put in; what was there before counts again."""
    house, person = _house(request), person_of(request)
    fields = await fields_of(request)
    refuse_changed(request, version_of(standing(house)), fields)
    await house.official_days.withdraw(act, person=person.id)
    return answer(request, standing(house), page=PAGE)


def standing(house: House) -> dict[str, Any]:
    """What counts, in plain values."""
    days = house.official_days
    entries = [
        {"act": one.act, "at": one.at, "person": one.person, "source": one.source, **one.year.told()}
        for one in days.entries()
    ]
    through = days.calendar.confirmed_through(today_of(house))
    return {"country": days.shipped.country, "confirmed_through": through, "entries": entries}


def years_in(fields: Mapping[str, Any]) -> list[OfficialYear]:
    """The years that a request brings, as JSON or as the text of a form. Raises Refusal."""
    from lobby.core.calendarfile import year_of

    rows = fields.get("years")
    try:
        rows = json.loads(rows) if isinstance(rows, str) else rows
    except (ValueError, RecursionError):
        rows = None
    known = isinstance(rows, Sequence) and 0 < len(rows) <= MOST_YEARS
    if not known or not all(isinstance(row, Mapping) for row in rows or ()):
        raise Refusal("api.not-valid", "years", status=422)
    return [year_of(row) for row in rows or ()]


def today_of(house: House) -> date:
    """The local day."""
    return house.clock.now().astimezone(ZoneInfo(house.site.site.time_zone)).date()


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house
