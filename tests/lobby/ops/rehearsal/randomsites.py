"""Random site files that are valid: a wall with its display, a desk with its room and its sign, in any zone."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from lobby.core.site import Site
from lobby.day.plan import Plan
from schedules import OverlapRefused
from tests.schedules.transitions import every_transition

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WALL, DESK = ("on", "evening-guide"), ("open", "evening")
QUARTERS = 96
FIRST, LAST = date(2020, 1, 1), date(2037, 12, 1)


def random_site(dice: Random) -> tuple[Site, date]:
    """A site and a day around which something is special; thrown again while windows lie over each other."""
    while True:
        zone, day = _zone_and_day(dice)
        try:
            site = Site.model_validate(_document(dice, zone, day))
            Plan.from_site(site)
        except OverlapRefused:
            continue
        return site, day


def _zone_and_day(dice: Random) -> tuple[str, date]:
    """Any zone; every other time the day before its clocks change."""
    zone, moment = dice.choice(every_transition())
    if dice.random() < 0.5:
        return zone, moment.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    return zone, FIRST + timedelta(days=dice.randint(0, (LAST - FIRST).days))


def _document(dice: Random, zone: str, day: date) -> dict[str, Any]:
    name = {"ko": "곳", "en": "Place"}
    thing = {"name": name, "place": "hall"}
    return {
        "format": 1,
        "site": {"id": "hall", "name": name, "lobby-name": name, "time-zone": zone},
        "places": {"hall": {"name": name, "at-mm": [0, 0]}},
        "hours": {
            "wall-hours": {"name": name, **_hours(dice, WALL, day)},
            "desk-hours": {"name": name, "otherwise": "closed", **_hours(dice, DESK, day)},
        },
        "surfaces": {
            "wall": {
                **thing,
                "hours": "wall-hours",
                "playlist": "cities",
                "panels": [{"id": "wall-1", "size-mm": [600, 1000]}],
            }
        },
        "playlists": {"cities": {"name": name}, "evening-guide": {"name": name}},
        "links": {"line": {"url": "serial:///dev/ttyS0"}},
        "things": {
            "screen": {"kind": "display", **thing, "panel": "wall-1", "link": "line", "poll-s": 30},
            "desk": {"kind": "desk", **thing, "hours": "desk-hours", **_last_tickets(dice)},
            "room": {"kind": "room", **thing, "follows": "desk"},
            "sign": {"kind": "switch", "use": "sign", **thing, "follows": "desk"},
        },
    }


def _last_tickets(dice: Random) -> dict[str, int]:
    return {"last-tickets-min": dice.choice((5, 15, 60))} if dice.random() < 0.5 else {}


def _hours(dice: Random, values: tuple[str, ...], day: date) -> dict[str, Any]:
    out: dict[str, Any] = {"weekly": _week(dice, values)}
    if dice.random() < 0.5:
        out["public-holiday"] = _windows(dice, values)
    if dice.random() < 0.3:
        near = sorted(day + timedelta(days=dice.randint(-3, 4)) for _ in range(2))
        ends = {"from": f"{near[0]:%m-%d}", "to": f"{near[1]:%m-%d}"}
        out["seasons"] = [{"name": {"ko": "철", "en": "Season"}, **ends, "weekly": _week(dice, values)}]
    if dice.random() < 0.5:
        out["special-days"] = [_special(dice, values, day + timedelta(days=dice.randint(0, 2)))]
    return out


def _special(dice: Random, values: tuple[str, ...], day: date) -> dict[str, Any]:
    words = {"ko": "사정", "en": "A reason"}
    return {"id": "day", "from": day, "to": day, "reason": words, "notice": words, "windows": _windows(dice, values)}


def _week(dice: Random, values: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{"days": [day], **window} for day in DAYS for window in _windows(dice, values)]


def _windows(dice: Random, values: tuple[str, ...]) -> list[dict[str, str]]:
    """Up to three windows of a day; only the last may run over midnight."""
    edges = sorted(dice.sample(range(QUARTERS), 2 * dice.randint(0, 3)))
    pairs = [list(pair) for pair in zip(edges[::2], edges[1::2], strict=True)]
    if pairs and dice.random() < 0.3:
        pairs[-1][1] = dice.randint(0, min(16, pairs[0][0]))
    clocks = [[f"{quarter // 4:02}:{quarter % 4 * 15:02}" for quarter in pair] for pair in pairs]
    return [{"from": first, "to": last, "value": dice.choice(values)} for first, last in clocks]
