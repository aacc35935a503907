"""The pages: the console's Today, sign-in and first set-up, the kiosk, the large-print page, help, static files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files
from mimetypes import guess_type
from secrets import token_hex
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from lobby.core.problem import Problem, Refusal
from lobby.core.words import LANGUAGES, catalogue, explain, say
from lobby.safety.acts import Act, may
from lobby.web import desks, helping, sheets, today, visitors
from lobby.web.drawings import floor_plan
from lobby.web.passwords import LONGEST, SHORTEST
from lobby.web.reading import LANGUAGE_COOKIE
from lobby.web.roles import APPROVING, LEADING, PEOPLE, PLANNING, UPLOADING, WATCHING, Role
from lobby.web.sentence import Scene, band
from lobby.web.spoken import staff_date

if TYPE_CHECKING:
    from lobby.core.site import Choice
    from lobby.web.house import House
    from lobby.web.people import Person

THEMES = ("light", "dark", "contrast")
THEME_COOKIE = "lobby-theme"
YEAR_S = 31_536_000
KEPT_S = 3600
MODULE_TYPES = {
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".css": "text/css",
    ".webmanifest": "application/manifest+json",
}
SPOKEN_TO_SCRIPT = (
    "console.alarm.",
    "console.stale.",
    "console.sound.",
    "console.act.",
    "console.age.",
    "console.upload.",
    "console.why.",
    "staff.answer.",
    "staff.days.",
)

router = APIRouter()
_pages = Environment(
    loader=PackageLoader("lobby.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_static = files("lobby.web").joinpath("static")


@router.get("/")
async def today_page(request: Request) -> Response:
    """The console's one page."""
    chosen = _chosen(request)
    if chosen is not None:
        return chosen
    house: House = request.app.state.house
    language, person = request.state.language, request.state.person
    scene = today.scene_of(house, person, language)
    roles = person.roles if person else frozenset()
    return _page(
        request,
        "today.html",
        scene=scene,
        band=band(scene),
        desks=desks.desk_cards(house, scene),
        pictures=today.pictures(house, scene),
        coming=today.coming(house, scene),
        bells=today.bell_lines(scene),
        cafes=today.cafe_lines(scene),
        devices=today.device_lines(scene),
        changes=today.changes(house, scene),
        calls=today.calls(house, scene),
        can_watch=bool(roles & WATCHING),
        choices=_undecided(house),
        special_days=sheets.exceptions(house, scene),
        hours=sheets.hours_of(scene),
        pinned=sheets.pinned(house, scene),
        waiting=sheets.waiting(house, scene),
        screens={each: sheets.screen_sheet(house, scene, each) for each in house.site.surfaces},
        to_call=sheets.places_to_call(scene),
        today_date=scene.now.astimezone(scene.zone).date().isoformat(),
        hold_ends=today.hold_ends(scene),
        plan=floor_plan(house.site, language, with_bells=True),
        date=staff_date(scene.now, scene.zone, language),
        can_change=bool(roles & (WATCHING - {Role.GUARD})),
        can_lead=bool(roles & LEADING),
        can_plan=bool(roles & PLANNING),
        can_admin=Role.FACILITY in roles,
        can_upload=bool(roles & UPLOADING),
        can_approve=bool(roles & APPROVING),
        facts=_facts(request, scene),
        key=lambda: token_hex(16),
    )


@router.get("/sign-in")
async def sign_in_page(request: Request) -> Response:
    """Name and password; where nobody exists yet, the way leads to the first set-up."""
    chosen = _chosen(request)
    if chosen is not None:
        return chosen
    if request.app.state.house.people.setup_needed():
        return RedirectResponse("/set-up", 303)
    return _page(
        request,
        "sign-in.html",
        problem=_problem(request),
        next=_own_path(request.query_params.get("next", "/")),
        account=request.query_params.get("account", "")[:60],
    )


