"""The whole simulated hall: every wire plugged in, every thing alive, one hand to steer them."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from devices.simulated.displays import HABITS, PLUGS, MdcTwin, SimulatedDisplay
from devices.simulated.inputs import InputModule
from devices.simulated.leds import HABITS as LED_HABITS
from devices.simulated.leds import SimulatedLed
from devices.simulated.makers import HABITS as MAKER_HABITS
from devices.simulated.makers import Shelly, Tasmota
from devices.simulated.mqtt import Disconnected
from devices.simulated.plan import BellLine, ContractThing, DisplayLine, HardwarePlan, LedLine
from devices.simulated.sensors import Sensor
from devices.simulated.steering import Steering
from devices.simulated.things import LEVELS, Bell, Cafe, Connected, Switch
from devices.simulated.wires import Answer, ConverterWire, SerialWire, TcpWire, Wire

PRESS_S = 1.5


class NoSuchThing(LookupError):
    """Nothing of that name hangs here, or it cannot do that; the text says what there is."""


class Hall:
    """Built from a plan; `run` plugs everything in and writes the address book when it is ready."""

    def __init__(self, plan: HardwarePlan, *, folder: Path) -> None:
        self._plan = plan
        self._folder = folder
        self._wires: dict[str, Wire] = {}
        self._line_of: dict[str, str] = {}
        self._displays: dict[str, SimulatedDisplay] = {}
        self._leds: dict[str, SimulatedLed] = {}
        self._modules: dict[str, InputModule] = {}
        self._connected: dict[str, Connected] = {}
        self._booting: set[str] = set()
        for line in plan.display_lines:
            self._hang_displays(line)
        for led in plan.led_lines:
            self._hang_led(led)
        for bells in plan.bell_lines:
            self._hang_bells(bells)
        self._hang_mqtt()

    async def run(self, *, ready: Callable[[], None]) -> None:
        """Live until cancelled."""
        self._folder.mkdir(parents=True, exist_ok=True)
        async with AsyncExitStack() as stack:
            for wire in self._wires.values():
                await wire.plug()
                stack.push_async_callback(wire.pull)
            self._write_addresses()
            async with asyncio.TaskGroup() as group:
                for name, connected in self._connected.items():
                    group.create_task(connected.run(), name=f"{name}: connection")
                    stack.callback(connected.leave)
                group.create_task(Steering(self._folder / "steer.sock", self.steer).run(), name="steering")
                ready()

    async def steer(self, verb: str, thing: str, how: str) -> str:
        """press, break, unplug, mend, cut, empty, fill, set a thing, or show everything; raises NoSuchThing."""
        acts = {
            "press": self._press,
            "break": self._break,
            "unplug": self._unplug,
            "mend": self._mend,
            "cut": self._cut,
        }
        if verb == "show":
            return json.dumps(self.show(), ensure_ascii=False)
        if verb in acts:
            await acts[verb](thing, how)
        elif verb == "set":
            self._set(thing, how)
        elif verb in ("empty", "fill"):
            self._level(thing, how, full=verb == "fill")
        else:
            raise NoSuchThing(f"no such act: {verb}; there are press, break, unplug, mend, cut, empty, fill, set, show")
        return f"{verb} {thing} {how}".strip()

    def url(self, link: str) -> str:
        """Where the controller finds a link."""
        return self._wires[link].url

    def show(self) -> dict[str, object]:
        """What every simulated thing is right now."""
        out: dict[str, object] = {name: display.state() for name, display in self._displays.items()}
        out.update({name: led.state() for name, led in self._leds.items()})
        for name, module in self._modules.items():
            out[name] = {"registered": module.registered(name), "inputs": module.inputs, "outputs": module.outputs}
        out.update({name: connected.thing.state() for name, connected in self._connected.items()})
        return out

    def _hang_displays(self, line: DisplayLine) -> None:
        warm_up_s = self._plan.warm_up_s
        displays = [
            SimulatedDisplay(name=name, display_id=number, warm_up_s=warm_up_s)
            for name, number in line.displays.items()
        ]
        twin = MdcTwin(displays, switched_on=lambda _display: self._starts_up(line.link))
        self._displays.update({display.name: display for display in displays})
        self._line_of.update({display.name: line.link for display in displays})
        self._wires[line.link] = self._wire(line, twin.talk)

    def _hang_led(self, line: LedLine) -> None:
        led = self._leds[line.thing] = SimulatedLed(name=line.thing)
        self._line_of[line.thing] = line.link
        self._wires[line.link] = self._wire(line, led.talk)

    def _hang_bells(self, line: BellLine) -> None:
        module = InputModule(unit=line.unit, bells=dict(line.bells))
        self._modules.update(dict.fromkeys(line.bells, module))
        self._line_of.update(dict.fromkeys(line.bells, line.link))
        self._wires[line.link] = self._wire(line, module.talk)

    def _hang_mqtt(self) -> None:
        if self._plan.broker is None:
            return
        for switch in self._plan.switches:
            self._connect(Switch(switch))
        for made in self._plan.maker_switches:
            self._connect(Tasmota(made) if made.dialect == "tasmota" else Shelly(made))
        for sensor in self._plan.sensors:
            self._connect(Sensor(sensor))
        for description in self._plan.contract_things:
            self._connect(_contract_thing(description))

    def _connect(self, thing: Switch | Tasmota | Shelly | Sensor | Cafe | Bell) -> None:
        address = self._plan.address_of(thing.thing)
        assert address is not None
        self._connected[thing.thing] = Connected(thing, thing.client, address)

    def _wire(self, line: DisplayLine | LedLine | BellLine, talk: Callable[[], Answer]) -> Wire:
        match line.transport:
            case "tcp":
                return TcpWire(talk, refuses=lambda: line.link in self._booting, port=line.port)
            case "converter":
                return ConverterWire(talk, port=line.port)
            case "serial":
                return SerialWire(talk, path=self._folder / line.link)

    def _starts_up(self, link: str) -> None:
        """A display that was switched on drops its TCP line and is deaf for a moment, as the real ones are."""
        wire = self._wires[link]
        if not isinstance(wire, TcpWire) or isinstance(wire, ConverterWire):
            return
        loop = asyncio.get_running_loop()
        self._booting.add(link)
        loop.call_later(0.05, wire.hang_up)
        loop.call_later(self._plan.boot_s, self._booting.discard, link)

    def _write_addresses(self) -> None:
        book = {link: wire.url for link, wire in self._wires.items()}
        beside = self._folder / ".addresses.json.new"
        beside.write_text(json.dumps(book))
        os.replace(beside, self._folder / "addresses.json")

    async def _press(self, thing: str, how: str) -> None:
        connected = self._connected.get(thing)
        if connected is not None and isinstance(connected.thing, Bell):
            connected.thing.press()
            return
        module = self._module(thing)
        module.press(thing, pressed=True)
        if how != "hold":
            asyncio.get_running_loop().call_later(PRESS_S, lambda: module.press(thing, pressed=False))

    async def _break(self, thing: str, how: str) -> None:
        if thing in self._displays:
            if how and how not in HABITS:
                raise NoSuchThing(f"{thing} can be: {', '.join(HABITS)}")
            self._displays[thing].habits.add(how or "silent")
        elif thing in self._leds:
            if how and how not in LED_HABITS:
                raise NoSuchThing(f"{thing} can be: {', '.join(LED_HABITS)}")
            self._leds[thing].habits.add(how or "check-error")
        elif thing in self._modules:
            self._modules[thing].silent = True
        else:
            self._break_connected(thing, how)

    async def _unplug(self, thing: str, _how: str) -> None:
        if thing not in self._displays:
            raise NoSuchThing(f"only a display can be unplugged; there are: {', '.join(self._displays)}")
        self._displays[thing].unplug()

    def _break_connected(self, thing: str, how: str) -> None:
        match self._at(thing).thing:
            case Switch() as switch:
                switch.stubborn = True
            case Tasmota() | Shelly() as switch:
                if not switch.break_(how):
                    raise NoSuchThing(f"{thing} can be: {', '.join(MAKER_HABITS)}")
            case Sensor() as sensor:
                sensor.habits.add(how or "silent")
            case Cafe() as cafe:
                cafe.faults.append(how or "grinder")
                _tell(cafe)
            case _:
                self._at(thing).cut()

    async def _mend(self, thing: str, _how: str) -> None:
        if thing in self._line_of or thing in self._wires:
            await self._wires[self._line_of.get(thing, thing)].plug()
        if thing in self._displays:
            self._displays[thing].habits.clear()
        elif thing in self._leds:
            self._leds[thing].habits.clear()
        elif thing in self._modules:
            self._modules[thing].silent = False
            self._modules[thing].whole_line(thing, whole=True)
        elif thing not in self._wires:
            self._mend_connected(thing)

    def _mend_connected(self, thing: str) -> None:
        connected = self._at(thing)
        connected.mend()
        match connected.thing:
            case Switch() as switch:
                switch.stubborn = False
            case Tasmota() | Shelly() as switch:
                switch.mend()
            case Sensor() as sensor:
                sensor.habits.clear()
            case Cafe() as cafe:
                cafe.faults.clear()
                _tell(cafe)

    async def _cut(self, thing: str, _how: str) -> None:
        """A bell on contacts loses its wire; a link or a display its cable; an MQTT thing its network."""
        if thing in self._modules:
            self._modules[thing].whole_line(thing, whole=False)
        elif thing in self._line_of or thing in self._wires:
            await self._wires[self._line_of.get(thing, thing)].pull()
        else:
            self._at(thing).cut()

    def _set(self, thing: str, value: str) -> None:
        if thing in self._displays:
            if not self._displays[thing].choose(value):
                raise NoSuchThing(f"{thing} has the keys: on, off, {', '.join(PLUGS)}")
            return
        sensor = self._at(thing).thing
        if not isinstance(sensor, Sensor) or not value or not sensor.set_to(value):
            raise NoSuchThing(f"only a sensor can be set, to a number or one of its words; {thing} cannot be {value!r}")

    def _level(self, thing: str, how: str, *, full: bool) -> None:
        cafe = self._at(thing).thing
        if not isinstance(cafe, Cafe) or (how and how not in LEVELS):
            raise NoSuchThing(f"only a café can be emptied or filled, with one of: {', '.join(LEVELS)}")
        for level in (how,) if how else LEVELS:
            cafe.levels[level] = 100 if full else 0
        _tell(cafe)

    def _at(self, thing: str) -> Connected:
        if thing not in self._connected:
            raise NoSuchThing(f"no {thing!r} here; there are: {', '.join(sorted(self.show()))}")
        return self._connected[thing]

    def _module(self, thing: str) -> InputModule:
        if thing not in self._modules:
            raise NoSuchThing(f"{thing!r} is no bell; there are: {', '.join(sorted(self.show()))}")
        return self._modules[thing]


def _tell(cafe: Cafe) -> None:
    with suppress(Disconnected):  # it tells when it is back
        cafe.tell()


def _contract_thing(description: ContractThing) -> Switch | Cafe | Bell:
    match description.kind:
        case "switch":
            return Switch(description)
        case "cafe":
            return Cafe(description)
        case "bell":
            return Bell(description)
