"""A controller's MQTT side and a bell's, on a real broker."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

import aiomqtt

from devices.bells import ContractBells
from devices.broker import Broker, BrokerAddress
from devices.cancellation import heed_cancellation
from devices.reports import BellHeard, BellPressed
from lobby.core.clock import SystemClock
from tests.eventually import eventually

BELL = "lobby/1/seoul/bell-desk"
AT = "2026-11-23T03:00:00Z"
NO_DELAY = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)


@dataclass
class Recorder:
    """A BellSink that records as the lobby does: an id once, durable after a moment."""

    presses: list[BellPressed] = field(default_factory=list)
    hold: asyncio.Event | None = None

    @property
    def ids(self) -> set[str | None]:
        return {press.press_id for press in self.presses if not press.retained}

    async def pressed(self, press: BellPressed) -> bool:
        self.presses.append(press)
        if self.hold is not None:
            await self.hold.wait()
        return True

    def heard(self, heard: BellHeard) -> None: ...

    def lost(self, bell: str, path: str, cause: str) -> None: ...

    def trouble(self, bell: str, cause: str) -> None: ...


@asynccontextmanager
async def controller(url: str, sink: Recorder | None = None) -> AsyncIterator[Broker]:
    """Both lines up with one contract bell, until the block ends."""
    broker = Broker(BrokerAddress.of(url), "seoul", clock=SystemClock(), chance=Random(7))
    if sink is not None:
        ContractBells(broker.bells, "seoul", ("bell-desk",), sink)
    async with running(broker):
        yield broker


@asynccontextmanager
async def running(broker: Broker) -> AsyncIterator[None]:
    """Run it and wait until both lines are up."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(broker.run())
        await eventually(lambda: broker.bells.state.up and broker.things.state.up)
        yield
        task.cancel()


class BellTwin:
    """A bell as our contract wants it: it repeats each press until it reads the id on `assured`."""

    def __init__(self, port: int, *, repeat_s: float = 0.2) -> None:
        self._port = port
        self._repeat_s = repeat_s
        self.waiting: list[str] = []
        self.assured: list[str] = []

    def press(self, press_id: str) -> None:
        self.waiting.append(press_id)

    async def run(self) -> None:
        while True:
            try:
                await self._live()
            except* aiomqtt.MqttError:
                pass
            heed_cancellation()
            await asyncio.sleep(0.1)

    async def _live(self) -> None:
        async with asyncio.TaskGroup() as group, aiomqtt.Client("127.0.0.1", self._port, timeout=1) as client:
            await client.subscribe(f"{BELL}/assured", 1)
            group.create_task(self._repeat(client))
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                self._read(json.loads(message.payload)["id"])

    def _read(self, press_id: str) -> None:
        if press_id in self.waiting:
            self.waiting.remove(press_id)
            self.assured.append(press_id)

    async def _repeat(self, client: aiomqtt.Client) -> None:
        while True:
            for press_id in tuple(self.waiting):
                await client.publish(f"{BELL}/event", press(press_id), qos=1, timeout=1)
            await asyncio.sleep(self._repeat_s)


def press(press_id: str) -> str:
    """A press as our contract writes it."""
    return json.dumps({"v": 1, "id": press_id, "type": "press", "at": AT})


@asynccontextmanager
async def peer(port: int) -> AsyncIterator[aiomqtt.Client]:
    """Somebody else on the broker."""
    async with aiomqtt.Client("127.0.0.1", port, socket_options=NO_DELAY) as client:
        client.pending_calls_threshold = 10_000
        yield client
