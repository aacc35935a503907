"""Reading the staff's event stream as a console does: a thread that keeps every event with its time of arrival."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.eventually import soon
from tests.scenarios.house import Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event as it came in; `at` by the performance counter."""

    name: str
    data: Any
    at: float


class Stream:
    """An open stream; `close` ends it. Events before the first blank line are headers."""

    def __init__(self, visitor: Visitor, path: str = "/api/v1/stream") -> None:
        place = urlsplit(visitor.url)
        assert place.hostname is not None
        assert place.port is not None
        self._socket = socket.create_connection((place.hostname, place.port), timeout=20)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\nCookie: {visitor.cookie}\r\n"
        self._socket.sendall(f"{head}Accept: text/event-stream\r\n\r\n".encode())
        self.told: list[Told] = []
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._read, name="stream", daemon=True)
        self._thread.start()

    def first(self, name: str, *, within_s: float = 10, **having: object) -> Told:
        """The first event of that name whose data has those values."""

        def found() -> Told | None:
            for event in tuple(self.told):
                if event.name == name and all(event.data.get(key) == value for key, value in having.items()):
                    return event
            return None

        soon(found, within_s=within_s)
        event = found()
        assert event is not None
        return event

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._socket.close()

    def _read(self) -> None:
        name, lines = "message", self._socket.makefile("rb")
        try:
            for raw in lines:
                at, line = time.perf_counter(), raw.decode().strip()
                if line.startswith("event:"):
                    name = line[6:].strip()
                elif line.startswith("data:"):
                    self.told.append(Told(name=name, data=json.loads(line[5:]), at=at))
        except (OSError, ValueError):
            pass
        finally:
            lines.close()
            self.ended.set()
