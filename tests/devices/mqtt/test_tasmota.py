"""A Tasmota switch: topic and relay in, the maker's topics and payloads out."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from devices import switches
from devices.errors import LinkLost, Refused, WrongAddress
from devices.messages import LinkState
from devices.reports import Availability, Command, Outcome
from devices.switches import MqttSwitches
from devices.tasmota import TasmotaSwitch
from lobby.core.clock import VirtualClock
from tests.devices.mqtt.standins import NOON, MemoryThings, NotedThings, Sent
from tests.running import run

SIGN = TasmotaSwitch(thing="sign", topic="desk-sign")
FOURTH = TasmotaSwitch(thing="sign", topic="desk-sign", relay=4)


def order(value: str = "on") -> Command:
    return Command(id="c1", thing="sign", value=value, expires_at=NOON + timedelta(seconds=30))


def driver(line: MemoryThings, switch: TasmotaSwitch = SIGN) -> tuple[MqttSwitches, NotedThings]:
    sink = NotedThings()
    return MqttSwitches(line, [switch], sink, clock=VirtualClock(NOON)), sink


def test_an_order_is_read_back_from_the_result() -> None:
    """`cmnd/<topic>/POWER ON` out, `RESULT {"POWER":"ON"}` back; never retained."""
    line = MemoryThings()
    line.answer = lambda sent: line.arrives("stat/desk-sign/RESULT", '{"POWER":"ON"}')
    sign, sink = driver(line)
    assert run(sign.send(order())) is Outcome.VERIFIED
    assert line.sent == [Sent("cmnd/desk-sign/POWER", "ON")]
    assert sink.reports[0].value == "on"


def test_each_relay_has_its_own_name() -> None:
    """Relay 4 listens to POWER4 only; what is said of others is none of its business."""
    line = MemoryThings()
    line.answer = lambda sent: line.arrives("stat/desk-sign/RESULT", '{"POWER4":"OFF"}')
    sign, sink = driver(line, FOURTH)
    line.arrives("stat/desk-sign/RESULT", '{"POWER1":"ON"}')
    assert run(sign.send(order("off"))) is Outcome.VERIFIED
    assert line.sent == [Sent("cmnd/desk-sign/POWER4", "OFF")]
    assert [report.value for report in sink.reports] == ["off"]


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("stat/desk-sign/POWER", "ON"),
        ("stat/desk-sign/POWER1", "on"),
        ("stat/desk-sign/RESULT", '{"POWER1":"ON"}'),
        ("tele/desk-sign/STATE", '{"Time":"2026-11-22T12:00:00","POWER":"ON","Wifi":{"RSSI":82}}'),
    ],
)
def test_its_state_is_read_wherever_it_stands(topic: str, payload: str) -> None:
    """Reply, plain text and telemetry, on devices with one relay and with several."""
    line = MemoryThings()
    _, sink = driver(line)
    line.arrives(topic, payload)
    assert [report.value for report in sink.reports] == ["on"]
    assert sink.moves == [("sign", Availability.OK, "")]


def test_it_is_asked_when_it_appears() -> None:
    """Online by its will proves nothing: a question goes out, and its answer does."""

    async def scenario() -> None:
        line = MemoryThings()
        sign, sink = driver(line)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(sign.run())
            await asyncio.sleep(0)
            line.arrives("tele/desk-sign/LWT", "Online", retained=True)
            line.move(LinkState.OPEN)
            for _ in range(5):
                await asyncio.sleep(0)
            assert line.sent == [Sent("cmnd/desk-sign/POWER", "?")]
            assert Availability.OK not in [move[1] for move in sink.moves]
            line.arrives("stat/desk-sign/RESULT", '{"POWER":"OFF"}')
            assert sink.moves[-1] == ("sign", Availability.OK, "")
            task.cancel()

    run(scenario())


def test_its_last_will_is_believed() -> None:
    """Offline is told at once."""
    line = MemoryThings()
    _, sink = driver(line)
    line.arrives("stat/desk-sign/POWER", "ON")
    line.arrives("tele/desk-sign/LWT", "Offline", retained=True)
    assert sink.moves == [("sign", Availability.OK, ""), ("sign", Availability.LOST, "offline")]


def test_an_unknown_command_is_refused_with_its_words() -> None:
    """A relay that the device does not have."""
    line = MemoryThings()
    line.answer = lambda sent: line.arrives("stat/desk-sign/RESULT", '{"Command":"Unknown"}')
    with pytest.raises(Refused, match="Unknown"):
        run(driver(line, FOURTH)[0].send(order()))


def test_a_relay_that_stays_as_it_is_did_not_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers, and says otherwise: neither silent nor well."""
    monkeypatch.setattr(switches, "ANSWER_WITHIN_S", 0.05)
    line = MemoryThings()
    line.answer = lambda sent: line.arrives("stat/desk-sign/RESULT", '{"POWER":"OFF"}')
    with pytest.raises(LinkLost, match="did-not-follow"):
        run(driver(line)[0].send(order()))


def test_a_retained_command_is_told_until_it_is_removed() -> None:
    """It would switch the device at every reconnect; our own questions do not end the trouble."""
    line = MemoryThings()
    _, sink = driver(line)
    line.arrives("cmnd/desk-sign/POWER", "OFF", retained=True)
    line.arrives("cmnd/desk-sign/POWER", "?")
    assert (sink.troubles, sink.ended) == ([("sign", "strange-order")], [])
    line.arrives("cmnd/desk-sign/POWER", "")
    assert sink.ended == [("sign", "strange-order")]


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("stat/desk-sign/RESULT", "not json"),
        ("stat/desk-sign/RESULT", "[1]"),
        ("stat/desk-sign/RESULT", '{"POWER":"Blinking"}'),
        ("stat/desk-sign/POWER", "\udcff".encode("utf-8", "surrogateescape")),
        ("tele/desk-sign/STATE", "[" * 5000),
    ],
)
def test_what_cannot_be_read_is_trouble_until_it_can(topic: str, payload: str | bytes) -> None:
    """Nothing of it is reported."""
    line = MemoryThings()
    _, sink = driver(line)
    line.arrives(topic, payload)
    assert (sink.troubles, sink.reports) == ([("sign", "bad-payload")], [])
    line.arrives("stat/desk-sign/POWER", "ON")
    assert sink.ended == [("sign", "bad-payload")]


def test_news_of_other_commands_say_nothing() -> None:
    """A reply to somebody's `PowerOnState` is neither state nor trouble."""
    line = MemoryThings()
    _, sink = driver(line)
    line.arrives("stat/desk-sign/RESULT", '{"PowerOnState":3}')
    assert (sink.reports, sink.troubles, sink.moves) == ([], [], [])


def test_a_relay_is_on_or_off_only() -> None:
    """Another value is the site file's mistake."""
    line = MemoryThings()
    with pytest.raises(WrongAddress, match="no-such-value"):
        run(driver(line)[0].send(order("evening")))
    assert line.sent == []
