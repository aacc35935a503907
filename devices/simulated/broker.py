"""An embedded broker for trying without Mosquitto: amqtt on loopback, in a process of its own.

Not for a site: it hands retained messages to every new client, lets last wills past its access list and does not
redeliver after a reconnect (amqtt 0.12.1).
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys

from amqtt.broker import Broker


async def serve(listener: socket.socket) -> None:
    """Serve until SIGTERM; prints the port as its first line when it accepts connections."""
    port = listener.getsockname()[1]
    listener.close()
    broker = Broker(_settings(port))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await broker.start()
    print(port, flush=True)
    await stop.wait()
    await broker.shutdown()


def main() -> None:
    """`python -m devices.simulated.broker [PORT]`: without a port a free one is taken."""
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0))
    asyncio.run(serve(listener))


def _settings(port: int) -> dict[str, object]:
    return {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}", "max_connections": 100}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }


if __name__ == "__main__":
    main()
