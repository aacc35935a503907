"""A person's hand in the simulated hall: one JSON line in, one out, on a local socket with mode 0600."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

LONGEST_LINE = 4096
Steer = Callable[[str, str, str], Awaitable[str]]


class Steering:
    """Serves `{verb, thing, how}` and answers `{said}` or `{refused}`."""

    def __init__(self, path: Path, steer: Steer) -> None:
        self._path = path
        self._steer = steer

    async def run(self) -> None:
        """Serve until cancelled; the socket is removed at the end."""
        self._path.unlink(missing_ok=True)
        old = os.umask(0o177)
        try:
            server = await asyncio.start_unix_server(self._serve, str(self._path), limit=LONGEST_LINE)
        finally:
            os.umask(old)
        try:
            async with server:
                await server.serve_forever()
        finally:
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = await self._answer(await reader.readline())
            writer.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
            await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> dict[str, str]:
        try:
            order = json.loads(line)
            said = await self._steer(str(order["verb"]), str(order.get("thing", "")), str(order.get("how", "")))
        except (ValueError, KeyError, TypeError, AttributeError):
            return {"refused": "one JSON object a line: verb, thing, how"}
        except LookupError as error:
            return {"refused": str(error.args[0])}
        return {"said": said}


async def ask(path: Path, *, verb: str, thing: str = "", how: str = "") -> dict[str, str]:
    """Send one order to a running simulation; OSError when none runs."""
    reader, writer = await asyncio.open_unix_connection(str(path))
    try:
        writer.write(json.dumps({"verb": verb, "thing": thing, "how": how}).encode() + b"\n")
        await writer.drain()
        answer: dict[str, str] = json.loads(await reader.readline())
        return answer
    finally:
        writer.close()
        await writer.wait_closed()
