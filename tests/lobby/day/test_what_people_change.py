"""Overrides, special days and modes: their limits, their traces in the journal, their life over a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import date, time, timedelta
from typing import Any

import pytest

from lobby.core.clock import VirtualClock
from lobby.core.journal import MEMORY, Journal
from lobby.core.problem import Refusal
from lobby.day.modes import MODES, Mode, Modes
from lobby.day.overrides import OVERRIDES, Overrides
from lobby.day.specialdays import SPECIAL_DAYS, SpecialDays
from schedules import Window
from tests.lobby.day.place import hall, plan, seoul
from tests.running import run

TEN = seoul("2026-11-24 10:00")
HOUR = timedelta(hours=1)
TABLE = plan()
NINE, NOON = time(9), time(12)


@asynccontextmanager
async def journal_at_ten() -> AsyncIterator[tuple[Journal, VirtualClock]]:
    """An empty journal in memory."""
    clock = VirtualClock(TEN)
    async with Journal.open(MEMORY, clock=clock, projections=(OVERRIDES, SPECIAL_DAYS, MODES)) as journal:
        yield journal, clock


def overrides_on(journal: Journal, clock: VirtualClock) -> Overrides:
    """Overrides of the test hall."""
    return Overrides(journal, clock=clock, plan=lambda: TABLE)


def refusal(work: Coroutine[Any, Any, Any]) -> Coroutine[Any, Any, str]:
    """The code with which something is refused."""

    async def code() -> str:
        with pytest.raises(Refusal) as refused:
            await work
        return refused.value.problem.code

    return code()


def test_a_newer_override_ends_the_older_and_the_journal_names_both() -> None:
    """One override a thing; the end of the first and the beginning of the second name each other."""

    async def scene() -> None:
        async with journal_at_ten() as (journal, clock):
            ours = overrides_on(journal, clock)
            first = await ours.set(thing="wall", value="off", until=TEN + HOUR, person="p1", reason="noise")
            second = await ours.set(thing="wall", value="on", until=TEN + 2 * HOUR, person="p2", reason="film")
            assert ours.active(TEN) == (second,)
            _, ended, started = await journal.entries()
            assert ended.payload == {"id": first.id, "cause": "newer", "person": "p2", "by": second.id}
            assert started.payload is not None
            assert started.payload["ends"] == [first.id]

    run(scene())


def test_an_override_survives_a_restart_and_ends_by_itself() -> None:
    """A second reader of the journal has it in force until its end, and then writes that it expired."""

    async def scene() -> None:
        async with journal_at_ten() as (journal, clock):
            set_ = await overrides_on(journal, clock).set(
                thing="civil-desk", value="closed", until=TEN + HOUR, person="p1", reason="alarm test"
            )
            again = overrides_on(journal, clock)
            await again.load()
            assert again.active(TEN) == (set_,)
            await clock.advance(3600)
            assert again.active(clock.now()) == ()
            await again.expire()
            last = (await journal.entries())[-1]
            assert last.payload is not None
            assert (last.kind, last.payload["cause"]) == ("override.ended", "expired")
            assert await journal.read("SELECT * FROM overrides") == []

    run(scene())


def test_a_person_ends_an_override() -> None:
    """Back to the plan, once."""

    async def scene() -> None:
        async with journal_at_ten() as (journal, clock):
            ours = overrides_on(journal, clock)
            set_ = await ours.set(thing="wall", value="off", until=TEN + HOUR, person="p1", reason="noise")
            await ours.end(set_.id, person="p2")
            assert ours.active(TEN) == ()
            assert await refusal(ours.end(set_.id, person="p2")) == "day.unknown-override"

    run(scene())


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"thing": "door"}, "day.unknown-thing"),
        ({"value": "evening"}, "day.unknown-value"),
        ({"thing": "robot-cafe", "value": "off"}, "day.unknown-value"),
        ({"until": TEN}, "day.end-past"),
        ({"until": TEN + 24 * HOUR + timedelta(seconds=1)}, "day.end-too-far"),
        ({"reason": " "}, "day.no-reason"),
    ],
)
def test_an_override_without_a_true_thing_value_reason_or_end_is_refused(asked: dict[str, Any], code: str) -> None:
    """Each refusal has its own cause."""
    whole = {"thing": "wall", "value": "off", "until": TEN + HOUR, "person": "p1", "reason": "noise", **asked}

    async def scene() -> None:
        async with journal_at_ten() as (journal, clock):
            assert await refusal(overrides_on(journal, clock).set(**whole)) == code

    run(scene())


def closing(ours: SpecialDays, first: date, **changes: Any) -> Coroutine[Any, Any, Any]:
    """Close the desk for a day."""
    whole = {"hours": "civil-desk", "first": first, "last": first, "windows": (), "reason": "이전", "person": "p1"}
    return ours.add(**{**whole, "notice": "쉽니다", **changes})


def test_a_special_day_changes_the_plan_and_survives_a_restart() -> None:
    """The desk is closed on a Wednesday, by revision 2; withdrawing makes revision 3 and opens it again."""

    async def scene() -> None:
        async with journal_at_ten() as (journal, _):
            ours, again = SpecialDays(journal, hall()), SpecialDays(journal, hall())
            day = await closing(ours, date(2026, 11, 25))
            await again.load()
            noon = again.plan.at("civil-desk", seoul("2026-11-25 12:00"))
            assert (noon.value, str(noon.rule), noon.rule.source) == ("closed", f"special:{day.id}", "revision 2")
            assert again.by_hours() == {"civil-desk": (day,)} == ours.by_hours()
            await again.withdraw(day.id, person="p2")
            assert again.plan.at("civil-desk", seoul("2026-11-25 12:00")).value == "open"
            later = await closing(again, date(2026, 11, 26), windows=(Window(start=NINE, end=NOON, value="open"),))
            assert later.source == "revision 4"

    run(scene())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"notice": None}, "day.no-notice"),
        ({"reason": ""}, "day.no-reason"),
        ({"hours": "night"}, "day.unknown-hours"),
        ({"first": date(2026, 12, 3), "last": date(2026, 12, 4)}, "day.special-days-overlap"),
        ({"first": date(2026, 12, 9), "last": date(2026, 12, 8)}, "day.bad-dates"),
    ],
)
def test_a_special_day_needs_a_notice_a_reason_and_a_free_date(changes: dict[str, Any], code: str) -> None:
    """The site file closes 3 December already; a change must be posted."""

    async def scene() -> None:
        async with journal_at_ten() as (journal, _):
            ours = SpecialDays(journal, hall())
            assert await refusal(closing(ours, changes.pop("first", date(2026, 12, 9)), **changes)) == code
            assert await journal.entries() == []

    run(scene())


MOVING = "civil-desk/moving-day"


def test_a_special_day_of_the_site_file_can_be_taken_back_and_given_again() -> None:
    """Staff open on the day the file closes; over a restart it stays so, until somebody lets the file count again."""

    async def scene() -> None:
        async with journal_at_ten() as (journal, _):
            ours, again = SpecialDays(journal, hall()), SpecialDays(journal, hall())
            noon = seoul("2026-12-03 12:00")
            assert ours.plan.at("civil-desk", noon).value == "closed"
            await ours.withdraw(MOVING, person="p1")
            await again.load()
            assert [one.plan.at("civil-desk", noon).value for one in (ours, again)] == ["open", "open"]
            assert again.hidden() == {MOVING}
            await again.restore(MOVING, person="p1")
            assert (ours.plan.at("civil-desk", noon).value, ours.hidden()) == ("closed", frozenset())

    run(scene())


def test_a_day_of_staff_stands_instead_of_one_of_the_site_file() -> None:
    """Both facts are one transaction; the file's day cannot come back while the other has its date."""

    async def scene() -> None:
        async with journal_at_ten() as (journal, _):
            ours = SpecialDays(journal, hall())
            morning = (Window(start=NINE, end=NOON, value="open"),)
            await closing(ours, date(2026, 12, 3), windows=morning, instead_of=MOVING)
            assert [entry.kind for entry in await journal.entries()] == ["special-day.hidden", "special-day.added"]
            assert ours.plan.at("civil-desk", seoul("2026-12-03 10:00")).value == "open"
            assert await refusal(ours.restore(MOVING, person="p1")) == "day.special-days-overlap"

    run(scene())


