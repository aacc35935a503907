"""Bad MQTT: ten megabytes, bad UTF-8, retained commands and presses. Staff read what and where; no press is lost."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import pytest

from tests.eventually import soon
from tests.scenarios.house import House, always_open, house
from tests.scenarios.staff import Staff

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

SITE = "lobby/1/seoul-city-hall"
EVENTS = f"{SITE}/bell-desk/event"
HUGE = b"x" * 10_000_000
NOT_UTF_8 = b'{"v":1,"type":"press","id":"\xff\xfe"'
LONG_AGO = json.dumps({"v": 1, "id": "old", "type": "press", "at": "2026-01-01T09:00:00Z"}).encode()
FOR_EVER = json.dumps(
    {"v": 1, "id": "x", "action": "set", "value": "on", "expires_at": "2099-01-01T00:00:00Z"}
).encode()


@pytest.fixture(scope="module")
def lobby(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for every message of this module: it must outlive them all."""
    with house(tmp_path_factory.mktemp("messages"), change=always_open) as found:
        yield found


@pytest.fixture(scope="module")
def staff(lobby: House) -> Iterator[Staff]:
    """Whoever is on duty; at the end every press of this module stands in a whole journal."""
    on_duty = Staff(lobby)
    yield on_duty
    on_duty.nothing_lost()


@pytest.mark.parametrize(
    ("thing", "topic"),
    [("bell-desk", EVENTS), ("siren", f"{SITE}/siren/reported"), ("desk-sign", "stat/desk-sign/POWER")],
)
def test_ten_megabytes_are_dropped_and_told(lobby: House, staff: Staff, thing: str, topic: str) -> None:
    """On a bell's topic, on a thing's of our contract and on a described one."""
    publish(lobby, topic, HUGE)
    staff.reads("device.too-large", place=thing)
    staff.press_goes_through()


@pytest.mark.parametrize(
    ("thing", "topic", "payload"),
    [
        ("bell-desk", EVENTS, NOT_UTF_8),
        ("robot-cafe", f"{SITE}/robot-cafe/reported", b"\xff\xfe"),
        ("desk-lights", "zigbee2mqtt/desk-lights", b"\xc3\x28"),
    ],
)
def test_bad_utf_8_is_told(lobby: House, staff: Staff, thing: str, topic: str, payload: bytes) -> None:
    """What cannot be read is trouble of the thing in whose name it came."""
    publish(lobby, topic, payload)
    staff.reads("device.bad-payload", place=thing)
    staff.press_goes_through()


def test_a_topic_that_is_not_utf_8_ends_only_its_sender(lobby: House, staff: Staff) -> None:
    """The broker refuses such a client; nobody else notices."""
    done = subprocess.run(["mosquitto_pub", "-p", str(port(lobby)), "-t", b"a/\xff", "-m", "x"], check=False)
    assert done.returncode
    staff.press_goes_through()


def test_a_retained_press_raises_nobody_and_is_told(lobby: House, staff: Staff) -> None:
    """What the broker kept from long ago comes in at a start; a press of now still rings."""
    staff.restart(lambda: publish(lobby, EVENTS, LONG_AGO, "-r"))
    staff.reads("device.retained-press", place="bell-desk")
    assert staff.visitor.ask("GET", "/api/v1/incidents")[1]["incidents"] == []
    publish(lobby, EVENTS, b"", "-r")
    staff.press_goes_through()


def test_a_retained_command_moves_nothing_and_is_told(lobby: House, staff: Staff) -> None:
    """Kept while the siren was away: it comes back silent, staff read of it until it is removed."""
    command = f"{SITE}/siren/command"
    soon(lambda: not lobby.shows("siren")["on"])  # silent after the press before
    lobby.steer("cut", "siren")
    publish(lobby, command, FOR_EVER, "-r")
    lobby.steer("mend", "siren")
    staff.restart()
    staff.reads("device.strange-order", place="siren")
    assert not lobby.shows("siren")["on"]
    publish(lobby, command, b"", "-r")
    staff.no_longer_reads("device.strange-order")
    staff.press_goes_through()


def test_the_controller_never_leaves_a_command_at_the_broker(lobby: House, staff: Staff) -> None:
    """After presses and switched lights nothing retained stands on any command topic."""
    staff.press_goes_through()
    kept = kept_topics(lobby)
    assert f"{SITE}/siren/availability" in kept
    assert not [topic for topic in kept if topic.endswith(("/command", "/set")) or topic.startswith("cmnd/")]


def publish(lobby: House, topic: str, payload: bytes, *more: str) -> None:
    """As a stranger on the network may."""
    words = ("mosquitto_pub", "-p", str(port(lobby)), "-t", topic, "-s" if payload else "-n", *more)
    subprocess.run(words, input=payload, check=True)


def kept_topics(lobby: House) -> list[str]:
    """Every topic on which the broker keeps a message."""
    words = ("mosquitto_sub", "-p", str(port(lobby)), "-t", "#", "--retained-only", "-W", "1", "-F", "%t")
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.split()


def port(lobby: House) -> int:
    """Where the broker listens."""
    assert lobby.broker is not None
    return lobby.broker.port
