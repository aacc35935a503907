"""A site as `docker/` and the units run it: a guarded Mosquitto of its own, hardware of another process."""

from __future__ import annotations

import asyncio
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from devices.simulated.steering import ask
from lobby.core.site import Broker
from lobby.core.sitefile import export, read
from tests.eventually import soon
from tests.mosquitto import free_port
from tests.scenarios.house import SITES, Process, Running, Visitor, without_pictures


def bells(visitor: Visitor) -> dict[str, str]:
    """What is known of each bell."""
    return {one["bell"]: one["state"] for one in visitor.ask("GET", "/api/v1/status")[1]["documents"]["bells"]}


def free_ports(count: int) -> int:
    """The first of so many neighbours that nobody listens on, below those that the system hands out."""
    for first in range(20_000, 32_000, count):
        with ExitStack() as stack, suppress(OSError):
            for port in range(first, first + count):
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
            return first
    raise AssertionError("no free ports")


@pytest.mark.slow
def test_every_part_signs_on_under_its_own_name(tmp_path: Path) -> None:
    """Both bells, by MQTT with a password and by a converter's port, reach the console; the player has its token."""
    port, wires = free_port(), free_ports(10)
    clients = tmp_path / "broker" / "clients"
    broker = Broker(url=f"mqtt://127.0.0.1:{port}", username="lobby", password_file=str(clients / "lobby"))
    site = without_pictures(read(SITES / "seoul-city-hall.toml")).model_copy(update={"broker": broker})
    (tmp_path / "site.toml").write_text(export(site), encoding="utf-8")
    common = ("--site", str(tmp_path / "site.toml"), "--data", str(tmp_path / "data"))
    at = ("--wires-at", str(wires))
    parts: list[Process] = []

    def start(*words: str) -> Process:
        parts.append(Process(*common, *words, log=tmp_path / f"{words[0]}.log"))
        return parts[-1]

    try:
        start("broker", "run", "--folder", str(tmp_path / "broker"), "--port", str(port))
        soon(lambda: "mosquitto version" in (tmp_path / "broker.log").read_text())
        lobby = Running(start("run", "--behind-proxy", "--local-players", *at), tmp_path / "data")
        start("simulate", *at, "--passwords", str(clients)).said("ready")
        admin = lobby.admin()
        assert admin.cookie.startswith("__Host-lobby=")
        soon(lambda: bells(admin) == {"bell-desk": "ok", "bell-counsel": "ok"}, within_s=20)
        asyncio.run(ask(tmp_path / "data" / "simulated" / "steer.sock", verb="press", thing="bell-desk", how=""))
        soon(lambda: [one["bell"] for one in admin.ask("GET", "/api/v1/incidents")[1]["incidents"]] == ["bell-desk"])
        token = tmp_path / "data" / "players" / "lobby-player" / "token"
        soon(token.exists)
        assert token.stat().st_mode & 0o777 == 0o600
    finally:
        for part in reversed(parts):
            part.stop()
