"""The journal: durable, chained, told in order, folded in the same transaction."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lobby.core.clock import SystemClock, VirtualClock
from lobby.core.journal import MEMORY, Entry, Fact, Journal, NotDurable, Verified
from tests.eventually import eventually
from tests.lobby.core.folds import Counting, seen
from tests.running import run

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
COUNTED = "SELECT subject, n, last FROM counting ORDER BY subject"


@pytest.fixture(params=["file", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A journal on disk with its threads, and one in memory without."""
    return tmp_path / "journal.db" if request.param == "file" else MEMORY


def test_what_is_recorded_can_be_read(place: Path) -> None:
    """With its moment in UTC, both clocks, subject and payload."""

    async def scenario() -> list[Entry]:
        async with Journal.open(place, clock=VirtualClock(START, mono=7)) as journal:
            await journal.record(Fact(kind="desk.opened", subject="civil-desk", payload={"값": [1, None, True]}))
            return await journal.entries()

    (entry,) = run(scenario())
    assert (entry.seq, entry.at, entry.mono, entry.kind) == (1, START, 7.0, "desk.opened")
    assert (entry.subject, entry.payload) == ("civil-desk", {"값": [1, None, True]})


def test_the_same_facts_make_the_same_chain() -> None:
    """The order of keys and the kind of mapping do not show; two runs export equally."""

    async def scenario(payload: dict[str, int]) -> str:
        async with Journal.open(MEMORY, clock=VirtualClock(START)) as journal:
            (entry,) = await journal.record(Fact(kind="k", subject="s", payload=payload))
            return entry.hash

    assert run(scenario({"a": 1, "b": 2})) == run(scenario({"b": 2, "a": 1}))


def test_a_payload_that_is_no_json_is_the_callers_mistake(place: Path) -> None:
    """It raises at once and leaves the journal well."""

    async def scenario() -> bool:
        async with Journal.open(place, clock=SystemClock()) as journal:
            with pytest.raises(TypeError):
                await journal.record(Fact(kind="k", subject="s", payload={"at": cast(str, START)}))
            with pytest.raises(ValueError, match="JSON"):
                await journal.record(Fact(kind="k", subject="s", payload={"x": float("nan")}))
            return journal.healthy()

    assert run(scenario())


def test_half_characters_from_the_wire_do_not_stop_a_record(place: Path) -> None:
    """Rubbish that a device sent is written with question marks."""

    async def scenario() -> Verified:
        async with Journal.open(place, clock=SystemClock()) as journal:
            await journal.record(Fact(kind="k", subject="bell\udcff", payload={"raw": "a\udce9b"}))
            return await journal.verify()

    assert run(scenario()).ok


def test_followers_hear_every_line_in_order_after_it_is_durable(place: Path) -> None:
    """From many writers at once."""

    async def scenario() -> list[int]:
        heard: list[int] = []
        async with Journal.open(place, clock=SystemClock()) as journal:
            journal.follow(lambda entry: heard.append(entry.seq))
            await asyncio.gather(*(journal.record(seen("a", number), seen("b", number)) for number in range(50)))
        return heard

    assert run(scenario()) == list(range(1, 101))


