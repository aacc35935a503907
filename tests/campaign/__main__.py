"""`make campaign`: kills by the hundred and a soak, in steps that are kept, so that it goes on where it was stopped.

`LOBBY_KILLS` (300) in batches by seed, `LOBBY_SOAK_MIN` (30) minutes of one lobby with presses. The state lies in
`build/campaign.json`; the figures are printed as a table for BENCHMARKS.md. Remove the file to begin anew.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import psutil

from lobby.core.datafolder import clean_write
from tests.eventually import soon
from tests.scenarios.house import always_open, house
from tests.scenarios.kills import BELL, incidents_of_presses, killed_house

STATE = Path("build") / "campaign.json"
BATCH = 20
FIRST_SEED = 1000
SOAK_STEP_MIN = 5.0
PRESS_EVERY_S = 10.0


def main() -> int:
    """Do what is still missing; 1 as soon as a promise is broken."""
    kills = int(os.environ.get("LOBBY_KILLS", "300"))
    soak_min = float(os.environ.get("LOBBY_SOAK_MIN", "30"))
    state = read()
    while sum(batch["kills"] for batch in state["batches"]) < kills:
        state["batches"].append(batch_of_kills(FIRST_SEED + len(state["batches"])))
        keep(state)
        if not state["batches"][-1]["well"]:
            return 1
    while sum(step["minutes"] for step in state["soak"]) < soak_min:
        state["soak"].append(soaked(min(SOAK_STEP_MIN, soak_min)))
        keep(state)
        if state["soak"][-1]["lost"]:
            return 1
    print(table(state))
    return 0


def batch_of_kills(seed: int) -> dict[str, Any]:
    """One house, killed so many times; a seed that failed is told, to be run again alone."""
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder, house(Path(folder)) as lobby:
        verdict, killing = killed_house(lobby, kills=BATCH, seed=seed)
    told = {
        "seed": seed,
        "kills": killing.kills,
        "presses": len(verdict.pressed),
        "incidents": verdict.incidents,
        "lost": sorted(verdict.lost),
        "doubled": sorted(verdict.doubled),
        "well": verdict.well,
        "back_s": [round(seconds, 3) for seconds in killing.back_s],
    }
    say(f"seed {seed}: {told['kills']} kills, {told['presses']} presses, {'well' if verdict.well else told}")
    return told


def soaked(minutes: float) -> dict[str, Any]:
    """A lobby and its player in their ordinary work, with a press now and then; memory at both ends."""
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder, house(Path(folder), change=always_open) as lobby:
        running = lobby.start()
        lobby.player(running)
        controller, chance = psutil.Process(running.process.popen.pid), Random(FIRST_SEED)
        Event().wait(min(20.0, 30 * minutes))
        first_mb, end = controller.memory_info().rss / 1e6, time.monotonic() + 60 * minutes
        while time.monotonic() < end:
            lobby.steer("press", BELL)
            soon(lambda: not lobby.shows(BELL)["waiting"], within_s=20)
            Event().wait(chance.uniform(0, 2 * PRESS_EVERY_S))
        last_mb, busy = controller.memory_info().rss / 1e6, controller.cpu_times()
        pressed = set(lobby.shows(BELL)["assured"])
        code = running.process.stop(signal.SIGTERM)
        lost = sorted(pressed - incidents_of_presses(lobby.facts()).keys())
    step = {"minutes": minutes, "presses": len(pressed), "lost": lost, "code": code}
    memory = {"first_mb": round(first_mb, 1), "last_mb": round(last_mb, 1), "cpu_s": round(busy.user + busy.system, 1)}
    say(f"soak: {step | memory}")
    return step | memory


def table(state: dict[str, Any]) -> str:
    """The figures as BENCHMARKS.md has them."""
    batches, soak = state["batches"], state["soak"]
    back = sorted(seconds for batch in batches for seconds in batch["back_s"])
    rows = [
        ("kills at random instants", sum(batch["kills"] for batch in batches)),
        ("presses meanwhile", sum(batch["presses"] for batch in batches)),
        ("presses lost", sum(len(batch["lost"]) for batch in batches)),
        ("presses in two incidents", sum(len(batch["doubled"]) for batch in batches)),
        ("ready after a kill, median (s)", f"{statistics.median(back):.2f}" if back else "–"),
        ("ready after a kill, slowest (s)", f"{back[-1]:.2f}" if back else "–"),
        ("minutes of soak", sum(step["minutes"] for step in soak)),
        ("presses in the soak", sum(step["presses"] for step in soak)),
        ("memory, first and last (MB)", ", ".join(f"{step['first_mb']} → {step['last_mb']}" for step in soak) or "–"),
    ]
    return "\n".join(["| what | figure |", "|---|---|", *(f"| {what} | {figure} |" for what, figure in rows)])


def read() -> dict[str, Any]:
    """What earlier runs have done."""
    if not STATE.exists():
        return {"batches": [], "soak": []}
    state: dict[str, Any] = json.loads(STATE.read_text(encoding="utf-8"))
    return state


def keep(state: dict[str, Any]) -> None:
    """Whole or not at all, so that a stop loses one step at most."""
    STATE.parent.mkdir(exist_ok=True)
    clean_write(STATE, json.dumps(state, indent=1).encode())


def say(line: str) -> None:
    """Progress goes to stderr; the table alone is on stdout."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
