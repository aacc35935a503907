"""What `lobby plan` and `lobby why` print: pure rows and texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, tzinfo

from lobby.core.words import say
from lobby.day.desired import Emergency, Override
from lobby.day.plan import Plan
from lobby.day.resolve import forecast, resolve
from schedules import Rule
from schedules.localtime import day_start

Row = dict[str, str]


def plan_rows(
    plan: Plan, first: date, to: date, *, overrides: Iterable[Override] = (), things: Iterable[str] | None = None
) -> list[Row]:
    """What will be from a local date to another (exclusive), clipped, by beginning and then thing."""
    start, end = day_start(plan.zone, first), day_start(plan.zone, to)
    if end <= start:
        return []
    known = tuple(overrides)
    found = (
        (piece.start, thing, piece)
        for thing in (plan.things if things is None else things)
        for piece in forecast(plan, known, thing, start, end)
    )
    return [
        {
            "thing": thing,
            "value": piece.value,
            "from": _local(piece.start, plan.zone),
            "until": _local(piece.end, plan.zone),
            "rule": piece.rule,
        }
        for _, thing, piece in sorted(found, key=lambda one: one[:2])
    ]


def plan_lines(rows: Iterable[Row]) -> Iterator[str]:
    """One JSON object a line."""
    return (json.dumps(row, ensure_ascii=False) for row in rows)


def why_text(
    plan: Plan,
    thing: str,
    moment: datetime,
    *,
    language: str,
    overrides: Iterable[Override] = (),
    emergencies: Iterable[Emergency] = (),
) -> str:
    """Which rule wins, which lose with what they would have given, until when, and where each stands."""
    known = tuple(overrides)
    desired = resolve(plan, known, emergencies, moment)[thing]
    why = plan.why(thing, moment)
    above = desired.layer in {"override", "emergency"}
    source = _source_above(desired.rule, desired.layer, known, language) if above else _source(why.winner, language)
    until = _local_words(desired.until, plan.zone) if desired.until else say("day.why.no-end", language)
    lines = [
        say("day.why.value", language, thing=thing, value=desired.value, at=_local_words(moment, plan.zone)),
        say("day.why.winner", language, rule=desired.rule, source=source),
        say("day.why.until", language, until=until),
    ]
    losers = [(why.winner, why.value), *why.losers] if above else list(why.losers)
    lines += [
        say("day.why.loser", language, rule=str(rule), value=value, source=_source(rule, language))
        for rule, value in losers
    ]
    return "\n".join(lines if losers else [*lines, say("day.why.no-loser", language)])


def _source(rule: Rule, language: str) -> str:
    if rule.source.startswith("revision "):
        return say("day.source.revision", language, n=rule.source.removeprefix("revision "))
    return say(f"day.source.{rule.source}", language)


def _source_above(rule: str, layer: str, overrides: tuple[Override, ...], language: str) -> str:
    found = next((one for one in overrides if rule == f"override:{one.id}"), None)
    if found is None:
        return say(f"day.source.{layer}", language)
    return say("day.source.override", language, person=found.person, reason=found.reason)


def _local(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).isoformat()


def _local_words(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")
