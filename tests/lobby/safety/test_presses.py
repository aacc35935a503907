"""Presses: raised, counted, answered; late, repeated, unknown, without id, in floods."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from devices.reports import BellHeard
from lobby.core.projection import Fact
from lobby.safety.incidents import Incident, IncidentMode, IncidentState
from lobby.safety.presses import Presses
from lobby.safety.supervision import Flag
from lobby.safety.watchroom import WatchRoom
from tests.eventually import eventually
from tests.lobby.safety.rooms import START, clock, kinds, opened, press
from tests.running import run


def test_a_press_raises_an_incident_and_is_durable(tmp_path: Path) -> None:
    """True means that it stands in the journal."""

    async def work() -> None:
        async with opened(tmp_path, clock()) as (room, disk):
            assert await room.presses.pressed(press(press_id="a"))
            assert [incident.state for incident in room.incidents.open()] == [IncidentState.RAISED]
            assert await kinds(disk) == ["incident.raised"]

    run(work())


def test_all_that_can_wait_is_calmed_before_anything_else(tmp_path: Path) -> None:
    """At a press that is only counted too: somebody may be pressing because nobody came."""
    seen: list[int] = []

    async def work() -> None:
        async with opened(tmp_path, clock(), calm=lambda: seen.append(len(rooms[0].incidents.open()))) as (room, _):
            rooms.append(room)
            assert await room.presses.pressed(press(press_id="a"))
            assert await room.presses.pressed(press(press_id="b"))

    rooms: list[WatchRoom] = []
    run(work())
    assert seen == [0, 1]


def test_press_incident_and_first_commands_are_one_transaction(tmp_path: Path) -> None:
    """The commands' facts stand in the same record, right behind the raising."""
    calls: list[tuple[str, ...]] = []

    async def work() -> None:
        def commands(incident: Incident) -> tuple[Fact, ...]:
            return (Fact(kind="outbox.put", subject="siren", payload={"for": incident.id}),)

        async with opened(tmp_path, clock(), commands_for=commands) as (room, disk):
            record = disk.journal.record

            async def spied(*facts: Fact, within_s: float | None = None) -> object:
                calls.append(tuple(fact.kind for fact in facts))
                return await record(*facts, within_s=within_s)

            disk.journal.record = spied  # type: ignore[method-assign, assignment]  # a spy
            await room.presses.pressed(press())

    run(work())
    assert calls[0] == ("incident.raised", "outbox.put")


def test_people_see_it_when_it_is_durable_and_before_the_bell_is_answered(tmp_path: Path) -> None:
    """The listeners come first, and what they set going has a turn of the loop before the bell's answer."""
    seen: list[str] = []

    async def work() -> None:
        async with opened(tmp_path, clock()) as (room, disk):
            loop = asyncio.get_running_loop()

            def told(incident: Incident) -> None:
                seen.append(incident.state.value)
                loop.call_soon(seen.append, "sent")

            room.incidents.on_change(told)
            disk.journal.follow(lambda entry: seen.append(entry.kind))
            assert await room.presses.pressed(press())
            seen.append("answered")

    run(work())
    assert seen == ["incident.raised", "raised", "sent", "answered"]


def test_a_known_id_is_answered_and_not_raised_again(tmp_path: Path) -> None:
    """A bell repeats until it is assured."""

    async def work() -> None:
        async with opened(tmp_path, clock()) as (room, disk):
            assert [await room.presses.pressed(press(press_id="a")) for _ in range(3)] == [True] * 3
            assert await kinds(disk) == ["incident.raised"]

    run(work())


def test_an_unknown_id_is_raised_however_old_it_is(tmp_path: Path) -> None:
    """A message that waited in the broker for a week is shown with how late it came."""

    async def work() -> None:
        async with opened(tmp_path, clock()) as (room, _):
            await room.presses.pressed(press(press_id="a", said_at=START - timedelta(days=7)))
            (incident,) = room.incidents.open()
            assert incident.late_s == 7 * 86_400
            assert incident.pressed_at == START - timedelta(days=7)

    run(work())


