"""Intake batches: one sheet, one list of what is to be mended, one approval, a day by which it must be on the wall."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lobby.core.arrivals import Arrivals, Meant
from lobby.core.batches import Batch, Batches
from lobby.core.clock import VirtualClock
from lobby.core.deadlines import deadlines
from lobby.core.holdings import LIBRARY, taken
from lobby.core.journal import Journal
from lobby.core.library import Library
from lobby.core.playlists import Playlists
from lobby.core.problem import Problem, Refusal
from lobby.core.rows import sheet_of
from media.assets import AssetStore
from tests.eventually import eventually
from tests.lobby.core.galleries import NOON, SITE, png
from tests.running import run

HEAD = ["파일", "제목", "설명(한국어)", "설명(영어)", "종료일"]
AUTUMN = ["가을.png", "가을 산", "산이 물든다", "Hills", "2026-12-20"]
SPRING = ["봄.png", "봄 비", "비가 온다", "Rain", ""]
SEOUL = ZoneInfo("Asia/Seoul")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Everything a batch needs, with its duty running."""

    library: Library
    arrivals: Arrivals
    batches: Batches
    journal: Journal

    async def bring(self, batch: Batch, name: str, shade: int = 9, data: bytes | None = None) -> None:
        """A file that comes with a batch, whole."""
        content = data or png((shade, 99, 199))
        arrival = await self.arrivals.begin(name, len(content), person="p1", meant=Meant(batch=batch.id))

        async def body() -> AsyncIterator[bytes]:
            yield content

        await self.arrivals.append(arrival.id, 0, body())
        await eventually(lambda: self.arrivals.of(arrival.id).ended)

    def standings(self, batch: Batch) -> dict[str, str]:
        """File → how far it is."""
        return {line.file: line.standing.value for line in self.batches.lines(batch.id)}


@asynccontextmanager
async def intake(folder: Path) -> AsyncIterator[Intake]:
    """A loaded library with arrivals and batches."""
    clock = VirtualClock(NOON)
    async with Journal.open(folder / "journal.db", clock=clock, projections=(LIBRARY,)) as journal:
        library = Library(journal, AssetStore(folder / "store"), SITE, Playlists(journal, SITE))
        arrivals = Arrivals(folder / "uploads", library, clock=clock, free=lambda _: 2**40)
        batches = Batches(journal, library, arrivals)
        await library.load()
        await batches.load()
        await arrivals.load()
        async with asyncio.TaskGroup() as group:
            duty = group.create_task(arrivals.run())
            yield Intake(library=library, arrivals=arrivals, batches=batches, journal=journal)
            duty.cancel()


def test_one_list_says_what_is_to_be_mended(tmp_path: Path) -> None:
    """A file with its row, one without, a row without file, a file that is refused."""

    async def play() -> None:
        async with intake(tmp_path) as found:
            batch = await found.batches.open("12월 전시", person="p1", surface="wall")
            await found.bring(batch, "가을.png")
            await found.bring(batch, "겨울.png", 40)
            await found.bring(batch, "text.png", data=b"no picture")
            await found.batches.take_sheet(batch.id, sheet_of([HEAD, AUTUMN, SPRING]), person="p1")
            assert found.standings(batch) == {
                "가을": "draft", "겨울": "lacks", "text.png": "refused", "봄.png": "missing",
            }  # fmt: skip
            assert [line.file for line in found.batches.lines(batch.id) if not line.has_row] == ["겨울"]

    run(play())


def test_a_refused_file_that_comes_again_whole_is_one_line(tmp_path: Path) -> None:
    """Nobody has to tidy the list before the batch can be ready."""

    async def play() -> None:
        async with intake(tmp_path) as found:
            batch = await found.batches.open("전시", person="p1")
            await found.bring(batch, "가을.png", data=b"no picture")
            await found.bring(batch, "가을.png", data=b"still no picture")
            assert found.standings(batch) == {"가을.png": "refused"}
            await found.bring(batch, "가을.png")
            assert found.standings(batch) == {"가을": "lacks"}

    run(play())


