"""How soon the controller of the sample site is ready, and what it keeps in memory a minute later."""

from __future__ import annotations

import http.client
import signal
import time
from pathlib import Path
from statistics import median

import psutil

from lobby.core.datafolder import DataFolder
from tests.bench.house import ROLES, rest
from tests.bench.presses import ACTS
from tests.bench.rows import Row
from tests.eventually import soon
from tests.mosquitto import free_port
from tests.scenarios.house import House, Process, Visitor, house

READY_BAR_S = 1.5
BACK_BAR_S = 2.0
MEMORY_BAR_MIB = 110
LATER_S = 60.0
LONGEST_WAIT_S = 30.0


def measured(folder: Path, starts: int) -> list[Row]:
    """The first start, later ones, and the memory of the last; broker and hardware are processes of their own."""
    with house(folder) as place:
        first = _start(place.words("run"), folder, seconds=0)
        later = [_start(place.words("run"), folder, seconds=0) for _ in range(starts)]
        memory = _start(place.words("run"), folder, seconds=LATER_S)[1]
        back = [_back(place, f"guard-{number}") for number in range(starts)]
    return [
        Row(name="start to ready, first", value=first[0], unit="s", limit=None, bar=READY_BAR_S),
        Row(
            name="start to ready, later, median",
            value=median(took for took, _ in later),
            unit="s",
            limit=None,
            bar=READY_BAR_S,
        ),
        Row(
            name="after SIGKILL: wanted, raised, siren on, longest",
            value=max(back),
            unit="s",
            limit=None,
            bar=BACK_BAR_S,
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


def _back(place: House, account: str) -> float:
    """Seconds from a start after SIGKILL until everything is wanted, a waiting press is raised and its siren on."""
    first = place.start()
    guard = first.person(account, "guard", "supervisor")
    first.process.stop(signal.SIGKILL)
    place.steer("press", "bell-desk")
    began = time.perf_counter()
    again = place.launch()
    soon(lambda: _raised(guard) and place.shows("siren")["on"], within_s=LONGEST_WAIT_S)
    took = time.perf_counter() - began
    for incident in guard.ask("GET", "/api/v1/incidents")[1]["incidents"]:
        for act, said in ACTS.items():
            guard.ask("POST", f"/api/v1/incidents/{incident['id']}/{act}", said)
    again.stop()
    return took


def _raised(guard: Visitor) -> bool:
    try:
        status, answer = guard.ask("GET", "/api/v1/status")
    except OSError:
        return False
    wanted = status == 200 and all(thing["desired"] is not None for thing in answer["things"].values())
    return wanted and bool(answer["documents"]["incidents"])


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
