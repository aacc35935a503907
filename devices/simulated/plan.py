"""What hardware to pretend: plain records that `lobby simulate` makes from the site file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Transport = Literal["tcp", "serial", "converter"]
"""A device on the network, a serial line, a serial line behind a network converter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayLine:
    """Displays on one line: a daisy chain by serial, or one display by TCP. `displays` maps a thing to its id.

    `port` is where a line on the network listens; 0 takes a free one.
    """

    link: str
    transport: Transport
    displays: Mapping[str, int]
    port: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LedLine:
    """One LED wall behind its controller."""

    link: str
    transport: Transport
    thing: str
    port: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Where a bell is wired on the input module; a line input is closed (1) while the wire is whole."""

    press_input: int
    line_input: int | None = None
    registered_output: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BellLine:
    """An input module with bells on its contacts."""

    link: str
    transport: Transport
    unit: int
    bells: Mapping[str, Contact]
    port: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSwitch:
    """A switch of another maker, as the site file describes its topics; payloads by value `on` and `off`."""

    thing: str
    state_topic: str
    state_payloads: Mapping[str, str]
    command_topic: str
    command_payloads: Mapping[str, str]
    availability_topic: str | None = None
    online: str = "online"
    offline: str = "offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class MakerSwitch:
    """A switch that speaks its maker's dialect at its topic or prefix; `number` is the relay as its maker counts."""

    thing: str
    dialect: Literal["tasmota", "shelly"]
    address: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedSensor:
    """A sensor as the site file describes it: `words` maps what a person calls a value to what it says on the wire."""

    thing: str
    topic: str
    key: str | None
    first: str
    words: Mapping[str, str] = field(default_factory=dict)
    every_s: float = 10
    availability_topic: str | None = None
    online: str = "online"
    offline: str = "offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractThing:
    """A thing that speaks the lobby's own MQTT contract under `prefix` (`lobby/1/<site>/<thing>`)."""

    thing: str
    kind: Literal["switch", "cafe", "bell"]
    prefix: str
    heartbeat_s: float = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """Where the MQTT things connect."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwarePlan:
    """Everything one site has on its wires."""

    broker: BrokerAddress | None = None
    display_lines: tuple[DisplayLine, ...] = ()
    led_lines: tuple[LedLine, ...] = ()
    bell_lines: tuple[BellLine, ...] = ()
    switches: tuple[TopicSwitch, ...] = ()
    maker_switches: tuple[MakerSwitch, ...] = ()
    sensors: tuple[DescribedSensor, ...] = ()
    contract_things: tuple[ContractThing, ...] = ()
    boot_s: float = 1.0
    warm_up_s: float = 3.0
    passwords: Mapping[str, str] = field(default_factory=dict, repr=False)

    def address_of(self, thing: str) -> BrokerAddress | None:
        """Where a thing connects: under its own id where it has a password."""
        if self.broker is None or thing not in self.passwords:
            return self.broker
        return replace(self.broker, username=thing, password=self.passwords[thing])
