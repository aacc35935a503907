"""The screens' parts of a running lobby: what may be shown, what plays when, and what stands on the glass."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lobby.core.airings import AIRINGS, Airings
from lobby.core.arrivals import Arrivals
from lobby.core.attempts import Attempts
from lobby.core.batches import Batches
from lobby.core.compiler import OFF
from lobby.core.datafolder import DataFolder
from lobby.core.holdings import LIBRARY
from lobby.core.hub import Hub
from lobby.core.imports import Imports
from lobby.core.journal import Projection
from lobby.core.library import Library
from lobby.core.played import PLAYED, PLAYING
from lobby.core.playlists import PLAYLISTS, Playlists
from lobby.core.remaking import Remaking
from lobby.core.site import Site
from lobby.day.noticeboard import NoticeBoard
from lobby.ops.counting import Counting
from lobby.ops.darkpanels import DarkPanels
from lobby.ops.day import Day
from lobby.ops.drafting import Drafts
from lobby.ops.glass import GlassWatch
from lobby.ops.programming import Programmes
from lobby.ops.proving import Proving
from lobby.ops.sweeping import ContentWatch
from media.assets import AssetStore
from media.expected import ExpectedPrints

# Shares of a core for the making of films.
PACE_WHILE_LIT = 0.25
PACE_IN_THE_DARK = 8.0
PROJECTIONS: tuple[Projection, ...] = (LIBRARY, PLAYLISTS, AIRINGS, PLAYED, PLAYING)


class Screens:
    """Built over an open journal beside the day; `load` takes up what an earlier run left."""

    def __init__(self, folder: DataFolder, day: Day) -> None:
        site, clock, hub, journal = day.site, day.clock, day.hub, day.journal
        store, uploads = AssetStore(folder.assets), folder.path / "uploads"
        self.uploads = uploads
        self.playlists = Playlists(journal, site)
        self.airings = Airings(journal, site, ids=day.ports.ids)
        originals = AssetStore(folder.originals)
        self.library = Library(journal, store, site, self.playlists, originals=originals, pace=lambda: pace(hub, site))
        self.remaking = Remaking(
            self.library,
            attempts=Attempts(folder.path / "remaking"),
            told=lambda: hub.put("remaking", self.remaking.said()),
        )
        self.airings.shows = self.library.can_show
        self.arrivals = Arrivals(uploads, self.library, clock=clock, attempts=Attempts(folder.path / "attempts"))
        self.batches = Batches(journal, self.library, self.arrivals, ids=day.ports.ids)
        self.imports = Imports(
            self.library,
            self.playlists,
            batches=self.batches,
            journal=journal,
            folder=uploads,
            zone=ZoneInfo(site.site.time_zone),
            told=lambda: hub.put("import", self.imports.said()),
        )
        self.dark = DarkPanels(site, hub=hub, clock=clock)
        self.programmes = self._programmes(day)
        self.notices = self._noticeboard(day, folder.path / "notices")
        self.airings.on_change(lambda: hub.put("notices", [each.id for each in self.notices.current()]))
        self.glass = GlassWatch(
            site,
            clock=clock,
            sink=day.reports,
            programmes=self.programmes,
            skews=lambda skews: hub.put("skew", skews),
        )
        self._prints = ExpectedPrints(folder.path / "prints", store)
        self.counting = Counting(site, journal, clock=clock, airings=self.airings.current)
        self.proving = Proving(
            site,
            clock=clock,
            hub=hub,
            sink=day.reports,
            programmes=self.programmes,
            prints=self._prints,
            played=self.counting,
        )
        self._watch = ContentWatch(
            self.library,
            self.arrivals,
            self.batches,
            clock=clock,
            hub=hub,
            zone=day.plan().zone,
            tidies=self._prints.tidy,
        )
        self.drafts = Drafts(site, programmes=self.programmes, assets=folder.assets)
        self.dark.on_change(self.programmes.forget)
        day.on_change(self.programmes.forget)

    def _programmes(self, day: Day) -> Programmes:
        return Programmes(
            day.site,
            clock=day.clock,
            library=self.library,
            playlists=self.playlists,
            airings=self.airings,
            overrides=day.overrides,
            special_days=day.special_days,
            dark=self.dark.panels,
            silent=self.dark.silent,
        )

    def _noticeboard(self, day: Day, workplace: Path) -> NoticeBoard:
        return NoticeBoard(
            day.site,
            clock=day.clock,
            library=self.library,
            playlists=self.playlists,
            airings=self.airings,
            overrides=day.overrides,
            workplace=workplace,
        )

    async def load(self) -> None:
        """In the order in which they need one another; what a killed run left half done goes."""
        await self.playlists.load()
        await self.airings.load()
        await self.library.load()
        await self.library.tidy()
        for tidy in (self.notices.tidy, self._prints.tidy):
            await asyncio.to_thread(tidy)
        self.remaking.look()
        await self.batches.load()
        await self.arrivals.load()
        await self.counting.load()

    def reported(self, player: str, said: Mapping[str, Any]) -> None:
        """What a player says of the glass."""
        self.glass.reported(player, said)
        self.proving.reported(player, said)

    def duties(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """What runs as long as the lobby does, each under its name."""
        return {
            "programmes": self.programmes.run,
            "arrivals": self.arrivals.run,
            "content: watch": self._watch.run,
            "displays: dark panels": self.dark.run,
            "glass: players": self.glass.run,
            "imports": self.imports.run,
            "notices": self.notices.run,
            "glass: played": self.counting.run,
            "glass: proof": self.proving.run,
            "glass: scenes": self.proving.judge_scenes,
            "glass: prints": self.proving.make_prints,
        }


def pace(hub: Hub, site: Site) -> float:
    """The share of a core that the making of films may take: less while a screen is to be lit."""
    states = hub.things()
    lit = any(states[name].desired not in (None, OFF) for name in site.surfaces if name in states)
    return PACE_WHILE_LIT if lit else PACE_IN_THE_DARK
