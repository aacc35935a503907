"""The opening checklist and the hand-over notes: their page, the card on Today, and the acts of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from lobby.core.problem import Refusal
from lobby.core.words import explain
from lobby.day.checklist import Checklist, checklist
from lobby.day.handover import LONGEST, Note, clean
from lobby.day.signatures import Signature, Signed
from lobby.web.morning.gather import reading_of
from lobby.web.morning.views import (
    Left,
    Sheet,
    Signing,
    date_words,
    left,
    may_hand_over,
    sheet,
    signed_before,
    signed_words,
    signing,
    version,
)
from lobby.web.once import WriteRoute, refuse_changed
from lobby.web.reading import FORM, fields_of, person_of
from lobby.web.rendering import render_live, switched
from lobby.web.roles import MORNING_READERS, NOTE_READERS
from lobby.web.sentence import Scene
from lobby.web.shapes import encoded
from lobby.web.today import scene_of

if TYPE_CHECKING:
    from lobby.web.house import House
    from lobby.web.people import Person

PAGE = "/morning"
BACK = frozenset({"/", PAGE})
DAYS_SHOWN = 14
MOST_DAYS = 62
NOTES_SHOWN = 10
MOST_NOTES = 50

router = APIRouter(route_class=WriteRoute)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The morning on Today: today's list in one line, its signature, and the notes nobody has read."""

    sheet: Sheet
    signing: Signing
    notes: list[Left]
    can_open: bool
    can_read: bool


@router.get("/morning")
async def morning_page(request: Request) -> Response:
    """Today's checklist with its signature, the notes between shifts, and the days before; `day` shows one of them."""
    if (led := switched(request)) is not None:
        return led
    return await _page(request, day=_asked_day(request))


@router.get("/api/v1/openings")
async def openings(request: Request) -> Response:
    """The signed days before a date, newest first."""
    house = _house(request)
    before = _date(request.query_params.get("before")) or _scene(request).now.date() + timedelta(days=2)
    names = house.people.names()
    rows = await house.books.signatures.days(before=before, most=MOST_DAYS)
    return _answer({"days": [_signature_shape(row, names) for row in rows]})


@router.get("/api/v1/openings/{day}")
async def opening(request: Request, day: str) -> Response:
    """The list of `today` as it is, with its version, or of a day as it was signed."""
    house, scene = _house(request), _scene(request)
    found = checklist(await reading_of(house, scene))
    wanted = found.day if day == "today" else _date(day)
    if wanted is None or wanted > found.day:
        raise Refusal("api.not-found", status=404)
    kept = await house.books.signatures.read(wanted)
    if kept is None and wanted == found.day:
        return _answer(_shape(found), tag=version(found))
    return _answer(_signed_shape(wanted, kept, house.people.names()))


@router.post("/api/v1/openings/{day}/signature")
async def sign(request: Request, day: str) -> Response:
    """Sign today's list as it was read: the version must be this moment's, and what is wanting needs remarks."""
    house, person, fields = _house(request), person_of(request), await fields_of(request)
    try:
        found = checklist(await reading_of(house, _scene(request)))
        remarks = _signable(request, found, day, fields)
        made = await house.books.signatures.sign(found, person=person.id, remarks=remarks)
    except Refusal as refusal:
        return await _refused(request, refusal)
    return _done(request, fields, _signature_shape(made, house.people.names()), status=201)


@router.get("/api/v1/hand-overs")
async def hand_overs(request: Request) -> Response:
    """Notes between shifts, newest first; `before` is the number of the oldest known."""
    house, before = _house(request), request.query_params.get("before", "")
    if before and not (before.isascii() and before.isdecimal() and len(before) <= 15):
        raise Refusal("api.not-valid", "before", status=422)
    notes = await house.books.hand_overs.past(before=int(before) if before else None, most=MOST_NOTES)
    return _answer({"notes": [_note_shape(note, house.people.names()) for note in notes]})


@router.post("/api/v1/hand-overs")
async def hand_over(request: Request) -> Response:
    """Leave a note for the next shift; what is open now goes with it."""
    house, person, fields = _house(request), person_of(request), await fields_of(request)
    try:
        found = checklist(await reading_of(house, _scene(request)))
        note = await house.books.hand_overs.write(_text(fields, "text"), person=person.id, found=found)
    except Refusal as refusal:
        return await _refused(request, refusal)
    return _done(request, fields, _note_shape(note, house.people.names()), status=201)


@router.post("/api/v1/hand-overs/{note}/read")
async def read_note(request: Request, note: str) -> Response:
    """The next person has read it; it leaves Today."""
    house, person, fields = _house(request), person_of(request), await fields_of(request)
    try:
        await house.books.hand_overs.read(note, person=person.id)
    except Refusal as refusal:
        return await _refused(request, refusal)
    return _done(request, fields, {"read": note})


async def card(house: House, scene: Scene, person: Person | None) -> Card:
    """What Today shows of the morning."""
    found = checklist(await reading_of(house, scene))
    names, book = house.people.names(), house.books.hand_overs
    readable = person is not None and bool(person.roles & NOTE_READERS)
    return Card(
        sheet=sheet(scene, found),
        signing=signing(scene, person, found, house.books.signatures.of(found.day), names),
        notes=left(scene, book, book.unread(), person, names) if readable else [],
        can_open=person is not None and bool(person.roles & MORNING_READERS),
        can_read=may_hand_over(person),
    )


