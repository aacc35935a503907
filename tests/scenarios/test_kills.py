"""Killed, stopped, started twice, started with a wrong file: nothing is lost and nothing stays behind."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.eventually import soon
from tests.scenarios.house import Process, Running, always_open, house, processes_of, trial_of
from tests.scenarios.kills import killed_house
from tests.scenarios.stream import Stream

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

KILLS = int(os.environ.get("LOBBY_KILLS", "14"))
SEED = int(os.environ.get("LOBBY_SEED", "417"))
STOP_S = 1.0
BACK_S = 2.0
SLOW_MACHINE = 3.0


def test_no_press_is_lost_or_doubled_by_kills_at_random_instants(tmp_path: Path) -> None:
    """Every pressed id ends in exactly one incident, the bell's lamp is lit, the journal's chain holds."""
    with house(tmp_path) as lobby:
        verdict, killing = killed_house(lobby, kills=KILLS, seed=SEED)
    print(f"{killing.kills} kills, {len(verdict.pressed)} presses, {verdict.incidents} incidents, {killing.back_s}")
    assert verdict.well, verdict


def test_a_contact_held_down_through_a_kill_is_raised_after_the_start(tmp_path: Path) -> None:
    """A bell without ids that still calls when the lobby comes back raises its incident."""
    with house(tmp_path) as lobby:
        lobby.start().process.stop(signal.SIGKILL)
        lobby.steer("press", "bell-counsel", "hold")
        lobby.start()
        soon(lambda: lobby.shows("bell-counsel")["registered"])


@pytest.mark.alone
def test_soon_after_a_kill_everything_is_wanted_and_a_waiting_press_is_raised(tmp_path: Path) -> None:
    """From the process's start: what is desired, the waiting press, the siren on; two seconds on a calm machine."""
    with house(tmp_path, change=always_open) as lobby:
        first = lobby.start()
        guard = first.guard()
        first.process.stop(signal.SIGKILL)
        lobby.steer("press", "bell-desk")
        began = time.perf_counter()
        lobby.launch()

        def raised() -> bool:
            try:
                status, answer = guard.ask("GET", "/api/v1/status")
            except OSError:
                return False
            wanted = all(thing["desired"] is not None for thing in answer["things"].values())
            return status == 200 and wanted and bool(answer["documents"]["incidents"])

        soon(raised, within_s=20)
        raised_s = time.perf_counter() - began
        soon(lambda: lobby.shows("siren")["on"])
        siren_s = time.perf_counter() - began
        print(f"raised {raised_s:.2f} s and siren {siren_s:.2f} s after the start of the process")
        assert siren_s < BACK_S * SLOW_MACHINE


@pytest.mark.alone
def test_a_stop_waits_neither_for_an_upload_nor_for_an_absent_broker(tmp_path: Path) -> None:
    """SIGTERM with open streams, half an upload and a dead broker: exit 0 in under a second."""
    with house(tmp_path) as lobby:
        running = lobby.start()
        admin = running.admin()
        stream = Stream(admin)
        stream.first("snapshot")
        upload = half_an_upload(running, cookie=admin.cookie, csrf=admin.csrf)
        assert lobby.broker is not None
        lobby.broker.kill()
        soon(lambda: stream.first("change"), within_s=20)
        assert stop_s(running.process) < STOP_S
        upload.close()
        stream.close()
        assert not list((lobby.data / "uploads").glob("upload-*"))


@pytest.mark.alone
def test_a_stop_with_a_player_takes_less_than_a_second(tmp_path: Path) -> None:
    """The player that asks and reports holds nothing up, and plays on."""
    with house(tmp_path, change=always_open) as lobby:
        running = lobby.start()
        player = lobby.player(running)
        admin = running.admin()
        soon(
            lambda: "lobby-player" in admin.ask("GET", "/api/v1/status")[1]["documents"].get("players", {}), within_s=30
        )
        assert stop_s(running.process) < STOP_S
        assert player.popen.poll() is None


def test_a_trial_leaves_no_process_behind_after_a_stop(tmp_path: Path) -> None:
    """`run --simulate` ends its broker, hardware and player, and ends with 0."""
    with trial_of(tmp_path) as trial:
        assert len(processes_of(str(tmp_path))) > 1
        stop_s(trial)
        soon(lambda: not processes_of(str(tmp_path)))


def test_a_killed_trial_leaves_no_process_behind(tmp_path: Path) -> None:
    """SIGKILL of the controller alone: the operating system tells the others."""
    with trial_of(tmp_path) as trial:
        others = processes_of("", below=trial.popen.pid)
        assert len(others) > 1
        trial.stop(signal.SIGKILL)
        soon(lambda: not any(Path(f"/proc/{pid}").exists() for pid in others))


def test_a_second_lobby_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    """It names the first one's pid and what to do, and leaves the first one alone."""
    with house(tmp_path, site="small-office") as lobby:
        first = lobby.start()
        second = lobby.process("run", log="second.log")
        assert second.popen.wait(20) == 1
        said = (lobby.folder / "second.log").read_text() + "\n".join(second.lines)
        assert str(first.process.popen.pid) in said
        assert "→" in said
        assert first.ready()


def test_a_wrong_site_file_never_starts(tmp_path: Path) -> None:
    """The mistake is named with its key, the exit code is 1, and no data folder appears."""
    wrong = tmp_path / "site.toml"
    wrong.write_text("format = 1\n[site]\nid = 'Not An Id'\n")
    process = Process("--site", str(wrong), "--data", str(tmp_path / "data"), "run", log=tmp_path / "log")
    assert process.popen.wait(20) == 1
    process.stop()
    assert "site.id" in (tmp_path / "log").read_text() + "\n".join(process.lines)
    assert not (tmp_path / "data").exists()


def stop_s(process: Process) -> float:
    """How long a stop takes that must end well."""
    began = time.perf_counter()
    assert process.stop(signal.SIGTERM) == 0
    took_s = time.perf_counter() - began
    print(f"stopped in {took_s:.2f} s")
    return took_s


def half_an_upload(running: Running, *, cookie: str, csrf: str) -> socket.socket:
    """An upload that has begun and says no more."""
    host, port = running.url.removeprefix("http://").split(":")
    line = socket.create_connection((host, int(port)), timeout=10)
    head = (
        f"POST /api/v1/assets HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookie}\r\nX-CSRF-Token: {csrf}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="file"; filename="half.png"\r\n\r\n'
    )
    line.sendall(head.encode() + bytes(400_000))
    soon(lambda: list((running.data / "uploads").glob("upload-*")))
    return line
