"""A wall that a real player draws, and how soon it shows what people change: for the scenarios and the bench."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.eventually import soon
from tests.scenarios.house import Visitor
from tests.scenarios.test_players import NAMES, told

PLAYER = "lobby-player"
WALL = tuple(f"wall-{number}" for number in range(1, 8))

Shown = int | str | None
Contents = frozenset[Shown]


class Wall:
    """The seven panels as their player reports them: the number of a picture, None, or a content that is neither."""

    def __init__(self, admin: Visitor) -> None:
        self.admin = admin
        rows = {row["id"]: row for row in admin.ask("GET", "/api/v1/assets")[1]["assets"]}
        self._numbers = {sha: number for number, name in enumerate(NAMES) for sha in rows[name]["renditions"].values()}

    def panels(self) -> list[Shown]:
        """What stands on each panel, by the last report."""
        return self.read(told(self.admin))

    def contents(self) -> Contents:
        """Everything that is on the seven panels."""
        return frozenset(self.panels())

    def shows(self, *pictures: int) -> bool:
        """Whether these pictures, and nothing else, are on the wall."""
        return self.contents() == set(pictures)

    def after(self, method: str, path: str, fields: Mapping[str, Any], *pictures: int, within_s: float) -> float:
        """Change something; seconds until every panel shows these pictures only."""
        began = time.monotonic()
        self.done(method, path, fields)
        soon(lambda: self.shows(*pictures), within_s=within_s)
        return time.monotonic() - began

    def done(self, method: str, path: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """An act that must be accepted."""
        status, answer = self.admin.ask(method, path, dict(fields))
        assert status in (200, 201), answer
        return dict(answer)

    def play(self, *pictures: int, **settings: Any) -> dict[str, Any]:
        """What a playlist of these pictures looks like on the wire; one person saves and approves at once."""
        items = [{"asset": NAMES[picture], "dwell_s": 3600} for picture in pictures]
        named = {"ko": "벽", "en": "Wall"}
        return {"name": named, "change": "cut", "items": items, "then": "approve", **settings}

    @contextmanager
    def watched(self, another: Visitor) -> Iterator[list[Contents]]:
        """Every report of the wall during the block, as often as they come."""
        ending, seen = threading.Event(), list[Contents]()

        def watch() -> None:
            while not ending.is_set():
                now = frozenset(self.read(told(another)))
                if not seen or seen[-1] != now:
                    seen.append(now)
                ending.wait(0.02)

        watching = threading.Thread(target=watch, daemon=True)
        watching.start()
        try:
            yield seen
        finally:
            ending.set()
            watching.join(10)

    def read(self, players: Mapping[str, Any]) -> list[Shown]:
        """What stands on each panel of the wall by the players' reports."""
        panels = players.get(PLAYER, {}).get("panels", {})
        shas = [panels.get(panel) for panel in WALL]
        return [self.number(sha) for sha in shas]

    def number(self, sha: str | None) -> Shown:
        """Which of the pictures a content is."""
        return self._numbers.get(sha or "", sha)


@contextmanager
def overheard(port: int) -> Iterator[list[Mapping[str, Any]]]:
    """What a player reports while its controller is dead: somebody who listens at its address and gives nothing."""
    heard: list[Mapping[str, Any]] = []

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._answer(200, b"{}")

        def do_GET(self) -> None:
            self._answer(503, b"")

        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(503, b"")

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", port), Ear) as server:
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        try:
            yield heard
        finally:
            server.shutdown()
            serving.join(10)
