"""The simulated MQTT things on the embedded broker, heard and ordered by Debian's mosquitto clients."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devices.simulated.hall import Hall
from devices.simulated.plan import BrokerAddress, ContractThing, HardwarePlan
from devices.simulated.steering import ask
from tests.eventually import eventually
from tests.running import run

PREFIX = "lobby/1/trial"


@asynccontextmanager
async def embedded_broker() -> AsyncIterator[int]:
    """The port of a broker of its own process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "devices.simulated.broker", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield int(await process.stdout.readline())
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


@asynccontextmanager
async def standing(folder: Path, port: int) -> AsyncIterator[Hall]:
    """A siren, a café and a bell on that broker."""
    kinds = {"siren": "switch", "cafe": "cafe", "bell": "bell"}
    things = tuple(
        ContractThing(thing=name, kind=kind, prefix=f"{PREFIX}/{name}")  # type: ignore[arg-type]  # words of the literal
        for name, kind in kinds.items()
    )
    hall = Hall(HardwarePlan(broker=BrokerAddress(host="127.0.0.1", port=port), contract_things=things), folder=folder)
    ready = asyncio.Event()
    task = asyncio.create_task(hall.run(ready=ready.set))
    try:
        await ready.wait()
        yield hall
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def first_message(port: int, topic: str) -> str:
    """What mosquitto_sub hears first."""
    process = await asyncio.create_subprocess_exec(
        *f"mosquitto_sub -h 127.0.0.1 -p {port} -q 1 -C 1 -W 20 -t {topic}".split(), stdout=asyncio.subprocess.PIPE
    )
    return (await process.communicate())[0].decode().strip()


async def publish(port: int, topic: str, message: object) -> None:
    """Send as any other device would."""
    process = await asyncio.create_subprocess_exec(
        *f"mosquitto_pub -h 127.0.0.1 -p {port} -q 1 -t {topic} -m".split(), json.dumps(message)
    )
    assert await process.wait() == 0


@pytest.mark.slow
def test_a_switch_obeys_a_command_of_the_contract(tmp_path: Path) -> None:
    """A command that has not expired turns the siren on."""

    async def body() -> None:
        async with embedded_broker() as port, standing(tmp_path, port) as hall:
            assert await first_message(port, f"{PREFIX}/siren/availability") == "online"
            order = {"v": 1, "id": "a", "action": "set", "value": "on", "expires_at": "2999-01-01T00:00:00Z"}
            await publish(port, f"{PREFIX}/siren/command", order)
            await eventually(lambda: hall.show()["siren"] == {"on": True, "stubborn": False})

    run(body())


@pytest.mark.slow
def test_a_bell_repeats_until_its_press_is_assured(tmp_path: Path) -> None:
    """Its lamp lights only when it reads its own id on `assured`."""

    async def body() -> None:
        async with embedded_broker() as port, standing(tmp_path, port) as hall:
            assert await first_message(port, f"{PREFIX}/bell/availability") == "online"
            await ask(tmp_path / "steer.sock", verb="press", thing="bell")
            said = "online"  # the embedded broker hands retained messages to everyone: wait for the bell's own
            while said == "online":
                said = await first_message(port, f"{PREFIX}/bell/event")
            number = json.loads(said)["id"]
            await publish(port, f"{PREFIX}/bell/assured", {"v": 1, "id": number})
            await eventually(lambda: hall.show()["bell"] == {"registered": True, "waiting": [], "assured": [number]})

    run(body())


@pytest.mark.slow
def test_a_cut_cable_lets_the_broker_speak_the_last_will(tmp_path: Path) -> None:
    """The café is `offline` without a word of its own."""

    async def body() -> None:
        async with embedded_broker() as port, standing(tmp_path, port) as hall:
            assert await first_message(port, f"{PREFIX}/cafe/availability") == "online"
            await hall.steer("cut", "cafe", "")
            said = ""
            while said != "offline":
                said = await first_message(port, f"{PREFIX}/cafe/availability")

    run(body())


@pytest.mark.slow
def test_an_emptied_cafe_says_that_it_is_out_of_service(tmp_path: Path) -> None:
    """No milk, no coffee: the reported value says so."""

    async def body() -> None:
        async with embedded_broker() as port, standing(tmp_path, port) as hall:
            await first_message(port, f"{PREFIX}/cafe/reported")
            hearing = asyncio.create_task(first_message(port, f"{PREFIX}/cafe/reported"))
            await hall.steer("empty", "cafe", "milk")
            assert json.loads(await hearing)["value"] in {"idle", "out_of_service"}
            assert json.loads(await first_message(port, f"{PREFIX}/cafe/reported"))["value"] == "out_of_service"

    run(body())
