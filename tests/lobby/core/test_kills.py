"""Killed while content is taken in, and started again: whole or not there, and nothing is left over."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from lobby.core.journal import NotDurable
from lobby.core.library import TIDIED, Library
from media.assets import AssetStore, hash_of
from tests.lobby.core.bringer import board, bring_until_killed, post_until_killed, posted
from tests.lobby.core.galleries import approve, library, upload
from tests.lobby.safety.presser import PRELOADED
from tests.running import run

pytestmark = pytest.mark.slow
forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(PRELOADED)

STEP = 11  # some 55 boundaries were counted for a picture, 59 for a moving one, 82 for a notice of two stills


def _killed(work: Callable[..., None], *words: object) -> None:
    child = forks.Process(target=work, args=words)
    child.start()
    child.join(60)
    assert child.exitcode == -9


def _source(folder: Path, kind: str) -> Path:
    pillow_heif.register_heif_opener()
    path, more = folder / f"a.{kind}", {}
    slope = np.add.outer(np.arange(300), np.arange(400)) // 3
    pictures = [Image.fromarray(np.uint8(slope + n)).convert("RGB") for n in range(12)]
    if kind == "gif":
        more = {"save_all": True, "append_images": pictures[1:], "duration": 200}
    pictures[0].save(path, {"heic": "HEIF"}.get(kind, kind.upper()), **more)
    return path


def _whole(found: Library, folder: Path) -> bool:
    """Every file of every asset has its bytes, there is no other file, and no draft."""
    store = AssetStore(folder / "store")
    content = {sha for asset in found.ever().values() for sha in asset.content()}
    left = list((folder / "store" / "incoming").iterdir())
    return set(store.kept()) == content and all(store.sound(sha) for sha in content) and left == []


async def _told(found: Library) -> list[Any]:
    return [entry.payload for entry in await found._journal.entries(kinds=[TIDIED])]


KILLS = (
    [("png", at) for at in range(2, 56, STEP)]
    + [("gif", at) for at in (14, 36, 56)]
    + [("heic", at) for at in (30, 44)]
)


@pytest.mark.parametrize(("kind", "kill_at"), KILLS)
def test_killed_while_a_picture_is_taken_in(tmp_path: Path, kind: str, kill_at: int) -> None:
    """After the next start it is there whole or not at all, and the same file is taken in as ever."""
    source = _source(tmp_path, kind)
    _killed(bring_until_killed, source, tmp_path, kill_at)

    async def work() -> None:
        async with library(tmp_path, tmp_path / "journal.db") as found:
            await approve(found, (await found.take_in(upload(tmp_path), name="other.png", person="p1")).id)
        async with library(tmp_path, tmp_path / "journal.db") as found:
            await found.tidy()
            assert _whole(found, tmp_path)
            asset = await found.take_in(source, name=source.name, person="p1", across=True)
            assert asset.id == hash_of(source)
            assert _whole(found, tmp_path)

    run(work())


@pytest.mark.parametrize("kill_at", [20, 33, 40, 52, 78])
def test_killed_while_a_notices_stills_are_made(tmp_path: Path, kill_at: int) -> None:
    """Nothing of the notice is on air; posted again it has all its pages, and no page is there twice."""
    _killed(post_until_killed, tmp_path, kill_at)

    async def work() -> None:
        async with board(tmp_path, tmp_path / "journal.db") as (notices, found):
            assert notices.current() == ()
            made = await posted(notices)
            await notices.settle()
            assert len(found.by_id()) == len(made.details["stills"]) == 2
            assert list((tmp_path / "notices").iterdir()) == []
        async with board(tmp_path, tmp_path / "journal.db") as (notices, found):
            assert _whole(found, tmp_path)

    run(work())


def test_what_a_killed_run_left_is_removed_and_told(tmp_path: Path) -> None:
    """Files without a record and drafts go; what a deleted asset may still come back with stays."""
    store = AssetStore(tmp_path / "store")

    async def work() -> None:
        async with library(tmp_path, tmp_path / "journal.db") as found:
            kept = await found.take_in(upload(tmp_path), name="a.png", person="p1")
            gone = await found.take_in(upload(tmp_path, (9, 9, 9)), name="b.png", person="p1")
            await found.records.remove(gone.id, person="p1")
            orphan = store.put(b"x" * 2_000_000)
            (tmp_path / "store" / "incoming" / "half").mkdir()
        async with library(tmp_path, tmp_path / "journal.db") as found:
            await found.tidy()
            await found.tidy()
            assert set(store.kept()) == kept.content() | gone.content()
            assert not store.has(orphan)
            assert await _told(found) == [{"drafts": 1, "files": 1, "megabytes": "1.9"}]

    run(work())


def test_files_of_another_journal_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the journal knows of no content, or cannot be trusted to, nothing is thrown away."""
    store = AssetStore(tmp_path / "store")
    orphan = store.put(b"x")

    async def work() -> None:
        async with library(tmp_path) as found:
            await found.tidy()
            assert store.has(orphan)
            await found.take_in(upload(tmp_path), name="a.png", person="p1")
            monkeypatch.setattr(found._journal, "healthy", lambda: False)
            await found.tidy()
            assert store.has(orphan)

    run(work())


def test_full_disk_does_not_keep_a_start_from_tidying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be told is removed all the same."""

    async def full(*_: object) -> None:
        raise NotDurable("disk-full")

    async def work() -> None:
        async with library(tmp_path) as found:
            await found.take_in(upload(tmp_path), name="a.png", person="p1")
            orphan = AssetStore(tmp_path / "store").put(b"x")
            monkeypatch.setattr(found._journal, "record", full)
            await found.tidy()
            assert not AssetStore(tmp_path / "store").has(orphan)

    run(work())
