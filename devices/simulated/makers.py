"""Switches as two makers build them: Tasmota's firmware and Shelly's second generation, on a connection of their own.

Sources: tasmota/docs (`docs/MQTT.md`): `cmnd/<topic>/POWER<n>` answered on `stat/<topic>/RESULT` and
`stat/<topic>/POWER<n>`, `tele/<topic>/LWT` retained, `tele/<topic>/STATE` on connect and from time to time.
shelly-api-docs (gen2 RPC): a request on `<prefix>/rpc`, its response on `<src>/rpc`, changes on `<prefix>/events/rpc`,
`<prefix>/online` retained.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Literal, get_args

from devices.simulated.mqtt import SmallClient
from devices.simulated.plan import MakerSwitch
from devices.simulated.surroundings import now, rest
from devices.simulated.things import Json

Habit = Literal["stubborn", "deaf", "refuses", "locked", "rubbish"]
HABITS: tuple[Habit, ...] = get_args(Habit)
TELEMETRY_S = 300.0
NOT_FOUND, UNKNOWN_METHOD, FAILED, UNAUTHORISED = -105, 404, -109, 401


class _Relay(ABC):
    """What both share: one relay, its habits, its connection. `stubborn` says yes and stays; `deaf` says nothing."""

    def __init__(self, description: MakerSwitch, *, will: tuple[str, bytes], topics: tuple[str, ...]) -> None:
        self.thing = description.thing
        self.will = will
        self.topics = topics
        self.on = False
        self.habits: set[Habit] = set()
        self.client = SmallClient(f"sim-{self.thing}", self.heard)

    @abstractmethod
    def heard(self, topic: str, payload: bytes) -> None:
        """A message of our topics."""

    def state(self) -> Json:
        """On or off, and what is wrong with it."""
        return {"on": self.on, "habits": sorted(self.habits)}

    def break_(self, how: str) -> bool:
        """Take a habit on; False where there is none of that name."""
        habit = next((one for one in HABITS if one == (how or "stubborn")), None)
        if habit is not None:
            self.habits.add(habit)
        return habit is not None

    def mend(self) -> None:
        """As new."""
        self.habits.clear()

    def _switch(self, on: bool) -> None:
        if "stubborn" not in self.habits:
            self.on = on

    def _say(self, topic: str, message: object, *, retain: bool = False) -> None:
        text = "{]" if "rubbish" in self.habits else json.dumps(message)
        self.client.publish(topic, text.encode(), retain=retain)


class Tasmota(_Relay):
    """A device with as many relays as its number says; the last one is the lobby's."""

    def __init__(self, description: MakerSwitch) -> None:
        self._topic, self._relay = description.address, description.number
        will = (f"tele/{self._topic}/LWT", b"Offline")
        super().__init__(description, will=will, topics=(f"cmnd/{self._topic}/+",))

    @property
    def _name(self) -> str:
        return "POWER" if self._relay == 1 else f"POWER{self._relay}"

    def came_up(self) -> None:
        """Here, as after every connect."""
        self.client.publish(f"tele/{self._topic}/LWT", b"Online", retain=True)
        self._say(f"tele/{self._topic}/INFO1", {"Info1": {"Module": "Sonoff Basic", "Version": "14.3.0(tasmota)"}})
        self._tell_state()

    def heard(self, topic: str, payload: bytes) -> None:
        """A command: `POWER` takes ON, OFF, 1, 0, TOGGLE, and nothing or ? as a question."""
        command, wish = topic.rpartition("/")[2].upper(), payload.decode("utf-8", "replace").strip().upper()
        if "deaf" in self.habits:
            return
        if command not in {self._name, "POWER" if self._relay == 1 else "", f"POWER{self._relay}"}:
            self._say(f"stat/{self._topic}/RESULT", {"Command": "Unknown"})
            return
        if "refuses" in self.habits and wish:
            self._say(f"stat/{self._topic}/RESULT", {"Command": "Error"})
            return
        if wish in {"ON", "1", "OFF", "0", "TOGGLE"}:
            self._switch(wish in {"ON", "1"} or (wish == "TOGGLE" and not self.on))
        self._say(f"stat/{self._topic}/RESULT", {self._name: self._word})
        plain = "?!" if "rubbish" in self.habits else self._word
        self.client.publish(f"stat/{self._topic}/{self._name}", plain.encode())

    async def live(self) -> None:
        """Telemetry from time to time."""
        while True:
            await rest(TELEMETRY_S)
            self._tell_state()

    @property
    def _word(self) -> str:
        return "ON" if self.on else "OFF"

    def _tell_state(self) -> None:
        state = {"Time": now().isoformat(timespec="seconds"), self._name: self._word, "Wifi": {"RSSI": 78}}
        self._say(f"tele/{self._topic}/STATE", state)


class Shelly(_Relay):
    """A device whose one switch has the lobby's number; `locked` asks for a password."""

    def __init__(self, description: MakerSwitch) -> None:
        self._prefix, self._number = description.address, description.number
        super().__init__(description, will=(f"{self._prefix}/online", b"false"), topics=(f"{self._prefix}/rpc",))

    def came_up(self) -> None:
        """Here; its whole status follows."""
        self.client.publish(f"{self._prefix}/online", b"true", retain=True)
        self._notify("NotifyFullStatus", self._status())

    def heard(self, _topic: str, payload: bytes) -> None:
        """A request: answered on the topic of whoever asked."""
        try:
            request = json.loads(payload)
            asker, number, method = str(request["src"]), request["id"], str(request["method"])
        except (ValueError, KeyError, TypeError):
            return
        if "deaf" in self.habits:
            return
        was = self.on
        reply = {"id": number, "src": self._prefix, "dst": asker, **self._answer(method, request.get("params"))}
        self._say(f"{asker}/rpc", reply)
        if self.on is not was:
            self._notify("NotifyStatus", {"id": self._number, "output": self.on, "source": "MQTT"})

    async def live(self) -> None:
        """It speaks when something changes, and when asked."""
        while True:
            await rest(TELEMETRY_S)

    def _answer(self, method: str, params: object) -> Mapping[str, object]:
        if "locked" in self.habits:
            return _error(UNAUTHORISED, '{"auth_type": "digest", "realm": "shelly"}')
        if "refuses" in self.habits and method == "Switch.Set":
            return _error(FAILED, "Overpower")
        if not isinstance(params, dict) or params.get("id") != self._number:
            return _error(NOT_FOUND, "Argument 'id', value not found!")
        if method == "Switch.GetStatus":
            return {"result": self._status()}
        if method != "Switch.Set" or not isinstance(params.get("on"), bool):
            return _error(UNKNOWN_METHOD, f"No handler for {method}")
        was = self.on
        self._switch(params["on"])
        return {"result": {"was_on": was}}

    def _status(self) -> Mapping[str, object]:
        watts = 42.5 if self.on else 0.0
        return {"id": self._number, "source": "MQTT", "output": self.on, "apower": watts, "voltage": 221.3}

    def _notify(self, method: str, status: Mapping[str, object]) -> None:
        params = {"ts": round(now().timestamp(), 2), f"switch:{self._number}": status}
        frame = {"src": self._prefix, "dst": f"{self._prefix}/events", "method": method, "params": params}
        self._say(f"{self._prefix}/events/rpc", frame)


def _error(code: int, message: str) -> Mapping[str, object]:
    return {"error": {"code": code, "message": message}}
