"""A limited child is last in line, keeps to its pace, and never outlives the one who started it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from media import film_intake
from media.assets import AssetStore, hash_of
from media.film_intake import LIMITS
from media.geometry import whole
from media.intake import CHILD, asked, take_in
from media.limited import IntakeRefused, Limits, halt, in_child
from tests.eventually import eventually, soon
from tests.media.reels import SIZE, film, write
from tests.running import run

pytestmark = pytest.mark.slow

FULL = Path("/dev/full")
BUSY = """
import os, resource, time
from media.child import main

def work(job):
    open(job["file"], "w").write(str(os.getpid()))
    while resource.getrusage(resource.RUSAGE_SELF).ru_utime < job["seconds"]:
        pass
    policy = os.sched_getscheduler(0)
    goes = int(open("/proc/self/oom_score_adj").read())
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    mine = {"nice": os.nice(0), "policy": policy, "goes": goes, "session": os.getsid(0), "group": os.getpgid(0)}
    return mine | {"files": files}

main(work)
"""


def busy(folder: Path) -> Path:
    """A child that computes for some seconds of processor time."""
    script = folder / "busy.py"
    script.write_text(BUSY)
    return script


def test_idle_child_is_behind_everything(tmp_path: Path) -> None:
    """The scheduler's idle class within our own session, the last place in it, and its limits; Ctrl-C is not its.

    Where memory runs out it is the first to go, so that no film ends the bells.
    """
    job = {"file": str(tmp_path / "pid"), "seconds": 0}
    limits = Limits(idle=True, process={"NOFILE": 17})
    said = run(in_child(busy(tmp_path), job, tmp_path, limits))
    assert said.pop("group") != os.getpgid(0)
    assert said == {"goes": 1000, "nice": 19, "policy": os.SCHED_IDLE, "files": 17, "session": os.getsid(0)}


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


def test_child_that_may_take_a_share_of_a_core_leaves_the_others_free(tmp_path: Path) -> None:
    """A press is not to wait for caches and memory that all cores would share; where it may take more, it does."""
    shares = [0.5]

    async def watched() -> None:
        job = {"file": str(tmp_path / "pid"), "seconds": 60}
        working = asyncio.create_task(
            in_child(busy(tmp_path), job, tmp_path, Limits(process={}), pace=lambda: shares[-1])
        )
        await eventually(lambda: (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text()))
        pid = int((tmp_path / "pid").read_text())
        await eventually(lambda: len(os.sched_getaffinity(pid)) == 1)
        shares.append(4.0)
        await eventually(lambda: os.sched_getaffinity(pid) == os.sched_getaffinity(0))
        working.cancel()
        await asyncio.wait([working])

    run(watched())


def test_child_halts_at_once_for_a_moment(tmp_path: Path) -> None:
    """Nothing beside a press computes; then it goes on by itself, however fast it may."""

    async def watched() -> None:
        job = {"file": str(tmp_path / "pid"), "seconds": 60}
        working = asyncio.create_task(in_child(busy(tmp_path), job, tmp_path, Limits(process={}), pace=lambda: 4.0))
        await eventually(lambda: (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text()))
        child = psutil.Process(int((tmp_path / "pid").read_text()))
        await eventually(lambda: child.status() == psutil.STATUS_RUNNING)
        halt()
        await eventually(lambda: child.status() == psutil.STATUS_STOPPED)
        await eventually(lambda: child.status() == psutil.STATUS_RUNNING)
        working.cancel()
        await asyncio.wait([working])

    run(watched())
    halt()  # nobody is there


def test_stopped_child_is_ended_when_its_time_is_over(tmp_path: Path) -> None:
    """Held back for good, it is refused and gone."""
    job = {"file": str(tmp_path / "pid"), "seconds": 9}
    with pytest.raises(IntakeRefused, match="too-slow"):
        run(in_child(busy(tmp_path), job, tmp_path, Limits(process={}, longest_s=1.0), pace=lambda: 0.05))
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


def test_child_that_computes_too_long_is_called_slow(tmp_path: Path) -> None:
    """The kernel ends it at its limit of processor time."""
    job = {"file": str(tmp_path / "pid"), "seconds": 60}
    with pytest.raises(IntakeRefused, match="too-slow"):
        run(in_child(busy(tmp_path), job, tmp_path, Limits(process={"CPU": 1})))


def test_child_that_the_kernel_ends_for_memory_is_called_heavy(tmp_path: Path) -> None:
    """It gives such a process no time to say anything: SIGKILL."""
    job = {"file": str(tmp_path / "pid"), "seconds": 60}

    async def killed() -> None:
        waiting = asyncio.create_task(in_child(busy(tmp_path), job, tmp_path, Limits(process={})))
        await eventually(lambda: (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text()))
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
        await waiting

    with pytest.raises(IntakeRefused, match="too-heavy"):
        run(killed())


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


def test_film_starts_no_thread_once_its_pictures_come(tmp_path: Path) -> None:
    """Decoder and encoders have all of theirs before; a user who is not root could start none."""
    source, seen = tmp_path / "a.mp4", list[set[str]]()
    film(source, 90)

    def look(_: float) -> None:
        for child in psutil.Process().children():
            with contextlib.suppress(psutil.NoSuchProcess, FileNotFoundError):
                if str(film_intake.CHILD) in child.cmdline():
                    seen.append(set(os.listdir(f"/proc/{child.pid}/task")))

    sizes = [(160, 90), (80, 60), (90, 160), (64, 90), (100, 90)]
    run(take_in(source, name="a.mp4", sizes=sizes, store=AssetStore(tmp_path / "store"), progress=look))
    assert len(seen) > 2
    assert len(seen[0]) > len(sizes)
    assert all(later <= seen[0] for later in seen)


def test_picture_on_a_full_disk_is_not_called_broken(tmp_path: Path) -> None:
    """The refusal says that room is missing."""
    source = tmp_path / "a.png"
    Image.effect_noise((300, 300), 90).save(source)
    job = {"source": str(source), "thumbnail": str(tmp_path / "small.jpg"), "seams": [], "heif": False}
    with pytest.raises(IntakeRefused, match="no-room"):
        run(in_child(CHILD, job | {"parts": [asked(whole((200, 200)), FULL)]}, tmp_path, Limits()))


@pytest.mark.parametrize("pictures", [3, 60])
def test_film_on_a_full_disk_is_not_called_odd(tmp_path: Path, pictures: int) -> None:
    """Neither while its pictures are written nor when its end is."""
    noise = np.random.default_rng(1)
    write(tmp_path / "a.mp4", (noise.integers(0, 256, (*SIZE[::-1], 3), dtype=np.uint8) for _ in range(pictures)))
    seen = {"width": SIZE[0], "height": SIZE[1], "seconds": pictures / 30, "turn": 0, "sound": False, "wide": None}
    seen |= {"pictures": 0, "interlaced": False}
    output = {"crop": (0, 0, *SIZE), "size": (640, 360), "file": str(FULL), "sound": False}
    job = {"source": str(tmp_path / "a.mp4"), "container": "mp4", "longest_s": 9, "fps": 30, "step": "make"}
    job |= {"seen": seen, "outputs": [output], "thumbnail": str(tmp_path / "small.jpg"), "seams": [], "looks": True}
    with pytest.raises(IntakeRefused, match="no-room"):
        run(in_child(film_intake.CHILD, job, tmp_path, LIMITS))


def test_films_are_made_by_idle_children_with_capped_threads() -> None:
    """By default, without anybody asking for it."""
    assert LIMITS.idle
    assert LIMITS.bytes == 2048 * 1024 * 1024
