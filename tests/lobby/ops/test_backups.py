"""Backup and restore: whole, or refused with nothing changed."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import tarfile
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lobby.core.attempts import Attempts
from lobby.core.clock import SystemClock
from lobby.core.datafolder import DataFolder
from lobby.core.journal import Fact, Journal
from lobby.core.problem import Refusal
from lobby.core.remaking import Remaking
from lobby.core.site import Site
from lobby.ops import backups
from lobby.ops.backups import SPARE, restore
from lobby.ops.cli import build_parser, main, sample
from media.assets import AssetStore
from tests.lobby.core.galleries import SITE as SMALL
from tests.lobby.core.galleries import library, upload
from tests.running import run
from tests.scenarios.house import Running, house

SITE = str(sample("small-office"))


def a_lobby(path: Path) -> DataFolder:
    """A data folder after a first day."""
    folder = DataFolder(path)
    folder.create()

    async def live() -> None:
        async with Journal.open(folder.journal, clock=SystemClock()) as journal:
            await journal.record(*(Fact(kind="day.changed", subject=f"thing-{n}", payload={"n": n}) for n in range(50)))
            await journal.checkpoint()

    run(live())
    AssetStore(folder.assets).put(b"a picture")
    (path / "players" / "office-player").mkdir(parents=True)
    (path / "players" / "office-player" / "token").write_text("secret")
    return folder


def lobby(data: Path, *words: str) -> int:
    """The command line on a data folder."""
    return main(["--site", SITE, "--data", str(data), *words])


def a_backup(tmp_path: Path) -> Path:
    """The backup of a first day."""
    file = tmp_path / "day.tar"
    assert lobby(a_lobby(tmp_path / "data").path, "backup", "-o", str(file)) == 0
    return file


def changed(file: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The same tar with other contents."""
    with tarfile.open(file) as tar:
        contents = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr] # files
    change(contents)
    other = file.with_name("other.tar")
    with tarfile.open(other, "w") as tar:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return other


def manifest(contents: dict[str, bytes], **words: object) -> None:
    """Other words in the manifest."""
    contents["manifest.json"] = json.dumps({**json.loads(contents["manifest.json"]), **words}).encode()


def test_what_comes_back_is_what_was(tmp_path: Path) -> None:
    """Journal with chain, key and checkpoint, picture, token and site file; nobody else may read any of it."""
    file, data = a_backup(tmp_path), tmp_path / "new"
    assert lobby(data, "restore", str(file)) == 0
    assert lobby(data, "journal", "verify") == 0
    names = {str(path.relative_to(data)) for path in data.rglob("*") if path.is_file()}
    assert {"journal.db", "journal.key", "site.toml", "players/office-player/token"} <= names
    assert (data / "site.toml").read_bytes() == sample("small-office").read_bytes()
    assert [path.read_bytes() for path in data.glob("assets/??/*")] == [b"a picture"]
    assert {path.stat().st_mode & 0o077 for path in (file, data, *data.rglob("*"))} == {0}


