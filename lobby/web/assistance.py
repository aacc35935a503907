"""A visitor calls a person: called, seen, coming, done. No personal data, and no word about bells."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from lobby.core.problem import Refusal
from lobby.core.projection import Fact
from lobby.web.once import WriteRoute
from lobby.web.reading import address_of, fields_of, person_of
from lobby.web.roles import WATCHING

if TYPE_CHECKING:
    from lobby.web.consoles import Consoles
    from lobby.web.house import House
    from lobby.web.throttle import Rate

STATES = ("called", "seen", "coming", "done")
LIVES = timedelta(minutes=30)
MOST = 50
DOCUMENT = "assistance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One visitor waiting at a place of the site; `id` is known to the page that called, and to staff."""

    id: str
    place: str
    state: str
    at: datetime
    changed_at: datetime


class Calls:
    """The calls of the last half hour."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._calls: OrderedDict[str, Call] = OrderedDict()

    async def call(self, place: str) -> Call:
        """One more visitor; a place that waits already keeps its call."""
        self._forget_old()
        for known in self._calls.values():
            if known.place == place and known.state != "done":
                return known
        if len(self._calls) >= MOST:
            self._calls.popitem(last=False)
        now = self._house.clock.now()
        call = Call(id=secrets.token_urlsafe(12), place=place, state="called", at=now, changed_at=now)
        self._calls[call.id] = call
        self._show("assistance", call)
        await self._house.journal.record(Fact(kind="assistance.called", subject=place or "kiosk", payload={}))
        return call

    async def answer(self, call_id: str, state: str, *, person: str) -> Call:
        """A person sees it, comes, or is done; only forward."""
        call = self.of(call_id)
        if state not in STATES or STATES.index(state) <= STATES.index(call.state):
            raise Refusal("api.not-now", state=call.state)
        changed = replace(call, state=state, changed_at=self._house.clock.now())
        self._calls[call_id] = changed
        self._show("assistance", changed)
        payload = {"person": person}
        await self._house.journal.record(
            Fact(kind=f"assistance.{state}", subject=call.place or "kiosk", payload=payload)
        )
        return changed

    def of(self, call_id: str) -> Call:
        """The call of an id that cannot be guessed."""
        self._forget_old()
        call = self._calls.get(call_id)
        if call is None:
            raise Refusal("api.not-found", status=404)
        return call

    def _show(self, event: str, call: Call) -> None:
        self._house.hub.tell(event, shape(call))
        self._house.hub.put(DOCUMENT, [shape(each) for each in self._calls.values() if each.state != "done"])

    def _forget_old(self) -> None:
        since = self._house.clock.now() - LIVES
        for call_id in [call.id for call in self._calls.values() if call.at < since]:
            del self._calls[call_id]


router = APIRouter(route_class=WriteRoute)


@router.post("/api/v1/assistance", status_code=201)
async def call(request: Request) -> Response:
    """Call a person to a place of the site; says at once whether somebody is there to see it."""
    house: House = request.app.state.house
    rate: Rate = request.app.state.assistance_rate
    rate.admit(address_of(request))
    place = (await fields_of(request)).get("place", "")
    if place and place not in house.site.places:
        raise Refusal("api.not-valid", "place", status=422)
    calls: Calls = request.app.state.calls
    return JSONResponse(_told(request, await calls.call(str(place))), 201)


@router.get("/api/v1/assistance/{call}")
async def state(request: Request, call: str) -> Response:
    """How far the answer has come."""
    calls: Calls = request.app.state.calls
    return JSONResponse(_told(request, calls.of(call)))


@router.post("/api/v1/assistance/{call}")
async def answer(request: Request, call: str) -> Response:
    """Staff: seen, coming, done."""
    calls: Calls = request.app.state.calls
    fields = await fields_of(request)
    changed = await calls.answer(call, str(fields.get("state", "")), person=person_of(request).id)
    return JSONResponse(_told(request, changed))


def shape(call: Call) -> dict[str, Any]:
    """A call on the wire."""
    return {"id": call.id, "place": call.place, "state": call.state, "at": call.at.isoformat()}


def _told(request: Request, call: Call) -> dict[str, Any]:
    consoles: Consoles = request.app.state.consoles
    house: House = request.app.state.house
    attended = any(console.roles & WATCHING for console in consoles.live())
    return {**shape(call), "attended": attended, "telephone": house.site.site.telephone}
