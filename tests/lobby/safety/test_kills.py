"""Killed at every boundary of a write, and started again: nothing accepted is lost, nothing is raised twice.

`SAFETY_KILLS=164 pytest -m slow …` kills at more boundaries than the suite has time for.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from pathlib import Path

import pytest

from lobby.core.clock import SystemClock
from lobby.safety import chronicle
from lobby.safety.effects import drives
from lobby.safety.incidents import CALLING, IncidentState
from tests.lobby.safety.presser import PRELOADED, press_until_killed
from tests.lobby.safety.rooms import opened, press, site
from tests.running import run

KILLS = int(os.environ.get("SAFETY_KILLS", "40"))
STRIDE = max(1, 164 // KILLS)  # 164 boundaries were counted in a whole run

pytestmark = pytest.mark.slow
forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(PRELOADED)


def _killed(folder: Path, kill_at: int) -> list[tuple[str, str]]:
    child = forks.Process(target=press_until_killed, args=(folder, kill_at))
    child.start()
    child.join(30)
    assert child.exitcode in (-9, 0)
    accepted = folder / "accepted"
    pairs = [line.split() for line in accepted.read_text().splitlines()] if accepted.exists() else []
    assert child.exitcode != 0 or ["finished", "-"] in pairs
    return [(bell, name) for bell, name in pairs if bell != "finished"]


@pytest.mark.parametrize("kill_at", [1 + number * STRIDE for number in range(KILLS)])
def test_killed_at_a_write_and_started_again(tmp_path: Path, kill_at: int) -> None:
    """Properties 1 to 3 and 8 hold after the next start, and the bell that repeats is answered, not raised again."""
    accepted = _killed(tmp_path, kill_at)

    async def work() -> None:
        async with opened(tmp_path, SystemClock(), tmp_path / "journal.db") as (room, disk):
            entries = await disk.journal.entries(limit=10_000)
            taken = Counter(pair for entry in entries for pair in chronicle.press_ids(entry.payload or {}))
            assert {pair: taken[pair] for pair in accepted} == dict.fromkeys(accepted, 1)
            open_ones = {incident.id: incident for incident in room.incidents.open()}
            assert chronicle.replayed(entries).incidents == open_ones
            acknowledged = [e.subject for e in entries if e.kind == "incident.acknowledged"]
            assert all(i.state in CALLING or i.id in acknowledged for i in open_ones.values())
            assert set(drives(open_ones.values(), site().bells())) == set(open_ones)
            for bell, name in accepted:
                assert await room.presses.pressed(press(bell, name))
            assert len(await disk.journal.entries(limit=10_000)) == len(entries)
            assert (await disk.journal.verify()).ok
            assert not any(i.state is IncidentState.CLOSED for i in open_ones.values())

    run(work())
