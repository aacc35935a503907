"""The data folder: one lobby at a time, answers over the local line, whole files."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from lobby.core.datafolder import DataFolder, NotRunning, _short, clean_write
from lobby.core.problem import Refusal
from lobby.core.words import explain
from tests.eventually import eventually
from tests.running import run

HOLDER = """
import signal, sys
from pathlib import Path
from lobby.core.datafolder import DataFolder
with DataFolder(Path(sys.argv[1])).hold():
    print("held", flush=True)
    signal.pause()
"""


async def echo(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Answer with what was asked, refuse or fail where told to."""
    if request.get("do") == "refuse":
        raise Refusal("cli.locked", "/somewhere", status=423, pid="7")
    if request.get("do") == "fail":
        raise RuntimeError("meant")
    return {"asked": request}


def test_a_second_start_is_refused_with_the_process_and_a_cure(tmp_path: Path) -> None:
    """Two lobbies on one folder would command the same devices."""
    folder = DataFolder(tmp_path / "data")
    with folder.hold(), pytest.raises(Refusal) as refused, DataFolder(tmp_path / "data").hold():
        pass
    assert refused.value.problem.params == {"pid": str(os.getpid())}
    assert all(str(os.getpid()) in text for text in explain(refused.value.problem, "ko"))


def test_the_folder_and_its_lock_are_the_owners_alone(tmp_path: Path) -> None:
    """No other user of the machine reads the journal or its key."""
    folder = DataFolder(tmp_path / "data")
    with folder.hold():
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder.path, folder.lock)]
    assert modes == [0o700, 0o600]


@pytest.mark.slow
def test_a_killed_lobby_leaves_the_folder_free(tmp_path: Path) -> None:
    """No stale lock ever needs to be deleted by hand."""
    folder = DataFolder(tmp_path / "data")
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(folder.path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        child.stdout.readline()
        with pytest.raises(Refusal) as refused, folder.hold():
            pass
        child.send_signal(signal.SIGKILL)
    assert refused.value.problem.params["pid"] == str(child.pid)
    with folder.hold():
        assert folder.lock.read_text(encoding="ascii").strip() == str(os.getpid())


@asynccontextmanager
async def serving(folder: DataFolder) -> AsyncIterator[None]:
    """A lobby that answers in the background."""
    task = asyncio.create_task(folder.serve(echo))
    try:
        await eventually(lambda: listening(folder))
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def listening(folder: DataFolder) -> bool:
    """Whether somebody would answer."""
    with socket.socket(socket.AF_UNIX) as line, _short(folder.socket) as place:
        return line.connect_ex(place) == 0


def served(folder: DataFolder, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ask a lobby that serves for the length of one request."""

    async def scenario() -> Mapping[str, Any]:
        with folder.hold():
            async with serving(folder):
                return await asyncio.to_thread(folder.ask, request)

    return run(scenario())


def test_a_command_gets_its_answer_over_the_local_line(tmp_path: Path) -> None:
    """Korean and long requests included."""
    request = {"do": "add", "name": "당직", "long": "x" * 200_000}
    assert served(DataFolder(tmp_path), request) == {"asked": request}


def test_a_folder_with_a_very_long_name_can_be_served(tmp_path: Path) -> None:
    """The address of a local socket is short, a folder's name need not be."""
    folder = DataFolder(tmp_path / ("로비" * 30) / ("x" * 100))
    assert served(folder, {"do": "add"}) == {"asked": {"do": "add"}}


def test_a_refusal_arrives_as_the_refusal_it_was(tmp_path: Path) -> None:
    """With code, place, values and status."""
    with pytest.raises(Refusal) as refused:
        served(DataFolder(tmp_path), {"do": "refuse"})
    assert (refused.value.problem.code, refused.value.problem.params) == ("cli.locked", {"pid": "7"})
    assert refused.value.status == 423


def test_a_command_that_fails_does_not_stop_the_lobby(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The next one is answered."""
    folder = DataFolder(tmp_path)

    async def scenario() -> Mapping[str, Any]:
        async with serving(folder):
            with pytest.raises(Refusal, match=re.escape("cli.failed")):
                await asyncio.to_thread(folder.ask, {"do": "fail"})
            return await asyncio.to_thread(folder.ask, {"do": "add"})

    assert run(scenario()) == {"asked": {"do": "add"}}


def test_rubbish_on_the_line_is_dropped_and_the_next_is_answered(tmp_path: Path) -> None:
    """Half a request, no object, nothing at all."""
    folder = DataFolder(tmp_path)

    def rubbish() -> list[bytes]:
        answers = []
        for content in (b"{half", b"[1]\n", b"\xff\n", b""):
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(str(folder.socket))
                line.sendall(content)
                line.shutdown(socket.SHUT_WR)
                answers.append(line.recv(100))
        return answers

    async def scenario() -> tuple[list[bytes], Mapping[str, Any]]:
        async with serving(folder):
            return await asyncio.to_thread(rubbish), await asyncio.to_thread(folder.ask, {})

    assert run(scenario()) == ([b"", b"", b"", b""], {"asked": {}})


def test_the_line_is_the_owners_alone_and_gone_afterwards(tmp_path: Path) -> None:
    """Mode 0600 while it is there; a dead one of a killed run is replaced."""
    folder = DataFolder(tmp_path)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(folder.socket))

    async def scenario() -> int:
        async with serving(folder):
            await asyncio.to_thread(folder.ask, {})
            return stat.S_IMODE(os.stat(folder.socket).st_mode)

    assert run(scenario()) == 0o600
    assert not folder.socket.exists()


def test_nobody_there_is_no_failure(tmp_path: Path) -> None:
    """A command learns that it may open the folder itself."""
    with pytest.raises(NotRunning):
        DataFolder(tmp_path / "none").ask({})
    folder = DataFolder(tmp_path)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(folder.socket))
    with pytest.raises(NotRunning):
        folder.ask({})


def test_a_file_is_replaced_whole_and_private(tmp_path: Path) -> None:
    """Nothing else is left beside it."""
    file = tmp_path / "note.json"
    clean_write(file, b"old")
    clean_write(file, b"new")
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    """And no draft."""
    file = tmp_path / "note"
    file.mkdir()
    with pytest.raises(OSError, match="note"):
        clean_write(file, b"new")
    assert list(tmp_path.iterdir()) == [file]