@router.get("/set-up")
async def set_up_page(request: Request) -> Response:
    """The first administrator, once."""
    chosen = _chosen(request)
    if chosen is not None:
        return chosen
    asked = request.query_params
    return _page(
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
    return _page(request, "help.html", pages=helping.titles(request.state.language), here="", page=None)


@router.get("/help/{page}")
async def help_page(request: Request, page: str) -> Response:
    """One help page."""
    text = helping.read(page, request.state.language)
    if text is None:
        raise Refusal("api.not-found", status=404)
    return _page(request, "help.html", pages=helping.titles(request.state.language), here=page, page=text)


@router.get("/kiosk")
async def kiosk_page(request: Request) -> Response:
    """The visitors' touch page, whole: it goes on by itself when this program is gone."""
    return _visitors(request, "kiosk.html")


@router.get("/now")
async def now_page(request: Request) -> Response:
    """The same news in large print, for a telephone or a print-out."""
    return _visitors(request, "now.html")


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
    chosen = _chosen(request)
    if chosen is not None:
        return chosen
    house: House = request.app.state.house
    language = request.state.language
    people = house.people.all()
    answering = {one.id for one in sheets.responders(people)}
    page = _page(
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


def _undecided(house: House) -> dict[str, Choice]:
    decided = house.choices.decided()
    return {name: choice for name, choice in house.site.choices.items() if name not in decided}


def _visitors(request: Request, template: str) -> Response:
    house: House = request.app.state.house
    if house.site.kiosk is None:
        raise Refusal("api.not-found", status=404)
    language = request.query_params.get("language", "ko")
    language = language if language in LANGUAGES else "ko"
    page = request.query_params.get("page", "")
    view = visitors.view(house, language)
    facts = visitors.facts(view, {each: catalogue(each) for each in LANGUAGES})
    request.state.language = language
    return _page(
        request,
        template,
        view=view,
        facts=facts,
        page=page if page in visitors.PAGES else "home",
        pages=visitors.PAGES,
        plan=floor_plan(house.site, language, with_bells=False),
        here=visitors.here(house.site),
    )


def _page(request: Request, template: str, **values: Any) -> Response:
    house: House = request.app.state.house
    language = request.state.language
    theme = request.cookies.get(THEME_COOKIE, "light")
    shared = {
        "t": lambda key, **params: say(key, language, **params),
        "lang": language,
        "languages": LANGUAGES,
        "theme": theme if theme in THEMES else "light",
        "themes": THEMES,
        "person": request.state.person,
        "csrf": request.state.csrf,
        "site": house.site,
        "lobby": house.site.site.lobby_name.said(language),
        "path": request.url.path,
    }
    text = _pages.get_template(template).render({**shared, **values})
    return Response(text, media_type="text/html; charset=utf-8", headers={"Content-Language": language})


def _chosen(request: Request) -> Response | None:
    """Language and theme are links, so that they work without script: they leave a cookie and lead back."""
    language, theme = request.query_params.get("language"), request.query_params.get("theme")
    if language not in LANGUAGES and theme not in THEMES:
        return None
    rest = {key: value for key, value in request.query_params.items() if key not in {"language", "theme"}}
    answer = RedirectResponse(request.url.path + (f"?{urlencode(rest)}" if rest else ""), 303)
    for name, value, allowed in ((LANGUAGE_COOKIE, language, LANGUAGES), (THEME_COOKIE, theme, THEMES)):
        if value in allowed:
            answer.set_cookie(
                name, str(value), max_age=YEAR_S, samesite="strict", secure=request.app.state.house.secure
            )
    return answer


def _problem(request: Request) -> tuple[str, str] | None:
    """What went wrong with the form before this one, in words of the catalogue only."""
    asked = {"shortest": str(SHORTEST), "longest": str(LONGEST), **request.query_params}
    code = asked.pop("code", "")
    if not code.startswith(("signin.", "api.")) or f"{code}.what" not in catalogue("ko"):
        return None
    what, cure = explain(Problem(code=code, params=asked), request.state.language)
    return what, "" if "{" in cure else cure


def _facts(request: Request, scene: Scene) -> Mapping[str, Any]:
    """What the script needs, and nothing it could not be shown."""
    site, language = scene.site, scene.language
    said = catalogue(language)
    roles = request.state.person.roles if request.state.person else frozenset()
    people = request.app.state.house.people.all()
    return {
        "language": language,
        "at": scene.now.timestamp() * 1000,
        "zone": site.site.time_zone,
        "csrf": request.state.csrf,
        "toneRepeat": site.escalation.tone_repeat_s,
        "address": site.site.address.said(language) if site.site.address else "",
        "place": site.site.name.said(language),
        "roles": sorted(roles),
        "roleNames": [sheets.role_name(site, role, language) for role in sorted(roles)],
        "acts": sorted(act.value for act in Act if any(may(role, act) for role in roles)),
        "person": request.state.person.id if request.state.person else "",
        "responders": [{"id": each.id, "name": each.name} for each in sheets.responders(people)],
        "words": {key: text for key, text in said.items() if key.startswith(SPOKEN_TO_SCRIPT)},
    }


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
