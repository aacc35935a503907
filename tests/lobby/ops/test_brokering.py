"""The files that `lobby broker` writes, and Mosquitto on them."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from random import Random

import aiomqtt
import pytest

from lobby.core.clock import SystemClock
from lobby.core.problem import Refusal
from lobby.core.site import Broker
from lobby.core.sitefile import read
from lobby.ops.brokering import clients_of, hashed, write
from lobby.ops.cli import sample
from lobby.ops.ports import broker_of
from tests.eventually import soon
from tests.mosquitto import free_port
from tests.running import run

SITE = read(sample("seoul-city-hall"))


def modes(folder: Path) -> set[str]:
    return {f"{path.stat().st_mode & 0o777:o}" for path in folder.rglob("*") if path.is_file()}


def test_every_thing_on_the_broker_has_a_name_and_wired_ones_have_none() -> None:
    """The controller, the bell that speaks MQTT; not the bell on contacts, no display, no desk."""
    names = set(clients_of(SITE))
    assert {"lobby", "bell-desk", "siren", "robot-cafe"} <= names
    assert not names & {"bell-counsel", "display-main", "civil-desk"}


def test_only_the_owner_reads_the_files(tmp_path: Path) -> None:
    """Configuration, hashes and passwords are 0600, and no password stands in a file of the broker."""
    write(SITE, tmp_path / "broker", tmp_path / "clients")
    secret = (tmp_path / "clients" / "lobby").read_text().strip()
    assert modes(tmp_path) == {"600"}
    assert not any(secret in path.read_text() for path in (tmp_path / "broker").iterdir() if path.is_file())


def test_passwords_stay_until_their_file_goes(tmp_path: Path) -> None:
    """Written twice, every client still gets in; a removed file makes a new password."""
    write(SITE, tmp_path, tmp_path / "clients")
    siren, lobby = (tmp_path / "clients" / "siren").read_text(), (tmp_path / "clients" / "lobby").read_text()
    (tmp_path / "clients" / "siren").unlink()
    write(SITE, tmp_path, tmp_path / "clients")
    assert (tmp_path / "clients" / "lobby").read_text() == lobby
    assert (tmp_path / "clients" / "siren").read_text() != siren


def test_a_password_is_kept_as_mosquitto_keeps_it(tmp_path: Path) -> None:
    """The same password and salt give what Debian's mosquitto_passwd wrote."""
    file = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(file), "name", "a password"], check=True)
    kept = file.read_text().strip().partition(":")[2]
    salt = b64decode(kept.split("$")[3])
    assert hashed("a password", salt) == kept


def test_an_unreadable_password_is_told_with_its_cure(tmp_path: Path) -> None:
    """The controller does not begin without it."""
    broker = Broker(url="mqtt://127.0.0.1:1", username="lobby", password_file=str(tmp_path / "none"))
    with pytest.raises(Refusal, match=r"broker\.no-password"):
        broker_of(SITE.model_copy(update={"broker": broker}), SystemClock(), Random())


@pytest.mark.slow
def test_mosquitto_runs_on_what_was_written(tmp_path: Path) -> None:
    """`lobby broker run` becomes a broker that lets the lobby in by its password and nobody without."""
    port = free_port()
    words = ["-m", "lobby.ops.cli", "--site", str(sample("seoul-city-hall")), "broker", "run"]
    process = subprocess.Popen([sys.executable, *words, "--folder", str(tmp_path), "--port", str(port)])

    async def visit(password: str) -> None:
        async with aiomqtt.Client("127.0.0.1", port, username="lobby", password=password, identifier="lobby"):
            pass

    def welcome(password: str | None = None) -> bool:
        try:
            run(visit(password or (tmp_path / "clients" / "lobby").read_text().strip()))
        except (aiomqtt.MqttError, OSError):
            return False
        return True

    try:
        soon(welcome)
        assert not welcome("guessed")
        assert Path(f"/proc/{process.pid}/comm").read_text().strip() == "mosquitto"
    finally:
        process.terminate()
        process.wait(10)
