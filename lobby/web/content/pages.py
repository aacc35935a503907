"""The ways to the content pages: the grid of all assets, and one asset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from lobby.core.problem import Refusal
from lobby.core.records import LANGUAGES, State
from lobby.core.words import explain
from lobby.web.console.entry import entered
from lobby.web.content import batching, cards, detail, remaking, trying
from lobby.web.rendering import render_live, switched
from lobby.web.roles import APPROVING, UPLOADING

if TYPE_CHECKING:
    from lobby.core.batches import Batch
    from lobby.web.house import House
    from lobby.web.people import Person

LONGEST_QUERY = 80
MOST_BATCHES = 3

router = APIRouter()


@router.get("/content")
async def content_page(request: Request) -> Response:
    """Every asset with its state; what comes in, what waits for the reader, whose licence ends, what nobody uses."""
    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, "/walls")
    person = _person(request)
    shelf = cards.Shelf(house, scene, person)
    shown = request.query_params.get("show", "all")
    query = request.query_params.get("q", "")[:LONGEST_QUERY]
    removed = house.library.records.of(request.query_params.get("removed", ""))
    return render_live(
        request,
        "content.html",
        scene,
        grid=shelf.grid(shown if shown in cards.FILTERS else "all", query),
        filters=cards.FILTERS,
        steps=cards.STEPS,
        remaking=remaking.view(house, scene),
        batches=[batching.view(house, scene, batch) for batch in _under_way(house)],
        surfaces=[(name, scene.name(name)) for name in house.site.surfaces],
        panels=[
            (panel.id, scene.panel(name, panel.id)) for name, row in house.site.surfaces.items() for panel in row.panels
        ],
        removed=removed if removed is not None and removed.removed_at is not None else None,
        may_restore=shelf.may_restore,
        can_upload=bool(person.roles & UPLOADING),
    )


@router.get("/content/{asset}")
async def asset_page(request: Request, asset: str) -> Response:
    """One asset: its picture as it will hang, checks, label and rights, approval, history."""
    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, "/walls")
    known, record, person = house.library.by_id().get(asset), house.library.records.of(asset), _person(request)
    if record is not None and record.removed_at is not None:
        return RedirectResponse(f"/content?show=removed&removed={record.asset}", 303)
    if known is None or record is None:
        raise Refusal("media.no-such-asset", asset[:80], status=404)
    shelf = cards.Shelf(house, scene, person)
    return render_live(
        request,
        "content-asset.html",
        scene,
        asset=known,
        record=record,
        card=shelf.card(known),
        steps=cards.STEPS,
        hung=detail.hung(scene, known),
        found=detail.found(scene, known),
        judged=detail.judged(house, scene, asset, person),
        history=await detail.history(house, scene, asset),
        approved_by=shelf.name(record.approval.person) if record.approval else "",
        sent_back_by=shelf.name(record.sent_back.person) if record.sent_back else "",
        languages_of=LANGUAGES,
        here=" ".join(explain(house.batches.here(record), scene.language)) if "here" in request.query_params else "",
        waiting=record.state is State.WAITING,
        drafted=record.state is State.DRAFT,
        tries=trying.tries(house, scene, asset),
        minutes=trying.MINUTES,
        can_upload=bool(person.roles & UPLOADING),
        can_approve=bool(person.roles & APPROVING),
        can_remove=bool(person.roles & (APPROVING if record.approval else UPLOADING)),
    )


def _under_way(house: House) -> list[Batch]:
    """The batches that are not ready, those that must be on the wall first before all others."""
    found = [each for each in house.batches.all() if not house.batches.ready(each.id)]
    return sorted(found, key=lambda each: (each.due is None, each.due or each.at))[:MOST_BATCHES]


def _person(request: Request) -> Person:
    person: Person = request.state.person
    return person
