"""The things that speak MQTT: a switch, the robot café and an emergency bell, each with its own connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from devices.simulated.mqtt import Disconnected, SmallClient
from devices.simulated.plan import BrokerAddress, ContractThing, TopicSwitch
from devices.simulated.surroundings import chance, now, rest, said_now

COME_BACK_S = 0.5
REPEAT_S = 2.0
CAFE_TELLS_S = 5.0
LEVELS = ("bean", "milk", "water", "powder", "cups")
Json = Mapping[str, object]


class MqttThing(Protocol):
    """What stands behind one connection."""

    @property
    def thing(self) -> str:
        """Its id."""

    @property
    def topics(self) -> tuple[str, ...]:
        """What it listens to."""

    @property
    def will(self) -> tuple[str, bytes] | None:
        """What the broker says, retained, when it is gone."""

    def came_up(self) -> None:
        """Connected: say that we are here and what we are."""

    def heard(self, _topic: str, payload: bytes) -> None:
        """A message of our topics."""

    async def live(self) -> None:
        """What it does by itself while connected."""

    def state(self) -> Json:
        """For the person who steers."""


class Connected:
    """Keeps one thing on the broker; `cut` holds it off until `mend`."""

    def __init__(self, thing: MqttThing, client: SmallClient, broker: BrokerAddress) -> None:
        self.thing = thing
        self._client = client
        self._broker = broker
        self._whole = asyncio.Event()
        self._whole.set()

    def cut(self) -> None:
        """The cable is out: the broker sends the last will."""
        self._whole.clear()
        self._client.drop()

    def mend(self) -> None:
        """The cable is back."""
        self._whole.set()

    def leave(self) -> None:
        """Sign off politely, as at power-down of the simulation."""
        self._client.goodbye()

    async def run(self) -> None:
        """Connect, live, come back after every loss; ends by cancellation."""
        while True:
            await self._whole.wait()
            try:
                await asyncio.create_task(self._once(), name=f"{self.thing.thing}: once")
            except* Disconnected:
                _heed_cancellation()
            await rest(COME_BACK_S * (0.5 + chance().random()))

    async def _once(self) -> None:
        async with asyncio.TaskGroup() as group:
            await self._client.connect(self._broker, will=self.thing.will, topics=self.thing.topics)
            self.thing.came_up()
            group.create_task(self._client.listen(), name=f"{self.thing.thing}: listen")
            group.create_task(self.thing.live(), name=f"{self.thing.thing}: live")


class Switch:
    """On or off. `stubborn` takes commands and does nothing, as a burnt relay does."""

    def __init__(self, description: TopicSwitch | ContractThing) -> None:
        self.thing = description.thing
        self._is = description if isinstance(description, TopicSwitch) else _contract_switch(description)
        self._contract = isinstance(description, ContractThing)
        away = self._is.availability_topic
        self.will = (away, self._is.offline.encode()) if away else None
        self.topics = (self._is.command_topic,)
        self.on = False
        self.stubborn = False
        self.client = SmallClient(f"sim-{self.thing}", self.heard)
        self._count = 0
        self._prefix = description.prefix if isinstance(description, ContractThing) else ""

    def came_up(self) -> None:
        """Availability and state, retained."""
        if self._is.availability_topic:
            self.client.publish(self._is.availability_topic, self._is.online.encode(), retain=True)
        self._tell()

    def heard(self, _topic: str, payload: bytes) -> None:
        """A command: the contract's JSON, or the described payload."""
        value, command = self._understood(payload)
        if value is None:
            return
        if not self.stubborn:
            self.on = value == "on"
        if command is not None:
            outcome = "failed" if self.stubborn else "accepted"
            self._say("result", {"v": 1, "id": command, "outcome": outcome, "detail": ""}, retain=False)
        self._tell()

    async def live(self) -> None:
        """Tells its state every ten seconds."""
        while True:
            await rest(10)
            self._tell()

    def state(self) -> Json:
        """On or off, and whether it obeys."""
        return {"on": self.on, "stubborn": self.stubborn}

    def _understood(self, payload: bytes) -> tuple[str | None, str | None]:
        text = payload.decode("utf-8", "replace")
        if not self._contract:
            return next((value for value, word in self._is.command_payloads.items() if word == text), None), None
        try:
            order = json.loads(text)
            late = datetime.fromisoformat(order["expires_at"]) < now()
            return (None, None) if late else (str(order["value"]), str(order["id"]))
        except (ValueError, KeyError, TypeError):
            return None, None

    def _tell(self) -> None:
        value = "on" if self.on else "off"
        if self._contract:
            self._count += 1
            self._say("reported", {"v": 1, "value": value, "at": said_now(), "seq": self._count}, retain=True)
        else:
            self.client.publish(self._is.state_topic, self._is.state_payloads[value].encode(), retain=True)

    def _say(self, what: str, message: Json, *, retain: bool) -> None:
        self.client.publish(f"{self._prefix}/{what}", json.dumps(message).encode(), retain=retain)


