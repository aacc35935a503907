"""What anyone may ask: is the lobby alive, is the desk open, what plays, what time is it. Nothing of bells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from lobby.core.site import Cafe, Desk
from lobby.day.desk import opening
from lobby.day.noticeboard import texts_kept
from lobby.web.desks import spells_of
from lobby.web.lists.above import above, title
from lobby.web.reading import address_of
from lobby.web.sentence import cafe_state
from lobby.web.shapes import encoded, names_of
from lobby.web.throttle import Rate
from lobby.web.works import works
from media.notices.texts import as_read

if TYPE_CHECKING:
    from lobby.core.airings import Airing
    from lobby.core.hub import ThingState
    from lobby.core.site import Site
    from lobby.web.house import House

router = APIRouter()


def now_document(house: House) -> dict[str, Any]:
    """The public state: desks with their next opening and its reason, café, what is playing.

    The reason of a person's change is a note between colleagues: it is not told.
    """
    site, things = house.site, house.hub.snapshot()[1]
    return {
        "desks": [_desk(house, desk) for desk in site.of(Desk)],
        "cafes": [_cafe(site, cafe, things) for cafe in site.of(Cafe)],
        "surfaces": [_surface(house, surface, things) for surface in site.surfaces],
        "notices": [_notice(airing) for airing, _ in house.notices.told("ko")],
    }


@router.get("/healthz")
async def alive() -> Response:
    """The loop turns."""
    return JSONResponse({"alive": True})


@router.get("/readyz")
async def ready(request: Request) -> Response:
    """The journal takes writes; what broker and devices do belongs to the status."""
    house: House = request.app.state.house
    healthy = house.journal.healthy()
    return JSONResponse({"journal": healthy}, 200 if healthy else 503)


@router.get("/api/v1/time")
async def time(request: Request) -> Response:
    """The controller's clock, for players that compare theirs."""
    house: House = request.app.state.house
    now = house.clock.now()
    return JSONResponse({"now": now.isoformat(), "unix_ms": round(now.timestamp() * 1000, 3)})


@router.get("/api/v1/now")
async def now(request: Request) -> Response:
    """What visitors may know now."""
    house: House = request.app.state.house
    rate: Rate = request.app.state.public_rate
    rate.admit(address_of(request))
    told = {"at": house.clock.now(), **now_document(house)}
    return Response(encoded(told), media_type="application/json")


def _desk(house: House, desk: str) -> dict[str, Any]:
    moment, zone = house.clock.now(), ZoneInfo(house.site.site.time_zone)
    told = opening(spells_of(house, desk, moment), moment, zone)
    return {
        "id": desk,
        "name": _name(house.site, desk),
        "state": told.state,
        "until": told.until,
        "tickets_until": told.tickets_until,
        "next_opening": told.next_opening,
        "reason": {} if told.changed else told.reason,
    }


def _cafe(site: Site, cafe: str, things: Mapping[str, ThingState]) -> dict[str, Any]:
    state = things.get(cafe)
    return {"id": cafe, "name": _name(site, cafe), "state": cafe_state(state) if state else "silent"}


def _surface(house: House, surface: str, things: Mapping[str, ThingState]) -> dict[str, Any]:
    site, state = house.site, things.get(surface)
    playlist = house.playlists.all().get(state.desired or "") if state else None
    playing: Mapping[str, str] | None = {"ko": playlist.name.ko, "en": playlist.name.en} if playlist else None
    until = state.until if state else None
    if lying := above(house, surface, house.clock.now(), (state.desired if state else None) or "off"):
        playing, until = title(house, lying[0], surface), lying[0].until
    return {
        "id": surface,
        "name": _name(site, surface),
        "on": bool(state and state.desired not in (None, "off")),
        "playing": playing,
        "works": [
            {
                "title": each.titles,
                "artist": each.artist,
                "year": each.year,
                "credit": each.credit,
                "description": each.descriptions,
            }
            for each in works(house, surface, house.clock.now())
        ],
        "until": until,
    }


def _notice(airing: Airing) -> dict[str, Any]:
    """A notice on air in every script it has."""
    texts = {
        script: {"headline": as_read(text.headline, script), "body": as_read(text.body, script)}
        for script, text in texts_kept(airing).items()
    }
    return {"emergency": airing.cls == "emergency", "until": airing.until, "texts": texts}


def _name(site: Site, thing: str) -> Mapping[str, str]:
    return names_of(site)[thing]
