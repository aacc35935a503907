"""What the library holds, as facts of the journal and as the rows they are folded into."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass, replace

from lobby.core.journal import Entry, Fact, Json
from lobby.core.records import ERASED, TAKEN, TAKEN_VERSION
from media.assets import Asset

PINNED, UNPINNED = "media.pinned", "media.unpinned"
REMADE = "media.remade"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A picture that a panel shows while its surface is on, until somebody takes it off."""

    panel: str
    asset: str
    person: str


class LibraryProjection:
    """The newest of everything in the library, one row each."""

    name = "library"
    ddl = "CREATE TABLE library (part TEXT, id TEXT, seq INTEGER, document TEXT NOT NULL, PRIMARY KEY (part, id)) -- 4"
    kinds = frozenset({TAKEN, REMADE, PINNED, UNPINNED, ERASED})

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """Fold one fact; an erased one changes nothing."""
        part = "asset" if entry.kind in (TAKEN, REMADE) else "pin"
        if entry.kind == UNPINNED:
            cursor.execute("DELETE FROM library WHERE part = 'pin' AND id = ?", (entry.subject,))
        elif entry.kind == ERASED:
            cursor.execute("DELETE FROM library WHERE part = 'asset' AND id = ?", (entry.subject,))
        elif entry.payload is not None:
            row = part, entry.subject, entry.seq, json.dumps(dict(entry.payload))
            cursor.execute("INSERT OR REPLACE INTO library VALUES (?, ?, ?, ?)", row)


LIBRARY = LibraryProjection()


def taken(asset: Asset, person: str, **meant: Json) -> Fact:
    """An asset has come, or once more; `meant` is what its bringer wants of it."""
    payload = {**asdict(asset), **meant, "person": person}
    return Fact(kind=TAKEN, subject=asset.id, payload=payload, v=TAKEN_VERSION)


def remade(asset: Asset) -> Fact:
    """Its pictures are others from now on, all at once; what people said of it stays."""
    return Fact(kind=REMADE, subject=asset.id, payload=asdict(asset))


def pinned(panel: str, asset: str, person: str) -> Fact:
    """A panel shows an asset from now on."""
    return Fact(kind=PINNED, subject=panel, payload={"asset": asset, "person": person})


def merged(known: Asset, made: Asset) -> Asset:
    """The same picture once more, perhaps at other sizes: it keeps its first title and name."""
    return replace(
        known,
        renditions={**known.renditions, **made.renditions},
        made={**known.made, **made.made},
        cut_percent={**known.cut_percent, **made.cut_percent},
        enlarged={**known.enlarged, **made.enlarged},
        thumbnail=made.thumbnail,
        checks=made.checks,
        sound_removed=made.sound_removed,
    )
