"""The page of public holidays: one year as a form or from a file, what it would change, what people put in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lobby.core.calendarfile import table_in, years_of
from lobby.core.problem import Refusal
from lobby.core.words import explain
from lobby.web.console import officialyears, unconfirmed
from lobby.web.console.entry import entered
from lobby.web.officialdays import LONGEST_SOURCE, standing, today_of
from lobby.web.once import version_of
from lobby.web.reading import caller_of, fields_of
from lobby.web.rendering import render_live, switched
from lobby.web.uploads import received
from schedules import HolidayKind

if TYPE_CHECKING:
    from lobby.web.console.officialyears import Form, Proposed
    from lobby.web.house import House
    from lobby.web.sentence import Scene
    from schedules import OfficialYear

router = APIRouter()


@router.get("/timetable/holidays")
async def holidays_page(request: Request) -> Response:
    """The years, one of them as a form, and what people put in; `withdraw` asks what taking an act back changes."""
    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, "/timetable")
    asked = request.query_params
    going, form = asked.get("withdraw", ""), officialyears.form_of(house, _year(house, asked.get("year", "")))
    what = await officialyears.taken_back(house, scene, going) if going else None
    return _page(request, house, scene, form, going=going, proposed=what)


@router.post("/timetable/holidays")
async def look(request: Request) -> Response:
    """What confirming the form, or a data file, would change; nothing is kept, and what was typed stays."""
    house, scene = entered(request, "/timetable")
    if request.headers.get("content-type", "").startswith("multipart/"):
        return await _look_at_file(request, house, scene)
    fields = await fields_of(request)
    form = officialyears.typed(fields, _year(house, str(fields.get("year", ""))))
    try:
        what = await officialyears.proposed(house, scene, [officialyears.year_in(form)])
    except Refusal as refusal:
        return _page(request, house, scene, form, refusal=refusal)
    return _page(request, house, scene, form, proposed=what)


@router.get("/timetable/holidays/year.toml")
async def year_file(request: Request) -> Response:
    """A year as a data file: the example of the format, and a way to take a year to another lobby."""
    house, _ = entered(request, "/timetable")
    year = _year(house, request.query_params.get("year", ""))
    calendar = house.official_days.calendar
    headers = {"Content-Disposition": f'attachment; filename="holidays-{calendar.country}-{year}.toml"'}
    return Response(calendar.year(year).file(calendar.country), headers=headers, media_type="application/toml")


async def _look_at_file(request: Request, house: House, scene: Scene) -> Response:
    try:
        years, source = await _years_brought(request, house)
        if not years:
            raise Refusal("calendar.same", years=scene.say("calendar.known"))
        what = await officialyears.proposed(house, scene, years, source=source)
    except Refusal as refusal:
        return _page(request, house, scene, officialyears.form_of(house, _year(house, "")), refusal=refusal)
    return _page(request, house, scene, officialyears.form_of_year(years[0]), proposed=what)


async def _years_brought(request: Request, house: House) -> tuple[tuple[OfficialYear, ...], str]:
    """The years in the file of a multipart form, and the file's name. Raises Refusal."""
    async with received(request, house.uploads) as came:
        session = caller_of(request).session
        if session is not None and came.fields.get("csrf") != session.csrf:
            raise Refusal("api.form-too-old", status=403)
        years = years_of(await table_in(came.path), house.official_days.shipped)
        return years, " ".join(came.name.split())[:LONGEST_SOURCE]


def _page(
    request: Request,
    house: House,
    scene: Scene,
    form: Form,
    *,
    proposed: Proposed | None = None,
    going: str = "",
    refusal: Refusal | None = None,
) -> Response:
    done = request.query_params.get("done", "")
    page = render_live(
        request,
        "official-years.html",
        scene,
        calendar=unconfirmed.warning(house, scene),
        country=house.official_days.shipped.country,
        lines=officialyears.lines(house, scene),
        entries=officialyears.entries(house, scene),
        form=form,
        kinds=[kind.value for kind in HolidayKind],
        weekday=lambda text: officialyears.weekday(text, scene.language),
        sample=officialyears.sample(house, form.year),
        proposed=proposed,
        going=going,
        problem=explain(refusal.problem, scene.language) if refusal else None,
        done=officialyears.just_done(house, scene, done) if done else None,
        version=version_of(standing(house)),
    )
    page.status_code = refusal.status if refusal else 200
    return page


def _year(house: House, text: Any) -> int:
    """The year asked for; without one the year to confirm, else the next."""
    today = today_of(house)
    if not text:
        return house.official_days.calendar.year_to_confirm(today) or today.year + 1
    if not (text.isascii() and text.isdecimal() and today.year <= int(text[:9]) <= today.year + 2):
        raise Refusal("api.not-valid", "year", status=422)
    return int(text)
