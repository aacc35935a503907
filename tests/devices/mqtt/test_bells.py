"""Emergency bells over MQTT."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from devices.bells import ContractBells, TopicBell, TopicBells, is_press
from devices.errors import LinkLost
from devices.messages import LinkState
from devices.topics import Matcher
from tests.devices.mqtt.standins import MemoryBells, NotedBells, Sent
from tests.running import run

PREFIX = "lobby/1/seoul/bell-desk"
PRESS = '{"v":1,"id":"p1","type":"press","at":"2026-11-23T12:00:00.500+09:00","battery":9,"tamper":false}'


def contract(*, durable: bool = True) -> tuple[MemoryBells, NotedBells]:
    line, sink = MemoryBells(), NotedBells(durable=durable)
    ContractBells(line, "seoul", ("bell-desk",), sink)
    return line, sink


def test_a_durable_press_is_acknowledged_and_assured() -> None:
    """The sink gets id and time as sent; the bell reads its id on `assured`."""
    line, sink = contract()
    assert run(line.arrives(f"{PREFIX}/event", PRESS))
    assert (sink.presses[0].press_id, sink.presses[0].retained) == ("p1", False)
    assert sink.presses[0].said_at == datetime(2026, 11, 23, 3, 0, 0, 500_000, tzinfo=UTC)
    assert line.sent == [Sent(f"{PREFIX}/assured", json.dumps({"v": 1, "id": "p1"}))]


def test_a_press_that_is_not_durable_is_neither_acknowledged_nor_assured() -> None:
    """The bell goes on repeating, the broker keeps it."""
    line, sink = contract(durable=False)
    assert not run(line.arrives(f"{PREFIX}/event", PRESS))
    assert sink.presses
    assert not line.sent


def test_a_press_is_acknowledged_even_when_the_bell_cannot_be_told() -> None:
    """It is recorded; the bell repeats and is assured then."""
    line, _ = contract()

    def fail(sent: Sent) -> None:
        raise LinkLost("broker-lost")

    line.answer = fail
    assert run(line.arrives(f"{PREFIX}/event", PRESS))


def test_a_retained_event_is_handed_on_as_such() -> None:
    """It proves no life and gets no assurance; what it means is decided behind the sink."""
    line, sink = contract()
    assert run(line.arrives(f"{PREFIX}/event", PRESS, retained=True))
    assert sink.presses[0].retained
    assert not sink.signs
    assert not line.sent


def test_a_press_with_odd_fields_still_counts() -> None:
    """No id, no time, a battery in words: raised all the same, and nothing to assure."""
    line, sink = contract()
    run(line.arrives(f"{PREFIX}/event", '{"v":"2","type":"press","at":12,"battery":"full"}'))
    assert (sink.presses[0].press_id, sink.presses[0].said_at) == (None, None)
    assert not line.sent


@pytest.mark.parametrize("payload", [b"\xff\xfe", b"", b"[]", b'{"v":1,"type":"test"}', b"null"])
def test_rubbish_and_other_events_are_acknowledged_and_are_no_press(payload: bytes) -> None:
    """They must not block the line."""
    line, sink = contract()
    assert run(line.arrives(f"{PREFIX}/event", payload))
    assert not sink.presses


def test_any_fresh_message_is_a_sign_of_life_with_its_flags() -> None:
    """Heartbeats tell battery and tamper; unreadable ones still tell that somebody is there."""
    line, sink = contract()
    run(line.arrives(f"{PREFIX}/reported", '{"v":1,"battery":9,"tamper":true}'))
    run(line.arrives(f"{PREFIX}/reported", "??"))
    run(line.arrives(f"{PREFIX}/reported", "{}", retained=True))
    assert [(sign.low_battery, sign.tamper) for sign in sink.signs] == [(True, True), (None, None)]


def test_the_last_will_and_a_lost_line_lose_the_bell() -> None:
    """At once, kept or fresh; a stop on purpose loses nothing, a kept `online` proves nothing."""
    line, sink = contract()
    run(line.arrives(f"{PREFIX}/availability", "offline", retained=True))
    run(line.arrives(f"{PREFIX}/availability", "online", retained=True))
    line.move(LinkState.CLOSED)
    line.move(LinkState.WAITING, "broker-unreachable")
    assert sink.losses == [("bell-desk", "offline"), ("bell-desk", "broker-unreachable")]
    assert not sink.signs


def test_a_second_hand_out_says_so() -> None:
    """The sink can tell a message handed out again from a second press without id."""
    line, sink = contract()
    run(line.arrives(f"{PREFIX}/event", PRESS, again=True))
    assert sink.presses[0].detail["again"] is True


SOS = TopicBell(
    bell="sos",
    press=Matcher(topic="z2m/sos", key="action", values={"emergency": "press"}),
    availability=Matcher(topic="z2m/sos/availability", key="state"),
)


def test_a_described_bell_presses_without_id() -> None:
    """One action is a press, another only a sign of life."""
    line, sink = MemoryBells(), NotedBells()
    TopicBells(line, (SOS,), sink)
    assert run(line.arrives("z2m/sos", '{"action":"emergency","battery":90}'))
    assert run(line.arrives("z2m/sos", '{"action":""}'))
    assert [press.press_id for press in sink.presses] == [None]
    assert len(sink.signs) == 2


def test_a_described_bell_is_lost_by_its_availability_topic() -> None:
    """Offline in the maker's words."""
    line, sink = MemoryBells(), NotedBells()
    TopicBells(line, (SOS,), sink)
    run(line.arrives("z2m/sos/availability", '{"state":"offline"}'))
    assert sink.losses == [("sos", "offline")]


@pytest.mark.parametrize(
    ("matcher", "payload", "pressed"),
    [
        (Matcher(topic="t", values={"ON": "press"}), b"ON", True),
        (Matcher(topic="t", values={"ON": "press"}), b"OFF", False),
        (Matcher(topic="t"), b"ON", True),
        (Matcher(topic="t"), b"OFF", False),
        (Matcher(topic="t"), b"", False),
        (Matcher(topic="t", key="sos"), b'{"sos":true}', True),
        (Matcher(topic="t", key="sos"), b'{"sos":false}', False),
        (Matcher(topic="t", key="sos"), b'{"battery":3}', False),
        (Matcher(topic="t", key="contact", values={"false": "press"}), b'{"contact":false}', True),
    ],
)
def test_what_counts_as_a_press(matcher: Matcher, payload: bytes, pressed: bool) -> None:
    """Named values press; without names everything but rest does."""
    assert is_press(matcher, payload) is pressed
