"""Hours, playlists, airings and pins become a player's programme: absolute intervals that need no calendar.

Every window of an item, every licence's end and every airing is an edge between intervals, so that a player alone for
weeks still takes things off the glass at their instant.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Protocol
from zlib import crc32
from zoneinfo import ZoneInfo

from lobby.core.airings import Airing
from lobby.core.hanging import places_of
from lobby.core.sequences import Step, Stretch, stretches
from lobby.core.site import Playlist, Site, Surface, Text
from lobby.core.spans import ALWAYS, Span
from lobby.core.wholenotices import Keep, items_of, keeps
from media import programme as compiled
from media.art.titles import LIVE, scene_id, stand_in
from media.assets import Asset
from media.geometry import size_name
from media.programme import Film, Interval, Item, Loud, Programme, SurfacePlan
from media.wire import version_of

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = timedelta(days=35)
OFF = "off"
LONGEST_ID = 32


class Planned(Protocol):
    """A value and its half-open time, as `schedules` gives it."""

    @property
    def value(self) -> str:
        """`on`, `off` or a playlist's id."""

    @property
    def start(self) -> datetime:
        """Included."""

    @property
    def end(self) -> datetime:
        """Not included."""


class Laid(Protocol):
    """A person's value that lies over the plan for a while."""

    @property
    def value(self) -> str:
        """`on`, `off` or a playlist's id."""

    @property
    def start(self) -> datetime:
        """Included."""

    @property
    def until(self) -> datetime:
        """Not included."""


def programme_span(now: datetime, zone: tzinfo = UTC) -> tuple[datetime, datetime]:
    """The days a programme compiled at `now` covers, from midnight of the zone to midnight, the same all day.

    Whatever the hour, 35 whole days lie ahead; yesterday is in it for players whose clocks are behind.
    """
    today = now.astimezone(zone).date()
    midnights = (datetime.combine(today + timedelta(days=days), time(), zone) for days in (-1, DAYS.days + 1))
    start, end = (midnight.astimezone(UTC) for midnight in midnights)
    return start, end


def compile_programme(
    site: Site,
    player: str,
    *,
    agendas: Mapping[str, Iterable[Planned]],
    overrides: Mapping[str, Iterable[Laid]] | None = None,
    playlists: Mapping[str, Playlist],
    pins: Mapping[str, str],
    assets: Mapping[str, Asset],
    now: datetime,
    airings: Sequence[Airing] = (),
    usable: Mapping[str, Span] | None = None,
    dark: frozenset[str] = frozenset(),
    silent: frozenset[str] = frozenset(),
    sound: Mapping[str, Iterable[Planned]] | None = None,
) -> Programme:
    """The programme of one player. `agendas`: surface → its plan over `programme_span`; what is missing is off.

    `overrides`: surface → what persons set, later ones on top; `airings` lie above by their class. `usable`: when an
    asset may be shown, None where all always may. Items whose asset is not there yet are left out; `dark` panels do not
    work, `silent` ones perhaps. `sound`: surface → the hours of its `audio`, over the same days.
    """
    zone = ZoneInfo(site.site.time_zone)
    span = programme_span(now, zone)
    lists_at_hand = {**playlists, **_lists_of(airings, playlists, assets=assets, site=site, unseen=dark | silent)}
    kept = keeps(airings, playlists, site)
    shelf = _Shelf(lists_at_hand, _Assets(assets, usable), span, zone, kept)
    surfaces = {
        name: _surface(
            site.surfaces[name],
            shelf,
            _base(site.surfaces[name], playlists, agendas.get(name, ()), (overrides or {}).get(name, ()), span),
            _above(name, airings, playlists, span, zone),
            _sound(site.surfaces[name], (sound or {}).get(name, ())),
        )
        for name in site.players[player].surfaces
    }
    lists = shelf.taken()
    panels = {panel.id: panel for plan in surfaces.values() for panel in plan.panels}
    pinned = {panel: asset for panel, asset in pins.items() if panel in panels and shelf.assets.holds(asset, now)}
    used = {item.asset for each in lists.values() for item in each.items} | set(pinned.values())
    spanned = {item.asset for each in lists.values() if each.mode == "span" for item in each.items}
    draft = Programme(
        player=player,
        version="",
        epoch=EPOCH,
        start=span[0],
        end=span[1],
        surfaces=surfaces,
        playlists=lists,
        pictures=_pictures(assets, used, surfaces, spanned),
        pins=pinned,
        films={asset: film for asset in sorted(used & set(assets)) if (film := _film(assets[asset]))},
        scenes={scene_id(name): name for name in LIVE if scene_id(name) in used},
        dark=dark & set(panels),
        silent=silent & set(panels),
    )
    return replace(draft, version=version_of(draft))


