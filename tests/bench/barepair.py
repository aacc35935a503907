"""The limit: a bare paho subscriber that publishes, with TCP_NODELAY and nothing in between.

`python -m tests.bench.barepair PORT HEARS SAYS`
"""

from __future__ import annotations

import socket
import sys

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion


def main() -> None:
    """Answer every message on one topic by one on the other, QoS 1."""
    port, hears, says = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    client = Client(CallbackAPIVersion.VERSION2, client_id="bare-pair")
    client.on_socket_open = lambda _client, _data, opened: opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.on_message = lambda _client, _data, message: client.publish(says, message.payload, qos=1)
    client.on_subscribe = lambda *_: print("ready", flush=True)
    client.on_connect = lambda *_: client.subscribe(hears, qos=1)
    client.connect("127.0.0.1", port)
    client.loop_forever()


if __name__ == "__main__":
    main()
