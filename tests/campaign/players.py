"""`python -m tests.campaign.players`: what the suite does a share of, whole.

`LOBBY_CHANGES` (500) captured changes of real players, each frame judged; `LOBBY_NIGHTS` (1,000) nights of drift and
jitter. The state lies in `build/players.json`, so that it goes on where it was stopped. Prints a table; 1 as soon as a
promise is broken.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from lobby.core.datafolder import clean_write
from tests.media.player.captures import played
from tests.media.player.nights import night

STATE = Path("build") / "players.json"
NIGHTS_AT_ONCE = 50
AT_ONCE = 60
TWO_FRAMES_MS = 2000 / 30
HALF_FRAME_MS = 500 / 30


def main() -> int:
    """Both, what is still missing of them."""
    state = read()
    while sum(each["changes"] for each in state["players"]) < int(os.environ.get("LOBBY_CHANGES", "500")):
        state["players"].append(captured(1 + len(state["players"])))
        keep(state)
    while len(state["nights"]) < int(os.environ.get("LOBBY_NIGHTS", "1000")):
        first = len(state["nights"])
        state["nights"] += [slept(seed) for seed in range(first, first + NIGHTS_AT_ONCE)]
        keep(state)
    print(table(state))
    return int(any(each["wrong"] for each in (*state["players"], *state["nights"])))


def captured(seed: int) -> dict[str, Any]:
    """The changes of one player: none black, none foreign."""
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
        verdict = played(Path(folder), seed, AT_ONCE)
    for told in verdict.foreign:
        print(f"seed {seed}: {told}", file=sys.stderr)
    return {"changes": verdict.changes, "frames": verdict.frames, "wrong": len(verdict.foreign)}


def slept(seed: int) -> dict[str, Any]:
    """A night without a time server: never more than two frames apart, and no further at dawn than at dusk."""
    told = night(seed)
    wrong = told.worst_ms > TWO_FRAMES_MS or told.last_hour_ms > told.first_hour_ms + HALF_FRAME_MS
    if wrong:
        print(f"night {seed}: {told}", file=sys.stderr)
    return {"worst_ms": round(told.worst_ms, 1), "wrong": int(wrong)}


def table(state: dict[str, Any]) -> str:
    """The figures as BENCHMARKS.md has them."""
    players: list[dict[str, Any]] = state["players"]
    nights: list[dict[str, Any]] = state["nights"]
    rows = [
        ("captured changes of real players", sum(each["changes"] for each in players)),
        ("frames of them", sum(each["frames"] for each in players)),
        ("black or foreign", sum(each["wrong"] for each in players)),
        ("nights of 12 hours without a time server", len(nights)),
        ("not within two frames, or growing", sum(each["wrong"] for each in nights)),
        ("furthest apart (ms)", max((each["worst_ms"] for each in nights), default=0)),
    ]
    return "\n".join(["| what | figure |", "|---|---|", *(f"| {what} | {figure} |" for what, figure in rows)])


def read() -> dict[str, Any]:
    """What earlier runs have done."""
    if not STATE.exists():
        return {"players": [], "nights": []}
    state: dict[str, Any] = json.loads(STATE.read_text(encoding="utf-8"))
    return state


def keep(state: dict[str, Any]) -> None:
    """Go on from here next time."""
    STATE.parent.mkdir(exist_ok=True)
    clean_write(STATE, json.dumps(state, indent=1).encode())
    done = sum(each["changes"] for each in state["players"]), len(state["nights"])
    print(f"{done[0]} changes, {done[1]} nights", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
