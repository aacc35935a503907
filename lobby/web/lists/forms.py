"""What a form or a JSON object says of a playlist or an airing, read into the records of the core."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from pydantic import ValidationError

from lobby.core.labels import plain
from lobby.core.playlists import MOST_ITEMS
from lobby.core.problem import Refusal
from lobby.core.site import Playlist
from schedules import WEEKDAYS
from schedules.localtime import opening

LONGEST_NAME = 120
PLAYLIST_KEYS = frozenset({"name", "mode", "items", "change", "change_s", "turn_s", "shuffle"})
ITEM = re.compile(r"item-(\d{1,4})-what")
OTHER = "list:"
USUAL_TURN_S = 0.12


def playlist_of(given: Mapping[str, Any]) -> Playlist:
    """The playlist that a JSON object (`items`) or the editor's form (`item-0-what`, …) says. Raises Refusal."""
    document = _posted(given) if "items" not in given else {key: given[key] for key in given if key in PLAYLIST_KEYS}
    items = document.get("items")
    if not isinstance(items, list) or len(items) > MOST_ITEMS:
        raise Refusal("media.wrong-playlist", status=422, most=str(MOST_ITEMS))
    try:
        found = Playlist.model_validate(document)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors(include_url=False)[0]["loc"])
        raise Refusal("lists.not-valid", place, status=422) from None
    if any(len(item.asset) > 80 for item in found.items):
        raise Refusal("lists.not-valid", "items", status=422)
    return found


def as_json(playlist: Playlist) -> dict[str, Any]:
    """A playlist on the wire; `playlist_of` reads it back."""
    return {
        "name": playlist.name.model_dump(mode="json", exclude_none=True),
        "mode": playlist.mode,
        "change": playlist.change,
        "change_s": playlist.change_s,
        "turn_s": playlist.turn_s,
        "shuffle": playlist.shuffle,
        "items": [
            {
                "asset": item.asset,
                "playlist": item.playlist,
                "dwell_s": item.dwell_s,
                "weight": item.weight,
                "from": item.from_.isoformat() if item.from_ else None,
                "to": item.to.isoformat() if item.to else None,
                "days": list(item.days),
                "hours": [{"from": clock(each.from_), "to": clock(each.to)} for each in item.hours],
            }
            for item in playlist.items
        ],
    }


def as_form(playlist: Playlist) -> dict[str, str]:
    """A playlist as the fields of the editor's form; `playlist_of` reads it back."""
    fields = {
        "name_ko": playlist.name.ko,
        "name_en": playlist.name.en,
        "mode": playlist.mode,
        "change": playlist.change,
        "change_s": "" if playlist.change_s is None else f"{playlist.change_s:g}",
        "turn": "left" if playlist.turn_s > 0 else "right" if playlist.turn_s < 0 else "none",
        "turn_s": f"{abs(playlist.turn_s) or USUAL_TURN_S:g}",
    }
    if playlist.shuffle:
        fields["shuffle"] = "on"
    for number, item in enumerate(playlist.items):
        own = {
            "what": item.asset or f"{OTHER}{item.playlist}",
            "dwell": f"{item.dwell_s:g}",
            "weight": str(item.weight),
            "from": item.from_.isoformat() if item.from_ else "",
            "to": item.to.isoformat() if item.to else "",
            "begins": clock(item.hours[0].from_) if item.hours else "",
            "ends": clock(item.hours[0].to) if item.hours else "",
            **{f"day-{day}": "on" for day in item.days},
        }
        fields |= {f"item-{number}-{key}": value for key, value in own.items()}
    return fields


def clock(moment: time) -> str:
    """A local time as browsers write it: with seconds only where there are some."""
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"


