"""Official holidays that people put in: kept over a restart, taken back, refused, and in the plan at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date

import pytest

from lobby.core.clock import VirtualClock
from lobby.core.journal import MEMORY, Journal
from lobby.core.problem import Refusal
from lobby.day.officialdays import OFFICIAL_YEARS, OfficialDays
from lobby.day.specialdays import SPECIAL_DAYS, SpecialDays
from schedules import Holiday, HolidayKind, OfficialYear, korea
from tests.lobby.day.place import hall, seoul
from tests.running import run

TODAY = date(2027, 7, 1)
BRIDGE = Holiday(day=date(2028, 1, 3), name="임시공휴일", kind=HolidayKind.TEMPORARY)
ORDINARY = korea().year(2028)
BRIDGED = replace(ORDINARY, days=tuple(sorted((*ORDINARY.days, BRIDGE), key=lambda one: one.day)))


@asynccontextmanager
async def journal() -> AsyncIterator[Journal]:
    """An empty journal in memory."""
    clock = VirtualClock(seoul("2027-07-01 10:00"))
    async with Journal.open(MEMORY, clock=clock, projections=(OFFICIAL_YEARS, SPECIAL_DAYS)) as opened:
        yield opened


async def code_of(days: OfficialDays, *years: OfficialYear) -> str:
    """Why these years are refused."""
    with pytest.raises(Refusal) as refused:
        await days.put(years, today=TODAY, person="p1")
    return refused.value.problem.code


def test_a_year_put_in_is_there_after_a_restart_and_after_a_replay() -> None:
    """A second reader has the same calendar, and so has one whose tables are folded anew."""

    async def scene() -> None:
        async with journal() as opened:
            ours, again = OfficialDays(opened, hall()), OfficialDays(opened, hall())
            await ours.put([BRIDGED], today=TODAY, person="p1", source="2028.toml")
            await opened.rebuild(OFFICIAL_YEARS)
            await again.load()
            assert again.entries() == ours.entries()
            assert again.calendar.name(BRIDGE.day) == "임시공휴일"
            assert again.calendar.confirmed(2028)

    run(scene())


def test_taking_an_act_back_lets_what_was_before_count_again() -> None:
    """Twice confirmed, the second taken back: the first stands; both taken back: the rule stands."""

    async def scene() -> None:
        async with journal() as opened:
            ours = OfficialDays(opened, hall())
            first = await ours.put([ORDINARY], today=TODAY, person="p1")
            second = await ours.put([BRIDGED], today=TODAY, person="p1")
            assert ours.without(second).name(BRIDGE.day) is None
            await ours.withdraw(second, person="p2")
            assert (ours.calendar.name(BRIDGE.day), ours.calendar.confirmed(2028)) == (None, True)
            await ours.withdraw(first, person="p2")
            assert not ours.calendar.confirmed(2028)
            with pytest.raises(Refusal, match="unknown-act"):
                await ours.withdraw(first, person="p2")

    run(scene())


def test_what_cannot_be_put_in_is_refused_and_nothing_is_written() -> None:
    """A year that is over, one too far ahead, an older paper, the same again."""

    async def scene() -> None:
        async with journal() as opened:
            ours = OfficialDays(opened, hall())
            assert await code_of(ours, korea().year(2026)) == "calendar.year-over"
            assert await code_of(ours, korea().year(2030)) == "calendar.year-far"
            await ours.put([replace(BRIDGED, issued=date(2027, 9, 3))], today=TODAY, person="p1")
            assert await code_of(ours, replace(ORDINARY, issued=date(2027, 6, 30))) == "calendar.older-paper"
            assert await code_of(ours, BRIDGED) == "calendar.same"
            assert await code_of(ours, BRIDGED, korea().year(2030)) == "calendar.year-far"
            assert len(await opened.entries()) == 1

    run(scene())


def test_the_plan_follows_at_once_and_special_days_stay_above_it() -> None:
    """The desk shuts on the new holiday; what another country's staff once put in does not count here."""

    async def scene() -> None:
        async with journal() as opened:
            official = OfficialDays(opened, hall(), changed=lambda: days.calendar_changed())
            days = SpecialDays(opened, hall(), holidays=lambda: official.calendar)
            noon = seoul("2028-01-03 12:00")
            assert days.plan.at("civil-desk", noon).value == "open"
            assert days.as_if_holidays(official.as_if([BRIDGED])).at("civil-desk", noon).value == "closed"
            await official.put([BRIDGED], today=TODAY, person="p1")
            assert days.plan.at("civil-desk", noon).value == "closed"
            abroad = hall().model_copy(update={"site": hall().site.model_copy(update={"country": "JP"})})
            foreign = OfficialDays(opened, abroad)
            await foreign.load()
            assert foreign.entries() == ()

    run(scene())


def test_a_year_put_in_ends_the_warning() -> None:
    """On 1 October 2027 nobody is asked for 2028 any more; on 1 October 2028 for 2029."""

    async def scene() -> None:
        async with journal() as opened:
            ours = OfficialDays(opened, hall())
            assert ours.calendar.year_to_confirm(date(2027, 10, 1)) == 2028
            await ours.put([ORDINARY], today=TODAY, person="p1")
            asked = [ours.calendar.year_to_confirm(date(*day)) for day in ((2027, 10, 1), (2028, 1, 1), (2028, 10, 1))]
            assert asked == [None, None, 2029]

    run(scene())
