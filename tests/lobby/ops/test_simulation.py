"""Simulated hardware of another process: where its wires listen and under whose name its things sign on."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from devices.simulated.hall import Hall
from devices.simulated.plan import BrokerAddress
from lobby.core.sitefile import read
from lobby.ops.cli import sample
from lobby.ops.simulation import hardware_plan, wires_at
from tests.eventually import eventually
from tests.mosquitto import free_port
from tests.running import run

SITE = read(sample("small-office"))


def test_every_link_has_a_port_of_its_own() -> None:
    """Counted from the first in the order of the site file, so that two processes agree without talking."""
    assert wires_at(SITE, 4001) == {"screen-line": "socket://127.0.0.1:4001", "bell-line": "socket://127.0.0.1:4002"}


def test_the_hardware_listens_where_the_controller_looks(tmp_path: Path) -> None:
    """A display behind a converter answers on the port that was computed."""
    port = free_port()

    async def scenario() -> bytes:
        hall = Hall(hardware_plan(SITE, None, first_port=port), folder=tmp_path)
        ready = asyncio.Event()
        task = asyncio.create_task(hall.run(ready=ready.set))
        await ready.wait()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(bytes.fromhex("aa1101 00 12"))
        answer = await reader.readexactly(8)
        writer.close()
        task.cancel()
        await eventually(task.done)
        return answer

    assert run(scenario())[:2] == b"\xaa\xff"
    assert json.loads((tmp_path / "addresses.json").read_text())["screen-line"] == f"tcp://127.0.0.1:{port}"


def test_a_thing_with_a_password_signs_on_under_its_own_id() -> None:
    """The others stay as they are."""
    plan = hardware_plan(SITE, BrokerAddress(host="h", port=1), passwords={"bell-desk": "secret"})
    assert plan.address_of("siren") == BrokerAddress(host="h", port=1)
    assert plan.address_of("bell-desk") == BrokerAddress(host="h", port=1, username="bell-desk", password="secret")
