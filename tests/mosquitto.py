"""Debian's Mosquitto for tests: on a free port of loopback, killed and started again on the same folder."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.eventually import soon

MOSQUITTO = "/usr/sbin/mosquitto"
LOWEST_PORT = 10_000  # the system takes the ports of connections from 32,768 on: a server's may be free for a while


class Mosquitto:
    """One broker process; `settings` replaces the plain configuration (`{port}` and `{folder}` are filled in)."""

    def __init__(self, folder: Path, settings: str | None = None) -> None:
        self.folder = folder
        self.port = free_port()
        text = PLAIN if settings is None else settings
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "mosquitto.conf"
        self._file.write_text(text.replace("{port}", str(self.port)).replace("{folder}", str(folder)))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As a site file names it."""
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start and wait until it accepts connections."""
        log = (self.folder / "mosquitto.log").open("ab")
        with log:
            self._process = subprocess.Popen([MOSQUITTO, "-c", str(self._file)], stdout=log, stderr=log)
        soon(self._accepts)

    def kill(self) -> None:
        """SIGKILL: what a power cut leaves."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM; safe twice."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        """A clean stop and a start on the same port and folder."""
        self.stop()
        self.start()

    def freeze(self) -> None:
        """SIGSTOP: the broker neither answers nor hangs up."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def _accepts(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError((self.folder / "mosquitto.log").read_text())
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def _end(self, number: signal.Signals) -> None:
        """Told again each second: between listening and its loop Mosquitto forgets what it was told."""
        for _ in range(10):
            if self._process is None or self._process.poll() is not None:
                return
            self._process.send_signal(number)
            self._process.send_signal(signal.SIGCONT)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(1)
                return
        raise AssertionError("Mosquitto does not end")


PLAIN = """\
listener {port} 127.0.0.1
allow_anonymous true
user root
persistence true
persistence_location {folder}/
autosave_interval 1
autosave_on_changes true
set_tcp_nodelay true
"""


@contextmanager
def mosquitto(folder: Path, settings: str | None = None) -> Iterator[Mosquitto]:
    """A running broker that ends with the block."""
    broker = Mosquitto(folder, settings)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()


def free_port() -> int:
    """A port of loopback that nobody listens on, of this worker's own thousand; no connection is ever given one."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    while True:
        port = LOWEST_PORT + 1000 * worker + random.randrange(1000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
