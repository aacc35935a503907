"""The ways to the console's further pages; each exists only where the place has its subject."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lobby.core.problem import Refusal
from lobby.web import today
from lobby.web.console import devices, walls
from lobby.web.console.entry import entered
from lobby.web.rendering import render_live, switched
from lobby.web.roles import DEVICE_READERS, LEADING

router = APIRouter()


@router.get("/walls")
async def walls_page(request: Request) -> Response:
    """Every surface as it hangs."""
    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, "/walls")
    return render_live(
        request,
        "walls.html",
        scene,
        walls=walls.walls(house, scene, request.app.state.glass),
        can_lead=_leads(request),
        can_devices=bool(request.state.person.roles & DEVICE_READERS),
    )


@router.get("/devices")
async def devices_page(request: Request) -> Response:
    """Every thing with a wire."""
    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, "/devices")
    found = devices.groups(house, scene)
    return render_live(
        request,
        "devices.html",
        scene,
        groups=found,
        counts=devices.counted(found),
        can_lead=_leads(request),
        hold_ends=today.hold_ends(scene),
    )


@router.get("/devices/{thing}")
async def device_page(request: Request, thing: str) -> Response:
    """One thing: why it is as it is, and the last exchanges on its wire."""
    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, "/devices")
    if not devices.is_device(house.site, thing):
        raise Refusal("api.not-found", status=404)
    return render_live(
        request,
        "device.html",
        scene,
        row=devices.row_of(house, scene, thing),
        why=devices.why(house, scene, thing),
        trace=devices.trace(scene, house.exchanges(thing)) if _leads(request) else None,
        can_lead=_leads(request),
        hold_ends=today.hold_ends(scene),
    )


def _leads(request: Request) -> bool:
    return bool(request.state.person.roles & LEADING)
