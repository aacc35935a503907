"""A Shelly switch: prefix and number in, its RPC over MQTT out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from devices import switches
from devices.errors import LinkLost, Refused, WrongAddress
from devices.messages import LinkState
from devices.reports import Availability, Command, Outcome
from devices.shelly import ShellySwitch, source
from devices.switches import MqttSwitches
from lobby.core.clock import VirtualClock
from tests.devices.mqtt.standins import NOON, MemoryThings, NotedThings, Sent
from tests.running import run

PREFIX = "shellyplus1-a8032abe54dc"
REPLIES = "lobby-seoul-garden/rpc"
GARDEN = ShellySwitch(thing="garden", prefix=PREFIX, source=source("seoul", "garden"))


def order(value: str = "on") -> Command:
    return Command(id="c1", thing="garden", value=value, expires_at=NOON + timedelta(seconds=30))


def driver(line: MemoryThings, switch: ShellySwitch = GARDEN) -> tuple[MqttSwitches, NotedThings]:
    sink = NotedThings()
    return MqttSwitches(line, [switch], sink, clock=VirtualClock(NOON)), sink


class Device:
    """Answers requests as the maker's documentation shows; `output` is what it then is."""

    def __init__(
        self, line: MemoryThings, *, output: bool | None = None, error: Mapping[str, Any] | None = None
    ) -> None:
        self._line = line
        self._output = output
        self._error = error
        line.answer = self._answer

    def _answer(self, sent: Sent) -> None:
        request = json.loads(sent.payload)
        reply: dict[str, Any] = {"id": request["id"], "src": PREFIX, "dst": request["src"]}
        if self._error is not None:
            reply["error"] = self._error
        elif request["method"] == "Switch.Set":
            reply["result"] = {"was_on": False}
        elif self._output is not None:
            reply["result"] = {"id": 0, "source": "MQTT", "output": self._output, "apower": 8.9, "voltage": 237.5}
        if "error" in reply or "result" in reply:
            self._line.arrives(f"{request['src']}/rpc", json.dumps(reply))


def test_an_order_is_a_request_and_its_state_is_read_back() -> None:
    """`Switch.Set` says what was, so `Switch.GetStatus` follows; verified by what is."""
    line = MemoryThings()
    Device(line, output=True)
    garden, sink = driver(line)
    assert run(garden.send(order())) is Outcome.VERIFIED
    assert [sent.topic for sent in line.sent] == [f"{PREFIX}/rpc"] * 2
    assert not any(sent.retain for sent in line.sent)
    assert json.loads(line.sent[0].payload) == {
        "id": "c1",
        "src": "lobby-seoul-garden",
        "method": "Switch.Set",
        "params": {"id": 0, "on": True},
    }
    assert sink.reports[0].detail == {"watts": 8.9, "volts": 237.5}


def test_a_yes_without_a_state_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The device took it; nothing was read back in time."""
    monkeypatch.setattr(switches, "ANSWER_WITHIN_S", 0.05)
    line = MemoryThings()
    Device(line)
    assert run(driver(line)[0].send(order())) is Outcome.ACCEPTED


def test_a_yes_and_another_state_did_not_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    """It took the order and stays as it was."""
    monkeypatch.setattr(switches, "ANSWER_WITHIN_S", 0.05)
    line = MemoryThings()
    Device(line, output=False)
    with pytest.raises(LinkLost, match="did-not-follow"):
        run(driver(line)[0].send(order()))


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ({"code": -105, "message": "Argument 'id', value 3 not found!"}, "refused"),
        ({"code": 401, "message": '{"auth_type": "digest"}'}, "needs-password"),
    ],
)
def test_an_error_is_a_refusal_with_its_cause(error: Mapping[str, Any], cause: str) -> None:
    """Not worth trying again at once; the device's own words go along."""
    line = MemoryThings()
    Device(line, error=error)
    with pytest.raises(Refused) as caught:
        run(driver(line)[0].send(order()))
    assert caught.value.cause == cause
    assert str(error["code"]) in caught.value.detail


