"""A lobby as a site runs it: Mosquitto, the simulated hardware and the controller, each its own process."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import signal
import sqlite3
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from devices.simulated.steering import ask
from lobby.core.datafolder import DataFolder, NotRunning
from lobby.core.site import Site
from lobby.core.sitefile import export, read
from lobby.ops.simulation import readdressed
from tests.eventually import soon
from tests.mosquitto import Mosquitto, free_port, mosquitto

SITES = Path(__file__).parents[2] / "lobby" / "sites"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PASSWORD = "a calm lobby at eight"
ENVIRONMENT = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"}


class Process:
    """One process of the product with the lines it printed."""

    def __init__(self, *words: str, log: Path) -> None:
        self._log = log.open("ab")
        self.words = words
        self.lines: list[str] = []
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "lobby.ops.cli", *words],
            stdout=subprocess.PIPE,
            stderr=self._log,
            stdin=subprocess.DEVNULL,
            env=ENVIRONMENT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, name=f"lines of {words}", daemon=True)
        self._reader.start()

    def said(self, pattern: str, *, within_s: float = 30) -> re.Match[str]:
        """The first line that matches; fails with the log when the process ends or never says it."""

        def found() -> re.Match[str] | None:
            match = next((m for line in tuple(self.lines) if (m := re.search(pattern, line))), None)
            if match is None and self.popen.poll() is not None:
                log = Path(self._log.name).read_text(errors="replace")[-4000:]
                raise AssertionError(f"{self.words} ended with {self.popen.returncode}: {self.lines} {log}")
            return match

        soon(found, within_s=within_s)
        match = found()
        assert match is not None
        return match

    def stop(self, number: int = signal.SIGTERM, *, within_s: float = 10) -> int:
        """Send a signal and wait for the end; the exit code. Safe when it has ended already."""
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        try:
            return self.popen.wait(within_s)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
            raise
        finally:
            self._reader.join(5)
            assert self.popen.stdout is not None
            self.popen.stdout.close()
            self._log.close()

    def _read(self) -> None:
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            self.lines.append(line.rstrip("\n"))


@dataclass(slots=True)
class Visitor:
    """A browser without a screen: cookies, csrf, JSON; `authority` is whom it believes where the url says https."""

    url: str
    cookie: str = ""
    csrf: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    authority: ssl.SSLContext | None = None

    def ask(self, method: str, path: str, body: object | None = None, **headers: str) -> tuple[int, Any]:
        """Status and answer (JSON where it is JSON, else text)."""
        text = None if body is None else json.dumps(body)
        status, answer, _ = self.raw(method, path, text, **{"Content-Type": "application/json", **headers})
        try:
            return status, json.loads(answer)
        except ValueError:
            return status, answer.decode(errors="replace")

    def raw(
        self, method: str, path: str, body: str | bytes | None = None, **headers: str
    ) -> tuple[int, bytes, http.client.HTTPMessage]:
        """Status, bytes and headers."""
        place = urlsplit(self.url).netloc
        connection = (
            http.client.HTTPConnection(place, timeout=20)
            if self.authority is None
            else http.client.HTTPSConnection(place, timeout=20, context=self.authority)
        )
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            named["Cookie"] = self.cookie
        if self.csrf:
            named["X-CSRF-Token"] = self.csrf
        try:
            connection.request(method, path, body=body, headers={**self.headers, **named})
            response = connection.getresponse()
            return response.status, response.read(), response.headers
        finally:
            connection.close()

    def sign_in(self, account: str, password: str = PASSWORD) -> None:
        """Begin a session as a person does."""
        form = urlencode({"account": account, "password": password})
        status, _, headers = self.raw("POST", "/sign-in", form, Content_Type="application/x-www-form-urlencoded")
        assert status == 303, status
        assert "problem" not in (headers["Location"] or ""), headers["Location"]
        self.cookie = str(headers["Set-Cookie"]).partition(";")[0]
        self.csrf = self.ask("GET", "/api/v1/me")[1]["csrf"]

    def set_up(self, code: str, account: str = "admin") -> None:
        """Make the first admin by the one-time code and sign in."""
        form = urlencode({"code": code, "account": account, "name": "김하늘", "password": PASSWORD, "language": "ko"})
        status, _, headers = self.raw("POST", "/set-up", form, Content_Type="application/x-www-form-urlencoded")
        assert status == 303, status
        assert "problem" not in (headers["Location"] or ""), headers["Location"]
        self.sign_in(account)


class Running:
    """A controller that answers."""

    def __init__(self, process: Process, data: Path) -> None:
        self.process = process
        self.data = data
        self.url = process.said(r"(http://127\.0\.0\.1:\d+)").group(1)
        soon(self.ready, within_s=20)

    def ready(self) -> bool:
        """Does it answer that it is ready? False also while nobody listens."""
        try:
            return self.visitor().ask("GET", "/readyz")[0] == 200
        except OSError:
            return False

    def visitor(self) -> Visitor:
        """Somebody who has not signed in."""
        return Visitor(self.url)

    def order(self, order: str, **words: object) -> Mapping[str, Any]:
        """What another command of the same user asks for, over the local line."""
        answers: list[Mapping[str, Any]] = []

        def answered() -> bool:
            with suppress(NotRunning):
                answers.append(DataFolder(self.data).ask({"order": order, **words}))
            return bool(answers)

        soon(answered)
        return answers[0]

    def person(self, account: str, *roles: str) -> Visitor:
        """A new account, by the local line as by `lobby user add`, signed in."""
        password = self.order("user-add", account=account, roles=roles)["password"]
        visitor = self.visitor()
        visitor.sign_in(account, password)
        return visitor

    def guard(self) -> Visitor:
        """Somebody who may take, end and, as the supervisor too, close incidents."""
        return self.person("guard", "guard", "supervisor")

    def code(self) -> str:
        """The one-time set-up code, from its file."""
        (path,) = self.data.glob("set-up-code*")
        return path.read_text().strip()

    def admin(self) -> Visitor:
        """The first admin, signed in; the second time the account exists."""
        visitor = self.visitor()
        if any(self.data.glob("set-up-code*")):
            visitor.set_up(self.code())
        else:
            visitor.sign_in("admin")
        return visitor


class House:
    """Broker, hardware and controller of one sample site in one folder."""

    def __init__(self, folder: Path, *, site: str, change: Callable[[Site], Site], stack: ExitStack) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = free_port()
        self._stack = stack
        self.site = change(read(SITES / f"{site}.toml"))
        self.broker: Mosquitto | None = None
        if self.site.broker is not None:
            self.broker = stack.enter_context(mosquitto(folder / "broker"))
            self.site = readdressed(self.site, links={}, broker=f"mqtt://127.0.0.1:{self.broker.port}")
        self._write(self.site)
        self.hardware = self._start_hardware()
        addresses = json.loads((self.data / "simulated" / "addresses.json").read_text())
        self.site = readdressed(self.site, links=addresses, broker=None)
        self._write(self.site)

    @property
    def site_file(self) -> Path:
        """The site file with the addresses of this test."""
        return self.folder / "site.toml"

    def words(self, *words: str) -> tuple[str, ...]:
        """A command line of this house."""
        return ("--site", str(self.site_file), "--data", str(self.data), *words)

    def launch(self, *more: str) -> Process:
        """Start the controller and wait for nothing; always on the same port."""
        return self.process("run", "--port", str(self.port), *more, log="controller.log")

    def start(self) -> Running:
        """Start the controller and wait until it is ready."""
        return Running(self.launch(), self.data)

    def player(self, running: Running, player: str = "lobby-player") -> Process:
        """A player without a screen on a small window, with a token of its own."""
        token = self.folder / f"{player}.token"
        token.write_text(running.order("token-create", role="player", player=player)["token"])
        words = ("--controller", running.url, "--token-file", str(token), "--headless", "--scale", "0.25")
        return self.process("play", player, *words, log=f"{player}.log")

    def process(self, *words: str, log: str) -> Process:
        """Start any command of this house; it ends with the house."""
        process = Process(*self.words(*words), log=self.folder / log)
        self._stack.callback(process.stop, signal.SIGKILL)
        return process

    def steer(self, verb: str, thing: str = "", how: str = "") -> str:
        """Press, break, mend, cut, empty, fill, show: what `lobby simulate VERB` sends over the same line."""
        answer = asyncio.run(ask(self.data / "simulated" / "steer.sock", verb=verb, thing=thing, how=how))
        assert "said" in answer, answer
        return answer["said"]

    def shows(self, thing: str) -> dict[str, Any]:
        """What a simulated thing is right now."""
        shown: dict[str, Any] = json.loads(self.steer("show"))[thing]
        return shown

    def facts(self) -> list[dict[str, Any]]:
        """The journal's lines: kind, subject, payload."""
        with closing(sqlite3.connect(f"file:{self.data / 'journal.db'}?mode=ro", uri=True)) as store:
            rows = store.execute("SELECT kind, subject, payload FROM journal ORDER BY seq").fetchall()
        return [{"kind": row[0], "subject": row[1], "payload": json.loads(row[2] or "{}")} for row in rows]

    def _write(self, site: Site) -> None:
        self.site_file.write_text(export(site), encoding="utf-8")

    def _start_hardware(self) -> Process:
        process = self.process("simulate", log="hardware.log")
        process.said("ready")
        return process


