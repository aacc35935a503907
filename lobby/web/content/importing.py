"""Bringing over from another signage program: upload, look what is in it, bring it, see what came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from lobby.core.problem import Refusal
from lobby.core.words import explain
from lobby.web.acts import answer
from lobby.web.console.entry import entered
from lobby.web.reading import caller_of, fields_of, person_of
from lobby.web.rendering import render_live, switched

if TYPE_CHECKING:
    from lobby.core.imports import Import, Imports
    from lobby.web.house import House
    from lobby.web.sentence import Scene
    from lobby.web.throttle import Rate
    from media.exports import Export, Exported

PAGE = "/content/import"

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An entry: how it stood there, and what becomes or became of it."""

    title: str
    dwell: str
    when: str
    mark: str
    word: str
    cure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What is in an export, or what became of it; `say` is its heading's sentence."""

    name: str
    say: str
    rows: tuple[Row, ...]
    left: tuple[str, ...]
    coming: int


@router.get(PAGE)
async def import_page(request: Request) -> Response:
    """The form, what was looked through, and the import that runs or ran last."""
    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, PAGE)
    imports, person = _imports(house), person_of(request)
    looked, current = imports.looked(person.id), imports.current
    return render_live(
        request,
        "import.html",
        scene,
        looked=_listing(scene, looked.export) if looked is not None else None,
        current=_outcomes(scene, current) if current is not None else None,
        batch=current.batch if current is not None else None,
        playlist=current.drafts[0] if current is not None and current.drafts else "",
        drafted=current.export.name if current is not None and current.drafts else "",
        busy=current is not None and not current.over,
        surfaces=[(name, surface.name.said(scene.language)) for name, surface in house.site.surfaces.items()],
    )


@router.post("/api/v1/imports", status_code=201)
async def look(request: Request) -> Response:
    """An export as multipart form, `file`; nothing of it is brought yet."""
    from lobby.core.imports import looked_through
    from lobby.web.uploads import received

    house, person = _house(request), person_of(request)
    rate: Rate = request.app.state.upload_rate
    rate.admit(person.id)
    async with received(request, house.uploads) as came:
        session = caller_of(request).session
        if session is not None and came.fields.get("csrf", session.csrf) != session.csrf:
            raise Refusal("api.form-too-old", status=403)
        export = await looked_through(came.path, called=came.name)
        await _imports(house).keep(came.path, export, person=person.id)
    if "csrf" in came.fields:
        return RedirectResponse(PAGE, 303)
    return answer(request, {"name": export.name, "coming": len(export.coming), "of": len(export.items)}, status=201)


@router.post("/api/v1/imports/bring")
async def bring(request: Request) -> Response:
    """Begin to bring over what one has looked through, for a surface or for all."""
    house, person, fields = _house(request), person_of(request), await fields_of(request)
    surface = str(fields.get("surface") or "") or None
    if surface is not None and surface not in house.site.surfaces:
        raise Refusal("media.no-such-surface", surface, status=404)
    begun = _imports(house).bring(person.id, surface=surface)
    return answer(request, {"id": begun.id, "of": len(begun.export.items)}, page=PAGE)


@router.post("/api/v1/imports/leave")
async def leave(request: Request) -> Response:
    """Throw away what one has looked through."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    await _imports(house).leave(person.id)
    return answer(request, {}, page=PAGE)


def _listing(scene: Scene, export: Export) -> Listing:
    return Listing(
        name=scene.say(f"import.kind.{export.kind}", name=export.name),
        say=scene.say("import.cli.would", coming=len(export.coming), total=len(export.items)),
        rows=tuple(_row(scene, item, "" if not item.why else f"import.{item.why}", "open") for item in export.items),
        left=export.left,
        coming=len(export.coming),
    )


def _outcomes(scene: Scene, current: Import) -> Listing:
    """Rows of what is known; the others wait their turn."""
    brought, total, done = len(current.brought), len(current.export.items), len(current.outcomes)
    say = scene.say("import.over" if current.over else "import.running", brought=brought, refused=total - brought,
                    done=done, total=total)  # fmt: skip
    if current.problem is not None:
        say = " ".join(explain(current.problem, scene.language))
    return Listing(
        name=scene.say(f"import.kind.{current.export.kind}", name=current.export.name),
        say=say,
        rows=tuple(_done(scene, current)),
        left=(),
        coming=brought,
    )


def _done(scene: Scene, current: Import) -> Iterator[Row]:
    for outcome in current.outcomes:
        if outcome.problem is None:
            yield _row(scene, outcome.item, "", "well")
        else:
            what, cure = explain(outcome.problem, scene.language)
            yield _said(scene, outcome.item, "attention", what, cure)
    waiting = () if current.over else current.export.items[len(current.outcomes) :]
    for item in waiting:
        yield _said(scene, item, "unknown", scene.say("import.waits"), "")


def _row(scene: Scene, item: Exported, code: str, mark: str) -> Row:
    if code:
        return _said(scene, item, "attention", scene.say(f"{code}.what"), scene.say(f"{code}.cure"))
    return _said(scene, item, mark, scene.say("import.came" if mark == "well" else "import.coming"), "")


def _said(scene: Scene, item: Exported, mark: str, word: str, cure: str) -> Row:
    dwell = scene.say("import.seconds", seconds=f"{item.seconds:g}") if item.seconds else ""
    last = item.last(scene.zone)
    until = scene.say("import.until", date=last) if last else ""
    when = " · ".join(part for part in (until, "" if item.enabled else scene.say("import.switched-off")) if part)
    return Row(title=item.title, dwell=dwell, when=when, mark=mark, word=word, cure=cure)


def _imports(house: House) -> Imports:
    assert house.imports is not None
    return house.imports


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house
