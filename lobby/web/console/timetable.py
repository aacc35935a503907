"""The timetable's pages: a week, a year, special days with what they would change."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lobby.core.problem import Refusal
from lobby.web.console import exceptions, unconfirmed, weeks, years
from lobby.web.console.entry import entered
from lobby.web.once import version_of
from lobby.web.reasons import why_words
from lobby.web.rendering import render_live, switched
from lobby.web.roles import PLANNING
from lobby.web.sentence import Scene
from lobby.web.sheets import hours_of
from lobby.web.specialdays import named, path_of, standing
from lobby.web.spoken import weekdays

if TYPE_CHECKING:
    from lobby.web.house import House

EARLIEST, LATEST = date(years.FIRST_YEAR, 1, 1), date(years.LAST_YEAR, 12, 31)

router = APIRouter()


@router.get("/timetable")
async def timetable_page(request: Request) -> Response:
    """A week with its bars, or a year with its days; `thing` and `at` ask why."""
    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, "/timetable")
    today = scene.now.astimezone(scene.zone).date()
    shared = {
        "exceptions": exceptions.listed(house, scene),
        "can_plan": _plans(request),
        "calendar": unconfirmed.warning(house, scene),
    }
    if request.query_params.get("view") == "year":
        return render_live(request, "timetable.html", scene, **shared, **await _year(request, house, scene, today))
    return render_live(
        request,
        "timetable.html",
        scene,
        view="week",
        week=weeks.week(house, scene, _day_asked(request, today)),
        asked_why=_asked_why(request, house, scene),
        **shared,
    )


@router.get("/timetable/special-days")
async def special_days_page(request: Request) -> Response:
    """Those that stand, and the form for one; with its fields in the query it tells what saving would change."""
    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, "/timetable")
    asked = request.query_params
    instead_of = named(asked["instead_of"]) if asked.get("instead_of") else None
    going, coming = asked.get("withdraw"), asked.get("restore")
    fields = exceptions.blank(scene, asked)
    if instead_of is not None and "hours" not in asked:
        fields |= exceptions.filled(house, scene, instead_of)
    what_if = None
    if going or coming:
        what_if = await exceptions.what_if_gone(house, scene, named(going or coming or ""), back=bool(coming))
    elif asked.get("hours") and asked.get("first"):
        what_if = await exceptions.what_if_saved(house, scene, fields, instead_of)
    return render_live(
        request,
        "special-days.html",
        scene,
        rows=exceptions.listed(house, scene),
        calendar=unconfirmed.warning(house, scene),
        fields=fields,
        hours=hours_of(scene),
        instead_of=path_of(instead_of) if instead_of else "",
        going=going or "",
        coming=coming or "",
        what_if=what_if,
        version=version_of(standing(house)),
        today=scene.now.astimezone(scene.zone).date(),
    )


async def _year(request: Request, house: House, scene: Scene, today: date) -> Mapping[str, object]:
    number, hours = _year_asked(request, today), request.query_params.get("hours", "")
    known = hours_of(scene)
    chosen = hours if hours in scene.site.hours else known[0][0]
    year = await asyncio.to_thread(years.year, house, number, chosen, today, scene.language)
    return {
        "view": "year",
        "year": year,
        "hours": known,
        "chosen": chosen,
        "years": (years.FIRST_YEAR, years.LAST_YEAR),
        "weekdays": weekdays(scene.language),
    }


def _plans(request: Request) -> bool:
    return bool(request.state.person.roles & PLANNING)


def _day_asked(request: Request, today: date) -> date:
    try:
        asked = date.fromisoformat(request.query_params.get("day", today.isoformat()))
    except ValueError:
        raise Refusal("api.not-valid", "day", status=422) from None
    return min(max(asked, EARLIEST), LATEST)


def _year_asked(request: Request, today: date) -> int:
    text = request.query_params.get("year", str(today.year))
    if not (text.isascii() and text.isdecimal() and years.FIRST_YEAR <= int(text[:9]) <= years.LAST_YEAR):
        raise Refusal("api.not-valid", "year", status=422)
    return int(text)


def _asked_why(request: Request, house: House, scene: Scene) -> Mapping[str, object] | None:
    """The answer for a page without script: why a thing is so at a moment."""
    thing, at = request.query_params.get("thing"), request.query_params.get("at")
    if not thing or not at:
        return None
    plan = house.plan()
    try:
        moment = datetime.fromisoformat(at.replace(" ", "+")).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refusal("api.not-valid", "at", status=422) from None
    if thing not in plan.things:
        raise Refusal("api.not-found", status=404)
    words = why_words(house, thing, moment, plan.why(thing, moment), scene.language)
    return {"name": scene.name(thing), **words}
