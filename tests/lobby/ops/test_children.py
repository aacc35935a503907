"""Children with an owner: they end with the block, and with the owner however that ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lobby.ops.children import child, leash
from tests.eventually import eventually, soon
from tests.running import run

OWNER = """
import asyncio, sys
from lobby.ops.children import child
async def own():
    async with child(("sleep", "60")) as process:
        print(process.pid, flush=True)
        await asyncio.Event().wait()
asyncio.run(own())
"""


def test_a_child_ends_with_its_block() -> None:
    """Asked first; its exit code is known afterwards."""

    async def body() -> None:
        async with child(("sleep", "60")) as process:
            pass
        assert process.returncode == -15

    run(body())


def test_a_child_goes_first_where_memory_runs_out() -> None:
    """Before the process that watches the bells."""

    async def body() -> None:
        async with child(("sleep", "60")) as process:
            await eventually(lambda: _first_to_go(process.pid))

    run(body())


def test_a_child_ends_when_its_owner_is_killed() -> None:
    """SIGKILL gives the owner no time to tell it."""
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        grandchild = int(owner.stdout.readline())
        owner.kill()
    soon(lambda: not _lives(grandchild))


def test_a_child_whose_owner_died_before_the_leash_held_never_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its parent is not the one who started it."""
    monkeypatch.setattr("os.getpid", lambda: 1)
    done = subprocess.run([*leash(), "echo", "begun"], capture_output=True, check=False)
    assert done.stdout == b""
    assert done.returncode != 0


def _lives(pid: int) -> bool:
    """A zombie that nobody has fetched lives no more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _first_to_go(pid: int) -> bool:
    return Path(f"/proc/{pid}/oom_score_adj").read_text() == "1000\n"
