"""The embedded broker is for trying; our lines work on it as on Mosquitto."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from devices.messages import Message
from tests.devices.mqtt.house import BellTwin, Recorder, controller, peer
from tests.eventually import eventually
from tests.mosquitto import free_port
from tests.running import run

pytestmark = pytest.mark.slow


@contextmanager
def embedded(port: int) -> Iterator[subprocess.Popen[str]]:
    """A running embedded broker that ends with the block."""
    command = [sys.executable, "-m", "devices.simulated.broker", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    with process.stdout:
        try:
            assert process.stdout.readline().strip() == str(port)
            yield process
        finally:
            process.terminate()
            process.wait(10)


def test_lines_connect_publish_and_subscribe_on_the_embedded_broker() -> None:
    """A message goes out and another comes in; a bell's press is recorded and assured."""

    async def scenario(port: int) -> None:
        heard: list[Message] = []
        sink = Recorder()
        async with controller(f"mqtt://127.0.0.1:{port}", sink) as broker, peer(port) as device:
            broker.things.subscribe("tele/+", heard.append)
            await device.subscribe("cmnd", 1)
            await broker.things.publish("cmnd", "on")
            assert (await anext(aiter(device.messages))).payload == b"on"
            await eventually(lambda: "tele/+" in broker.things._asked)
            await device.publish("tele/a", "1", qos=1)
            await eventually(lambda: heard)
            async with asyncio.TaskGroup() as group:
                twin = BellTwin(port)
                task = group.create_task(twin.run())
                twin.press("p")
                await eventually(lambda: twin.assured == ["p"])
                task.cancel()
        assert sink.ids == {"p"}

    port = free_port()
    with embedded(port):
        run(scenario(port))


def test_lines_come_back_after_the_embedded_broker_was_killed() -> None:
    """A new broker on the same port is found and asked for every subscription again."""

    async def scenario(port: int) -> None:
        heard: list[Message] = []
        with embedded(port) as first:
            async with controller(f"mqtt://127.0.0.1:{port}") as broker:
                broker.things.subscribe("tele/+", heard.append)
                first.kill()
                await eventually(lambda: not broker.things.state.up)
                with embedded(port):
                    await eventually(lambda: broker.things.state.up and broker.bells.state.up)
                    async with peer(port) as device:
                        await device.publish("tele/a", "1", qos=1)
                        await eventually(lambda: heard)

    run(scenario(free_port()))
