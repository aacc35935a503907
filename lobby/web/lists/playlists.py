"""What people do with a playlist: draft it, approve it, send it back, bring an old one back, take it away."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lobby.core.labels import plain
from lobby.core.playlists import LONGEST_REASON
from lobby.core.problem import Refusal
from lobby.core.site import RESERVED
from lobby.web.acts import answer, said
from lobby.web.lists.forms import playlist_of
from lobby.web.lists.owned import names, refuse_notices
from lobby.web.lists.states import playlist_shape, revision_shape
from lobby.web.once import WriteRoute, refuse_changed, version_of
from lobby.web.reading import fields_of, person_of
from lobby.web.roles import APPROVING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lobby.core.playlists import Revision
    from lobby.core.site import Playlist
    from lobby.web.house import House
    from lobby.web.people import Person

LONGEST_ID = 28
NEW = "new"

router = APIRouter(route_class=WriteRoute)


@router.get("/api/v1/playlists")
async def playlists(request: Request) -> Response:
    """Every playlist: what is in effect, what waits, where it plays, whether it stands on the glass."""
    house = _house(request)
    return answer(request, {"playlists": [playlist_shape(house, name) for name in names(house)]})


@router.post("/api/v1/playlists", status_code=201)
async def create(request: Request) -> Response:
    """A new playlist, as a draft; its id is made from its English name."""
    house, person, given = _house(request), person_of(request), await fields_of(request)
    wanted = _wanted(house, given)
    name = _free(house, wanted.name.en)
    saved = await house.playlists.save(name, wanted, person=person.id)
    await _alone(house, saved, given, person)
    return _told(request, name, status=201, page=f"/playlists/{name}")


@router.get("/api/v1/playlists/{playlist}")
async def playlist_of_id(request: Request, playlist: str) -> Response:
    """One playlist with its history."""
    return _told(request, _known(request, playlist), history=True)


@router.put("/api/v1/playlists/{playlist}")
@router.post("/api/v1/playlists/{playlist}/draft")
async def draft(request: Request, playlist: str) -> Response:
    """Another state of it, which waits for a second person's approval; what is in effect stays until then."""
    house, person, given = _house(request), person_of(request), await fields_of(request)
    name = _known(request, playlist)
    refuse_changed(request, tag(house, name), given)
    wanted = _named_as_before(_wanted(house, given), house.playlists.all().get(name))
    saved = await house.playlists.save(name, wanted, person=person.id, seen=_revision(given, "seen"))
    await _alone(house, saved, given, person)
    return _told(request, name, page=f"/playlists/{name}")


@router.post("/api/v1/playlists/{playlist}/approve")
async def approve(request: Request, playlist: str) -> Response:
    """Bring what waits into effect; another person than who drafted it, but where one person works alone."""
    house, person, given = _house(request), person_of(request), await fields_of(request)
    name = _known(request, playlist)
    refuse_changed(request, tag(house, name), given)
    await house.playlists.approve(name, _needed(given), person=person.id)
    return _told(request, name, page=f"/playlists/{name}")


@router.post("/api/v1/playlists/{playlist}/send-back")
async def send_back(request: Request, playlist: str) -> Response:
    """Do not approve it, with the reason."""
    house, person, given = _house(request), person_of(request), await fields_of(request)
    name = _known(request, playlist)
    reason = plain(said(given, "reason", LONGEST_REASON))
    await house.playlists.send_back(name, _needed(given), person=person.id, reason=reason)
    return _told(request, name, page=f"/playlists/{name}")


@router.post("/api/v1/playlists/{playlist}/revert")
async def revert(request: Request, playlist: str) -> Response:
    """What was in effect once is in effect again, at once."""
    house, person, given = _house(request), person_of(request), await fields_of(request)
    name = _known(request, playlist)
    refuse_changed(request, tag(house, name), given)
    await house.playlists.revert(name, _needed(given), person=person.id)
    return _told(request, name, page=f"/playlists/{name}")


@router.delete("/api/v1/playlists/{playlist}")
@router.post("/api/v1/playlists/{playlist}/remove")
async def remove(request: Request, playlist: str) -> Response:
    """Take it away; one that is on air or that the timetable uses stays."""
    house, person, given = _house(request), person_of(request), await fields_of(request)
    name = _known(request, playlist)
    refuse_changed(request, tag(house, name), given)
    on_air = [each.name for each in house.airings.all() if name in each.content.values()]
    if on_air:
        raise Refusal("lists.on-air", name, by=", ".join(on_air))
    await house.playlists.remove(name, person=person.id)
    return answer(request, {"removed": name}, page=f"/playlists?removed={name}")


@router.post("/api/v1/playlists/{playlist}/restore")
async def restore(request: Request, playlist: str) -> Response:
    """Take a removal back: it is as it was, with its history."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    refuse_notices(house, [playlist])
    await house.playlists.restore(playlist, person=person.id)
    return _told(request, playlist, page=f"/playlists/{playlist}")


def tag(house: House, name: str) -> str:
    """The version of a playlist: another one after every act on it."""
    return version_of([(each.revision, each.approved_at, each.sent_back) for each in house.playlists.history(name)])


def _told(request: Request, name: str, *, status: int = 200, history: bool = True, page: str | None = None) -> Response:
    house = _house(request)
    told: dict[str, Any] = playlist_shape(house, name)
    if history:
        told["history"] = [revision_shape(each) for each in house.playlists.history(name)]
    response = answer(request, told, status=status, page=page)
    response.headers["ETag"] = tag(house, name)
    return response


def _wanted(house: House, given: Mapping[str, Any]) -> Playlist:
    found = playlist_of(given)
    refuse_notices(house, [item.playlist or item.asset for item in found.items])
    return found


def _named_as_before(wanted: Playlist, known: Playlist | None) -> Playlist:
    """The form knows Korean and English: where both stay, the forms in visitors' other scripts stay as well."""
    if known is None or (wanted.name.ko, wanted.name.en) != (known.name.ko, known.name.en):
        return wanted
    return wanted.model_copy(update={"name": known.name.model_copy(update=wanted.name.model_dump(exclude_none=True))})


async def _alone(house: House, saved: Revision, given: Mapping[str, Any], person: Person) -> None:
    """Where one person works alone, who may approve saves and approves in one."""
    if house.site.site.one_person and given.get("then") == "approve" and person.roles & APPROVING:
        await house.playlists.approve(saved.id, saved.revision, person=person.id)


def _known(request: Request, name: str) -> str:
    if name not in names(_house(request)):
        raise Refusal("media.no-such-playlist", name, status=404)
    return name


def _needed(given: Mapping[str, Any]) -> int:
    found = _revision(given, "revision")
    if found is None:
        raise Refusal("api.not-valid", "revision", status=422)
    return found


def _revision(given: Mapping[str, Any], name: str) -> int | None:
    text = str(given.get(name) or "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise Refusal("api.not-valid", name, status=422)
    return int(text)


def _free(house: House, english: str) -> str:
    """An id that no playlist ever had, of the letters of its English name."""
    letters = unicodedata.normalize("NFKD", english).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:LONGEST_ID].strip("-") or "list"
    number, found = 2, stem
    while found in RESERVED or found == NEW or house.playlists.history(found):
        found = f"{stem}-{number}"
        number += 1
    return found


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house
