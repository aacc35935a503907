"""The pages: the console's Today, sign-in and first set-up, the kiosk, the large-print page, help, static files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files
from mimetypes import guess_type
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from lobby.core.problem import Problem, Refusal
from lobby.core.tongues import KOREAN, TONGUES, filled, tongue_of
from lobby.core.words import catalogue, explain, say
from lobby.web import desks, helping, onair, sheets, today, visitors
from lobby.web.console import exceptions, unconfirmed
from lobby.web.drawings import floor_plan
from lobby.web.lists.ahead import ahead as ahead_of
from lobby.web.morning.routes import card as morning_card
from lobby.web.passwords import LONGEST, SHORTEST
from lobby.web.reading import preferred_tongue
from lobby.web.rendering import render, render_live, switched
from lobby.web.roles import (
    APPROVING,
    DEVICE_READERS,
    LEADING,
    PEOPLE,
    PLANNING,
    TIMETABLE_READERS,
    UPLOADING,
    WALL_READERS,
    WATCHING,
    Role,
)
from lobby.web.sentence import Scene, band
from lobby.web.undoing import Undoing

if TYPE_CHECKING:
    from lobby.core.site import Choice
    from lobby.web.house import House
    from lobby.web.people import Person

KEPT_S = 3600
MODULE_TYPES = {
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".css": "text/css",
    ".webmanifest": "application/manifest+json",
}

router = APIRouter()
_static = files("lobby.web").joinpath("static")


@router.get("/")
async def today_page(request: Request) -> Response:
    """The console's one page."""
    if (led := switched(request)) is not None:
        return led
    house: House = request.app.state.house
    language, person = request.state.language, request.state.person
    scene = today.scene_of(house, person, language)
    roles = person.roles if person else frozenset()
    lying = onair.on_air(house, scene, roles)
    ahead, news = ahead_of(house, scene), unconfirmed.news(house, scene, roles)
    news += today.content_news(scene)[: today.MOST_NEWS - len(news)] if roles & WALL_READERS else []
    return render_live(
        request,
        "today.html",
        scene,
        band=onair.named(band(scene), scene, lying),
        on_air=lying,
        most_on_air=onair.SHOWN,
        desks=desks.desk_cards(house, scene),
        pictures=today.pictures(house, scene),
        content_news=news,
        coming=today.coming(house, scene)[: today.MOST_EVENTS - len(ahead) - len(news)],
        ahead=ahead,
        can_read_walls=bool(roles & WALL_READERS),
        bells=today.bell_lines(scene),
        cafes=today.cafe_lines(scene),
        devices=today.device_lines(scene),
        changes=today.changes(house, scene),
        morning=await morning_card(house, scene, person),
        calls=today.calls(house, scene),
        done=_done(request, scene),
        ended=onair.just_ended(house, scene, request.query_params.get("ended", "")),
        can_watch=bool(roles & WATCHING),
        choices=_undecided(house),
        special_days=[row for row in exceptions.listed(house, scene) if row.state != "hidden"],
        can_read_timetable=bool(roles & TIMETABLE_READERS),
        pinned=sheets.pinned(house, scene),
        waiting=sheets.waiting(house, scene),
        screens={each: sheets.screen_sheet(house, scene, each) for each in house.site.surfaces},
        to_call=sheets.places_to_call(scene),
        can_read_devices=bool(roles & DEVICE_READERS),
        can_change=bool(roles & (WATCHING - {Role.GUARD})),
        can_lead=bool(roles & LEADING),
        can_plan=bool(roles & PLANNING),
        can_admin=Role.FACILITY in roles,
        can_upload=bool(roles & UPLOADING),
        can_approve=bool(roles & APPROVING),
    )


@router.get("/sign-in")
async def sign_in_page(request: Request) -> Response:
    """Name and password; where nobody exists yet, the way leads to the first set-up."""
    if (led := switched(request)) is not None:
        return led
    if request.app.state.house.people.setup_needed():
        return RedirectResponse("/set-up", 303)
    return render(
        request,
        "sign-in.html",
        problem=_problem(request),
        next=_own_path(request.query_params.get("next", "/")),
        account=request.query_params.get("account", "")[:60],
    )


@router.get("/set-up")
async def set_up_page(request: Request) -> Response:
    """The first administrator, once."""
    if (led := switched(request)) is not None:
        return led
    asked = request.query_params
    return render(
        request,
        "set-up.html",
        problem=_problem(request),
        account=asked.get("account", "")[:60],
        name=asked.get("name", "")[:60],
        alone=request.app.state.house.site.site.one_person,
    )


@router.get("/help")
async def help_index(request: Request) -> Response:
    """All help pages."""
    return render(request, "help.html", pages=helping.titles(request.state.language), here="", page=None)


