"""A limited child is last in line, keeps to its pace, and never outlives the one who started it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from media.assets import AssetStore, hash_of
from media.film_intake import LIMITS
from media.intake import take_in
from media.limited import IntakeRefused, Limits, in_child
from tests.eventually import soon
from tests.media.reels import film
from tests.running import run

pytestmark = pytest.mark.slow

BUSY = """
import os, resource, time
from media.child import main

def work(job):
    open(job["file"], "w").write(str(os.getpid()))
    while resource.getrusage(resource.RUSAGE_SELF).ru_utime < job["seconds"]:
        pass
    policy = os.sched_getscheduler(0)
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return {"nice": os.nice(0), "policy": policy, "files": files, "session": os.getsid(0), "group": os.getpgid(0)}

main(work)
"""


def busy(folder: Path) -> Path:
    """A child that computes for some seconds of processor time."""
    script = folder / "busy.py"
    script.write_text(BUSY)
    return script


def test_idle_child_is_behind_everything(tmp_path: Path) -> None:
    """The scheduler's idle class within our own session, the last place in it, and its limits; Ctrl-C is not its."""
    job = {"file": str(tmp_path / "pid"), "seconds": 0}
    limits = Limits(idle=True, process={"NOFILE": 17})
    said = run(in_child(busy(tmp_path), job, tmp_path, limits))
    assert said.pop("group") != os.getpgid(0)
    assert said == {"nice": 19, "policy": os.SCHED_IDLE, "files": 17, "session": os.getsid(0)}


def test_child_keeps_to_its_pace(tmp_path: Path) -> None:
    """At a quarter of a core, six tenths of a second of work take two seconds or more."""

    async def timed(share: float) -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        job = {"file": str(tmp_path / "pid"), "seconds": 0.6}
        await in_child(busy(tmp_path), job, tmp_path, Limits(process={}), pace=lambda: share)
        return loop.time() - began

    assert run(timed(0.25)) >= 1.8


def test_pace_is_asked_again_and_again(tmp_path: Path) -> None:
    """A child that may do nothing goes on as soon as it may."""
    asked: list[float] = []

    def pace() -> float:
        asked.append(0.0 if len(asked) < 10 else 4.0)
        return asked[-1]

    async def paced() -> None:
        job = {"file": str(tmp_path / "pid"), "seconds": 0.5}
        await in_child(busy(tmp_path), job, tmp_path, Limits(process={}), pace=pace)

    run(paced())
    assert asked.count(0.0) == 10
    assert asked[-1] == 4.0


def test_stopped_child_is_ended_when_its_time_is_over(tmp_path: Path) -> None:
    """Held back for good, it is refused and gone."""
    job = {"file": str(tmp_path / "pid"), "seconds": 9}
    with pytest.raises(IntakeRefused, match="too-slow"):
        run(in_child(busy(tmp_path), job, tmp_path, Limits(process={}, longest_s=1.0), pace=lambda: 0.05))
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


def test_child_dies_with_its_parent(tmp_path: Path) -> None:
    """SIGKILL of the lobby leaves nothing at work, nor anything stopped for ever."""
    program = (
        "import asyncio, sys; from pathlib import Path; from media.limited import Limits, in_child\n"
        "place = Path(sys.argv[1]); job = {'file': str(place / 'pid'), 'seconds': 60}\n"
        "asyncio.run(in_child(place / 'busy.py', job, place, Limits(process={}), pace=lambda: 0.0))\n"
    )
    busy(tmp_path)
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) as parent:
        soon(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(), within_s=30)
        child = psutil.Process(int((tmp_path / "pid").read_text()))
        parent.kill()
    with contextlib.suppress(psutil.NoSuchProcess):
        child.wait(timeout=10)


TAKE = """
import asyncio, sys
from pathlib import Path
from media.assets import AssetStore
from media.intake import take_in
from tests.media.builders import row

async def main():
    store = AssetStore(Path(sys.argv[2]))
    source = Path(sys.argv[1])
    walls = {"wall": row(4, pixels=(54, 96))}
    progress = lambda share: print(f"{share:.3f}", flush=True)
    await take_in(source, name=source.name, sizes=[(54, 96)], walls=walls, across=True, store=store, progress=progress)

asyncio.run(main())
"""


@pytest.mark.parametrize("words", [0, 1, 2, 3, 5, 8])
def test_killed_at_any_point_nothing_is_half_there(tmp_path: Path, words: int) -> None:
    """What has a name is whole; after the next start nothing else is left, and the film is taken in as ever."""
    source, place = tmp_path / "a.mp4", tmp_path / "store"
    film(source, 90)
    command = [sys.executable, "-c", TAKE, str(source), str(place)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as taking:
        assert taking.stdout is not None
        for _ in range(words):
            taking.stdout.readline()
        taking.kill()
    store = AssetStore(place)
    store.tidy()
    assert all(store.sound(sha) for sha in store.kept())
    assert list((place / "incoming").iterdir()) == []
    asset = run(take_in(source, name="a.mp4", sizes=[(54, 96)], store=store))
    assert all(store.sound(sha) for sha in asset.renditions.values())
    assert asset.id == hash_of(source)


def test_films_are_made_by_idle_children_with_capped_threads() -> None:
    """By default, without anybody asking for it."""
    assert LIMITS.idle
    assert LIMITS.bytes == 2048 * 1024 * 1024
