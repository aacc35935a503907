"""The web server as the runtime owns it: one coroutine that serves until told to stop, and then ends every stream."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI

from lobby.core.problem import Refusal

if TYPE_CHECKING:
    import uvicorn

    from lobby.web.stream import Feed

BACKLOG = 256
KEEP_ALIVE_S = 15
PATIENCE_S = 0.5


async def serve(
    app: FastAPI, host: str, port: int, stop: asyncio.Event, *, listening: Callable[[str], None] = lambda _url: None
) -> None:
    """Serve until `stop` is set; open streams end then, and whoever does not read is cut off after half a second.

    `listening` is told the address (port 0 takes a free one). Only loopback is served, for TLS is the business of a
    proxy on this machine: Refusal.
    Whoever starts the loop chooses uvloop; signals stay with the runtime.
    """
    feed: Feed = app.state.feed
    with _bound(host, port) as listener:
        listening(_address(listener))
        async with asyncio.TaskGroup() as group:
            following = group.create_task(feed.run(), name="web: feed")
            server = _server(app)
            serving = group.create_task(server.serve(sockets=[listener]), name="web: server")
            await _first(stop, serving)
            feed.end()
            server.should_exit = True
            await asyncio.wait({serving}, timeout=PATIENCE_S)
            for connection in list(server.server_state.connections):
                if connection.transport is not None:
                    connection.transport.abort()
            await serving
            following.cancel()


def _server(app: FastAPI) -> uvicorn.Server:
    import uvicorn

    class Owned(uvicorn.Server):
        """Leaves signals to the runtime."""

        @contextmanager
        def capture_signals(self) -> Generator[None, None, None]:
            yield

    return Owned(
        uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            backlog=BACKLOG,
        )
    )


async def _first(stop: asyncio.Event, serving: asyncio.Task[None]) -> None:
    """Wait for the stop, or for a server that ends by itself."""
    waiting = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({waiting, serving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()


@contextmanager
def _bound(host: str, port: int) -> Generator[socket.socket, None, None]:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    if not ipaddress.ip_address(address[0]).is_loopback:
        raise Refusal("api.loopback-only", host)
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            raise Refusal("api.port-taken", f"{host}:{port}") from error
        listener.listen(BACKLOG)
        listener.setblocking(False)
        yield listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
