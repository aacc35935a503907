"""What the site file says hangs on the wires, put as a plan for the simulated hardware."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlsplit

from devices.simulated.plan import (
    BellLine,
    BrokerAddress,
    Contact,
    ContractThing,
    DescribedSensor,
    DisplayLine,
    HardwarePlan,
    LedLine,
    MakerSwitch,
    TopicSwitch,
    Transport,
)
from lobby.core.site import Bell, Broker, Cafe, Display, Link, Sensor, Site, Switch

CONTRACT = "lobby/1"
QUICK_HEARTBEAT_S = 10.0

Line = TypeVar("Line", DisplayLine, LedLine, BellLine)


def hardware_plan(
    site: Site, broker: BrokerAddress | None, *, passwords: Mapping[str, str] | None = None, first_port: int = 0
) -> HardwarePlan:
    """Every thing of the site that has a wire; MQTT things only where there is a broker to connect to.

    With a `first_port` every wire is on the network of this machine, where `wires_at` says.
    """
    ports = _ports(site, first_port)
    return HardwarePlan(
        broker=broker,
        passwords=passwords or {},
        display_lines=tuple(_on_network(line, ports) for line in _display_lines(site)),
        led_lines=tuple(_on_network(line, ports) for line in _led_lines(site)),
        bell_lines=tuple(_on_network(line, ports) for line in _bell_lines(site)),
        switches=tuple(_topic_switches(site)) if broker else (),
        maker_switches=tuple(_maker_switches(site)) if broker else (),
        sensors=tuple(_sensors(site)) if broker else (),
        contract_things=tuple(_contract_things(site)) if broker else (),
    )


def readdressed(site: Site, *, links: dict[str, str], broker: str | None) -> Site:
    """The same site with its links and broker at the addresses of the simulation."""
    moved = {name: link.model_copy(update={"url": links.get(name, link.url)}) for name, link in site.links.items()}
    update: dict[str, object] = {"links": moved}
    if broker is not None:
        update["broker"] = Broker(url=broker)
    return site.model_copy(update=update)


def wires_at(site: Site, first_port: int) -> dict[str, str]:
    """Where the links lead when simulated hardware of this machine listens on ports counted from the first."""
    return {link: f"socket://127.0.0.1:{port}" for link, port in _ports(site, first_port).items()}


def broker_address(url: str, *, password: str | None = None, username: str | None = None) -> BrokerAddress:
    """`mqtt://host:port` as an address."""
    parts = urlsplit(url)
    return BrokerAddress(
        host=parts.hostname or "127.0.0.1", port=parts.port or 1883, username=username, password=password
    )


def needs_broker(site: Site) -> bool:
    """Does anything here speak MQTT?"""
    return any(isinstance(thing, Switch | Sensor) for thing in site.things.values()) or any(_contract_things(site))


def _ports(site: Site, first: int) -> dict[str, int]:
    return {link: first + count for count, link in enumerate(site.links)} if first else {}


def _on_network(line: Line, ports: Mapping[str, int]) -> Line:
    if line.link not in ports:
        return line
    transport: Transport = "converter" if line.transport == "serial" else line.transport
    return replace(line, transport=transport, port=ports[line.link])


def _transport(link: Link) -> Transport:
    return "serial" if link.url.startswith("serial:") else "tcp"


def _display_lines(site: Site) -> list[DisplayLine]:
    lines: dict[str, dict[str, int]] = defaultdict(dict)
    for name, thing in site.things.items():
        if isinstance(thing, Display) and thing.dialect == "samsung-mdc":
            lines[thing.link][name] = thing.display_id
    return [
        DisplayLine(link=link, transport=_transport(site.links[link]), displays=displays)
        for link, displays in lines.items()
    ]


def _led_lines(site: Site) -> list[LedLine]:
    return [
        LedLine(link=thing.link, transport=_transport(site.links[thing.link]), thing=name)
        for name, thing in site.things.items()
        if isinstance(thing, Display) and thing.dialect == "novastar"
    ]


def _bell_lines(site: Site) -> list[BellLine]:
    lines: dict[tuple[str, int], dict[str, Contact]] = defaultdict(dict)
    for name, bell in site.bells().items():
        if bell.dialect == "modbus-contact" and bell.link is not None:
            contact = Contact(
                press_input=bell.press_input, line_input=bell.line_input, registered_output=bell.registered_output
            )
            lines[bell.link, bell.unit][name] = contact
    return [
        BellLine(link=link, transport=_transport(site.links[link]), unit=unit, bells=bells)
        for (link, unit), bells in lines.items()
    ]


def _topic_switches(site: Site) -> list[TopicSwitch]:
    return [
        _topic_switch(name, thing)
        for name, thing in site.things.items()
        if isinstance(thing, Switch) and thing.dialect == "topics"
    ]


def _topic_switch(name: str, switch: Switch) -> TopicSwitch:
    assert switch.state is not None
    assert switch.command is not None
    said = {value: text for text, value in switch.state.values.items()}
    key = switch.availability.key if switch.availability else None
    here = {value: text for text, value in switch.availability.values.items()} if switch.availability else {}
    return TopicSwitch(
        thing=name,
        state_topic=switch.state.topic,
        state_payloads={value: _worded(switch.state.key, said.get(value, value.upper())) for value in ("on", "off")},
        command_topic=switch.command.topic,
        command_payloads=switch.command.payloads,
        availability_topic=switch.availability.topic if switch.availability else None,
        online=_worded(key, here.get("online", "online")),
        offline=_worded(key, here.get("offline", "offline")),
    )


def _maker_switches(site: Site) -> Iterator[MakerSwitch]:
    for name, thing in site.things.items():
        if not isinstance(thing, Switch):
            continue
        if thing.dialect == "tasmota" and thing.topic is not None:
            yield MakerSwitch(thing=name, dialect="tasmota", address=thing.topic, number=thing.relay)
        if thing.dialect == "shelly" and thing.prefix is not None:
            yield MakerSwitch(thing=name, dialect="shelly", address=thing.prefix, number=thing.switch)


def _sensors(site: Site) -> Iterator[DescribedSensor]:
    for name, thing in site.things.items():
        if not isinstance(thing, Sensor):
            continue
        here = {value: text for text, value in thing.availability.values.items()} if thing.availability else {}
        key = thing.availability.key if thing.availability else None
        yield DescribedSensor(
            thing=name,
            topic=thing.state.topic,
            key=thing.state.key,
            first=_ordinary(thing),
            words={word: raw for raw, word in thing.state.values.items()},
            every_s=min(QUICK_HEARTBEAT_S, thing.max_age_s / 3),
            availability_topic=thing.availability.topic if thing.availability else None,
            online=_worded(key, here.get("online", "online")),
            offline=_worded(key, here.get("offline", "offline")),
        )


def _ordinary(sensor: Sensor) -> str:
    """A value that is no trouble."""
    if sensor.state.values:
        words = tuple(sensor.state.values.values())
        return next((word for word in words if word not in sensor.alarm_values), words[0])
    low, high = sensor.low, sensor.high
    if low is not None and high is not None:
        return f"{(low + high) / 2:g}"
    return f"{low + 1:g}" if low is not None else f"{high - 1:g}" if high is not None else "21"


def _worded(key: str | None, text: str) -> str:
    """The payload whose (dotted) JSON key holds the text, or the text alone."""
    if key is None:
        return text
    out = f'"{text}"'
    for part in reversed(key.split(".")):
        out = f'{{"{part}":{out}}}'
    return out


def _contract_things(site: Site) -> list[ContractThing]:
    return [
        ContractThing(
            thing=name,
            kind=thing.kind,
            prefix=f"{CONTRACT}/{site.site.id}/{name}",
            heartbeat_s=min(QUICK_HEARTBEAT_S, thing.heartbeat_s / 2) if isinstance(thing, Bell) else QUICK_HEARTBEAT_S,
        )
        for name, thing in site.things.items()
        if isinstance(thing, Cafe) or (isinstance(thing, Bell | Switch) and thing.dialect == "contract")
    ]
