"""Arrivals: bytes survive broken lines and restarts, whole files become assets, quotas and expiry hold."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from lobby.core import arrivals as module
from lobby.core.arrivals import EXPIRES, FREE_NEEDED, Arrival, Arrivals, Meant, Stage
from lobby.core.clock import VirtualClock
from lobby.core.library import Library
from lobby.core.problem import Problem, Refusal
from media.assets import Asset
from tests.eventually import eventually
from tests.lobby.core.galleries import NOON, library, png, upload
from tests.running import run

PICTURE = png((9, 99, 199))
HALF = len(PICTURE) // 2


@asynccontextmanager
async def arrivals(folder: Path, *, clock: VirtualClock | None = None, free: int = 2**40) -> AsyncIterator[Arrivals]:
    """Loaded arrivals over a real library, with their duty running."""
    async with library(folder, folder / "journal.db") as found:
        made = Arrivals(folder / "uploads", found, clock=clock or VirtualClock(NOON), free=lambda _: free)
        await made.load()
        async with asyncio.TaskGroup() as group:
            duty = group.create_task(made.run())
            yield made
            duty.cancel()


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    """Bytes as they come off the wire."""
    for each in data:
        yield each


async def broken(data: bytes) -> AsyncIterator[bytes]:
    """A line that breaks behind these bytes."""
    yield data
    raise ConnectionResetError


async def begun(found: Arrivals, length: int = len(PICTURE)) -> Arrival:
    """A file that is announced."""
    return await found.begin("a.png", length, person="p1", meant=Meant(panel="wall-1"))


def test_a_broken_line_loses_nothing_that_came(tmp_path: Path) -> None:
    """What came before the break is durable; the rest makes it whole, and it becomes an asset meant for its panel."""

    async def play() -> None:
        async with arrivals(tmp_path) as found:
            arrival = await begun(found)
            with pytest.raises(ConnectionResetError):
                await found.append(arrival.id, 0, broken(PICTURE[:HALF]))
            assert found.of(arrival.id).offset == HALF
            await found.append(arrival.id, HALF, pieces(PICTURE[HALF:]))
            await eventually(lambda: found.of(arrival.id).ended)
            taken = found.of(arrival.id)
            assert (taken.stage, taken.asset) == (Stage.TAKEN, hashlib.sha256(PICTURE).hexdigest())
            await eventually(lambda: [path.suffix for path in (tmp_path / "uploads").iterdir()] == [".json"])

    run(play())


def test_a_restart_goes_on_from_what_is_durable(tmp_path: Path) -> None:
    """Bytes behind the last sync, which a crash may have left as rubbish, are cut off."""

    async def before() -> str:
        async with arrivals(tmp_path) as found:
            arrival = await begun(found)
            await found.append(arrival.id, 0, pieces(PICTURE[:HALF]))
            return arrival.id

    async def after(name: str) -> None:
        with (tmp_path / "uploads" / f"{name}.part").open("ab") as part:
            part.write(b"rubbish of a crash")
        async with arrivals(tmp_path) as found:
            assert found.of(name).offset == HALF
            await found.append(name, HALF, pieces(PICTURE[HALF:]))
            await eventually(lambda: found.of(name).stage is Stage.TAKEN)

    run(after(run(before())))


def test_a_whole_file_is_converted_after_a_restart(tmp_path: Path) -> None:
    """A controller that fell while converting begins the conversion again."""

    async def before() -> str:
        async with library(tmp_path, tmp_path / "journal.db") as shelf:
            found = Arrivals(tmp_path / "uploads", shelf, clock=VirtualClock(NOON), free=lambda _: 2**40)
            arrival = await begun(found)
            await found.append(arrival.id, 0, pieces(PICTURE))
            assert found.of(arrival.id).stage is Stage.QUEUED
            return arrival.id

    async def after(name: str) -> None:
        (tmp_path / "uploads" / f".{name}.json.7.new").touch()
        async with arrivals(tmp_path) as found:
            await eventually(lambda: found.of(name).stage is Stage.TAKEN)
            await eventually(lambda: [path.name for path in (tmp_path / "uploads").iterdir()] == [f"{name}.json"])

    run(after(run(before())))


def test_a_file_that_ends_the_lobby_again_and_again_is_given_up(tmp_path: Path) -> None:
    """The bells would fall with it for ever: after the third time it is refused, with its cause and its cure."""

    async def before() -> str:
        async with library(tmp_path, tmp_path / "journal.db") as shelf:
            found = Arrivals(tmp_path / "uploads", shelf, clock=VirtualClock(NOON), free=lambda _: 2**40)
            arrival = await begun(found)
            await found.append(arrival.id, 0, pieces(PICTURE))
            return arrival.id

    async def after(name: str) -> None:
        async with arrivals(tmp_path) as found:
            refused = found.of(name)
            assert (refused.stage, refused.problem) == (
                Stage.REFUSED, Problem(code="content.too-often", params={"times": "3"})
            )  # fmt: skip
            assert [path.name for path in (tmp_path / "uploads").iterdir()] == [f"{name}.json"]

    name = run(before())
    state = tmp_path / "uploads" / f"{name}.json"
    state.write_text(json.dumps(json.loads(state.read_bytes()) | {"stage": "checking", "tries": 3}))
    (tmp_path / "attempts").mkdir()
    (tmp_path / "attempts" / name).write_text("3")
    run(after(name))
    assert list((tmp_path / "attempts").iterdir()) == []


def counted(folder: Path) -> dict[str, int]:
    """What is on disk of falls."""
    return {path.name: int(path.read_text()) for path in (folder / "attempts").glob("*")}


def test_a_conversion_counts_as_a_try_unless_it_is_stopped_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is on disk before the work begins, as no crash gives notice; a stop leaves the earlier falls counted."""
    seen = list[dict[str, int]]()

    async def endless(*_: object, **__: object) -> Asset:
        seen.append(counted(tmp_path))
        await asyncio.Event().wait()
        raise AssertionError

    async def play() -> str:
        monkeypatch.setattr("lobby.core.library.take_in", endless)
        async with arrivals(tmp_path) as found:
            arrival = await begun(found)
            await found.append(arrival.id, 0, pieces(PICTURE))
            await eventually(lambda: bool(seen))
            return arrival.id

    async def again() -> None:
        async with arrivals(tmp_path):
            await eventually(lambda: len(seen) == 2)

    name = run(play())
    assert (seen, counted(tmp_path)) == ([{name: 1}], {})
    (tmp_path / "attempts" / name).write_text("2")
    run(again())
    assert (seen[1:], counted(tmp_path)) == ([{name: 3}], {name: 2})


