"""What people do with an asset: label it, ask for approval, approve, send back, delete and take that back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lobby.core.labels import labelled, plain
from lobby.core.problem import Refusal
from lobby.web.acts import answer, said
from lobby.web.assets import shape
from lobby.web.content import trying
from lobby.web.once import WriteRoute, refuse_changed, version_of
from lobby.web.reading import fields_of, person_of
from lobby.web.roles import APPROVING

if TYPE_CHECKING:
    from lobby.web.house import House

LONGEST_REASON = 300

router = APIRouter(route_class=WriteRoute)


@router.get("/api/v1/assets/{asset}")
async def asset_of(request: Request, asset: str) -> Response:
    """One asset with its record."""
    return answer(request, _shape(_house(request), asset), tagged=True)


@router.put("/api/v1/assets/{asset}/label")
@router.post("/api/v1/assets/{asset}/label")
async def label(request: Request, asset: str) -> Response:
    """Title, descriptions and rights; what is not said stays. What was approved has to be approved again."""
    house, person, given = _house(request), person_of(request), await fields_of(request)
    before = _shape(house, asset)
    refuse_changed(request, version_of(before), given)
    known = house.library.records.of(asset)
    assert known is not None
    await house.library.records.label(asset, labelled(known.label, given), person=person.id)
    if given.get("then") == "ask":
        await house.library.records.ask(asset, person=person.id)
    return answer(request, _shape(house, asset), tagged=True)


@router.post("/api/v1/assets/{asset}/ask")
async def ask(request: Request, asset: str) -> Response:
    """Ask for approval."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    _shape(house, asset)
    await house.library.records.ask(asset, person=person.id)
    return answer(request, _shape(house, asset), tagged=True)


@router.post("/api/v1/assets/{asset}/approve")
async def approve(request: Request, asset: str) -> Response:
    """Let it onto the glass; another person than who brought or edited it, but where one person works alone."""
    house, person, given = _house(request), person_of(request), await fields_of(request)
    refuse_changed(request, version_of(_shape(house, asset)), given)
    await house.library.approve(asset, person=person.id)
    return answer(request, _shape(house, asset), tagged=True)


@router.post("/api/v1/assets/{asset}/send-back")
async def send_back(request: Request, asset: str) -> Response:
    """Do not approve it, with the reason."""
    house, person, given = _house(request), person_of(request), await fields_of(request)
    _shape(house, asset)
    reason = plain(said(given, "reason", LONGEST_REASON))
    await house.library.records.send_back(asset, reason, person=person.id)
    return answer(request, _shape(house, asset), tagged=True)


@router.delete("/api/v1/assets/{asset}")
@router.post("/api/v1/assets/{asset}/remove")
async def remove(request: Request, asset: str) -> Response:
    """Take it off every surface and playlist at once; for a month the deletion can be taken back."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    if asset in house.library.usable() and not person.roles & APPROVING:
        raise Refusal("media.approver-removes", status=403)
    await house.library.records.remove(asset, person=person.id)
    return answer(request, {"removed": asset}, page=f"/content?removed={asset}")


@router.post("/api/v1/assets/{asset}/restore")
async def restore(request: Request, asset: str) -> Response:
    """Take a deletion back; what may be on a screen then comes back to it, so an approver takes it back."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    record = house.library.records.of(asset)
    if record is not None and record.approval is not None and not person.roles & APPROVING:
        raise Refusal("media.approver-restores", status=403)
    await house.library.records.restore(asset, person=person.id)
    return answer(request, _shape(house, asset), page=f"/content/{asset}", tagged=True)


@router.post("/api/v1/assets/{asset}/test")
async def test_display(request: Request, asset: str) -> Response:
    """Show a draft on a surface outside its hours, for a few minutes; it ends by itself."""
    house, person, given = _house(request), person_of(request), await fields_of(request)
    try:
        minutes = int(given.get("minutes", ""))
    except (TypeError, ValueError):
        raise Refusal("api.not-valid", "minutes", status=422) from None
    airing = await trying.begin(house, asset, said(given, "surface", 40), minutes, person=person.id)
    return answer(request, {"id": airing.id, "until": airing.until}, status=201)


@router.post("/api/v1/test-displays/{airing}/end")
async def end_test_display(request: Request, airing: str) -> Response:
    """End it now."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    await trying.end(house, airing, person=person.id)
    return answer(request, {"ended": airing})


def _shape(house: House, asset: str) -> dict[str, Any]:
    found, record = house.library.by_id().get(asset), house.library.records.of(asset)
    if found is None:
        raise Refusal("media.no-such-asset", asset, status=404)
    return shape(found, record)


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house