def test_a_follower_that_fails_keeps_nothing_from_the_others(place: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Its mistake is logged."""

    def failing(entry: Entry) -> None:
        raise RuntimeError(f"at {entry.seq}")

    async def scenario() -> list[int]:
        heard: list[int] = []
        async with Journal.open(place, clock=SystemClock()) as journal:
            journal.follow(failing)
            journal.follow(lambda entry: heard.append(entry.seq))
            await journal.record(seen("a"))
        return heard

    assert run(scenario()) == [1]
    assert "a follower failed on line 1" in caplog.text


def test_facts_of_one_record_stand_together_or_not_at_all(place: Path) -> None:
    """A projection that refuses one of them undoes all, and only them."""

    class Refusing(Counting):
        def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
            super().apply(cursor, entry)
            if entry.subject == "bad":
                raise ValueError("bad")

    async def scenario() -> tuple[list[str], list[tuple[object, ...]]]:
        async with Journal.open(place, clock=SystemClock(), projections=(Refusing(),)) as journal:
            await journal.record(seen("good"))
            with pytest.raises(ValueError, match="bad"):
                await journal.record(seen("lost"), seen("bad"))
            await journal.record(seen("good"))
            return [entry.subject for entry in await journal.entries()], [tuple(r) for r in await journal.read(COUNTED)]

    assert run(scenario()) == (["good", "good"], [("good", 2, 2)])


def test_other_tables_change_together_with_their_facts(place: Path) -> None:
    """A transaction outside the journal carries its own record, and an error undoes both."""

    def work(cursor: sqlite3.Cursor) -> int:
        cursor.execute("CREATE TABLE IF NOT EXISTS people (id TEXT PRIMARY KEY)")
        cursor.execute("INSERT INTO people VALUES ('p1')")
        return 7

    async def scenario() -> tuple[int, int, int]:
        async with Journal.open(place, clock=SystemClock()) as journal:
            answer = await journal.transact(work, seen("p1"))
            with pytest.raises(sqlite3.IntegrityError):
                await journal.transact(work, seen("p1"))
            return answer, len(await journal.read("SELECT * FROM people")), len(await journal.entries())

    assert run(scenario()) == (7, 1, 1)


def test_lines_can_be_asked_by_kind_and_number(place: Path) -> None:
    """Cursor pages: after a number, of some kinds, so many."""

    async def scenario() -> list[int]:
        async with Journal.open(place, clock=SystemClock()) as journal:
            await journal.record(*(seen("a", kind="seen" if number % 2 else "other") for number in range(10)))
            return [entry.seq for entry in await journal.entries(after=3, kinds={"seen"}, limit=2)]

    assert run(scenario()) == [4, 6]


def test_an_erased_payload_is_gone_from_the_file_and_the_chain_holds(tmp_path: Path) -> None:
    """Verify tells which lines were erased; the name is in no byte of the folder."""
    path = tmp_path / "journal.db"

    async def scenario() -> tuple[Verified, Entry]:
        async with Journal.open(path, clock=SystemClock()) as journal:
            await journal.record(Fact(kind="note", subject="s", payload={"text": "SECRETNAME" * 40}))
            await journal.record(seen("a"))
            await journal.erase(1)
            return await journal.verify(), (await journal.entries())[0]

    verified, entry = run(scenario())
    assert (verified.ok, verified.erased, entry.payload) == (True, (1,), None)
    assert not [file for file in tmp_path.iterdir() if b"SECRETNAME" in file.read_bytes()]


def test_erasing_twice_or_nothing_or_an_erasure_is_refused(place: Path) -> None:
    """So that the record of what was erased is always true."""

    async def scenario() -> None:
        async with Journal.open(place, clock=SystemClock()) as journal:
            await journal.record(seen("a"))
            await journal.erase(1)
            for seq in (1, 2, 9):
                with pytest.raises(LookupError):
                    await journal.erase(seq)

    run(scenario())


def test_a_checkpoint_signs_the_head_and_keeps_its_signature(place: Path) -> None:
    """Asked twice for the same head it answers the same; the key is the owner's alone."""

    async def scenario() -> None:
        clock = VirtualClock(START)
        async with Journal.open(place, clock=clock) as journal:
            (entry,) = await journal.record(seen("a"))
            first = await journal.checkpoint()
            await clock.advance(60)
            assert first == await journal.checkpoint()
            assert (first.seq, first.hash) == (1, entry.hash)
            assert (await journal.verify()).checkpoints == (first,)

    run(scenario())
    if place != MEMORY:
        assert stat.S_IMODE(place.with_suffix(".key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET subject = 'x' WHERE seq = 2",
        "UPDATE journal SET payload = '{}' WHERE seq = 2",
        "UPDATE journal SET payload = NULL, hash = 'x' WHERE seq = 2",
        "DELETE FROM journal WHERE seq = 2",
        "REPLACE INTO journal SELECT 2, at, mono, kind, 9, subject, payload, payload_hash, prev, hash FROM journal",
        "INSERT INTO journal SELECT 9, at, mono, kind, v, subject, payload, payload_hash, prev, hash FROM journal",
        "DELETE FROM journal_checkpoints",
        "UPDATE journal_checkpoints SET signature = ''",
    ],
)
def test_the_file_itself_refuses_to_change_its_lines(tmp_path: Path, statement: str) -> None:
    """Triggers stop every statement but the erasing of a payload."""
    path = three_lines(tmp_path)
    with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(statement)


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE journal SET subject = 'x' WHERE seq = 2", 2),
        ("UPDATE journal SET payload = '{\"n\":9}' WHERE seq = 3", 3),
        ("UPDATE journal SET payload = NULL WHERE seq = 1", 1),
        ("UPDATE journal SET at = replace(at, '2', '3') WHERE seq = 3", 3),
        ("DELETE FROM journal WHERE seq = 2", 2),
        ("DELETE FROM journal WHERE seq = 3", 3),
        ("UPDATE journal_checkpoints SET signature = 'x'", 3),
        ("UPDATE journal_checkpoints SET hash = 'x'", 3),
    ],
)
def test_whoever_goes_around_the_triggers_is_found(tmp_path: Path, statement: str, first_bad: int) -> None:
    """Changed, hidden and removed lines are named by the first one that does not hold."""
    path = three_lines(tmp_path)
    with closing(sqlite3.connect(path)) as db, db:
        for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {trigger}")
        db.execute(statement)
    verified = run(verify(path))
    assert (verified.ok, verified.first_bad) == (False, first_bad)


