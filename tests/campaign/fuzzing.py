"""`python -m tests.campaign.fuzzing`: thousands of damaged pictures and films, each contained.

`LOBBY_FUZZED` (5000) files, made from good ones by a seed each: bits turned, bytes cut out, doubled or changed, numbers
made huge. The state lies in `build/fuzzing.json`, so that it goes on where it was stopped. Prints a table; 1 as soon as
a file is neither taken nor refused, leaves something behind, or takes its child past what is promised.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from lobby.core.datafolder import clean_write
from tests.media.hostile import corpus

STATE = Path("build") / "fuzzing.json"
BATCH = 100
ENOUGH_MIB = 1600
ENOUGH_S = 120.0
LARGEST = 200_000
NUMBERS = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\1")


def main() -> int:
    """Do what is still missing."""
    wanted, state = int(os.environ.get("LOBBY_FUZZED", "5000")), read()
    with tempfile.TemporaryDirectory(prefix="fuzzing-") as work:
        good = [(each.name, each.data) for each in corpus(Path(work)) if each.taken is not False]
    good = [(name, data) for name, data in good if len(data) < LARGEST]
    starts = range(len(state["batches"]) * BATCH, wanted, BATCH)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for first, batch in zip(starts, pool.map(partial(batch_from, good), starts), strict=True):
            state["batches"].append(batch)
            STATE.parent.mkdir(exist_ok=True)
            clean_write(STATE, json.dumps(state, indent=1).encode())
            print(f"{first + BATCH} files: {'well' if batch['well'] else batch}", file=sys.stderr, flush=True)
            if not batch["well"]:
                pool.shutdown(cancel_futures=True)
                return 1
    print(table(state))
    return 0


def batch_from(good: list[tuple[str, bytes]], first: int) -> dict[str, Any]:
    """The batch of the seeds from `first` on."""
    return batch_of([(seed, *damaged(good, seed)) for seed in range(first, first + BATCH)])


def damaged(good: list[tuple[str, bytes]], seed: int) -> tuple[str, bytes]:
    """A good file and what chance makes of it; the head stays, or it would be no picture to begin with."""
    chance = Random(seed)
    name, data = chance.choice(good)
    made = bytearray(data)
    for _ in range(chance.choice((1, 2, 5, 20))):
        at = chance.randrange(16, max(17, len(made) - 8))
        length = chance.choice((1, 4, 16, 256))
        way = chance.randrange(5)
        if at >= len(made):  # what was cut out has left too little
            break
        if way == 0:
            made[at] ^= 1 << chance.randrange(8)
        elif way == 1:
            del made[at : at + length]
        elif way == 2:
            made[at:at] = made[at : at + length]
        elif way == 3:
            made[at : at + 4] = chance.choice(NUMBERS)
        else:
            made[at : at + length] = chance.randbytes(length)
    return name, bytes(made)


def batch_of(files: list[tuple[int, str, bytes]]) -> dict[str, Any]:
    """Taken in beside a service that answers, in one process."""
    with tempfile.TemporaryDirectory(prefix="fuzzing-") as place:
        folder = Path(place)
        (folder / "files").mkdir()
        for seed, name, data in files:
            (folder / "files" / f"{seed}-{name}").write_bytes(data)
        command = [sys.executable, "-m", "tests.media.containing", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return {"well": False, "first_seed": files[0][0], "said": done.stderr[-2000:]}
    found = json.loads(done.stdout.splitlines()[-1])
    slowest = max(found["seconds"].values())
    well = len(found["outcomes"]) == len(files) and not found["unsound"] and not found["left"]
    return {
        "well": well and found["peak_mib"] <= ENOUGH_MIB and slowest <= ENOUGH_S,
        "first_seed": files[0][0],
        "outcomes": Counter(found["outcomes"].values()),
        "peak_mib": round(found["peak_mib"]),
        "slowest_s": round(slowest, 1),
        "slowest_answer_s": round(found["slowest_answer_s"], 3),
    }


def table(state: dict[str, Any]) -> str:
    """The figures as BENCHMARKS.md has them."""
    batches: list[dict[str, Any]] = state["batches"]
    outcomes = sum((Counter(batch["outcomes"]) for batch in batches), Counter[str]())
    rows = [
        ("damaged files", len(batches) * BATCH),
        ("taken inside the limits", outcomes["taken"]),
        ("refused with words", outcomes.total() - outcomes["taken"]),
        ("largest child (MiB)", max((batch["peak_mib"] for batch in batches), default=0)),
        ("slowest file (s)", max((batch["slowest_s"] for batch in batches), default=0)),
        ("slowest answer of the service meanwhile (s)", max((each["slowest_answer_s"] for each in batches), default=0)),
    ]
    return "\n".join(["| what | figure |", "|---|---|", *(f"| {what} | {figure} |" for what, figure in rows)])


def read() -> dict[str, Any]:
    """What earlier runs have done."""
    if not STATE.exists():
        return {"batches": []}
    state: dict[str, Any] = json.loads(STATE.read_text(encoding="utf-8"))
    return state


if __name__ == "__main__":
    sys.exit(main())
