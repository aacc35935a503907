"""Imports: every entry has an outcome, what comes waits for its label, one bad file stops nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lobby.core.arrivals import Arrivals
from lobby.core.batches import Batches
from lobby.core.clock import VirtualClock
from lobby.core.holdings import LIBRARY
from lobby.core.imports import Import, Imports, dwell_of, looked_through
from lobby.core.journal import MEMORY, Journal
from lobby.core.library import Library
from lobby.core.playlists import PLAYLISTS, Playlists
from lobby.core.problem import Refusal
from lobby.core.records import State
from media.assets import AssetStore
from media.exports import Exported
from tests.lobby.core.galleries import NOON, SITE
from tests.media.exported import anthias, days, picture, row
from tests.running import run

pytestmark = pytest.mark.slow

SEOUL = ZoneInfo("Asia/Seoul")
Work = Callable[[Imports, Library, Journal], Awaitable[None]]


def importing(folder: Path, work: Work) -> None:
    """Do the work while the duty runs."""

    async def whole() -> None:
        async with Journal.open(MEMORY, clock=VirtualClock(NOON), projections=(LIBRARY, PLAYLISTS)) as journal:
            playlists = Playlists(journal, SITE)
            library = Library(journal, AssetStore(folder / "store"), SITE, playlists)
            await library.load()
            clock, uploads = VirtualClock(NOON), folder / "uploads"
            batches = Batches(journal, library, Arrivals(uploads, library, clock=clock))
            imports = Imports(
                library,
                playlists,
                batches=batches,
                journal=journal,
                folder=uploads,
                zone=SEOUL,
                told=lambda: None,
            )
            duty = asyncio.get_running_loop().create_task(imports.run(), name="imports")
            try:
                await work(imports, library, journal)
            finally:
                duty.cancel()
                await asyncio.gather(duty, return_exceptions=True)

    run(whole())


async def over(imports: Imports) -> Import:
    """The import when it is over."""
    while imports.current is None or not imports.current.over:
        await imports.moved_on(len(imports.current.outcomes) if imports.current else 0)
    return imports.current


def backup(tmp_path: Path) -> Path:
    """Two pictures, one of them spoilt, and a web page."""
    rows = [
        row("a", "봄.jpg", "x/a.jpg", play_order=0),
        row("b", "여름.jpg", "x/b.jpg", play_order=1),
        row("w", "날씨", "https://example.org", mimetype="webpage", play_order=2),
        row("c", "가을.jpg", "x/c.jpg", play_order=3, duration="1"),
    ]
    files = {"a.jpg": picture("teal"), "b.jpg": picture()[:200], "c.jpg": picture("red")}
    return anthias(tmp_path / "backup.tar.gz", rows, files)


def test_every_entry_has_its_outcome_in_order(tmp_path: Path) -> None:
    """A spoilt file and a page are told with their reasons; the others are drafts that wait for their labels."""

    async def work(imports: Imports, library: Library, journal: Journal) -> None:
        source = backup(tmp_path)
        imports.begin(source, await looked_through(source), person="p1")
        done = await over(imports)
        problems = [each.problem.code if each.problem else "" for each in done.outcomes]
        assert problems == ["", "media.broken", "import.webpage", ""]
        assert [asset.title for asset in library.assets()] == ["봄", "가을"]
        records = library.records.all().values()
        assert {(each.state, each.by, each.batch) for each in records} == {(State.DRAFT, "p1", done.batch)}
        assert library.usable() == {}
        assert source.exists()
        assert list((tmp_path / "uploads").iterdir()) == []

    importing(tmp_path, work)


def test_what_came_stands_in_a_draft_in_its_old_order(tmp_path: Path) -> None:
    """With its dwell, dates, weekdays and hours; what was switched off there comes as content only."""

    async def work(imports: Imports, library: Library, journal: Journal) -> None:
        rows = [
            row("b", "둘", "x/b.jpg", play_order=2, duration="7", play_days=days(1, 7), end_date="2026-12-31 15:00:00"),
            row("a", "하나", "x/a.jpg", play_order=1, play_time_from="09:00:00", play_time_to="18:00:00"),
            row("c", "셋", "x/c.jpg", play_order=3, is_enabled=0),
        ]
        colours = zip("abc", ("teal", "red", "blue"), strict=True)
        source = anthias(tmp_path / "로비.tar.gz", rows, {f"{name}.jpg": picture(colour) for name, colour in colours})
        imports.begin(source, await looked_through(source), person="p1")
        done = await over(imports)
        assert len(done.brought) == 3
        playlists = Playlists(journal, SITE)
        await playlists.load()
        (name,) = done.drafts
        draft = playlists.draft(name)
        assert draft is not None
        assert (draft.waiting, draft.person, draft.playlist.name.ko) == (True, "p1", "로비")
        first, second = draft.playlist.items
        assert [asset.title for asset in library.assets() if asset.id == first.asset] == ["하나"]
        assert (first.dwell_s, [(each.from_, each.to) for each in first.hours]) == (10.0, [(time(9), time(18))])
        assert (second.dwell_s, second.days, second.from_, second.to) == (
            7.0,
            ("mon", "sun"),
            date(2026, 1, 1),
            date(2026, 12, 31),
        )
        assert name not in playlists.all()

    importing(tmp_path, work)


def test_it_is_recorded_with_its_counts(tmp_path: Path) -> None:
    """One fact, whatever came of it."""

    async def work(imports: Imports, library: Library, journal: Journal) -> None:
        source = backup(tmp_path)
        imports.begin(source, await looked_through(source), person="p1", ours=True)
        await over(imports)
        fact = (await journal.entries(kinds=frozenset({"media.imported"})))[0]
        assert fact.payload is not None
        told = {key: fact.payload[key] for key in ("system", "brought", "refused", "person")}
        assert told == {"system": "anthias", "brought": 2, "refused": 2, "person": "p1"}
        assert not source.exists()

    importing(tmp_path, work)


def test_one_import_at_a_time(tmp_path: Path) -> None:
    """A second one waits outside; after the first it may come."""

    async def work(imports: Imports, library: Library, journal: Journal) -> None:
        source = backup(tmp_path)
        export = await looked_through(source)
        imports.begin(source, export, person="p1")
        with pytest.raises(Refusal) as found:
            imports.begin(source, export, person="p2")
        assert found.value.problem.code == "import.busy"
        await over(imports)
        imports.begin(source, export, person="p2")
        assert len((await over(imports)).brought) == 2
        assert len(library.assets()) == 2

    importing(tmp_path, work)


def test_an_export_that_vanished_ends_the_import_with_words(tmp_path: Path) -> None:
    """And the duty goes on for the next one."""

    async def work(imports: Imports, library: Library, journal: Journal) -> None:
        source = backup(tmp_path)
        export = await looked_through(source)
        source.unlink()
        imports.begin(source, export, person="p1")
        done = await over(imports)
        assert done.problem is not None
        assert done.problem.code == "media.export-unknown"
        imports.begin(again := backup(tmp_path), await looked_through(again), person="p1")
        assert len((await over(imports)).brought) == 2

    importing(tmp_path, work)


def test_what_cannot_be_read_is_refused_with_words(tmp_path: Path) -> None:
    """Before anything begins."""
    (tmp_path / "a.zip").write_bytes(b"no archive" * 100)
    with pytest.raises(Refusal) as found:
        run(looked_through(tmp_path / "a.zip"))
    assert found.value.problem.code == "media.export-unknown"


@pytest.mark.parametrize(("seconds", "dwell"), [(None, 12.0), (10.0, 10.0), (1.0, 2.0), (86400.0, 3600.0)])
def test_a_dwell_stays_within_what_a_playlist_may_have(seconds: float | None, dwell: float) -> None:
    """As long as it stood there, else as usual here."""
    assert dwell_of(Exported(title="a", file="a", seconds=seconds), 12) == dwell
