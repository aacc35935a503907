"""What is kept, for how long: the help page says what the code does, and what hangs on what is gone goes too."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from devices import trace
from lobby.core import arrivals, library, originals, records
from lobby.core.clock import VirtualClock
from lobby.core.datafolder import DataFolder
from lobby.core.hub import Hub
from lobby.core.site import About
from lobby.core.words import LANGUAGES
from lobby.day import warmups
from lobby.ops import backups, retention, sweeping
from lobby.ops.cli import main, sample
from lobby.web import sessions, undoing
from media.assets import AssetStore
from media.expected import ExpectedPrints
from media.limited import MIB
from tests.lobby.core.galleries import NOON
from tests.lobby.core.test_batches import intake
from tests.lobby.ops.test_backups import a_lobby
from tests.running import run
from tests.scenarios.house import house

GONE = 2**22 + 7
"""A process number that Linux never gives."""
SITE = About.model_fields["keep_texts_days"]
GIB = 1024 * MIB
HOURS = int(sessions.SHIFT.absolute.total_seconds() // 3600)
CONTAINERS = Path(__file__).parents[3] / "docker" / "compose.yaml"
SAID = {
    "ko": (
        f"**{SITE.default}일** 뒤",
        "366일에서 3653일까지",
        f"최근 {retention.WITHIN.days}일에 자정을 {retention.NIGHTS}번",
        f"모두 {library.MAX_ASSETS}개까지",
        f"**{records.KEPT_AFTER_REMOVAL.days}일** 동안",
        f"{originals.LEAST_FREE // GIB} GB가 남지",
        f"**{arrivals.EXPIRES.days}일** 뒤에 버립니다",
        f"{arrivals.TOLD_FOR.days}일 동안 보이고",
        f"{arrivals.PERSONS_FILES}개, {arrivals.PERSONS_BYTES // GIB} GB",
        f"마지막 {2 * warmups.KEPT}번",
        f"{HOURS}시간",
        f"마지막 {undoing.MOST}개",
        f"기기마다 {trace.KEPT}줄",
    ),
    "en": (
        f"**{SITE.default} days**",
        "(366 to 3653)",
        f"{retention.NIGHTS} midnights in the last {retention.WITHIN.days} days",
        f"{library.MAX_ASSETS} works at most",
        f"**{records.KEPT_AFTER_REMOVAL.days} days**, then",
        f"less than {originals.LEAST_FREE // GIB} GB",
        f"**{arrivals.EXPIRES.days} days** after their last byte",
        f"shown for {arrivals.TOLD_FOR.days} day",
        f"{arrivals.PERSONS_FILES} files, {arrivals.PERSONS_BYTES // GIB} GB",
        f"last {2 * warmups.KEPT} of",
        f"{HOURS} hours",
        f"last {undoing.MOST} acts",
        f"{trace.KEPT} lines of",
    ),
}
"""What the page has to say, written from the constants that the code goes by."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_page_says_what_the_code_does(language: str) -> None:
    """Every number of it is that of a constant."""
    page = files("lobby.web").joinpath("help", language, "kept.md").read_text(encoding="utf-8")
    assert [said for said in SAID[language] if said not in page] == []
    assert [
        each for each in SITE.metadata if getattr(each, "ge", 366) != 366 or getattr(each, "le", 3653) != 3653
    ] == []
    assert sweeping.SWEEP_EVERY.total_seconds() == 3600


FOLDER = {
    "journal.db": "the journal: only grows, what people wrote is erased",
    "journal.db-shm": "SQLite's",
    "journal.db-wal": "SQLite's; moved into the file in quiet moments",
    "journal.key": "one key",
    "assets": "5000 works; a month after their deletion",
    "originals": "as assets",
    "uploads": "a week after the last byte, a day after the end",
    "attempts": "one file for each upload under way",
    "remaking": "one file for each work that is made again",
    "prints": "one for each rendition; swept every hour",
    "notices": "stills on their way; emptied at a start",
    "emergency": "until it stands in the journal",
    "players": "one token each",
    "samples": "the samples of the program",
    "simulated": "the simulated hardware's, for trying only",
    "set-up-code": "until the first admin",
    "lobby.sock": "the local line",
    "lock": "one number",
}
"""What lies in a data folder, and what bounds it."""
TABLES = {
    "journal": "only grows",
    "journal_checkpoints": "one a day",
    "journal_projections": "one a table",
    "journal_pulse": "one row",
    "played": "a fold: by day, panel and content",
    "played_until": "one a surface",
    "playing": "one a surface",
    "openings": "one a day, numbers only",
    "handovers": "a fold, numbers only",
    "incidents": "a fold; words go with the journal's",
    "incidents_steps": "a fold",
    "incidents_presses": "the last 20,000",
    "library": "5000 works, and one pin a panel",
    "playlists": "revisions that staff made",
    "playlists_removed": "one a playlist",
    "airings": "what has not ended",
    "overrides": "what has not ended",
    "commands": "what has not ended",
    "modes": "one a thing",
    "desired": "one a thing",
    "choices": "one a choice of the site file",
    "special_days": "days that staff set",
    "special_days_revision": "one row",
    "official_years": "public holidays that staff put in and did not take back",
    "warm_ups": "the last 20 of each display",
    "bell_flags": "one a bell and flag",
    "bells_met": "one a bell",
    "people": "one an account",
    "people_machines": "one a token",
    "people_sessions": "deleted when over",
}
"""The tables of a lobby, and what bounds each."""
STRANGE = re.compile(r"phone|mail|birth|resident|image|photo|picture|audio|voice|(?<!sur)face", re.IGNORECASE)


