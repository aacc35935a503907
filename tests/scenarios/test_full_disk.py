"""A full disk: a press is raised and assured by the emergency file; with that full too it is raised and not assured."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from lobby.core.site import Site
from tests.eventually import soon
from tests.scenarios.house import house, without_pictures
from tests.scenarios.staff import Staff

pytestmark = [pytest.mark.slow, pytest.mark.timeout(90)]


@pytest.mark.parametrize(("site", "bell"), [("seoul-city-hall", "bell-desk"), ("small-office", "bell-counter")])
def test_a_press_on_a_full_disk_is_assured_and_kept_once(tmp_path: Path, site: str, bell: str) -> None:
    """Raised, the lamp lit, staff told; after a kill and some room it stands in the journal exactly once."""
    second = tmp_path / "second"
    with small_disk(tmp_path / "data") as disk, house(tmp_path, site=site, change=elsewhere(second)) as lobby:
        staff = Staff(lobby)
        filler = fill(disk)
        staff.press(bell)
        assert staff.incident(bell)["state"] in ("raised", "escalated")
        soon(lambda: lobby.shows(bell)["registered"])
        staff.reads_words("journal.disk-full")
        assert (second / "emergency.jsonl").stat().st_size
        staff.running.process.stop(signal.SIGKILL)
        filler.unlink()
        staff.restart_killed()
        assert staff.incident(bell)
        staff.no_longer_reads("journal.disk-full")
        staff.nothing_lost()
        assert not (second / "emergency.jsonl").exists()


def test_a_press_that_no_disk_takes_is_raised_and_not_assured(tmp_path: Path) -> None:
    """People see it and read why the bell's lamp stays dark; with room again it is assured and kept once."""
    disks = small_disk(tmp_path / "data"), small_disk(tmp_path / "second")
    with disks[0] as disk, disks[1] as other, house(tmp_path, change=elsewhere(other)) as lobby:
        staff = Staff(lobby)
        fillers = [fill(disk), fill(other)]
        staff.press()
        assert staff.incident("bell-desk")["state"] in ("raised", "escalated")
        staff.reads_words("bell.not-durable")
        assert not lobby.shows("bell-desk")["registered"]
        for filler in fillers:
            filler.unlink()
        soon(lambda: lobby.shows("bell-desk")["registered"], within_s=20)
        staff.no_longer_reads("bell.not-durable")
        staff.nothing_lost()


@contextmanager
def small_disk(folder: Path, megabytes: int = 24) -> Iterator[Path]:
    """A real file system of a few megabytes; only root may mount it."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Take every byte that is left."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for piece in (1 << 20, 1 << 12):
            take = partial(file.write, bytes(piece))
            while _took(take):
                pass
    return filler


def _took(take: Callable[[], int]) -> bool:
    try:
        return take() > 0
    except OSError:
        return False


def elsewhere(folder: Path) -> Callable[[Site], Site]:
    """The site with its emergency folder on another disk."""
    return lambda site: without_pictures(site).model_copy(update={"emergency_dir": str(folder)})
