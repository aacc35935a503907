"""Shelly switches of the second generation and later, by their RPC over MQTT: prefix and switch number are enough.

After shelly-api-docs.shelly.cloud (gen2: General/RPCProtocol, General/Notifications, ComponentsAndServices/Mqtt and
Switch): a request is published on `<prefix>/rpc` with `id`, `src`, `method` and `params`; the response, with the same
`id` and either `result` or `error {code, message}`, comes on `<src>/rpc`; changes come on `<prefix>/events/rpc` as
`NotifyStatus`, which carries only what changed, or `NotifyFullStatus`. That the response goes to `<src>/rpc` and that
`<prefix>/online` is `true`, as last will `false`, stands in other people's programs; none of it was tried on a device.
`Switch.Set` tells what was, not what is, so `Switch.GetStatus` follows it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from devices.dialects import QUESTION, Answer, Letter, Said, document
from devices.errors import WrongAddress
from devices.messages import Message
from devices.reports import Command, Value
from devices.topics import LONGEST_TEXT, reachable

OUTPUT = {"on": True, "off": False}
WORDS = {True: "on", False: "off"}
UNAUTHORISED = 401
READINGS = {"apower": "watts", "voltage": "volts"}
NOTIFIED = frozenset({"NotifyStatus", "NotifyFullStatus"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellySwitch:
    """One switch of a device, counted from 0; `source` is the name under which we ask, this thing's own."""

    thing: str
    prefix: str
    source: str
    switch: int = 0
    answers: bool = True

    def topics(self) -> tuple[str, ...]:
        """See `Switch`."""
        told = ("events/rpc", "online", f"status/{self._component}")
        return (f"{self.source}/rpc", *(f"{self.prefix}/{what}" for what in told))

    def orders(self, command: Command) -> tuple[Letter, ...]:
        """See `Switch`."""
        if command.value not in OUTPUT:
            raise WrongAddress("no-such-value", f"{self.thing}: {command.value}")
        wanted = self._request(command.id, "Switch.Set", {"id": self.switch, "on": OUTPUT[command.value]})
        return (wanted, *self.questions())

    def questions(self) -> tuple[Letter, ...]:
        """See `Switch`."""
        return (self._request(QUESTION, "Switch.GetStatus", {"id": self.switch}),)

    def read(self, message: Message) -> Said:
        """See `Switch`."""
        if message.topic == f"{self.prefix}/online":
            return Said(here=reachable(message.text()))
        told = document(message)
        if message.topic == f"{self.source}/rpc":
            return _response(told)
        if message.topic == f"{self.prefix}/events/rpc":
            told = _inside(told, "params") if told.get("method") in NOTIFIED else {}
            return _status(_inside(told, self._component))
        return _status(told)

    @property
    def _component(self) -> str:
        return f"switch:{self.switch}"

    def _request(self, number: str, method: str, params: Mapping[str, object]) -> Letter:
        request = {"id": number, "src": self.source, "method": method, "params": params}
        return f"{self.prefix}/rpc", json.dumps(request)


def source(site: str, thing: str) -> str:
    """The name under which a site asks for a thing, unlike any other on the broker."""
    return f"lobby-{site}-{thing}"


def _response(told: Mapping[str, object]) -> Said:
    number = str(told.get("id"))
    if (error := _inside(told, "error")) or "result" not in told:
        locked = error.get("code") == UNAUTHORISED
        detail = f"{error.get('code')}: {error.get('message')}"[:LONGEST_TEXT]
        return Said(answer=Answer(id=number, yes=False, cause="needs-password" if locked else "refused", detail=detail))
    said = _status(_inside(told, "result"))
    return said if number == QUESTION else Said(answer=Answer(id=number, yes=True))


def _status(status: Mapping[str, object]) -> Said:
    """A switch's status or the part of it that changed; without its output it says nothing of the state."""
    output = status.get("output")
    if not isinstance(output, bool):
        return Said()
    detail: dict[str, Value] = {
        ours: reading for theirs, ours in READINGS.items() if isinstance(reading := status.get(theirs), int | float)
    }
    return Said(value=WORDS[output], detail=detail)


def _inside(told: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = told.get(key)
    return value if isinstance(value, dict) else {}
