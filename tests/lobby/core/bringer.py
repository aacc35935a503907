"""A child process that takes content in until it is killed at a boundary that its parent chose.

Boundaries are counted in one row: each word of the child that decodes, each change of the file system, before and after
each sync, and each SQL statement of the journal's writer, as SQLite traces them.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import media.assets
from lobby.core.airings import AIRINGS, Airing, Airings
from lobby.core.clock import VirtualClock
from lobby.core.holdings import LIBRARY
from lobby.core.journal import MEMORY, Journal
from lobby.core.ledger import Ledger
from lobby.core.library import Library
from lobby.core.playlists import PLAYLISTS, Playlists
from lobby.core.projection import Entry
from lobby.core.sitefile import read
from lobby.day.drafts import Draft
from lobby.day.noticeboard import NoticeBoard
from lobby.day.overrides import OVERRIDES, Overrides
from lobby.day.specialdays import SPECIAL_DAYS, SpecialDays
from media.assets import AssetStore
from tests.lobby.core.galleries import NOON, library
from tests.lobby.safety.presser import Fate

OFFICE = read(Path(str(files("lobby").joinpath("sites/small-office.toml"))))
HOUR = timedelta(hours=1)
CHANGES = frozenset({"os.mkdir", "os.rename", "os.remove", "os.rmdir", "subprocess.Popen"})


def bring_until_killed(source: Path, folder: Path, kill_at: int) -> None:
    """Take a file in over the journal and the store of a folder."""
    asyncio.run(_bring(source, folder, Fate(kill_at)))


def post_until_killed(folder: Path, kill_at: int) -> None:
    """Post a notice of several stills over the journal and the store of a folder."""
    asyncio.run(_post(folder, Fate(kill_at)))


@asynccontextmanager
async def board(folder: Path, journal_path: Path = MEMORY) -> AsyncIterator[tuple[NoticeBoard, Library]]:
    """A notice board over a real library, loaded and tidied as at a start."""
    clock, tables = VirtualClock(NOON), (LIBRARY, PLAYLISTS, AIRINGS, OVERRIDES, SPECIAL_DAYS)
    async with Journal.open(journal_path, clock=clock, projections=tables) as journal:
        days, playlists, airings = SpecialDays(journal, OFFICE), Playlists(journal, OFFICE), Airings(journal, OFFICE)
        found = Library(journal, AssetStore(folder / "store"), OFFICE, playlists)
        airings.shows = found.can_show
        for each in (days, playlists, airings, found):
            await each.load()
        await found.tidy()
        overrides = Overrides(journal, clock=clock, plan=lambda: days.plan)
        notices = NoticeBoard(
            OFFICE,
            clock=clock,
            library=found,
            playlists=playlists,
            airings=airings,
            overrides=overrides,
            workplace=folder / "notices",
        )
        notices.tidy()
        yield notices, found


async def posted(notices: NoticeBoard) -> Airing:
    """An approved phrase on the upright screen, which shows its languages in turn, for an hour."""
    draft = Draft(phrase="tickets-until", values={"until": "21:00"}, surfaces=("entrance-screen",), until=NOON + HOUR)
    return await notices.post(draft, person="p1", approved=True)


async def _bring(source: Path, folder: Path, fate: Fate) -> None:
    async with library(folder, folder / "journal.db") as found:
        _trap(fate)
        await found.take_in(
            source, name=source.name, person="p1", across=True, progress=lambda share: fate.passes(share)
        )


async def _post(folder: Path, fate: Fate) -> None:
    async with board(folder, folder / "journal.db") as (notices, _):
        _trap(fate)
        await posted(notices)


def _trap(fate: Fate) -> None:
    sys.addaudithook(lambda event, _: fate.passes() if event in CHANGES else None)
    media.assets._sync = fate.around(media.assets._sync)
    append = Ledger.append

    def traced(ledger: Ledger, cursor: sqlite3.Cursor, drafts: Any) -> tuple[Entry, ...]:
        cursor.connection.set_trace_callback(fate.passes)
        return append(ledger, cursor, drafts)

    Ledger.append = traced  # type: ignore[method-assign, assignment]  # this process only
