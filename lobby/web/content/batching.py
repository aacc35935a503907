"""Intake batches: opened, given a sheet, looked through in one list, asked for and approved in one act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from lobby.core.batches import Batch, Line, Standing
from lobby.core.problem import Problem, Refusal
from lobby.core.records import State
from lobby.core.rows import LARGEST, read_sheet, template
from lobby.web.acts import answer, said
from lobby.web.console.entry import entered
from lobby.web.content.cards import Shelf
from lobby.web.content.detail import Found, checked, told
from lobby.web.once import WriteRoute
from lobby.web.reading import caller_of, fields_of, person_of
from lobby.web.rendering import render_live, switched
from lobby.web.roles import APPROVING, UPLOADING
from lobby.web.sheets import role_name
from lobby.web.spoken import staff_time
from lobby.web.uploads import received

if TYPE_CHECKING:
    from lobby.web.house import House
    from lobby.web.sentence import Scene

MARKS: Mapping[Standing, str] = {
    Standing.MISSING: "attention",
    Standing.COMING: "unknown",
    Standing.REFUSED: "danger",
    Standing.LACKS: "attention",
    Standing.DRAFT: "off",
    Standing.WAITING: "unknown",
    Standing.HERE: "attention",
    Standing.APPROVED: "open",
}

pages = APIRouter()
router = APIRouter(route_class=WriteRoute)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the list in words."""

    file: str
    title: str
    asset: str
    thumbnail: str
    mark: str
    word: str
    what: str
    cure: str
    checks: tuple[Found, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A batch as its page and the list show it: done and left, when it must be on the wall, who is asked."""

    id: str
    name: str
    came: str
    done: int
    all: int
    ready: bool
    due: str
    due_input: str
    late: bool
    asked: str


@pages.get("/batches")
async def batches_page(request: Request) -> Response:
    """Every batch, the newest first."""
    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, "/walls")
    return render_live(
        request,
        "batches.html",
        scene,
        batches=[view(house, scene, batch) for batch in house.batches.all()],
        surfaces=[(name, scene.name(name)) for name in house.site.surfaces],
        dropped=house.batches.dropped(request.query_params.get("dropped", "")),
        can_upload=bool(request.state.person.roles & UPLOADING),
    )


@pages.get("/batches/sheet.csv")
async def empty_sheet(request: Request) -> Response:
    """A sheet to fill in, with the columns' names in the reader's language."""
    headers = {"Content-Disposition": 'attachment; filename="sheet.csv"'}
    return Response(template(request.state.language), 200, headers, "text/csv; charset=utf-8")


@pages.get("/batches/{batch}")
async def batch_page(request: Request, batch: str) -> Response:
    """One batch: every file and every row, what is to be mended, one approval."""
    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, "/walls")
    found, person = house.batches.of(batch), person_of(request)
    shelf = Shelf(house, scene, person)
    lines = house.batches.lines(batch)
    own = [each for each in lines if each.standing is not Standing.HERE]
    waiting = [each for each in own if each.record and each.record.state is State.WAITING]
    refusals = [(each.file, house.library.approvable(each.asset or "", person.id)) for each in waiting]
    drafts = sum(each.standing is Standing.DRAFT for each in lines)
    return render_live(
        request,
        "batch.html",
        scene,
        batch=view(house, scene, found),
        rows=[_row(house, scene, line) for line in lines],
        problems=[told(each, scene.language) for each in found.problems],
        has_sheet=found.rows is not None,
        surface=found.surface,
        by=shelf.name(found.by),
        drafts=drafts,
        left=sum(each.record.state is State.DRAFT for each in own if each.record) - drafts,
        waiting=len(waiting),
        refused=_refused(scene, refusals),
        can_upload=bool(person.roles & UPLOADING),
        can_approve=bool(person.roles & APPROVING),
    )


@router.get("/api/v1/batches/{batch}")
async def batch_of(request: Request, batch: str) -> Response:
    """One batch with its lines."""
    house = _house(request)
    found = house.batches.of(batch)
    lines = [
        {"file": each.file, "standing": each.standing, "asset": each.asset, "problem": _code(each.problem)}
        for each in house.batches.lines(batch)
    ]
    return answer(request, {"id": found.id, "name": found.name, "due": found.due, "lines": lines,
                            "ready": house.batches.ready(batch)})  # fmt: skip


@router.post("/api/v1/batches")
async def open_batch(request: Request) -> Response:
    """A new batch: `name`, the `surface` it is for, and by when it must be on the wall (`due`, local)."""
    house, person, given = _house(request), person_of(request), await fields_of(request)
    surface = str(given["surface"]) if given.get("surface") else None
    batch = await house.batches.open(said(given, "name", 80), person=person.id, surface=surface, due=_due(house, given))
    return answer(request, {"id": batch.id, "page": f"/batches/{batch.id}"}, status=201, page=f"/batches/{batch.id}")


@router.post("/api/v1/batches/{batch}/due")
async def set_due(request: Request, batch: str) -> Response:
    """By when it must be on the wall; empty takes the day away."""
    house, person, given = _house(request), person_of(request), await fields_of(request)
    await house.batches.set_due(batch, _due(house, given), person=person.id)
    return answer(request, {"id": batch})


@router.post("/api/v1/batches/{batch}/ask")
async def ask(request: Request, batch: str) -> Response:
    """Ask for approval of all of it."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    await house.batches.ask(batch, person=person.id)
    return answer(request, {"id": batch})


@router.post("/api/v1/batches/{batch}/approve")
async def approve(request: Request, batch: str) -> Response:
    """Approve all that waits, or nothing of it."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    await house.batches.approve(batch, person=person.id)
    return answer(request, {"id": batch})


@router.post("/api/v1/batches/{batch}/drop")
async def drop(request: Request, batch: str) -> Response:
    """Take it off the list; its files stay."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    await house.batches.drop(batch, person=person.id)
    return answer(request, {"id": batch}, page=f"/batches?dropped={batch}")


@router.post("/api/v1/batches/{batch}/restore")
async def restore(request: Request, batch: str) -> Response:
    """Take that back."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    await house.batches.restore(batch, person=person.id)
    return answer(request, {"id": batch}, page=f"/batches/{batch}")


@pages.post("/api/v1/batches/{batch}/sheet")
async def take_sheet(request: Request, batch: str) -> Response:
    """The sheet as multipart form: `file`, CSV or XLSX; files that have come are labelled by it at once."""
    house, person = _house(request), person_of(request)
    house.batches.of(batch)
    async with received(request, house.uploads) as came:
        session = caller_of(request).session
        if "csrf" in came.fields and session is not None and came.fields["csrf"] != session.csrf:
            raise Refusal("api.form-too-old", status=403)
        if came.size > LARGEST:
            raise Refusal("content.sheet-too-large", status=413, megabytes=str(LARGEST // 2**20))
        sheet = await read_sheet(came.path)
    await house.batches.take_sheet(batch, sheet, person=person.id)
    if "csrf" in came.fields and "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(f"/batches/{batch}", 303)
    return answer(request, {"rows": len(sheet.rows), "unknown": sheet.unknown})


def view(house: House, scene: Scene, batch: Batch) -> View:
    """A batch in words; whoever may approve is named where something waits."""
    lines = house.batches.lines(batch.id)
    done = sum(line.standing is Standing.APPROVED for line in lines)
    ready = house.batches.ready(batch.id)
    return View(
        id=batch.id,
        name=batch.name,
        came=staff_time(batch.at, scene.now, scene.zone, scene.language),
        done=done,
        all=len(lines),
        ready=ready,
        due=staff_time(batch.due, scene.now, scene.zone, scene.language) if batch.due else "",
        due_input=f"{batch.due.astimezone(scene.zone):%Y-%m-%dT%H:%M}" if batch.due else "",
        late=batch.due is not None and batch.due <= scene.now and not ready,
        asked="" if ready else ", ".join(approvers(house, scene, {line.record.by for line in lines if line.record})),
    )


def approvers(house: House, scene: Scene, brought: set[str]) -> list[str]:
    """Who may approve what these people brought: names, or the role's where nobody has it."""
    able = [one for one in house.people.all() if one.roles & APPROVING and not one.disabled]
    others = [one.name for one in able if house.site.site.one_person or one.id not in brought]
    return others or [role_name(scene.site, "approver", scene.language)]


def _refused(scene: Scene, refusals: Sequence[tuple[str, Refusal | None]]) -> tuple[str, str, str] | None:
    """The first reason why the reader cannot approve what waits, its cure, and the files that it is true of."""
    first = next((each for _, each in refusals if each is not None), None)
    if first is None:
        return None
    same = [file for file, each in refusals if each is not None and each.problem.code == first.problem.code]
    return (*told(first.problem, scene.language), "" if len(same) == len(refusals) else ", ".join(same))


def _row(house: House, scene: Scene, line: Line) -> Row:
    asset = house.library.by_id().get(line.asset or "")
    what, cure = told(line.problem, scene.language) if line.problem else ("", "")
    if not line.has_row and line.standing is not Standing.APPROVED:
        what, cure = scene.say("content.batch.no-row"), scene.say("content.batch.no-row-cure")
    if line.standing is Standing.MISSING:
        what, cure = scene.say("content.batch.no-file"), scene.say("content.batch.no-file-cure")
    return Row(
        file=line.file,
        title=line.record.label.title if line.record else "",
        asset=line.asset or "",
        thumbnail=asset.thumbnail if asset else "",
        mark=MARKS[line.standing],
        word=scene.say(f"content.batch.{line.standing.value}"),
        what=what,
        cure=cure,
        checks=tuple(checked(scene, asset)) if asset else (),
    )


def _code(problem: Problem | None) -> str | None:
    return problem.code if problem else None


def _due(house: House, given: Mapping[str, Any]) -> datetime | None:
    """A local time of the place, as a form's field for it writes it."""
    text = given.get("due")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise Refusal("api.not-valid", "due", status=422) from None
    zone = ZoneInfo(house.site.site.time_zone)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house
