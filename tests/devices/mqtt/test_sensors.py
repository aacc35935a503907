"""Sensors as the site file describes them: Zigbee, LoRaWAN, or a bare word."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import Refused
from devices.messages import LinkState
from devices.reports import Availability, Command
from devices.sensors import Sensor, Sensors
from devices.topics import Matcher
from lobby.core.clock import VirtualClock
from tests.devices.mqtt.standins import NOON, MemoryThings, NotedThings
from tests.running import run

AIR = Sensor(
    thing="air",
    state=Matcher(topic="zigbee2mqtt/air", key="temperature"),
    max_age_s=600,
    number=True,
    unit="°C",
    low=5,
    high=30,
    availability=Matcher(topic="zigbee2mqtt/air/availability", key="state"),
)
DOOR = Sensor(
    thing="door",
    state=Matcher(topic="zigbee2mqtt/door", key="contact", values={"true": "closed", "false": "open"}),
    max_age_s=600,
    alarms=frozenset({"open"}),
)
CHIRPSTACK = "application/7/device/70b3d57ed0000001/event/up"


def driver(*sensors: Sensor) -> tuple[MemoryThings, NotedThings, VirtualClock, Sensors]:
    line, sink, clock = MemoryThings(), NotedThings(), VirtualClock(NOON)
    return line, sink, clock, Sensors(line, sensors, sink, clock=clock)


def test_a_number_comes_with_its_unit() -> None:
    """The word people read, and the number for whoever computes."""
    line, sink, _, _ = driver(AIR)
    line.arrives("zigbee2mqtt/air", '{"battery":87,"humidity":61.2,"temperature":21.40}')
    assert (sink.reports[0].value, sink.reports[0].detail) == ("21.4", {"number": 21.4, "unit": "°C"})
    assert sink.moves == [("air", Availability.OK, "answers")]


def test_a_word_is_translated() -> None:
    """Aqara's door contact says `contact: false` when it is open; that is an alarm here, until it closes."""
    line, sink, _, _ = driver(DOOR)
    line.arrives("zigbee2mqtt/door", '{"contact":false}')
    line.arrives("zigbee2mqtt/door", '{"contact":true}')
    assert [report.value for report in sink.reports] == ["open", "closed"]
    assert (sink.troubles, sink.ended) == ([("door", "alarm-value")], [("door", "alarm-value")])


def test_a_decoded_uplink_is_read_through_objects_and_lists() -> None:
    """ChirpStack nests what its decoder found, and how it was received."""
    co2 = Sensor(thing="co2", state=Matcher(topic=CHIRPSTACK, key="object.co2"), max_age_s=3600, number=True)
    radio = Sensor(thing="radio", state=Matcher(topic=CHIRPSTACK, key="rxInfo.0.rssi"), max_age_s=3600, number=True)
    line, sink, _, _ = driver(co2, radio)
    uplink = {"deduplicationId": "x", "fCnt": 3, "object": {"co2": 612}, "rxInfo": [{"rssi": -93}]}
    line.arrives(CHIRPSTACK, json.dumps(uplink))
    assert {report.thing: report.value for report in sink.reports} == {"co2": "612", "radio": "-93"}


def test_what_a_network_leaves_out_has_a_meaning() -> None:
    """The Things Stack omits false: without the field the water sensor is dry, and what is no JSON says nothing."""
    state = Matcher(
        topic="v3/app@tenant/devices/leak/up",
        key="uplink_message.decoded_payload.leak",
        values={"true": "wet", "false": "dry"},
        absent="false",
    )
    line, sink, _, _ = driver(Sensor(thing="leak", state=state, max_age_s=60, alarms=frozenset({"wet"})))
    for payload in ('{"uplink_message":{"decoded_payload":{"leak":true}}}', '{"uplink_message":{"f_cnt":2}}', "[]"):
        line.arrives("v3/app@tenant/devices/leak/up", payload)
    assert [report.value for report in sink.reports] == ["wet", "dry"]


def test_a_bare_word_needs_no_description() -> None:
    """The whole text is the value."""
    line, sink, _, _ = driver(Sensor(thing="window", state=Matcher(topic="window"), max_age_s=60))
    for payload in (" OPEN\n", ""):
        line.arrives("window", payload)
    assert [report.value for report in sink.reports] == ["OPEN"]