@pytest.mark.parametrize("sheet_first", [True, False])
def test_rows_label_their_files_whichever_comes_first(tmp_path: Path, sheet_first: bool) -> None:
    """Title, descriptions and the licence's end are those of the row."""

    async def play() -> None:
        async with intake(tmp_path) as found:
            batch = await found.batches.open("전시", person="p1")
            if sheet_first:
                await found.batches.take_sheet(batch.id, sheet_of([HEAD, AUTUMN]), person="p1")
            await found.bring(batch, "가을.PNG")
            if not sheet_first:
                await found.batches.take_sheet(batch.id, sheet_of([HEAD, AUTUMN]), person="p1")
            (record,) = found.batches.records(batch.id)
            assert (record.label.title, record.label.missing()) == ("가을 산", ())
            assert str(record.label.rights.last) == "2026-12-20"

    run(play())


def test_one_approval_is_for_all_that_was_asked_for(tmp_path: Path) -> None:
    """What lacks its description is not asked for and holds nothing up; the batch is ready when all is approved."""

    async def play() -> None:
        async with intake(tmp_path) as found:
            batch = await found.batches.open("전시", person="p1")
            await found.batches.take_sheet(batch.id, sheet_of([HEAD, AUTUMN]), person="p1")
            await found.bring(batch, "가을.png")
            await found.bring(batch, "봄.png", 40)
            await found.batches.ask(batch.id, person="p1")
            assert found.standings(batch) == {"가을": "waiting", "봄": "lacks"}
            with pytest.raises(Refusal, match=r"content.nothing-to-ask"):
                await found.batches.ask(batch.id, person="p1")
            await found.batches.approve(batch.id, person="p2")
            assert (len(found.library.usable()), found.batches.ready(batch.id)) == (1, False)
            await found.batches.take_sheet(batch.id, sheet_of([HEAD, AUTUMN, SPRING]), person="p1")
            await found.batches.ask(batch.id, person="p1")
            with pytest.raises(Refusal, match=r"media.second-person"):
                await found.batches.approve(batch.id, person="p1")
            await found.batches.approve(batch.id, person="p2")
            assert (len(found.library.usable()), found.batches.ready(batch.id)) == (2, True)

    run(play())


def test_a_row_that_cannot_be_read_is_told_and_changes_nothing(tmp_path: Path) -> None:
    """A day that is none stands in the list; the file keeps the label it had."""

    async def play() -> None:
        async with intake(tmp_path) as found:
            batch = await found.batches.open("전시", person="p1")
            await found.bring(batch, "가을.png")
            await found.batches.take_sheet(batch.id, sheet_of([HEAD, [*AUTUMN[:4], "내년쯤"]]), person="p1")
            (line,) = found.batches.lines(batch.id)
            assert line.problem is not None
            assert (line.standing, line.problem.code, line.problem.where) == ("lacks", "media.no-day", "last")
            assert line.record is not None
            assert line.record.label.title == "가을"

    run(play())


def test_what_is_not_approved_by_its_day_is_told(tmp_path: Path) -> None:
    """A day ahead it is announced, afterwards it is late, and once all is approved nothing is told."""

    async def play() -> None:
        async with intake(tmp_path) as found:
            due = NOON + timedelta(days=5)
            batch = await found.batches.open("전시", person="p1", due=due)
            await found.batches.take_sheet(batch.id, sheet_of([HEAD, AUTUMN]), person="p1")
            await found.bring(batch, "가을.png")

            def told(days: float) -> list[tuple[bool, int]]:
                late = deadlines(found.library, found.batches, NOON + timedelta(days=days), SEOUL).late
                return [(each.over, each.left) for each in late]

            assert (told(3.9), told(4), told(5)) == ([], [(False, 1)], [(True, 1)])
            await found.batches.ask(batch.id, person="p1")
            await found.batches.approve(batch.id, person="p2")
            assert told(6) == []

    run(play())


