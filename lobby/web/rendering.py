"""How a page is made: its template, what every page is told, and what its script may know."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_hex
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from lobby.core.words import LANGUAGES, catalogue, say
from lobby.safety.acts import Act, may
from lobby.web import sheets
from lobby.web.content.tabs import tabs_of
from lobby.web.drawings import floor_plan
from lobby.web.menu import menu_of
from lobby.web.reading import LANGUAGE_COOKIE
from lobby.web.sentence import Scene
from lobby.web.spoken import staff_date

if TYPE_CHECKING:
    from lobby.core.site import Site
    from lobby.web.house import House
    from lobby.web.roles import Role

THEMES = ("light", "dark", "contrast")
THEME_COOKIE = "lobby-theme"
YEAR_S = 31_536_000
SPOKEN_TO_SCRIPT = (
    "console.alarm.",
    "console.stale.",
    "console.sound.",
    "console.act.",
    "console.age.",
    "console.upload.",
    "console.why.",
    "content.bring.",
    "content.stage.",
    "staff.answer.",
)

_templates = Environment(
    loader=PackageLoader("lobby.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(request: Request, template: str, **values: Any) -> Response:
    """The page of a template in the reader's language and theme."""
    house: House = request.app.state.house
    language, person = request.state.language, request.state.person
    theme = request.cookies.get(THEME_COOKIE, "light")
    shared = {
        "t": lambda key, **params: say(key, language, **params),
        "lang": language,
        "languages": LANGUAGES,
        "theme": theme if theme in THEMES else "light",
        "themes": THEMES,
        "person": person,
        "menu": menu_of(house.site, person.roles if person else frozenset()),
        "csrf": request.state.csrf,
        "key": lambda: token_hex(16),
        "site": house.site,
        "lobby": house.site.site.lobby_name.said(language),
        "path": request.url.path,
        "tabs": tabs_of(request.url.path, person.roles if person else frozenset()),
        "asked": _asked(request),
    }
    text = _templates.get_template(template).render({**shared, **values})
    return Response(text, media_type="text/html; charset=utf-8", headers={"Content-Language": language})


def stand_alone(template: str, language: str, **values: Any) -> str:
    """A page to keep as a file: without a house, a person or a script."""
    shared = {"t": lambda key, **params: say(key, language, **params), "lang": language}
    return _templates.get_template(template).render({**shared, **values})


def render_live(request: Request, template: str, scene: Scene, **values: Any) -> Response:
    """A page of the console that follows the house: with clock, lamps, bells and the script's facts."""
    return render(
        request,
        template,
        scene=scene,
        date=staff_date(scene.now, scene.zone, scene.language),
        plan=floor_plan(scene.site, scene.language, with_bells=True),
        facts=live_facts(request, scene),
        **values,
    )


def switched(request: Request) -> Response | None:
    """Language and theme are links, so that they work without script: they leave a cookie and lead back."""
    language, theme = request.query_params.get("language"), request.query_params.get("theme")
    if language not in LANGUAGES and theme not in THEMES:
        return None
    rest = _rest(request)
    answer = RedirectResponse(request.url.path + (f"?{urlencode(rest)}" if rest else ""), 303)
    for name, value, allowed in ((LANGUAGE_COOKIE, language, LANGUAGES), (THEME_COOKIE, theme, THEMES)):
        if value in allowed:
            answer.set_cookie(
                name, str(value), max_age=YEAR_S, samesite="strict", secure=request.app.state.house.secure
            )
    return answer


def live_facts(request: Request, scene: Scene) -> Mapping[str, Any]:
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
        "bells": bells_here(site, roles),
        "acts": sorted(act.value for act in Act if any(may(role, act) for role in roles)),
        "person": request.state.person.id if request.state.person else "",
        "responders": [{"id": each.id, "name": each.name} for each in sheets.responders(people)],
        "words": {key: text for key, text in said.items() if key.startswith(SPOKEN_TO_SCRIPT)},
    }


def bells_here(site: Site, roles: frozenset[Role]) -> str:
    """What this reader's page does when a bell is pressed: `watching` rings and is answered here, `quiet` is a line
    without a tone, `told` shows it to somebody who cannot answer it.
    """
    if not any(may(role, Act.ACKNOWLEDGE) for role in roles):
        return "told"
    quiet = all(roles <= {*bell.effects.quiet_roles} for bell in site.bells().values())
    return "quiet" if quiet else "watching"


def _rest(request: Request) -> dict[str, str]:
    return {key: value for key, value in request.query_params.items() if key not in {"language", "theme"}}


def _asked(request: Request) -> str:
    """What the page was asked for, to stand before another word of the query."""
    rest = _rest(request)
    return f"{urlencode(rest)}&" if rest else ""
