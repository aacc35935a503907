"""A rehearsed year: one process, the sample site, without faults."""

from __future__ import annotations

import subprocess
import sys
import time

from tests.bench.rows import Row
from tests.scenarios.house import SITES

BAR_S = 60
DAYS = 365


def measured() -> list[Row]:
    """From the start of the process to its last line; what it says must be well."""
    command = [sys.executable, "-m", "lobby.ops.cli", "--site", str(SITES / "seoul-city-hall.toml"), "rehearse"]
    began = time.perf_counter()
    subprocess.run([*command, "--from", "2026-01-01", "--days", str(DAYS)], check=True, capture_output=True)
    took_s = time.perf_counter() - began
    return [Row(name="a year rehearsed", value=took_s, unit="s", limit=None, bar=BAR_S)]
