"""The broker: two connections that keep themselves up, and the only place that knows the MQTT libraries.

`<site>-bells` is a persistent session with QoS 1 and manual acknowledgement, for bells alone; `<site>-things` is a
clean session with everything else. On one session a flood of telemetry pushes a press out of the broker's queue.
MQTT 3.1.1; tried with aiomqtt 2.5.1, paho 2.2.0 and Mosquitto 2.0.11.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import aiomqtt
from paho.mqtt.client import Client as Paho

from devices.errors import LinkLost, Refused, WrongAddress
from devices.lines import BellConnection, Heard, ThingConnection
from devices.receipts import Receipt
from devices.reports import Clock

CONNECT_WITHIN_S = 3.0
KEEPALIVE_S = 10
MOST_UNSENT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """Where the broker is and who we are to it; `ca_file` pins a private certificate authority."""

    host: str
    port: int = 1883
    tls: bool = False
    username: str | None = None
    password: str | None = None
    ca_file: Path | None = None

    def __repr__(self) -> str:
        return f"BrokerAddress({self.host}:{self.port}, tls={self.tls}, username={self.username})"

    @classmethod
    def of(
        cls, url: str, *, username: str | None = None, password: str | None = None, ca_file: Path | None = None
    ) -> BrokerAddress:
        """Read `mqtt://host[:port]` or `mqtts://host[:port]`; anything else raises WrongAddress."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as mistake:
            raise WrongAddress("wrong-address", url) from mistake
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
            raise WrongAddress("wrong-address", url)
        tls = parts.scheme == "mqtts"
        port = port or (8883 if tls else 1883)
        return cls(host=parts.hostname, port=port, tls=tls, username=username, password=password, ca_file=ca_file)


