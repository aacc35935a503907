"""The event streams: snapshot, changes, incidents at once, resuming, ending."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from devices.reports import BellPressed
from lobby.core.clock import SystemClock, VirtualClock
from lobby.web.roles import Role
from lobby.web.stream import MOST_WAITING, Audience, Reader
from lobby.web.throttle import TooFast
from tests.eventually import eventually
from tests.lobby.web.houses import START, Visit, a_visit, run
from tests.lobby.web.streams import Events, listening


def test_a_stream_begins_with_everything(tmp_path: Path) -> None:
    """The first event is a snapshot of every thing with its names, and its id names run and number."""

    async def listen() -> tuple[Any, str, str]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.VIEWER) as viewer:
            async with listening(viewer, "/api/v1/stream") as events:
                told = await events.next()
                return told.data, told.id, visit.hub.boot

    data, event_id, boot = run(listen())
    assert set(data) == {"boot", "seq", "at", "things", "documents"}
    assert data["things"]["robot-cafe"]["name"]["en"]
    assert event_id == f"{boot}-{data['seq']}"


def test_a_change_brings_only_what_changed(tmp_path: Path) -> None:
    """A report of one thing is one thing in a change event."""

    async def listen() -> Any:
        async with a_visit(tmp_path, clock=SystemClock()) as visit, await visit.enter(Role.VIEWER) as viewer:
            async with listening(viewer, "/api/v1/stream") as events:
                await events.next("snapshot")
                visit.hub.update("desk-sign", reported="on", availability="ok")
                return (await events.next("change")).data["things"]

    things = run(listen())
    assert list(things) == ["desk-sign"]
    assert things["desk-sign"]["reported"] == "on"


def test_a_reader_resumes_where_it_stopped(tmp_path: Path) -> None:
    """With the last id of this run there is no snapshot, only what was missed."""

    async def listen() -> tuple[str, list[str]]:
        async with a_visit(tmp_path, clock=SystemClock()) as visit, await visit.enter(Role.VIEWER) as viewer:
            async with listening(viewer, "/api/v1/stream") as events:
                last = (await events.next("snapshot")).id
            visit.hub.update("beacon", reported="off")
            async with listening(viewer, "/api/v1/stream", last) as events:
                told = await events.next("change", "snapshot")
                return told.name, list(told.data["things"])

    assert run(listen()) == ("change", ["beacon"])


@pytest.mark.parametrize("last_id", ["0000000000000000-3", "rubbish", "-", "x-99999999999999999999", "x-١"])
def test_an_unknown_run_gets_a_snapshot(tmp_path: Path, last_id: str) -> None:
    """An id of another run, or rubbish, begins anew."""

    async def listen() -> str:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.VIEWER) as viewer:
            async with listening(viewer, "/api/v1/stream", last_id.encode("ascii", "replace").decode()) as events:
                return (await events.next()).name

    assert run(listen()) == "snapshot"


def test_a_heartbeat_comes_twice_a_second(tmp_path: Path) -> None:
    """Half a second of the house's clock is one beat for every reader."""

    async def listen() -> list[str]:
        clock = VirtualClock(START)
        async with a_visit(tmp_path, clock=clock) as visit, await visit.enter(Role.VIEWER) as viewer:
            async with listening(viewer, "/api/v1/stream") as events:
                await events.next("snapshot")
                await clock.advance(1.0)
                return [(await events.next("heartbeat")).data["at"] for _ in range(2)]

    first, second = run(listen())
    assert (first[17:21], second[17:21]) == ("00.5", "01+0")


def test_a_told_incident_overtakes_changes(tmp_path: Path) -> None:
    """What is told for people comes before the changes that wait."""

    async def listen() -> list[str]:
        async with a_visit(tmp_path, clock=SystemClock()) as visit, await visit.enter(Role.GUARD) as guard:
            async with listening(guard, "/api/v1/stream") as events:
                await events.next("snapshot")
                visit.hub.update("beacon", reported="on")
                visit.hub.tell("incident", {"id": "i1", "bell": "bell-desk"})
                return [(await events.next("incident", "change")).name for _ in range(2)]

    assert run(listen()) == ["incident", "change"]


def test_ended_sessions_end_their_streams(tmp_path: Path) -> None:
    """Other roles end the session at the server, and the next beat ends its stream."""

    async def listen() -> int:
        clock = VirtualClock(START)
        async with a_visit(tmp_path, clock=clock) as visit:
            person, secret = await visit.secret(Role.VIEWER)
            admin = await visit.hire(Role.FACILITY)
            async with visit.go(secret=secret) as viewer, listening(viewer, "/api/v1/stream") as events:
                await events.next("snapshot")
                await visit.house.people.set_roles(person.id, (Role.DESK,), by=admin.id)
                await clock.advance(0.5)
                return await events.rest()

    assert run(listen()) < 10