def test_a_change_at_the_device_is_heard() -> None:
    """NotifyStatus carries what changed; without the output it says nothing of the state."""
    line = MemoryThings()
    _, sink = driver(line)
    for changed in ({"id": 0, "output": True, "source": "init"}, {"id": 0, "apower": 9.1}, {"id": 0, "output": False}):
        frame = {"src": PREFIX, "method": "NotifyStatus", "params": {"ts": 1.0, "switch:0": changed}}
        line.arrives(f"{PREFIX}/events/rpc", json.dumps(frame))
    assert [report.value for report in sink.reports] == ["on", "off"]
    assert sink.moves == [("garden", Availability.OK, "")]


@pytest.mark.parametrize(
    "frame",
    [
        {"method": "NotifyStatus", "params": {"switch:1": {"output": True}}},
        {"method": "NotifyEvent", "params": {"events": [{"component": "input:0", "event": "btn_up"}]}},
        {"method": "NotifyStatus", "params": {"switch:0": None}},
        {"method": "NotifyStatus", "params": 7},
        {},
    ],
)
def test_news_of_others_say_nothing(frame: Mapping[str, Any]) -> None:
    """Another switch, events, a component that is gone."""
    line = MemoryThings()
    _, sink = driver(line)
    line.arrives(f"{PREFIX}/events/rpc", json.dumps(frame))
    assert (sink.reports, sink.troubles) == ([], [])


def test_its_full_status_topic_is_read_where_it_is_switched_on() -> None:
    """`status_ntf` publishes the whole status of the switch."""
    line = MemoryThings()
    _, sink = driver(line)
    line.arrives(f"{PREFIX}/status/switch:0", '{"id":0,"output":true,"temperature":{"tC":41.2}}')
    assert [report.value for report in sink.reports] == ["on"]


def test_it_is_asked_when_it_appears_and_a_no_is_told() -> None:
    """A wrong number in the site file is trouble as soon as it is asked; it is asked again until that is mended."""

    async def scenario() -> None:
        line = MemoryThings()
        Device(line, error={"code": -105, "message": "Argument 'id', value 0 not found!"})
        sink, clock = NotedThings(), VirtualClock(NOON)
        garden = MqttSwitches(line, [GARDEN], sink, clock=clock)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(garden.run())
            await asyncio.sleep(0)
            line.arrives(f"{PREFIX}/online", "true", retained=True)
            line.move(LinkState.OPEN)
            for _ in range(5):
                await asyncio.sleep(0)
            assert [json.loads(sent.payload)["method"] for sent in line.sent] == ["Switch.GetStatus"]
            assert sink.troubles == [("garden", "refused")]
            Device(line, output=True)
            await clock.advance(switches.ASK_TROUBLED_EVERY_S)
            assert sink.ended == [("garden", "refused")]
            task.cancel()

    run(scenario())


def test_its_last_will_is_believed() -> None:
    """`online` false is told at once."""
    line = MemoryThings()
    _, sink = driver(line)
    line.arrives(f"{PREFIX}/online", "false", retained=True)
    assert sink.moves == [("garden", Availability.LOST, "offline")]


@pytest.mark.parametrize("payload", ["", "x", "[]", b"\xff\xfe", "[" * 5000])
def test_what_cannot_be_read_is_trouble(payload: str | bytes) -> None:
    """On the reply topic too; a right word ends it."""
    line = MemoryThings()
    _, sink = driver(line)
    line.arrives(REPLIES, payload)
    assert sink.troubles == [("garden", "bad-payload")]
    line.arrives(f"{PREFIX}/status/switch:0", '{"output":false}')
    assert sink.ended == [("garden", "bad-payload")]


def test_a_switch_is_on_or_off_only() -> None:
    """Another value is the site file's mistake."""
    line = MemoryThings()
    with pytest.raises(WrongAddress, match="no-such-value"):
        run(driver(line)[0].send(order("evening")))
    assert line.sent == []
