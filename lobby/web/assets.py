"""Pictures that people bring: uploads, the list, and what is pinned to a panel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from lobby.core.problem import Refusal
from lobby.core.words import explain
from lobby.web.acts import answer, said
from lobby.web.once import WriteRoute, refuse_changed, version_of
from lobby.web.reading import caller_of, fields_of, person_of

if TYPE_CHECKING:
    from lobby.core.records import Record
    from lobby.web.house import House
    from lobby.web.throttle import Rate
    from media.assets import Asset

reading = APIRouter()
router = APIRouter(route_class=WriteRoute)


@reading.get("/api/v1/assets")
async def assets(request: Request) -> Response:
    """Every picture and film the lobby knows."""
    library = _house(request).library
    files = (asset for asset in library.assets() if asset.kind != "scene")
    return answer(request, {"assets": [shape(asset, library.records.of(asset.id)) for asset in files]})


@reading.post("/api/v1/assets", status_code=201)
async def upload(request: Request) -> Response:
    """A picture as multipart form: `file`, and the `panel` or `surface` it is meant for.

    Meant for a panel it asks for approval at once and is pinned there when a second person approves it.
    """
    from lobby.web.uploads import received

    house, person = _house(request), person_of(request)
    rate: Rate = request.app.state.upload_rate
    rate.admit(person.id)
    async with received(request, house.uploads) as came:
        session = caller_of(request).session
        if "csrf" in came.fields and session is not None and came.fields["csrf"] != session.csrf:
            raise Refusal("api.form-too-old", status=403)
        panel = came.fields.get("panel") or None
        if panel is not None and panel not in _panels(house):
            raise Refusal("api.not-valid", "panel", status=422)
        surface = came.fields.get("surface") or None
        known: list[Record] = []
        asset = await house.library.take_in(
            came.path,
            name=came.name,
            person=person.id,
            panel=panel,
            surface=surface,
            replaces=came.fields.get("replaces") or None,
            asks=panel is not None,
            here=known.append,
        )
    if "csrf" in came.fields and "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(f"/content/{asset.id}{'?here=1' if known else ''}", 303)
    told = {"asset": shape(asset, house.library.records.of(asset.id)), "panel": panel, "pinned": False}
    if known:
        told["here"] = " ".join(explain(house.batches.here(known[0]), request.state.language))
    return answer(request, told, status=201)


@router.get("/api/v1/pins")
async def pins(request: Request) -> Response:
    """Which panels show one picture instead of their playlist."""
    return answer(request, dict(_house(request).library.pins()), tagged=True)


@router.put("/api/v1/pins/{panel}")
async def pin(request: Request, panel: str) -> Response:
    """Show one picture on a panel while its surface is on."""
    house, person, fields = _house(request), person_of(request), await fields_of(request)
    wanted = said(fields, "asset", 80)
    if panel not in _panels(house):
        raise Refusal("api.not-found", status=404)
    refuse_changed(request, version_of(dict(house.library.pins())), fields)
    await house.library.pin(panel, wanted, person=person.id)
    return answer(request, dict(house.library.pins()), tagged=True)


@router.delete("/api/v1/pins/{panel}")
@router.post("/api/v1/pins/{panel}/unpin")
async def unpin(request: Request, panel: str) -> Response:
    """Back to the playlist."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    if panel not in house.library.pins():
        raise Refusal("api.not-found", status=404)
    refuse_changed(request, version_of(dict(house.library.pins())))
    await house.library.unpin(panel, person=person.id)
    return answer(request, dict(house.library.pins()), tagged=True)


def shape(asset: Asset, record: Record | None) -> dict[str, Any]:
    """An asset on the wire with its record; its pictures are fetched by hash."""
    return {
        "id": asset.id,
        "title": record.label.title if record else asset.title,
        "record": _record_shape(record) if record else None,
        "kind": asset.kind,
        "width": asset.width,
        "height": asset.height,
        "renditions": dict(asset.renditions),
        "thumbnail": asset.thumbnail,
        "cut_percent": dict(asset.cut_percent),
        "enlarged": dict(asset.enlarged),
    }


def _record_shape(record: Record) -> dict[str, Any]:
    approval = record.approval
    return {
        "state": record.state,
        "label": record.label.as_json(),
        "missing": record.label.missing(),
        "by": record.by,
        "at": record.at,
        "edited_by": record.edited_by,
        "panel": record.panel,
        "surface": record.surface,
        "batch": record.batch,
        "approved_by": approval.person if approval else None,
        "approved_at": approval.at if approval else None,
        "approved_alone": approval.alone if approval else None,
        "sent_back": record.sent_back.reason if record.sent_back else None,
    }


def _panels(house: House) -> frozenset[str]:
    return frozenset(panel.id for surface in house.site.surfaces.values() for panel in surface.panels)


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house
