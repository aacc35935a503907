"""Where the value of each thing comes from: its own hours, another thing it follows, or nothing but itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lobby.core.problem import Refusal
from lobby.core.site import Bell, Cafe, Desk, Display, Room, Sensor, Site, Sound, Switch
from schedules import Stretch

ON_WHEN = ("on", "open", "evening", "last-tickets")
DESK_VALUES = ("closed", "open", "evening", "last-tickets")
ON_OFF = ("on", "off")
OFF = "off"
BESIDE = "beside"
"""A display's value while it shows the input of another signage player."""
AT_ONCE = timedelta(0)
_ORDER = (Display, Desk, Room, Switch, Sound, Sensor, Cafe, Bell)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing; exactly one of `hours` and `leader` is set, or none where the value is always `otherwise`.

    `lead`: it goes on so long before what it follows. `gate`: it is off while that thing is. `silenced`: off in every
    emergency. `lent`: hours within which another player has what would be off.
    """

    thing: str
    allowed: tuple[str, ...]
    hours: str | None = None
    leader: str | None = None
    otherwise: str = "off"
    says: Mapping[str, str]
    last_tickets: timedelta | None = None
    lead: timedelta = AT_ONCE
    gate: str | None = None
    silenced: bool = False
    lent: str | None = None

    def translated(self, value: str) -> str:
        """The thing's own word for a value of its hours or of the thing it follows."""
        return self.says.get(value, self.otherwise if self.leader else value)


def lines_of(site: Site) -> dict[str, Line]:
    """The lines of a site, surfaces first, then things by kind; every leader is one of them."""
    lines = dict(_surfaces(site))
    for kind in _ORDER:
        for name, thing in site.of(kind).items():
            lines[name] = _line(site, name, thing)
    return lines


def leaders_first(lines: Mapping[str, Line]) -> tuple[str, ...]:
    """The ids so ordered that what is followed (or gates) comes first; refuses circles and unknown leaders."""
    done: dict[str, None] = {}
    for name in lines:
        chain: list[str] = []
        step: str | None = name
        while step is not None and step not in done:
            if step not in lines or step in chain:
                raise Refusal("day.follows", thing=name, leader=step)
            chain.append(step)
            step = lines[step].leader or lines[step].gate
        done.update(dict.fromkeys(reversed(chain)))
    return tuple(done)


