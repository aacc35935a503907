"""How long each display really takes from its order to its picture: measured, journalled, used for the lead.

A day's measurements count from the next day on: what is measured in the minutes before an opening must not move that
opening's own switching on, nor may a restart within them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from devices.reports import Clock, Reported
from lobby.core.journal import Entry, Fact, Journal
from lobby.core.projection import stamp
from lobby.day.scribe import Scribe

LIT = "display.lit"
LIT_AFTER = "lit_after_s"
KEPT = 10


@dataclass(frozen=True, slots=True)
class _Table:
    """The last measurements of each display; twice as many as count, because today's do not."""

    name: str = "warm_ups"
    ddl: str = """CREATE TABLE IF NOT EXISTS warm_ups (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, thing TEXT NOT NULL,
        after_s REAL NOT NULL)"""
    kinds: frozenset[str] = frozenset({LIT})

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """One more; the oldest goes."""
        if entry.payload is None:
            return
        row = (entry.seq, stamp(entry.at), entry.subject, entry.payload["after_s"])
        cursor.execute("INSERT OR REPLACE INTO warm_ups VALUES (?,?,?,?)", row)
        cursor.execute(
            "DELETE FROM warm_ups WHERE thing = :thing AND seq NOT IN"
            " (SELECT seq FROM warm_ups WHERE thing = :thing ORDER BY seq DESC LIMIT :kept)",
            {"thing": entry.subject, "kept": 2 * KEPT},
        )


WARM_UPS = _Table()


class WarmUps:
    """Follows the journal; `zone` says when a day begins."""

    def __init__(self, journal: Journal, *, clock: Clock, zone: tzinfo) -> None:
        self._journal = journal
        self._zone = zone
        self._edges = Scribe(journal, clock=clock)
        self._last: dict[str, tuple[tuple[date, float], ...]] = {}
        journal.follow(self._fold)

    async def load(self) -> None:
        """Take up what was measured before a restart."""
        for row in await self._journal.read("SELECT at, thing, after_s FROM warm_ups ORDER BY seq"):
            self._take(row["thing"], datetime.fromisoformat(row["at"]), row["after_s"])

    def longest(self, moment: datetime) -> Mapping[str, float]:
        """Seconds by display: the most of the last ten measurements before that local day."""
        today = self.day(moment)
        past = {thing: [after_s for day, after_s in last if day < today] for thing, last in self._last.items()}
        return {thing: max(known[-KEPT:]) for thing, known in past.items() if known}

    def day(self, moment: datetime) -> date:
        """The local day of a moment."""
        return moment.astimezone(self._zone).date()

    def heard(self, report: Reported) -> None:
        """A display may say for the first time that its picture stands."""
        after_s = report.detail.get(LIT_AFTER)
        if isinstance(after_s, float):
            self._edges.note(Fact(kind=LIT, subject=report.thing, payload={"after_s": after_s}))

    async def run(self) -> None:
        """Write measurements down; ends only by cancellation."""
        await self._edges.run()

    def _fold(self, entry: Entry) -> None:
        if entry.kind == LIT and entry.payload is not None:
            self._take(entry.subject, entry.at, entry.payload["after_s"])

    def _take(self, thing: str, at: datetime, after_s: float) -> None:
        self._last[thing] = (*self._last.get(thing, ()), (self.day(at), after_s))[-2 * KEPT :]
