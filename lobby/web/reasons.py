"""Why a thing is as it is, in the words of staff: the rule that wins, those that lose, until when."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from lobby.core.words import say
from lobby.web.lists.above import Above, above, named
from lobby.web.spoken import when_words
from lobby.web.whatif import value_words
from schedules import Layer, Rule

if TYPE_CHECKING:
    from lobby.day.desired import Override
    from lobby.web.house import House
    from schedules import Why

ABOVE = ("emergency", "override")


def why_words(house: House, thing: str, moment: datetime, found: Why, language: str) -> dict[str, object]:
    """The dialog's lines: `value`, `winner`, `losers`, `until`, all as text."""
    site, zone = named(house), ZoneInfo(house.site.site.time_zone)
    change = next((one for one in reversed(house.overrides.active(moment)) if one.thing == thing), None)
    value, until, winner = found.value, found.until, _rule(house, found.winner, language)
    source = source_words(found.winner, language)
    losers = [(_rule(house, rule, language), loser) for rule, loser in found.losers]
    if change is not None:
        losers.insert(0, (winner, value))
        value, until, winner, source = change.value, change.until, _override(house, change, language), ""
    text = value_words(site, thing, value, language)
    lying = above(house, thing, moment, value) if thing in site.surfaces else []
    if lying:
        losers.insert(0, (winner, value))
        text, until, winner, source = (
            lying[0].words(language),
            lying[0].until,
            airing_words(house, lying[0], language),
            "",
        )
    weaker = [airing_words(house, each, language) for each in lying[1:]]
    bell = None if lying and lying[0].airing.cls == "emergency" else _by_bell(house, thing, moment)
    if bell is not None:
        losers.insert(0, (winner, value))
        value, until, winner, source = bell, None, say("staff.why.emergency", language), ""
        text = value_words(site, thing, value, language)
    return {
        "value": text,
        "winner": winner,
        "source": source,
        "losers": [*weaker, *(f"{rule} → {value_words(site, thing, other, language)}" for rule, other in losers)],
        "until": when_words(until, house.clock.now(), zone, language) if until else "",
    }


def airing_words(house: House, shown: Above, language: str) -> str:
    """An airing as the reason of what is seen: its class and name, who put it there and who let it."""
    names, nobody = house.people.names(), say("staff.why.somebody", language)
    airing = shown.airing
    people = {"put": names.get(airing.person, nobody), "let": names.get(airing.approved_by or "", nobody)}
    return say("lists.why", language, what=shown.words(language), **people)


def source_words(rule: Rule, language: str) -> str:
    """Where a rule stands: the site file, a revision of staff, the holiday calendar."""
    name, _, number = rule.source.partition(" ")
    return say(f"day.source.{name}", language, n=number)


def rule_words(house: House, rule: str, language: str) -> str:
    """A rule as the hub names it (`weekly:media-wall`, `override:…`, `emergency:bell:…`), in words."""
    layer, _, name = rule.partition(":")
    if layer == "override":
        change = next((one for one in house.overrides.active(house.clock.now()) if one.id == name), None)
        return _override(house, change, language) if change else ""
    if layer in {"bell", "emergency", "incident"}:
        return say("staff.why.emergency", language)
    known = next((each for each in Layer if each.name.lower() == layer), None)
    return _rule(house, Rule(layer=known, name=name), language) if known is not None else ""


def _by_bell(house: House, thing: str, moment: datetime) -> str | None:
    """What an open incident wants of the thing now; only the hub knows, so only for now."""
    state = house.hub.snapshot()[1].get(thing)
    told = str(state.rule or "") if state else ""
    near = abs((house.clock.now() - moment).total_seconds()) < 1
    return state.desired if state and near and told.partition(":")[0] in {"bell", "emergency", "incident"} else None


def _rule(house: House, rule: Rule, language: str) -> str:
    site = house.site
    if rule.layer is Layer.HOLIDAY:
        return say("staff.why.holiday", language, name=rule.name)
    if rule.layer is Layer.SPECIAL:
        return say("staff.why.special", language, reason=_special(house, rule.name, language))
    if rule.layer is Layer.ALWAYS:
        return say("staff.why.always", language)
    key = "season" if rule.layer is Layer.SEASON else "weekly"
    name = site.hours[rule.name].name.said(language) if rule.name in site.hours else rule.name
    return say(f"staff.why.{key}", language, name=name)


def _special(house: House, name: str, language: str) -> str:
    days = [day for days in house.special_days.by_hours().values() for day in days if day.id == name]
    if days:
        return (days[0].reason_en if language == "en" else None) or days[0].reason
    site_days = [day for hours in house.site.hours.values() for day in hours.special_days if day.id == name]
    return site_days[0].reason.said(language) if site_days else name


def _override(house: House, change: Override, language: str) -> str:
    person = house.people.names().get(change.person, say("staff.why.somebody", language))
    return say("staff.why.override", language, person=person, reason=change.reason)
