"""The limit of ingest: bare aiomqtt that counts what it is sent and does nothing else.

`python -m tests.bench.bareingest PORT FILTER COUNT`
"""

from __future__ import annotations

import asyncio
import socket
import sys
import time

import aiomqtt


async def main() -> None:
    """Print `ready`, then the seconds from the first message to the last of so many."""
    port, topics, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    nodelay = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    async with aiomqtt.Client("127.0.0.1", port, identifier="bare-ingest", socket_options=(nodelay,)) as client:
        await client.subscribe(topics, qos=1)
        print("ready", flush=True)
        received, began = 0, 0.0
        async for _ in client.messages:
            began = began or time.perf_counter()
            received += 1
            if received == count:
                print(f"{time.perf_counter() - began:.6f}", flush=True)
                return


if __name__ == "__main__":
    asyncio.run(main())
