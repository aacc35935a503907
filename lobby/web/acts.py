"""What people change: a thing for a while, its mode. Every act has a person, a reason and an end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from lobby.core.problem import Refusal
from lobby.core.site import Bell, Cafe, Desk, Room, Sensor
from lobby.web.once import WriteRoute, refuse_changed, version_of
from lobby.web.reading import FORM, fields_of, page_before, person_of
from lobby.web.roles import LEADING, Role
from lobby.web.shapes import encoded
from lobby.web.undoing import Done, Undoing

if TYPE_CHECKING:
    from lobby.web.house import House
    from lobby.web.people import Person

LONGEST_REASON = 200
ALONG = "along-"

router = APIRouter(route_class=WriteRoute)


@router.get("/api/v1/things/{thing}/overrides")
async def overrides(request: Request, thing: str) -> Response:
    """What people have changed of a thing for a while."""
    house = _house(request)
    _known(house, thing)
    return answer(request, _overrides(house, thing), tagged=True)


@router.post("/api/v1/things/{thing}/overrides")
async def override(request: Request, thing: str) -> Response:
    """Another value until a moment within a day; it ends the change before it."""
    house, person, fields = _house(request), person_of(request), await fields_of(request)
    _known(house, thing)
    refuse_changed(request, version_of(_overrides(house, thing)), fields)
    value, until, reason = said(fields, "value", 40), moment(fields, "until"), said(fields, "reason", LONGEST_REASON)
    wanted = {thing: value, **_along(fields)}
    for each in wanted:
        _known(house, each)
        _refuse_unchangeable(house, each, person)
    now = house.clock.now()
    before = tuple(one for one in house.overrides.active(now) if one.thing in wanted)
    made = tuple(
        [
            await house.overrides.set(thing=each, value=what, until=until, person=person.id, reason=reason)
            for each, what in wanted.items()
        ]
    )
    undoing: Undoing = request.app.state.undoing
    undoing.keep(Done(id=made[0].id, made=made, before=before, at=now))
    return answer(request, made[0], status=201, page=f"/?done={made[0].id}" if page_before(request) == "/" else None)


@router.post("/api/v1/things/{thing}/overrides/{override}/undo")
async def undo_override(request: Request, thing: str, override: str) -> Response:
    """Take back what was just done: what it replaced is in force again, what went along ends with it."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    _known(house, thing)
    _refuse_unchangeable(house, thing, person)
    undoing: Undoing = request.app.state.undoing
    await undoing.undo(house, override, person=person.id)
    return answer(request, _overrides(house, thing), page="/")


@router.delete("/api/v1/things/{thing}/overrides/{override}")
@router.post("/api/v1/things/{thing}/overrides/{override}/end")
async def end_override(request: Request, thing: str, override: str) -> Response:
    """Back to the plan now; for a minute that can be taken back too."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    _known(house, thing)
    _refuse_unchangeable(house, thing, person)
    ended = next((known for known in _overrides(house, thing) if known.id == override), None)
    if ended is None:
        raise Refusal("api.not-found", status=404)
    await house.overrides.end(override, person=person.id)
    undoing: Undoing = request.app.state.undoing
    undoing.keep(Done(id=override, made=(), before=(ended,), at=house.clock.now()))
    page = f"/?done={override}" if page_before(request) == "/" else None
    return answer(request, _overrides(house, thing), page=page)


@router.get("/api/v1/things/{thing}/modes")
async def mode(request: Request, thing: str) -> Response:
    """Automatic, watch only or hold."""
    house = _house(request)
    _known(house, thing)
    return answer(request, {"thing": thing, "mode": house.modes.of(thing, house.clock.now())}, tagged=True)


@router.post("/api/v1/things/{thing}/modes")
async def set_mode(request: Request, thing: str) -> Response:
    """Take a thing out or back in; a hold needs a reason and an end within a day."""
    from lobby.day.modes import Mode

    house, person, fields = _house(request), person_of(request), await fields_of(request)
    _known(house, thing)
    if isinstance(house.site.things.get(thing), Bell):
        raise Refusal("api.bell-has-no-mode")
    try:
        wanted = Mode(said(fields, "mode", 20))
    except ValueError:
        raise Refusal("api.not-valid", "mode", status=422) from None
    until = moment(fields, "until") if fields.get("until") else None
    await house.modes.set(thing, wanted, person=person.id, reason=said(fields, "reason", LONGEST_REASON), until=until)
    return answer(request, {"thing": thing, "mode": house.modes.of(thing, house.clock.now())})


@router.post("/api/v1/choices/{choice}")
async def decide(request: Request, choice: str) -> Response:
    """Something the installer guessed is right, says this person."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    await house.choices.decide(choice, person=person.id)
    return answer(request, {"decided": sorted(house.choices.decided())})


def answer(
    request: Request, value: Any, *, status: int = 200, tagged: bool = False, page: str | None = None
) -> Response:
    """The answer to an act: JSON, or for a plain form a page, by itself the one it came from."""
    if request.headers.get("content-type", "").startswith(FORM):
        return RedirectResponse(page or page_before(request), 303)
    body = encoded(value)
    headers = {"ETag": version_of(value)} if tagged else {}
    return Response(body, status, headers, "application/json")


def said(fields: Mapping[str, Any], name: str, longest: int) -> str:
    """A text that must be there and must not be long."""
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > longest or "\x00" in value:
        raise Refusal("api.not-valid", name, status=422)
    return value.strip()


def moment(fields: Mapping[str, Any], name: str) -> datetime:
    """A moment with its offset."""
    try:
        found = datetime.fromisoformat(said(fields, name, 40))
    except ValueError:
        raise Refusal("api.not-valid", name, status=422) from None
    if found.tzinfo is None:
        raise Refusal("api.not-valid", name, status=422)
    return found


def _along(fields: Mapping[str, Any]) -> dict[str, str]:
    """The surfaces that go on with the desk, as a form's boxes name them."""
    names = [name for name in fields if name.startswith(ALONG)]
    return {name.removeprefix(ALONG): said(fields, name, 40) for name in names}


def _known(house: House, thing: str) -> None:
    if thing not in house.site.things and thing not in house.site.surfaces:
        raise Refusal("api.not-found", status=404)


def _refuse_unchangeable(house: House, thing: str, person: Person) -> None:
    """Bells, sensors and the café are watched, never commanded; desk staff change their desk and its rooms only."""
    model = house.site.things.get(thing)
    if isinstance(model, Bell | Cafe | Sensor):
        raise Refusal("api.only-watched")
    if not person.roles & LEADING and Role.DESK in person.roles and not isinstance(model, Desk | Room):
        raise Refusal("api.not-allowed", status=403)


def _overrides(house: House, thing: str) -> list[Any]:
    return [override for override in house.overrides.active(house.clock.now()) if override.thing == thing]


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house
