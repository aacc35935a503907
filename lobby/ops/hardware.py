"""From the site file to drivers: one for every line, each with the things on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from devices import cafes, sensors, shelly, switches
from devices.bells import ContractBells, TopicBell, TopicBells
from devices.contacts import Contact, ContactBells
from devices.displays import OnLine, SamsungLine
from devices.ledwalls import LedWall, NovaStarLine
from devices.novastar import Card
from devices.reports import BellSink, Clock, Driver, ThingSink
from devices.tasmota import TasmotaSwitch
from devices.topics import Matcher, Orders
from devices.trace import Trace, TracedBells, TracedThings, addressed, traced
from lobby.core import site as sites
from lobby.core.site import Bell, Cafe, Display, Sensor, Site, Sound, Switch
from lobby.ops.ports import REAL, Lines, Ports

MDC_ADDRESS, MODBUS_ADDRESS = 2, 0
"""Where a request on a shared wire says for whom it is."""
TOPIC_KEYS = frozenset({"topic", "prefix", "device"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """Every driver of a site: who commands what, who runs, and how a bell's lamp is lit."""

    broker: Lines | None
    drivers: Mapping[str, Driver]
    runs: Mapping[str, Callable[[], Awaitable[None]]]
    contact_bells: Mapping[str, ContactBells]
    trace: Trace

    def duties(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What has to run, by a name that says device and duty."""
        out = {f"{name}: poll": run for name, run in self.runs.items()}
        if self.broker is not None:
            out["broker: two lines"] = self.broker.run
        return out


def build_hardware(
    site: Site, *, things: ThingSink, bells: BellSink, clock: Clock, chance: Random, ports: Ports = REAL
) -> Hardware:
    """Build everything, open nothing. Raises WrongAddress for an address that can never work."""
    broker, trace = ports.broker(site, clock, chance), Trace(clock)
    drivers: dict[str, Driver] = {
        link: _display_line(site, link, displays, things, clock, chance, trace, ports)
        for link, displays in _by_link(site).items()
    }
    if broker is not None:
        drivers.update(_mqtt_drivers(site, broker, things, bells, clock, trace))
    contacts = _contact_lines(site, bells, clock, chance, trace, ports)
    return Hardware(
        broker=broker,
        drivers={thing: driver for driver in drivers.values() for thing in driver.things if commanded(site, thing)},
        runs={name: line.run for name, line in drivers.items()} | {name: line.run for name, line in contacts.items()},
        contact_bells={bell: line for line in contacts.values() for bell in line.things},
        trace=trace,
    )


def commanded(site: Site, thing: str) -> bool:
    """Whether the lobby sets it; the café is only watched."""
    return isinstance(site.things[thing], Display | Sound | Switch)


def _by_link(site: Site) -> dict[str, dict[str, Display]]:
    lines: dict[str, dict[str, Display]] = defaultdict(dict)
    for name, thing in site.things.items():
        if isinstance(thing, Display):
            lines[thing.link][name] = thing
    return lines


def _display_line(
    site: Site,
    link: str,
    displays: Mapping[str, Display],
    things: ThingSink,
    clock: Clock,
    chance: Random,
    trace: Trace,
    ports: Ports,
) -> Driver:
    if (led := _led(displays)) is not None:
        return NovaStarLine(
            traced(ports.reach(link, site.links[link]), trace, lambda _: displays),
            led,
            sink=things,
            clock=clock,
            chance=chance,
            poll_s=displays[led.thing].poll_s,
        )
    sounds = {thing.display: name for name, thing in site.things.items() if isinstance(thing, Sound)}
    spoken = {one.display_id: (name, sounds[name]) if name in sounds else (name,) for name, one in displays.items()}
    whose = addressed(MDC_ADDRESS, spoken)
    return SamsungLine(
        traced(ports.reach(link, site.links[link]), trace, whose),
        {
            name: OnLine(
                display_id=one.display_id,
                input=one.input,
                beside=one.beside.input if one.beside is not None else None,
                warm_up_s=one.warm_up_s,
                sound=sounds.get(name),
            )
            for name, one in displays.items()
        },
        sink=things,
        clock=clock,
        chance=chance,
        poll_s=min(display.poll_s for display in displays.values()),
        gap_s=site.site.inrush_gap_s,
    )


def _led(displays: Mapping[str, Display]) -> LedWall | None:
    """The LED wall that a line leads to; it has the line for itself."""
    for name, one in displays.items():
        if one.dialect == "novastar":
            card = Card(port=one.receiver[0], number=one.receiver[1])
            return LedWall(thing=name, card=card, brightness_percent=one.brightness_percent)
    return None


def _contact_lines(
    site: Site, bells: BellSink, clock: Clock, chance: Random, trace: Trace, ports: Ports
) -> dict[str, ContactBells]:
    by_link: dict[str, dict[str, Contact]] = defaultdict(dict)
    for name, bell in site.bells().items():
        if bell.dialect == "modbus-contact" and bell.link is not None:
            by_link[bell.link][name] = _contact(bell)
    out = {}
    for link, contacts in by_link.items():
        units: dict[int, list[str]] = defaultdict(list)
        for name, contact in contacts.items():
            units[contact.unit].append(name)
        reach = traced(ports.reach(link, site.links[link]), trace, addressed(MODBUS_ADDRESS, units))
        out[link] = ContactBells(reach, contacts, sink=bells, clock=clock, chance=chance, path="modbus")
    return out


def _contact(bell: Bell) -> Contact:
    return Contact(
        unit=bell.unit,
        press_input=bell.press_input,
        line_input=bell.line_input,
        registered_output=bell.registered_output,
        poll_s=bell.poll_s,
    )


def _mqtt_drivers(
    site: Site, broker: Lines, things: ThingSink, bells: BellSink, clock: Clock, trace: Trace
) -> dict[str, Driver]:
    """Switches and cafés as drivers; MQTT bells only listen and need no task."""
    whose = topics_of(site)
    bell_line, thing_line = TracedBells(broker.bells, trace, whose), TracedThings(broker.things, trace, whose)
    ContractBells(bell_line, site.site.id, _bells(site, "contract"), bells)
    TopicBells(bell_line, [_topic_bell(name, site.bells()[name]) for name in _bells(site, "topics")], bells)
    lines: dict[str, Driver] = {}
    if spoken := [_switch(site, name, one) for name, one in site.things.items() if isinstance(one, Switch)]:
        lines["switches"] = switches.MqttSwitches(thing_line, spoken, things, clock=clock)
    if measuring := [_sensor(name, one) for name, one in site.things.items() if isinstance(one, Sensor)]:
        lines["sensors"] = sensors.Sensors(thing_line, measuring, things, clock=clock)
    watched = [
        cafes.Cafe(thing=name, silent_after_s=one.silent_after_s)
        for name, one in site.things.items()
        if isinstance(one, Cafe)
    ]
    if watched:
        lines["cafés"] = cafes.Cafes(thing_line, site.site.id, watched, things, clock=clock)
    return lines


def topics_of(site: Site) -> Callable[[str], tuple[str, ...]]:
    """The things that a topic belongs to: by our contract's place for them, else by what the site file describes."""
    ours = f"lobby/1/{site.site.id}/"
    described = {
        name: frozenset((*_topics(thing.model_dump()), shelly.source(site.site.id, name)))
        for name, thing in site.things.items()
    }

    @lru_cache(maxsize=1000)
    def found(topic: str) -> tuple[str, ...]:
        if topic.startswith(ours):
            return (topic.removeprefix(ours).partition("/")[0],)
        steps = topic.split("/")
        return tuple(name for name, known in described.items() if topic in known or known.intersection(steps))

    return found


def _topics(described: object) -> Iterator[str]:
    """Every topic, or part of one, that a description names."""
    for key, value in described.items() if isinstance(described, dict) else ():
        if key in TOPIC_KEYS and isinstance(value, str):
            yield value
        yield from _topics(value)


def _bells(site: Site, dialect: str) -> tuple[str, ...]:
    return tuple(name for name, bell in site.bells().items() if bell.dialect == dialect)


def _topic_bell(name: str, bell: Bell) -> TopicBell:
    assert bell.press is not None
    return TopicBell(bell=name, press=_matcher(bell.press), availability=_maybe(bell.availability))


def _switch(site: Site, name: str, switch: Switch) -> switches.Switch:
    match switch.dialect:
        case "contract":
            return switches.ContractSwitch(site.site.id, name)
        case "tasmota":
            return TasmotaSwitch(thing=name, topic=str(switch.topic), relay=switch.relay)
        case "shelly":
            asker = shelly.source(site.site.id, name)
            return shelly.ShellySwitch(thing=name, prefix=str(switch.prefix), source=asker, switch=switch.switch)
    assert switch.command is not None
    orders = Orders(topic=switch.command.topic, payloads=switch.command.payloads)
    return switches.TopicSwitch(
        thing=name, command=orders, state=_maybe(switch.state), availability=_maybe(switch.availability)
    )


def _sensor(name: str, sensor: Sensor) -> sensors.Sensor:
    return sensors.Sensor(
        thing=name,
        state=_matcher(sensor.state),
        max_age_s=sensor.max_age_s,
        number=sensor.numeric,
        unit=sensor.unit or "",
        low=sensor.low,
        high=sensor.high,
        alarms=frozenset(sensor.alarm_values),
        availability=_maybe(sensor.availability),
    )


def _maybe(described: sites.Matcher | None) -> Matcher | None:
    return None if described is None else _matcher(described)


def _matcher(described: sites.Matcher) -> Matcher:
    return Matcher(topic=described.topic, key=described.key, values=described.values, absent=described.absent)
