"""Small things the journal's tests share: a projection that counts, facts, a child that writes until it is killed."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from pathlib import Path

from lobby.core.clock import SystemClock
from lobby.core.journal import Entry, Fact, Journal


class Counting:
    """How often each subject was seen, and the last line that was folded."""

    name = "counting"
    ddl = "CREATE TABLE counting (subject TEXT PRIMARY KEY, n INTEGER NOT NULL, last INTEGER NOT NULL)"
    kinds = frozenset({"seen", "seen.twice"})

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """Count one, or two."""
        by = 2 if entry.kind == "seen.twice" else 1
        cursor.execute(
            "INSERT INTO counting VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n, last = excluded.last",
            (entry.subject, by, entry.seq),
        )


def seen(subject: str, number: int = 0, *, kind: str = "seen") -> Fact:
    """A fact that the projection counts."""
    return Fact(kind=kind, subject=subject, payload={"n": number})


async def write_forever(path: Path, who: str) -> None:
    """Record one fact after the other and say each number once it is durable."""
    async with Journal.open(path, clock=SystemClock(), projections=(Counting(),)) as journal:
        number = 0
        while True:
            number += 1
            (entry,) = await journal.record(seen(who, number), within_s=5)
            print(entry.seq, flush=True)


if __name__ == "__main__":
    asyncio.run(write_forever(Path(sys.argv[1]), sys.argv[2]))
