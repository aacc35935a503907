"""What was played is counted exactly once: over half hours, restarts, crashes at any moment, and facts told twice."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from lobby.core.clock import VirtualClock
from lobby.core.display_proof import Verdict, Word
from lobby.core.journal import Journal
from lobby.core.played import PLAYED, PLAYING, Asked, Content, Line, history, stretches, sums, tally_of
from lobby.core.site import Site
from lobby.ops.counting import Counting
from media.programme import Programme
from tests.lobby.core.galleries import SITE
from tests.media.builders import NIGHT, programme, row, sha
from tests.media.builders import playlist as list_of
from tests.running import run

pytestmark = pytest.mark.slow

PANELS = ("wall-1", "wall-2")
ALL = Asked(first=date(2026, 11, 1), last=date(2026, 12, 31))
DWELL_S = 10
PICTURES = {sha(name): {"1080x1920": sha(name)} for name in "abcd"}
GOOD = dict.fromkeys(PANELS, Verdict(word=Word.CONFIRMED))
ON_AIR = dict.fromkeys(PANELS, Verdict(word=Word.PRESENTED))
DARK = dict.fromkeys(PANELS, Verdict(word=Word.DARK))


def wall() -> Programme:
    """Four pictures in rotation from eight to nine o'clock (UTC), each ten seconds."""
    return programme(row(2), [(0, None), (8, "day"), (9, None)], {"day": list_of("abcd", DWELL_S)}, pictures=PICTURES)


class House:
    """One surface whose panels are judged every second."""

    def __init__(self, journal: Journal, clock: VirtualClock) -> None:
        self.journal, self.clock, self.programme = journal, clock, wall()
        site: Site = SITE.model_copy(update={"surfaces": {"wall": SITE.surfaces["wall"]}})
        self.counting = Counting(site, journal, clock=clock, airings=lambda _: ())

    async def live(self, seconds: int, verdicts: dict[str, Verdict] = GOOD, *, keep_every: int = 20) -> None:
        """So many seconds, written down now and then."""
        for second in range(seconds):
            await self.clock.advance(1)
            self.counting.look(verdicts, {"wall": self.programme})
            if second % keep_every == keep_every - 1:
                await self.counting.write()

    async def lines(self) -> list[Line]:
        """Everything that was counted."""
        return await history(self.journal, ALL)


@asynccontextmanager
async def house(path: Path, clock: VirtualClock) -> AsyncIterator[House]:
    """A house over a file; whoever leaves it without writing has crashed."""
    async with Journal.open(path / "journal.db", clock=clock, projections=(PLAYED, PLAYING)) as journal:
        made = House(journal, clock)
        await made.counting.load()
        yield made


def at(hours: float) -> VirtualClock:
    """A clock that stands so many hours after the night."""
    return VirtualClock(NIGHT + timedelta(hours=hours))


def test_a_morning_is_counted_to_the_showing_and_the_second(tmp_path: Path) -> None:
    """An hour of four pictures on two panels: 360 showings of ten seconds on each, a line each half."""

    async def scenario() -> None:
        async with house(tmp_path, at(7.98)) as here:
            await here.live(3600 + 72 + 30)
            lines = await here.lines()
            assert len(await here.journal.entries(kinds=("display.played",))) == 2
        for panel in PANELS:
            mine = [line for line in lines if line.panel == panel]
            assert sum(line.count for line in mine) == pytest.approx(360, abs=1)
            assert sum(line.seconds for line in mine) == pytest.approx(3600, abs=2)
            assert {line.content.playlist for line in mine} == {"day"}
        assert all(line.presented_s == 0 for line in lines)
        assert min(line.first for line in lines) == NIGHT + timedelta(hours=8)

    run(scenario(), within_s=60)


def test_only_what_was_proved_counts_and_by_whom_it_was(tmp_path: Path) -> None:
    """A minute confirmed, a minute on air only, a minute dark: the dark one is nobody's."""

    async def scenario() -> None:
        async with house(tmp_path, at(8)) as here:
            for verdicts in (GOOD, ON_AIR, DARK):
                await here.live(60, verdicts)
            lines = await here.lines()
        first = [line for line in lines if line.panel == "wall-1"]
        assert sum(line.presented_s for line in first) == pytest.approx(60, abs=2)
        assert sum(line.confirmed_s for line in first) == pytest.approx(60, abs=2)

    run(scenario())


