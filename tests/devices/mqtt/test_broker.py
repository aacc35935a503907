"""Both lines on Debian's Mosquitto."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from pathlib import Path
from random import Random

import pytest

from devices import lines
from devices.broker import Broker, BrokerAddress
from devices.errors import LinkLost, WrongAddress
from devices.messages import LinkState, Message
from lobby.core.clock import SystemClock
from tests.devices.mqtt.house import controller, peer, running
from tests.eventually import eventually
from tests.mosquitto import PLAIN, free_port, mosquitto
from tests.running import run

pytestmark = pytest.mark.slow

REFUSING = """\
listener {port} 127.0.0.1
allow_anonymous true
user root
plugin /usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so
plugin_opt_config_file {folder}/rules.json
"""
RULES = {
    "defaultACLAccess": {
        "publishClientSend": True,
        "publishClientReceive": True,
        "subscribe": False,
        "unsubscribe": True,
    },
    "roles": [{"rolename": "some", "acls": [{"acltype": "subscribePattern", "topic": "fine/#", "allow": True}]}],
    "groups": [{"groupname": "all", "roles": [{"rolename": "some"}]}],
    "anonymousGroup": "all",
    "clients": [],
}


def test_messages_pass_in_both_directions(tmp_path: Path) -> None:
    """What a device says reaches its handler, what the lobby says reaches the device, with TCP_NODELAY set."""

    async def scenario(port: int, url: str) -> None:
        heard: list[Message] = []
        async with controller(url) as broker, peer(port) as device:
            broker.things.subscribe("tele/+", heard.append)
            await device.subscribe("cmnd")
            await broker.things.publish("cmnd", "on")
            assert (await anext(aiter(device.messages))).payload == b"on"
            await eventually(lambda: "tele/+" in broker.things._asked)
            await device.publish("tele/a", "오늘", qos=1)
            await eventually(lambda: heard)
            assert heard[0].text() == "오늘"
            assert broker.things._wire is not None
            paho = broker.things._wire._client  # type: ignore[attr-defined]  # the library's socket
            assert paho.socket().getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    with mosquitto(tmp_path) as server:
        run(scenario(server.port, server.url))


def test_both_lines_come_back_after_a_restart_of_the_broker(tmp_path: Path) -> None:
    """Subscriptions work again and the retained cache of a broker that lost everything is filled again."""

    async def scenario() -> None:
        heard: list[Message] = []
        with mosquitto(tmp_path, PLAIN.replace("persistence true", "persistence false")) as server:
            async with controller(server.url) as broker:
                broker.things.subscribe("tele/a", heard.append)
                await broker.things.publish("shown", "7", retain=True)
                await asyncio.to_thread(server.kill)
                await eventually(lambda: not broker.things.state.up and not broker.bells.state.up)
                assert broker.things.state is LinkState.WAITING
                with pytest.raises(LinkLost):
                    await broker.things.publish("cmnd", "on")
                await asyncio.to_thread(server.start)
                await eventually(lambda: broker.things.state.up and broker.bells.state.up)
                async with peer(server.port) as device:
                    await device.publish("tele/a", "1", qos=1)
                    await eventually(lambda: heard)
                    await device.subscribe("shown")
                    assert (await anext(aiter(device.messages))).payload == b"7"

    run(scenario())


def test_a_refused_subscription_names_its_filter(tmp_path: Path) -> None:
    """SUBACK 128: the line is incomplete, the mistake names the filter, the granted one works."""
    (tmp_path / "rules.json").write_text(json.dumps(RULES))

    async def scenario(port: int, url: str) -> None:
        heard: list[Message] = []
        broker = Broker(BrokerAddress.of(url), "seoul", clock=SystemClock(), chance=Random(1))
        broker.things.subscribe("forbidden/+", heard.append)
        broker.things.subscribe("fine/a", heard.append)
        async with running(broker), peer(port) as device:
            assert broker.things.state is LinkState.INCOMPLETE
            assert isinstance(broker.things.mistake, WrongAddress)
            assert broker.things.refused == ("forbidden/+",)
            await device.publish("fine/a", "1", qos=1)
            await eventually(lambda: heard)

    with mosquitto(tmp_path, REFUSING) as server:
        run(scenario(server.port, server.url))


@pytest.mark.alone
def test_ten_megabytes_neither_stall_nor_kill(tmp_path: Path) -> None:
    """The message is dropped and counted, the loop is never held for 250 ms, the next message arrives."""

    async def scenario(port: int, url: str) -> None:
        heard: list[Message] = []
        async with controller(url) as broker, peer(port) as device:
            broker.things.subscribe("big", heard.append)
            broker.bells.subscribe("big", note)
            await eventually(lambda: "big" in broker.things._asked and "big" in broker.bells._asked)
            await device.publish("big", bytes(10_000_000), qos=1)
            await device.publish("big", "small", qos=1)
            worst_s = 0.0
            while len(heard) < 2 or len(broker.bells.receipts):
                before = time.monotonic()
                await asyncio.sleep(0)
                worst_s = max(worst_s, time.monotonic() - before)
            assert [(message.too_large, message.text()) for message in heard] == [(True, ""), (False, "small")]
            assert (broker.things.counts.oversize, broker.bells.counts.oversize) == (1, 1)
            assert worst_s < 0.25

    async def note(message: Message) -> bool:
        return True

    with mosquitto(tmp_path) as server:
        run(scenario(server.port, server.url))


def test_bytes_that_are_not_utf8_are_a_message_like_any(tmp_path: Path) -> None:
    """They reach the handler, which reads what it can."""

    async def scenario(port: int, url: str) -> None:
        heard: list[Message] = []
        async with controller(url) as broker, peer(port) as device:
            broker.things.subscribe("a", heard.append)
            await eventually(lambda: "a" in broker.things._asked)
            await device.publish("a", b"\xff\xfeON", qos=1)
            await eventually(lambda: heard)
            assert heard[0].text() == "\ufffd\ufffdON"
            assert broker.things.state.up

    with mosquitto(tmp_path) as server:
        run(scenario(server.port, server.url))


def test_a_frozen_broker_ends_a_publish_within_its_limit(tmp_path: Path) -> None:
    """Nobody waits longer than was allowed."""

    async def scenario() -> None:
        with mosquitto(tmp_path) as server:
            async with controller(server.url) as broker:
                server.freeze()
                before = time.monotonic()
                with pytest.raises(LinkLost, match="silent"):
                    await broker.things.publish("a", "1", within_s=0.2)
                assert time.monotonic() - before < 1

    run(scenario())


def test_a_broker_that_dies_ends_a_waiting_publish_at_once(tmp_path: Path) -> None:
    """The loss is told to the waiting publisher, not after its time limit."""

    async def scenario() -> None:
        with mosquitto(tmp_path) as server:
            async with controller(server.url) as broker, asyncio.TaskGroup() as group:
                server.freeze()
                waiting = group.create_task(swallowed(broker))
                await eventually(lambda: broker.things._wire._unacknowledged)  # type: ignore[union-attr]  # in flight
                await asyncio.to_thread(server.kill)
                before = time.monotonic()
                assert isinstance(await waiting, LinkLost)
                assert time.monotonic() - before < 1

    async def swallowed(broker: Broker) -> LinkLost | None:
        try:
            await broker.things.publish("a", "1", within_s=20)
        except LinkLost as lost:
            return lost
        return None

    run(scenario())


def test_a_wrong_password_is_a_refusal(tmp_path: Path) -> None:
    """The broker answers and says no: mend the site file. The password is in no log line."""

    async def scenario(port: int) -> None:
        address = BrokerAddress(host="127.0.0.1", port=port, username="lobby", password="swordfish")
        broker = Broker(address, "seoul", clock=SystemClock(), chance=Random(1))
        async with asyncio.TaskGroup() as group:
            task = group.create_task(broker.run())
            await eventually(lambda: broker.bells.state is LinkState.REFUSED)
            task.cancel()
        assert "swordfish" not in repr(address)

    with mosquitto(tmp_path, "listener {port} 127.0.0.1\nallow_anonymous false\n") as server:
        run(scenario(server.port))


def test_a_broker_that_is_not_there_is_waited_for(tmp_path: Path) -> None:
    """Started before its broker, the lobby connects when the broker comes."""

    async def scenario() -> None:
        with mosquitto(tmp_path) as server:
            await asyncio.to_thread(server.stop)
            broker = Broker(BrokerAddress.of(server.url), "seoul", clock=SystemClock(), chance=Random(1))
            async with asyncio.TaskGroup() as group:
                task = group.create_task(broker.run())
                await eventually(lambda: broker.things.state is LinkState.WAITING)
                await asyncio.to_thread(server.start)
                await eventually(lambda: broker.things.state.up)
                task.cancel()

    run(scenario())


def test_a_stranger_on_the_port_does_not_hold_us(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something that accepts and hangs up is no broker: the line waits and tries again."""
    monkeypatch.setattr(lines, "FIRST_WAIT_S", 0.01)
    visits: list[int] = []

    async def scenario() -> None:
        def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            visits.append(1)
            writer.close()

        port = free_port()
        async with await asyncio.start_server(hang_up, "127.0.0.1", port):
            broker = Broker(BrokerAddress(host="127.0.0.1", port=port), "s", clock=SystemClock(), chance=Random(1))
            async with asyncio.TaskGroup() as group:
                task = group.create_task(broker.run())
                await eventually(lambda: len(visits) > 4)
                task.cancel()

    run(scenario())


@pytest.mark.parametrize("url", ["http://a", "mqtt://", "mqtt://a:port", "mqtt://a:99999"])
def test_an_address_that_is_none_is_the_site_file_s_mistake(url: str) -> None:
    """It is told before anything is tried."""
    with pytest.raises(WrongAddress):
        BrokerAddress.of(url)
