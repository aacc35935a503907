"""The ways to notices: the page with its preview, the print, and what people do with a notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lobby.core.phrases import Phrase, phrases
from lobby.core.problem import Refusal
from lobby.core.words import explain
from lobby.day.drafts import class_of
from lobby.day.noticeboard import texts_kept
from lobby.day.occasions import OCCASIONS, occasion_of
from lobby.web import onair
from lobby.web.acts import answer
from lobby.web.console.entry import entered
from lobby.web.notices import forms, views
from lobby.web.once import WriteRoute
from lobby.web.reading import fields_of, page_before, person_of
from lobby.web.rendering import render_live, switched
from lobby.web.roles import LEADING, NOTICE_RELEASING, NOTICE_WRITERS

if TYPE_CHECKING:
    from lobby.core.airings import Airing
    from lobby.web.house import House
    from lobby.web.people import Person

PAGE = "/notices"
MOST_PAGES = 16

router = APIRouter(route_class=WriteRoute)


@router.get("/notices")
async def notices_page(request: Request) -> Response:
    """Everything about notices; with `look` the draft as it will hang, with `occasion` what starting it changes."""
    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, "/walls")
    person, fields = person_of(request), {key: value[:400] for key, value in request.query_params.items()}
    leads, releases = bool(person.roles & LEADING), bool(person.roles & NOTICE_RELEASING)
    phrase = phrases().get(fields.get("phrase", ""))
    hidden = phrase is not None and phrase.subject == "emergency" and not leads
    occasion = OCCASIONS.get(fields.get("occasion", "")) if leads else None
    shown: views.Look | None = None
    if occasion is not None:
        fields.setdefault("until", views.usual_end(scene, occasion.usual))
        shown = await _begun(house, scene, occasion.id, fields)
    elif "look" in fields and not hidden:
        shown = await _looked(request, house, scene, fields, at_once=releases)
    return render_live(
        request,
        "notices.html",
        scene,
        on_air=views.hanging(house, scene, house.notices.current(), person.id),
        waiting=views.hanging(house, scene, house.notices.waiting(), person.id),
        buttons=views.buttons(house, scene),
        occasion=occasion.id if occasion else "",
        choices=views.choices(scene, fields, leads=leads),
        subjects=views.subjects(leads=leads),
        phrase=None if hidden else phrase,
        headline=views.headline_of(scene, phrase) if phrase and not hidden else "",
        own="own" in fields or (phrase is None and "headline" in fields),
        inputs=forms.inputs_of(phrase, fields) if phrase and not hidden else [],
        places=views.places(scene),
        services=views.service_names(scene),
        fields=_filled(fields, house, scene),
        draft=forms.kept(fields),
        look=shown,
        history=await views.history(house, scene),
        ended=onair.just_ended(house, scene, fields.get("ended", "")),
        leads=leads,
        releases=releases,
        writes=bool(person.roles & NOTICE_WRITERS),
    )


@router.get("/notices/print")
async def draft_print(request: Request) -> Response:
    """A draft as an A4 sheet."""
    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, "/walls")
    fields = {**request.query_params, **{f"surface-{surface}": "on" for surface in house.site.surfaces}}
    fields.setdefault("until", views.usual_end(scene))
    draft = forms.draft_of(fields, house.site, scene.zone)
    texts = house.notices.worded(draft).texts
    return render_live(request, "notice-print.html", scene, texts=views.lines_of(scene, texts), foot=texts[0].only)


@router.get("/notices/{notice}/print")
async def notice_print(request: Request, notice: str) -> Response:
    """A notice that is on air or waits, as an A4 sheet."""
    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, "/walls")
    texts = texts_kept(_known(house, notice))
    lines = views.lines_of(scene, texts.values())
    return render_live(request, "notice-print.html", scene, texts=lines, foot=texts["ko"].only)


@router.get("/api/v1/notices")
async def notices(request: Request) -> Response:
    """What is on air and what waits."""
    house = _house(request)
    return answer(request, [_shape(each) for each in (*house.notices.current(), *house.notices.waiting())])


@router.get("/api/v1/notices/phrases")
async def phrase_list(request: Request) -> Response:
    """Every approved phrase with its slots and its words."""
    return answer(request, [_phrase(each) for each in phrases().values()])


@router.get("/api/v1/notices/preview/{surface}")
async def preview(request: Request, surface: str) -> Response:
    """A draft on a surface as a JPEG of the surface laid flat; `page` from 0 where it has several."""
    house, fields = _house(request), {**request.query_params}
    if surface not in house.site.surfaces:
        raise Refusal("media.no-such-surface", surface, status=404)
    draft = forms.draft_of({**fields, f"surface-{surface}": "on"}, house.site, _zone(house))
    page = fields.get("page", "0")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 3 else 0
    scale = views.preview_scale(house.site, surface)
    told = await house.notices.preview(draft, surface, page=min(number, MOST_PAGES), scale=scale)
    return Response(told.picture, media_type="image/jpeg")


@router.post("/api/v1/notices")
async def post(request: Request) -> Response:
    """Put it on air at once where the person may and the phrase is approved, else ask a second person."""
    house, person, fields = _house(request), person_of(request), await fields_of(request)
    draft = forms.draft_of(fields, house.site, _zone(house))
    if class_of(draft) == "emergency":
        if not person.roles & LEADING:
            raise Refusal("api.not-allowed", status=403)
        if str(fields.get("confirm", "")).lower() not in {"yes", "true"}:
            raise Refusal("notices.confirm", status=409)
    releases = bool(person.roles & NOTICE_RELEASING)
    made = await house.notices.post(draft, person=person.id, approved=releases)
    return answer(request, _shape(made), status=201, page=f"{PAGE}#on-air")


@router.post("/api/v1/notices/{notice}/approve")
async def approve(request: Request, notice: str) -> Response:
    """A second person lets it go on air."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    return answer(request, _shape(await house.notices.approve(notice, person=person.id)), page=f"{PAGE}#on-air")


