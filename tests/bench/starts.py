"""How soon the controller of the sample site is ready, and what it keeps in memory a minute later."""

from __future__ import annotations

import http.client
import time
from pathlib import Path
from statistics import median

import psutil

from lobby.core.datafolder import DataFolder
from tests.bench.house import ROLES, rest
from tests.bench.rows import Row
from tests.mosquitto import free_port
from tests.scenarios.house import Process, Visitor, house

READY_BAR_S = 1.5
MEMORY_BAR_MIB = 110
LATER_S = 60.0
LONGEST_WAIT_S = 30.0


def measured(folder: Path, starts: int) -> list[Row]:
    """The first start, later ones, and the memory of the last; broker and hardware are processes of their own."""
    with house(folder) as place:
        first = _start(place.words("run"), folder, seconds=0)
        later = [_start(place.words("run"), folder, seconds=0) for _ in range(starts)]
        memory = _start(place.words("run"), folder, seconds=LATER_S)[1]
    return [
        Row(name="start to ready, first", value=first[0], unit="s", limit=None, bar=READY_BAR_S),
        Row(
            name="start to ready, later, median",
            value=median(took for took, _ in later),
            unit="s",
            limit=None,
            bar=READY_BAR_S,
        ),
        Row(name="resident memory 60 s after ready", value=memory, unit="MiB", limit=None, bar=MEMORY_BAR_MIB),
    ]


def _start(words: tuple[str, ...], folder: Path, *, seconds: float) -> tuple[float, float]:
    """Seconds until ready; resident MiB so long afterwards, with one person signed in."""
    port = free_port()
    began = time.perf_counter()
    process = Process(*words, "--port", str(port), log=folder / "starts.log")
    try:
        while not _ready(port):
            assert time.perf_counter() - began < LONGEST_WAIT_S
            time.sleep(0.002)
        took = time.perf_counter() - began
        if seconds:
            _sign_in(folder, port)
            rest(seconds - (time.perf_counter() - began - took))
        return took, psutil.Process(process.popen.pid).memory_info().rss / 2**20
    finally:
        process.stop()


def _ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _sign_in(folder: Path, port: int) -> None:
    order = {"order": "user-add", "account": "measurer", "roles": ROLES}
    password = str(DataFolder(folder / "data").ask(order)["password"])
    Visitor(f"http://127.0.0.1:{port}").sign_in("measurer", password)