def test_a_clock_that_cannot_be_believed_gives_an_unknown_time(tmp_path: Path) -> None:
    """Then it was between the last contact and now; its own heartbeat is no contact."""

    async def work() -> None:
        at = clock()
        async with opened(tmp_path, at) as (room, _):
            room.presses.heard(BellHeard(bell="loud", path="mqtt"))
            await at.advance(30)
            room.presses.heard(BellHeard(bell="loud", path="mqtt"))
            await room.presses.pressed(press(press_id="a", said_at=START - timedelta(days=31)))
            (incident,) = room.incidents.open()
            assert (incident.pressed_at, incident.pressed_after, incident.late_s) == (None, START, None)

    run(work())


def test_a_retained_message_is_trouble_and_no_press(tmp_path: Path) -> None:
    """It is acknowledged, so that the line goes on, and nothing is raised."""

    async def work() -> None:
        async with opened(tmp_path, clock()) as (room, _):
            assert await room.presses.pressed(press(press_id="a", retained=True))
            assert room.incidents.open() == ()
            assert room.supervision.of("loud").flags == {Flag.FAULT}

    run(work())


def test_a_press_without_id_is_counted_while_the_incident_is_open_and_raises_after_it(tmp_path: Path) -> None:
    """The safe side: it may be the same press again."""

    async def work() -> None:
        async with opened(tmp_path, clock()) as (room, _):
            await room.presses.pressed(press())
            await room.presses.pressed(press())
            (incident,) = room.incidents.open()
            assert incident.presses == 2
            await room.incidents.acknowledge(incident.id, person="kim", role="guard")
            await room.incidents.arrive(incident.id, person="kim", role="guard", code="4711")
            await room.incidents.end(incident.id, person="kim", role="guard")
            await room.presses.pressed(press())
            assert [i.state for i in room.incidents.open()] == [IncidentState.ENDED, IncidentState.RAISED]

    run(work())


def test_three_presses_are_recorded_one_by_one_and_the_rest_once_a_second(tmp_path: Path) -> None:
    """Recording may be aggregated, never refused."""

    async def work() -> None:
        at = clock()
        async with opened(tmp_path, at) as (room, disk):
            for number in range(50):
                assert await room.presses.pressed(press(press_id=str(number)))
            await at.advance(1)
            await room.presses.flush()
            assert await kinds(disk) == ["incident.raised", *["incident.pressed"] * 2] + ["incident.counted"] * 2
            assert room.incidents.open()[0].presses == 50

    run(work())


def test_three_presses_in_a_minute_are_chatter(tmp_path: Path) -> None:
    """Told as trouble, until the bell has been quiet for a minute."""

    async def work() -> None:
        at = clock()
        async with opened(tmp_path, at) as (room, _):
            for _ in range(3):
                await room.presses.pressed(press())
            assert Flag.CHATTER in room.supervision.of("loud").flags
            await at.advance(61)
            room.presses.tick()
            assert Flag.CHATTER not in room.supervision.of("loud").flags

    run(work())


def test_a_new_press_while_somebody_is_on_the_way_calls_again_however_many_came(tmp_path: Path) -> None:
    """It is never just counted."""

    async def work() -> None:
        async with opened(tmp_path, clock()) as (room, _):
            for _ in range(6):
                await room.presses.pressed(press())
            (incident,) = room.incidents.open()
            await room.incidents.acknowledge(incident.id, person="kim", role="guard")
            await room.presses.pressed(press())
            assert room.incidents.open()[0].state is IncidentState.RAISED

    run(work())


def test_bells_that_nobody_registered_share_one_incident_a_gateway(tmp_path: Path) -> None:
    """With a list of at most a hundred names, then a count."""

    async def work() -> None:
        at = clock()
        async with opened(tmp_path, at) as (room, _):
            for number in range(150):
                await room.presses.pressed(press(f"stray-{number}", "a", detail={"gateway": "g1"}))
            await room.presses.pressed(press("stray", "a", detail={"gateway": "g2"}))
            await room.presses.flush()
            first, second = room.incidents.open()
            assert (first.bell, len(first.strangers), first.more_strangers) == ("g1", 100, 50)
            assert (second.bell, second.strangers) == ("g2", ("stray",))

    run(work())


