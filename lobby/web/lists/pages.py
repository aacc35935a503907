"""The ways to the pages of playlists: all of them, one with its history, the editor, and a picture of a draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lobby.core.problem import Refusal
from lobby.core.site import Playlist, Text
from lobby.core.words import explain
from lobby.web.console.entry import entered
from lobby.web.drawings import DrawnSurface, draw
from lobby.web.lists import views
from lobby.web.lists.differences import mode_words
from lobby.web.lists.forms import playlist_of
from lobby.web.lists.owned import names, of_notices
from lobby.web.lists.playlists import NEW, tag
from lobby.web.lists.states import on_walls, places
from lobby.web.lists.workcopies import WorkCopy, Works, begun, work_of
from lobby.web.reading import fields_of
from lobby.web.rendering import render_live, switched
from lobby.web.roles import APPROVING, UPLOADING
from lobby.web.spoken import weekdays
from schedules import WEEKDAYS

if TYPE_CHECKING:
    from lobby.core.playlists import Revision
    from lobby.web.house import House
    from lobby.web.sentence import Scene

MODES = ("rotate", "one-per-panel", "span")
CHANGES = ("fade", "cut", "wipe")
TURNS = ("none", "left", "right")
EMPTY = Playlist(name=Text(ko="새 재생목록", en="New playlist"))

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A picture of a playlist on a surface at a moment: where it is fetched, and the surface as it stands."""

    source: str
    surface: str
    name: str
    at: datetime
    drawn: DrawnSurface


@router.get("/playlists")
async def playlists_page(request: Request) -> Response:
    """Every playlist."""
    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, "/walls")
    return render_live(
        request,
        "playlists.html",
        scene,
        cards=views.cards(house, scene),
        removed=_removed(house, request.query_params.get("removed", "")),
        **_rights(request),
    )


@router.get("/playlists/{playlist}")
async def playlist_page(request: Request, playlist: str) -> Response:
    """One playlist with its history; `from` and `to` compare two revisions, `revision` and `on` show a picture."""
    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, "/walls")
    name = _known(house, playlist)
    titles = views.Titles(house, scene)
    card = views.card(house, scene, name, titles)
    draft = house.playlists.draft(name)
    shown = draft or house.playlists.revision(name)
    assert shown is not None
    return render_live(
        request,
        "playlist.html",
        scene,
        card=card,
        draft_items=tuple(views.items(house, scene, name, draft.playlist, titles)) if draft else (),
        draft_how=mode_words(draft.playlist, scene.language, walls=card.walls) if draft else "",
        own_draft=draft is not None and draft.person == request.state.person.id and not house.site.site.one_person,
        history=views.history(house, scene, name, titles),
        compared=_compared(request, house, scene, name, titles),
        looked=_looked(request, house, scene, name, f"revision={shown.revision}"),
        surfaces=_surfaces(scene),
        version=tag(house, name),
        of_the_site=name in house.site.playlists,
        **_rights(request),
    )


@router.get("/playlists/{playlist}/edit")
@router.post("/playlists/{playlist}/edit")
async def edit_page(request: Request, playlist: str) -> Response:
    """The editor: its buttons send the whole form here, which saves nothing, and shows what saving would change."""
    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, "/walls")
    name = playlist if playlist == NEW else _known(house, playlist)
    given = await fields_of(request) if request.method == "POST" else {}
    work, place = _work(house, name, given), None
    if "do" in given:
        place = work.do(str(given["do"]))
    titles = views.Titles(house, scene)
    return render_live(
        request,
        "playlist-edit.html",
        scene,
        id=name,
        new=name == NEW,
        fresh=name == NEW and not given,
        work=work,
        rows=[(row, titles.shown(row.get("what", "")), _narrowed(row), _hurried(titles, row)) for row in work.items],
        choices=titles.choices(name),
        touched=place,
        outcome=_outcome(request, house, scene, name, work, titles),
        one_person=house.site.site.one_person,
        surfaces=_surfaces(scene),
        modes=MODES,
        walls=on_walls(house, name),
        changes=CHANGES,
        turns=TURNS,
        days=list(zip(WEEKDAYS, weekdays(scene.language), strict=True)),
        **_rights(request),
    )