def test_a_chain_rewritten_from_the_middle_breaks_the_signature(tmp_path: Path) -> None:
    """Hashes can be computed by anybody, the checkpoint's signature cannot: another key finds it."""
    path = three_lines(tmp_path)
    path.with_suffix(".key").write_text("00" * 32, encoding="ascii")
    assert not run(verify(path)).ok


async def verify(path: Path) -> Verified:
    """Open and walk."""
    async with Journal.open(path, clock=SystemClock()) as journal:
        return await journal.verify()


def three_lines(tmp_path: Path) -> Path:
    """A file with three lines and a checkpoint on the last."""
    path = tmp_path / "journal.db"

    async def scenario() -> None:
        async with Journal.open(path, clock=VirtualClock(START)) as journal:
            for number in range(3):
                await journal.record(seen("a", number))
            await journal.checkpoint()

    run(scenario())
    return path


STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["seen", "seen.twice", "other"])), max_size=25)


@given(STEPS)
def test_a_rebuilt_projection_equals_the_one_kept_line_by_line(steps: list[tuple[str, str]]) -> None:
    """Whatever happened, in whatever order."""

    async def scenario() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        async with Journal.open(MEMORY, clock=VirtualClock(START), projections=(Counting(),)) as journal:
            for subject, kind in steps:
                await journal.record(seen(subject, kind=kind))
            kept = [tuple(row) for row in await journal.read(COUNTED)]
            await journal.rebuild(Counting())
            return kept, [tuple(row) for row in await journal.read(COUNTED)]

    kept, rebuilt = run(scenario())
    assert kept == rebuilt


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(STEPS, st.lists(st.booleans(), min_size=1, max_size=4))
def test_a_projection_that_was_away_is_refilled(
    tmp_path: Path, steps: list[tuple[str, str]], there: list[bool]
) -> None:
    """Sessions with and without it end in the same table as one long session."""
    path = tmp_path / f"{len(list(tmp_path.iterdir()))}.db"

    async def session(projections: tuple[Counting, ...], facts: list[Fact]) -> list[tuple[object, ...]]:
        async with Journal.open(path, clock=VirtualClock(START), projections=projections) as journal:
            await journal.record(*facts)
            return [tuple(row) for row in await journal.read(COUNTED)] if projections else []

    facts = [seen(subject, kind=kind) for subject, kind in steps]
    for present in there:
        run(session((Counting(),) if present else (), facts))
    totals: dict[str, int] = {}
    for subject, kind in steps:
        totals[subject] = totals.get(subject, 0) + {"seen": 1, "seen.twice": 2, "other": 0}[kind] * len(there)
    assert {row[0]: row[1] for row in run(session((Counting(),), []))} == {k: n for k, n in totals.items() if n}


def test_an_urgent_record_goes_before_all_that_waits(tmp_path: Path) -> None:
    """It waits for the piece of work in hand and for nothing else."""

    async def scenario() -> int:
        hold = threading.Event()
        async with Journal.open(tmp_path / "j.db", clock=SystemClock()) as journal, asyncio.TaskGroup() as group:
            group.create_task(journal.transact(lambda _: hold.wait(10)))
            for number in range(300):
                group.create_task(journal.record(seen("a", number)))
            await asyncio.sleep(0)
            urgent = group.create_task(journal.record(seen("bell"), within_s=10))
            await asyncio.sleep(0)
            hold.set()
            return (await urgent)[0].seq

    assert run(scenario()) == 1


