"""The simulated wires, driven by clients that are not ours: the samsung-mdc command line and mbpoll."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devices.simulated.hall import Hall, NoSuchThing
from devices.simulated.plan import BellLine, Contact, DisplayLine, HardwarePlan
from tests.running import run

PLAN = HardwarePlan(
    display_lines=(
        DisplayLine(link="wall-line", transport="serial", displays={"wall-1": 1, "wall-2": 2}),
        DisplayLine(link="main-net", transport="tcp", displays={"main": 1}),
    ),
    bell_lines=(
        BellLine(
            link="bell-line",
            transport="serial",
            unit=1,
            bells={"bell": Contact(press_input=0, line_input=1, registered_output=0)},
        ),
    ),
    boot_s=0.2,
)


@asynccontextmanager
async def standing(folder: Path) -> AsyncIterator[Hall]:
    """The hall, ready, with its addresses written."""
    hall, ready = Hall(PLAN, folder=folder), asyncio.Event()
    task = asyncio.create_task(hall.run(ready=ready.set))
    try:
        await ready.wait()
        yield hall
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def said_by(*command: str) -> tuple[int, str]:
    """Exit code and output of another maker's program."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode()


async def mdc(hall: Hall, *words: str) -> tuple[int, str]:
    """The samsung-mdc command line on the display by TCP."""
    target = hall.url("main-net").removeprefix("tcp://")
    return await said_by(str(Path(sys.executable).with_name("samsung-mdc")), f"1@{target}", *words)


@pytest.mark.slow
def test_another_makers_client_switches_the_display_on(tmp_path: Path) -> None:
    """The samsung-mdc command line sets and reads the twin's input as it would a real display's."""

    async def body() -> None:
        async with standing(tmp_path) as hall:
            assert (await mdc(hall, "input_source", "HDMI2"))[0] == 0
            assert "HDMI2" in (await mdc(hall, "status"))[1]

    run(body())


def test_somebody_chooses_an_input_with_the_remote_control(tmp_path: Path) -> None:
    """One that the display has; another is refused with those there are."""

    async def body() -> None:
        async with standing(tmp_path) as hall:
            await hall.steer("set", "wall-1", "hdmi2")
            assert '"input": 35' in await hall.steer("show", "", "")
            with pytest.raises(NoSuchThing, match="hdmi1"):
                await hall.steer("set", "wall-1", "scart")

    run(body())


@pytest.mark.slow
def test_another_makers_client_hears_a_refusal(tmp_path: Path) -> None:
    """A display that refuses answers with NAK, which the command line reports as such."""

    async def body() -> None:
        async with standing(tmp_path) as hall:
            await hall.steer("break", "main", "refuses")
            code, said = await mdc(hall, "status")
            assert code != 0
            assert "NAK" in said.upper()

    run(body())


@pytest.mark.slow
def test_another_makers_master_reads_a_press_and_a_cut_wire(tmp_path: Path) -> None:
    """Through libmodbus the pressed contact reads 1 and the cut line 0."""

    async def body() -> None:
        async with standing(tmp_path) as hall:
            await hall.steer("press", "bell", "hold")
            await hall.steer("cut", "bell", "")
            port = str((tmp_path / "bell-line").resolve())
            options = ["-m", "rtu", "-a", "1", "-b", "9600", "-P", "none", "-t", "1", "-r", "1", "-c", "2", "-1"]
            said = (await said_by("mbpoll", *options, port))[1]
            assert "[1]: \t1" in said
            assert "[2]: \t0" in said

    run(body())


@pytest.mark.slow
def test_another_makers_master_lights_the_registered_lamp(tmp_path: Path) -> None:
    """A coil written through libmodbus is the lamp at the bell."""

    async def body() -> None:
        async with standing(tmp_path) as hall:
            port = str((tmp_path / "bell-line").resolve())
            await said_by(
                "mbpoll", *["-m", "rtu", "-a", "1", "-b", "9600", "-P", "none", "-t", "0", "-r", "1", "-1"], port, "1"
            )
            bell = hall.show()["bell"]
            assert isinstance(bell, dict)
            assert bell["registered"] is True

    run(body())


def test_a_wrong_name_says_what_there_is(tmp_path: Path) -> None:
    """Steering a thing that does not hang here names the things that do."""

    async def body() -> None:
        async with standing(tmp_path) as hall:
            with pytest.raises(NoSuchThing, match="wall-1"):
                await hall.steer("press", "nothing", "")

    run(body())


def test_a_pulled_cable_removes_the_port_and_mending_brings_it_back(tmp_path: Path) -> None:
    """The serial port's link name is gone while the cable is out."""

    async def body() -> None:
        async with standing(tmp_path) as hall:
            await hall.steer("cut", "wall-line", "")
            assert not (tmp_path / "wall-line").is_symlink()
            await hall.steer("mend", "wall-line", "")
            assert (tmp_path / "wall-line").is_symlink()

    run(body())