def window_of(given: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    """Start, end, weekdays, hours and turns of an airing, from JSON or a form. Raises Refusal."""
    start, until = _moment(given, "start", zone), _moment(given, "until", zone)
    days = _days(given)
    return {
        "start": start,
        "until": until,
        "days": days,
        "hours": tuple(_hours(given)),
        "every_s": _seconds(given, "every_s", "every_min", 60),
        "for_s": _seconds(given, "for_s", "for_s", 1),
    }


def _posted(given: Mapping[str, Any]) -> dict[str, Any]:
    numbers = sorted(int(found[1]) for key in given if (found := ITEM.fullmatch(key)))
    return {
        "name": {"ko": plain(str(given.get("name_ko", ""))), "en": plain(str(given.get("name_en", "")))},
        "mode": given.get("mode", "rotate"),
        "change": given.get("change", "fade"),
        "change_s": given.get("change_s") or None,
        "turn_s": _turn(given),
        "shuffle": bool(given.get("shuffle")),
        "items": [_item(given, f"item-{number}-") for number in numbers],
    }


def _turn(given: Mapping[str, Any]) -> object:
    """The form's picture of a turn and its length, as one number: negative from the right."""
    told = given.get("turn_s") or 0
    if given.get("turn", "left") == "none":
        return 0
    return f"-{told}" if given.get("turn") == "right" and told else told


def _item(given: Mapping[str, Any], mine: str) -> dict[str, Any]:
    def said(key: str) -> str:
        return str(given.get(f"{mine}{key}", "")).strip()

    what, inner = said("what"), said("what").startswith(OTHER)
    begins, ends = said("begins"), said("ends")
    if bool(begins) != bool(ends):
        raise Refusal("lists.half-hours", status=422)
    return {
        "asset": "" if inner else what,
        "playlist": what.removeprefix(OTHER) if inner else None,
        "dwell_s": said("dwell") or 12,
        "weight": said("weight") or 1,
        "from": said("from") or None,
        "to": said("to") or None,
        "days": [day for day in WEEKDAYS if said(f"day-{day}")],
        "hours": [{"from": begins, "to": ends}] if begins else [],
    }


def _moment(given: Mapping[str, Any], name: str, zone: tzinfo) -> datetime:
    """A moment with its offset, or a local one of the site; a bare day as `until` is included."""
    text = str(given.get(name, "")).strip()
    try:
        if len(text) == len("2026-11-26"):
            day = date.fromisoformat(text) + timedelta(days=name == "until")
            return opening(zone, day, time()).astimezone(UTC)
        found = datetime.fromisoformat(text.replace(" ", "+"))
        if found.tzinfo is None:
            return opening(zone, found.date(), found.time()).astimezone(UTC)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refusal("api.not-valid", name, status=422) from None


def _days(given: Mapping[str, Any]) -> tuple[str, ...]:
    told = given.get("days")
    if told is None:
        return tuple(day for day in WEEKDAYS if given.get(f"day-{day}"))
    if not isinstance(told, list) or not set(map(str, told)) <= set(WEEKDAYS):
        raise Refusal("api.not-valid", "days", status=422)
    return tuple(day for day in WEEKDAYS if day in told)


def _hours(given: Mapping[str, Any]) -> Iterator[tuple[time, time]]:
    told = given.get("hours")
    if told is None:
        begins, ends = given.get("begins"), given.get("ends")
        if bool(begins) != bool(ends):
            raise Refusal("lists.half-hours", status=422)
        told = [{"from": begins, "to": ends}] if begins else []
    if not isinstance(told, list) or len(told) > 8:
        raise Refusal("api.not-valid", "hours", status=422)
    for each in told:
        try:
            first, last = time.fromisoformat(each["from"]), time.fromisoformat(each["to"])
        except (TypeError, KeyError, ValueError):
            raise Refusal("api.not-valid", "hours", status=422) from None
        if first.tzinfo or last.tzinfo:
            raise Refusal("api.not-valid", "hours", status=422)
        yield first, last


def _seconds(given: Mapping[str, Any], name: str, field: str, unit: int) -> int:
    text = str(given.get(name) or given.get(field) or "0").strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 7):
        raise Refusal("api.not-valid", name, status=422)
    return int(text) * (unit if given.get(name) is None else 1)
