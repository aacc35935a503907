"""What people do with incidents, and what time does to them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from lobby.core.problem import Refusal
from lobby.safety.incidents import Classification, IncidentState
from lobby.safety.register import Incidents
from tests.lobby.safety.rooms import clock, kinds, opened, press, reopened, site
from tests.running import run


async def _code(work: object) -> str:
    try:
        await work  # type: ignore[misc]  # whatever act is given
    except Refusal as refused:
        return refused.problem.code
    return "allowed"


async def _going(incidents: Incidents) -> str:
    (incident,) = incidents.open()
    await incidents.acknowledge(incident.id, person="kim", role="guard")
    return incident.id


def test_an_incident_is_taken_through_its_life_by_people(tmp_path: Path) -> None:
    """And is gone from the register, not from the journal, when it is closed."""

    async def work() -> None:
        async with opened(tmp_path, clock()) as (room, disk):
            desk = room.incidents
            await room.presses.pressed(press())
            name = await _going(desk)
            assert (await desk.arrive(name, person="kim", role="guard", code="4711")).state is IncidentState.ON_SCENE
            assert (await desk.end(name, person="kim", role="guard")).state is IncidentState.ENDED
            closed = await desk.close(name, person="lee", role="supervisor", classification="false-press", note="-")
            assert closed.classification is Classification.FALSE_PRESS
            assert desk.open() == ()
            assert len(await kinds(disk)) == 5

    run(work())


def test_roles_may_only_what_the_table_says(tmp_path: Path) -> None:
    """A viewer acts on nothing, an auditor reads."""

    async def work() -> None:
        async with opened(tmp_path, clock()) as (room, _):
            await room.presses.pressed(press())
            (incident,) = room.incidents.open()
            for role in ("viewer", "auditor", "facility"):
                act = room.incidents.acknowledge(incident.id, person="x", role=role)
                assert await _code(act) == "bell.not-allowed"

    run(work())


def test_desk_staff_do_not_answer_their_own_call(tmp_path: Path) -> None:
    """A colleague does."""

    async def work() -> None:
        async with opened(tmp_path, clock()) as (room, _):
            await room.incidents.raise_by_hand("loud", person="park", role="desk")
            (incident,) = room.incidents.open()
            own = room.incidents.acknowledge(incident.id, person="park", role="desk")
            assert await _code(own) == "bell.own-press"
            other = room.incidents.acknowledge(incident.id, person="choi", role="desk")
            assert await _code(other) == "allowed"

    run(work())


def test_arriving_needs_the_code_of_the_place_or_a_report_by_radio(tmp_path: Path) -> None:
    """The code is printed beside the bell."""

    async def work() -> None:
        async with opened(tmp_path, clock()) as (room, _):
            await room.presses.pressed(press())
            name = await _going(room.incidents)
            arrive = room.incidents.arrive
            assert await _code(arrive(name, person="kim", role="guard", code="1")) == "bell.wrong-code"
            assert await _code(arrive(name, person="park", role="desk", way="relay")) == "bell.by-whom"
            assert await _code(arrive(name, person="park", role="desk", way="relay", by="kim")) == "allowed"

    run(work())


def test_a_remote_end_takes_two_persons_and_spoken_contact(tmp_path: Path) -> None:
    """The guard proposes, somebody in charge ends."""

    async def work() -> None:
        async with opened(tmp_path, clock()) as (room, _):
            await room.presses.pressed(press())
            name = await _going(room.incidents)
            end = room.incidents.end
            assert await _code(end(name, person="lee", role="duty", way="remote")) == "bell.spoke-to"
            assert await _code(end(name, person="lee", role="duty", way="remote", spoke_to="park")) == "allowed"
            assert await _code(end(name, person="lee", role="duty", way="remote")) == "bell.second-person"
            assert await _code(end(name, person="kim", role="guard", way="remote")) == "bell.not-allowed"
            assert (await end(name, person="han", role="supervisor", way="remote")).state is IncidentState.ENDED

    run(work())


@pytest.mark.parametrize("act", ["arrive-late", "close", "acknowledge-twice"])
def test_what_does_not_fit_the_state_is_refused_and_changes_nothing(tmp_path: Path, act: str) -> None:
    """With the state named, so that the page can say it."""

    async def work() -> None:
        async with opened(tmp_path, clock()) as (room, disk):
            await room.presses.pressed(press())
            name = await _going(room.incidents)
            acts = {
                "arrive-late": room.incidents.end(name, person="kim", role="guard"),
                "close": room.incidents.close(name, person="lee", role="duty", classification="real"),
                "acknowledge-twice": room.incidents.acknowledge(name, person="lee", role="duty"),
            }
            codes = {key: await _code(tried) for key, tried in acts.items()}
            assert codes[act] == "bell.not-now"
            assert len(await kinds(disk)) == 2

    run(work())


def test_nobody_answers_and_further_people_are_called(tmp_path: Path) -> None:
    """At 20 s and at 45 s, by a running clock; what is acknowledged and abandoned calls again after 90 s."""

    async def work() -> None:
        at = clock()
        async with opened(tmp_path, at) as (room, _), asyncio.TaskGroup() as tasks:
            running = tasks.create_task(room.run())
            await room.presses.pressed(press())
            await at.advance(19)
            assert room.incidents.open()[0].level == 0
            await at.advance(2)
            assert room.incidents.open()[0].level == 1
            await at.advance(25)
            assert room.incidents.open()[0].level == 2
            await _going(room.incidents)
            await at.advance(91)
            assert room.incidents.open()[0].state is IncidentState.RAISED
            running.cancel()

    run(work())


def test_time_in_a_phase_goes_on_over_a_restart_and_never_runs_backwards(tmp_path: Path) -> None:
    """The wall clock may step; durations are the monotonic clock's."""

    async def work() -> None:
        at = clock()
        async with opened(tmp_path, at) as (room, disk):
            await room.presses.pressed(press())
            (incident,) = room.incidents.open()
            await at.advance(10)
            at.step(-3600)
            assert room.incidents.in_phase_s(incident.id) == 10
            async with reopened(disk, tmp_path, at) as after:
                assert after.incidents.in_phase_s(incident.id) == 0
                at.step(3600)
            async with reopened(disk, tmp_path, at) as after:
                assert after.incidents.in_phase_s(incident.id) == 10

    run(work())


