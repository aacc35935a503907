"""The driver of bells wired as contacts, against scripted modules on real lines and a pymodbus server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

from devices import contacts, modbus
from devices.contacts import Contact, ContactBells
from devices.link import LinkOpener, opener
from tests.devices.peers import BellNotes, LoopClock, plugged, serving
from tests.eventually import eventually
from tests.running import run


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripted modules answer at once, so that silence can be noticed early."""
    monkeypatch.setattr(contacts, "ANSWER_WITHIN_S", 0.05)
    monkeypatch.setattr(contacts, "GAP_S", 0.02)
    monkeypatch.setattr(contacts, "RETRY_AT_MOST_S", 0.1)


class Module:
    """An input module of one unit: eight inputs, eight outputs; `says` replaces its answers."""

    def __init__(self, unit: int = 1) -> None:
        self.unit = unit
        self.inputs = 0
        self.outputs: dict[int, bool] = {}
        self.says: list[bytes] | None = None

    def __call__(self, request: bytes) -> list[bytes]:
        if request[0] != self.unit or self.says is not None:
            return self.says or []
        if request[1] == modbus.WRITE_COIL:
            self.outputs[request[3]] = request[4] == 0xFF
            return [request]
        return [self.reading()]

    def reading(self) -> bytes:
        body = bytes([self.unit, modbus.READ_INPUTS, 1, self.inputs])
        return body + modbus.crc(body)


class Bench:
    """A driver, what it told, and its clock."""

    def __init__(self, open_link: LinkOpener, **bells: Contact) -> None:
        self.notes = BellNotes()
        self.clock = LoopClock()
        wired = bells or {"bell": Contact(press_input=0, line_input=1, registered_output=2, poll_s=0.02)}
        self.bells = ContactBells(open_link, wired, sink=self.notes, clock=self.clock, chance=Random(1))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.bells.run(), name="driver")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled(), task.exception()


@asynccontextmanager
async def on_tcp(module: Module, **bells: Contact) -> AsyncIterator[Bench]:
    async with serving(module) as server:
        bench = Bench(opener(server.url), **bells)
        async with bench.running():
            yield bench


def test_press_is_an_edge_told_once() -> None:
    """Going to 1 is a press; staying there is none, and letting go and pressing again is another."""

    async def scenario() -> None:
        module = Module()
        module.inputs = 0b10
        async with on_tcp(module) as bench:
            await eventually(lambda: bench.notes.signs)
            assert bench.notes.presses == []
            module.inputs = 0b11
            await eventually(lambda: module.outputs.get(2))
            assert len(bench.notes.presses) == 1
            module.inputs = 0b10
            await eventually(lambda: bench.bells._seen["bell"].closed is False)
            module.inputs = 0b11
            await eventually(lambda: len(bench.notes.presses) == 2)
            assert (bench.notes.presses[0].bell, bench.notes.presses[0].press_id) == ("bell", None)

    run(scenario())


def test_press_that_waits_at_the_start_is_told() -> None:
    """Somebody may have pressed while nobody listened."""

    async def scenario() -> None:
        module = Module()
        module.inputs = 0b11
        async with on_tcp(module) as bench:
            await eventually(lambda: bench.notes.presses)

    run(scenario())


def test_registered_light_waits_for_the_durable_record() -> None:
    """The light promises that the call is registered, so it comes after the record, never before."""

    async def scenario() -> None:
        module = Module()
        module.inputs = 0b11
        async with on_tcp(module) as bench:
            bench.notes.gate.clear()
            await eventually(lambda: bench.notes.presses)
            await eventually(lambda: bench.bells._seen["bell"].heard_at)
            assert module.outputs == {}
            bench.notes.gate.set()
            await eventually(lambda: module.outputs == {2: True})

    run(scenario())


def test_press_that_is_not_durable_leaves_the_light_off() -> None:
    """No record, no promise."""

    async def scenario() -> None:
        module = Module()
        async with on_tcp(module) as bench:
            bench.notes.durable = False
            module.inputs = 0b11
            await eventually(lambda: bench.notes.presses)
            await bench.bells.registered("bell", False)
            assert module.outputs == {2: False}

    run(scenario())


def test_light_goes_off_by_order() -> None:
    """The incident's end switches the light off."""

    async def scenario() -> None:
        module = Module()
        async with on_tcp(module) as bench:
            await eventually(lambda: bench.notes.signs)
            await bench.bells.registered("bell", True)
            await bench.bells.registered("bell", False)
            assert module.outputs == {2: False}

    run(scenario())


def test_light_ordered_on_a_broken_line_comes_with_the_line(tmp_path: Path) -> None:
    """An order is not forgotten while the cable is out, and set again when a module may have lost it."""

    async def scenario() -> None:
        module = Module()
        async with plugged(tmp_path / "tty", module) as cable:
            cable.pull()
            bench = Bench(opener(cable.url))
            async with bench.running():
                await eventually(lambda: bench.notes.losses == [("bell", "contact", "port-missing")])
                await bench.bells.registered("bell", True)
                cable.plug()
                await eventually(lambda: module.outputs == {2: True})

    run(scenario())


def test_pulled_cable_is_told_at_once_and_a_held_press_is_told_again(tmp_path: Path) -> None:
    """A cut line must not look like quiet; what is pressed when it returns counts as a press."""

    async def scenario() -> None:
        module = Module()
        module.inputs = 0b11
        async with plugged(tmp_path / "tty", module) as cable:
            bench = Bench(opener(cable.url))
            async with bench.running():
                await eventually(lambda: len(bench.notes.presses) == 1)
                cable.pull()
                await eventually(lambda: ("bell", "contact", "cable-out") in bench.notes.losses)
                cable.plug()
                await eventually(lambda: len(bench.notes.presses) == 2)

    run(scenario())


