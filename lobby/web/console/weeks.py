"""A week of the timetable: one row a thing, one bar a stretch, every stretch with its rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import groupby
from typing import TYPE_CHECKING

from lobby.core.site import Desk, Display, Room
from lobby.day.resolve import forecast
from lobby.web.console.holidays import DayMark, mark_of
from lobby.web.reasons import rule_words
from lobby.web.sentence import Scene
from lobby.web.spoken import short_day
from lobby.web.whatif import IDLE, value_words
from schedules.localtime import day_start

if TYPE_CHECKING:
    from lobby.day.desired import Planned
    from lobby.day.plan import Plan
    from lobby.web.house import House

DAYS = 7
WIDE = 1440
"""A day is drawn this wide, one unit a minute where the clock is not changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Where a stretch stands in its day; `kind` is what it looks like."""

    x: int
    width: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A stretch in words; `at` is a moment in it, to ask why."""

    time: str
    value: str
    rule: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A thing on a day."""

    bars: tuple[Bar, ...]
    spoken: tuple[Spoken, ...]
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A day of the week: `mark` says what kind of day, `now` where in it we are."""

    day: date
    words: str
    mark: DayMark
    today: bool
    now: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekRow:
    """One thing through the week."""

    thing: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursGroup:
    """Everything that goes by the same hours; `displays` is how many screens' power follows."""

    name: str
    rows: tuple[WeekRow, ...]
    displays: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Seven days from a Monday."""

    first: date
    heads: tuple[Head, ...]
    groups: tuple[HoursGroup, ...]

    @property
    def before(self) -> date:
        """The Monday before."""
        return self.first - timedelta(days=DAYS)

    @property
    def after(self) -> date:
        """The Monday after."""
        return self.first + timedelta(days=DAYS)


def week(house: House, scene: Scene, day: date) -> Week:
    """The week that a day lies in."""
    first = day - timedelta(days=day.weekday())
    days = [first + timedelta(days=ahead) for ahead in range(DAYS)]
    return Week(
        first=first,
        heads=tuple(_head(house, scene, each) for each in days),
        groups=tuple(_groups(house, scene, days)),
    )


def _head(house: House, scene: Scene, day: date) -> Head:
    local = scene.now.astimezone(scene.zone)
    today = local.date() == day
    return Head(
        day=day,
        words=short_day(day, scene.language),
        mark=mark_of(house, day, scene.language),
        today=today,
        now=_across(scene.now, day, scene.zone) if today else None,
    )


def _groups(house: House, scene: Scene, days: Sequence[date]) -> Iterator[HoursGroup]:
    plan = house.plan()
    things = sorted(
        (thing for thing in plan.things if plan.timetable(thing) is not None),
        key=lambda name: _place(scene, plan, name),
    )
    for hours, names in groupby(things, key=lambda name: plan.chain(name)[-1].hours or ""):
        members = list(names)
        shown = [name for name in members if not isinstance(scene.site.things.get(name), Display)]
        yield HoursGroup(
            name=scene.site.hours[hours].name.said(scene.language),
            rows=tuple(_row(house, scene, name, days) for name in shown),
            displays=len(members) - len(shown),
        )


def _place(scene: Scene, plan: Plan, thing: str) -> tuple[bool, str, bool, int]:
    """Desks' hours first, leaders before what follows them."""
    hours = plan.chain(thing)[-1].hours or ""
    of_desk = any(isinstance(each, Desk) and each.hours == hours for each in scene.site.things.values())
    room = isinstance(scene.site.things.get(thing), Room)
    return not of_desk, hours, len(plan.chain(thing)) > 1, 0 if room else 1


def _row(house: House, scene: Scene, thing: str, days: Sequence[date]) -> WeekRow:
    return WeekRow(
        thing=thing,
        name=scene.name(thing),
        cells=tuple(_cell(house, scene, thing, day) for day in days),
    )


def _cell(house: House, scene: Scene, thing: str, day: date) -> Cell:
    start, end = day_start(scene.zone, day), day_start(scene.zone, day + timedelta(days=1))
    pieces = list(forecast(house.plan(), house.overrides.active(scene.now), thing, start, end))
    spoken = tuple(_spoken(house, scene, thing, pieces))
    return Cell(
        bars=tuple(_bars(pieces, start, end)),
        spoken=spoken,
        label=", ".join(f"{one.time} {one.value}" for one in spoken),
    )


def _bars(pieces: Iterable[Planned], start: datetime, end: datetime) -> Iterator[Bar]:
    span = (end - start).total_seconds()
    for piece in pieces:
        changed = piece.rule.startswith("override:")
        if piece.value in IDLE and not changed:
            continue
        x = round((piece.start - start).total_seconds() / span * WIDE)
        width = round((piece.end - piece.start).total_seconds() / span * WIDE)
        kind = "idle" if piece.value in IDLE else piece.value if piece.value in {"evening", "last-tickets"} else "on"
        yield Bar(x=x, width=max(4, width), kind=f"{kind} changed" if changed else kind)


def _spoken(house: House, scene: Scene, thing: str, pieces: Sequence[Planned]) -> Iterator[Spoken]:
    """What is on, each with its time; a day with nothing on says so once."""
    told = [piece for piece in pieces if piece.value not in IDLE or piece.rule.startswith("override:")]
    for piece in told:
        yield Spoken(
            time=f"{_clock(piece.start, scene.zone)}–{_clock(piece.end, scene.zone, end=True)}",
            value=value_words(scene.site, thing, piece.value, scene.language),
            rule=_unusual(house, piece.rule, scene.language),
            at=piece.start,
        )
    if not told:
        middle = pieces[len(pieces) // 2]
        desk = isinstance(scene.site.things.get(thing), Desk | Room)
        yield Spoken(
            time="",
            value=scene.say("staff.days.shut" if desk else "staff.days.dark"),
            rule=_unusual(house, middle.rule, scene.language),
            at=middle.start + (middle.end - middle.start) / 2,
        )


def _unusual(house: House, rule: str, language: str) -> str:
    """The rule's name where it is not the weekly one, whose name stands at the head."""
    return "" if rule.startswith(("weekly:", "always:")) else rule_words(house, rule, language)


def _clock(moment: datetime, zone: tzinfo, *, end: bool = False) -> str:
    local = moment.astimezone(zone)
    return "24:00" if end and (local.hour, local.minute) == (0, 0) else f"{local:%H:%M}"


def _across(moment: datetime, day: date, zone: tzinfo) -> int:
    start, end = day_start(zone, day), day_start(zone, day + timedelta(days=1))
    return round((moment - start) / (end - start) * WIDE)
