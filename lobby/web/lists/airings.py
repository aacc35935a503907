"""What people put above the programme for a while: campaigns and interrupts, with their approval and end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lobby.core.ended import Ended
from lobby.core.labels import plain
from lobby.core.problem import Refusal
from lobby.web.acts import answer, said
from lobby.web.lists.forms import LONGEST_NAME, window_of
from lobby.web.lists.owned import refuse_notices
from lobby.web.lists.states import airing_shape
from lobby.web.once import WriteRoute
from lobby.web.reading import fields_of, person_of
from lobby.web.roles import APPROVING, LEADING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lobby.core.airings import Airing, Class
    from lobby.web.house import House
    from lobby.web.people import Person

ON = "on-"
PUT_HERE: Mapping[str, Class] = {"campaign": "campaign", "interrupt": "interrupt"}

router = APIRouter(route_class=WriteRoute)


@router.get("/api/v1/airings")
async def airings(request: Request) -> Response:
    """Everything that lies above the programme, waits or is to come."""
    house = _house(request)
    return answer(request, {"airings": [airing_shape(house, each) for each in house.airings.all()]})


@router.post("/api/v1/airings", status_code=201)
async def put(request: Request) -> Response:
    """A campaign or an interrupt, which waits for a second person's approval."""
    house, person, given = _house(request), person_of(request), await fields_of(request)
    made = await house.airings.put(**asked(house, given), person=person.id, source="console")
    return answer(request, airing_shape(house, made), status=201, page=f"/airings#airing-{made.id}")


@router.post("/api/v1/airings/{airing}/approve")
async def approve(request: Request, airing: str) -> Response:
    """Let it go on air; another person than who put it, but where one person works alone."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    if (found := house.airings.of(airing)) is not None:
        _refuse_notice(found)
    made = await house.airings.approve(airing, person=person.id)
    return answer(request, airing_shape(house, made), page=f"/airings#airing-{made.id}")


@router.delete("/api/v1/airings/{airing}")
@router.post("/api/v1/airings/{airing}/end")
async def end(request: Request, airing: str) -> Response:
    """Take it off air now, twice is once; whoever only uploads ends nothing but what still waits."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    found, now = house.airings.of(airing), house.clock.now()
    ended: Ended = request.app.state.ended
    if found is not None:
        _refuse_ending(found, person)
        await house.airings.end(airing, person=person.id)
        ended.keep(found, now)
    elif ended.of(airing, now) is None:
        raise Refusal("airings.unknown", airing[:80], status=404)
    return answer(request, {"ended": airing}, page=f"/airings?ended={airing}")


@router.post("/api/v1/airings/{airing}/undo")
async def undo(request: Request, airing: str) -> Response:
    """Take an end back, within a minute: it is on air as before, with its approval."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    ended: Ended = request.app.state.ended
    found = ended.of(airing, house.clock.now())
    if found is None:
        raise Refusal("work.undo-late", status=409)
    _refuse_ending(found, person)
    made = await house.airings.restore(found, person=person.id)
    ended.drop(airing)
    return answer(request, airing_shape(house, made), page=f"/airings#airing-{made.id}")


def asked(house: House, given: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody wants on air, in the words of `Airings.put`. Raises Refusal."""
    cls = PUT_HERE.get(str(given.get("cls", "")))
    if cls is None:
        raise Refusal("api.not-valid", "cls", status=422)
    window = window_of(given, ZoneInfo(house.site.site.time_zone))
    if cls == "campaign":
        window |= {"every_s": 0, "for_s": 0}
    content = _content(given)
    refuse_notices(house, content.values())
    return {"cls": cls, "name": plain(said(given, "name", LONGEST_NAME)), "content": content, **window}


def _content(given: Mapping[str, Any]) -> dict[str, str]:
    """Surface → playlist or asset: as an object, or one `show` for every surface that a form has ticked."""
    told = given.get("content")
    if told is None:
        surfaces = [name.removeprefix(ON) for name in given if name.startswith(ON)]
        told = dict.fromkeys(surfaces, said(given, "show", 80)) if surfaces else {}
    if not isinstance(told, dict) or not all(isinstance(each, str) and 0 < len(each) <= 80 for each in told.values()):
        raise Refusal("api.not-valid", "content", status=422)
    if not told:
        raise Refusal("lists.no-surface", status=422)
    return {str(surface): content for surface, content in told.items()}


def _refuse_notice(airing: Airing) -> None:
    """Notices are released and taken down on their own page, which also ends what goes along with them."""
    if airing.cls not in PUT_HERE:
        raise Refusal("lists.notice-page", airing.name, status=409)


def _refuse_ending(airing: Airing, person: Person) -> None:
    _refuse_notice(airing)
    if not person.roles & (APPROVING | LEADING) and (airing.approved_by is not None or airing.person != person.id):
        raise Refusal("lists.approver-ends", airing.name, status=403)


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house
