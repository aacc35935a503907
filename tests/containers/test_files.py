"""What can be said of the containers without running them: the linter, and what every service gives up."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

DOCKER = Path(__file__).parents[2] / "docker"
HADOLINT = Path(sys.executable).parent / "hadolint"


def test_the_linter_finds_nothing_in_the_image_file() -> None:
    """hadolint says nothing at all, not even advice."""
    done = subprocess.run([HADOLINT, DOCKER / "Dockerfile"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_linter_would_find_something(tmp_path: Path) -> None:
    """It is the linter that is silent, not its absence."""
    (tmp_path / "Dockerfile").write_text("FROM debian\nRUN apt-get install curl\n")
    done = subprocess.run([HADOLINT, tmp_path / "Dockerfile"], capture_output=True, text=True, timeout=60)
    assert "DL3006" in done.stdout


def test_the_image_file_stays_plain_enough_for_buildah() -> None:
    """buildah 1.28 knows neither heredocs nor RUN --network."""
    text = (DOCKER / "Dockerfile").read_text()
    assert not re.search(r"^(RUN|COPY).*<<", text, re.MULTILINE)
    assert not re.search(r"^RUN --network", text, re.MULTILINE)


def test_every_image_runs_as_nobody_special() -> None:
    """The last user of each stage that runs is the fixed number."""
    for stage in re.split(r"^FROM ", (DOCKER / "Dockerfile").read_text(), flags=re.MULTILINE)[2:]:
        assert re.findall(r"^USER (\S+)", stage, re.MULTILINE)[-1] == "10001:10001"


def test_only_the_door_is_open_and_only_to_this_machine() -> None:
    """One published port in both files, on loopback."""
    text = "".join((DOCKER / name).read_text() for name in ("compose.yaml", "trial.yaml"))
    assert re.findall(r"^\s+ports: \[(.*)\]", text, re.MULTILINE) == ['"127.0.0.1:8443:8443"']
