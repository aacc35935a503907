"""What people wrote is kept for the site's time, then erased for good; the rest stands, and so does the chain."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lobby.core.clock import VirtualClock
from lobby.core.journal import Entry, Fact, Journal
from lobby.core.projection import Projection
from lobby.day.handover import HANDOVERS
from lobby.day.modes import MODES
from lobby.day.overrides import OVERRIDES
from lobby.day.signatures import OPENINGS
from lobby.ops.cli import main, sample
from lobby.ops.midnight import Midnight
from lobby.ops.retention import LINES_AT_ONCE, RULES, Retention
from lobby.safety.chronicle import INCIDENTS, replayed, to_json
from tests.running import run

YEAR = timedelta(days=366)
THEN = datetime(2026, 11, 24, 3, tzinfo=UTC)
NOW = THEN + YEAR + timedelta(days=1)
TABLES: tuple[Projection, ...] = (HANDOVERS, MODES, OPENINGS, OVERRIDES, INCIDENTS)
SECRET = "김철수 010-1234-5678"


def fact(kind: str, subject: str, **payload: Any) -> Fact:
    """A fact."""
    return Fact(kind=kind, subject=subject, payload=payload)


def override(name: str, reason: str) -> Fact:
    """Somebody's change of the wall, with a reason."""
    times = {"start": THEN.isoformat(), "until": (THEN + timedelta(hours=1)).isoformat()}
    return fact("override.set", "wall", id=name, value="off", person="p1", reason=reason, ends=[], **times)


OLD = (
    fact("handover.written", "n1", person="p1", attached=[]),
    fact("handover.text", "n1", text=SECRET),
    fact("opening.signed", "2026-11-24", person="p1"),
    fact("opening.remarked", "2026-11-24", person="p1", text=SECRET),
    override("o1", SECRET),
    fact("override.ended", "wall", id="o1", cause="expired", person=None, by=None),
    override("o2", "in force"),
    fact("mode.set", "sign", mode="watch-only", person="p1", reason=SECRET, until=None),
    fact("mode.set", "sign", mode="automatic", person="p1", reason="fixed", until=None),
    fact("media.sent-back", "a1", reason=SECRET, person="p2"),
    fact("media.approval-asked", "a1", person="p1"),
    fact("media.sent-back", "a2", reason="blurred", person="p2"),
    fact("signin.failed", "p1", address="10.0.0.7"),
    fact("day.changed", "wall", value="on", rule="x"),
)
"""A first day. Still in force after a year: the change o2, the mode of the sign, what was sent back of a2."""
STAYS = ["handover.written", "opening.signed", "override.ended", "override.set", "mode.set", "media.approval-asked",
         "media.sent-back", "day.changed"]  # fmt: skip


@asynccontextmanager
async def journal(path: Path, clock: VirtualClock) -> AsyncIterator[Journal]:
    """The journal of a lobby."""
    async with Journal.open(path, clock=clock, projections=TABLES) as opened:
        yield opened


async def nights(found: Journal, clock: VirtualClock, count: int = 3) -> None:
    """So many midnights pass, each with its line and its checkpoint."""
    for _ in range(count):
        await found.record(fact("day.changed", "wall", value="on", rule="x"))
        await found.checkpoint()
        clock.step(86_400)


async def a_year_later(found: Journal, clock: VirtualClock, *facts: Fact) -> None:
    """A first day, long ago, and the last nights before now."""
    await found.record(*facts)
    clock.step((NOW - clock.now()).total_seconds() - 3 * 86_400)
    await nights(found, clock)


def kinds(entries: list[Entry]) -> list[str]:
    """The kinds of lines that can still be read, of the first day."""
    return [each.kind for each in entries if each.payload is not None and each.at < THEN + timedelta(hours=1)]


