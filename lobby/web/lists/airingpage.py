"""The page of campaigns and interrupts: the coming week, what is on air, and the form for one more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lobby.core.airings import Airing
from lobby.core.ended import Ended
from lobby.core.problem import Refusal
from lobby.core.words import explain
from lobby.web.console.entry import entered
from lobby.web.lists.above import airing_name
from lobby.web.lists.airings import ON, PUT_HERE, asked
from lobby.web.lists.states import ON_GLASS, airing_state, shown_at
from lobby.web.lists.views import MARKS, Shown, Titles
from lobby.web.lists.weeks import content_key, covered, week, when_words
from lobby.web.rendering import render_live, switched
from lobby.web.roles import APPROVING, LEADING, UPLOADING
from lobby.web.spoken import age_words, weekdays
from schedules import WEEKDAYS

if TYPE_CHECKING:
    from lobby.web.house import House
    from lobby.web.sentence import Scene

FIELDS = ("cls", "name", "show", "start", "until", "begins", "ends", "every_min", "for_s")
STATE_MARKS = {**MARKS, "coming": "open", "on-air": "open", "over": "off"}

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class AiringView:
    """An airing as people read it; `covers` is said while it waits."""

    id: str
    name: str
    cls: str
    shows: tuple[tuple[str, Shown], ...]
    when: str
    mark: str
    word: str
    who: str
    seen_at: datetime | None
    age: str
    waits: bool
    elsewhere: bool
    own: bool
    can_end: bool
    covers: tuple[str, ...]


@router.get("/airings")
async def airings_page(request: Request) -> Response:
    """The week and the list; with the form's fields in the query it tells what that would cover."""
    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, "/walls")
    titles, roles = Titles(house, scene), request.state.person.roles
    given = dict(request.query_params)
    return render_live(
        request,
        "airings.html",
        scene,
        week=week(house, scene),
        airings=[_view(request, house, scene, each, titles) for each in _ordered(house)],
        fields=_fields(scene, given),
        ticked={name.removeprefix(ON) for name in given if name.startswith(ON)},
        chosen_days={name.removeprefix("day-") for name in given if name.startswith("day-")},
        what_if=_what_if(house, scene, given) if "cls" in given else None,
        choices=titles.choices(""),
        surfaces=[(name, scene.name(name)) for name in scene.site.surfaces],
        days=list(zip(WEEKDAYS, weekdays(scene.language), strict=True)),
        ended=_ended(request, house),
        can_draft=bool(roles & UPLOADING),
        can_approve=bool(roles & APPROVING),
        one_person=house.site.site.one_person,
    )


def _ordered(house: House) -> list[Airing]:
    """What waits first, then by class and beginning."""
    return sorted(house.airings.all(), key=lambda each: (each.approved_by is not None, -each.rank, each.start))


def _view(request: Request, house: House, scene: Scene, airing: Airing, titles: Titles) -> AiringView:
    person, names = request.state.person, house.people.names()
    state = airing_state(house, airing)
    seen = shown_at(house, airing.approved_at or airing.start, airing.content) if airing.approved_by else None
    glass = seen is not None and state == "on-air"
    told = [scene.say("lists.who.put", name=names.get(airing.person, scene.say("staff.why.somebody")))]
    if airing.approved_by:
        told.append(scene.say("lists.who.let", name=names.get(airing.approved_by, scene.say("staff.why.somebody"))))
    free = person.roles & (APPROVING | LEADING)
    return AiringView(
        id=airing.id,
        name=airing_name(airing, scene.language),
        cls=airing.cls,
        shows=tuple(
            (scene.name(surface), titles.shown(content_key(house, content)))
            for surface, content in airing.content.items()
        ),
        when=when_words(scene, airing),
        mark=STATE_MARKS[ON_GLASS if glass else state],
        word=scene.say(f"lists.state.{ON_GLASS}" if glass else f"lists.airings.state-{state}"),
        who=" · ".join(told),
        seen_at=seen if glass else None,
        age=age_words((scene.now - seen).total_seconds(), scene.language) if seen else "",
        waits=state == "waiting",
        elsewhere=airing.cls not in PUT_HERE,
        own=airing.person == person.id and not house.site.site.one_person,
        can_end=bool(free or (person.roles & UPLOADING and airing.approved_by is None and airing.person == person.id)),
        covers=tuple(covered(house, scene, airing)) if state == "waiting" else (),
    )


def _what_if(house: House, scene: Scene, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """What it would cover, or why it would be refused."""
    try:
        airing = house.airings.judge(**asked(house, given), person="")
    except Refusal as refusal:
        return {"problem": explain(refusal.problem, scene.language), "lines": [], "when": ""}
    return {"problem": None, "lines": covered(house, scene, airing), "when": when_words(scene, airing)}


def _fields(scene: Scene, given: Mapping[str, str]) -> Mapping[str, str]:
    """The form's fields as given; at first a campaign from today for a week."""
    today = scene.now.astimezone(scene.zone).date()
    usual = {"cls": "campaign", "start": today.isoformat(), "until": (today + timedelta(days=6)).isoformat()}
    usual |= {"every_min": "10", "for_s": "30"}
    return {name: given.get(name, usual.get(name, ""))[:200] for name in FIELDS}


def _ended(request: Request, house: House) -> Airing | None:
    """What was just ended, as long as it can be taken back."""
    ended: Ended = request.app.state.ended
    return ended.of(request.query_params.get("ended", ""), house.clock.now())