def test_a_licence_is_told_thirty_and_seven_days_ahead(tmp_path: Path) -> None:
    """By days of the place; what was never approved is nobody's worry."""

    async def play() -> None:
        async with intake(tmp_path) as found:
            batch = await found.batches.open("전시", person="p1")
            await found.batches.take_sheet(batch.id, sheet_of([HEAD, AUTUMN]), person="p1")
            await found.bring(batch, "가을.png")

            def told(days: float) -> list[tuple[int, bool]]:
                ending = deadlines(found.library, found.batches, NOON + timedelta(days=days), SEOUL).ending
                return [(each.days, each.urgent) for each in ending]

            assert told(0) == []
            await found.batches.ask(batch.id, person="p1")
            await found.batches.approve(batch.id, person="p2")
            assert (told(-4), told(0), told(20), told(27), told(28)) == (
                [], [(27, False)], [(7, True)], [(0, True)], [(-1, True)],
            )  # fmt: skip

    run(play())


SHOWN = {
    "draft": ("lacks", "here", "content.here-draft"),
    "waiting": ("waiting", "here", "content.here-waiting"),
    "approved": ("approved", "approved", "content.here-approved"),
    "ended": ("approved", "here", "content.here-ended"),
    "sent-back": ("draft", "here", "content.here-sent-back"),
}
"""How far the first copy is → how its batch shows it, how the second one does, what that says of it."""


async def first_copy(found: Intake, far: str) -> tuple[Batch, str]:
    """A file of a batch, so far."""
    batch = await found.batches.open("12월 전시", person="p1", surface="wall")
    await found.bring(batch, "가을.png")
    (record,) = found.batches.records(batch.id)
    if far != "draft":
        row = [*AUTUMN[:4], "2026-11-01" if far == "ended" else "2026-12-20"]
        await found.batches.take_sheet(batch.id, sheet_of([HEAD, row]), person="p1")
        await found.batches.ask(batch.id, person="p1")
    if far in ("approved", "ended"):
        await found.batches.approve(batch.id, person="p2")
    if far == "sent-back":
        await found.library.records.send_back(record.asset, "흐립니다", person="p2")
    return batch, record.asset


@pytest.mark.parametrize("far", SHOWN)
def test_what_comes_again_with_another_batch_stays_the_firsts(tmp_path: Path, far: str) -> None:
    """As it was: label, approval and place; the second says that it is there and where, also after a restart."""
    first_shows, second_shows, code = SHOWN[far]

    async def before() -> None:
        async with intake(tmp_path) as found:
            first, asset = await first_copy(found, far)
            was = found.library.records.all()[asset]
            second = await found.batches.open("다시", person="p3", surface="led")
            rows = [HEAD, ["autumn.png", "다른 제목", "다르다", "Other", ""]]
            await found.batches.take_sheet(second.id, sheet_of(rows), person="p3")
            await found.bring(second, "autumn.png")
            assert replace(found.library.records.all()[asset], also={}) == was
            assert found.standings(first) == {"가을": first_shows}
            (line,) = found.batches.lines(second.id)
            assert (line.file, line.standing.value) == ("autumn.png", second_shows)
            assert line.problem == Problem(code=code, params={"batch": "12월 전시"})
            assert found.arrivals.all()[-1].here
            with pytest.raises(Refusal, match=r"media.not-asked"):
                await found.batches.approve(second.id, person="p4")

    async def after() -> list[dict[str, str]]:
        async with intake(tmp_path) as found:
            return [found.standings(each) for each in found.batches.all()]

    run(before())
    assert run(after()) == [{"autumn.png": second_shows}, {"가을": first_shows}]


def test_what_was_deleted_comes_again_as_the_second_batchs(tmp_path: Path) -> None:
    """As a draft: nothing of the first says that it is there."""

    async def play() -> None:
        async with intake(tmp_path) as found:
            first, asset = await first_copy(found, "approved")
            await found.library.records.remove(asset, person="p2")
            second = await found.batches.open("다시", person="p3")
            await found.bring(second, "autumn.png")
            assert (found.standings(first), found.standings(second)) == ({"가을.png": "missing"}, {"가을": "draft"})
            assert not found.arrivals.all()[-1].here

    run(play())