async def _page(
    request: Request, *, day: date | None = None, problem: tuple[str, str] | None = None, status: int = 200
) -> Response:
    house, scene, person = _house(request), _scene(request), request.state.person
    found = checklist(await reading_of(house, scene))
    shown = found.day if day is None else day
    if shown > found.day:
        raise Refusal("api.not-found", status=404)
    kept = await house.books.signatures.read(shown)
    page = render_live(
        request,
        "morning.html",
        scene,
        problem=problem,
        is_today=shown == found.day,
        shown_day=shown.isoformat(),
        shown_date=date_words(scene, shown),
        today_day=found.day.isoformat(),
        **_list_of(house, scene, person, found if shown == found.day else None, kept),
        **await _past(house, scene, person, found.day),
        longest=LONGEST,
    )
    page.status_code = status
    return page


def _list_of(
    house: House, scene: Scene, person: Person | None, found: Checklist | None, kept: Signed | None
) -> Mapping[str, Any]:
    """The list of the day and its signature: as it was signed, as it is now, or nothing."""
    names = house.people.names()
    if kept is not None:
        old = sheet(scene, kept.checklist) if kept.checklist else None
        return {"sheet": old, "signing": signed_before(scene, kept, names), "kept": True}
    now = sheet(scene, found) if found else None
    return {"sheet": now, "signing": signing(scene, person, found, None, names) if found else None, "kept": False}


async def _past(house: House, scene: Scene, person: Person | None, today: date) -> Mapping[str, Any]:
    """The last signed days, and the notes with those nobody has read first."""
    names, book = house.people.names(), house.books.hand_overs
    days = await house.books.signatures.days(before=today, most=DAYS_SHOWN)
    readable = person is not None and bool(person.roles & NOTE_READERS)
    past = [note for note in await book.past(most=NOTES_SHOWN) if note.read_at is not None] if readable else []
    return {
        "days": [(one.day.isoformat(), date_words(scene, one.day), signed_words(scene, one, names)) for one in days],
        "readable": readable,
        "can_hand_over": may_hand_over(person),
        "notes": left(scene, book, book.unread(), person, names) if readable else [],
        "past_notes": left(scene, book, past, person, names),
    }


def _signable(request: Request, found: Checklist, day: str, fields: Mapping[str, Any]) -> str:
    """The remarks of a signature that may be: of today, not before the list fills, of this version."""
    if day not in {"today", found.day.isoformat()}:
        raise Refusal("morning.not-today", status=409)
    if found.phase == "waiting" and found.fills_from is not None:
        raise Refusal("morning.too-early", status=409, time=_scene(request).clock(found.fills_from))
    if not (request.headers.get("if-match") or fields.get("if_match")):
        raise Refusal("morning.no-version", status=428)
    try:
        refuse_changed(request, version(found), fields)
    except Refusal:
        raise Refusal("morning.changed", status=412) from None
    text = _text(fields, "remarks")
    if not text.strip() and found.wanting:
        raise Refusal("morning.remarks-missing", status=422, count=str(len(found.wanting)))
    return clean(text) if text.strip() else ""


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise Refusal("api.not-valid", name, status=422)
    return value


def _asked_day(request: Request) -> date | None:
    asked = request.query_params.get("day")
    return _date(asked) if asked else None


def _date(text: str | None) -> date | None:
    """A date as it stands in an address; anything else does not exist."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal("api.not-found", status=404) from None


def _answer(value: Any, *, status: int = 200, tag: str = "") -> Response:
    return Response(encoded(value), status, {"ETag": tag} if tag else {}, "application/json")


def _done(request: Request, fields: Mapping[str, Any], value: Any, *, status: int = 200) -> Response:
    """JSON, or for a plain form the page it came from."""
    if not _is_form(request):
        return _answer(value, status=status)
    back = fields.get("back")
    return RedirectResponse(back if back in BACK else PAGE, 303)


async def _refused(request: Request, refusal: Refusal) -> Response:
    """A form sees the page again with what is wrong and what to do."""
    if not _is_form(request):
        raise refusal
    return await _page(request, problem=explain(refusal.problem, request.state.language), status=refusal.status)


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith(FORM)


def _shape(found: Checklist) -> dict[str, Any]:
    """A list on the wire."""
    return {
        "day": found.day,
        "at": found.at,
        "phase": found.phase,
        "opening": found.opening,
        "due": found.due,
        "summary": found.summary,
        "ready": not found.wanting,
        "items": found.items,
        "signed": None,
    }


def _signed_shape(day: date, kept: Signed | None, names: Mapping[str, str]) -> dict[str, Any]:
    if kept is None:
        return {"day": day, "items": [], "signed": None}
    told = _shape(kept.checklist) if kept.checklist else {"day": day, "items": []}
    signed = {**_signature_shape(kept.signature, names), "remarks": kept.remarks, "remarks_erased": kept.erased}
    return {**told, "signed": signed}


def _signature_shape(signature: Signature, names: Mapping[str, str]) -> dict[str, Any]:
    person = signature.person
    return {"day": signature.day, "person": person, "name": names.get(person, person), "at": signature.at}


def _note_shape(note: Note, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": note.id,
        "number": note.seq,
        "person": note.person,
        "name": names.get(note.person, note.person),
        "at": note.at,
        "text": note.text,
        "attached": note.attached,
        "read_by": note.read_by,
        "read_at": note.read_at,
    }


def _scene(request: Request) -> Scene:
    return scene_of(_house(request), request.state.person, request.state.language)


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house
