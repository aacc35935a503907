"""Counts what is played while it is proved: every second in memory, now and then in the file, each half hour a fact."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from devices.reports import Clock
from lobby.core.airings import Airing
from lobby.core.display_proof import PLAYED, Verdict, Word
from lobby.core.journal import Fact, Journal, NotDurable
from lobby.core.played import OPEN, Tally, stretches, tally_of, window_of
from lobby.core.site import Site
from media.programme import Programme

KEEP_EVERY_S = 20.0
LONGEST_STEP = timedelta(seconds=5)
LONGEST_GAP = timedelta(hours=1)
KEEP = "INSERT OR REPLACE INTO playing VALUES (?, ?)"


class Counting:
    """`look` counts a second, `run` writes down. Time nobody saw proved, and time while this program was away, is none.

    A showing that goes on over a restart, or over the end of a half hour, is one showing.
    """

    def __init__(
        self, site: Site, journal: Journal, *, clock: Clock, airings: Callable[[datetime], tuple[Airing, ...]]
    ) -> None:
        self._site = site
        self._zone = ZoneInfo(site.site.time_zone)
        self._journal = journal
        self._clock = clock
        self._airings = airings
        self._panels = {name: [panel.id for panel in row.panels] for name, row in site.surfaces.items()}
        self._tallies: dict[str, Tally] = {}
        self._done: list[Tally] = []
        self._seen: dict[str, datetime] = {}
        self._anything = asyncio.Event()

    async def load(self) -> None:
        """Take up the half hours that an earlier run left open."""
        for row in await self._journal.read(OPEN):
            if row["surface"] in self._site.surfaces:
                tally = tally_of(row["surface"], row["document"])
                self._tallies[tally.surface], self._seen[tally.surface] = tally, tally.until

    def look(self, verdicts: Mapping[str, Verdict], programmes: Mapping[str, Programme]) -> None:
        """Count what was shown since the last look, by the words of now."""
        self._anything.set()
        now = self._clock.now()
        for surface, programme in programmes.items():
            if surface in programme.surfaces:
                self._count(surface, programme, verdicts, now)

    def _count(self, surface: str, programme: Programme, verdicts: Mapping[str, Verdict], now: datetime) -> None:
        before = self._seen.get(surface, now)
        self._seen[surface] = now
        tally = self._tally(surface, now)
        if now - before > LONGEST_GAP:
            tally.standing.clear()
        if not timedelta() < now - before <= LONGEST_GAP:
            return
        counts = now - before <= LONGEST_STEP
        tally.until = now
        for start, end, contents in stretches(programme, surface, before, now, partial(self._airing, surface)):
            for panel, shown in contents.items():
                word = verdicts[panel].word if panel in verdicts else Word.UNKNOWN
                if shown is not None and counts and word in PLAYED:
                    tally.credit(panel, shown, (start, end), confirmed=word is Word.CONFIRMED)
                else:
                    tally.pass_over(panel, shown)

    def _tally(self, surface: str, now: datetime) -> Tally:
        """The half hour of now; the one before it waits to be written, and what stands goes on standing."""
        day, start = window_of(now, self._zone)
        held = self._tallies.get(surface)
        if held is not None and held.start == start:
            return held
        if held is not None and held.counts:
            self._done.append(held)
        standing = dict(held.standing) if held is not None else {}
        self._tallies[surface] = Tally(surface=surface, day=day, start=start, until=now, standing=standing)
        return self._tallies[surface]

    def _airing(self, surface: str, playlist: str, moment: datetime) -> str:
        """The name of the airing that puts a playlist on a surface then; empty for the base."""
        holding = ((each, each.content.get(surface, "")) for each in self._airings(moment))
        own = [each for each, content in holding if content and playlist in (content, each.list_of(content))]
        on = [each for each in own if each.on_air(moment, self._zone)]
        return max(on, key=lambda each: (each.rank, each.start)).name if on else ""

    async def run(self) -> None:
        """Write down; ends only by cancellation, and then once more."""
        await self._anything.wait()
        try:
            while True:
                await self._clock.sleep(KEEP_EVERY_S)
                await self.write()
        finally:
            await self.write()

    async def write(self) -> None:
        """Half hours that are over as facts, the others as they are so far, in one transaction.

        A file that fails is tried again the next time; nothing is counted twice.
        """
        if not self._done and not any(tally.counts for tally in self._tallies.values()):
            return
        done, held = tuple(self._done), {name: tally.document() for name, tally in self._tallies.items()}
        facts: tuple[Fact, ...] = tuple(tally.fact() for tally in done)

        def keep(cursor: sqlite3.Cursor) -> None:
            for surface, document in held.items():
                cursor.execute(KEEP, (surface, document))

        try:
            await self._journal.transact(keep, *facts)
        except NotDurable:
            return
        self._done = [tally for tally in self._done if tally not in done]
