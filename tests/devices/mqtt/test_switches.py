"""Sign, lights, siren and beacon."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from devices import switches
from devices.errors import LinkLost, Refused, WrongAddress
from devices.messages import LinkState
from devices.reports import Availability, Command, Outcome
from devices.switches import ContractSwitch, MqttSwitches, TopicSwitch
from devices.tasmota import TasmotaSwitch
from devices.topics import Matcher, Orders
from lobby.core.clock import VirtualClock
from tests.devices.mqtt.standins import NOON, MemoryThings, NotedThings, Sent
from tests.running import run

PREFIX = "lobby/1/seoul/siren"
SIREN = ContractSwitch("seoul", "siren")
LIGHT = TopicSwitch(
    thing="light",
    command=Orders(topic="cmnd/light/POWER", payloads={"on": "ON", "off": "OFF"}),
    state=Matcher(topic="stat/light/POWER", values={"ON": "on", "OFF": "off"}),
    availability=Matcher(topic="tele/light/LWT"),
)


def order(thing: str, value: str = "on") -> Command:
    return Command(id="c1", thing=thing, value=value, expires_at=NOON + timedelta(seconds=30))


def driver(line: MemoryThings, *kinds: ContractSwitch | TopicSwitch) -> tuple[MqttSwitches, NotedThings]:
    sink = NotedThings()
    return MqttSwitches(line, kinds, sink, clock=VirtualClock(NOON)), sink


def test_a_command_of_the_contract_carries_id_value_and_expiry_and_is_never_retained() -> None:
    """The device can drop a command that comes too late or twice."""
    line = MemoryThings()
    line.answer = lambda sent: line.arrives(f"{PREFIX}/reported", '{"v":1,"value":"on"}')
    outcome = run(driver(line, SIREN)[0].send(order("siren")))
    assert outcome is Outcome.VERIFIED
    assert line.sent[0].topic == f"{PREFIX}/command"
    assert not line.sent[0].retain
    assert json.loads(line.sent[0].payload) == {
        "v": 1,
        "id": "c1",
        "action": "set",
        "value": "on",
        "expires_at": "2026-11-23T12:00:30+00:00",
    }


@pytest.mark.parametrize(("at", "expires_at"), [("24T12:00:00", "24T12:00:30"), ("22T12:00:00", "23T12:00:30")])
def test_the_expiry_is_told_by_a_clock_that_is_ahead_of_ours(at: str, expires_at: str) -> None:
    """The device judges it by its own clock; one that is behind ours needs no help."""
    line = MemoryThings()
    line.answer = lambda sent: line.arrives(f"{PREFIX}/reported", '{"v":1,"value":"on"}')
    siren, _ = driver(line, SIREN)
    line.arrives(f"{PREFIX}/reported", f'{{"v":1,"value":"off","at":"2026-11-{at}Z"}}')
    run(siren.send(order("siren")))
    assert json.loads(line.sent[0].payload)["expires_at"] == f"2026-11-{expires_at}+00:00"


@pytest.mark.parametrize("retained", [True, False])
def test_a_command_that_is_not_ours_is_trouble_until_it_is_removed(retained: bool) -> None:
    """Our own come back without a word."""
    line = MemoryThings()
    line.answer = lambda sent: line.arrives(f"{PREFIX}/reported", '{"v":1,"value":"on"}')
    siren, sink = driver(line, SIREN)
    run(siren.send(order("siren")))
    line.arrives(line.sent[0].topic, line.sent[0].payload)
    assert sink.troubles == []
    line.arrives(f"{PREFIX}/command", '{"v":1,"id":"x","value":"on"}', retained=retained)
    line.arrives(f"{PREFIX}/command", "")
    assert (sink.troubles, sink.ended) == ([("siren", "strange-order")], [("siren", "strange-order")])


@pytest.mark.parametrize("payload", [b"\xff\xfe", b"Blinking"])
def test_a_word_that_the_description_does_not_know_is_trouble(payload: bytes) -> None:
    """Bad UTF-8 too; a word it knows ends it."""
    line = MemoryThings()
    _, sink = driver(line, LIGHT)
    line.arrives("stat/light/POWER", payload)
    line.arrives("stat/light/POWER", "ON")
    assert (sink.troubles, sink.ended) == ([("light", "bad-payload")], [("light", "bad-payload")])


def test_a_described_switch_gets_its_own_payload_and_is_read_back() -> None:
    """Somebody else's words out, ours back."""
    line = MemoryThings()
    line.answer = lambda sent: line.arrives("stat/light/POWER", "ON")
    light, sink = driver(line, LIGHT)
    assert run(light.send(order("light"))) is Outcome.VERIFIED
    assert line.sent == [Sent("cmnd/light/POWER", "ON")]
    assert sink.reports[0].value == "on"


