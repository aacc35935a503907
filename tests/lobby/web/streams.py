"""Reading event streams in tests: raw bytes off the socket, one event at a time."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event."""

    name: str
    id: str
    data: Any


class Events:
    """The events of one open response."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines

    async def next(self, *names: str) -> Told:
        """The next event of these names, or of any."""
        fields: dict[str, str] = {}
        async for line in self._lines:
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
                continue
            told = Told(
                name=fields.get("event", ""), id=fields.get("id", ""), data=json.loads(fields.get("data", "null"))
            )
            if told.name and (not names or told.name in names):
                return told
            fields = {}
        raise EOFError

    async def rest(self) -> int:
        """Read to the end; how many lines came."""
        return len([line async for line in self._lines])


@asynccontextmanager
async def listening(client: httpx.AsyncClient, path: str, last_id: str = "") -> AsyncIterator[Events]:
    """An open stream."""
    headers = {"Last-Event-ID": last_id} if last_id else {}
    async with client.stream("GET", path, headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Events(response.aiter_lines())
