"""How long each display really takes from its order to its picture: measured, journalled, used for the lead."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from devices.reports import Clock, Reported
from lobby.core.journal import Entry, Fact, Journal
from lobby.day.scribe import Scribe

LIT = "display.lit"
LIT_AFTER = "lit_after_s"
KEPT = 10


@dataclass(frozen=True, slots=True)
class _Table:
    """The last measurements of each display."""

    name: str = "warm_ups"
    ddl: str = """CREATE TABLE IF NOT EXISTS warm_ups (seq INTEGER PRIMARY KEY, thing TEXT NOT NULL,
        after_s REAL NOT NULL)"""
    kinds: frozenset[str] = frozenset({LIT})

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """One more; the eleventh from the end goes."""
        if entry.payload is None:
            return
        row = (entry.seq, entry.subject, entry.payload["after_s"])
        cursor.execute("INSERT OR REPLACE INTO warm_ups VALUES (?,?,?)", row)
        cursor.execute(
            "DELETE FROM warm_ups WHERE thing = :thing AND seq NOT IN"
            " (SELECT seq FROM warm_ups WHERE thing = :thing ORDER BY seq DESC LIMIT :kept)",
            {"thing": entry.subject, "kept": KEPT},
        )


WARM_UPS = _Table()


class WarmUps:
    """Follows the journal; `changed` is called when the longest of the last measurements of a display is another."""

    def __init__(self, journal: Journal, *, clock: Clock, changed: Callable[[], None] = lambda: None) -> None:
        self._journal = journal
        self._changed = changed
        self._edges = Scribe(journal, clock=clock)
        self._last: dict[str, tuple[float, ...]] = {}
        journal.follow(self._fold)

    async def load(self) -> None:
        """Take up what was measured before a restart."""
        for row in await self._journal.read("SELECT thing, after_s FROM warm_ups ORDER BY seq"):
            self._take(row["thing"], row["after_s"])

    def longest(self) -> Mapping[str, float]:
        """Seconds by display, of those that have been measured."""
        return {thing: max(last) for thing, last in self._last.items()}

    def heard(self, report: Reported) -> None:
        """A display may say for the first time that its picture stands."""
        after_s = report.detail.get(LIT_AFTER)
        if isinstance(after_s, float):
            self._edges.note(Fact(kind=LIT, subject=report.thing, payload={"after_s": after_s}))

    async def run(self) -> None:
        """Write measurements down; ends only by cancellation."""
        await self._edges.run()

    def _fold(self, entry: Entry) -> None:
        if entry.kind != LIT or entry.payload is None:
            return
        before = self.longest().get(entry.subject)
        self._take(entry.subject, entry.payload["after_s"])
        if self.longest()[entry.subject] != before:
            self._changed()

    def _take(self, thing: str, after_s: float) -> None:
        self._last[thing] = (*self._last.get(thing, ()), after_s)[-KEPT:]