def test_a_changed_special_day_keeps_its_id_and_says_so() -> None:
    """Another date for the same exception: one line in the journal, a higher revision."""

    async def scene() -> None:
        async with journal_at_ten() as (journal, _):
            ours = SpecialDays(journal, hall())
            first = await closing(ours, date(2026, 11, 25))
            later = await closing(ours, date(2026, 11, 26), instead_of=first.id)
            assert (later.id, later.source) == (first.id, "revision 3")
            assert ours.by_hours() == {"civil-desk": (later,)}
            assert (await journal.entries())[-1].kind == "special-day.changed"
            assert await refusal(closing(ours, date(2026, 11, 27), instead_of="nothing")) == "day.unknown-special-day"

    run(scene())


def test_asking_what_would_be_changes_nothing() -> None:
    """The plan without the file's exception is another plan."""

    async def scene() -> None:
        async with journal_at_ten() as (journal, _):
            ours = SpecialDays(journal, hall())
            noon = seoul("2026-12-03 12:00")
            assert ours.as_if(without=MOVING).at("civil-desk", noon).value == "open"
            assert ours.plan.at("civil-desk", noon).value == "closed"

    run(scene())


def test_a_hold_ends_by_itself_and_survives_a_restart() -> None:
    """Held for an hour, known to a second reader, automatic afterwards."""

    async def scene() -> None:
        async with journal_at_ten() as (journal, clock):
            await Modes(journal, clock=clock).set("wall", Mode.HOLD, person="p1", reason="lamp", until=TEN + HOUR)
            again = Modes(journal, clock=clock)
            await again.load()
            assert (again.of("wall", TEN), again.of("wall", TEN + HOUR)) == (Mode.HOLD, Mode.AUTOMATIC)
            assert again.held(TEN)["wall"].reason == "lamp"
            assert again.ends(TEN) == (TEN + HOUR,)

    run(scene())


def test_watch_only_has_no_end_and_automatic_ends_it() -> None:
    """The last mode stands."""

    async def scene() -> None:
        async with journal_at_ten() as (journal, clock):
            modes = Modes(journal, clock=clock)
            await modes.set("wall", Mode.WATCH_ONLY, person="p1", reason="trial")
            assert modes.of("wall", TEN + 1000 * HOUR) is Mode.WATCH_ONLY
            await modes.set("wall", Mode.AUTOMATIC, person="p1", reason="done")
            assert modes.of("wall", TEN) is Mode.AUTOMATIC
            assert await journal.read("SELECT * FROM modes") == []

    run(scene())


@pytest.mark.parametrize("hours", [None, 0, 25])
def test_a_hold_needs_an_end_within_a_day(hours: int | None) -> None:
    """None, past and too far are refused."""

    async def scene() -> None:
        async with journal_at_ten() as (journal, clock):
            until = None if hours is None else TEN + hours * HOUR
            work = Modes(journal, clock=clock).set("wall", Mode.HOLD, person="p1", reason="lamp", until=until)
            assert await refusal(work) in {"day.end-past", "day.end-too-far"}

    run(scene())