def passed_over(
    programme: Programme, playlists: Mapping[str, Playlist], assets: Mapping[str, Asset]
) -> dict[str, tuple[str, ...]]:
    """Surface → the items of its playlists that cannot be shown on all its panels: not taken in, or at other sizes."""
    found = _Assets(assets, None)
    return {name: _passed_over(programme, surface, playlists, found) for name, surface in programme.surfaces.items()}


def _passed_over(
    programme: Programme, surface: SurfacePlan, playlists: Mapping[str, Playlist], assets: _Assets
) -> tuple[str, ...]:
    sizes = frozenset(panel.pixels for panel in surface.panels)
    variants = {each.playlist for each in surface.intervals if each.playlist is not None}
    named = {programme.playlists[name].of or name for name in variants} & set(playlists)
    items = (item.asset for name in sorted(named) for item in playlists[name].items if item.asset not in ("", *LIVE))
    known = ((item, assets.get(item)) for item in dict.fromkeys(items))
    return tuple(asset.title if asset else item for item, asset in known if asset is None or not asset.fits(sizes))


class _Assets:
    """Assets by id and by sample's name, and when each may be shown."""

    def __init__(self, assets: Mapping[str, Asset], usable: Mapping[str, Span] | None) -> None:
        self._assets = assets
        self._usable = usable
        self._names = {asset.name: asset for asset in assets.values() if asset.name is not None}

    def get(self, reference: str) -> Asset | None:
        """The asset, or while a sample film is not drawn yet, its still."""
        return self._assets.get(reference) or self._names.get(reference) or self._names.get(stand_in(reference) or "")

    def identity(self, reference: str) -> str:
        """The id of what a playlist names; a live scene has one of its name."""
        found = self.get(reference)
        return scene_id(reference) if found is None else found.id

    def allowed(self, reference: str) -> list[Span] | None:
        """When it may be shown; None where it is not there or nobody has approved it."""
        if reference in LIVE:
            return [ALWAYS]
        found = self.get(reference)
        if found is None:
            return None
        span = ALWAYS if self._usable is None else self._usable.get(found.id)
        return None if span is None else [span]

    def holds(self, reference: str, moment: datetime) -> bool:
        """Whether it may be shown at a moment."""
        return any(start <= moment < end for start, end in self.allowed(reference) or ())


