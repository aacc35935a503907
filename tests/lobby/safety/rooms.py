"""A small site with two bells, and disks that fail when told, for the tests of this folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from devices.reports import BellPressed, Clock
from lobby.core.clock import VirtualClock
from lobby.core.journal import Journal, NotDurable
from lobby.core.ledger import MEMORY
from lobby.core.projection import Entry, Fact
from lobby.core.site import Site
from lobby.safety.watchroom import PROJECTIONS, WatchRoom

START = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def site(**about: Any) -> Site:
    """Two bells: a loud one by contract, a wired one with light only."""
    named = {"ko": "가", "en": "a"}
    bell = {"kind": "bell", "name": named, "place": "desk"}
    return Site.model_validate(
        {
            "format": 1,
            "site": {"id": "here", "name": named, "lobby-name": named, **about},
            "places": {"desk": {"name": named, "at-mm": (1, 1), "code": "4711"}},
            "hours": {},
            "things": {
                "siren": {"kind": "switch", "name": named, "place": "desk", "use": "siren"},
                "beacon": {"kind": "switch", "name": named, "place": "desk", "use": "beacon"},
                "loud": {**bell, "dialect": "contract", "effects": {"sirens": ["siren"], "lights": ["beacon"]}},
                "wired": {**bell, "dialect": "modbus-contact", "effects": {"lights": ["beacon"]}},
            },
        }
    )


def clock() -> VirtualClock:
    """Time that stands still until told."""
    return VirtualClock(START, 1000.0)


class Disk:
    """A journal whose disk can be made to fail: `state` is ok, slow (written later, by `land`) or full."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.state = "ok"
        self.late: list[tuple[Fact, ...]] = []
        self.numbers = count(1)  # of incidents; a start on the same disk goes on counting

    async def record(self, *facts: Fact, within_s: float | None = None) -> tuple[Entry, ...]:
        """As the journal's, where the disk lets it."""
        if self.state == "slow":
            self.late.append(facts)
            raise NotDurable("slow")
        if self.state == "full":
            raise NotDurable("disk-full")
        await self.land()
        return await self.journal.record(*facts, within_s=within_s)

    async def land(self) -> None:
        """What was slow is written."""
        late, self.late = self.late, []
        for facts in late:
            await self.journal.record(*facts)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.journal, name)


@asynccontextmanager
async def opened(folder: Path, at: Clock, path: Path = MEMORY, **options: Any) -> AsyncIterator[tuple[WatchRoom, Disk]]:
    """A watch room on a journal (in memory unless a path is given) that can be made to fail."""
    async with Journal.open(path, clock=at, projections=PROJECTIONS) as journal:
        disk: Any = Disk(journal)
        async with reopened(disk, folder, at, **options) as room:
            yield room, disk


@asynccontextmanager
async def reopened(disk: Disk, folder: Path, at: Clock, **options: Any) -> AsyncIterator[WatchRoom]:
    """The next start on the same disk."""
    journal: Any = disk
    options.setdefault("ids", lambda: f"incident-{at.mono()}-{next(disk.numbers)}")
    place = options.pop("place", None) or site()
    async with WatchRoom.open(place, clock=at, journal=journal, emergency_dir=folder, **options) as room:
        yield room


def press(bell: str = "loud", press_id: str | None = None, **more: Any) -> BellPressed:
    """A press as a driver hands it in."""
    return BellPressed(bell=bell, press_id=press_id, said_at=more.pop("said_at", None), **more)


async def kinds(disk: Disk) -> list[str]:
    """The kinds of everything in the journal."""
    return [entry.kind for entry in await disk.journal.entries(limit=100_000)]


async def settle(rounds: int = 5) -> None:
    """Let what is ready run."""
    for _ in range(rounds):
        await asyncio.sleep(0)


def spoil(folder: Path) -> None:
    """Make the emergency file impossible to write."""
    (folder / "emergency.jsonl").mkdir()
