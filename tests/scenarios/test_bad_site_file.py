"""A wrong site file: `lobby check` and `lobby run` name key path, cause and cure in both languages; nothing starts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lobby.core.sitefile import examine
from lobby.core.words import LANGUAGES, explain
from tests.scenarios.house import ENVIRONMENT, SITES, house
from tests.scenarios.staff import Staff

pytestmark = [pytest.mark.slow, pytest.mark.timeout(60)]

NEAR, WHOLE = "site.unknown-key-near", "site.need-whole-number"
MISTAKES = [
    (
        "seoul-city-hall",
        "heartbeat-s = 60",
        "heartbeet-s = 60",
        "things.bell-desk.heartbeet-s",
        "site.unknown-key-near",
    ),
    ("seoul-city-hall", "baud = 9600", 'baud = "fast"', "links.wall-line.baud", WHOLE),
    ("seoul-city-hall", 'from = "18:00"', 'from = "17:00"', "hours.civil-desk.weekly", "site.overlap"),
    ("small-office", "one-person = true", "coffee = true", "site.coffee", "site.unknown-key"),
    (
        "small-office",
        "press-input = 0",
        "press-input = true",
        "things.bell-counter.press-input",
        "site.need-whole-number",
    ),
    (
        "small-office",
        "public-holiday = []",
        'public-holiday = [{ from = "09:00", to = "12:00" }, { from = "11:00", to = "13:00" }]',
        "hours.office.public-holiday",
        "site.overlap",
    ),
]


@pytest.mark.parametrize(("site", "old", "new", "key", "code"), MISTAKES)
@pytest.mark.parametrize("command", ["check", "run"])
def test_a_mistake_is_named_with_its_cure(
    tmp_path: Path, command: str, site: str, old: str, new: str, key: str, code: str
) -> None:
    """Unknown keys, wrong types, overlapping rules: file, line, key path, cause, cure; exit code 1."""
    path = wrong(tmp_path, site, old, new)
    done = lobby(path, tmp_path / "data", command)
    assert done.returncode == 1
    assert re.search(rf"{re.escape(str(path))}:\d+ {re.escape(key)}$", done.stderr, re.MULTILINE)
    assert_explained(path, code, done.stderr)


def test_bytes_that_are_no_text_are_named_with_their_line(tmp_path: Path) -> None:
    """Bad UTF-8 in the file itself."""
    path = tmp_path / "site.toml"
    path.write_bytes((SITES / "small-office.toml").read_bytes().replace("작은".encode(), b"\xff\xfe", 1))
    done = lobby(path, tmp_path / "data", "check")
    assert done.returncode == 1
    assert f"{path}:1" in done.stderr
    assert_explained(path, "site.not-utf-8", done.stderr)


def test_a_running_lobby_does_not_care_for_a_spoiled_file(tmp_path: Path) -> None:
    """It goes on ringing; the next start is refused without touching a record, and the mended file starts again."""
    with house(tmp_path, site="small-office") as lobby_:
        staff, right = Staff(lobby_), lobby_.site_file.read_text()
        lobby_.site_file.write_text(right.replace("press-input", "pres-input"))
        staff.press_goes_through("bell-counter")
        staff.stop()
        before = (lobby_.data / "journal.db").read_bytes()
        assert lobby(lobby_.site_file, lobby_.data, "run").returncode == 1
        assert (lobby_.data / "journal.db").read_bytes() == before
        lobby_.site_file.write_text(right)
        staff.restart()
        staff.press_goes_through("bell-counter")
        staff.nothing_lost()


def wrong(folder: Path, site: str, old: str, new: str) -> Path:
    """A sample with one mistake in it."""
    path, text = folder / "site.toml", (SITES / f"{site}.toml").read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return path


def lobby(path: Path, data: Path, command: str) -> subprocess.CompletedProcess[str]:
    """A command of the product on a site file."""
    words = (sys.executable, "-m", "lobby.ops.cli", "--site", str(path), "--data", str(data), command)
    return subprocess.run(words, capture_output=True, text=True, env=ENVIRONMENT, timeout=30, check=False)


def assert_explained(path: Path, code: str, told: str) -> None:
    """What and cure of that mistake stand there in Korean and in English."""
    (problem,) = [one.problem for one in examine(path)[1] if one.problem.code == code]
    for language in LANGUAGES:
        assert all(words in told for words in explain(problem, language))
