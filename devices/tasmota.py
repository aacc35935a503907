"""Switches with Tasmota's firmware: its topic and relay are enough, the rest is the maker's.

After tasmota/docs (`docs/MQTT.md`, `docs/Commands.md`), with the default FullTopic `%prefix%/%topic%/`: `POWER` or
`POWER<n>` on `cmnd/<topic>/` with `ON`, `OFF`, or `?` as a question; every reply stands on `stat/<topic>/RESULT` as
JSON and on `stat/<topic>/POWER<n>` as text, telemetry on `tele/<topic>/STATE`; the last will is `Offline` on
`tele/<topic>/LWT`. Relay 1 is `POWER` on a device with one relay and `POWER1` on one with several; both command it.
A retained command switches the device at every reconnect (`ghost switching`), so one that is found is told.
"""

from __future__ import annotations

from dataclasses import dataclass

from devices.dialects import Answer, Letter, Said, document, payload_for
from devices.errors import BadFrame
from devices.messages import Message
from devices.reports import Command
from devices.topics import LONGEST_TEXT, reachable

PAYLOADS = {"on": "ON", "off": "OFF"}
STATES = {"ON": "on", "OFF": "off", "1": "on", "0": "off"}
ASK = "?"
COMMANDS, STATES_AT, TELEMETRY = "cmnd", "stat", "tele"


@dataclass(frozen=True, slots=True, kw_only=True)
class TasmotaSwitch:
    """One relay of a device, counted from 1."""

    thing: str
    topic: str
    relay: int = 1
    answers: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """What this relay may be called; the first is how it is ordered."""
        return ("POWER", "POWER1") if self.relay == 1 else (f"POWER{self.relay}",)

    def topics(self) -> tuple[str, ...]:
        """See `Switch`."""
        return (
            *(self._at(STATES_AT, name) for name in ("RESULT", *self.names)),
            *(self._at(TELEMETRY, name) for name in ("STATE", "LWT")),
            *(self._at(COMMANDS, name) for name in self.names),
        )

    def orders(self, command: Command) -> tuple[Letter, ...]:
        """See `Switch`."""
        return ((self._at(COMMANDS, self.names[0]), payload_for(self.thing, command.value, PAYLOADS)),)

    def questions(self) -> tuple[Letter, ...]:
        """See `Switch`."""
        return ((self._at(COMMANDS, self.names[0]), ASK),)

    def read(self, message: Message) -> Said:
        """See `Switch`."""
        kind, _, name = message.topic.partition(f"/{self.topic}/")
        if name == "LWT":
            return Said(here=reachable(message.text()))
        if kind == COMMANDS:
            return Said(order="" if message.retained or not message.payload else None)
        if name in self.names:
            return Said(value=_state(message.text()))
        return self._told(message)

    def _told(self, message: Message) -> Said:
        """A reply or telemetry; one that is about something else says nothing of this relay."""
        told = document(message)
        for name in self.names:
            if name in told:
                return Said(value=_state(str(told[name])))
        if "Command" in told:
            return Said(answer=Answer(id=None, yes=False, detail=f"Command {told['Command']}"[:LONGEST_TEXT]))
        return Said()

    def _at(self, kind: str, name: str) -> str:
        return f"{kind}/{self.topic}/{name}"


def _state(text: str) -> str:
    word = STATES.get(text.strip().upper())
    if word is None:
        raise BadFrame("bad-payload", text[:LONGEST_TEXT])
    return word