def test_what_came_alone_becomes_its_first_batchs(tmp_path: Path) -> None:
    """It is said to be here, not to be somewhere else; brought twice with one batch it is one line."""

    async def play() -> None:
        async with intake(tmp_path) as found:
            path = tmp_path / "가을.png"
            path.write_bytes(png((9, 99, 199)))
            await found.library.take_in(path, name=path.name, person="p1")
            batch = await found.batches.open("전시", person="p1")
            for _ in range(2):
                await found.bring(batch, "가을.png")
                (record,) = found.batches.records(batch.id)
                assert found.batches.here(record, batch.id).code == "content.alone-draft"
            assert found.standings(batch) == {"가을": "lacks"}

    run(play())


def test_a_batch_off_the_list_leaves_its_files_to_the_next(tmp_path: Path) -> None:
    """Until it is taken back."""

    async def play() -> None:
        async with intake(tmp_path) as found:
            first, _ = await first_copy(found, "waiting")
            second = await found.batches.open("다시", person="p3")
            await found.bring(second, "가을.png")
            await found.batches.drop(first.id, person="p1")
            assert found.standings(second) == {"가을": "waiting"}
            await found.batches.restore(first.id, person="p1")
            assert found.standings(second) == {"가을.png": "here"}

    run(play())


def test_a_journal_from_before_that_rule_is_read_as_it_was_meant(tmp_path: Path) -> None:
    """There what came again moved to the newer batch."""

    async def play() -> None:
        async with intake(tmp_path) as found:
            first, asset = await first_copy(found, "waiting")
            second = await found.batches.open("다시", person="p3")
            known = found.library.ever()[asset]
            fact = taken(known, "p3", batch=second.id)
            await found.journal.record(replace(fact, v=3))
            assert (found.standings(first), found.standings(second)) == ({"가을.png": "missing"}, {"가을": "waiting"})

    run(play())


def test_batches_are_folded_again_after_a_restart(tmp_path: Path) -> None:
    """With name, day, rows and what was wrong with them; a dropped one is gone, its files stay."""

    async def before() -> tuple[Batch, ...]:
        async with intake(tmp_path) as found:
            batch = await found.batches.open("전시", person="p1", due=NOON)
            await found.batches.take_sheet(batch.id, sheet_of([HEAD, AUTUMN, ["", "x", "", "", ""]]), person="p1")
            await found.batches.set_due(batch.id, NOON + timedelta(days=1), person="p1")
            other = await found.batches.open("다른", person="p1")
            await found.bring(other, "가을.png")
            await found.batches.drop(other.id, person="p1")
            return found.batches.all()

    async def after() -> tuple[tuple[Batch, ...], int]:
        async with intake(tmp_path) as found:
            return found.batches.all(), len(found.library.assets())

    kept = run(before())
    assert len(kept) == 1
    assert run(after()) == (kept, 1)


def test_a_batch_taken_off_the_list_comes_back_as_it_was(tmp_path: Path) -> None:
    """In its old place, also after a restart, and what came meanwhile has its row's label."""

    async def before() -> tuple[tuple[Batch, ...], tuple[Batch, ...], str]:
        async with intake(tmp_path) as found:
            batch = await found.batches.open("전시", person="p1", due=NOON)
            await found.batches.take_sheet(batch.id, sheet_of([HEAD, AUTUMN]), person="p1")
            await found.batches.open("다른", person="p1")
            listed = found.batches.all()
            await found.batches.drop(batch.id, person="p1")
            await found.bring(batch, "가을.png")
            await found.batches.restore(batch.id, person="p1")
            (record,) = found.batches.records(batch.id)
            return listed, found.batches.all(), record.label.title

    async def after() -> tuple[Batch, ...]:
        async with intake(tmp_path) as found:
            return found.batches.all()

    listed, back, title = run(before())
    assert (back, title) == (listed, "가을 산")
    assert run(after()) == listed