def test_a_yes_without_a_new_state_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The device took the command; nothing was read back in time. A yes to another command is none."""
    monkeypatch.setattr(switches, "ANSWER_WITHIN_S", 0.05)
    line = MemoryThings()
    line.answer = lambda sent: line.arrives(f"{PREFIX}/result", '{"v":1,"id":"c1","outcome":"accepted"}')
    assert run(driver(line, SIREN)[0].send(order("siren"))) is Outcome.ACCEPTED


def test_silence_of_a_switch_that_could_answer_is_a_lost_link(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker's acknowledgement is not the device's; a retained state is not an answer either."""
    monkeypatch.setattr(switches, "ANSWER_WITHIN_S", 0.05)
    line = MemoryThings()
    line.answer = lambda sent: line.arrives(f"{PREFIX}/reported", '{"v":1,"value":"on"}', retained=True)
    with pytest.raises(LinkLost, match="silent"):
        run(driver(line, SIREN)[0].send(order("siren")))


def test_what_nobody_wants_any_more_is_not_waited_for() -> None:
    """A siren's next command does not wait until the last one has been proved."""

    async def scenario() -> None:
        siren, _ = driver(MemoryThings(), SIREN)
        sending = asyncio.ensure_future(siren.send(order("siren", "off")))
        await asyncio.sleep(0)
        siren.replaced("siren")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert sending.done()
        assert sending.result() is Outcome.UNVERIFIED

    run(scenario())


def test_a_switch_that_cannot_be_read_back_is_unverified() -> None:
    """Without a state topic nobody waits."""
    line = MemoryThings()
    mute = TopicSwitch(thing="lamp", command=Orders(topic="lamp/set", payloads={"on": "1"}))
    assert run(driver(line, mute)[0].send(order("lamp"))) is Outcome.UNVERIFIED


def test_a_no_of_the_device_is_refused() -> None:
    """`failed` to our id raises with the device's words."""
    line = MemoryThings()
    line.answer = lambda sent: line.arrives(f"{PREFIX}/result", '{"v":1,"id":"c1","outcome":"failed","detail":"fuse"}')
    with pytest.raises(Refused, match="fuse"):
        run(driver(line, SIREN)[0].send(order("siren")))


def test_a_value_without_a_payload_is_the_site_file_s_mistake() -> None:
    """Nothing is sent for a value the file does not describe."""
    line = MemoryThings()
    with pytest.raises(WrongAddress):
        run(driver(line, LIGHT)[0].send(order("light", "evening")))
    assert not line.sent


def test_availability_follows_the_last_will_and_fresh_reports() -> None:
    """Gone by the will, back by a fresh message, each told once."""
    line = MemoryThings()
    _, sink = driver(line, SIREN)
    for payload in ("offline", "offline"):
        line.arrives(f"{PREFIX}/availability", payload, retained=True)
    line.arrives(f"{PREFIX}/reported", '{"v":1,"value":"off"}')
    assert sink.moves == [("siren", Availability.LOST, "offline"), ("siren", Availability.OK, "")]


def test_a_lost_line_loses_its_switches_and_a_new_one_makes_them_unknown() -> None:
    """Nothing is known of a switch until it says something again."""
    line = MemoryThings()
    _, sink = driver(line, SIREN)
    line.move(LinkState.WAITING, "broker-lost")
    line.move(LinkState.OPEN)
    assert sink.moves == [("siren", Availability.LOST, "broker-lost"), ("siren", Availability.UNKNOWN, "")]


def test_rubbish_is_told_once_until_it_is_well() -> None:
    """Two bad reports are one trouble; a good one ends it."""
    line = MemoryThings()
    _, sink = driver(line, SIREN)
    for payload in (b"\xff\xfe", b"{}", b'{"v":1,"value":"on"}', b'{"v":1,"value":"on"}'):
        line.arrives(f"{PREFIX}/reported", payload)
    assert sink.troubles == [("siren", "bad-payload")]
    assert sink.ended == [("siren", "bad-payload")]


def test_what_can_be_asked_and_never_answers_is_lost() -> None:
    """Asked once a minute; after two questions without an answer it is told as silent."""

    async def scenario() -> None:
        line, sink = MemoryThings(), NotedThings()
        clock = VirtualClock(NOON)
        asked = MqttSwitches(line, [TasmotaSwitch(thing="sign", topic="sign")], sink, clock=clock)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(asked.run())
            await clock.advance(4 * switches.ASK_EVERY_S)
            assert [sent.payload for sent in line.sent] == ["?"] * 4
            assert sink.moves == [("sign", Availability.LOST, "silent")]
            line.arrives("stat/sign/POWER", "ON")
            assert sink.moves[-1] == ("sign", Availability.OK, "")
            task.cancel()

    run(scenario())


def test_the_driver_runs_until_it_is_cancelled() -> None:
    """It owns no link; messages drive it."""

    async def scenario() -> None:
        task = asyncio.create_task(driver(MemoryThings(), SIREN)[0].run())
        await asyncio.sleep(0)
        assert task.cancel()

    run(scenario())
