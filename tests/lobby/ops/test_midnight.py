"""The daily checkpoint of the journal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from lobby.core.clock import VirtualClock
from lobby.core.journal import Fact, Journal
from lobby.ops.midnight import Midnight
from tests.running import run

SEOUL = ZoneInfo("Asia/Seoul")
BEFORE_MIDNIGHT = datetime(2026, 11, 24, 14, 59, tzinfo=UTC)


def test_the_first_look_after_local_midnight_signs_the_journal(tmp_path: Path) -> None:
    """One checkpoint a local day, however often it looks, and the chain verifies with it."""

    async def body() -> None:
        clock = VirtualClock(BEFORE_MIDNIGHT)
        async with Journal.open(tmp_path / "journal.db", clock=clock) as journal:
            await journal.record(Fact(kind="test.happened", subject="lobby", payload={}))
            midnight = Midnight(journal, zone=SEOUL, clock=clock)
            await midnight.look()
            assert (await journal.verify()).checkpoints == ()
            clock.step(120)
            await midnight.look()
            await midnight.look()
            verified = await journal.verify()
            assert verified.ok
            assert len(verified.checkpoints) == 1

    run(body())
