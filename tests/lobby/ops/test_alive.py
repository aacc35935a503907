"""Proof of life, heard at the other end of a real notification socket."""

from __future__ import annotations

import asyncio
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from lobby.core.clock import SystemClock, VirtualClock
from lobby.core.journal import Journal, NotDurable
from lobby.core.sitefile import export, read
from lobby.ops.alive import Supervisor, prove
from lobby.ops.cli import sample
from tests.eventually import eventually, soon
from tests.lobby.web.houses import START
from tests.running import run
from tests.scenarios.house import ENVIRONMENT, without_pictures

QUICK = {"WATCHDOG_USEC": "200000"}


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """Where systemd would read."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(path))
        line.settimeout(20)
        yield line


def waiting(line: socket.socket) -> bool:
    """Has something come that nobody read yet?"""
    return bool(select.select([line], [], [], 0)[0])


@contextmanager
def process(tmp_path: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """The product under a supervisor that wants to hear of it every tenth of a second."""
    site = tmp_path / "site.toml"
    site.write_text(export(without_pictures(read(sample("small-office")))), encoding="utf-8")
    common = ("--site", str(site), "--data", str(tmp_path / "data"))
    environment = {**ENVIRONMENT, **QUICK, "NOTIFY_SOCKET": str(tmp_path / "notify")}
    running = subprocess.Popen([sys.executable, "-m", "lobby.ops.cli", *common, *words], env=environment)
    try:
        yield running
    finally:
        running.kill()
        running.wait(10)


def test_the_first_proof_means_ready_and_the_next_waits(tmp_path: Path) -> None:
    """Half of the watchdog's time passes between two; whoever proves more often is not passed on."""
    clock = VirtualClock(START)
    with listening(tmp_path / "s") as line:
        supervisor = Supervisor({"NOTIFY_SOCKET": str(tmp_path / "s"), "WATCHDOG_USEC": "8000000"}, mono=clock.mono)
        supervisor.alive()
        supervisor.alive()
        assert line.recv(100) == b"READY=1\nWATCHDOG=1"
        assert not waiting(line)
        assert supervisor.every_s == 4.0


def test_a_watchdog_of_another_process_is_not_ours() -> None:
    """A child that inherits the environment keeps its own time."""
    other = {"WATCHDOG_USEC": "8000000", "WATCHDOG_PID": str(os.getpid() + 1)}
    assert Supervisor(other, mono=lambda: 0.0).every_s == 10.0


def test_a_file_becomes_young_for_a_containers_check(tmp_path: Path) -> None:
    """Without systemd the proof is the file's age."""
    supervisor = Supervisor({"LOBBY_ALIVE_FILE": str(tmp_path / "alive")}, mono=lambda: 0.0)
    supervisor.alive()
    assert (tmp_path / "alive").stat().st_mode & 0o777 == 0o600


def test_a_supervisor_that_is_gone_stops_nothing(tmp_path: Path) -> None:
    """No socket, no error."""
    Supervisor({"NOTIFY_SOCKET": str(tmp_path / "nobody")}, mono=lambda: 0.0).alive()


def test_a_writer_that_hangs_keeps_the_proof_back(tmp_path: Path) -> None:
    """The loop turns, but the journal's writer answers nobody: silence until it does."""

    async def scenario(line: socket.socket) -> bool:
        supervisor = Supervisor({"NOTIFY_SOCKET": str(tmp_path / "s"), **QUICK}, mono=SystemClock().mono)
        stuck, go_on = threading.Event(), threading.Event()

        def hang(_: object) -> None:
            stuck.set()
            go_on.wait(10)

        async with Journal.open(tmp_path / "journal.db", clock=SystemClock()) as journal:
            hanging = asyncio.create_task(journal.transact(hang))
            await eventually(stuck.is_set)
            proving = asyncio.create_task(prove(journal, supervisor, SystemClock()))
            told = asyncio.create_task(asyncio.wait_for(asyncio.shield(proving), 3 * supervisor.every_s))
            with pytest.raises(TimeoutError):
                await told
            silent = not waiting(line)
            go_on.set()
            await hanging
            await eventually(lambda: waiting(line))
            proving.cancel()
        return silent

    with listening(tmp_path / "s") as line:
        assert run(scenario(line))
        assert line.recv(100).startswith(b"READY=1\nWATCHDOG=1\nSTATUS=the journal writes")


def test_a_full_disk_is_told_and_is_no_reason_to_be_killed(tmp_path: Path) -> None:
    """A restart would lose the presses that are in memory and mend nothing."""

    class Full:
        async def transact(self, *_: Any) -> None:
            raise NotDurable("disk-full")

    async def scenario() -> None:
        supervisor = Supervisor({"NOTIFY_SOCKET": str(tmp_path / "s")}, mono=lambda: 0.0)
        proving = asyncio.create_task(prove(cast(Journal, Full()), supervisor, SystemClock()))
        await eventually(lambda: waiting(line))
        proving.cancel()

    with listening(tmp_path / "s") as line:
        run(scenario())
        assert line.recv(100) == b"READY=1\nWATCHDOG=1\nSTATUS=the journal cannot write: disk-full"


@pytest.mark.slow
def test_a_controller_proves_itself_until_it_stops(tmp_path: Path) -> None:
    """Ready once it serves, alive again and again, and it says when it ends."""
    with listening(tmp_path / "notify") as line, process(tmp_path, "run") as running:
        assert line.recv(100).startswith(b"READY=1\nWATCHDOG=1")
        assert line.recv(100).startswith(b"WATCHDOG=1")
        running.terminate()
        soon(lambda: line.recv(100) == b"STOPPING=1")
        assert running.wait(10) == 0


@pytest.mark.slow
def test_a_player_proves_that_it_presents(tmp_path: Path) -> None:
    """Its loop turns without a controller, too: it stands by."""
    token = tmp_path / "token"
    token.write_text("t")
    words = ("play", "office-player", "--headless", "--scale", "0.1", "--token-file", str(token))
    with listening(tmp_path / "notify") as line, process(tmp_path, *words, "--controller", "http://127.0.0.1:9"):
        assert line.recv(100) == b"READY=1\nWATCHDOG=1"
        assert line.recv(100) == b"WATCHDOG=1"