def test_a_fall_counts_for_what_was_under_way_and_for_nothing_that_waited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three films wait for one turn: only the one that had it may have ended the lobby."""
    monkeypatch.setattr("lobby.core.library.is_film", lambda _: True)
    under_way = asyncio.Event()

    async def endless(*_: object, **__: object) -> Asset:
        under_way.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def play() -> dict[str, int]:
        monkeypatch.setattr("lobby.core.library.take_in", endless)
        async with arrivals(tmp_path) as found:
            names = []
            for _ in range(3):
                names.append((await begun(found)).id)
                await found.append(names[-1], 0, pieces(PICTURE))
            await eventually(lambda: {found.of(name).stage for name in names} == {Stage.CHECKING})
            await under_way.wait()
            assert [name for name in names if name in counted(tmp_path)] == names[:1]
            return counted(tmp_path)

    assert list(run(play()).values()) == [1]


def test_the_state_is_noted_while_a_long_piece_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed controller loses the bytes since the last sync, not the whole piece."""
    monkeypatch.setattr(module, "WRITE_AT", 1000)
    monkeypatch.setattr("lobby.core.arrival.SYNC_AT", 2000)

    async def play() -> None:
        async with arrivals(tmp_path) as found:
            arrival = await begun(found, 10_000)
            noted: list[int] = []

            async def slow() -> AsyncIterator[bytes]:
                for _ in range(9):
                    yield bytes(1000)
                    noted.append(json.loads((tmp_path / "uploads" / f"{arrival.id}.json").read_text())["offset"])

            await found.append(arrival.id, 0, slow())
            assert noted == [0, 2000, 2000, 4000, 4000, 6000, 6000, 8000, 8000]

    run(play())