@router.post("/api/v1/notices/{notice}/end")
async def end(request: Request, notice: str) -> Response:
    """Take it off now; who may not release notices takes off only what is still waiting and their own."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    _refuse_ending(_known(house, notice), person)
    await house.notices.end(notice, person=person.id)
    page = f"{_from(request)}?ended={notice}"
    return answer(request, {"ended": notice, "undo": f"/api/v1/notices/{notice}/undo"}, page=page)


@router.post("/api/v1/notices/{notice}/undo")
async def undo(request: Request, notice: str) -> Response:
    """Take an end back, within a minute; for whoever may end it."""
    house, person = _house(request), person_of(request)
    await fields_of(request)
    found = house.notices.ended(notice)
    if found is None:
        raise Refusal("notices.undo-late", status=409)
    _refuse_ending(found, person)
    made = await house.notices.restore(notice, person=person.id)
    return answer(request, _shape(made), page=_from(request))


@router.post("/api/v1/occasions/{occasion}")
async def begin(request: Request, occasion: str) -> Response:
    """Start what is prepared for the whole site, with an end."""
    house, person, fields = _house(request), person_of(request), await fields_of(request)
    until = forms.until_of(fields, _zone(house))
    made = await house.notices.begin(occasion, until=until, person=person.id)
    return answer(request, _shape(made), status=201, page=f"{PAGE}#on-air")


async def _looked(
    request: Request, house: House, scene: Any, fields: Mapping[str, str], *, at_once: bool
) -> views.Look:
    try:
        draft = forms.draft_of(fields, house.site, scene.zone)
    except Refusal as refusal:
        return views.Look(problem=explain(refusal.problem, request.state.language))
    return await views.look(house, scene, draft, fields, at_once=at_once)


async def _begun(house: House, scene: Any, name: str, fields: Mapping[str, str]) -> views.Look:
    try:
        until = forms.until_of(fields, scene.zone)
    except Refusal as refusal:
        return views.Look(problem=explain(refusal.problem, scene.language))
    return await views.look_at(house, scene, occasion_of(name), until)


def _refuse_ending(notice: Airing, person: Person) -> None:
    own = notice.person == person.id and notice.approved_by is None
    strong = notice.cls == "emergency" or bool(notice.details.get("occasion"))
    if not own and not person.roles & (LEADING if strong else NOTICE_RELEASING):
        raise Refusal("api.not-allowed", status=403)


def _from(request: Request) -> str:
    """The page that a form about a notice was sent from: Today, or that of notices."""
    return "/" if urlsplit(page_before(request)).path == "/" else PAGE


def _filled(fields: Mapping[str, str], house: House, scene: Any) -> dict[str, str]:
    """The form's fields as asked for, the rest as a newcomer expects them: everywhere, for two hours."""
    filled = {**dict.fromkeys(("q", "subject", *forms.FIELDS[:-1]), ""), **fields}
    filled.setdefault("until", views.usual_end(scene))
    if "look" not in fields:
        filled |= {f"surface-{surface}": "on" for surface in house.site.surfaces} | {"kiosk": "on"}
    return filled


def _shape(airing: Airing) -> dict[str, Any]:
    return {
        "id": airing.id,
        "class": airing.cls,
        "name": airing.name,
        "surfaces": sorted(airing.content),
        "kiosk": bool(airing.details.get("kiosk")),
        "phrase": airing.details.get("phrase") or None,
        "occasion": airing.details.get("occasion") or None,
        "start": airing.start,
        "until": airing.until,
        "person": airing.person,
        "approved_by": airing.approved_by,
        "texts": {script: asdict(text) for script, text in texts_kept(airing).items()},
    }


def _phrase(phrase: Phrase) -> dict[str, Any]:
    slots = {slot.name: {"kind": slot.kind, "least": slot.least, "most": slot.most} for slot in phrase.slots}
    return {
        "id": phrase.id,
        "subject": phrase.subject,
        "tone": phrase.tone,
        "slots": slots,
        "words": {script: list(pair) for script, pair in phrase.words.items()},
    }


def _known(house: House, notice: str) -> Airing:
    found = next((each for each in house.notices.all() if each.id == notice), None)
    if found is None:
        raise Refusal("notices.gone", notice, status=404)
    return found


def _zone(house: House) -> ZoneInfo:
    return ZoneInfo(house.site.site.time_zone)


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house
