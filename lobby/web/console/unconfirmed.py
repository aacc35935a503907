"""The warning that a year's official public holidays are missing: what, until when it matters, what to do."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lobby.web.roles import PLANNING, TIMETABLE_READERS, Role
from lobby.web.today import Line

if TYPE_CHECKING:
    from lobby.web.house import House
    from lobby.web.sentence import Scene

KOREA = "KR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """A warning in the reader's language; `line` is all of it in one, `steps` what to do, in order."""

    year: int
    mark: str
    title: str
    until: str
    line: str
    steps: tuple[str, ...]


def warning(house: House, scene: Scene) -> Warned | None:
    """Of this year, or from 1 October of the next; None where both are confirmed."""
    today = scene.now.astimezone(scene.zone).date()
    year = house.plan().holidays.year_to_confirm(today)
    if year is None:
        return None
    begun = year <= today.year
    found = "find" if scene.site.site.country == KOREA else "find-abroad"
    return Warned(
        year=year,
        mark="attention",
        title=scene.say("calendar.missing.title", year=year),
        until=scene.say("calendar.missing.begun" if begun else "calendar.missing.ahead", year=year),
        line=scene.say("calendar.missing.line-begun" if begun else "calendar.missing.line-ahead", year=year),
        steps=tuple(scene.say(f"calendar.missing.{step}", year=year, before=year - 1) for step in (found, "put")),
    )


def news(house: House, scene: Scene, roles: Collection[Role]) -> list[Line]:
    """The warning as a line of Today, for those who read the timetable; it leads them on."""
    warned = warning(house, scene) if TIMETABLE_READERS & set(roles) else None
    if warned is None:
        return []
    way = f"/timetable/holidays?year={warned.year}" if PLANNING & set(roles) else "/timetable#calendar"
    return [Line(id=way, mark=warned.mark, name="", word=warned.line)]
