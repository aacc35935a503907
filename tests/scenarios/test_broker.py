"""The broker restarts, dies, stays away, drowns in telemetry; the bells go on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

import aiomqtt
import pytest

from devices.simulated.steering import ask
from tests.eventually import soon
from tests.scenarios.house import House, Running, always_open, house, processes_of, trial_of
from tests.scenarios.kills import BELL, incidents_of_presses
from tests.scenarios.stream import Stream

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

FLOOD = 3000


@pytest.mark.parametrize("way", ["restart", "kill"])
def test_a_broker_that_comes_back_brings_every_press(tmp_path: Path, way: str) -> None:
    """Pressed before, during and after: each id is in one incident once, and the siren follows again."""
    with house(tmp_path) as lobby:
        running = lobby.start()
        assert lobby.broker is not None
        lobby.steer("press", BELL)
        if way == "restart":
            lobby.broker.stop()
        else:
            lobby.broker.kill()
        lobby.steer("press", BELL)
        lobby.broker.start()
        lobby.steer("press", BELL)
        soon(lambda: not lobby.shows(BELL)["waiting"], within_s=30)
        soon(lambda: lobby.shows("siren")["on"], within_s=30)
        pressed = lobby.shows(BELL)["assured"]
        assert running.process.stop() == 0
        held = incidents_of_presses(lobby.facts())
        assert {press: len(incidents) for press, incidents in held.items()} == dict.fromkeys(pressed, 1)
        assert len(pressed) == 3


def test_a_bell_on_a_wire_needs_no_broker(tmp_path: Path) -> None:
    """With the broker dead the console and the bell's lamp know; once it is back the beacon is on."""
    with house(tmp_path) as lobby:
        stream = Stream(lobby.start().guard())
        assert lobby.broker is not None
        lobby.broker.kill()
        lobby.steer("press", "bell-counsel")
        stream.first("incident", bell="bell-counsel")
        soon(lambda: lobby.shows("bell-counsel")["registered"])
        lobby.broker.start()
        soon(lambda: lobby.shows("beacon")["on"], within_s=30)
        stream.close()


def test_a_flood_of_telemetry_while_the_controller_is_away_pushes_out_no_press(tmp_path: Path) -> None:
    """3,000 messages of everything else and one press from a bell that says it once: the press is raised."""
    with house(tmp_path) as lobby:
        first = lobby.start()
        lobby.steer("press", BELL)
        soon(lambda: lobby.shows(BELL)["registered"])
        first.process.stop(signal.SIGKILL)
        asyncio.run(_flood(lobby))
        lobby.start()
        soon(lambda: "spoken-once" in incidents_of_presses(lobby.facts()))


def test_the_embedded_broker_may_freeze_and_die(tmp_path: Path) -> None:
    """`run --simulate`: one press is assured, after a freeze another; the broker's death leaves the console."""
    with trial_of(tmp_path) as trial:
        running = Running(trial, tmp_path / "data")
        assert _presses_until_assured(tmp_path) == 1
        (broker,) = processes_of("devices.simulated.broker", below=trial.popen.pid)
        os.kill(broker, signal.SIGSTOP)
        _steer(tmp_path, "press")
        os.kill(broker, signal.SIGCONT)
        soon(lambda: len(_bell(tmp_path)["assured"]) == 2, within_s=30)
        os.kill(broker, signal.SIGKILL)
        soon(running.ready)


def test_things_become_right_again_after_the_broker_was_away(tmp_path: Path) -> None:
    """A light switched by hand while nobody could hear it is switched back."""
    with house(tmp_path, change=always_open) as lobby:
        lobby.start()
        soon(lambda: lobby.shows("desk-sign")["on"], within_s=20)
        assert lobby.broker is not None
        lobby.broker.restart()
        asyncio.run(_publish(lobby, "cmnd/desk-sign/POWER", "OFF"))
        soon(lambda: lobby.shows("desk-sign")["on"], within_s=30)


async def _flood(lobby: House) -> None:
    """The press stands in the middle of the telemetry; all of it with QoS 1, as a session would keep it."""
    assert lobby.broker is not None
    at = "2026-11-23T00:00:00+00:00"
    press = json.dumps({"v": 1, "id": "spoken-once", "type": "press", "at": at})
    async with aiomqtt.Client("127.0.0.1", lobby.broker.port, identifier="stranger") as client:
        for number in range(FLOOD):
            if number == FLOOD // 2:
                await client.publish(f"lobby/1/{lobby.site.site.id}/{BELL}/event", press, qos=1)
            await client.publish(f"stat/desk-sign/POWER{number % 7}", "ON", qos=1)
            await client.publish(
                f"lobby/1/{lobby.site.site.id}/robot-cafe/reported", f'{{"v":1,"seq":{number}}}', qos=1
            )


async def _publish(lobby: House, topic: str, payload: str) -> None:
    assert lobby.broker is not None
    async with aiomqtt.Client("127.0.0.1", lobby.broker.port, identifier="somebody") as client:
        await client.publish(topic, payload, qos=1)


def _presses_until_assured(folder: Path) -> int:
    _steer(folder, "press")
    soon(lambda: not _bell(folder)["waiting"], within_s=30)
    return len(_bell(folder)["assured"])


def _bell(folder: Path) -> dict[str, list[str]]:
    shown: dict[str, dict[str, list[str]]] = json.loads(_steer(folder, "show"))
    return shown[BELL]


def _steer(folder: Path, verb: str) -> str:
    return asyncio.run(ask(folder / "data" / "simulated" / "steer.sock", verb=verb, thing=BELL))["said"]
