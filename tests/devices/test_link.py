"""Real sockets and ptys behind the port `Link`."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from devices.errors import LinkLost, WrongAddress
from devices.link import Address, Link, address, open_link, opener
from tests.devices.peers import plugged, serving
from tests.running import run


def echo(request: bytes) -> list[bytes]:
    return [request]


async def read_exactly(link: Link, size: int) -> bytes:
    got = b""
    while len(got) < size:
        got += await link.read(size - len(got))
    return got


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "ftp://host:21",
        "tcp://host",
        "tcp://host:port",
        "tcp://host:99999",
        "tcp://:1515",
        "serial://",
        "serial:///",
        "serial://ttyS0/x",
        "/dev/ttyS0",
        "tcp://[::1",
    ],
)
def test_malformed_address_is_the_installers_mistake(url: str) -> None:
    """Only an address that can never work is told as one to mend."""
    with pytest.raises(WrongAddress) as refused:
        opener(url)
    assert refused.value.cause == "wrong-address"


def test_addresses_name_a_port_or_a_host() -> None:
    """The three schemes of the site file are understood."""
    assert address("serial:///dev/ttyUSB0") == Address(path="/dev/ttyUSB0")
    assert address("tcp://192.168.10.21:1515") == Address(host="192.168.10.21", port=1515)
    assert address("socket://converter.local:4001") == Address(host="converter.local", port=4001)


@pytest.mark.parametrize("scheme", ["tcp", "socket"])
def test_tcp_carries_bytes_both_ways_without_delay(scheme: str) -> None:
    """A socket answers, and small frames are sent at once."""

    async def scenario() -> None:
        async with serving(echo) as server:
            link = await open_link(server.url.replace("tcp", scheme))
            await link.write(b"hello")
            assert await read_exactly(link, 5) == b"hello"
            inner = link._writer.get_extra_info("socket")  # type: ignore[attr-defined]
            assert inner.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            await link.close()

    run(scenario())


def test_serial_carries_every_byte_value(tmp_path: Path) -> None:
    """A serial line is raw: no byte is swallowed or translated."""

    async def scenario() -> None:
        async with plugged(tmp_path / "tty", echo) as cable:
            link = await open_link(cable.url, baud=115200, parity="even")
            await link.write(bytes(range(256)))
            assert await read_exactly(link, 256) == bytes(range(256))
            await link.close()

    run(scenario())


def test_missing_port_is_lost_not_wrong(tmp_path: Path) -> None:
    """An adapter that is not plugged in may come back."""

    async def scenario() -> None:
        with pytest.raises(LinkLost) as lost:
            await open_link(f"serial://{tmp_path}/ttyUSB7")
        assert lost.value.cause == "port-missing"

    run(scenario())


def test_file_that_is_no_port_is_named(tmp_path: Path) -> None:
    """A path to something else is told apart from a missing one."""

    async def scenario() -> None:
        (tmp_path / "file").touch()
        with pytest.raises(LinkLost) as lost:
            await open_link(f"serial://{tmp_path}/file")
        assert lost.value.cause == "not-a-port"

    run(scenario())


def test_port_in_use_is_named(tmp_path: Path) -> None:
    """A serial port belongs to one program at a time."""

    async def scenario() -> None:
        async with plugged(tmp_path / "tty", echo) as cable:
            link = await open_link(cable.url)
            with pytest.raises(LinkLost) as lost:
                await open_link(cable.url)
            await link.close()
        assert lost.value.cause == "port-busy"

    run(scenario())


def test_pulled_cable_ends_a_waiting_read_at_once(tmp_path: Path) -> None:
    """Whoever waits for bytes learns that the cable is out; closing afterwards is safe, twice."""

    async def scenario() -> None:
        async with plugged(tmp_path / "tty", echo) as cable:
            link = await open_link(cable.url)
            reading = asyncio.ensure_future(link.read(10))
            asyncio.get_running_loop().call_later(0.02, cable.pull)
            with pytest.raises(LinkLost) as lost:
                await reading
            assert lost.value.cause == "cable-out"
            with pytest.raises(LinkLost):
                await link.write(b"x")
            await link.close()
            await link.close()

    run(scenario())


def test_closed_connection_is_lost() -> None:
    """A device that hangs up is lost; closing afterwards is safe, twice."""

    async def scenario() -> None:
        async with serving(lambda request: []) as server:
            link = await open_link(server.url)
            await link.write(b"x")
            asyncio.get_running_loop().call_later(0.02, server.hang_up)
            with pytest.raises(LinkLost) as lost:
                await link.read(10)
            assert lost.value.cause == "hung-up"
            await link.close()
            await link.close()

    run(scenario())


def test_nobody_listening_is_lost() -> None:
    """A refused connection is tried again later."""

    async def scenario() -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            with pytest.raises(LinkLost) as lost:
                await open_link(f"tcp://127.0.0.1:{free.getsockname()[1]}")
        assert lost.value.cause == "connection-refused"

    run(scenario())


def test_unknown_host_is_lost() -> None:
    """A name that is not known now may be known when the network is up."""

    async def scenario() -> None:
        with pytest.raises(LinkLost) as lost:
            await open_link("tcp://nowhere.invalid:1515")
        assert lost.value.cause == "unreachable"

    run(scenario())
