"""The programmes of the players: compiled when hours, playlists, pins or the day change, handed out by version."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from devices.reports import Clock
from lobby.core.airings import Airing, Airings
from lobby.core.compiler import compile_programme, passed_over, programme_span
from lobby.core.journal import NotDurable
from lobby.core.library import Library
from lobby.core.playlists import Playlists
from lobby.core.site import Playlist, Site
from lobby.day.desired import Planned
from lobby.day.overrides import Override, Overrides
from lobby.day.plan import Plan
from lobby.day.specialdays import SpecialDays
from media.programme import Programme
from media.wire import version_of
from schedules import Stretch

LOOK_EVERY_S = 5.0
REMEMBERED = 4
DRAFT = "draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A player's programme and, by surface, the items that are passed over because they cannot be shown."""

    programme: Programme
    passed_over: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Programmes:
    """Hands out what is compiled; `run` compiles, in a thread, once a player has asked and after every change."""

    def __init__(
        self,
        site: Site,
        *,
        clock: Clock,
        library: Library,
        playlists: Playlists,
        airings: Airings,
        overrides: Overrides,
        special_days: SpecialDays,
        dark: Callable[[], frozenset[str]] = frozenset,
        silent: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        self._site = site
        self._playlists = playlists
        self._airings = airings
        self._dark = dark
        self._silent = silent
        self._zone = ZoneInfo(site.site.time_zone)
        self._clock = clock
        self._library = library
        self._overrides = overrides
        self._special_days = special_days
        self._asked = asyncio.Event()
        self._changed = asyncio.Event()
        self._span: tuple[datetime, datetime] | None = None
        self._kept: dict[str, Compiled] = {}
        self._versions: dict[str, dict[str, Programme]] = {}
        self._read_at: dict[str, datetime] = {}
        for each in (library, playlists, airings):
            each.on_change(self.forget)

    def forget(self) -> None:
        """Something that plays has changed: compile anew."""
        self._changed.set()

    def of(self, player: str) -> Programme | None:
        """The newest programme of a player; None for a stranger, and until the first one is compiled."""
        self._asked.set()
        kept = self._kept.get(player)
        return None if kept is None else kept.programme

    def version(self, player: str, version: object) -> Programme | None:
        """One of the last programmes of a player: what it still shows while it fetches the newest."""
        return self._versions.get(player, {}).get(str(version))

    def read_at(self, version: str) -> datetime | None:
        """Until when everything that people have changed is in that version."""
        return self._read_at.get(version)

    def passed_over(self, surface: str) -> tuple[str, ...]:
        """The items of a surface's playlists that cannot be shown."""
        return next((kept.passed_over[surface] for kept in self._kept.values() if surface in kept.passed_over), ())

    def title(self, sha: str) -> str:
        """What people call the content of a hash; the beginning of the hash where nobody knows it."""
        assets = self._library.by_id().values()
        return next((asset.title for asset in assets if sha in asset.renditions.values()), sha[:12])

    async def run(self) -> None:
        """Compile on every change and at the site's midnight; ends only by cancellation."""
        await self._asked.wait()
        while True:
            await self.compile()
            await self._until_due()
            with suppress(NotDurable):  # off air it is already; written down after the next change
                await self._airings.expire(self._clock.now())

    async def compile(self) -> None:
        """Compile every player's programme as everything is now."""
        self._changed.clear()
        now = self._clock.now()
        self._span = programme_span(now, self._zone)
        kept = await asyncio.to_thread(self._compiler(now))
        for player, compiled in kept.items():
            known = {**self._versions.get(player, {}), compiled.programme.version: compiled.programme}
            self._versions[player] = dict(list(known.items())[-REMEMBERED:])
            self._read_at[compiled.programme.version] = now
        known_still = {version for known in self._versions.values() for version in known}
        self._read_at = {version: at for version, at in self._read_at.items() if version in known_still}
        self._kept = kept

    async def at(self, player: str, moment: datetime) -> Programme:
        """The programme that would be compiled at a moment, from everything as it is now."""
        return (await asyncio.to_thread(self._compiler(moment, player)))[player].programme

    async def draft(self, surface: str, name: str, playlist: Playlist, moment: datetime) -> Programme | None:
        """The programme of a surface that plays nothing but this; None where no player draws the surface."""
        player = next((key for key, row in self._site.players.items() if surface in row.surfaces), None)
        if player is None:
            return None
        return await asyncio.to_thread(self._compiler(moment, player).draft, surface, name, playlist)

    def due(self) -> bool:
        """Whether what is compiled is no longer how everything is."""
        return self._changed.is_set() or self._span != programme_span(self._clock.now(), self._zone)

    async def _until_due(self) -> None:
        while not self.due():
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._changed.wait()

    def _compiler(self, now: datetime, *players: str) -> Compiler:
        return Compiler(
            site=self._site,
            players=players or tuple(self._site.players),
            plan=self._special_days.plan,
            overrides=self._overrides.active(self._clock.now()),
            library=self._library,
            playlists=dict(self._playlists.all()),
            airings=self._airings.all(),
            dark=self._dark(),
            silent=self._silent(),
            now=now,
        )


class Compiler:
    """Everything a programme is made of, held still, so that another thread can compile it."""

    def __init__(
        self,
        *,
        site: Site,
        players: tuple[str, ...],
        plan: Plan,
        overrides: tuple[Override, ...],
        library: Library,
        playlists: Mapping[str, Playlist],
        airings: tuple[Airing, ...],
        dark: frozenset[str],
        silent: frozenset[str],
        now: datetime,
    ) -> None:
        self._site = site
        self._players = players
        self._plan = plan
        self._overrides = overrides
        self._playlists = playlists
        self._airings = airings
        self._dark = dark
        self._silent = silent
        self._pins = dict(library.pins())
        self._assets = dict(library.playing())
        usable = {asset: span.ends() for asset, span in library.usable().items()}
        tried = {asset: (each.start, each.until) for each in airings if each.test for asset in each.content.values()}
        self._usable = {**tried, **usable}
        self._now = now

    def __call__(self) -> dict[str, Compiled]:
        """Every player's programme."""
        return {player: self._compiled(player) for player in self._players}

    def _audible(self, surface: str, start: datetime, end: datetime) -> Iterator[Stretch]:
        """The hours of a surface's sound; none where it has no `audio`."""
        audio = self._site.surfaces[surface].audio
        return iter(()) if audio is None else self._plan.timetables[audio.hours].agenda(start, end)

    def draft(self, surface: str, name: str, playlist: Playlist) -> Programme:
        """A programme of one surface, all day a playlist that may be nobody's yet."""
        start, end = programme_span(self._now, self._plan.zone)
        programme = compile_programme(
            self._site,
            self._players[0],
            agendas={surface: [Planned(start=start, end=end, value=name, rule=DRAFT)]},
            playlists={**self._playlists, name: playlist},
            pins={},
            assets=self._assets,
            usable=self._usable,
            dark=self._dark,
            now=self._now,
        )
        alone = replace(programme, surfaces={surface: programme.surfaces[surface]}, version="")
        return replace(alone, version=version_of(alone))

    def _compiled(self, player: str) -> Compiled:
        surfaces = self._site.players[player].surfaces
        start, end = programme_span(self._now, self._plan.zone)
        programme = compile_programme(
            self._site,
            player,
            agendas={surface: self._plan.agenda(surface, start, end) for surface in surfaces},
            overrides={surface: [one for one in self._overrides if one.thing == surface] for surface in surfaces},
            playlists=self._playlists,
            pins=self._pins,
            assets=self._assets,
            airings=self._airings,
            usable=self._usable,
            dark=self._dark,
            silent=self._silent,
            sound={name: self._audible(name, start, end) for name in surfaces},
            now=self._now,
        )
        return Compiled(programme=programme, passed_over=passed_over(programme, self._playlists, self._assets))