def test_what_people_wrote_goes_and_everything_else_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not a byte of it is in the folder, what is in force stays; verify finds the chain whole and counts the lines."""

    async def play() -> None:
        clock = VirtualClock(THEN)
        async with journal(tmp_path / "journal.db", clock) as found:
            await a_year_later(found, clock, *OLD)
            await found.record(fact("handover.text", "n2", text="new"))
            assert await Retention(found, keep=YEAR).sweep(NOW) == 6
            lines = await found.entries()
            assert kinds(lines) == STAYS
            assert lines[-1].kind == "journal.erased"
            assert [each.payload for each in lines if each.subject == "n2"] == [{"text": "new"}]
            assert [row["id"] for row in await found.read("SELECT id FROM overrides")] == ["o2"]
            assert await Retention(found, keep=YEAR).sweep(NOW) == 0

    run(play())
    assert SECRET.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    words = ["--site", str(sample("small-office")), "--data", str(tmp_path), "journal", "verify"]
    assert main(words) == 0
    assert "6" in capsys.readouterr().out


def test_an_incident_stays_closed_without_its_words(tmp_path: Path) -> None:
    """In the table at once, and the same when the table is folded again; a corrected one goes with its last word."""
    at = THEN.isoformat()
    facts = (
        fact("incident.raised", "i1", step=1, bell="b1", at=at, mode="drill"),
        fact("incident.expired", "i1", step=2, at=at, cause="no-receipt"),
        fact("incident.closed", "i1", step=3, at=at, person="p1", classification="test", note=SECRET),
        fact("incident.corrected", "i1", step=4, note=SECRET),
    )

    async def play() -> None:
        clock = VirtualClock(THEN)
        async with journal(tmp_path / "journal.db", clock) as found:
            await a_year_later(found, clock, *facts)

            assert SECRET in (await found.read("SELECT doc FROM incidents"))[0]["doc"]
            assert await Retention(found, keep=YEAR).sweep(NOW) == 2
            ((state, doc),) = await found.read("SELECT state, doc FROM incidents")
            assert (state, SECRET in doc) == ("closed", False)
            await found.rebuild(INCIDENTS)
            assert [tuple(row) for row in await found.read("SELECT state, doc FROM incidents")] == [(state, doc)]
            assert to_json(replayed(await found.entries()).incidents["i1"]) == json.loads(doc)

    run(play())


def test_a_clock_that_has_leapt_ahead_erases_nothing(tmp_path: Path) -> None:
    """Nor does one that is not trusted; after three nights by the same clock it is believed."""

    async def play() -> None:
        clock = VirtualClock(THEN)
        async with journal(tmp_path / "journal.db", clock) as found:
            await found.record(*OLD)
            await nights(found, clock)
            clock.step(YEAR.total_seconds())
            assert await Retention(found, keep=YEAR).sweep(clock.now()) == 0
            await nights(found, clock)
            assert await Retention(found, keep=YEAR, trusts_clock=lambda: False).sweep(clock.now()) == 0
            assert await Retention(found, keep=YEAR).sweep(clock.now()) == 6

    run(play())


def test_it_is_done_at_midnight_in_small_parts(tmp_path: Path) -> None:
    """So that no press waits for it."""

    async def play() -> list[int]:
        clock = VirtualClock(THEN)
        async with journal(tmp_path / "journal.db", clock) as found:
            texts = [fact("handover.text", f"n{n}", text=SECRET) for n in range(2 * LINES_AT_ONCE + 1)]
            await a_year_later(found, clock, *texts)
            seoul, keep = ZoneInfo("Asia/Seoul"), Retention(found, keep=YEAR)
            midnight = Midnight(found, zone=seoul, clock=clock, retention=keep)
            clock.step(86_400)
            await midnight.look()
            await midnight.look()
            erased = await found.entries(kinds=["journal.erased"])
            assert (await found.verify()).ok
            return [len(each.payload["lines"]) for each in erased if each.payload]

    assert run(play()) == [LINES_AT_ONCE, LINES_AT_ONCE, 1]


def test_a_kind_stands_in_one_rule() -> None:
    """Nothing is asked for twice."""
    assert len({rule.kind for rule in RULES}) == len(RULES)
