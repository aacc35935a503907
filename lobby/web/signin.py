"""Coming in and going out: the forms of sign-in, sign-out and the first admin, answered with redirects."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from lobby.core.problem import Refusal
from lobby.web.content.tabs import landing_of
from lobby.web.gate import cookie_name
from lobby.web.house import House
from lobby.web.reading import FORM, address_of, caller_of, fields_of, person_of
from lobby.web.sessions import Session
from lobby.web.throttle import Guesses, Rate

MANY_FROM_ONE_ADDRESS = 60
LANDING = "/"
# The forms know few words; every cause of a refusal is one of them.
FORM_WORDS = {
    "signin.wrong": "refused",
    "signin.code-wrong": "refused",
    "api.form-too-old": "expired",
    "signin.wait": "slow-down",
    "signin.one-at-a-time": "slow-down",
    "api.too-fast": "slow-down",
    "signin.password-short": "weak",
    "signin.password-long": "weak",
    "signin.password-common": "weak",
}


class Doorman:
    """The brakes of the way in: wrong answers per account and address, attempts per address, one at a time each."""

    def __init__(self, house: House) -> None:
        self._guesses = Guesses(house.clock)
        self._attempts = Rate(house.clock, count=MANY_FROM_ONE_ADDRESS, within_s=60)
        self._busy: set[str] = set()

    async def sign_in(self, house: House, account: str, password: str, address: str) -> tuple[Session, str]:
        """A session, or a refusal; an attempt that waits costs no hash."""
        known = house.people.by_account(account)
        # One key for all unknown accounts of an address: guessing names is slowed down like guessing passwords.
        key = (known.id if known else "unknown", address)
        self._begin(address, *key)
        try:
            session = await house.people.sign_in(account, password, address=address)
        except Refusal:
            self._guesses.failed(*key)
            raise
        finally:
            self._busy.discard(address)
        self._guesses.right(*key)
        return session

    async def set_up(self, house: House, fields: dict[str, str], address: str) -> None:
        """The first admin, or a refusal; a wrong code counts."""
        self._begin(address, "set-up", address)
        try:
            await house.people.set_up(
                fields["code"],
                account=fields["account"],
                name=fields["name"] or fields["account"],
                password=fields["password"],
                language=fields["language"],
                duty=bool(fields["duty"]) or house.site.site.one_person,
            )
        except Refusal as refusal:
            if refusal.problem.code == "signin.code-wrong":
                self._guesses.failed("set-up", address)
            raise
        finally:
            self._busy.discard(address)

    def _begin(self, address: str, *key: str) -> None:
        self._guesses.admit(*key)
        self._attempts.admit(address)
        if address in self._busy:
            raise Refusal("signin.one-at-a-time", status=429)
        self._busy.add(address)


router = APIRouter()


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Begin a session and lead on to `next`; a mistake leads back to the form with its words and the account kept."""
    house, doorman = _house(request), _doorman(request)
    fields = await fields_of(request)
    account, password = _text(fields, "account"), _text(fields, "password")
    onward = _own_path(_text(fields, "next"))
    try:
        session, secret = await doorman.sign_in(house, account, password, address_of(request))
    except Refusal as refusal:
        return _back(request, "/sign-in", refusal, account=account, next=onward)
    old = caller_of(request).session
    if old is not None:
        await house.people.sign_out(old)
    if onward == "/":
        onward = landing_of(house.people.by_id(session.person))
    return _with_cookie(_onward(request, onward), secret, session, house)


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End this session at the server and forget the cookie."""
    house, session = _house(request), caller_of(request).session
    await fields_of(request)
    if session is not None:
        await house.people.sign_out(session)
    response = _onward(request, "/sign-in")
    response.delete_cookie(cookie_name(secure=house.secure), path="/", secure=house.secure, httponly=True)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@router.post("/set-up")
async def set_up(request: Request) -> Response:
    """Make the first admin by the one-time code and lead to the sign-in; afterwards this way is dead."""
    house, doorman = _house(request), _doorman(request)
    fields = await fields_of(request)
    typed = {key: _text(fields, key) for key in ("code", "account", "name", "password", "language", "duty")}
    try:
        await doorman.set_up(house, typed, address_of(request))
    except Refusal as refusal:
        return _back(request, "/set-up", refusal, account=typed["account"], name=typed["name"])
    return _onward(request, f"/sign-in?{urlencode({'account': typed['account']})}")


@router.get("/api/v1/me")
async def me(request: Request) -> dict[str, object]:
    """Who is signed in here, until when, and the token that forms and scripts send along."""
    person, session = person_of(request), caller_of(request).session
    assert session is not None
    return {
        "id": person.id,
        "name": person.name,
        "roles": sorted(person.roles),
        "language": person.language,
        "csrf": session.csrf,
        "ends": session.ends.isoformat(),
    }


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


def _doorman(request: Request) -> Doorman:
    doorman: Doorman = request.app.state.doorman
    return doorman


def _text(fields: Any, key: str) -> str:
    value = fields.get(key, "")
    return value if isinstance(value, str) else ""


def _own_path(wanted: str) -> str:
    """Only a path of this site: no other host, no scheme, no trick with slashes."""
    plain = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if plain and len(wanted) <= 200 else LANDING


def _sent_a_form(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith(FORM)


def _back(request: Request, form: str, refusal: Refusal, **kept: str) -> Response:
    """A form goes back to its page with the problem's code; a program gets the problem document."""
    if not _sent_a_form(request) or refusal.status == 404:
        raise refusal
    code = refusal.problem.code
    told = {"problem": FORM_WORDS.get(code, "refused"), "code": code}
    return RedirectResponse(f"{form}?{urlencode({**kept, **told})}", 303)


def _onward(request: Request, path: str) -> Response:
    if _sent_a_form(request) or not request.headers.get("content-type"):
        return RedirectResponse(path, 303)
    return JSONResponse({"next": path})


def _with_cookie(response: Response, secret: str, session: Session, house: House) -> Response:
    response.set_cookie(
        cookie_name(secure=house.secure),
        secret,
        max_age=int((session.ends - session.begun).total_seconds()),
        path="/",
        secure=house.secure,
        httponly=True,
        samesite="strict",
    )
    return response