@pytest.mark.parametrize("offset", [0, HALF - 1, HALF + 1])
def test_only_the_next_byte_is_taken(tmp_path: Path, offset: int) -> None:
    """Another offset is refused with the right one."""

    async def play() -> None:
        async with arrivals(tmp_path) as found:
            arrival = await begun(found)
            await found.append(arrival.id, 0, pieces(PICTURE[:HALF]))
            with pytest.raises(Refusal) as refused:
                await found.append(arrival.id, offset, pieces(b"x"))
            assert (refused.value.problem.code, refused.value.problem.params["offset"]) == (
                "content.wrong-offset",
                str(HALF),
            )

    run(play())


def test_more_than_was_announced_is_refused(tmp_path: Path) -> None:
    """Before it is on the disk."""

    async def play() -> None:
        async with arrivals(tmp_path) as found:
            arrival = await begun(found, 100)
            with pytest.raises(Refusal, match=r"content.too-many-bytes"):
                await found.append(arrival.id, 0, pieces(bytes(101)))
            assert (tmp_path / "uploads" / f"{arrival.id}.part").stat().st_size <= 100

    run(play())


def test_a_piece_with_another_hash_is_not_kept(tmp_path: Path) -> None:
    """All of it or nothing; the right one is taken at the same offset."""

    async def play() -> None:
        async with arrivals(tmp_path) as found:
            arrival = await begun(found)
            digest = hashlib.sha256(PICTURE[:HALF]).digest()
            with pytest.raises(Refusal, match=r"content.wrong-checksum"):
                await found.append(arrival.id, 0, pieces(bytes(HALF)), sha256=digest)
            assert found.of(arrival.id).offset == 0
            await found.append(arrival.id, 0, pieces(PICTURE[:HALF]), sha256=digest)
            assert found.of(arrival.id).offset == HALF

    run(play())


def test_a_newer_writer_ends_an_older_one(tmp_path: Path) -> None:
    """A page that is loaded again goes on while the old line still hangs."""

    async def play() -> None:
        async with arrivals(tmp_path) as found:
            arrival = await begun(found)
            more = asyncio.Event()

            async def hanging() -> AsyncIterator[bytes]:
                yield PICTURE[:10]
                await more.wait()
                yield PICTURE[10:20]

            old = asyncio.create_task(found.append(arrival.id, 0, hanging()))
            await asyncio.sleep(0)
            new = asyncio.create_task(found.append(arrival.id, 0, pieces(PICTURE)))
            await asyncio.sleep(0)
            more.set()
            with pytest.raises(Refusal, match=r"content.taken-over"):
                await old
            await new
            await eventually(lambda: found.of(arrival.id).stage is Stage.TAKEN)

    run(play())


def test_what_is_no_picture_ends_with_its_cause(tmp_path: Path) -> None:
    """Refused as by a form, with the same words; its bytes are gone."""

    async def play() -> None:
        async with arrivals(tmp_path) as found:
            arrival = await begun(found, 8)
            await found.append(arrival.id, 0, pieces(b"%PDF-1.7"))
            await eventually(lambda: found.of(arrival.id).ended)
            problem = found.of(arrival.id).problem
            assert problem is not None
            assert problem.code == "media.not-a-picture"
            assert not list((tmp_path / "uploads").glob("*.part"))

    run(play())


@pytest.mark.parametrize(
    ("length", "free", "code"),
    [
        (0, 2**40, "content.empty-file"),
        (module.LARGEST + 1, 2**40, "content.too-large"),
        (100, FREE_NEEDED + 50, "api.no-room"),
    ],
)
def test_what_cannot_be_kept_is_refused_before_it_comes(tmp_path: Path, length: int, free: int, code: str) -> None:
    """By its length, and by the room on the disk that is not promised to others."""

    async def play() -> None:
        async with arrivals(tmp_path, free=free) as found:
            with pytest.raises(Refusal) as refused:
                await begun(found, length)
            assert refused.value.problem.code == code
            assert found.all() == ()

    run(play())


def test_room_is_promised_once(tmp_path: Path) -> None:
    """What others still have to send counts."""

    async def play() -> None:
        async with arrivals(tmp_path, free=FREE_NEEDED + 150) as found:
            await begun(found, 100)
            with pytest.raises(Refusal, match=r"api.no-room"):
                await begun(found, 100)

    run(play())


