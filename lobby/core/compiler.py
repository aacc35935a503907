"""Hours, playlists and pins become a player's programme: absolute intervals for five weeks that need no calendar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

from lobby.core.hanging import places_of
from lobby.core.site import Playlist, Site, Surface
from media import programme as compiled
from media.art.titles import stand_in
from media.assets import Asset
from media.geometry import PanelPlace, size_name
from media.programme import Film, Interval, Item, Programme, SurfacePlan
from media.wire import version_of

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = timedelta(days=35)
OFF = "off"
ON = "on"


class Stretch(Protocol):
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
    agendas: Mapping[str, Iterable[Stretch]],
    overrides: Mapping[str, Iterable[Laid]] | None = None,
    playlists: Mapping[str, Playlist],
    pins: Mapping[str, str],
    assets: Mapping[str, Asset],
    now: datetime,
) -> Programme:
    """The programme of one player. `agendas`: surface → its plan over `programme_span`; what is missing is off.

    `overrides`: surface → what persons set, later ones on top. Items whose asset is not there yet are left out.
    """
    start, end = programme_span(now, ZoneInfo(site.site.time_zone))
    shown = site.players[player].surfaces
    surfaces = {
        name: _surface(
            site.surfaces[name], playlists, agendas.get(name, ()), (overrides or {}).get(name, ()), start, end
        )
        for name in shown
    }
    named = {each.playlist for plan in surfaces.values() for each in plan.intervals if each.playlist is not None}
    found = _Assets(assets)
    lists = {name: _playlist(playlists[name], found) for name in sorted(named)}
    panels = {panel.id: panel for plan in surfaces.values() for panel in plan.panels}
    pinned = {panel: asset for panel, asset in pins.items() if panel in panels and asset in assets}
    used = {item.asset for each in lists.values() for item in each.items} | set(pinned.values())
    draft = Programme(
        player=player,
        version="",
        epoch=EPOCH,
        start=start,
        end=end,
        surfaces=surfaces,
        playlists=lists,
        pictures=_pictures(assets, used, panels.values()),
        pins=pinned,
        films={asset: film for asset in sorted(used) if (film := _film(assets[asset]))},
    )
    return replace(draft, version=version_of(draft))


def passed_over(
    programme: Programme, playlists: Mapping[str, Playlist], assets: Mapping[str, Asset]
) -> dict[str, tuple[str, ...]]:
    """Surface → the items of its playlists that cannot be shown on all its panels: not taken in, or at other sizes."""
    found = _Assets(assets)
    return {name: _passed_over(surface, playlists, found) for name, surface in programme.surfaces.items()}


def _passed_over(surface: SurfacePlan, playlists: Mapping[str, Playlist], assets: _Assets) -> tuple[str, ...]:
    sizes = frozenset(panel.pixels for panel in surface.panels)
    named = {each.playlist for each in surface.intervals if each.playlist is not None}
    items = (item.asset for name in sorted(named) for item in playlists[name].items)
    known = ((item, assets.get(item)) for item in dict.fromkeys(items))
    return tuple(asset.title if asset else item for item, asset in known if asset is None or not asset.fits(sizes))


class _Assets:
    """Assets by id and by sample's name."""

    def __init__(self, assets: Mapping[str, Asset]) -> None:
        self._assets = assets
        self._names = {asset.name: asset for asset in assets.values() if asset.name is not None}

    def get(self, reference: str) -> Asset | None:
        """The asset, or while a sample film is not drawn yet, its still."""
        return self._assets.get(reference) or self._names.get(reference) or self._names.get(stand_in(reference) or "")


def _surface(
    surface: Surface,
    playlists: Mapping[str, Playlist],
    agenda: Iterable[Stretch],
    overrides: Iterable[Laid],
    start: datetime,
    end: datetime,
) -> SurfacePlan:
    cuts = [(each.start, each.end, _playlist_of(surface, playlists, each.value)) for each in agenda]
    cuts += [(each.start, each.until, _playlist_of(surface, playlists, each.value)) for each in overrides]
    return SurfacePlan(
        panels=places_of(surface),
        intervals=_laid_over(cuts, start, end),
        fade_ms=round(surface.fade_s * 1000),
    )


def _laid_over(
    cuts: list[tuple[datetime, datetime, str | None]], start: datetime, end: datetime
) -> tuple[Interval, ...]:
    """Adjoining intervals from start to end; of cuts that overlap the later in the list is on top, gaps are off."""
    intervals = [Interval(start=start, end=end, playlist=None)]
    for first, last, playlist in cuts:
        first, last = max(first.astimezone(UTC), start), min(last.astimezone(UTC), end)
        if first < last:
            before = [
                each if each.end <= first else replace(each, end=first) for each in intervals if each.start < first
            ]
            after = [each if each.start >= last else replace(each, start=last) for each in intervals if each.end > last]
            intervals = [*before, Interval(start=first, end=last, playlist=playlist), *after]
    return tuple(_merged(intervals))


def _merged(intervals: list[Interval]) -> list[Interval]:
    found: list[Interval] = []
    for each in intervals:
        if found and found[-1].playlist == each.playlist:
            found[-1] = replace(found[-1], end=each.end)
        else:
            found.append(each)
    return found


def _playlist_of(surface: Surface, playlists: Mapping[str, Playlist], value: str) -> str | None:
    if value == OFF:
        return None
    return value if value in playlists else surface.playlist


def _playlist(playlist: Playlist, assets: _Assets) -> compiled.Playlist:
    found = ((assets.get(item.asset), item.dwell_s) for item in playlist.items)
    items = (Item(asset=asset.id, dwell_ms=round(dwell_s * 1000)) for asset, dwell_s in found if asset is not None)
    return compiled.Playlist(mode=playlist.mode, items=tuple(items))


def _film(asset: Asset) -> Film | None:
    return Film(frames=asset.frames, fps=asset.fps) if asset.frames and asset.fps else None


def _pictures(
    assets: Mapping[str, Asset], used: Iterable[str], panels: Iterable[PanelPlace]
) -> dict[str, dict[str, str]]:
    sizes = {size_name(panel.pixels) for panel in panels}
    return {
        asset: {size: sha for size, sha in sorted(assets[asset].renditions.items()) if size in sizes}
        for asset in sorted(used)
    }
