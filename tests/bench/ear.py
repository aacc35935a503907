"""The measuring client: bell, sirens and staff console in one thread, so that it never waits for itself.

Raw paho with TCP_NODELAY speaks for bells and sirens; the event stream is a plain socket read beside it.
"""

from __future__ import annotations

import json
import select
import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.bench.house import SITE
from tests.bench.packets import without_delay
from tests.scenarios.house import Visitor

LONGEST_WAIT_S = 5.0
PING_EVERY_S = 10.0


class Ear:
    """Publishes presses, answers for the sirens, and keeps the moment at which each thing was heard."""

    def __init__(self, port: int, bells: int, person: Visitor) -> None:
        self.commanded: dict[tuple[int, str], float] = {}
        self.assured: dict[str, float] = {}
        self.echoed: dict[bytes, float] = {}
        self.raised: dict[int, tuple[float, str]] = {}
        self._client = Client(CallbackAPIVersion.VERSION2, client_id="ear")
        self._client.on_message = self._heard
        self._client.on_socket_open = without_delay
        self._client.on_connect = self._subscribe
        self._topics = [(f"lobby/1/{SITE}/siren-{number}/command", 1) for number in range(bells)]
        self._topics += [(f"lobby/1/{SITE}/bell-{number}/assured", 1) for number in range(bells)]
        self._client.connect("127.0.0.1", port)
        self._pinged = time.perf_counter()
        subscribed: list[int] = []
        self._client.on_subscribe = lambda *_: subscribed.append(1)
        self._at = 0.0
        self._answers: list[tuple[str, str]] = []
        self._stream = _opened_stream(person)
        self._rest = b""
        self.until(lambda: subscribed)

    def close(self) -> None:
        """Hang up both lines."""
        self._client.disconnect()
        self._stream.close()

    def publish(self, topic: str, payload: bytes) -> float:
        """Send with QoS 1; the moment before."""
        began = time.perf_counter()
        self._client.publish(topic, payload, qos=1)
        return began

    def press(self, bell: int, press_id: str) -> float:
        """One press as a contract bell says it."""
        self.commanded.clear()
        self.raised.pop(bell, None)
        said = {"v": 1, "id": press_id, "type": "press", "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        return self.publish(f"lobby/1/{SITE}/bell-{bell}/event", json.dumps(said).encode())

    def until(self, condition: Callable[[], object], *, within_s: float = LONGEST_WAIT_S) -> bool:
        """Listen until the condition holds; False when it never does."""
        end = time.perf_counter() + within_s
        while not condition():
            left = end - time.perf_counter()
            if left <= 0:
                return False
            self._turn(left)
        return True

    def listen(self, seconds: float) -> None:
        """Listen for so long."""
        self.until(lambda: False, within_s=seconds)

    def _subscribe(self, *_: object) -> None:
        self._client.subscribe([*self._topics, ("bare/says", 1)])

    def _turn(self, left_s: float) -> None:
        line = self._client.socket()
        assert line is not None
        wanting = [line] if self._client.want_write() else []
        readable, writable, _ = select.select([line, self._stream], wanting, [], 0 if self._answers else left_s)
        self._at = time.perf_counter()
        if not readable:
            self._answer()
        if line in readable:
            self._client.loop_read()
        if line in writable or self._client.want_write():
            self._client.loop_write()
        if self._stream in readable:
            self._read_stream()
        if time.perf_counter() - self._pinged > PING_EVERY_S:
            self._client.loop_misc()
            self._pinged = time.perf_counter()

    def _heard(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        at, levels = self._at, message.topic.split("/")
        if levels[-1] == "says":
            self.echoed[bytes(message.payload)] = at
        elif levels[-1] == "assured":
            self.assured[json.loads(message.payload)["id"]] = at
        else:
            self._obey(int(levels[3].removeprefix("siren-")), json.loads(message.payload), at)

    def _obey(self, siren: int, command: dict[str, Any], at: float) -> None:
        self.commanded.setdefault((siren, command["value"]), at)
        state = json.dumps({"v": 1, "value": command["value"], "at": "2026-01-01T00:00:00Z", "seq": 0})
        self._answers.append((f"lobby/1/{SITE}/siren-{siren}/reported", state))

    def _answer(self) -> None:
        """What the sirens say, once there is nothing left to hear: to answer first would delay the other line."""
        for topic, state in self._answers:
            self._client.publish(topic, state, qos=1, retain=True)
        self._answers.clear()

    def _read_stream(self) -> None:
        data = self._stream.recv(1 << 20)
        if not data:
            raise ConnectionResetError("the event stream ended")
        *frames, self._rest = (self._rest + data).split(b"\n\n")
        for frame in frames:
            head, _, said = frame.partition(b"data: ")
            if b"event: incident\n" in head:
                incident = json.loads(said)
                if incident["state"] == "raised":
                    self.raised[int(incident["bell"].removeprefix("bell-"))] = (self._at, incident["id"])


def _opened_stream(person: Visitor) -> socket.socket:
    place = urlsplit(person.url)
    stream = socket.create_connection((str(place.hostname), int(place.port or 80)), timeout=20)
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    head = f"GET /api/v1/stream HTTP/1.1\r\nHost: {place.netloc}\r\nCookie: {person.cookie}\r\n\r\n"
    stream.sendall(head.encode())
    return stream
