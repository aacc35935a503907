"""People of the site, by a facility admin: who there is, one more, other roles, a new password, no longer."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from lobby.core.problem import Refusal
from lobby.web.acts import said
from lobby.web.pages import people_page
from lobby.web.people import CODE_SIGNS, LONGEST_NAME
from lobby.web.reading import FORM, fields_of, person_of
from lobby.web.roles import Role

if TYPE_CHECKING:
    from lobby.core.problem import Problem
    from lobby.web.house import House
    from lobby.web.people import Person

GROUPS, SIGNS = 4, 4
MOST_ROLES = 12

# No idempotency here: a kept answer would keep a password.
router = APIRouter()


@router.get("/people")
async def people(request: Request) -> Response:
    """The page with everybody who has an account."""
    return people_page(request)


@router.get("/api/v1/people")
async def listed(request: Request) -> Response:
    """Everybody who has an account."""
    return JSONResponse({"people": [shape(one) for one in _house(request).people.all()]})


@router.post("/api/v1/people")
async def add(request: Request) -> Response:
    """One more person; the first password is in this answer and nowhere else."""
    house, by, fields = _house(request), person_of(request), await fields_of(request)
    password = first_password()
    try:
        made = await house.people.add(
            account=said(fields, "account", LONGEST_NAME),
            name=said(fields, "name", LONGEST_NAME),
            password=password,
            roles=_roles(fields),
            by=by.id,
            language="en" if fields.get("language") == "en" else "ko",
        )
    except Refusal as refusal:
        return _refused(request, refusal)
    return _with_password(request, made, password, status=201)


@router.post("/api/v1/people/{person}/password")
async def renew(request: Request, person: str) -> Response:
    """Another first password for somebody who lost theirs; their sessions end."""
    house, by = _house(request), person_of(request)
    await fields_of(request)
    password = first_password()
    await house.people.set_password(person, password, by=by.id)
    known = house.people.by_id(person)
    assert known is not None  # set_password has refused what nobody knows
    return _with_password(request, known, password)


@router.post("/api/v1/people/{person}/roles")
async def set_roles(request: Request, person: str) -> Response:
    """Other roles; the person's sessions end."""
    house, by, fields = _house(request), person_of(request), await fields_of(request)
    try:
        changed = await house.people.set_roles(person, _roles(fields), by=by.id)
    except Refusal as refusal:
        return _refused(request, refusal)
    return _done(request, changed)


@router.post("/api/v1/people/{person}/disable")
async def disable(request: Request, person: str) -> Response:
    """Nobody signs in by that account any more."""
    house, by = _house(request), person_of(request)
    await fields_of(request)
    try:
        await house.people.disable(person, by=by.id)
    except Refusal as refusal:
        return _refused(request, refusal)
    return _done(request, house.people.by_id(person))


def first_password() -> str:
    """Four groups of four signs that cannot be read for one another."""
    return "-".join("".join(secrets.choice(CODE_SIGNS) for _ in range(SIGNS)) for _ in range(GROUPS))


def shape(person: Person) -> dict[str, Any]:
    """An account on the wire."""
    return {
        "id": person.id,
        "account": person.account,
        "name": person.name,
        "roles": sorted(person.roles),
        "disabled": person.disabled,
    }


def _roles(fields: Mapping[str, Any]) -> list[Role]:
    """A list of role names, or the ticked boxes `role-NAME` of a form."""
    named = fields.get("roles")
    if named is None:
        named = [key.removeprefix("role-") for key in fields if key.startswith("role-")]
    if not isinstance(named, list) or len(named) > MOST_ROLES or not named:
        raise Refusal("api.not-valid", "roles", status=422)
    try:
        return [Role(name) for name in named]
    except ValueError:
        raise Refusal("api.not-valid", "roles", status=422) from None


def _with_password(request: Request, person: Person, password: str, *, status: int = 200) -> Response:
    if _is_form(request):
        return people_page(request, told=(person, password))
    return JSONResponse({"person": shape(person), "password": password}, status, {"Cache-Control": "no-store"})


def _done(request: Request, person: Person | None) -> Response:
    if _is_form(request):
        return RedirectResponse("/people", 303)
    return JSONResponse({"person": shape(person) if person else None})


def _refused(request: Request, refusal: Refusal) -> Response:
    """A form sees its page again with what is wrong."""
    if not _is_form(request):
        raise refusal
    problem: Problem = refusal.problem
    return people_page(request, problem=problem)


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith(FORM)


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house
