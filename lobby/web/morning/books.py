"""What the pages of the morning need beside the rest of the house: the two books, and proofs nobody else asks for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from lobby.day.handover import HandOvers
from lobby.day.signatures import Signatures


@dataclass(frozen=True, slots=True, kw_only=True)
class Free:
    """How many bytes the data folder's disk has left, and when that was looked at."""

    count: int
    at: datetime


async def _nobody_looked() -> Free | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Signed checklists and hand-over notes; `path_proved_at` is when our own word last came back from the broker."""

    signatures: Signatures
    hand_overs: HandOvers
    free: Callable[[], Awaitable[Free | None]] = _nobody_looked
    path_proved_at: Callable[[], datetime | None] = field(default=lambda: None)

    async def load(self) -> None:
        """Take up what an earlier run left."""
        await self.signatures.load()
        await self.hand_overs.load()
