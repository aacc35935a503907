"""The generated broker configuration: what it says, and that Mosquitto does what it says."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest

from lobby.core.mosquitto import (
    LARGEST_PACKET,
    BrokerSetup,
    TlsListener,
    access_list,
    configuration,
    loopback_configuration,
)
from lobby.core.site import Site
from tests.devices.mqtt.house import press
from tests.mosquitto import Mosquitto, mosquitto
from tests.running import run

TEXT = {"ko": "가", "en": "a"}
THING = {"name": TEXT, "place": "hall"}
SITE = Site.model_validate(
    {
        "format": 1,
        "site": {"id": "seoul", "name": TEXT, "lobby-name": TEXT},
        "places": {"hall": {"name": TEXT, "at-mm": [0, 0]}},
        "hours": {},
        "players": {"lobby-player": {"surfaces": ["wall"]}},
        "things": {
            "bell-desk": THING | {"kind": "bell", "dialect": "contract"},
            "sos": THING | {"kind": "bell", "dialect": "topics", "press": {"topic": "z2m/sos", "key": "action"}},
            "siren": THING | {"kind": "switch", "use": "siren"},
            "sign": THING
            | {
                "kind": "switch",
                "use": "sign",
                "dialect": "topics",
                "state": {"topic": "stat/sign/POWER"},
                "command": {"topic": "cmnd/sign/POWER", "payloads": {"on": "ON", "off": "OFF"}},
            },
            "lamp": THING | {"kind": "switch", "use": "light", "dialect": "shelly", "prefix": "shellyplus1-abc"},
            "plug": THING | {"kind": "switch", "use": "light", "dialect": "tasmota", "topic": "plug"},
            "air": THING | {"kind": "sensor", "state": {"topic": "z2m/air", "key": "temperature"}},
            "robot-cafe": THING | {"kind": "cafe", "hours-text": TEXT},
        },
    }
)
EVENT = "lobby/1/seoul/bell-desk/event"


def setup(folder: Path, *, tls: TlsListener | None = None) -> BrokerSetup:
    return BrokerSetup(folder=folder, password_file=folder / "passwords", acl_file=folder / "acl", tls=tls)


def test_every_limit_of_the_security_list_is_set() -> None:
    """Nobody without a name, and no default that means `without end`."""
    said = dict(line.partition(" ")[::2] for line in configuration(setup(Path("/d"))).splitlines())
    assert said["allow_anonymous"] == "false"
    assert said["autosave_on_changes"] == "true"
    limits = {"message_size_limit", "max_packet_size", "max_queued_messages", "max_connections"}
    assert (
        limits | {"persistent_client_expiration", "max_inflight_messages", "password_file", "acl_file"} <= said.keys()
    )


def test_the_plain_listener_is_on_loopback_and_the_open_one_asks_for_certificates() -> None:
    """What leaves the machine is encrypted and both sides are known."""
    tls = TlsListener(ca_file=Path("/ca"), certificate_file=Path("/c"), key_file=Path("/k"))
    text = configuration(setup(Path("/d"), tls=tls))
    assert "listener 1883 127.0.0.1\n" in text
    assert "listener 8883\n" in text
    assert "require_certificate true\nuse_identity_as_username true\n" in text


def test_the_access_list_gives_press_topics_to_bells_alone() -> None:
    """Players and walls have no line that writes an event of a bell; a described bell writes its own topic."""
    text = access_list(SITE)
    player = text.split("user lobby-player\n")[1].split("\n\n")[0]
    assert player.splitlines() == [
        "topic write lobby/1/seoul/lobby-player/player",
        "topic read lobby/1/seoul/lobby-player/programme",
    ]
    assert text.count(f"topic write {EVENT}") == 1
    assert "user sos\ntopic write z2m/sos\n" in text
    assert "pattern write lobby/1/seoul/%u/reported\n" in text


def test_other_makers_devices_may_say_and_read_what_their_dialect_needs() -> None:
    """Each under its own name and no more; the controller hears them and reads back what it is told to order."""
    text = access_list(SITE)
    controller = text.split("user lobby\n")[1].split("\n\n")[0].splitlines()
    assert {"topic read tele/plug/#", "topic readwrite cmnd/plug/#", "topic read lobby-seoul-lamp/rpc"} <= set(
        controller
    )
    lamp = text.split("user lamp\n")[1].split("\n\n")[0].splitlines()
    assert lamp[0] == "topic write lobby-seoul-lamp/rpc"
    assert lamp[-1] == "topic read shellyplus1-abc/rpc"
    assert "user air\ntopic write z2m/air\n" in text


@asynccontextmanager
async def named(server: Mosquitto, name: str) -> AsyncIterator[aiomqtt.Client]:
    """Signed on as that user; the password is the name, only here."""
    async with aiomqtt.Client("127.0.0.1", server.port, username=name, password=name, identifier=name) as client:
        yield client


def guarded(folder: Path) -> str:
    """The generated configuration with a password for everybody of the site, for the port of a test."""
    for name in ("lobby", *SITE.things, *SITE.players):
        subprocess.run(["mosquitto_passwd", "-b", *_create(folder), str(folder / "passwords"), name, name], check=True)
    (folder / "acl").write_text(access_list(SITE))
    return "user root\n" + configuration(setup(folder)).replace("listener 1883", "listener {port}")


def _create(folder: Path) -> tuple[str, ...]:
    return () if (folder / "passwords").exists() else ("-c",)


@pytest.mark.slow
def test_a_player_cannot_press_a_bell(tmp_path: Path) -> None:
    """Two clients: what the player publishes on the bell's topic reaches nobody, what the bell publishes does."""

    async def scenario(server: Mosquitto) -> None:
        async with named(server, "lobby") as lobby, named(server, "bell-desk") as bell:
            await lobby.subscribe(EVENT, 1)
            async with named(server, "lobby-player") as player:
                await player.publish(EVENT, press("forged"), qos=1)
                await player.publish("lobby/1/seoul/siren/command", "{}", qos=1)
            await bell.publish(EVENT, press("real"), qos=1)
            async with asyncio.timeout(5):
                assert (await anext(aiter(lobby.messages))).payload == press("real").encode()

    with mosquitto(tmp_path, guarded(tmp_path)) as server:
        run(scenario(server))


@pytest.mark.slow
def test_nobody_without_a_name_gets_in(tmp_path: Path) -> None:
    """No user, no connection."""

    async def scenario(server: Mosquitto) -> None:
        with pytest.raises(aiomqtt.MqttCodeError):
            async with aiomqtt.Client("127.0.0.1", server.port, identifier="nobody"):
                pass

    with mosquitto(tmp_path, guarded(tmp_path)) as server:
        run(scenario(server))


@pytest.mark.slow
def test_an_oversize_packet_stays_at_the_broker(tmp_path: Path) -> None:
    """A client that sends ten megabytes is cut off; the form for trying has the same limits."""

    async def scenario(server: Mosquitto) -> None:
        with pytest.raises(aiomqtt.MqttError):
            async with aiomqtt.Client("127.0.0.1", server.port, timeout=2) as client:
                await client.publish("a", bytes(LARGEST_PACKET * 10), qos=1)

    text = "user root\n" + loopback_configuration(tmp_path, 1883).replace("listener 1883", "listener {port}")
    with mosquitto(tmp_path, text) as server:
        run(scenario(server))