class _Shelf:
    """The playlists of a programme: each round that differs is a list of its own, kept under a name of its own."""

    def __init__(
        self,
        playlists: Mapping[str, Playlist],
        assets: _Assets,
        span: Span,
        zone: ZoneInfo,
        kept: Mapping[str, Keep],
    ) -> None:
        self.assets = assets
        self._kept = kept
        self._playlists = playlists
        self._span = span
        self._zone = zone
        self._stretches: dict[str, list[Stretch]] = {}
        self._names: dict[tuple[str, bool, tuple[Step, ...]], str] = {}
        self._taken: dict[str, compiled.Playlist] = {}

    def rounds(self, name: str) -> list[Stretch]:
        """What the playlist plays when."""
        if name not in self._stretches:
            allowed = self.assets.allowed
            self._stretches[name] = stretches(self._playlists, name, self._span, self._zone, allowed=allowed)
        return self._stretches[name]

    def take(self, name: str, steps: tuple[Step, ...], *, exclusive: bool) -> str:
        """The name under which this round of a playlist stands in the programme."""
        key = name, exclusive, steps
        if key not in self._names:
            self._names[key] = self._free(name)
            self._taken[self._names[key]] = self._compiled(self._names[key], name, steps, exclusive=exclusive)
        return self._names[key]

    def taken(self) -> dict[str, compiled.Playlist]:
        """Everything that was asked for."""
        return {name: self._taken[name] for name in sorted(self._taken)}

    def _free(self, name: str) -> str:
        number, free = 2, name
        while free in self._taken or (free != name and free in self._playlists):
            free = f"{name[: LONGEST_ID - 5]}-{number}"
            number += 1
        return free

    def _compiled(self, key: str, name: str, steps: tuple[Step, ...], *, exclusive: bool) -> compiled.Playlist:
        playlist, (keep, least) = self._playlists[name], self._kept.get(name, ((), 0))
        return compiled.Playlist(
            mode=playlist.mode,
            items=tuple(Item(asset=self.assets.identity(step.asset), dwell_ms=step.dwell_ms) for step in steps),
            change=playlist.change,
            change_ms=None if playlist.change_s is None else round(playlist.change_s * 1000),
            turn_ms=round(playlist.turn_s * 1000),
            seed=crc32(name.encode()) if playlist.shuffle else None,
            of="" if key == name else name,
            exclusive=exclusive,
            keep=keep,
            least=least,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """An airing's playlist on a surface, and its times in order, apart from one another."""

    playlist: str
    times: list[Span]
    lights: bool


def _lists_of(
    airings: Iterable[Airing],
    playlists: Mapping[str, Playlist],
    *,
    assets: Mapping[str, Asset],
    site: Site,
    unseen: frozenset[str],
) -> dict[str, Playlist]:
    """An airing of a single asset, or a scene, as a playlist of one: laid across, an upright work whole on each panel.

    What is set for the surface, a notice, is laid across whatever its shape, in steps where panels are `unseen`.
    """
    found: dict[str, Playlist] = {}
    singles = (
        (airing, surface, content)
        for airing in airings
        for surface, content in airing.content.items()
        if content not in playlists
    )
    for airing, surface, content in singles:
        name, items = airing.list_of(content), items_of(airing, surface, site, unseen)
        if name not in found or len(found[name].items) < len(items):
            found[name] = Playlist(
                name=Text(ko=airing.name, en=airing.name),
                mode="rotate" if _upright(airing, assets.get(content)) else "span",
                items=items,
                change="cut",
            )
    return found


def _upright(airing: Airing, asset: Asset | None) -> bool:
    work = airing.test or airing.cls in {"campaign", "interrupt"}
    return work and asset is not None and asset.height > asset.width


def _above(
    surface: str, airings: Iterable[Airing], playlists: Mapping[str, Playlist], span: Span, zone: ZoneInfo
) -> list[_Claim]:
    """What airings claim of a surface, the weakest first, of one class the oldest."""
    found = [each for each in airings if surface in each.content and each.approved_by is not None]
    claims: list[_Claim] = []
    for airing in sorted(found, key=lambda each: (each.rank, each.start, each.id)):
        content = airing.content[surface]
        name = content if content in playlists else airing.list_of(content)
        claims.append(_Claim(playlist=name, times=airing.turns(zone, span), lights=airing.cls == "emergency"))
    return claims


def _base(
    surface: Surface,
    playlists: Mapping[str, Playlist],
    agenda: Iterable[Planned],
    overrides: Iterable[Laid],
    span: Span,
) -> list[Interval]:
    """Adjoining intervals of playlists by their names, what persons set on top of the plan."""
    cuts = [(each.start, each.end, _playlist_of(surface, playlists, each.value)) for each in agenda]
    cuts += [(each.start, each.until, _playlist_of(surface, playlists, each.value)) for each in overrides]
    intervals = [Interval(start=span[0], end=span[1], playlist=None)]
    for first, last, playlist in cuts:
        first, last = first.astimezone(UTC), last.astimezone(UTC)
        intervals = _laid_over(intervals, Interval(start=first, end=last, playlist=playlist))
    return intervals


def _sound(surface: Surface, hours: Iterable[Planned]) -> tuple[Loud, ...]:
    """When a surface with `audio` is heard."""
    if surface.audio is None:
        return ()
    level = surface.audio.level
    return tuple(Loud(start=each.start, end=each.end, level=level) for each in hours if each.value != OFF)


def _surface(
    surface: Surface, shelf: _Shelf, base: list[Interval], above: list[_Claim], sound: tuple[Loud, ...]
) -> SurfacePlan:
    intervals = [piece for each in base for piece in _rounds(shelf, each)]
    for claim in above:
        intervals = list(_claimed(intervals, list(_lying(shelf, claim)), lights=claim.lights))
    return SurfacePlan(
        panels=places_of(surface),
        intervals=tuple(_merged(intervals)),
        fade_ms=round(surface.fade_s * 1000),
        sound=sound,
    )


def _rounds(shelf: _Shelf, interval: Interval) -> Iterator[Interval]:
    """A base interval, cut where what its playlist plays changes."""
    if interval.playlist is None:
        yield interval
        return
    for stretch in shelf.rounds(interval.playlist):
        start, end = max(stretch.start, interval.start), min(stretch.end, interval.end)
        if start < end:
            name = shelf.take(interval.playlist, stretch.steps, exclusive=False)
            yield Interval(start=start, end=end, playlist=name)


def _lying(shelf: _Shelf, claim: _Claim) -> Iterator[Interval]:
    """A claim's intervals in order; where its playlist has nothing to show, none."""
    rounds = shelf.rounds(claim.playlist)
    ends = [each.end for each in rounds]
    for first, last in claim.times:
        for stretch in rounds[bisect_right(ends, first) :]:
            if stretch.start >= last:
                break
            start, end = max(stretch.start, first), min(stretch.end, last)
            if stretch.steps and start < end:
                yield Interval(start=start, end=end, playlist=shelf.take(claim.playlist, stretch.steps, exclusive=True))


def _claimed(intervals: Sequence[Interval], lying: Sequence[Interval], *, lights: bool) -> Iterator[Interval]:
    """What lies above on what is there, each piece knowing what is under it; where it is dark only if it may light."""
    place = 0
    for each in intervals:
        at = each.start
        while at < each.end:
            while place < len(lying) and lying[place].end <= at:
                place += 1
            above = lying[place] if place < len(lying) and (lights or each.playlist is not None) else None
            if above is None or above.start >= each.end:
                end, piece = each.end, replace(each, start=at)
            elif above.start > at:
                end, piece = above.start, replace(each, start=at, end=above.start)
            else:
                end = min(above.end, each.end)
                under = each.under or each.playlist
                piece = Interval(start=at, end=end, playlist=above.playlist, under=under)
            yield piece
            at = end


def _laid_over(intervals: Sequence[Interval], over: Interval) -> list[Interval]:
    """Adjoining intervals with another one on top, as far as it lies within them."""
    start, end = max(over.start, intervals[0].start), min(over.end, intervals[-1].end)
    if start >= end:
        return list(intervals)
    before = [each if each.end <= start else replace(each, end=start) for each in intervals if each.start < start]
    after = [each if each.start >= end else replace(each, start=end) for each in intervals if each.end > end]
    return _merged([*before, replace(over, start=start, end=end), *after])


def _merged(intervals: Iterable[Interval]) -> list[Interval]:
    found: list[Interval] = []
    for each in intervals:
        if found and (found[-1].playlist, found[-1].under) == (each.playlist, each.under):
            found[-1] = replace(found[-1], end=each.end)
        else:
            found.append(each)
    return found


def _playlist_of(surface: Surface, playlists: Mapping[str, Playlist], value: str) -> str | None:
    if value == OFF:
        return None
    return value if value in playlists else surface.playlist


def _film(asset: Asset) -> Film | None:
    return Film(frames=asset.frames, fps=asset.fps) if asset.frames and asset.fps else None


def _pictures(
    assets: Mapping[str, Asset], used: Iterable[str], surfaces: Mapping[str, SurfacePlan], spanned: Container[str]
) -> dict[str, dict[str, str]]:
    """Of every asset what these surfaces may show: at their panels' sizes, and where it is laid across, its slices."""
    sizes = {size_name(panel.pixels) for plan in surfaces.values() for panel in plan.panels}

    def shown(asset: str, key: str) -> bool:
        return key in sizes or (asset in spanned and key.partition(":")[0] in surfaces)

    return {
        asset: {key: sha for key, sha in sorted(assets[asset].renditions.items()) if shown(asset, key)}
        for asset in sorted(used)
        if asset in assets
    }