def test_a_stop_ends_open_streams_in_time(tmp_path: Path) -> None:
    """With readers, one of which never reads, the server has ended within a second (0.3 s measured)."""

    async def listen() -> float:
        async with a_visit(tmp_path, clock=SystemClock()) as visit, await visit.enter(Role.VIEWER) as viewer:
            async with listening(viewer, "/api/v1/stream") as first, listening(viewer, "/api/v1/stream") as second:
                await asyncio.gather(first.next("snapshot"), second.next("snapshot"))
                deaf = await _deaf(visit)
                began = time.perf_counter()
                visit.stop.set()
                await visit.served
                took = time.perf_counter() - began
                deaf.close()
                return took

    assert run(listen()) < 1.5


async def _deaf(visit: Visit) -> asyncio.StreamWriter:
    """A connection that asks for the visitors' stream and never reads it."""
    port = int(visit.url.rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /api/v1/now/stream HTTP/1.1\r\nHost: x\r\n\r\n")
    await eventually(lambda: visit.app.state.feed.counts()["visitors"] == 1)
    return writer


def test_a_gone_client_is_forgotten(tmp_path: Path) -> None:
    """A closed browser leaves no reader behind, though nothing happens."""

    async def listen() -> int:
        async with a_visit(tmp_path) as visit:
            deaf = await _deaf(visit)
            deaf.close()
            await eventually(lambda: visit.app.state.feed.counts()["visitors"] == 0)
            return int(visit.app.state.feed.counts()["visitors"])

    assert run(listen()) == 0


def test_a_slow_reader_gets_a_snapshot_instead_of_a_queue() -> None:
    """Beyond the limit everything that waits is replaced by the present whole."""

    async def read() -> bytes | None:
        reader = Reader(b"first", lambda: b"whole", welcome=lambda: True, address="x")
        await reader.next()
        for number in range(MOST_WAITING + 1):
            reader.give(b"%d," % number)
        return await reader.next()

    assert run(read()) == b"whole"


def test_one_address_cannot_take_all_streams() -> None:
    """Beyond its share an address is asked to wait, another is let in."""
    audience = Audience()
    audience.readers = {Reader(b"", bytes, welcome=lambda: True, address="a") for _ in range(16)}
    with pytest.raises(TooFast):
        audience.admit("a")
    audience.admit("b")


def test_visitors_hear_nothing_of_a_bell(tmp_path: Path) -> None:
    """During an incident the public document and its stream hold no word of bell, incident or person."""

    async def listen() -> str:
        async with a_visit(tmp_path, clock=SystemClock()) as visit, visit.go() as visitor:
            await visit.watch.presses.pressed(BellPressed(bell="bell-desk", press_id="p1", said_at=None))
            visit.hub.put("incidents", [{"bell": "bell-desk"}])
            visit.hub.tell("incident", {"bell": "bell-desk"})
            async with listening(visitor, "/api/v1/now/stream") as events:
                told = await events.next("now")
                return str(told.data) + (await visitor.get("/api/v1/now")).text

    said = run(listen())
    assert "bell" not in said
    assert "incident" not in said


def test_visitors_hear_that_the_cafe_sold_out(tmp_path: Path) -> None:
    """A change that visitors may know comes as a new public document."""

    async def listen() -> str:
        async with a_visit(tmp_path, clock=SystemClock()) as visit, visit.go() as visitor:
            async with listening(visitor, "/api/v1/now/stream") as events:
                await events.next("now")
                visit.hub.update("robot-cafe", detail={"level.milk": "empty"}, availability="ok")
                return str((await events.next("now")).data["cafes"][0]["state"])

    assert run(listen()) == "sold-out"


def test_a_press_is_with_the_client_in_milliseconds(tmp_path: Path) -> None:
    """From telling to the client's socket the median is far below ten milliseconds (about one measured)."""

    async def listen() -> float:
        async with a_visit(tmp_path, clock=SystemClock()) as visit, await visit.enter(Role.GUARD) as guard:
            async with listening(guard, "/api/v1/stream") as events:
                await events.next("snapshot")
                return sorted([await _told_in(visit, events, number) for number in range(31)])[15]

    assert run(listen()) < 0.02


async def _told_in(visit: Visit, events: Events, number: int) -> float:
    began = time.perf_counter()
    visit.hub.tell("incident", {"id": number})
    await events.next("incident")
    return time.perf_counter() - began


def test_names_stand_for_opaque_ids(tmp_path: Path) -> None:
    """A responder is shown by name, and the age is counted when it is said."""

    async def ask() -> Any:
        async with a_visit(tmp_path) as visit:
            person, secret = await visit.secret(Role.GUARD)
            raised = (START - timedelta(seconds=42)).isoformat()
            visit.hub.put("incidents", [{"responder": person.id, "raised_at": raised, "age_s": 0}])
            async with visit.go(secret=secret) as guard:
                return (await guard.get("/api/v1/status")).json()["documents"]["incidents"][0]

    incident = run(ask())
    assert (incident["responder"], incident["age_s"]) == ("Kim", 42.0)