def test_a_record_that_takes_too_long_is_not_durable_but_still_lands(tmp_path: Path) -> None:
    """The caller is told in time; what it asked for is written when the disk is free again."""

    async def scenario() -> tuple[str, list[str], bool]:
        begun, hold = threading.Event(), threading.Event()

        def work(_: sqlite3.Cursor) -> None:
            begun.set()
            hold.wait(10)

        async with Journal.open(tmp_path / "j.db", clock=SystemClock()) as journal, asyncio.TaskGroup() as group:
            slow = group.create_task(journal.transact(work))
            await eventually(begun.is_set)
            with pytest.raises(NotDurable) as failure:
                await journal.record(seen("bell"), within_s=0.05)
            hold.set()
            await slow
            await journal.record(seen("after"))
            return failure.value.cause, [entry.subject for entry in await journal.entries()], journal.healthy()

    assert run(scenario()) == ("slow", ["bell", "after"], True)


def test_a_disk_that_hangs_does_not_hold_the_loop(tmp_path: Path) -> None:
    """The loop stands still for an urgent record only for a moment; then everything else goes on."""

    async def scenario() -> int:
        begun, hold, turns = threading.Event(), threading.Event(), 0

        def work(_: sqlite3.Cursor) -> None:
            begun.set()
            hold.wait(10)

        async def everything_else() -> None:
            nonlocal turns
            while not hold.is_set():
                await asyncio.sleep(0)
                turns += 1

        async with Journal.open(tmp_path / "j.db", clock=SystemClock()) as journal, asyncio.TaskGroup() as group:
            group.create_task(journal.transact(work))
            await eventually(begun.is_set)
            group.create_task(everything_else())
            for _ in range(3):
                with pytest.raises(NotDurable):
                    await journal.record(seen("bell"), within_s=0.1)
            hold.set()
            return turns

    assert run(scenario()) > 50


def test_a_watcher_that_fails_fails_no_record(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The disk breaks and heals while somebody urgent writes; the record is answered by the disk alone."""
    heard: list[str | None] = []

    def broken(_: str | None) -> None:
        raise RuntimeError("a mistake")

    async def scenario() -> int:
        async with Journal.open(tmp_path / "j.db", clock=SystemClock()) as journal:
            journal.watch(broken)
            journal.watch(heard.append)
            begin = journal._ledger.transaction

            def full() -> NoReturn:
                raise OSError(28, "No space left on device")

            journal._ledger.transaction = full  # type: ignore[method-assign]  # a disk that breaks
            with pytest.raises(NotDurable):
                await journal.record(seen("bell"), within_s=10)
            journal._ledger.transaction = begin  # type: ignore[method-assign]  # and heals
            return (await journal.record(seen("bell"), within_s=10))[0].seq

    assert run(scenario()) == 1
    assert heard[0] is not None
    assert heard[-1] is None
    assert "a watcher failed" in caplog.text


def test_a_burst_of_urgent_records_is_written_together(tmp_path: Path) -> None:
    """The loop stands still for the first of them; the others become durable in one piece."""

    async def scenario() -> tuple[int, int]:
        transactions = 0
        async with Journal.open(tmp_path / "j.db", clock=VirtualClock(START)) as journal:
            begin = journal._ledger.transaction

            def counted() -> object:
                nonlocal transactions
                transactions += 1
                return begin()

            journal._ledger.transaction = counted  # type: ignore[method-assign, assignment]  # a spy
            async with asyncio.TaskGroup() as group:
                for number in range(60):
                    group.create_task(journal.record(seen("bell", number), within_s=10))
            return transactions, len(await journal.entries())

    transactions, lines = run(scenario())
    assert lines == 60
    assert transactions < 20


def test_waiting_too_long_shows_as_trouble(tmp_path: Path) -> None:
    """A disk that hangs is seen before it answers."""

    async def scenario() -> tuple[bool, str | None]:
        hold, clock = threading.Event(), VirtualClock(START)
        async with Journal.open(tmp_path / "j.db", clock=clock) as journal, asyncio.TaskGroup() as group:
            group.create_task(journal.transact(lambda _: hold.wait(10)))
            await clock.advance(1)
            early = journal.healthy()
            await clock.advance(2)
            late = journal.trouble()
            hold.set()
            return early, late

    assert run(scenario()) == (True, "slow")
