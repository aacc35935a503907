"""`lobby calendar` on a folder at rest: what is confirmed, and a file put into its journal."""

from __future__ import annotations

import asyncio
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from lobby.core.clock import SystemClock
from lobby.core.datafolder import DataFolder
from lobby.core.journal import Journal
from lobby.ops import cli
from schedules import korea

NEXT = SystemClock().now().year + 1


def lobby(folder: Path, *words: str) -> int:
    """A command of the small office on this folder."""
    site = cli.sample("small-office")
    return cli.main(["--site", str(site), "--data", str(folder), *words])


def at_rest(folder: Path) -> DataFolder:
    """A data folder whose lobby was started once."""

    async def once() -> None:
        async with Journal.open(made.journal, clock=SystemClock()):
            pass

    made = DataFolder(folder)
    made.create()
    asyncio.run(once())
    return made


def with_one_more_day(year: int) -> tuple[str, date]:
    """The file of a year with one day more, and the day."""
    known = korea().year(year)
    taken = {one.day for one in known.days}
    day = next(
        found for number in range(2, 20) if (found := date(year, 3, number)) not in taken and found.weekday() < 5
    )
    return known.file("KR") + f'\n[[holiday]]\ndate = {day}\nname = "임시공휴일"\nkind = "temporary"\n', day


def test_a_file_put_in_at_rest_is_confirmed_and_in_the_plan(tmp_path: Path, capsys: Any) -> None:
    """It says what changes; afterwards `lobby plan` has the office shut on that day."""
    at_rest(tmp_path / "data")
    text, day = with_one_more_day(NEXT)
    (tmp_path / "next.toml").write_text(text, encoding="utf-8")
    assert lobby(tmp_path / "data", "calendar", "put", str(tmp_path / "next.toml")) == 0
    assert f"{day.day}" in capsys.readouterr().out
    assert lobby(tmp_path / "data", "calendar") == 0
    assert f"{NEXT}  confirmed" in capsys.readouterr().out
    lobby(tmp_path / "data", "plan", "--from", str(day), "--to", str(day + timedelta(days=1)), "--json")
    rules = {json.loads(line)["rule"] for line in capsys.readouterr().out.splitlines()}
    assert any("임시공휴일" in rule for rule in rules)


@pytest.mark.slow
def test_a_preview_at_rest_is_dark_on_the_new_holiday(tmp_path: Path, capsys: Any) -> None:
    """The programme compiled from the journal alone follows what was put in."""
    at_rest(tmp_path / "data")
    text, day = with_one_more_day(NEXT)
    (tmp_path / "next.toml").write_text(text, encoding="utf-8")
    words = ("preview", "counter-screen", "--at", f"{day}T10:00", "--scale", "0.1", "-o", str(tmp_path / "seen.png"))
    assert lobby(tmp_path / "data", *words) == 0
    assert " off " not in capsys.readouterr().out
    assert lobby(tmp_path / "data", "calendar", "put", str(tmp_path / "next.toml")) == 0
    assert lobby(tmp_path / "data", *words) == 0
    assert "off" in capsys.readouterr().out.splitlines()[-1]


def test_a_backup_takes_it_along(tmp_path: Path, capsys: Any) -> None:
    """Put in, backed up, restored into an empty folder: the year is confirmed there."""
    at_rest(tmp_path / "data")
    text, _ = with_one_more_day(NEXT + 1)
    (tmp_path / "later.toml").write_text(text, encoding="utf-8")
    assert lobby(tmp_path / "data", "calendar", "put", str(tmp_path / "later.toml")) == 0
    assert lobby(tmp_path / "data", "backup", "-o", str(tmp_path / "kept.tar")) == 0
    assert lobby(tmp_path / "again", "restore", str(tmp_path / "kept.tar")) == 0
    capsys.readouterr()
    lobby(tmp_path / "again", "calendar")
    assert f"{NEXT + 1}  confirmed" in capsys.readouterr().out


def test_a_file_that_is_not_there_or_not_ours_is_refused(tmp_path: Path, capsys: Any) -> None:
    """Exit code 1 with the cure; nothing is written."""
    folder = at_rest(tmp_path / "data")
    (tmp_path / "other.toml").write_text("name = 1\n", encoding="utf-8")
    assert lobby(folder.path, "calendar", "put", str(tmp_path / "none.toml")) == 1
    assert lobby(folder.path, "calendar", "put", str(tmp_path / "other.toml")) == 1
    assert lobby(folder.path, "calendar", "put") == 1
    assert "no holiday data file" in capsys.readouterr().err + capsys.readouterr().out


@pytest.mark.parametrize("words", [("calendar", "put", "x.toml"), ("calendar", "put")])
def test_without_a_journal_nothing_is_put_in(tmp_path: Path, words: tuple[str, ...]) -> None:
    """No folder is made by a mistyped path."""
    assert lobby(tmp_path / "nowhere", *words) == 1
    assert not (tmp_path / "nowhere").exists()