@pytest.mark.parametrize("seed", range(3))
def test_crashes_lose_seconds_and_count_nothing_twice(tmp_path: Path, seed: int) -> None:
    """Killed at any moment, away for a few seconds: never more showings than there were, and hardly fewer."""

    async def scenario() -> None:
        clock, chance, crashes = at(8), Random(seed), 0
        while clock.now() < NIGHT + timedelta(hours=8, minutes=50):
            async with house(tmp_path, clock) as here:
                await here.live(chance.randrange(40, 400), keep_every=chance.randrange(5, 30))
            crashes += 1
            await clock.advance(chance.randrange(1, 8))
        async with house(tmp_path, clock) as here:
            await here.live(30)
            count = sum(line.count for line in await here.lines() if line.panel == "wall-1")
        there_were = (clock.now() - NIGHT - timedelta(hours=8)) // timedelta(seconds=DWELL_S) + 1
        assert there_were - 5 * crashes <= count <= there_were

    run(scenario(), within_s=60)


def test_a_showing_that_a_restart_interrupts_is_one_showing(tmp_path: Path) -> None:
    """The picture that stood before the restart and stands after it is not counted again."""

    async def scenario() -> int:
        clock = at(8)
        async with house(tmp_path, clock) as here:
            await here.live(25)
            await here.live(1, keep_every=1)
        await clock.advance(1)
        async with house(tmp_path, clock) as here:
            await here.live(95 - 27)
            await here.counting.write()
            return sum(line.count for line in await here.lines() if line.panel == "wall-1")

    assert run(scenario()) == 10


def test_a_half_hour_left_open_by_a_crash_is_written_by_the_next_run(tmp_path: Path) -> None:
    """Even hours later."""

    async def scenario() -> float:
        clock = at(8)
        async with house(tmp_path, clock) as here:
            await here.live(600)
        await clock.advance(3 * 3600)
        async with house(tmp_path, clock) as here:
            await here.live(30)
            return sum(line.seconds for line in await here.lines() if line.panel == "wall-1")

    assert run(scenario()) == pytest.approx(600, abs=2)


def test_a_half_hour_told_twice_is_folded_once(tmp_path: Path) -> None:
    """And rebuilding the fold from the journal gives the same."""

    async def scenario() -> None:
        async with house(tmp_path, at(8)) as here:
            await here.live(1820)
            before = await here.lines()
            (entry,) = await here.journal.entries(kinds=("display.played",))
            assert entry.payload is not None
            tally = tally_of("wall", json.dumps({**entry.payload, "standing": {}}))
            await here.journal.record(tally.fact())
            assert await here.lines() == before
            await here.journal.rebuild(PLAYED)
            assert await here.lines() == before

    run(scenario())


def test_stretches_follow_the_programme_to_its_changes() -> None:
    """Pieces adjoin, cover the time, and every panel has its own picture."""
    start = NIGHT + timedelta(hours=8, seconds=3)
    pieces = list(stretches(wall(), "wall", start, start + timedelta(seconds=60)))
    assert pieces[0][0] == start
    assert pieces[-1][1] == start + timedelta(seconds=60)
    assert all(before[1] == after[0] for before, after in pairwise(pieces))
    assert all(contents["wall-1"] != contents["wall-2"] for *_, contents in pieces)


def test_sums_put_lines_together() -> None:
    """The longest first, days counted once."""

    def line(asset: str, day: int, seconds: float) -> Line:
        moment = datetime(2026, 11, day, 8, tzinfo=UTC)
        content = Content(asset=asset)
        return Line(
            day=date(2026, 11, day), surface="wall", panel="wall-1", content=content, first=moment, last=moment,
            count=2, presented_s=1, confirmed_s=seconds,
        )  # fmt: skip

    found = sums([line("a", 1, 5), line("b", 1, 50), line("a", 2, 5)], lambda each: each.content.asset)
    assert [(each.key, each.count, each.seconds, each.days) for each in found] == [("b", 2, 51, 1), ("a", 4, 12, 2)]