class _Wire(aiomqtt.Client):
    """One connection, used once. Everything but the opening runs in the loop's thread.

    Messages, acknowledgements and writes bypass aiomqtt's queue and helper tasks: they are the hot path.
    """

    def __init__(self, address: BrokerAddress, client_id: str, persistent: bool, heard: Heard) -> None:
        super().__init__(
            address.host,
            address.port,
            username=address.username,
            password=address.password,
            identifier=client_id,
            clean_session=not persistent,
            keepalive=KEEPALIVE_S,
            timeout=CONNECT_WITHIN_S,
            tls_context=_tls_context(address),
            max_queued_outgoing_messages=MOST_UNSENT,
            socket_options=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
        )
        self.lost: str | None = None
        self.ended: Callable[[], None] = lambda: None
        self._unacknowledged: dict[int, asyncio.Future[None]] = {}
        self._opened = False
        self._corked = False
        self._bind(self._client, heard, persistent)

    def _bind(self, paho: Paho, heard: Heard, manual: bool) -> None:
        paho.connect_timeout = CONNECT_WITHIN_S
        paho.manual_ack_set(manual)
        paho.on_message = lambda _client, _data, message: heard(message)
        paho.on_publish = self._acknowledged
        paho.on_disconnect = self._hung_up
        paho.on_socket_register_write = self._register_write
        self._disconnected.add_done_callback(self._end)

    async def open(self) -> None:
        """Connect and wait for the broker's yes; raises LinkLost, or Refused when it says no."""
        try:
            await self.__aenter__()
        except aiomqtt.MqttCodeError as no:
            raise (LinkLost if _busy(no.rc) else Refused)("broker-refused", str(no)) from no
        except (aiomqtt.MqttError, OSError, ValueError) as failed:
            raise LinkLost("broker-unreachable", str(failed)) from failed
        self._opened = True
        if self.lost is None and self._client.is_connected():
            self._disconnected.add_done_callback(self._end)
            return
        raise LinkLost("broker-lost", "hung up after its yes")

    async def subscribe_all(self, filters: Mapping[str, int]) -> tuple[str, ...]:
        """Subscribe in one packet; the filters that were refused (SUBACK 128)."""
        try:
            codes = await self.subscribe(list(filters.items()))
        except aiomqtt.MqttError as failed:
            raise LinkLost("broker-silent", f"subscribe: {failed}") from failed
        return tuple(name for name, code in zip(filters, codes, strict=True) if _number(code) >= 128)

    async def send(self, topic: str, payload: str | bytes, qos: int, retain: bool, within_s: float) -> None:
        """Publish; with QoS 1 wait for the broker's acknowledgement."""
        mid = self._send_now(topic, payload, qos, retain)
        if not qos:
            return
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._unacknowledged[mid] = waiter
        try:
            async with asyncio.timeout(within_s):
                await waiter
        except TimeoutError as late:
            raise LinkLost("broker-silent", f"no acknowledgement within {within_s:g} s") from late
        finally:
            self._unacknowledged.pop(mid, None)

    def acknowledge(self, receipt: Receipt) -> None:
        """Tell the broker that a message is safe with us."""
        self._client.ack(receipt.mid, receipt.qos)

    def close(self) -> None:
        """Say goodbye if the line still takes it, then let go; safe twice."""
        self._client.disconnect()
        self._client.loop_write()
        self._client._sock_close()  # noqa: SLF001 - paho has no public way to let go at once
        self._end()

    def _send_now(self, topic: str, payload: str | bytes, qos: int, retain: bool) -> int:
        """Write in this very turn of the loop instead of waiting for the socket to call back."""
        self._corked = True
        try:
            info = self._client.publish(topic, payload, qos, retain)
        finally:
            self._corked = False
        self._client.loop_write()
        if self._client.want_write() and self._client.socket() is not None:
            self._watch_write(self._client.socket())
        if info.rc:
            raise LinkLost("broker-lost", f"publish: {info.rc}")
        return info.mid

    def _register_write(self, _client: object, _data: object, sock: Any) -> None:
        if self._corked:
            return
        if self._opened:
            self._watch_write(sock)
        else:
            self._loop.call_soon_threadsafe(self._watch_write, sock)

    def _watch_write(self, sock: Any) -> None:
        if sock.fileno() >= 0:
            self._loop.add_writer(sock.fileno(), self._client.loop_write)

    def _acknowledged(self, _client: object, _data: object, mid: int, *_rest: object) -> None:
        waiter = self._unacknowledged.get(mid)
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _hung_up(self, *arguments: Any) -> None:
        if not self._connected.done():
            self._connected.set_exception(aiomqtt.MqttError("hung up before saying yes"))
        self._on_disconnect(*arguments)
        for waiter in self._pending_subscribes.values():
            if not waiter.done():
                waiter.set_exception(aiomqtt.MqttError("hung up"))

    def _end(self, ended: asyncio.Future[None] | None = None) -> None:
        cause = None if ended is None or ended.cancelled() else ended.exception()
        if self.lost is not None:
            return
        self.lost = str(cause or "closed")
        for waiter in self._unacknowledged.values():
            if not waiter.done():
                waiter.set_exception(LinkLost("broker-lost", self.lost))
        self.ended()


class Broker:
    """Both connections of a site."""

    def __init__(self, address: BrokerAddress, site: str, *, clock: Clock, chance: Random) -> None:
        bells, things = f"{site}-bells", f"{site}-things"
        self.bells = BellConnection(bells, partial(_Wire, address, bells, True), clock=clock, chance=chance)
        self.things = ThingConnection(things, partial(_Wire, address, things, False), clock=clock, chance=chance)

    async def run(self) -> None:
        """Keep both up; ends only by cancellation."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.bells.run(), name="broker: bells")
            group.create_task(self.things.run(), name="broker: things")


def _busy(code: object) -> bool:
    """CONNACK 3, server unavailable: nobody has to mend anything. Paho translates it to MQTT 5's 136."""
    return _number(code) == 136


def _tls_context(address: BrokerAddress) -> ssl.SSLContext | None:
    """TLS 1.2 or later with the certificate checked; `create_default_context` sees to both."""
    return ssl.create_default_context(cafile=address.ca_file) if address.tls else None


def _number(code: object) -> int:
    """A reason code as a number, whichever of paho's forms it has."""
    value = getattr(code, "value", code)
    return value if isinstance(value, int) else 0
