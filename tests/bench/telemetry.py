"""A steady load: so many messages a second over so many things, until the process is ended.

`python -m tests.bench.telemetry PORT SITE THINGS PER_SECOND`
"""

from __future__ import annotations

import json
import socket
import sys
import time

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

BATCHES_PER_S = 100


def main() -> None:
    """Publish `reported` of the contract, QoS 0, in even batches of 10 ms."""
    port, site, things, per_second = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    client = Client(CallbackAPIVersion.VERSION2, client_id="telemetry")
    client.on_socket_open = lambda _client, _data, opened: opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.connect("127.0.0.1", port)
    client.loop_start()
    print("ready", flush=True)
    count, began = 0, time.perf_counter()
    while True:
        due = int((time.perf_counter() - began) * per_second)
        for _ in range(due - count):
            message = {"v": 1, "value": "on" if count // things % 2 else "off", "at": "2026-01-01T00:00:00Z"}
            client.publish(f"lobby/1/{site}/sensor-{count % things}/reported", json.dumps({**message, "seq": count}))
            count += 1
        time.sleep(1 / BATCHES_PER_S)


if __name__ == "__main__":
    main()