def test_cut_loop_is_told() -> None:
    """A normally closed loop that reads 0 is a cut wire."""

    async def scenario() -> None:
        module = Module()
        module.inputs = 0b10
        async with on_tcp(module) as bench:
            await eventually(lambda: bench.notes.signs and bench.notes.signs[-1].line_cut is False)
            module.inputs = 0b00
            await eventually(lambda: bench.notes.signs[-1].line_cut is True)

    run(scenario())


def test_contact_held_for_a_minute_is_stuck() -> None:
    """A button that stays in cannot call again; letting go heals it."""

    async def scenario() -> None:
        module = Module()
        module.inputs = 0b11
        async with on_tcp(module) as bench:
            await eventually(lambda: bench.notes.signs)
            bench.clock.skip(61)
            await eventually(lambda: bench.notes.signs[-1].stuck_closed is True)
            module.inputs = 0b10
            await eventually(lambda: bench.notes.signs[-1].stuck_closed is False)
            assert len(bench.notes.presses) == 1

    run(scenario())


@pytest.mark.parametrize(
    ("says", "cause"),
    [([], "silent"), ([b"\x00garbage"], "bad-frame"), ([bytes.fromhex("01 82 02 c1 61")], "refused")],
)
def test_module_that_gives_no_reading_is_lost(says: list[bytes], cause: str) -> None:
    """Silence, rubbish and refusal are not quiet: after ten seconds the bell is lost, with the cause."""

    async def scenario() -> None:
        module = Module()
        async with on_tcp(module) as bench:
            await eventually(lambda: bench.notes.signs)
            module.says = says
            bench.clock.skip(11)
            await eventually(lambda: bench.notes.losses[:1] == [("bell", "contact", cause)])

    run(scenario())


def test_late_answer_still_counts() -> None:
    """A reading that comes after its time is true all the same: its press is told."""

    async def scenario() -> None:
        module = Module()
        async with serving(module) as server:
            bench = Bench(opener(server.url))
            async with bench.running():
                await eventually(lambda: bench.notes.signs)
                module.says = []
                await eventually(lambda: bench.bells._units[1].misses)
                module.inputs = 0b11
                for writer in server.writers:
                    writer.write(module.reading())
                await eventually(lambda: bench.notes.presses)

    run(scenario())


def test_dead_module_does_not_silence_its_neighbour() -> None:
    """Bells on another unit of the line go on working."""

    async def scenario() -> None:
        module = Module(unit=2)
        here, gone = Contact(unit=2, poll_s=0.02), Contact(unit=1, poll_s=0.02)
        async with on_tcp(module, here=here, gone=gone) as bench:
            await eventually(lambda: bench.bells._units[1].misses > 3)
            module.inputs = 1
            await eventually(lambda: [press.bell for press in bench.notes.presses] == ["here"])

    run(scenario())


def test_slow_record_of_one_bell_does_not_hold_up_another() -> None:
    """Each bell waits for its own record only."""

    async def scenario() -> None:
        module = Module()
        first, second = Contact(press_input=0, poll_s=0.02), Contact(press_input=1, poll_s=0.02)
        async with on_tcp(module, first=first, second=second) as bench:
            bench.notes.gate.clear()
            module.inputs = 0b01
            await eventually(lambda: len(bench.notes.presses) == 1)
            module.inputs = 0b11
            await eventually(lambda: [press.bell for press in bench.notes.presses] == ["first", "second"])

    run(scenario())


@asynccontextmanager
async def independent_module(folder: Path) -> AsyncIterator[tuple[str, str]]:
    """Two ptys tied together by socat: the names of our end and of the module's."""
    ours, theirs = folder / "ours", folder / "theirs"
    ends = [f"pty,raw,echo=0,link={end}" for end in (ours, theirs)]
    socat = await asyncio.create_subprocess_exec("socat", *ends)
    try:
        await eventually(lambda: ours.exists() and theirs.exists())
        yield str(ours), str(theirs)
    finally:
        socat.terminate()
        await socat.wait()


def test_independent_module_is_read_and_written(tmp_path: Path) -> None:
    """pymodbus's serial server as the module: its input is a press, its coil becomes the light."""

    async def scenario() -> None:
        async with independent_module(tmp_path) as (ours, theirs):
            bits = DataType.BITS
            inputs = [SimData(0, values=[True, True] + [False] * 14, datatype=bits)]
            coils = [SimData(0, values=[False] * 16, datatype=bits)]
            registers = [SimData(0, values=0, datatype=DataType.REGISTERS)]
            device = SimDevice(1, simdata=(coils, inputs, registers, registers))
            server = ModbusSerialServer(device, port=theirs, baudrate=9600)
            serving_task = asyncio.create_task(server.serve_forever(), name="pymodbus")
            bench = Bench(opener(f"serial://{ours}"))
            async with bench.running():
                await eventually(lambda: bench.notes.presses)
                await eventually(lambda: bench.bells._seen["bell"].light and not bench.bells._seen["bell"].light_due)
                assert bench.notes.signs[-1].line_cut is False
            await server.shutdown()
            await asyncio.wait([serving_task])

    run(scenario())
