"""Other makers' devices under the generated access list: what their dialects need passes, in both directions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from devices.broker import Broker, BrokerAddress
from devices.reports import Command, Outcome
from devices.sensors import Sensor, Sensors
from devices.shelly import ShellySwitch, source
from devices.simulated.hall import Hall
from devices.simulated.plan import BrokerAddress as SimulatedAddress
from devices.simulated.plan import DescribedSensor, HardwarePlan, MakerSwitch
from devices.switches import MqttSwitches
from devices.tasmota import TasmotaSwitch
from devices.topics import Matcher
from lobby.core.clock import SystemClock
from tests.devices.mqtt.house import running
from tests.devices.mqtt.standins import NotedThings
from tests.devices.mqtt.test_configuration import guarded
from tests.eventually import eventually
from tests.mosquitto import mosquitto
from tests.running import run

NAMES = ("plug", "lamp", "air")


@asynccontextmanager
async def devices(folder: Path, port: int) -> AsyncIterator[None]:
    """The devices, each signed on under its own name."""
    plan = HardwarePlan(
        broker=SimulatedAddress(host="127.0.0.1", port=port),
        maker_switches=(
            MakerSwitch(thing="plug", dialect="tasmota", address="plug", number=1),
            MakerSwitch(thing="lamp", dialect="shelly", address="shellyplus1-abc", number=0),
        ),
        sensors=(DescribedSensor(thing="air", topic="z2m/air", key="temperature", first="20", every_s=0.1),),
        passwords={name: name for name in NAMES},
    )
    ready = asyncio.Event()
    task = asyncio.create_task(Hall(plan, folder=folder).run(ready=ready.set))
    try:
        await ready.wait()
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.slow
def test_switches_are_ordered_and_sensors_heard_through_the_access_list(tmp_path: Path) -> None:
    """Verified by what the device says; nothing the list forbids is needed."""

    async def scenario(port: int) -> None:
        clock, sink = SystemClock(), NotedThings()
        address = BrokerAddress.of(f"mqtt://127.0.0.1:{port}", username="lobby", password="lobby")
        broker = Broker(address, "seoul", clock=clock, chance=Random(7))
        lamp = ShellySwitch(thing="lamp", prefix="shellyplus1-abc", source=source("seoul", "lamp"))
        switches = MqttSwitches(broker.things, [TasmotaSwitch(thing="plug", topic="plug"), lamp], sink, clock=clock)
        air = Sensor(thing="air", state=Matcher(topic="z2m/air", key="temperature"), max_age_s=60, number=True)
        Sensors(broker.things, [air], sink, clock=clock)
        async with running(broker), devices(tmp_path / "hall", port):
            await eventually(lambda: {report.thing for report in sink.reports} == set(NAMES))
            for thing in ("plug", "lamp"):
                expires_at = clock.now() + timedelta(seconds=5)
                order = Command(id="1", thing=thing, value="on", expires_at=expires_at)
                assert await switches.send(order) is Outcome.VERIFIED
            assert "20" in {report.value for report in sink.reports if report.thing == "air"}

    with mosquitto(tmp_path, guarded(tmp_path)) as server:
        run(scenario(server.port))
