"""What an act at a desk changes besides the desk, and what does not follow although one might think so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from lobby.core.site import Display
from lobby.day.desired import Override
from lobby.day.resolve import forecast
from lobby.web.sentence import Scene
from lobby.web.whatif import IDLE, value_words

if TYPE_CHECKING:
    from lobby.day.desired import Planned
    from lobby.day.plan import Plan
    from lobby.web.house import House

NEW = "new"
AROUND = timedelta(minutes=1)
FARTHEST = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Along:
    """A surface whose guidance ends with the desk by hours of its own: it can be asked to go on with it."""

    thing: str
    value: str
    words: str
    ask: str


def effects(house: House, scene: Scene, desk: str, value: str, until: datetime) -> list[str]:
    """What follows the desk, each with its end before and after; computed from the plan, not guessed."""
    plan, active = house.plan(), house.overrides.active(scene.now)
    change = Override(id=NEW, thing=desk, value=value, start=scene.now, until=until, person="", reason="")
    then = [*(one for one in active if one.thing != desk), change]
    return [
        line
        for thing in followers(plan, desk)
        if not isinstance(scene.site.things.get(thing), Display)
        and (line := _changed(scene, plan, thing, active, then))
    ]


def along(house: House, scene: Scene, ends: datetime, until: datetime) -> list[Along]:
    """The surfaces that would go dark when the desk was to close although it goes on until later."""
    if until <= ends:
        return []
    return [found for surface in scene.site.surfaces if (found := _along(house, scene, surface, ends, until))]


def followers(plan: Plan, leader: str) -> list[str]:
    """Everything that does what another thing does, directly or through others."""
    return [name for name in plan.things if name != leader and leader in {line.thing for line in plan.chain(name)}]


def _changed(scene: Scene, plan: Plan, thing: str, before: Iterable[Override], after: Iterable[Override]) -> str:
    was, becomes = (_now(scene, plan, thing, changes) for changes in (before, after))
    if (was.value, was.end) == (becomes.value, becomes.end):
        return ""
    return scene.say(
        "work.effects.ends" if was.value == becomes.value else "work.effects.turns",
        name=scene.name(thing),
        before=value_words(scene.site, thing, was.value, scene.language),
        was=scene.clock(was.end),
        after=value_words(scene.site, thing, becomes.value, scene.language),
        until=scene.clock(becomes.end),
    )


def _now(scene: Scene, plan: Plan, thing: str, changes: Iterable[Override]) -> Planned:
    """The stretch of this moment, joined with neighbours of the same value."""
    pieces = forecast(plan, tuple(changes), thing, scene.now, scene.now + FARTHEST)
    return _joined(pieces)


def _joined(pieces: Iterator[Planned]) -> Planned:
    from lobby.day.desired import Planned

    first = next(pieces)
    end = first.end
    for piece in pieces:
        if piece.value != first.value:
            break
        end = piece.end
    return Planned(value=first.value, start=first.start, end=end, rule=first.rule)


def _along(house: House, scene: Scene, surface: str, ends: datetime, until: datetime) -> Along | None:
    rows: Sequence[Planned] = list(
        forecast(house.plan(), house.overrides.active(scene.now), surface, ends - AROUND, until)
    )
    last, following = rows[0], rows[1:]
    if last.value in IDLE or not following or following[0].start != ends or following[0].value not in IDLE:
        return None
    return Along(
        thing=surface,
        value=last.value,
        words=scene.say(
            "work.effects.not-along",
            name=scene.name(surface),
            what=value_words(scene.site, surface, last.value, scene.language),
            time=scene.clock(ends),
        ),
        ask=scene.say("work.effects.along", name=scene.name(surface), time=scene.clock(until)),
    )