def always_open(site: Site) -> Site:
    """The same site, open all day on every day of the year, so that a test runs at any hour; no pictures to draw."""
    whole = {"from_": time(0), "to": time(0)}
    hours = {
        name: one.model_copy(
            update={
                "weekly": tuple(window.model_copy(update=whole | {"days": DAYS}) for window in one.weekly[:1]),
                "public_holiday": None,
                "seasons": (),
                "special_days": (),
            }
        )
        for name, one in site.hours.items()
    }
    return without_pictures(site.model_copy(update={"hours": hours}))


def one_person(site: Site) -> Site:
    """The same site, always open, where one person works alone: what the command line brings hangs at once."""
    site = always_open(site)
    return site.model_copy(update={"site": site.site.model_copy(update={"one_person": True})})


def without_pictures(site: Site) -> Site:
    """The same site with empty playlists, which spares two cores the drawing."""
    emptied = {name: playlist.model_copy(update={"items": ()}) for name, playlist in site.playlists.items()}
    return site.model_copy(update={"playlists": emptied})


@contextmanager
def house(
    folder: Path, *, site: str = "seoul-city-hall", change: Callable[[Site], Site] = without_pictures
) -> Iterator[House]:
    """A house whose processes all end with the block."""
    with ExitStack() as stack:
        yield House(folder, site=site, change=change, stack=stack)


@contextmanager
def trial_of(
    folder: Path, *, site: str = "seoul-city-hall", change: Callable[[Site], Site] = without_pictures
) -> Iterator[Process]:
    """`lobby run --simulate` as somebody tries it, ready."""
    site_file = folder / "site.toml"
    site_file.write_text(export(change(read(SITES / f"{site}.toml"))), encoding="utf-8")
    words = ("--site", str(site_file), "--data", str(folder / "data"), "run", "--simulate")
    trial = Process(*words, log=folder / "trial.log")
    try:
        trial.said("[Rr]eady")
        yield trial
    finally:
        trial.stop(signal.SIGKILL)


def processes_of(words: str, *, below: int | None = None) -> list[int]:
    """Processes that have these words in their command line; `below` one parent only."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            if words.encode() in (place / "cmdline").read_bytes() and below in (None, parent):
                found.append(int(place.name))
    return found
