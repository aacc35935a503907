"""No press is lost, whatever happens to the broker, the controller or the traffic around it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.devices.mqtt.house import BELL, BellTwin, Recorder, controller, peer, press
from tests.eventually import eventually
from tests.mosquitto import Mosquitto, mosquitto
from tests.running import run

pytestmark = pytest.mark.slow


def _crash(server: Mosquitto) -> None:
    server.kill()
    server.start()


@pytest.mark.parametrize("interrupt", [Mosquitto.restart, _crash], ids=["restart", "kill"])
def test_no_press_is_lost_while_the_broker_goes_down(tmp_path: Path, interrupt: Callable[[Mosquitto], None]) -> None:
    """Sixty presses around two interruptions: each is recorded and each bell press is assured."""

    async def scenario() -> None:
        sink = Recorder()
        with mosquitto(tmp_path) as server:
            async with controller(server.url, sink), asyncio.TaskGroup() as group:
                twin = BellTwin(server.port)
                task = group.create_task(twin.run())
                for number in range(60):
                    twin.press(f"p{number}")
                    await asyncio.sleep(0.005)
                    if number in (15, 40):
                        await asyncio.to_thread(interrupt, server)
                await eventually(lambda: not twin.waiting, within_s=15)
                task.cancel()
        assert sink.ids == {f"p{number}" for number in range(60)}
        assert sorted(twin.assured) == sorted(f"p{number}" for number in range(60))

    run(scenario())


def test_a_flood_of_telemetry_while_we_are_away_does_not_push_out_the_press(tmp_path: Path) -> None:
    """3,000 QoS 1 messages on a subscribed topic, then one press that nobody repeats: it is there on our return."""

    async def scenario() -> None:
        sink = Recorder()
        with mosquitto(tmp_path) as server:
            async with controller(server.url, sink) as broker:
                broker.things.subscribe("tele/#", lambda message: None)
                await eventually(lambda: "tele/#" in broker.things._asked)
            async with peer(server.port) as device:
                async with asyncio.TaskGroup() as group:
                    for number in range(3000):
                        group.create_task(device.publish(f"tele/{number % 20}", "21.5", qos=1))
                await device.publish(f"{BELL}/event", press("alone"), qos=1)
            async with controller(server.url, sink):
                await eventually(lambda: sink.ids == {"alone"})

    run(scenario())


def test_heartbeats_while_we_are_away_do_not_push_out_the_press(tmp_path: Path) -> None:
    """1,200 QoS 1 heartbeats of the bell itself, more than the broker keeps, and the press behind them comes."""

    async def scenario() -> None:
        sink = Recorder()
        with mosquitto(tmp_path) as server:
            async with controller(server.url, sink):
                pass
            async with peer(server.port) as device:
                async with asyncio.TaskGroup() as group:
                    for _ in range(1200):
                        group.create_task(device.publish(f"{BELL}/reported", '{"v":1}', qos=1))
                await device.publish(f"{BELL}/event", press("behind"), qos=1)
            async with controller(server.url, sink):
                await eventually(lambda: sink.ids == {"behind"})

    run(scenario())


def test_rubbish_in_front_of_a_press_does_not_block_it(tmp_path: Path) -> None:
    """Sixty unreadable messages, three times what the broker keeps in flight, and the press behind them comes."""

    async def scenario() -> None:
        sink = Recorder()
        with mosquitto(tmp_path) as server:
            async with controller(server.url, sink):
                pass
            async with peer(server.port) as device:
                for number in range(60):
                    await device.publish(f"{BELL}/event", b"\xff rubbish %d" % number, qos=1)
                await device.publish(f"{BELL}/event", press("behind"), qos=1)
            async with controller(server.url, sink) as broker:
                await eventually(lambda: sink.ids == {"behind"} and not len(broker.bells.receipts))
                assert broker.bells.counts.received >= 61

    run(scenario())


def test_a_press_is_redelivered_until_it_is_acknowledged(tmp_path: Path) -> None:
    """The controller dies between receipt and record: the next run gets the press, and the run after it does not."""

    async def scenario() -> None:
        dying, next_run, third_run = Recorder(hold=asyncio.Event()), Recorder(), Recorder()
        with mosquitto(tmp_path) as server:
            async with controller(server.url, dying), peer(server.port) as device:
                await device.publish(f"{BELL}/event", press("p"), qos=1)
                await eventually(lambda: dying.presses)
            async with controller(server.url, next_run) as broker:
                await eventually(lambda: next_run.ids == {"p"} and not len(broker.bells.receipts))
                assert next_run.presses[0].detail["again"] is True
            async with controller(server.url, third_run), peer(server.port) as device:
                await device.publish(f"{BELL}/event", press("q"), qos=1)
                await eventually(lambda: third_run.presses)
                assert third_run.ids == {"q"}

    run(scenario())


def test_an_acknowledgement_from_before_a_crash_of_the_broker_is_dropped(tmp_path: Path) -> None:
    """The press is recorded on the new connection's own delivery; the old packet id acknowledges nothing."""

    async def scenario() -> None:
        sink = Recorder(hold=asyncio.Event())
        assert sink.hold is not None
        with mosquitto(tmp_path) as server:
            async with controller(server.url, sink) as broker:
                async with peer(server.port) as device:
                    await device.publish(f"{BELL}/event", press("p"), qos=1)
                    await eventually(lambda: len(sink.presses) == 1)
                await asyncio.to_thread(server.restart)
                await eventually(lambda: broker.bells.counts.connections == 2 and len(sink.presses) == 2)
                sink.hold.set()
                await eventually(lambda: broker.bells.receipts.dropped == 1 and not len(broker.bells.receipts))

    run(scenario())


def test_a_retained_press_is_marked_and_not_assured(tmp_path: Path) -> None:
    """Somebody left a press in the broker's store: at every start it comes as what it is."""

    async def scenario() -> None:
        sink = Recorder()
        with mosquitto(tmp_path) as server:
            async with peer(server.port) as device:
                await device.publish(f"{BELL}/event", press("old"), qos=1, retain=True)
            async with controller(server.url, sink) as broker:
                await eventually(lambda: sink.presses and not len(broker.bells.receipts))
                assert sink.presses[0].retained
                assert sink.ids == set()

    run(scenario())