@pytest.mark.parametrize(("degrees", "cause"), [(4.9, "too-low"), (30.1, "too-high")])
def test_a_number_beyond_its_limits_is_told_once_until_it_is_back(degrees: float, cause: str) -> None:
    """The value itself is reported all the same; the limits themselves are right."""
    line, sink, _, _ = driver(AIR)
    for value in (5, 30, degrees, degrees, 21):
        line.arrives("zigbee2mqtt/air", json.dumps({"temperature": value}))
    assert (sink.troubles, sink.ended) == ([("air", cause)], [("air", cause)])
    assert len(sink.reports) == 5


@pytest.mark.parametrize("payload", ["", "x", "[1]", '{"temperature":"warm"}', '{"temperature":NaN}', b"\xff\xfe{"])
def test_what_is_no_number_is_trouble_and_the_last_value_stays(payload: str | bytes) -> None:
    """Only an empty payload, which deletes what the broker kept, and other news say nothing."""
    line, sink, _, _ = driver(AIR)
    line.arrives("zigbee2mqtt/air", '{"temperature":21}')
    line.arrives("zigbee2mqtt/air", payload)
    assert [report.value for report in sink.reports] == ["21"]
    assert sink.troubles == ([] if payload in ("", "[1]") else [("air", "bad-payload")])


def test_a_message_about_something_else_is_no_sign() -> None:
    """Zigbee2MQTT publishes single values too."""
    line, sink, _, _ = driver(AIR)
    line.arrives("zigbee2mqtt/air", '{"battery":86}')
    assert (sink.reports, sink.moves, sink.troubles) == ([], [], [])


def test_silence_is_late_then_lost() -> None:
    """After its age, and after twice; a fresh value brings it back."""

    async def scenario() -> None:
        line, sink, clock, sensors = driver(AIR)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(sensors.run())
            line.arrives("zigbee2mqtt/air", '{"temperature":21}')
            await clock.advance(750)
            assert sink.moves[-1] == ("air", Availability.LATE, "stale")
            await clock.advance(750)
            assert sink.moves[-1] == ("air", Availability.LOST, "stale")
            line.arrives("zigbee2mqtt/air", '{"temperature":22}')
            assert sink.moves[-1] == ("air", Availability.OK, "answers")
            task.cancel()

    run(scenario())


def test_what_the_broker_kept_shows_a_value_and_proves_nothing() -> None:
    """Retained from before: without a sign of life of now."""
    line, sink, _, _ = driver(AIR)
    line.arrives("zigbee2mqtt/air", '{"temperature":21}', retained=True)
    assert sink.reports[0].retained
    assert sink.moves == []


def test_its_availability_is_believed_when_it_says_gone() -> None:
    """Back counts only with a value that is young enough."""
    line, sink, _, _ = driver(AIR)
    line.arrives("zigbee2mqtt/air/availability", '{"state":"online"}', retained=True)
    line.arrives("zigbee2mqtt/air", '{"temperature":21}')
    line.arrives("zigbee2mqtt/air/availability", '{"state":"offline"}')
    line.arrives("zigbee2mqtt/air/availability", '{"state":"online"}')
    states = [(availability, cause) for _, availability, cause in sink.moves]
    assert states == [
        (Availability.OK, "answers"),
        (Availability.LOST, "offline"),
        (Availability.OK, "answers"),
    ]


def test_a_lost_line_loses_its_sensors() -> None:
    """Nothing is known of them until they say something."""
    line, sink, _, _ = driver(AIR)
    line.move(LinkState.WAITING, "broker-lost")
    line.move(LinkState.OPEN)
    assert sink.moves == [("air", Availability.LOST, "broker-lost"), ("air", Availability.UNKNOWN, "")]


def test_nobody_commands_a_sensor() -> None:
    """It is refused, not tried again."""
    command = Command(id="1", thing="air", value="on", expires_at=NOON + timedelta(seconds=5))
    with pytest.raises(Refused, match="not-commanded"):
        run(driver(AIR)[3].send(command))


@given(st.binary(max_size=200))
def test_no_payload_breaks_the_driver(payload: bytes) -> None:
    """Anything may come."""
    line, sink, _, _ = driver(AIR, DOOR)
    for topic in ("zigbee2mqtt/air", "zigbee2mqtt/door", "zigbee2mqtt/air/availability"):
        line.arrives(topic, payload)
    assert len(sink.troubles) <= 4
