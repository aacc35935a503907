"""What a signed-in person sees of the house: every thing, what will happen, why, and that the console is watched."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from lobby.core.problem import Refusal
from lobby.safety.acts import Act, may
from lobby.web.reading import fields_of, person_of
from lobby.web.reasons import why_words
from lobby.web.shapes import encoded

if TYPE_CHECKING:
    from lobby.web.consoles import Consoles
    from lobby.web.house import House
    from lobby.web.stream import Feed
    from schedules import Stretch

LONGEST_PLAN = timedelta(days=35)
CONSOLE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

router = APIRouter()


@router.get("/api/v1/status")
async def status(request: Request) -> Response:
    """Every thing and every live document, the same as a stream's snapshot."""
    feed: Feed = request.app.state.feed
    return Response(feed.shapes.snapshot()[1], media_type="application/json")


@router.post("/api/v1/consoles/{console}/heartbeat")
async def heartbeat(request: Request, console: str) -> Response:
    """A live console with a person in front of it; `hears` says that its tone was confirmed by ear.

    Bells are watched only where somebody can answer them.
    """
    if not CONSOLE_ID.fullmatch(console):
        raise Refusal("api.not-valid", "console", status=422)
    house: House = request.app.state.house
    consoles: Consoles = request.app.state.consoles
    person, fields = person_of(request), await fields_of(request)
    hears = fields.get("hears") is True
    consoles.beat(console, person=person.id, roles=person.roles, hears=hears)
    if house.supervision is not None and any(may(role, Act.ACKNOWLEDGE) for role in person.roles):
        house.supervision.console_heard(console, person.id)
    return JSONResponse({"live": len(consoles.live())})


@router.get("/api/v1/plan")
async def plan(request: Request) -> Response:
    """What will happen to each thing, or to one: rows sorted by their beginning, clipped to `from` and `to`."""
    house: House = request.app.state.house
    start, end = _span(request, house)
    only = request.query_params.get("thing")
    known = house.plan().things
    if only is not None and only not in known:
        raise Refusal("api.not-found", status=404)
    rows = [
        _row(thing, stretch)
        for thing in ([only] if only else known)
        for stretch in house.plan().agenda(thing, start, end)
    ]
    rows.sort(key=lambda row: (row["from"], row["thing"]))
    return Response(encoded({"from": start, "to": end, "rows": rows}), media_type="application/json")


@router.get("/api/v1/why/{thing}")
async def why(request: Request, thing: str) -> Response:
    """Which rule wins at a moment, which lose and what they would have given, from which source, until when."""
    house: House = request.app.state.house
    if thing not in house.plan().things:
        raise Refusal("api.not-found", status=404)
    moment = _moment(request, "at", house.clock.now())
    found = house.plan().why(thing, moment)
    changes = [override for override in house.overrides.active(moment) if override.thing == thing]
    told = {
        "thing": thing,
        "at": moment,
        "value": changes[-1].value if changes else found.value,
        "rule": f"override:{changes[-1].id}" if changes else str(found.winner),
        "source": found.winner.source,
        "until": changes[-1].until if changes else found.until,
        "planned": {"value": found.value, "rule": str(found.winner), "until": found.until},
        "losers": [{"rule": str(rule), "source": rule.source, "value": value} for rule, value in found.losers],
        "words": why_words(house, thing, moment, found, request.state.language),
    }
    return Response(encoded(told), media_type="application/json")


def _row(thing: str, stretch: Stretch) -> dict[str, Any]:
    return {
        "thing": thing,
        "value": stretch.value,
        "from": stretch.start,
        "until": stretch.end,
        "rule": str(stretch.rule),
    }


def _span(request: Request, house: House) -> tuple[datetime, datetime]:
    now = house.clock.now()
    start = _moment(request, "from", now)
    end = _moment(request, "to", start + timedelta(days=1))
    if not start < end or end - start > LONGEST_PLAN:
        raise Refusal("api.span", status=422, days=str(LONGEST_PLAN.days))
    return start, end


def _moment(request: Request, name: str, otherwise: datetime) -> datetime:
    """A date of the site's zone, or a moment with its offset."""
    text = request.query_params.get(name)
    if text is None:
        return otherwise
    house: House = request.app.state.house
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        if moment.tzinfo is None:
            if len(text) > 10 and moment.time() != time.min:
                raise ValueError("a moment needs its offset")
            moment = moment.replace(tzinfo=ZoneInfo(house.site.site.time_zone))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refusal("api.not-valid", name, status=422) from None
