"""The units for systemd: known words only, shut in tightly, and commands that the program understands."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from lobby.ops.cli import build_parser

DOCKER = Path(__file__).parents[2] / "docker"
UNITS = sorted((DOCKER / "systemd").glob("*.service"))
PROGRAM = "/opt/lobby/bin/lobby"
EXPOSED_AT_MOST = "20"  # tenths: 2.0 of 10
FILTERED = Path(__file__).with_name("filtered.py")
WITHIN = {
    "lobby.service": (
        "tests/lobby/ops/test_children.py",
        "tests/lobby/ops/test_sceneprints.py::test_the_test_pattern_is_known_by_its_frame_too",
        "tests/media/test_film_intake.py::test_film_becomes_the_house_format",
        "tests/media/test_limited.py::test_idle_child_is_behind_everything",
        "tests/scenarios/test_media.py::test_a_picture_stands_on_its_panel_soon_after_it_was_taken_in",
    ),
    "lobby-player@.service": (
        "tests/scenarios/test_players.py::test_missing_asset_is_told_in_words_and_the_next_one_shown",
    ),
    "lobby-broker.service": ("tests/scenarios/test_own_broker.py",),
}


def installed(unit: Path, folder: Path) -> Path:
    """The unit as an instance with a program that exists here."""
    place = folder / unit.name.replace("@.", "@player.")
    place.write_text(unit.read_text().replace(PROGRAM, "/bin/true"))
    return place


def commands() -> list[str]:
    """What the units and the compose files start."""
    units = [
        line for unit in UNITS for line in re.findall(rf"^ExecStart={PROGRAM} (.*)$", unit.read_text(), re.MULTILINE)
    ]
    files = ("compose.yaml", "trial.yaml")
    return units + [
        line
        for name in files
        for line in re.findall(r"^    command: ([^\[\n].*)$", (DOCKER / name).read_text(), re.MULTILINE)
    ]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_nothing_to_say(tmp_path: Path, unit: Path) -> None:
    """An unknown or misspelt key would be a line of output."""
    place = installed(unit, tmp_path)
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", place], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_shut_in(tmp_path: Path, unit: Path) -> None:
    """systemd's own measure of exposure stays below 2.0 of 10."""
    words = ("systemd-analyze", "--offline=true", "security", f"--threshold={EXPOSED_AT_MOST}")
    place = str(installed(unit, tmp_path))
    done = subprocess.run([*words, place], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout[-300:]


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("unit", WITHIN)
def test_the_program_needs_nothing_that_its_unit_forbids(unit: str) -> None:
    """Tests of what a unit runs hold under its filter of system calls too, with no memory to write and execute."""
    words = (sys.executable, str(FILTERED), str(DOCKER / "systemd" / unit))
    tests = (sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *WITHIN[unit])
    done = subprocess.run([*words, *tests], capture_output=True, text=True, check=False, cwd=DOCKER.parent)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-500:]


def test_memory_that_a_child_took_does_not_stop_the_bells() -> None:
    """systemd stops a whole service by default when the kernel ended one of its processes."""
    text = (DOCKER / "systemd" / "lobby.service").read_text()
    assert "OOMPolicy=continue\nOOMScoreAdjust=-500\n" in text


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_never_gives_up(unit: Path) -> None:
    """However often it falls, it is started again."""
    text = unit.read_text()
    assert "\nRestart=always\n" in text
    assert "\nStartLimitIntervalSec=0\n" in text


@pytest.mark.parametrize("words", commands())
def test_the_program_understands_what_is_started(words: str) -> None:
    """Every command line of units and containers is one of ours."""
    meant = words.replace("${LOBBY_PLAYER:-lobby-player}", "lobby-player")
    assert build_parser("en").parse_args(shlex.split(meant)).performs
