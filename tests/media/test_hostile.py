"""A corpus of hostile files is contained: each refused or taken inside the limits, a service answering all the time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from media.assets import AssetStore
from media.intake import IntakeRefused, take_in
from tests.media.hostile import Sample, corpus
from tests.running import run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

ENOUGH_MIB = 800
ENOUGH_S = 60.0
Outcome = tuple[list[Sample], dict[str, Any]]


@pytest.fixture(scope="module")
def contained(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The samples, and what became of them in one process of their own."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "work").mkdir()
    (folder / "files").mkdir()
    samples = list(corpus(folder / "work"))
    for sample in samples:
        (folder / "files" / sample.name).write_bytes(sample.data)
    command = [sys.executable, "-m", "tests.media.containing", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=380)
    return samples, json.loads(done.stdout.splitlines()[-1])


def test_every_sample_ends_as_it_must(contained: Outcome) -> None:
    """What must be refused is, what is good is taken, and of all others either."""
    samples, found = contained
    wrong = {
        sample.name: found["outcomes"].get(sample.name)
        for sample in samples
        if sample.taken is not None and (found["outcomes"].get(sample.name) == "taken") != sample.taken
    }
    assert len(samples) >= 100
    assert wrong == {}
    assert len(found["outcomes"]) == len(samples)


def test_no_sample_takes_much_memory_or_time(contained: Outcome) -> None:
    """The largest child of all, and the slowest."""
    _, found = contained
    assert found["peak_mib"] <= ENOUGH_MIB
    assert max(found["seconds"].values()) <= ENOUGH_S


def test_service_answers_throughout(contained: Outcome) -> None:
    """Its loop never waits for a file."""
    _, found = contained
    assert found["answers"] > 100
    assert found["slowest_answer_s"] < 2.0


def test_nothing_is_left_behind(contained: Outcome) -> None:
    """The store holds whole files under their hashes, and no folder of work."""
    _, found = contained
    assert (found["unsound"], found["left"]) == (0, 0)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A link to somewhere else by its bytes, a pipe and a folder at once: none of them is waited for."""
    link, pipe = tmp_path / "link.jpg", tmp_path / "pipe.jpg"
    link.symlink_to("/etc/passwd")
    os.mkfifo(pipe)
    for path in (link, pipe, tmp_path):
        with pytest.raises(IntakeRefused, match="not-a-picture"):
            run(take_in(path, name="a.jpg", sizes=[(108, 192)], store=AssetStore(tmp_path / "store")))
