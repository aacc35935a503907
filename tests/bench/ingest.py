"""Messages a second that become the state of things, read back through the API, beside bare aiomqtt's."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

from tests.bench.house import SITE, SWITCHES, Lobby, helper, lobby, says
from tests.bench.rows import Row

LOOK_EVERY_S = 0.1
LONGEST_WAIT_S = 60.0
BAR = 0.5


def measured(folder: Path, rounds: int, times: int) -> list[Row]:
    """Floods by turns to bare aiomqtt and to the controller, the median of each."""
    bare, ours = [], []
    with lobby(folder) as house:
        for number in range(times):
            bare.append(_bare(house, rounds))
            ours.append(_ours(house, rounds + number))
    limit, value = median(bare), median(ours)
    return [Row(name="ingest with states read back", value=value, unit="msg/s", limit=limit, bar=BAR, at_least=True)]


def _bare(house: Lobby, rounds: int) -> float:
    """On a site of its own, so that the controller does not listen."""
    count = rounds * SWITCHES
    with helper("bareingest", house.port, "lobby/1/elsewhere/+/reported", count) as reader:
        assert says(reader) == "ready"
        with helper("telemetry", house.port, "elsewhere", SWITCHES, "flood", rounds):
            return count / float(says(reader))


def _ours(house: Lobby, rounds: int) -> float:
    """From the first state that changed to the last, as `status` tells them; every message counts or it never ends."""
    before = _round(house)
    with helper("telemetry", house.port, SITE, SWITCHES, "flood", rounds):
        began = time.perf_counter()
        while _round(house) == before:
            began = time.perf_counter()
        end = began + LONGEST_WAIT_S
        while _round(house) != str(rounds):
            assert time.perf_counter() < end, "the last states never came"
            time.sleep(LOOK_EVERY_S)
        return rounds * SWITCHES / (time.perf_counter() - began)


def _round(house: Lobby) -> str | None:
    """The round that every switch has reached; None while they differ."""
    things = house.person.ask("GET", "/api/v1/status")[1]["things"]
    rounds = {things[f"sensor-{number}"]["reported"] for number in range(SWITCHES)}
    return rounds.pop() if len(rounds) == 1 else None