@pytest.mark.slow
def test_everything_that_a_lobby_writes_has_its_bound(tmp_path: Path) -> None:
    """A new file or table has to be thought about; none has a place for what nobody needs to know of people."""
    with house(tmp_path, site="small-office") as lobby:
        lobby.start().admin()
        assert {path.name for path in lobby.data.iterdir()} <= FOLDER.keys()
        with closing(sqlite3.connect(f"file:{lobby.data / 'journal.db'}?mode=ro", uri=True)) as db:
            tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            columns = [row[1] for name in tables for row in db.execute(f"PRAGMA table_info('{name}')")]
        assert set(tables) <= TABLES.keys()
        assert [name for name in columns if STRANGE.search(name)] == []


def test_containers_keep_a_bounded_part_of_what_is_printed() -> None:
    """Each of them; an engine would keep all of it."""
    shared, _, services = CONTAINERS.read_text().partition("\nservices:\n")
    assert re.search(r"x-guarded: &guarded\n(?:  .*\n)*  logging: .*max-size: \"20m\"", shared)
    assert len(re.findall(r"^  \w+:.*\n    <<: \*(?:guarded|inside)$", services, re.MULTILINE)) == 5
    assert len(re.findall(r"^  \w+:", services.partition("\nvolumes:")[0], re.MULTILINE)) == 5


def test_prints_go_with_their_content_while_the_lobby_runs(tmp_path: Path) -> None:
    """At the next sweep, not only at the next start."""

    async def play() -> None:
        async with intake(tmp_path) as found:
            folder = tmp_path / "prints"
            folder.mkdir()
            kept = found.library.store.put(b"a picture")
            for sha in (kept, "a" * 64):
                (folder / f"{sha}.json").write_text("{}")
            watch = sweeping.ContentWatch(
                found.library,
                found.arrivals,
                found.batches,
                clock=VirtualClock(NOON),
                hub=Hub(VirtualClock(NOON), {}),
                zone=ZoneInfo("Asia/Seoul"),
                tidies=ExpectedPrints(folder, found.library.store).tidy,
            )
            await watch.sweep()
            assert [path.stem for path in folder.iterdir()] == [kept]

    run(play())


def test_what_a_killed_restore_left_goes_at_the_next_start(tmp_path: Path) -> None:
    """It may be as large as the backup; drafts of single files go too."""
    folder = DataFolder(tmp_path)
    AssetStore(tmp_path / ".restoring-x1" / "assets").put(b"half a lobby")
    (tmp_path / ".site.toml.7.new").write_text("half")
    (tmp_path / "journal.db").touch()
    with folder.hold():
        assert sorted(path.name for path in tmp_path.iterdir()) == ["journal.db", "lock"]


def test_what_a_killed_backup_left_goes_with_the_next(tmp_path: Path) -> None:
    """After a day, when its process is gone; one that is being written, also by another machine, stays."""
    data, beside = a_lobby(tmp_path / "data").path, tmp_path / "backups"
    beside.mkdir()
    dead = [beside / f".backup-{GONE}-x", beside / f".day.lobby-backup.tar.{GONE}.new"]
    lives = [beside / f".backup-{os.getpid()}-x", beside / f".day.lobby-backup.tar.{os.getpid()}.new"]
    elsewhere = beside / f".backup-{GONE}-y"
    for each in (*dead, *lives, elsewhere, beside / ".bashrc.new"):
        each.touch() if each.suffix == ".new" else each.mkdir()
        os.utime(each, None if each == elsewhere else (0, 0))
    words = ["--site", str(sample("small-office")), "--data", str(data), "backup", "-o", str(beside / "day.tar")]
    assert main(words) == 0
    assert not any(each.exists() for each in dead)
    assert all(each.exists() for each in (*lives, elsewhere, beside / ".bashrc.new"))
    assert backups.LEFT.fullmatch(lives[0].name)