def test_a_person_has_a_quota(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of bytes on their way; another person has their own."""
    monkeypatch.setattr(module, "PERSONS_BYTES", 150)

    async def play() -> None:
        async with arrivals(tmp_path) as found:
            await begun(found, 100)
            with pytest.raises(Refusal, match=r"content.quota"):
                await begun(found, 100)
            await found.begin("b.png", 100, person="p2", meant=Meant())

    run(play())


def test_what_nobody_goes_on_with_is_thrown_away_after_a_week(tmp_path: Path) -> None:
    """Its bytes too; a day before it is still there."""
    clock = VirtualClock(NOON)

    async def play() -> None:
        async with arrivals(tmp_path, clock=clock) as found:
            arrival = await begun(found)
            clock.pass_by(EXPIRES.total_seconds() - 1)
            await found.tidy()
            assert found.all()
            clock.pass_by(1)
            await found.tidy()
            with pytest.raises(Refusal, match=r"content.no-such-upload"):
                found.of(arrival.id)
            assert not list((tmp_path / "uploads").iterdir())

    run(play())


def test_a_file_of_this_machine_is_read_in_place(tmp_path: Path) -> None:
    """It is taken in, labelled as the command says, and stays where it lies; brought twice it comes once."""
    path = upload(tmp_path)

    async def play() -> None:
        async with library(tmp_path, tmp_path / "journal.db") as shelf:
            found = Arrivals(tmp_path / "uploads", shelf, clock=VirtualClock(NOON), free=lambda _: 2**40)
            meant = Meant(panel="wall-1", asks=True, descriptions={"ko": "가을", "en": "Autumn"})
            first = await found.bring(path, name="a.png", person="command-line", meant=meant)
            assert (await found.bring(path, name="a.png", person="command-line", meant=meant)).id == first.id
            duty = asyncio.create_task(found.run())
            await eventually(lambda: found.of(first.id).stage is Stage.TAKEN)
            duty.cancel()
            record = shelf.records.of(found.of(first.id).asset or "")
            assert record is not None
            assert (record.state, record.panel, record.label.missing()) == ("waiting", "wall-1", ())
            assert path.is_file()

    run(play())


def test_a_conversion_foretells_its_end_by_its_pace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter done after ten seconds: thirty to go; nothing is foretold of what waits or has ended."""
    clock, told = VirtualClock(NOON), list[datetime | None]()

    async def play() -> None:
        async with arrivals(tmp_path, clock=clock) as found:

            async def slow(_: Library, *__: object, progress: Callable[[float], None], **___: object) -> Asset:
                clock.pass_by(10)
                progress(0.25)
                told.append(found.ready_at(found.of(arrival.id)))
                raise Refusal("media.broken", status=422)

            monkeypatch.setattr(Library, "take_in", slow)
            arrival = await begun(found)
            assert found.ready_at(arrival) is None
            await found.append(arrival.id, 0, pieces(PICTURE))
            await eventually(lambda: found.of(arrival.id).ended)
            assert found.ready_at(found.of(arrival.id)) is None

    run(play())
    assert told == [NOON + timedelta(seconds=40)]


def test_state_files_that_tell_of_nothing_are_left_alone(tmp_path: Path) -> None:
    """Half a file, another name, another form: no arrival, no fall."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    for name, text in (("a.json", "{"), ("b.json", "[]"), (f"{'0' * 24}.json", '{"id": "../x"}')):
        (folder / name).write_text(text)

    async def play() -> None:
        async with arrivals(tmp_path) as found:
            assert found.all() == ()

    run(play())


def test_what_is_thrown_away_while_it_comes_stays_away(tmp_path: Path) -> None:
    """A cancelled upload does not come back with the last bytes of its line."""

    async def play() -> None:
        async with arrivals(tmp_path) as found:
            arrival = await begun(found)
            more, come = asyncio.Event(), asyncio.Event()

            async def hanging() -> AsyncIterator[bytes]:
                yield PICTURE[:10]
                come.set()
                await more.wait()
                yield PICTURE[10:]

            writing = asyncio.create_task(found.append(arrival.id, 0, hanging()))
            await come.wait()
            await found.abandon(arrival.id)
            more.set()
            with pytest.raises(Refusal):
                await writing
            assert found.all() == ()
            assert not list((tmp_path / "uploads").iterdir())

    run(play())