@router.get("/help/{page}")
async def help_page(request: Request, page: str) -> Response:
    """One help page."""
    text = helping.read(page, request.state.language)
    if text is None:
        raise Refusal("api.not-found", status=404)
    return render(request, "help.html", pages=helping.titles(request.state.language), here=page, page=text)


@router.get("/kiosk")
async def kiosk_page(request: Request) -> Response:
    """The visitors' touch page, whole: it goes on by itself when this program is gone."""
    return _visitors(request, "kiosk.html", tongue_of(request.query_params.get("language", "")) or KOREAN)


@router.get("/now")
async def now_page(request: Request) -> Response:
    """The same news in large print, for a telephone or a print-out."""
    asked = tongue_of(request.query_params.get("language", ""))
    answer = _visitors(request, "now.html", asked or preferred_tongue(request.headers.get("accept-language", "")))
    answer.headers["Vary"] = "Accept-Language"
    return answer


@router.get("/static/{path:path}")
async def static_file(request: Request, path: str) -> Response:
    """A file of ours, or the kiosk's millimetres as a style sheet."""
    if path == "kiosk-measure.css":
        return Response(visitors.measure(request.app.state.house.site.kiosk), media_type="text/css", headers=_kept())
    found = _static.joinpath(path)
    if path not in _shipped() or not found.is_file():
        raise Refusal("api.not-found", status=404)
    headers = _kept()
    if path == "kiosk-worker.js":
        headers["Service-Worker-Allowed"] = "/"
    return Response(found.read_bytes(), media_type=_type_of(path), headers=headers)


def people_page(
    request: Request, *, told: tuple[Person, str] | None = None, problem: Problem | None = None
) -> Response:
    """Everybody who has an account; `told` is a person with a new password, shown this once."""
    if (led := switched(request)) is not None:
        return led
    house: House = request.app.state.house
    language = request.state.language
    people = house.people.all()
    answering = {one.id for one in sheets.responders(people)}
    page = render(
        request,
        "people.html",
        people=people,
        answering=answering,
        roles=[(role, sheets.role_name(house.site, role, language)) for role in Role if role in PEOPLE],
        told=told,
        problem=explain(problem, language) if problem else None,
    )
    page.headers["Cache-Control"] = "no-store"
    return page


def _done(request: Request, scene: Scene) -> Mapping[str, str] | None:
    """What a form without script has just done, to be taken back."""
    house: House = request.app.state.house
    undoing: Undoing = request.app.state.undoing
    done = undoing.of(request.query_params.get("done", ""), scene.now)
    if done is None:
        return None
    if not done.made:
        ended = done.before[0]
        text = scene.say("console.act.reverted", name=scene.name(ended.thing))
        return {"id": done.id, "thing": ended.thing, "text": text}
    first = done.made[0]
    if first.id not in {one.id for one in house.overrides.active(scene.now)}:
        return None
    text = scene.say("console.act.override", end=scene.clock(first.until))
    return {"id": first.id, "thing": first.thing, "text": f"{scene.name(first.thing)}: {text}"}


def _undecided(house: House) -> dict[str, Choice]:
    decided = house.choices.decided()
    return {name: choice for name, choice in house.site.choices.items() if name not in decided}


def _visitors(request: Request, template: str, language: str) -> Response:
    house: House = request.app.state.house
    if house.site.kiosk is None:
        raise Refusal("api.not-found", status=404)
    page = request.query_params.get("page", "")
    request.state.language = language
    view = visitors.view(house, language)
    return render(
        request,
        template,
        view=view,
        facts=visitors.facts(view),
        tongues=TONGUES,
        said=say,
        filled=filled,
        page=page if page in visitors.PAGES else "home",
        pages=visitors.PAGES,
        plan=floor_plan(house.site, language, with_bells=False),
        here=visitors.here(house.site),
    )


def _problem(request: Request) -> tuple[str, str] | None:
    """What went wrong with the form before this one, in words of the catalogue only."""
    asked = {"shortest": str(SHORTEST), "longest": str(LONGEST), **request.query_params}
    code = asked.pop("code", "")
    if not code.startswith(("signin.", "api.")) or f"{code}.what" not in catalogue("ko"):
        return None
    what, cure = explain(Problem(code=code, params=asked), request.state.language)
    return what, "" if "{" in cure else cure


def _own_path(path: str) -> str:
    """Where to go after sign-in: a path of ours, never another host."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def _shipped() -> frozenset[str]:
    return frozenset(entry.name for entry in _static.iterdir() if entry.is_file())


def _type_of(path: str) -> str:
    ending = "." + path.rpartition(".")[2]
    return MODULE_TYPES.get(ending) or guess_type(path)[0] or "application/octet-stream"


def _kept() -> dict[str, str]:
    return {"Cache-Control": "no-cache", "Last-Modified": _STARTED}


_STARTED = f"{datetime(2026, 1, 1, tzinfo=UTC):%a, %d %b %Y %H:%M:%S} GMT"