class Cafe:
    """The robot café: makes a drink now and then, runs empty, fails, is refilled."""

    def __init__(self, description: ContractThing) -> None:
        self.thing = description.thing
        self._prefix = description.prefix
        self.topics = (f"{description.prefix}/command",)
        self._here = f"{description.prefix}/availability"
        self.will = (self._here, b"offline")
        self.levels = {"bean": 80, "milk": 70, "water": 90, "powder": 60, "cups": 42}
        self.faults: list[str] = []
        self.sold = 1200
        self.client = SmallClient(f"sim-{self.thing}", self.heard)
        self._count = 0

    def came_up(self) -> None:
        """Here, and as follows."""
        self.client.publish(self._here, b"online", retain=True)
        self.tell()

    def heard(self, _topic: str, payload: bytes) -> None:
        """The café takes no commands from the lobby."""

    async def live(self) -> None:
        """Tells its state every few seconds; each time it may have sold a cup."""
        while True:
            await rest(CAFE_TELLS_S)
            if not self.faults and min(self.levels.values()) > 0 and self._count % 12 == 0:
                self.sold += 1
                self.levels["cups"] -= 1
            self.tell()

    def tell(self) -> None:
        """Publish the whole state, retained."""
        self._count += 1
        self.client.publish(f"{self._prefix}/reported", json.dumps(self._report()).encode(), retain=True)

    def state(self) -> Json:
        """Levels and faults."""
        return {"levels": self.levels, "faults": self.faults, "sold": self.sold}

    def _report(self) -> Json:
        machine = "fault" if self.faults else "out_of_service" if min(self.levels.values()) <= 0 else "idle"
        faults = [{"code": code, "severity": "high", "since": said_now()} for code in self.faults]
        return {
            "v": 1,
            "value": machine,
            "at": said_now(),
            "seq": self._count,
            "levels": self.levels,
            "cup_return": {"count": 17, "percent": 34, "door": "closed"},
            "orders_waiting": 1 if machine == "idle" else 0,
            "faults": faults,
            "counters": {"sold": self.sold},
        }


class Bell:
    """An emergency bell that repeats its press until it reads its id on `assured`; only that lights its lamp."""

    def __init__(self, description: ContractThing) -> None:
        self.thing = description.thing
        self._prefix = description.prefix
        self._heartbeat_s = description.heartbeat_s
        self.topics = (f"{description.prefix}/assured",)
        self._here = f"{description.prefix}/availability"
        self.will = (self._here, b"offline")
        self.waiting: dict[str, str] = {}
        self.assured: list[str] = []
        self.registered = False
        self.tamper = False
        self.client = SmallClient(f"sim-{self.thing}", self.heard)
        self._pressed = asyncio.Event()

    def press(self) -> str:
        """Push the button; gives the press's id."""
        number = f"{chance().getrandbits(64):016x}"
        self.waiting[number] = said_now()
        self.registered = False
        self._pressed.set()
        return number

    def came_up(self) -> None:
        """Here; presses that nobody assured go out again at once."""
        self.client.publish(self._here, b"online", retain=True)
        self._pressed.set()

    def heard(self, _topic: str, payload: bytes) -> None:
        """Assured: stop repeating, light the lamp."""
        try:
            number = str(json.loads(payload)["id"])
        except (ValueError, KeyError, TypeError):
            return
        if self.waiting.pop(number, None) is not None:
            self.assured.append(number)
            self.registered = True

    async def live(self) -> None:
        """Heartbeats, and every press again until it is assured."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._beat(), name=f"{self.thing}: heartbeat")
            group.create_task(self._repeat(), name=f"{self.thing}: press")

    def state(self) -> Json:
        """The lamp, and the ids of presses: those that wait and those assured."""
        return {"registered": self.registered, "waiting": list(self.waiting), "assured": list(self.assured)}

    async def _beat(self) -> None:
        while True:
            message = {"v": 1, "value": "watch", "at": said_now(), "battery": 97, "tamper": self.tamper}
            self.client.publish(f"{self._prefix}/reported", json.dumps(message).encode(), qos=0)
            await rest(self._heartbeat_s)

    async def _repeat(self) -> None:
        while True:
            self._pressed.clear()
            for number, at in tuple(self.waiting.items()):
                message = {"v": 1, "id": number, "type": "press", "at": at, "battery": 97, "tamper": self.tamper}
                self.client.publish(f"{self._prefix}/event", json.dumps(message).encode())
            try:
                async with asyncio.timeout(REPEAT_S if self.waiting else None):
                    await self._pressed.wait()
            except TimeoutError:
                continue


def _heed_cancellation() -> None:
    """A task group that fails while it is being cancelled raises its failure only (Python 3.11): end all the same."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _contract_switch(description: ContractThing) -> TopicSwitch:
    return TopicSwitch(
        thing=description.thing,
        state_topic=f"{description.prefix}/reported",
        state_payloads={},
        command_topic=f"{description.prefix}/command",
        command_payloads={},
        availability_topic=f"{description.prefix}/availability",
    )
