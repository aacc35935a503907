"""The bill of materials says what the lock says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def bill(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, ROOT / ".ci" / "sbom", *words], capture_output=True, text=True, timeout=60)


def test_every_locked_package_stands_in_it_with_its_sums() -> None:
    """Names, versions and all hashes of requirements.txt, and nothing else; twice the same bytes."""
    text, first = (ROOT / "requirements.txt").read_text(), bill()
    components = json.loads(first.stdout)["components"]
    sums = {each["content"] for one in components for each in one["externalReferences"][0]["hashes"]}
    assert {f"{one['name']}=={one['version']}" for one in components} == set(
        re.findall(r"^[^\s#]+==[^\s;]+", text, re.MULTILINE)
    )
    assert sums == set(re.findall(r"sha256:([0-9a-f]{64})", text))
    assert bill().stdout == first.stdout


def test_a_package_without_a_sum_is_refused(tmp_path: Path) -> None:
    """A lock that is none."""
    (tmp_path / "lock.txt").write_text("loose==1.0\n")
    assert bill(str(tmp_path / "lock.txt")).returncode == 1