async def _flood(presses: Presses, amount: int) -> None:
    async with asyncio.TaskGroup() as tasks:
        for number in range(amount):
            tasks.create_task(presses.pressed(press("loud", f"f{number}")), name=f"press {number}")


def test_a_flood_of_one_bell_does_not_delay_another(tmp_path: Path) -> None:
    """5,000 presses at once of one bell; the other bell's press is one of the first six lines of the journal."""

    async def work() -> None:
        async with opened(tmp_path, clock(), tmp_path / "journal.db") as (room, disk):
            flood = asyncio.gather(_flood(room.presses, 5000), room.presses.pressed(press("wired", "w")))
            await flood
            entries = await disk.journal.entries(limit=100)
            other = [entry.payload["bell"] for entry in entries if entry.payload and "bell" in entry.payload]
            assert "wired" in other[:6]
            assert len(entries) < 20

    run(work())


def test_what_waits_for_one_bell_is_bounded(tmp_path: Path) -> None:
    """While the first press is being written, a hundred may wait; later ones are counted and not yet answered."""

    async def work() -> None:
        begun, hold = threading.Event(), threading.Event()

        def busy(_: sqlite3.Cursor) -> None:
            begun.set()
            hold.wait(10)

        async with opened(tmp_path, clock(), tmp_path / "journal.db") as (room, disk):
            writing = asyncio.create_task(disk.journal.transact(busy))
            await eventually(begun.is_set)
            waiting = [asyncio.create_task(room.presses.pressed(press("loud", f"f{number}"))) for number in range(500)]
            await asyncio.sleep(0)
            hold.set()
            answers = await asyncio.gather(*waiting)
            await writing
            await room.presses.flush()
            assert answers.count(True) <= 4 + 100
            assert room.incidents.open()[0].presses == 500
            assert await room.presses.pressed(press("loud", "f499"))

    run(work())


def test_a_driver_that_gives_up_waiting_hides_nothing(tmp_path: Path) -> None:
    """The connection may end in the middle: the press is raised, shown and written."""
    seen: list[str] = []

    async def work() -> None:
        async with opened(tmp_path, clock(), tmp_path / "journal.db") as (room, disk):
            room.incidents.on_change(lambda incident: seen.append(incident.id))
            waiting = asyncio.ensure_future(room.presses.pressed(press(press_id="a")))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait([waiting])
            await room.assurance.settle()
            assert "incident.raised" in await kinds(disk)

    run(work())
    assert len(seen) == 1


def test_mistakes_elsewhere_keep_no_press_from_being_raised(tmp_path: Path) -> None:
    """Neither the commands for a siren nor the calendar of drills may stand in the way; a doubt is REAL."""

    def mistaken(_: object) -> NoReturn:
        raise RuntimeError("a mistake")

    async def work() -> None:
        async with opened(tmp_path, clock(), commands_for=mistaken, mode_for=mistaken) as (room, _):
            assert await room.presses.pressed(press(press_id="a"))
            assert room.incidents.open()[0].mode is IncidentMode.REAL

    run(work())


def test_a_time_without_an_offset_is_no_time(tmp_path: Path) -> None:
    """The press is raised all the same."""

    async def work() -> None:
        async with opened(tmp_path, clock()) as (room, _):
            await room.presses.pressed(press(press_id="a", said_at=START.replace(tzinfo=None)))
            assert room.incidents.open()[0].pressed_at is None

    run(work())


def test_an_empty_id_is_no_id(tmp_path: Path) -> None:
    """A bell that always says it would else ring once in its life."""

    async def work() -> None:
        async with opened(tmp_path, clock()) as (room, _):
            await room.presses.pressed(press(press_id=""))
            await room.presses.pressed(press(press_id=""))
            assert room.incidents.open()[0].presses == 2

    run(work())
