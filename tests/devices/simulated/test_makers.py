"""The simulated Tasmota and Shelly on Mosquitto, ordered by Debian's client, word for word as documented."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devices.simulated.hall import Hall, NoSuchThing
from devices.simulated.plan import BrokerAddress, DescribedSensor, HardwarePlan, LedLine, MakerSwitch
from tests.devices.mqtt.house import peer
from tests.mosquitto import mosquitto
from tests.running import run

DEVICES = (
    MakerSwitch(thing="sign", dialect="tasmota", address="desk-sign", number=1),
    MakerSwitch(thing="lights", dialect="shelly", address="shellyplus1-abc", number=0),
)
AIR = DescribedSensor(
    thing="air", topic="up", key="object.rx.0.celsius", first="20", every_s=3600, availability_topic="up/here"
)


@asynccontextmanager
async def standing(folder: Path, port: int) -> AsyncIterator[Hall]:
    """The devices on a broker."""
    address = BrokerAddress(host="127.0.0.1", port=port)
    led = LedLine(link="led-line", transport="tcp", thing="led")
    plan = HardwarePlan(broker=address, maker_switches=DEVICES, sensors=(AIR,), led_lines=(led,))
    hall, ready = Hall(plan, folder=folder), asyncio.Event()
    task = asyncio.create_task(hall.run(ready=ready.set))
    try:
        await ready.wait()
        yield hall
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def hearing(port: int, count: int, *topics: str) -> AsyncIterator[list[str]]:
    """Topic and payload of what is said on these topics from now on; the block ends when it has heard so many."""
    heard: list[str] = []
    async with peer(port) as client:
        for topic in topics:
            await client.subscribe(topic, 1)
        yield heard
        async with asyncio.timeout(10):
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                heard += [f"{message.topic} {message.payload.decode()}"] * (not message.retain)
                if len(heard) == count:
                    return


async def kept(port: int, topic: str) -> None:
    """Return when the broker has something retained there."""
    command = f"mosquitto_sub -h 127.0.0.1 -p {port} -q 1 -C 1 -W 10 -t {topic}".split()
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    assert await process.wait() == 0


async def say(port: int, topic: str, payload: str) -> None:
    """As any program does."""
    process = await asyncio.create_subprocess_exec(
        *f"mosquitto_pub -h 127.0.0.1 -p {port} -q 1 -t {topic} -m".split(), payload
    )
    assert await process.wait() == 0


@pytest.mark.slow
def test_tasmota_answers_twice_as_its_documentation_shows(tmp_path: Path) -> None:
    """A command gives RESULT as JSON and POWER as text; an unknown one says so."""

    async def body(port: int) -> None:
        async with standing(tmp_path / "hall", port):
            await kept(port, "tele/desk-sign/LWT")
            async with hearing(port, 3, "stat/desk-sign/RESULT", "stat/desk-sign/POWER") as heard:
                await say(port, "cmnd/desk-sign/Power", "TOGGLE")
                await say(port, "cmnd/desk-sign/POWER7", "ON")
            assert heard == [
                'stat/desk-sign/RESULT {"POWER": "ON"}',
                "stat/desk-sign/POWER ON",
                'stat/desk-sign/RESULT {"Command": "Unknown"}',
            ]

    with mosquitto(tmp_path / "broker") as server:
        run(body(server.port))


@pytest.mark.slow
def test_shelly_answers_whoever_asked_and_notifies_everybody(tmp_path: Path) -> None:
    """The response on `<src>/rpc`, the change on `<prefix>/events/rpc`, an error for a switch that is not there."""

    async def body(port: int) -> None:
        request = {"id": 7, "src": "tester", "method": "Switch.Set", "params": {"id": 0, "on": True}}
        async with standing(tmp_path / "hall", port):
            await kept(port, "shellyplus1-abc/online")
            async with hearing(port, 3, "tester/rpc", "shellyplus1-abc/events/rpc") as heard:
                await say(port, "shellyplus1-abc/rpc", json.dumps(request))
                await say(port, "shellyplus1-abc/rpc", json.dumps(request | {"params": {"id": 3}}))
            frames = [json.loads(line.partition(" ")[2]) for line in heard]
            assert frames[0] == {"id": 7, "src": "shellyplus1-abc", "dst": "tester", "result": {"was_on": False}}
            assert frames[1]["params"]["switch:0"] == {"id": 0, "output": True, "source": "MQTT"}
            assert frames[2]["error"]["code"] == -105

    with mosquitto(tmp_path / "broker") as server:
        run(body(server.port))


@pytest.mark.slow
def test_a_sensor_says_what_it_is_set_to(tmp_path: Path) -> None:
    """In the form its description reads, lists and objects included; other things cannot be set."""

    async def body(port: int) -> None:
        async with standing(tmp_path / "hall", port) as hall:
            await kept(port, "up/here")
            async with hearing(port, 1, "up") as heard:
                await hall.steer("set", "air", "31.5")
            assert json.loads(heard[0].partition(" ")[2])["object"] == {"rx": [{"celsius": 31.5}]}
            with pytest.raises(NoSuchThing, match="only a sensor"):
                await hall.steer("set", "sign", "on")

    with mosquitto(tmp_path / "broker") as server:
        run(body(server.port))


@pytest.mark.slow
def test_a_wrong_habit_names_those_there_are(tmp_path: Path) -> None:
    """For every kind of device."""

    async def body(port: int) -> None:
        async with standing(tmp_path / "hall", port) as hall:
            for thing, habit in (("sign", "stubborn"), ("lights", "locked"), ("led", "check-error")):
                with pytest.raises(NoSuchThing, match=habit):
                    await hall.steer("break", thing, "sings")

    with mosquitto(tmp_path / "broker") as server:
        run(body(server.port))
