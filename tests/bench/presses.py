"""A press, timed to the siren's command and to the console's event, each beside one round of the bare pair."""

from __future__ import annotations

import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.ear import Ear
from tests.bench.house import BELLS, SITE, SWITCHES, Lobby, helper, lobby, says
from tests.bench.rows import Row, percentile

PER_SECOND = 3_000
DELIVERED = 0.98
SETTLING_S = 6.0
PAUSE_S = 0.01
ACTS: dict[str, dict[str, str]] = {
    "arrive": {"way": "relay", "by": "guard"},
    "end": {},
    "close": {"classification": "test"},
}
BARS = ((0.5, 3.0), (0.99, 4.0))


@dataclass(slots=True)
class Times:
    """Milliseconds of one cell."""

    bare: list[float] = field(default_factory=list)
    siren: list[float] = field(default_factory=list)
    push: list[float] = field(default_factory=list)
    assured: list[float] = field(default_factory=list)
    lost: int = 0

    def and_also(self, other: Times) -> Times:
        """Both cells as one."""
        return Times(
            bare=self.bare + other.bare,
            siren=self.siren + other.siren,
            push=self.push + other.push,
            assured=self.assured + other.assured,
            lost=self.lost + other.lost,
        )


def measured(folder: Path, presses: int) -> list[Row]:
    """Idle, then under load, on the same controller."""
    with lobby(folder) as house, helper("barepair", house.port, "bare/hears", "bare/says") as pair:
        says(pair)
        ear = Ear(house.port, BELLS, house.person)
        cell(house, ear, 2 * BELLS)
        rows = _rows("idle", cell(house, ear, presses))
        with ExitStack() as stack:
            load = stack.enter_context(helper("telemetry", house.port, SITE, SWITCHES, "steady", PER_SECOND))
            ear.listen(SETTLING_S)
            times = cell(house, ear, presses)
            load.kill()
            rows += [_delivered(load.communicate()[0].splitlines()), *_rows(f"{PER_SECOND} msg/s", times)]
        ear.close()
        return rows


def cell(house: Lobby, ear: Ear, presses: int, *, rest_s: float = PAUSE_S) -> Times:
    """So many presses and bare rounds by turns; every incident is over before the next press of its bell."""
    times = Times()
    for number in range(presses):
        ear.listen(rest_s)
        _bare(ear, times)
        ear.listen(PAUSE_S)
        _press(house, ear, number % BELLS, times)
    return times


def _bare(ear: Ear, times: Times) -> None:
    word = uuid.uuid4().hex.encode()
    began = ear.publish("bare/hears", word)
    if ear.until(lambda: word in ear.echoed):
        times.bare.append(1000 * (ear.echoed.pop(word) - began))


def _press(house: Lobby, ear: Ear, bell: int, times: Times) -> None:
    name = uuid.uuid4().hex
    began = ear.press(bell, name)
    heard = ear.until(lambda: (bell, "on") in ear.commanded and bell in ear.raised and name in ear.assured)
    if not heard:
        times.lost += 1
        _tidy(house, bell)
        return
    times.siren.append(1000 * (ear.commanded[bell, "on"] - began))
    times.push.append(1000 * (ear.raised[bell][0] - began))
    times.assured.append(1000 * (ear.assured.pop(name) - began))
    _over(house, ear, bell, ear.raised[bell][1])


def _tidy(house: Lobby, bell: int) -> None:
    """One lost press must not cost the next ones: end whatever is open there."""
    for incident in house.person.ask("GET", "/api/v1/incidents")[1]["incidents"]:
        if incident["bell"] == f"bell-{bell}":
            for act, said in ACTS.items():
                house.person.ask("POST", f"/api/v1/incidents/{incident['id']}/{act}", said)


def _over(house: Lobby, ear: Ear, bell: int, incident: str) -> None:
    """Arrive, end, close as the guard's console does, and hear the siren told to be quiet."""
    for act, said in ACTS.items():
        status, answer = house.person.ask("POST", f"/api/v1/incidents/{incident}/{act}", said)
        assert status == 200, answer
    assert ear.until(lambda: (bell, "off") in ear.commanded)


def _rows(load: str, times: Times) -> list[Row]:
    rows = []
    for name, values in (("siren command", times.siren), ("console event", times.push)):
        for share, bar in BARS:
            rows.append(
                Row(
                    name=f"press to {name}, {load}, p{100 * share:.0f}",
                    value=percentile(values, share),
                    unit="ms",
                    limit=percentile(times.bare, share),
                    bar=bar,
                )
            )
    rows.append(Row(name=f"presses lost, {load}", value=times.lost, unit="", limit=None, bar=0))
    return rows


def _delivered(lines: list[str]) -> Row:
    """The steadiness of the load itself: what was sent from the second line on, by the time that took."""
    first, last = (_count_and_s(line) for line in (lines[1], lines[-1]))
    rate = (last[0] - first[0]) / (last[1] - first[1])
    return Row(name="telemetry sent", value=rate, unit="msg/s", limit=PER_SECOND, bar=DELIVERED, at_least=True)


def _count_and_s(line: str) -> tuple[int, float]:
    count, _, seconds, _ = line.split()
    return int(count), float(seconds)
