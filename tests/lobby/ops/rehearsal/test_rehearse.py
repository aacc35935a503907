"""`lobby rehearse` as a process, and what a rehearsal of the samples says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from lobby.core.sitefile import read
from lobby.ops.rehearsal.play import Rehearsal, rehearsed
from tests.lobby.ops.rehearsal.scenes import SITES

SEOUL, OFFICE = SITES / "seoul-city-hall.toml", SITES / "small-office.toml"


def rehearse(*words: str, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "LANG": "C.UTF-8"}
    command = [sys.executable, "-m", "lobby.ops.cli", "rehearse", *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=100, check=False)


@pytest.mark.slow
def test_two_processes_with_different_hash_seeds_write_the_same_journal(tmp_path: Path) -> None:
    """A week with faults of every kind, byte for byte; stdout too, which holds no durations."""
    runs = []
    for seed in ("1", "2"):
        out = tmp_path / seed
        done = rehearse("--site", str(SEOUL), "--days", "7", "--faults", "-o", str(out), hash_seed=seed)
        assert done.returncode == 0, done.stdout + done.stderr
        runs.append((out.read_bytes(), done.stdout))
    assert runs[0] == runs[1]
    assert {"incident.closed", "clock.stepped"} <= {json.loads(line)["kind"] for line in runs[0][0].splitlines()}


@pytest.mark.slow
def test_progress_goes_to_stderr_and_the_summary_to_stdout() -> None:
    """Two days of the small office: plan and journal agree."""
    done = rehearse("--site", str(OFFICE), "--days", "2", "--from", "2026-11-23")
    assert done.returncode == 0
    assert "Plan and journal agree" in done.stdout
    assert "Rehearsing (2/2)" in done.stderr
    assert "Rehearsing" not in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("words", "code"), [(("--days", "0"), 1), (("--from", "soon"), 1), (("--days", "x"), 2)])
def test_what_cannot_be_rehearsed_is_refused_with_a_cure(words: tuple[str, ...], code: int) -> None:
    """1 where it is refused, 2 where it was said wrongly."""
    done = rehearse("--site", str(OFFICE), *words)
    assert done.returncode == code
    assert done.stderr


@pytest.mark.slow
def test_another_seed_throws_other_faults_and_all_is_well_at_the_end() -> None:
    """A week of the small office twice: whatever was thrown in was put right."""
    first, second = (
        rehearsed(Rehearsal(site=read(OFFICE), first=date(2026, 3, 1), days=7, seed=seed, faults=True))
        for seed in (1, 2)
    )
    assert first.well
    assert second.well
    assert first.entries[-1].hash != second.entries[-1].hash