def test_a_restart_knows_what_drives_what(tmp_path: Path) -> None:
    """Siren and light are on again from the tables alone."""

    async def work() -> None:
        at = clock()
        async with opened(tmp_path, at) as (room, disk):
            await room.presses.pressed(press())
            async with reopened(disk, tmp_path, at) as after:
                assert after.incidents.emergencies() == room.incidents.emergencies()
                assert dict(after.incidents.emergencies()[0][1]) == {"beacon": "on", "siren": "on"}

    run(work())


def test_one_listener_that_fails_hides_nothing_from_the_others(tmp_path: Path) -> None:
    """The failure is logged."""
    seen: list[str] = []

    def failing(_: object) -> None:
        raise RuntimeError("a mistake")

    async def work() -> None:
        async with opened(tmp_path, clock()) as (room, _):
            room.incidents.on_change(failing)
            room.incidents.on_change(lambda incident: seen.append(incident.id))
            await room.presses.pressed(press())
            await asyncio.sleep(0)

    run(work())
    assert len(seen) == 1


def test_a_one_person_site_ends_remotely_alone(tmp_path: Path) -> None:
    """Its site file says so; the words of whom they spoke to are still needed."""

    async def work() -> None:
        async with opened(tmp_path, clock(), place=site(**{"one-person": True})) as (room, _):
            await room.presses.pressed(press())
            name = await _going(room.incidents)
            await room.incidents.end(name, person="kim", role="guard", way="remote", spoke_to="park")
            assert (await room.incidents.end(name, person="kim", role="guard", way="remote")).state.value == "ended"

    run(work())
