"""What a playlist plays when: lists in it unfolded, windows and licences cut to absolute time, weights spread: pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from lobby.core.site import Playlist, PlaylistItem
from lobby.core.spans import Span, common, holds, joined, pieces, spans

MOST_STEPS = 500
DEEPEST = 4

Allowed = Callable[[str], Sequence[Span] | None]


@dataclass(frozen=True, slots=True)
class Step:
    """One slide of a round: an asset as the playlist names it, and how long it stands."""

    asset: str
    dwell_ms: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` to `end` a playlist's round consists of these steps."""

    start: datetime
    end: datetime
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Leaf:
    """An item with an asset, how often it comes, and when it may."""

    step: Step
    weight: int
    spans: list[Span]


def stretches(
    playlists: Mapping[str, Playlist], name: str, within: Span, zone: tzinfo, *, allowed: Allowed
) -> list[Stretch]:
    """The rounds of a playlist over a time, adjoining, each different from the one before it.

    `allowed`: when an asset may be shown at all (None: never); a list that is not there or contains itself is empty.
    """
    leaves = list(_leaves(playlists, name, within, zone, allowed, [within], 1, ()))
    found: list[Stretch] = []
    for start, end in pieces((leaf.spans for leaf in leaves), within):
        steps = spread([(leaf.step, leaf.weight) for leaf in leaves if holds(leaf.spans, start)])
        if found and found[-1].steps == steps:
            found[-1] = Stretch(found[-1].start, end, steps)
        else:
            found.append(Stretch(start, end, steps))
    return found


def spread(weighted: Sequence[tuple[Step, int]]) -> tuple[Step, ...]:
    """Each step as often as its weight, well apart from itself (smooth weighted round robin), at most 500 of them.

    None stands twice in a row unless it is half of all or more.
    """
    weights = [weight for _, weight in weighted]
    if not weights or max(weights) == min(weights):
        return tuple(step for step, _ in weighted)[:MOST_STEPS]
    credit, left, order = [0] * len(weights), list(weights), [-1]
    while any(left) and len(order) <= MOST_STEPS:
        credit = [have + weight for have, weight in zip(credit, weights, strict=True)]
        best = _next(credit, left, order[-1])
        credit[best] -= sum(weights)
        left[best] -= 1
        order.append(best)
    return tuple(weighted[place][0] for place in order[1:])


def _next(credit: Sequence[int], left: Sequence[int], last: int) -> int:
    """The one with most credit that is not the last one; one that fills half of what is left must not wait."""
    open_ = [place for place, count in enumerate(left) if count and place != last] or [last]
    pressing = [place for place in open_ if 2 * left[place] > sum(left)]
    return max(pressing or open_, key=lambda place: credit[place])


def contained(playlists: Mapping[str, Playlist], name: str) -> Iterator[str]:
    """Every asset that a playlist may ever show, by the names it gives them."""
    for item in _items(playlists, name, ()):
        yield item.asset


def circle(playlists: Mapping[str, Playlist], name: str, path: tuple[str, ...] = ()) -> tuple[str, ...] | None:
    """The way from a list back to itself, or one that is too deep; None where there is none."""
    if name in path or len(path) >= DEEPEST:
        return (*path, name)
    inner = (item.playlist for item in playlists[name].items if item.playlist in playlists)
    found = (circle(playlists, each, (*path, name)) for each in inner if each is not None)
    return next((way for way in found if way is not None), None)


def _items(playlists: Mapping[str, Playlist], name: str, path: tuple[str, ...]) -> Iterator[PlaylistItem]:
    if name not in playlists or name in path or len(path) >= DEEPEST:
        return
    for item in playlists[name].items:
        if item.playlist is None:
            yield item
        else:
            yield from _items(playlists, item.playlist, (*path, name))


def _leaves(
    playlists: Mapping[str, Playlist],
    name: str,
    within: Span,
    zone: tzinfo,
    allowed: Allowed,
    outer: list[Span],
    weight: int,
    path: tuple[str, ...],
) -> Iterator[_Leaf]:
    if name not in playlists or name in path or len(path) >= DEEPEST:
        return
    for item in playlists[name].items:
        own = common(outer, _spans_of(item, within, zone))
        if item.playlist is not None:
            further = weight * item.weight
            yield from _leaves(playlists, item.playlist, within, zone, allowed, own, further, (*path, name))
        elif (licence := allowed(item.asset)) is not None:
            step = Step(item.asset, round(item.dwell_s * 1000))
            yield _Leaf(step, weight * item.weight, common(own, joined(licence)))


def _spans_of(item: PlaylistItem, within: Span, zone: tzinfo) -> list[Span]:
    hours = [(each.from_, each.to) for each in item.hours]
    return spans(zone, within, first=item.from_, last=item.to, days=item.days, hours=hours)
