"""The robot café."""

from __future__ import annotations

import json

import pytest

from devices.cafes import Cafe, Cafes
from devices.errors import Refused
from devices.messages import LinkState
from devices.reports import Availability, Command
from lobby.core.clock import VirtualClock
from tests.devices.mqtt.standins import NOON, MemoryThings, NotedThings
from tests.running import run

PREFIX = "lobby/1/seoul/robot-cafe"
REPORT = {
    "v": 1,
    "value": "idle",
    "at": "2026-11-23T12:00:00+09:00",
    "seq": 4,
    "levels": {"bean": 80, "milk": "low", "cups": 42},
    "cup_return": {"count": 17, "door": "closed"},
    "orders_waiting": 1,
    "faults": [{"code": "E12", "severity": "high", "since": "2026-11-23T11:00:00Z"}, {"code": "E30"}],
    "counters": {"sold": 1200},
    "unheard_of": [1, 2],
}


def cafe() -> tuple[MemoryThings, NotedThings, VirtualClock, Cafes]:
    line, sink, clock = MemoryThings(), NotedThings(), VirtualClock(NOON)
    return line, sink, clock, Cafes(line, "seoul", (Cafe(thing="robot-cafe", silent_after_s=60),), sink, clock=clock)


def test_a_report_is_told_flat() -> None:
    """Levels, cups, faults and counters become details; keys we do not know are ignored."""
    line, sink, _, _ = cafe()
    line.arrives(f"{PREFIX}/reported", json.dumps(REPORT))
    report = sink.reports[0]
    assert report.value == "watch"
    assert dict(report.detail) == {
        "state": "idle",
        "level.bean": 80,
        "level.milk": "low",
        "level.cups": 42,
        "return.count": 17,
        "return.door": "closed",
        "count.sold": 1200,
        "waiting": 1,
        "faults": "E12 E30",
        "said_at": "2026-11-23T12:00:00+09:00",
    }


def test_silence_is_late_then_lost_then_over() -> None:
    """One silence is late, two are lost, a fresh report ends it."""
    line, sink, clock, cafes = cafe()

    async def scenario() -> None:
        for _ in range(2):
            await clock.advance(60)
            cafes.look()
        line.arrives(f"{PREFIX}/reported", json.dumps(REPORT))

    run(scenario())
    assert [move[1] for move in sink.moves] == [Availability.LATE, Availability.LOST, Availability.OK]


def test_a_retained_report_proves_nothing() -> None:
    """It is told with its mark, and the café stays unknown."""
    line, sink, _, _ = cafe()
    line.arrives(f"{PREFIX}/reported", json.dumps(REPORT), retained=True)
    line.arrives(f"{PREFIX}/availability", "online", retained=True)
    assert sink.reports[0].retained
    assert sink.moves == []


def test_the_last_will_and_a_lost_line_lose_it_at_once() -> None:
    """Nobody waits for the silence."""
    line, sink, _, _ = cafe()
    line.arrives(f"{PREFIX}/availability", "offline")
    line.arrives(f"{PREFIX}/reported", json.dumps(REPORT))
    line.move(LinkState.WAITING, "broker-lost")
    assert [(move[1], move[2]) for move in sink.moves] == [
        (Availability.LOST, "offline"),
        (Availability.OK, ""),
        (Availability.LOST, "broker-lost"),
    ]


def test_rubbish_is_told_once_until_it_is_well() -> None:
    """Two bad reports are one trouble; a good one ends it."""
    line, sink, _, _ = cafe()
    for payload in ("{", '{"v":1,"levels":[]}', json.dumps(REPORT)):
        line.arrives(f"{PREFIX}/reported", payload)
    assert sink.troubles == [("robot-cafe", "bad-payload")]
    assert sink.ended == [("robot-cafe", "bad-payload")]


def test_nobody_commands_the_cafe() -> None:
    """A command is refused."""
    _, _, _, cafes = cafe()
    with pytest.raises(Refused):
        run(cafes.send(Command(id="c", thing="robot-cafe", value="off", expires_at=NOON)))
