"""`python -m tests.campaign.players`: what the suite does a share of, whole.

`LOBBY_CHANGES` (500) captured changes of real players, each frame judged; `LOBBY_NIGHTS` (1,000) nights of drift and
jitter. Prints a table; 1 as soon as a promise is broken.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from tests.media.player.captures import played
from tests.media.player.nights import night

AT_ONCE = 60
TWO_FRAMES_MS = 2000 / 30
HALF_FRAME_MS = 500 / 30


def main() -> int:
    """Both."""
    rows = [("captured changes", *captured()), ("nights without a time server", *nights())]
    print("| what | how many | wrong | figure | took |\n|---|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    return int(any(row[2] != "0" for row in rows))


def captured() -> tuple[str, str, str, str]:
    """Changes until there are enough, each seed a player of its own: none black, none foreign."""
    wanted, began = int(os.environ.get("LOBBY_CHANGES", "500")), time.perf_counter()
    changes = frames = wrong = seed = 0
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
        while changes < wanted:
            seed += 1
            verdict = played(Path(folder), seed, AT_ONCE)
            changes, frames, wrong = changes + verdict.changes, frames + verdict.frames, wrong + len(verdict.foreign)
            for told in verdict.foreign:
                print(f"seed {seed}: {told}", file=sys.stderr)
            print(f"seed {seed}: {changes} changes, {frames} frames, {wrong} wrong", file=sys.stderr, flush=True)
    return str(changes), str(wrong), f"{frames} frames", f"{time.perf_counter() - began:.0f} s"


def nights() -> tuple[str, str, str, str]:
    """Never more than two frames apart, and no further at dawn than at dusk."""
    wanted, began = int(os.environ.get("LOBBY_NIGHTS", "1000")), time.perf_counter()
    worst, wrong = 0.0, 0
    for seed in range(wanted):
        told = night(seed)
        worst = max(worst, told.worst_ms)
        if told.worst_ms > TWO_FRAMES_MS or told.last_hour_ms > told.first_hour_ms + HALF_FRAME_MS:
            wrong += 1
            print(f"night {seed}: {told}", file=sys.stderr, flush=True)
    return str(wanted), str(wrong), f"worst {worst:.1f} ms", f"{time.perf_counter() - began:.0f} s"


if __name__ == "__main__":
    sys.exit(main())
