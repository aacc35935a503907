"""Load: what so many switches report, steadily until the process is ended, or once as fast as the broker takes it.

`python -m tests.bench.telemetry PORT SITE THINGS steady PER_SECOND` prints each second how many it has sent;
`… flood ROUNDS` sends every thing's report so many times and prints how many that were.
"""

from __future__ import annotations

import json
import sys
import time

from tests.bench.packets import connected, publish

BATCHES_PER_S = 500


def report(site: str, number: int, round_: int, *, value: str = "") -> bytes:
    """What one switch says in one round of all of them; by default it changes from round to round."""
    said = {"v": 1, "value": value or ("off", "on")[round_ % 2], "at": "2026-01-01T00:00:00Z", "seq": round_}
    return publish(f"lobby/1/{site}/sensor-{number}/reported", json.dumps(said).encode())


def steady(port: int, site: str, things: int, per_second: int) -> None:
    """So many a second, spread evenly over the things and over time."""
    line = connected(port, "telemetry")
    packets = [report(site, count % things, count // things) for count in range(2 * things)]
    count, began, told = 0, time.perf_counter(), 1.0
    while True:
        passed = time.perf_counter() - began
        due = int(passed * per_second)
        line.sendall(b"".join(packets[number % len(packets)] for number in range(count, due)))
        count = due
        if passed > told:
            print(f"{count} in {passed:.3f} s", flush=True)
            told += 1
        time.sleep(1 / BATCHES_PER_S)


def flood(port: int, site: str, things: int, rounds: int) -> None:
    """All at once; the value of a round is its number, so that whoever reads the last one knows how far it got."""
    line = connected(port, "flood")
    for round_ in range(1, rounds + 1):
        line.sendall(b"".join(report(site, number, round_, value=str(round_)) for number in range(things)))
    print(rounds * things, flush=True)
    line.sendall(b"\xe0\x00")
    while line.recv(64):
        pass


if __name__ == "__main__":
    {"steady": steady, "flood": flood}[sys.argv[4]](int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[5]))