@router.get("/playlists/{playlist}/picture")
async def picture(request: Request, playlist: str) -> Response:
    """A surface as it would look with a revision, or with what an editor has in hand (`work`), at a moment."""
    house: House = request.app.state.house
    works: Works = request.app.state.works
    asked = request.query_params
    surface, at = asked.get("on", ""), _moment(asked.get("at"), house.clock.now())
    if surface not in house.site.surfaces:
        raise Refusal("media.no-such-surface", surface, status=404)
    found = works.of(asked["work"]) if "work" in asked else None
    if "revision" in asked:
        known = {str(each.revision): each.playlist for each in house.playlists.history(playlist)}
        found = known.get(asked["revision"])
    if found is None:
        raise Refusal("api.not-found", status=404)
    drawn = await house.draft_picture(surface, playlist, found, at)
    if drawn is None:
        raise Refusal("lists.not-drawn", surface, status=503)
    return Response(drawn, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=60"})


def _work(house: House, name: str, given: Mapping[str, Any]) -> WorkCopy:
    """What was posted; at first the newest state, also one that was sent back."""
    if given:
        return work_of(given)
    if name == NEW:
        work = begun(EMPTY)
        work.settings |= {"name_ko": "", "name_en": ""}
        return work
    newest = house.playlists.draft(name) or house.playlists.revision(name)
    work = begun(newest.playlist if newest else EMPTY)
    work.settings["seen"] = str(max((each.revision for each in house.playlists.history(name)), default=1))
    return work


def _outcome(
    request: Request, house: House, scene: Scene, name: str, work: WorkCopy, titles: views.Titles
) -> Mapping[str, Any]:
    """What saving would change, or why it would be refused; and a picture of it."""
    try:
        wanted = playlist_of(work.fields())
        house.playlists.judge(name if name != NEW else "", wanted)
    except Refusal as refusal:
        return {"problem": explain(refusal.problem, scene.language), "changes": (), "round": "", "looked": None}
    current = house.playlists.revision(name)
    before = current.playlist if current else Playlist(name=wanted.name)
    works: Works = request.app.state.works
    asked = {"on": work.settings.get("on", ""), "at": work.settings.get("at", "")}
    return {
        "problem": None,
        "changes": tuple(views.changes(house, scene, name, before, wanted, titles)),
        "round": views.round_words(house, scene, name, wanted),
        "looked": _look(house, scene, name, f"work={works.keep(wanted)}", asked),
    }


def _looked(request: Request, house: House, scene: Scene, name: str, which: str) -> Looked | None:
    asked = request.query_params
    return _look(house, scene, name, which, {"on": asked.get("on", ""), "at": asked.get("at", "")})


def _look(house: House, scene: Scene, name: str, which: str, asked: Mapping[str, str]) -> Looked | None:
    """The surface that was asked for, else the first that plays it, else the first of all."""
    plays = [each.surface for each in places(house, name)]
    drawn = {surface for row in house.site.players.values() for surface in row.surfaces}
    surface = next((each for each in (asked["on"], *plays, *scene.site.surfaces) if each in drawn), None)
    if surface is None:
        return None
    at = _moment(asked["at"], scene.now, scene)
    source = f"/playlists/{name}/picture?{which}&on={surface}&at={at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return Looked(
        source=source,
        surface=surface,
        name=scene.name(surface),
        at=at.astimezone(scene.zone),
        drawn=draw(scene.site.surfaces[surface]),
    )


def _compared(
    request: Request, house: House, scene: Scene, name: str, titles: views.Titles
) -> tuple[int, int, list[str]] | None:
    """What differs between two revisions that were asked for."""
    known = {str(each.revision): each for each in house.playlists.history(name)}
    one, other = (known.get(request.query_params.get(key, "")) for key in ("from", "to"))
    if one is None or other is None:
        return None
    lines = list(views.changes(house, scene, name, one.playlist, other.playlist, titles))
    return one.revision, other.revision, lines


def _moment(text: str | None, otherwise: datetime, scene: Scene | None = None) -> datetime:
    """A moment as a form or an address names it; what cannot be read is now, to the second."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return otherwise.replace(microsecond=0)
    if found.tzinfo is None:
        found = found.replace(tzinfo=scene.zone if scene else UTC)
    return found


def _hurried(titles: views.Titles, row: Mapping[str, str]) -> str:
    """Whether the text of a line's work stands too short; a dwell that is no number is told elsewhere."""
    try:
        dwell_s = float(row.get("dwell") or 12)
    except ValueError:
        return ""
    return titles.hurried(row.get("what", ""), dwell_s)


def _narrowed(row: Mapping[str, str]) -> bool:
    """Whether an item has dates, weekdays or hours, so that they stand open."""
    return any(value for key, value in row.items() if key in {"from", "to", "begins", "ends"} or key.startswith("day-"))


def _surfaces(scene: Scene) -> list[tuple[str, str]]:
    return [(name, scene.name(name)) for name in scene.site.surfaces]


def _removed(house: House, name: str) -> Revision | None:
    """The newest revision of a playlist that somebody has just taken away."""
    history = house.playlists.history(name)
    gone = bool(history) and name not in house.playlists.names() and not of_notices(house, name)
    return history[0] if gone else None


def _rights(request: Request) -> Mapping[str, bool]:
    roles = request.state.person.roles
    return {"can_draft": bool(roles & UPLOADING), "can_approve": bool(roles & APPROVING)}


def _known(house: House, name: str) -> str:
    if name not in names(house):
        raise Refusal("media.no-such-playlist", name, status=404)
    return name
