"""The player's side of its HTTP contract: one kept-alive connection, every answer capped."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from urllib.parse import urlsplit

TIMEOUT_S = 5.0
MAX_ANSWER = 1024 * 1024
MAX_CONTENT = 4 * 1024 * 1024 * 1024
CHUNK = 1024 * 1024
INSTANCE = "Lobby-Instance"


class ControllerGone(Exception):
    """The controller cannot be reached or does not answer as agreed: play on alone and ask again later."""


class WrongAddress(Exception):
    """The controller's address can never work: mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Controller:
    """The controller as one thread of a player sees it; threads do not share one.

    `instance` is this run of the player: by it the controller tells two players of one id apart.
    """

    def __init__(self, url: str, token: str, *, instance: str = "", tls: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise WrongAddress(url)
        self._base = parts.path.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "User-Agent": "lobby-player"}
        if instance:
            self._headers[INSTANCE] = instance
        if parts.scheme == "https":
            self._line: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=TIMEOUT_S, context=tls or ssl.create_default_context()
            )
        else:
            self._line = http.client.HTTPConnection(parts.hostname, parts.port, timeout=TIMEOUT_S)

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        most_bytes: int = MAX_ANSWER,
    ) -> Answer:
        """One request, one answer of any status below 500. Raises ControllerGone."""
        try:
            self._line.request(method, self._base + path, body=body, headers={**self._headers, **(headers or {})})
            answer = self._line.getresponse()
            data = answer.read(most_bytes + 1)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise ControllerGone(f"{type(error).__name__}: {error}") from error
        if len(data) > most_bytes or answer.status >= 500:
            self.close()
            raise ControllerGone(f"{method} {path}: status {answer.status}, {len(data)} bytes")
        return Answer(status=answer.status, headers={k.lower(): v for k, v in answer.getheaders()}, body=data)

    def fetch(self, path: str, into: Path, *, most_bytes: int = MAX_CONTENT) -> int:
        """Write what lies at a path into a file, piece by piece; its status. Raises ControllerGone, OSError."""
        try:
            self._line.request("GET", self._base + path, headers=self._headers)
            answer = self._line.getresponse()
            pieces = iter(lambda: answer.read(CHUNK), b"")
            length = _written(pieces, into, most_bytes) if answer.status == 200 else len(answer.read(MAX_ANSWER))
        except (_Full, http.client.HTTPException, OSError) as error:
            self.close()
            if isinstance(error, _Full):
                raise error.cause from None
            raise ControllerGone(f"{type(error).__name__}: {error}") from error
        if length > most_bytes or answer.status >= 500:
            self.close()
            raise ControllerGone(f"GET {path}: status {answer.status}, {length} bytes")
        return answer.status

    def close(self) -> None:
        """Hang up; the next question opens the line again."""
        self._line.close()


class _Full(Exception):
    """Our own disk failed, not the line."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(str(cause))
        self.cause = cause


def _written(pieces: Iterator[bytes], into: Path, most_bytes: int) -> int:
    length = 0
    with _opened(into) as file:
        for piece in pieces:
            length += len(piece)
            if length > most_bytes:
                break
            _write(file, memoryview(piece))
    return length


def _opened(into: Path) -> FileIO:
    try:
        return into.open("wb", buffering=0)
    except OSError as error:
        raise _Full(error) from error


def _write(file: FileIO, piece: memoryview) -> None:
    try:
        while piece:
            piece = piece[file.write(piece) :]
    except OSError as error:
        raise _Full(error) from error
