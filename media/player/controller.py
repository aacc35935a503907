"""The player's side of its HTTP contract: one kept-alive connection, every answer capped."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

TIMEOUT_S = 5.0
MAX_CONTENT = 64 * 1024 * 1024


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
    """The controller as one thread of a player sees it; threads do not share one."""

    def __init__(self, url: str, token: str, *, tls: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise WrongAddress(url)
        self._base = parts.path.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "User-Agent": "lobby-player"}
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
        most_bytes: int = MAX_CONTENT,
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

    def close(self) -> None:
        """Hang up; the next question opens the line again."""
        self._line.close()
