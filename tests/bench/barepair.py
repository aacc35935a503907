"""The limit of a press: a bare paho subscriber that publishes, with TCP_NODELAY and nothing in between.

`python -m tests.bench.barepair PORT HEARS SAYS`
"""

from __future__ import annotations

import sys
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.bench.packets import without_delay


def main() -> None:
    """Answer every message on one topic by one on the other, QoS 1."""
    port, hears, says = int(sys.argv[1]), sys.argv[2], sys.argv[3]

    def connected(client: Client, *_: object) -> None:
        client.subscribe(hears, qos=1)

    def heard(client: Client, _data: Any, message: MQTTMessage) -> None:
        client.publish(says, message.payload, qos=1)

    client = Client(CallbackAPIVersion.VERSION2, client_id="bare-pair")
    client.on_socket_open = without_delay
    client.on_connect = connected
    client.on_message = heard
    client.on_subscribe = lambda *_: print("ready", flush=True)
    client.connect("127.0.0.1", port)
    client.loop_forever()


if __name__ == "__main__":
    main()