DAMAGES: dict[str, Callable[[dict[str, bytes]], None]] = {
    "a changed byte": lambda contents: contents.update({"journal.key": b"f" * 64}),
    "a file less": lambda contents: contents.__delitem__("journal.key"),
    "a file more": lambda contents: contents.update({"players/x/token": b"mine"}),
    "a way out": lambda contents: contents.update({"emergency/../../evil": b"mine"}),
    "another name": lambda contents: contents.update({"authorized_keys": b"mine"}),
    "no manifest": lambda contents: contents.__delitem__("manifest.json"),
    "another format": lambda contents: manifest(contents, format=2),
    "a newer program": lambda contents: manifest(contents, version="99.0.0"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_backup_changes_nothing(tmp_path: Path, damage: Callable[[dict[str, bytes]], None]) -> None:
    """Refused with 1, and the data folder holds nothing but its lock."""
    data = tmp_path / "new"
    assert lobby(data, "restore", str(changed(a_backup(tmp_path), damage))) == 1
    assert [path.name for path in data.iterdir()] == ["lock"]


def test_half_a_file_is_no_backup(tmp_path: Path) -> None:
    """A copy that was cut off is refused."""
    file = a_backup(tmp_path)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert lobby(tmp_path / "new", "restore", str(file)) == 1


def test_a_journal_that_somebody_changed_is_refused(tmp_path: Path) -> None:
    """Although every sum of the backup is right."""
    folder = a_lobby(tmp_path / "data")

    with closing(sqlite3.connect(folder.journal)) as db:
        for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {trigger}")
        db.execute("UPDATE journal SET payload = '{}' WHERE seq = 7")
        db.commit()
    assert lobby(folder.path, "backup", "-o", str(tmp_path / "forged.tar")) == 0
    assert lobby(tmp_path / "new", "restore", str(tmp_path / "forged.tar")) == 1
    assert not (tmp_path / "new" / "journal.db").exists()


def test_nothing_is_written_over_a_lobby(tmp_path: Path) -> None:
    """Neither over one that runs nor over one that rests."""
    file, data = a_backup(tmp_path), tmp_path / "data"
    assert lobby(data, "restore", str(file)) == 1
    options = build_parser("en").parse_args(["--data", str(tmp_path / "running"), "restore", str(file)])
    with DataFolder(tmp_path / "running").hold(), pytest.raises(Refusal, match=r"cli\.locked"):
        restore(options)


def larger() -> Site:
    """The galleries' site after its installer has hung larger panels."""
    document = SMALL.model_dump(mode="json", by_alias=True)
    for panel in document["surfaces"]["wall"]["panels"]:
        panel["pixels"] = [108, 160]
    return Site.model_validate(document)


async def brought(data: Path, *colours: tuple[int, int, int]) -> list[str]:
    """Pictures that were uploaded to a lobby that rests now."""
    DataFolder(data).create()
    async with library(data, data / "journal.db", store="assets") as found:
        files = [upload(data.parent, colour, f"picture-{n}") for n, colour in enumerate(colours)]
        return [(await found.take_in(file, name=file.name, person="p1")).id for file in files]


@pytest.mark.slow
def test_content_is_made_again_after_a_restore(tmp_path: Path) -> None:
    """On an empty folder, for other walls, from the files that came; nobody but the owner may read those."""
    (name,) = run(brought(tmp_path / "data", (9, 99, 199)))
    file, data = tmp_path / "day.tar", tmp_path / "new"
    assert lobby(tmp_path / "data", "backup", "-o", str(file)) == 0
    assert lobby(data, "restore", str(file)) == 0

    async def changed_wall() -> None:
        async with library(data, data / "journal.db", site=larger(), store="assets") as found:
            await found.tidy()
            remaking = Remaking(found, attempts=Attempts(data / "remaking"))
            await remaking.run()
            assert (remaking.said()["done"], remaking.said()["lost"]) == (1, [])
            assert remaking.unkept()["unkept"] == []
            with Image.open(found.content(found.ever()[name].renditions["108x160"])) as made:
                assert made.size == (108, 160)

    run(changed_wall())
    assert {path.stat().st_mode & 0o077 for path in (data / "originals").rglob("*")} == {0}


@pytest.mark.slow
def test_what_cannot_be_made_again_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the backup that leaves the files out, by the restore, and then by name."""
    run(brought(tmp_path / "data", (9, 99, 199), (1, 2, 3)))
    file, data = tmp_path / "day.tar", tmp_path / "new"
    assert lobby(tmp_path / "data", "backup", "--without-originals", "-o", str(file)) == 0
    assert "own files are not in the backup: 2" in capsys.readouterr().out
    assert lobby(data, "restore", str(file)) == 0
    assert "own files are not in the backup: 2" in capsys.readouterr().out

    async def told() -> None:
        async with library(data, data / "journal.db", store="assets") as found:
            remaking = Remaking(found, attempts=Attempts(data / "remaking"))
            assert remaking.unkept() == {"unkept": ["picture-0", "picture-1"], "unkept_count": 2}

    run(told())


@pytest.mark.parametrize("free", [0, SPARE + 5000])
def test_nothing_begins_that_the_disk_has_no_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int
) -> None:
    """Neither a backup nor a restore; what lies there stays as it is."""
    file, rest = a_backup(tmp_path), tmp_path / "rest"
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - free, free))
    assert lobby(tmp_path / "data", "backup", "-o", str(tmp_path / "second.tar")) == 1
    assert lobby(rest, "restore", str(file)) == 1
    assert not (tmp_path / "second.tar").exists()
    assert [path.name for path in rest.iterdir()] == ["lock"]


def test_what_goes_while_a_backup_is_written_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture whose month after its deletion ends meanwhile; the backup is whole."""
    folder, file = a_lobby(tmp_path / "data"), tmp_path / "day.tar"
    found = backups._sources

    def then_swept(*words: Any, **named: Any) -> dict[str, Path]:
        sources = found(*words, **named)
        for path in folder.assets.glob("??/*"):
            path.unlink()
        return sources

    monkeypatch.setattr(backups, "_sources", then_swept)
    assert lobby(folder.path, "backup", "-o", str(file)) == 0
    assert lobby(tmp_path / "new", "restore", str(file)) == 0


def test_large_files_pass_in_small_pieces(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A film of 64 MB is written and read back with a few MB of memory, and told in twenty steps."""
    folder = a_lobby(tmp_path / "data")
    film = folder.path / "film"
    with film.open("wb") as into:
        into.truncate(64 * 1024 * 1024)
    sha = AssetStore(folder.originals).take(film)
    file, data = tmp_path / "day.tar", tmp_path / "new"
    tracemalloc.start()
    assert lobby(folder.path, "backup", "-o", str(file)) == 0
    assert lobby(data, "restore", str(file)) == 0
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * 1024 * 1024
    assert AssetStore(data / "originals").sound(sha)
    assert capsys.readouterr().out.count("/20)") == 40


@pytest.mark.slow
def test_a_running_lobby_is_backed_up_and_lives_again_elsewhere(tmp_path: Path) -> None:
    """People who were added before the backup sign in at the restored lobby; the first one never stopped."""
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
    with house(tmp_path / "a", site="small-office") as first:
        running = first.start()
        running.admin()
        file = tmp_path / "running.tar"
        assert first.process("backup", "-o", str(file), log="backup.log").popen.wait(20) == 0
        running.person("later", "guard")
        assert running.ready()
    with house(tmp_path / "b", site="small-office") as second:
        assert second.process("restore", str(file), log="restore.log").popen.wait(20) == 0
        people = Running(second.launch(), second.data).order("user-list")["people"]
        assert [person["account"] for person in people] == ["admin"]
