"""A lobby for measuring: Mosquitto, a generated site of many switches and some bells, and `lobby run` as a process."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil

from lobby.core.datafolder import DataFolder
from lobby.core.site import Site
from lobby.core.sitefile import export
from media.film_intake import CHILD as FILM_CHILD
from tests.eventually import soon
from tests.mosquitto import PLAIN, mosquitto
from tests.scenarios.house import ENVIRONMENT, Process, Visitor

SITE = "bench"
SWITCHES = 500
BELLS = 8
ROLES = ("supervisor", "guard", "facility")
# A flood waits in the broker instead of being dropped there: what is measured is who reads it.
SETTINGS = PLAIN + "max_queued_messages 0\n"


class Lobby:
    """A controller that answers, with one person signed in."""

    def __init__(self, folder: Path, site: Site, port: int, stack: ExitStack) -> None:
        self.port = port
        self.data = folder / "data"
        (folder / "site.toml").write_text(export(site), encoding="utf-8")
        words = ("--site", str(folder / "site.toml"), "--data", str(self.data), "run")
        self.process = Process(*words, log=folder / "controller.log")
        stack.callback(self.process.stop)
        url = self.process.said(r"(http://127\.0\.0\.1:\d+)").group(1)
        soon(lambda: Visitor(url).ask("GET", "/readyz")[0] == 200, within_s=20)
        self.person = Visitor(url)
        self.person.sign_in("measurer", self._account())

    def maker(self) -> psutil.Process | None:
        """The child that makes a film, if there is one."""
        for child in psutil.Process(self.process.popen.pid).children():
            with suppress(psutil.NoSuchProcess):
                if str(FILM_CHILD) in child.cmdline():
                    return child
        return None

    def _account(self) -> str:
        order = {"order": "user-add", "account": "measurer", "roles": ROLES}
        return str(DataFolder(self.data).ask(order)["password"])


@contextmanager
def lobby(folder: Path, *, screens: Mapping[str, object] | None = None) -> Iterator[Lobby]:
    """A broker and a controller of the generated site that end with the block; it may have parts of a site more."""
    folder.mkdir()
    with ExitStack() as stack:
        broker = stack.enter_context(mosquitto(folder, SETTINGS))
        yield Lobby(folder, generated(broker.url, screens or {}), broker.port, stack)


def lit(*sizes: tuple[int, int]) -> Mapping[str, object]:
    """The parts of a site that make screens of these pixels, lit day and night."""
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    hours = {"name": _text("Always"), "weekly": [{"days": days, "from": "00:00", "to": "00:00"}]}
    panels = [
        {"id": f"panel-{n}", "pixels": size, "at-mm": (n * max(size), 0), "size-mm": size}
        for n, size in enumerate(sizes)
    ]
    screen = {"name": _text("Screens"), "place": "here", "hours": "always", "playlist": "none", "panels": panels}
    return {
        "hours": {"always": hours},
        "surfaces": {"screens": screen},
        "playlists": {"none": {"name": _text("None"), "items": []}},
    }


@contextmanager
def helper(module: str, *words: object) -> Iterator[subprocess.Popen[str]]:
    """A process of the bench with its standard output, ended with the block."""
    command = (sys.executable, "-m", f"tests.bench.{module}", *map(str, words))
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=ENVIRONMENT, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def says(process: subprocess.Popen[str]) -> str:
    """The next line of a helper."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def rest(seconds: float) -> None:
    """Let what was started settle; a measurement has no condition to wait for."""
    time.sleep(seconds)


def generated(broker: str, more: Mapping[str, object]) -> Site:
    """500 contract switches that nothing drives, and bells with a siren each, at one place."""
    things: dict[str, object] = {f"sensor-{number}": _switch("light") for number in range(SWITCHES)}
    for number in range(BELLS):
        things[f"siren-{number}"] = _switch("siren")
        things[f"bell-{number}"] = _thing("bell") | {
            "dialect": "contract",
            "heartbeat-s": 86_400,
            "effects": {"sirens": [f"siren-{number}"]},
        }
    return Site.model_validate(
        {
            "format": 1,
            "site": {
                "id": SITE,
                "name": _text("Bench"),
                "lobby-name": _text("Lobby"),
                "one-person": True,
            },
            "broker": {"url": broker},
            "places": {"here": {"name": _text("Here"), "at-mm": (1000, 1000)}},
            "hours": {},
            "things": things,
            "channels": {"radio": {"kind": "relay"}},
            **more,
        }
    )


def _thing(kind: str) -> dict[str, object]:
    return {"kind": kind, "name": _text(kind), "place": "here"}


def _switch(use: str) -> dict[str, object]:
    return _thing("switch") | {"use": use}


def _text(word: str) -> dict[str, str]:
    return {"ko": word, "en": word}
