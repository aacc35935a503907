"""The hub: what readers hear, in which order, and that a slow one costs nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from lobby.core.clock import SystemClock, VirtualClock
from lobby.core.hub import CHANGES_AT_ONCE, TOLD_KEPT, Event, Hub
from tests.running import run

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
THINGS = {"display-1": "display", "sign": "switch", "civil-desk": "desk", "cafe": "cafe"}


def hub() -> Hub:
    """A hub of four things whose clock stands."""
    return Hub(VirtualClock(START), THINGS)


def changed(events: list[Event] | None) -> set[str]:
    """The things in the changes of a batch."""
    assert events is not None
    return {thing for event in events if event.name == "change" for thing in event.data["things"]}


def test_a_new_thing_is_unknown_never_well() -> None:
    """After a start nothing is green; a thing without a wire is as its hours say."""
    things = hub().things()
    assert things["display-1"].health == "unknown"
    assert things["civil-desk"].health == "ok"


def test_a_display_is_well_only_when_it_says_what_it_should() -> None:
    """Reachable alone is no proof."""
    live = hub()
    live.update("display-1", desired="on", availability="ok")
    assert live.things()["display-1"].health == "unknown"
    live.update("display-1", reported="on")
    assert live.things()["display-1"].health == "ok"


def test_off_as_planned_is_neither_well_nor_trouble() -> None:
    """A screen that is off on purpose says so."""
    live = hub()
    live.update("display-1", desired="off", reported="off", availability="ok")
    assert live.things()["display-1"].health == "off-on-purpose"


def test_trouble_and_silence_beat_everything() -> None:
    """A thing with a trouble, or one that no longer answers, is in trouble even when off as planned."""
    live = hub()
    live.update("display-1", desired="off", reported="off", availability="lost")
    live.update("cafe", desired="watch", availability="ok", troubles=("milk-out",))
    assert {live.things()[thing].health for thing in ("display-1", "cafe")} == {"trouble"}


def test_the_same_values_again_are_no_change() -> None:
    """A poll that finds nothing new tells nobody."""
    live = hub()
    live.update("display-1", reported="on", reported_at=START)
    seq = live.seq
    live.update("display-1", reported="on", reported_at=START)
    assert live.seq == seq


def test_since_moves_with_the_state_and_not_with_its_age() -> None:
    """`since` is when the thing became what it is."""

    async def scenario() -> datetime:
        clock = VirtualClock(START)
        live = Hub(clock, THINGS)
        live.update("display-1", reported="on")
        await clock.advance(60)
        live.update("display-1", reported="on")
        return live.things()["display-1"].since

    assert run(scenario()) == START


def test_what_is_told_comes_before_changes_and_incidents_come_first() -> None:
    """A press does not wait behind telemetry or notices."""
    live = hub()
    live.update("cafe", reported="selling")
    live.tell("notice", {"n": 1})
    live.tell("incident", {"id": "i1"})
    events = live.since(0) or []
    assert [event.name for event in events] == ["incident", "notice", "change"]


def test_only_the_last_event_of_a_batch_moves_the_number_to_resume_from() -> None:
    """Cut off in the middle of a batch, a reader resumes without a gap."""
    live = hub()
    live.update("cafe", reported="selling")
    live.tell("incident", {"id": "i1"})
    first, last = live.since(0) or []
    assert (first.seq, last.seq) == (0, live.seq)
    assert changed(live.since(first.seq)) == {"cafe"}


def test_a_number_of_the_future_or_too_long_ago_is_refused() -> None:
    """Then the reader needs a snapshot."""
    live = hub()
    assert live.since(5) is None
    for number in range(TOLD_KEPT + 1):
        live.tell("notice", {"n": number})
    assert live.since(0) is None
    assert live.since(1) is not None


def test_a_slow_reader_gets_each_thing_once_in_its_latest_state() -> None:
    """Three thousand changes of one thing are one change for who was away."""

    async def scenario() -> list[Event]:
        live = hub()
        with live.subscribe() as reader:
            for number in range(3000):
                live.update("cafe", reported=str(number))
            return await reader.next()

    (event,) = run(scenario())
    assert event.data["things"]["cafe"].reported == "2999"


def test_a_reader_that_fell_too_far_behind_gets_a_snapshot() -> None:
    """More was told than is kept: it starts again from the whole."""

    async def scenario() -> list[Event]:
        live = hub()
        live.put("incidents", ["i1"])
        with live.subscribe() as reader:
            for number in range(TOLD_KEPT + 1):
                live.tell("notice", {"n": number})
            return await reader.next()

    (event,) = run(scenario())
    assert (event.name, set(event.data["things"])) == ("snapshot", set(THINGS))
    assert event.data["documents"] == {"incidents": ["i1"]}


def test_a_resuming_reader_hears_at_once_what_it_missed() -> None:
    """No new change is needed to wake it."""

    async def scenario() -> list[Event]:
        live = hub()
        live.put("lines", {"wall-line": "open"})
        with live.subscribe(after=0) as reader:
            return await reader.next()

    assert run(scenario())[0].data["documents"] == {"lines": {"wall-line": "open"}}


def test_ageing_is_told_four_times_a_second_at_most_and_the_last_one_is_told() -> None:
    """A hundred polls that only renew the age make one event now and one later."""

    async def scenario() -> tuple[int, datetime | None]:
        live = Hub(SystemClock(), THINGS)
        live.update("cafe", reported="selling")
        seq = live.seq
        with live.subscribe() as reader:
            for number in range(100):
                live.update("cafe", reported_at=START.replace(microsecond=number))
            events = await reader.next()
        return live.seq - seq, events[0].data["things"]["cafe"].reported_at

    assert run(scenario()) == (1, START.replace(microsecond=99))


def test_an_incident_wakes_a_reader_that_was_just_served() -> None:
    """Changes are paced, what is told is not: the clock stands still and the reader hears it all the same."""

    async def scenario() -> list[str]:
        live = hub()
        with live.subscribe() as reader:
            live.update("cafe", reported="selling")
            await reader.next()
            live.tell("incident", {"id": "i1"})
            async with asyncio.timeout(1):
                return [event.name for event in await reader.next()]

    assert run(scenario()) == ["incident"]


def test_what_is_told_does_not_wait_for_changes_to_be_written_down() -> None:
    """It comes alone; the changes before it come next."""

    async def scenario() -> list[str]:
        live = hub()
        with live.subscribe() as reader:
            live.update("cafe", reported="selling")
            live.tell("incident", {"id": "i1"})
            return [event.name for _ in range(2) for event in await reader.next()]

    assert run(scenario()) == ["incident", "change"]


def test_what_is_told_can_be_handed_on_within_the_telling() -> None:
    """Whoever hands it on has it before `tell` returns, and hears it once."""

    async def scenario() -> tuple[list[str], list[str]]:
        live, told = hub(), list[str]()
        with live.subscribe() as reader:
            reader.hand_on(lambda events: told.extend(event.name for event in events))
            live.tell("incident", {"id": "i1"})
            at_once = list(told)
            live.update("cafe", reported="selling")
            return at_once, [event.name for event in await reader.next()]

    assert run(scenario()) == (["incident"], ["change"])


def test_many_changes_come_a_few_at_a_time_and_each_part_can_be_resumed_from() -> None:
    """The oldest come first, and after a part nothing is missed and nothing told twice."""

    async def scenario() -> tuple[list[str], list[str]]:
        live = Hub(SystemClock(), {f"lamp-{number}": "switch" for number in range(2 * CHANGES_AT_ONCE)})
        with live.subscribe() as reader:
            for thing in live.things():
                live.update(thing, reported="on")
            (first,), (second,) = await reader.next(), await reader.next()
        (rest,) = live.since(first.seq) or []
        assert rest.data == second.data
        return list(first.data["things"]), list(second.data["things"])

    first, second = run(scenario())
    assert [len(first), len(second)] == [CHANGES_AT_ONCE, CHANGES_AT_ONCE]
    assert [*first, *second] == [f"lamp-{number}" for number in range(2 * CHANGES_AT_ONCE)]


def test_a_document_put_again_unchanged_is_no_change() -> None:
    """The lines' weather is put every second and told when it turns."""
    live = hub()
    live.put("lines", {"wall-line": "open"})
    live.put("lines", {"wall-line": "open"})
    assert live.seq == 1


@given(st.lists(st.tuples(st.sampled_from(sorted(THINGS)), st.integers(0, 3)), max_size=30), st.integers(0, 30))
def test_resuming_anywhere_ends_in_the_same_state(steps: list[tuple[str, int]], cut: int) -> None:
    """Whatever was seen before the cut plus what `since` tells is the whole state."""
    live, copy, seen = hub(), dict(hub().things()), 0
    for number, (thing, value) in enumerate(steps):
        live.update(thing, reported=str(value), reported_at=START)
        if number == cut:
            copy, seen = dict(live.things()), live.seq
    for event in live.since(seen) or []:
        copy.update(event.data["things"])
    assert {thing: state.reported for thing, state in copy.items()} == {
        thing: state.reported for thing, state in live.things().items()
    }
