"""A controller in a thread: serves one programme and its pictures, hears reports and previews."""

from __future__ import annotations

import hashlib
import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from PIL import Image

from media.programme import Programme
from media.wire import to_json


def picture(colour: tuple[int, int, int], size: tuple[int, int]) -> bytes:
    """A JPEG of one colour."""
    into = io.BytesIO()
    Image.new("RGB", size, colour).save(into, "JPEG", quality=95)
    return into.getvalue()


class PretendController:
    """What the player talks to in tests; change its public parts at will."""

    def __init__(self) -> None:
        self.programme: Programme | None = None
        self.raw: bytes | None = None
        self.content: dict[str, bytes] = {}
        self.reports: list[dict[str, Any]] = []
        self.previews: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.ahead = timedelta()
        self.breaks_at = ""
        self.silent = False
        self._names: dict[str, str] = {}
        self.url = ""

    def add(self, data: bytes) -> str:
        """Serve these bytes."""
        sha = hashlib.sha256(data).hexdigest()
        self.content[sha] = data
        return sha

    def answer(self, method: str, path: str, body: bytes, match: str | None) -> tuple[int, bytes]:
        """Status and body."""
        self.asked.append(f"{method} {path}")
        if self.silent or path == self.breaks_at:
            return 503, b""
        if method == "POST":
            self.reports.append(json.loads(body))
            named = self.reports[-1]["previews"]
            want = [surface for surface, name in named.items() if self._names.get(surface) != name]
            return 200, json.dumps({"want": want}).encode()
        if method == "PUT":
            query = dict(parse_qsl(urlsplit(path).query))
            self.previews[query["surface"]], self._names[query["surface"]] = body, query["name"]
            return 204, b""
        if path == "/api/v1/time":
            return 200, json.dumps({"now": (datetime.now(UTC) + self.ahead).isoformat()}).encode()
        if path.startswith("/api/v1/content/"):
            data = self.content.get(path.rsplit("/", 1)[1])
            return (404, b"") if data is None else (200, data)
        if self.raw is not None:
            return 200, self.raw
        if self.programme is None:
            return 204, b""
        same = match == f'"{self.programme.version}"'
        return (304, b"") if same else (200, to_json(self.programme))


@contextmanager
def pretend_controller() -> Iterator[PretendController]:
    """Serve on a free port of the loopback until the end."""
    pretend = PretendController()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(pretend))
    pretend.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield pretend
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _handler(pretend: PretendController) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 2

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            allowed = self.headers.get("Authorization") == "Bearer secret"
            match = self.headers.get("If-None-Match")
            status, data = pretend.answer(self.command, self.path, body, match) if allowed else (401, b"")
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = _serve  # noqa: N815 - the names http.server calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own signature
            """Say nothing."""

    return Handler