def merged(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Neighbours of one value and one rule become one stretch."""
    open_: Stretch | None = None
    for stretch in stretches:
        if open_ is not None and (stretch.value, stretch.rule) == (open_.value, open_.rule):
            open_ = Stretch(value=open_.value, start=open_.start, end=stretch.end, rule=open_.rule)
            continue
        if open_ is not None:
            yield open_
        open_ = stretch
    if open_ is not None:
        yield open_


def with_last_tickets(stretches: Iterable[Stretch], before: timedelta, end: datetime) -> Iterator[Stretch]:
    """The last minutes before a closing become `last-tickets`; give stretches to at least `before` past `end`."""
    run: list[Stretch] = []
    for stretch in stretches:
        if stretch.value != "closed":
            run.append(stretch)
            continue
        yield from _cut_at(run, stretch.start - before, end)
        run = []
        yield from _cut_at([stretch], end, end)
    yield from _cut_at(run, end, end)


def switched_ahead(stretches: Iterable[Stretch], lead: timedelta, end: datetime) -> Iterator[Stretch]:
    """What is off goes on `lead` before it is needed; give stretches to at least `lead` past `end`."""
    off: list[Stretch] = []
    for stretch in stretches:
        if stretch.value == OFF:
            off.append(stretch)
            while off[0].end <= stretch.end - lead:
                yield from _clipped(off.pop(0), end)
            continue
        if off:
            yield from _woken(off, stretch, lead, end)
        off = []
        yield from _clipped(stretch, end)
    for stretch in off:
        yield from _clipped(stretch, end)


def gated(stretches: Iterable[Stretch], gate: Iterable[Stretch]) -> Iterator[Stretch]:
    """Off while the gate is off, by the gate's rule; both are given over the same time."""
    doors = iter(gate)
    door = next(doors, None)
    for row in stretches:
        start = row.start
        while door is not None and start < row.end:
            finish, shut = min(row.end, door.end), door.value == OFF and row.value != OFF
            value, rule = (OFF, door.rule) if shut else (row.value, row.rule)
            yield Stretch(value=value, start=start, end=finish, rule=rule)
            start = finish
            door = door if start < door.end else next(doors, None)


def lent(stretches: Iterable[Stretch], others: Iterable[Stretch]) -> Iterator[Stretch]:
    """What is off belongs to the other player while its hours are not off, by their rule; both over the same time."""
    hours = iter(others)
    other = next(hours, None)
    for row in stretches:
        start = row.start
        while other is not None and start < row.end:
            finish, theirs = min(row.end, other.end), row.value == OFF and other.value != OFF
            value, rule = (BESIDE, other.rule) if theirs else (row.value, row.rule)
            yield Stretch(value=value, start=start, end=finish, rule=rule)
            start = finish
            other = other if start < other.end else next(hours, None)


def _woken(off: list[Stretch], needed: Stretch, lead: timedelta, end: datetime) -> Iterator[Stretch]:
    """The rows of off up to the moment of switching on, then on, ahead of its rule."""
    begin = max(needed.start - lead, off[0].start)
    for row in off:
        yield from _clipped(row, min(begin, end))
    rule = replace(needed.rule, ahead_s=lead.total_seconds())
    yield from _clipped(Stretch(value=needed.value, start=begin, end=needed.start, rule=rule), end)


def _clipped(row: Stretch, end: datetime) -> Iterator[Stretch]:
    if row.end <= end:
        yield row
    elif row.start < end:
        yield Stretch(value=row.value, start=row.start, end=end, rule=row.rule)


def _cut_at(run: Iterable[Stretch], last: datetime, end: datetime) -> Iterator[Stretch]:
    for stretch in run:
        finish = min(stretch.end, end)
        if stretch.start < min(last, finish):
            yield Stretch(value=stretch.value, start=stretch.start, end=min(last, finish), rule=stretch.rule)
        if max(last, stretch.start) < finish:
            begin = max(last, stretch.start)
            yield Stretch(value="last-tickets", start=begin, end=finish, rule=stretch.rule)


def _surfaces(site: Site) -> Iterator[tuple[str, Line]]:
    for name, surface in site.surfaces.items():
        says = {"on": surface.playlist}
        allowed = tuple(dict.fromkeys(("off", "on", surface.playlist, *site.playlists)))
        yield name, Line(thing=name, allowed=allowed, hours=surface.hours, says=says)


def _line(site: Site, name: str, thing: object) -> Line:
    match thing:
        case Desk():
            last = timedelta(minutes=thing.last_tickets_min) if thing.last_tickets_min else None
            says = {"on": "open", "off": "closed"}
            return Line(
                thing=name, allowed=DESK_VALUES, hours=thing.hours, says=says, otherwise="closed", last_tickets=last
            )
        case Display():
            leader = next(
                (id_ for id_, surface in site.surfaces.items() if any(p.id == thing.panel for p in surface.panels)),
                None,
            )
            line = _follower(site, name, leader or thing.panel, ON_WHEN)
            shared = thing.beside
            return line if shared is None else replace(line, allowed=(*line.allowed, BESIDE), lent=shared.hours)
        case Room():
            return _follower(site, name, thing.follows, ON_WHEN)
        case Switch() if thing.follows is not None:
            return _follower(site, name, thing.follows, thing.on_when)
        case Switch():
            return Line(thing=name, allowed=ON_OFF, says={})
        case Sound():
            levels = site.hours[thing.hours].values() - {OFF}
            allowed = (OFF, *sorted(levels, key=int))
            return Line(thing=name, allowed=allowed, hours=thing.hours, says={}, gate=thing.display, silenced=True)
        case _:
            return Line(thing=name, allowed=(), otherwise="watch", says={})


def _follower(site: Site, name: str, leader: str, on_when: tuple[str, ...]) -> Line:
    surface = site.surfaces.get(leader)
    shown = (surface.playlist, *site.playlists) if surface and "on" in on_when else ()
    return Line(thing=name, allowed=ON_OFF, leader=leader, says=dict.fromkeys((*on_when, *shown), "on"))
