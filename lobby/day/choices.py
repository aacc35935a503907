"""What the installer guessed and a named person has decided: the card of the first days empties by it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lobby.core.journal import Entry, Fact, Journal
from lobby.core.problem import Refusal
from lobby.core.projection import stamp
from lobby.core.site import Site

DECIDED = "choice.decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who found the site file's value right, and when."""

    choice: str
    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Table:
    """The last decision of each choice."""

    name: str = "choices"
    ddl: str = "CREATE TABLE IF NOT EXISTS choices (choice TEXT PRIMARY KEY, person TEXT NOT NULL, at TEXT NOT NULL)"
    kinds: frozenset[str] = frozenset({DECIDED})

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """One row a choice; an erased fact changes nothing."""
        if entry.payload is not None:
            row = (entry.subject, entry.payload["person"], stamp(entry.at))
            cursor.execute("INSERT OR REPLACE INTO choices VALUES (?,?,?)", row)


CHOICES = _Table()


class Choices:
    """The site's choices as people decide them; load before the first request."""

    def __init__(self, journal: Journal, site: Site) -> None:
        self._journal = journal
        self._site = site
        self._decided: dict[str, Decision] = {}
        self._writing = asyncio.Lock()
        journal.follow(self._fold)

    async def load(self) -> None:
        """Take up what was decided before a restart."""
        for row in await self._journal.read("SELECT * FROM choices"):
            at = datetime.fromisoformat(row["at"])
            self._decided[row["choice"]] = Decision(choice=row["choice"], person=row["person"], at=at)

    def decided(self) -> Mapping[str, Decision]:
        """By the id of the choice; what the site file no longer asks is left out."""
        return {name: one for name, one in self._decided.items() if name in self._site.choices}

    async def decide(self, choice: str, *, person: str) -> None:
        """The value of now is right, says this person; saying it twice writes it once. Raises Refusal, NotDurable."""
        if choice not in self._site.choices:
            raise Refusal("choice.unknown", status=404, choice=choice)
        async with self._writing:
            if choice not in self._decided:
                await self._journal.record(Fact(kind=DECIDED, subject=choice, payload={"person": person}))

    def _fold(self, entry: Entry) -> None:
        if entry.kind == DECIDED and entry.payload is not None:
            person = str(entry.payload["person"])
            self._decided[entry.subject] = Decision(choice=entry.subject, person=person, at=entry.at)
