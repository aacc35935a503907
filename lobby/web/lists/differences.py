"""What differs between two states of a playlist, in the words of staff; and how long a round takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from difflib import SequenceMatcher

from lobby.core.sequences import Step, stretches
from lobby.core.site import Playlist, PlaylistItem
from lobby.core.spans import ALWAYS
from lobby.core.words import say
from lobby.web.spoken import short_day, weekdays
from schedules import WEEKDAYS

Named = Callable[[PlaylistItem], str]
Key = tuple[str, int]


def differences(before: Playlist, after: Playlist, named: Named, language: str, *, walls: bool = True) -> list[str]:
    """One line for each thing that came, went, moved or changed; `walls`: it plays on surfaces of several panels."""
    return [*_settings(before, after, language, walls=walls), *_items(before, after, named, language)]


def round_at(lists: Mapping[str, Playlist], name: str, playlist: Playlist, at: datetime, zone: tzinfo) -> list[Step]:
    """What a round of it consists of at a moment, lists in it unfolded."""
    found = stretches(
        {**lists, name: playlist}, name, (at, at + timedelta(seconds=1)), zone, allowed=lambda _: [ALWAYS]
    )
    return list(found[0].steps) if found else []


def lasting(steps: Sequence[Step], language: str) -> str:
    """How long a round takes."""
    return length(sum(step.dwell_ms for step in steps) / 1000, language)


def length(seconds: float, language: str) -> str:
    """A length of time in minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return say("lists.length.seconds", language, s=rest)
    return say("lists.length.minutes" if not rest else "lists.length.both", language, m=minutes, s=rest)


def window_words(item: PlaylistItem, language: str) -> str:
    """When an item plays, empty where it always does."""
    names = weekdays(language)
    parts = []
    if item.from_ or item.to:
        first, last = (short_day(day, language) if day else "" for day in (item.from_, item.to))
        parts.append(f"{first} – {last}".strip())
    if item.days:
        parts.append("·".join(names[WEEKDAYS.index(day)] for day in item.days))
    parts += [f"{each.from_:%H:%M}–{each.to:%H:%M}" for each in item.hours]
    return " · ".join(parts)


def mode_words(playlist: Playlist, language: str, *, walls: bool) -> str:
    """How it stands on the wall and how slides turn; where every surface is a single panel, only how they change."""
    words = [say(f"lists.mode.{playlist.mode}" if walls else f"lists.alone.{playlist.mode}", language)]
    if playlist.mode != "one-per-panel":
        words.append(say(f"lists.change.{playlist.change}", language))
    if playlist.turn_s and walls:
        side = "left" if playlist.turn_s > 0 else "right"
        words.append(say(f"lists.turn.each-{side}", language, s=f"{abs(playlist.turn_s):g}"))
    if playlist.shuffle:
        words.append(say("lists.shuffle.on", language))
    return " · ".join(words)


def _settings(before: Playlist, after: Playlist, language: str, *, walls: bool) -> Iterator[str]:
    if before.name != after.name:
        yield say("lists.diff.name", language, before=before.name.said(language), after=after.name.said(language))
    was, becomes = (mode_words(each, language, walls=walls) for each in (before, after))
    if was != becomes:
        yield say("lists.diff.mode", language, before=was, after=becomes)
    if before.change_s != after.change_s:
        yield say("lists.diff.change-s", language, before=_change_s(before, language), after=_change_s(after, language))


def _change_s(playlist: Playlist, language: str) -> str:
    if playlist.change_s is None:
        return say("lists.change.usual", language)
    return say("lists.length.exact", language, s=f"{playlist.change_s:g}")


def _items(before: Playlist, after: Playlist, named: Named, language: str) -> Iterator[str]:
    old, new = _keyed(before.items), _keyed(after.items)
    places = {key: place for place, (key, _) in enumerate(new, start=1)}
    was, becomes = dict(old), dict(new)
    for key, item in new:
        if key not in was:
            yield say("lists.diff.added", language, name=named(item), place=places[key], how=_how(item, language))
    for key, item in old:
        if key not in becomes:
            yield say("lists.diff.removed", language, name=named(item))
    for key in _moved([key for key, _ in old if key in becomes], [key for key, _ in new if key in was]):
        yield say("lists.diff.moved", language, name=named(becomes[key]), place=places[key])
    for key, item in new:
        if key in was and _how(was[key], language) != _how(item, language):
            how = {"before": _how(was[key], language), "after": _how(item, language)}
            yield say("lists.diff.changed", language, name=named(item), **how)


def _keyed(items: Sequence[PlaylistItem]) -> list[tuple[Key, PlaylistItem]]:
    """Items by what they show; the second of the same is another one."""
    seen: Counter[str] = Counter()
    found = []
    for item in items:
        what = item.asset or f"list:{item.playlist}"
        seen[what] += 1
        found.append(((what, seen[what]), item))
    return found


def _moved(old: list[Key], new: list[Key]) -> list[Key]:
    """The fewest that have to be put elsewhere to get from one order to the other."""
    same = SequenceMatcher(a=old, b=new, autojunk=False).get_matching_blocks()
    kept = {key for block in same for key in new[block.b : block.b + block.size]}
    return [key for key in new if key not in kept]


def _how(item: PlaylistItem, language: str) -> str:
    parts = [] if item.playlist else [length(item.dwell_s, language)]
    if item.weight > 1:
        parts.append(say("lists.item.weight-n", language, n=item.weight))
    if window := window_words(item, language):
        parts.append(window)
    return " · ".join(parts) or say("lists.item.always", language)
