"""What should be at a moment: plan < override of a person < emergency; pure, and quick enough to ask at any report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise

from lobby.day.desired import STRONGEST_FIRST, Desired, Emergency, Override, Planned
from lobby.day.lines import BESIDE, OFF
from lobby.day.plan import Plan

__all__ = ["Desired", "Emergency", "Override", "Planned", "forecast", "next_edge", "resolve"]


def resolve(
    plan: Plan, overrides: Iterable[Override], emergencies: Iterable[Emergency], moment: datetime
) -> dict[str, Desired]:
    """What every thing should be; what follows a changed thing changes with it."""
    result = dict(plan.desired(moment))
    overrides = tuple(overrides)
    changed = _overridden(plan, overrides, moment)
    driven = _driven(plan, emergencies)
    if changed or driven:
        _put_above(plan, result, changed, driven, moment)
        _switch_ahead(plan, result, overrides, moment)
    return result


def next_edge(plan: Plan, overrides: Iterable[Override], moment: datetime) -> datetime:
    """When what should be changes next as far as can be foreseen."""
    edges = (edge for override in overrides for edge in _edges(plan, override) if edge > moment)
    return min((plan.next_change(moment), *edges))


def forecast(
    plan: Plan, overrides: Iterable[Override], thing: str, start: datetime, end: datetime
) -> Iterator[Planned]:
    """The thing's agenda with overrides counted in, split where the value or its rule changes."""
    touching = [one for one in overrides if one.thing in plan.behind(thing)]
    pieces = (
        Planned(value=row.value, start=row.start, end=row.end, rule=str(row.rule))
        for row in plan.agenda(thing, start, end)
    )
    return _joined(_split(plan, touching, thing, pieces)) if touching else pieces


def _split(plan: Plan, overrides: list[Override], thing: str, pieces: Iterable[Planned]) -> Iterator[Planned]:
    edges = sorted({edge for one in overrides for edge in _edges(plan, one)})
    for piece in pieces:
        inside = {*edges, *_turns(plan, thing, piece.start, piece.end)}
        cuts = [piece.start, *sorted(edge for edge in inside if piece.start < edge < piece.end), piece.end]
        for start, end in pairwise(cuts):
            now = resolve(plan, overrides, (), start)[thing]
            yield Planned(value=now.value, start=start, end=end, rule=now.rule)


def _turns(plan: Plan, thing: str, start: datetime, end: datetime) -> Iterator[datetime]:
    """When the hours of another player on the same display begin and end."""
    other = plan.lines[thing].lent
    if other is not None:
        yield from (row.start for row in plan.timetables[other].agenda(start, end))


def _joined(pieces: Iterable[Planned]) -> Iterator[Planned]:
    open_: Planned | None = None
    for piece in pieces:
        if open_ is not None and (open_.value, open_.rule) == (piece.value, piece.rule):
            open_ = Planned(value=open_.value, start=open_.start, end=piece.end, rule=open_.rule)
            continue
        if open_ is not None:
            yield open_
        open_ = piece
    if open_ is not None:
        yield open_


def _overridden(plan: Plan, overrides: Iterable[Override], moment: datetime) -> dict[str, Desired]:
    """The newest override in force of each thing."""
    newest: dict[str, Override] = {}
    for override in overrides:
        if override.holds(moment) and override.thing in plan.lines:
            before = newest.get(override.thing)
            if before is None or before.start <= override.start:
                newest[override.thing] = override
    return {
        thing: Desired(
            value=_spoken(plan, thing, one.value),
            rule=f"override:{one.id}",
            until=one.until,
            layer="override",
        )
        for thing, one in newest.items()
    }


def _driven(plan: Plan, emergencies: Iterable[Emergency]) -> dict[str, Desired]:
    """What emergencies drive; the strongest kind has the last word, among equals the first."""
    driven: dict[str, Desired] = {}
    for emergency in sorted(emergencies, key=lambda one: STRONGEST_FIRST.index(one.kind)):
        rule = f"emergency:{emergency.kind}:{emergency.source}"
        for thing, value in emergency.drives.items():
            if thing in plan.lines and thing not in driven:
                driven[thing] = Desired(value=_spoken(plan, thing, value), rule=rule, until=None, layer="emergency")
        for thing, line in plan.lines.items():
            if line.silenced and thing not in driven:
                driven[thing] = Desired(value=OFF, rule=rule, until=None, layer="emergency")
    return driven


def _edges(plan: Plan, override: Override) -> set[datetime]:
    """When it begins and ends, and when what is needed at its end is switched on."""
    leads = {line.lead for line in plan.lines.values() if line.leader == override.thing}
    return {override.start, override.until, *(override.until - lead for lead in leads)}


def _switch_ahead(plan: Plan, result: dict[str, Desired], overrides: tuple[Override, ...], moment: datetime) -> None:
    """What is off with an overridden leader goes on ahead of the override's end, where the leader is on then."""
    for thing in plan.leaders_first:
        line = plan.lines[thing]
        if line.leader is None or not line.lead or result[line.leader].layer != "override":
            continue
        if result[thing] != _following(plan, thing, result[line.leader], moment) or result[thing].value != OFF:
            continue
        until = result[thing].until
        if until is None or until > moment + line.lead:
            continue
        then = resolve(plan, overrides, (), until)[line.leader]
        needed = until if line.translated(then.value) != OFF else then.until
        if needed is not None and needed <= moment + line.lead:
            rule = f"{then.rule} ahead {line.lead.total_seconds():g} s"
            result[thing] = Desired(value="on", rule=rule, until=then.until, layer=then.layer)


def _spoken(plan: Plan, thing: str, value: str) -> str:
    """A value somebody gave directly: a surface that is `on` shows its own playlist."""
    line = plan.lines[thing]
    return value if line.leader else line.translated(value)


def _put_above(
    plan: Plan,
    result: dict[str, Desired],
    changed: Mapping[str, Desired],
    driven: Mapping[str, Desired],
    moment: datetime,
) -> None:
    touched: set[str] = set()
    for thing in plan.leaders_first:
        line = plan.lines[thing]
        if line.leader in touched:
            result[thing] = _following(plan, thing, result[line.leader], moment)
            touched.add(thing)
        elif line.gate in touched:
            result[thing] = _gated(plan, thing, result[line.gate], moment)
            touched.add(thing)
        own = driven.get(thing) or (changed.get(thing) if result[thing].layer != "emergency" else None)
        if own is not None:
            result[thing] = own
            touched.add(thing)


def _following(plan: Plan, thing: str, leading: Desired, moment: datetime) -> Desired:
    """What follows; what would be off may belong to another player by its hours."""
    line = plan.lines[thing]
    value = line.translated(leading.value)
    if value != OFF or line.lent is None:
        return Desired(value=value, rule=leading.rule, until=leading.until, layer=leading.layer)
    other = plan.timetables[line.lent].at(moment)
    until = min((each for each in (leading.until, other.end) if each is not None), default=None)
    if other.value == OFF:
        return Desired(value=OFF, rule=leading.rule, until=until, layer=leading.layer)
    return Desired(value=BESIDE, rule=str(other.rule), until=until, layer=leading.layer)


def _gated(plan: Plan, thing: str, gate: Desired, moment: datetime) -> Desired:
    """Off with its gate, else what its own hours say."""
    if gate.value == OFF:
        return Desired(value=OFF, rule=gate.rule, until=gate.until, layer=gate.layer)
    own = next(plan.ungated(thing, moment, moment + timedelta(days=1)))
    layer = own.rule.layer.name.lower()
    return Desired(value=own.value, rule=str(own.rule), until=own.end, layer=layer)
