"""The text of the site's Mosquitto configuration and access list, written from the site file.

Sources: mosquitto.conf(5), tried with Mosquitto 2.0.11. An access list file of 2.0 never refuses a subscription
(it keeps the messages back in silence), so a mistake in it shows in the controller's loop-back, not in a SUBACK.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lobby.core.site import Bell, Cafe, Matcher, Sensor, Site, Switch

CONTROLLER = "lobby"
LARGEST_MESSAGE = 256 * 1024
LARGEST_PACKET = LARGEST_MESSAGE + 1024
MOST_CONNECTIONS = 200
MOST_QUEUED = 1000
MOST_QUEUED_BYTES = 16 * 1024 * 1024
MOST_IN_FLIGHT = 100
FORGET_CLIENTS_AFTER = "14d"
LONGEST_KEEPALIVE_S = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsListener:
    """The listener for the network: every client shows a certificate of this broker's own authority."""

    ca_file: Path
    certificate_file: Path
    key_file: Path
    port: int = 8883


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSetup:
    """Where the broker keeps its files; without `tls` it listens on loopback alone."""

    folder: Path
    password_file: Path
    acl_file: Path
    port: int = 1883
    tls: TlsListener | None = None


def configuration(setup: BrokerSetup) -> str:
    """mosquitto.conf for a site: nobody without a name, limits on everything, kept on disk at every change."""
    lines = [
        "# Written by `lobby`; changes are lost when it is written again.",
        "per_listener_settings false",
        "allow_anonymous false",
        f"password_file {setup.password_file}",
        f"acl_file {setup.acl_file}",
        *_limits(setup.folder),
        "",
        "# Without TLS on this machine alone.",
        f"listener {setup.port} 127.0.0.1",
        f"max_connections {MOST_CONNECTIONS}",
        *(() if setup.tls is None else _tls(setup.tls)),
    ]
    return "\n".join(lines) + "\n"


def loopback_configuration(folder: Path, port: int) -> str:
    """mosquitto.conf for trying and tests: the same limits, no names, this machine alone."""
    lines = [
        "# For trying: anybody on this machine may do anything.",
        "allow_anonymous true",
        *_limits(folder),
        f"listener {port} 127.0.0.1",
        f"max_connections {MOST_CONNECTIONS}",
    ]
    return "\n".join(lines) + "\n"


def access_list(site: Site) -> str:
    """Who may say and read what; a device signs on under its own id.

    Everyone: its own state. Bells alone: press topics. Players alone: player topics. Nobody but the controller
    reads or commands another's.
    """
    name = f"lobby/1/{site.site.id}"
    lines = [
        "# Written by `lobby`; changes are lost when it is written again.",
        f"user {CONTROLLER}",
        f"topic readwrite {name}/#",
        *_controller_described(site),
        "",
        *(f"pattern write {name}/%u/{what}" for what in ("reported", "availability", "result")),
        f"pattern read {name}/%u/command",
        *_bells(site, name),
        *_players(site, name),
        *_cafes(site, name),
        *_described(site),
    ]
    return "\n".join(lines) + "\n"


def _limits(folder: Path) -> tuple[str, ...]:
    return (
        "",
        "persistence true",
        f"persistence_location {folder}/",
        "# Saved at every change: what a crash can cost is what came in the last moment.",
        "autosave_interval 1",
        "autosave_on_changes true",
        f"persistent_client_expiration {FORGET_CLIENTS_AFTER}",
        f"message_size_limit {LARGEST_MESSAGE}",
        f"max_packet_size {LARGEST_PACKET}",
        f"max_queued_messages {MOST_QUEUED}",
        f"max_queued_bytes {MOST_QUEUED_BYTES}",
        f"max_inflight_messages {MOST_IN_FLIGHT}",
        f"max_keepalive {LONGEST_KEEPALIVE_S}",
        "allow_zero_length_clientid false",
        "set_tcp_nodelay true",
    )


def _tls(tls: TlsListener) -> tuple[str, ...]:
    return (
        "",
        f"listener {tls.port}",
        f"max_connections {MOST_CONNECTIONS}",
        f"cafile {tls.ca_file}",
        f"certfile {tls.certificate_file}",
        f"keyfile {tls.key_file}",
        "tls_version tlsv1.2",
        "require_certificate true",
        "use_identity_as_username true",
    )


def _bells(site: Site, name: str) -> Iterator[str]:
    for bell, settings in site.bells().items():
        if settings.dialect == "contract":
            yield from _user(bell, write=(f"{name}/{bell}/event",), read=(f"{name}/{bell}/assured",))


def _players(site: Site, name: str) -> Iterator[str]:
    for player in site.players:
        yield from _user(player, write=(f"{name}/{player}/player",), read=(f"{name}/{player}/programme",))


def _cafes(site: Site, name: str) -> Iterator[str]:
    for cafe in site.of(Cafe):
        yield from _user(cafe, write=(f"{name}/{cafe}/event",), read=())


def _described(site: Site) -> Iterator[str]:
    for thing, said, ordered in _descriptions(site):
        yield from _user(thing, write=said, read=ordered)


def _controller_described(site: Site) -> Iterator[str]:
    for _, said, ordered in _descriptions(site):
        yield from (f"topic read {topic}" for topic in said)
        yield from (f"topic readwrite {topic}" for topic in ordered)  # read: what a stranger left there is told


def _descriptions(site: Site) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Things on topics of their makers: id, what they say, what they are told."""
    for name, thing in site.things.items():
        if isinstance(thing, Switch) and thing.dialect != "contract":
            yield name, *_switch(site, name, thing)
        elif isinstance(thing, Sensor):
            yield name, _topics(thing.state, thing.availability), ()
        elif isinstance(thing, Bell) and thing.dialect == "topics":
            yield name, _topics(thing.press, thing.availability), ()


def _switch(site: Site, name: str, switch: Switch) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a switch of another maker says, and what it is told."""
    match switch.dialect:
        case "tasmota":
            return (f"stat/{switch.topic}/#", f"tele/{switch.topic}/#"), (f"cmnd/{switch.topic}/#",)
        case "shelly":
            reply = f"lobby-{site.site.id}-{name}/rpc"
            told = ("events/rpc", "online", "status/#")
            return (reply, *(f"{switch.prefix}/{what}" for what in told)), (f"{switch.prefix}/rpc",)
        case _:
            orders = () if switch.command is None else (switch.command.topic,)
            return _topics(switch.state, switch.availability), orders


def _topics(*matchers: Matcher | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(matcher.topic for matcher in matchers if matcher is not None))


def _user(name: str, *, write: tuple[str, ...], read: tuple[str, ...]) -> Iterator[str]:
    yield ""
    yield f"user {name}"
    yield from (f"topic write {topic}" for topic in write)
    yield from (f"topic read {topic}" for topic in read)
