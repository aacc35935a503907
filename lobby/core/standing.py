"""How far what people changed has come: which programme a player shows, and what it was made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a player that is heard says it shows, beside the newest there is for it.

    Everything that people changed until `read_at` is in what it shows; None where nobody knows that version any more.
    """

    shows: str
    newest: str
    heard_at: datetime
    read_at: datetime | None = None


def on_glass(standings: Iterable[Standing], changed_at: datetime) -> datetime | None:
    """When the last of these players was heard to show what was changed then; None where one of them does not, or none.

    A player that is silent must be left out by whoever asks, as one that does not.
    """
    heard = list(standings)
    if not heard or any(each.read_at is None or each.read_at < changed_at for each in heard):
        return None
    return min(each.heard_at for each in heard)
