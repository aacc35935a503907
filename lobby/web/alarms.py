"""Incidents: the list, and each step of a life-cycle by the person who takes it. The rules are `lobby.safety`'s."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lobby.core.problem import Refusal
from lobby.safety.acts import Act, may
from lobby.web.acts import answer, said
from lobby.web.once import WriteRoute, refuse_changed, version_of
from lobby.web.reading import fields_of, person_of
from lobby.web.roles import Role
from lobby.web.shapes import incident_shape

if TYPE_CHECKING:
    from lobby.safety.incidents import Incident
    from lobby.web.house import House
    from lobby.web.people import Person

STRONGEST_FIRST = (Role.SUPERVISOR, Role.DUTY, Role.GUARD, Role.FACILITY, Role.DESK, Role.AUDITOR)
WAYS_TO_ARRIVE = ("code", "relay", "input")

router = APIRouter(route_class=WriteRoute)


@router.get("/api/v1/incidents")
async def incidents(request: Request) -> Response:
    """Every incident that is not closed, oldest first."""
    house = _house(request)
    shown = [_shape(house, incident) for incident in house.incidents.open()]
    return answer(request, {"incidents": shown})


@router.post("/api/v1/bells/{bell}/raise")
async def raise_by_hand(request: Request, bell: str) -> Response:
    """Raise a bell's incident from the console."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    await house.incidents.raise_by_hand(bell, person=person.id, role=_role(person, Act.RAISE))
    return answer(request, {"bell": bell}, status=201)


@router.post("/api/v1/incidents/{incident}/acknowledge")
async def acknowledge(request: Request, incident: str) -> Response:
    """This person goes, or sends `responder`, a colleague with an account."""
    house, person, fields = await _begin(request, incident)
    responder = _text(fields, "responder")
    if responder and house.people.by_id(responder) is None:
        raise Refusal("api.not-valid", "responder", status=422)
    role = _role(person, Act.ACKNOWLEDGE)
    done = await house.incidents.acknowledge(incident, person=person.id, role=role, responder=responder or None)
    return answer(request, _shape(house, done))


@router.post("/api/v1/incidents/{incident}/arrive")
async def arrive(request: Request, incident: str) -> Response:
    """Somebody is at the place: with its code, or told by radio (`way` relay, `by` whom)."""
    house, person, fields = await _begin(request, incident)
    way = _text(fields, "way") or ("code" if fields.get("code") else "relay")
    if way not in WAYS_TO_ARRIVE:
        raise Refusal("api.not-valid", "way", status=422)
    by = _text(fields, "by") or (person.id if way == "relay" else None)
    role = _role(person, Act.RELAY if way == "relay" else Act.ARRIVE)
    code = _text(fields, "code")
    done = await house.incidents.arrive(incident, person=person.id, role=role, way=way, code=code, by=by)
    return answer(request, _shape(house, done))


@router.post("/api/v1/incidents/{incident}/end")
async def end(request: Request, incident: str) -> Response:
    """It is over: said at the place, or `way` remote with `spoke_to` and then a second person."""
    house, person, fields = await _begin(request, incident)
    way, spoke_to = _text(fields, "way") or "place", _text(fields, "spoke_to")
    if way not in ("place", "remote"):
        raise Refusal("api.not-valid", "way", status=422)
    role = _role(person, Act.END if way == "place" else Act.END_REMOTELY)
    done = await house.incidents.end(incident, person=person.id, role=role, way=way, spoke_to=spoke_to)
    return answer(request, _shape(house, done))


@router.post("/api/v1/incidents/{incident}/propose-false")
async def propose_false(request: Request, incident: str) -> Response:
    """It looks like a press by mistake; who is in charge says so when closing."""
    house, person, _ = await _begin(request, incident)
    role = _role(person, Act.PROPOSE_FALSE)
    return answer(request, _shape(house, await house.incidents.propose_false(incident, person=person.id, role=role)))


@router.post("/api/v1/incidents/{incident}/make-real")
async def make_real(request: Request, incident: str) -> Response:
    """The drill or test is no drill."""
    house, person, _ = await _begin(request, incident)
    role = _role(person, Act.MAKE_REAL)
    return answer(request, _shape(house, await house.incidents.make_real(incident, person=person.id, role=role)))


@router.post("/api/v1/incidents/{incident}/close")
async def close(request: Request, incident: str) -> Response:
    """What it was; nothing changes afterwards."""
    house, person, fields = await _begin(request, incident)
    kind, note = said(fields, "classification", 20), _text(fields, "note")[:1000]
    role = _role(person, Act.CLOSE)
    done = await house.incidents.close(incident, person=person.id, role=role, classification=kind, note=note)
    return answer(request, _shape(house, done))


async def _begin(request: Request, incident_id: str) -> tuple[House, Person, Mapping[str, Any]]:
    """What every step needs; an old page's step is refused where it says which state it saw."""
    house, person, fields = _house(request), person_of(request), await fields_of(request)
    known = next((incident for incident in house.incidents.open() if incident.id == incident_id), None)
    if known is None:
        raise Refusal("api.not-found", status=404)
    refuse_changed(request, version_of(known.step), fields)
    return house, person, fields


def _shape(house: House, incident: Incident) -> dict[str, Any]:
    shape = incident_shape(incident, house.site, now=house.clock.now())
    responder = house.people.by_id(incident.responder or "")
    return {
        **shape,
        "responder": responder.name if responder else incident.responder,
        "etag": version_of(incident.step),
    }


def _role(person: Person, act: Act) -> str:
    """The strongest of the person's roles that the act is open to; without one the desk of incidents refuses."""
    mine = [role for role in STRONGEST_FIRST if role in person.roles]
    return next((role.value for role in mine if may(role.value, act)), mine[0].value if mine else "viewer")


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str) or len(value) > 1000:
        raise Refusal("api.not-valid", name, status=422)
    return value.strip()


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house
