"""Today and the timetable say that next year's official holidays are missing, from 1 October on."""

from __future__ import annotations

import httpx
import pytest

from lobby.web.roles import Role
from tests.lobby.day.place import seoul
from tests.lobby.web.houses import PLAIN
from tests.lobby.web.pages.standin import StandIn, app_of, stand_in
from tests.lobby.web.pages.test_pages import get
from tests.running import run

MISSING = "2028년 공휴일: 확정 전"


def house(moment: str) -> StandIn:
    """A house at a local moment."""
    return stand_in(moment=seoul(moment))


def in_english(asked: StandIn, path: str) -> str:
    """A page as an English reader gets it."""

    async def ask() -> str:
        transport, cookies = httpx.ASGITransport(app_of(asked)), {"lobby-language": "en"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://lobby", cookies=cookies, verify=PLAIN
        ) as client:
            return (await client.get(path)).text

    return run(ask())


@pytest.mark.parametrize("page", ["/", "/timetable"])
def test_nothing_is_said_on_the_last_of_september(page: str) -> None:
    """One minute before October nobody is troubled."""
    assert MISSING not in get(house("2027-09-30 23:59"), page).text


@pytest.mark.parametrize("page", ["/", "/timetable"])
def test_from_the_first_of_october_the_missing_year_is_named(page: str) -> None:
    """What is missing and by when."""
    text = get(house("2027-10-01 00:00"), page).text
    assert MISSING in text
    assert "2028년 1월 1일 전에" in text


def test_the_timetable_says_what_to_do_in_both_languages() -> None:
    """Where the official calendar is found and where it is put in."""
    asked = house("2027-12-31 23:59")
    text = get(asked, "/timetable").text
    assert "2028년도 월력요항" in text
    assert "government gazette" in in_english(asked, "/timetable")


def test_in_the_year_itself_the_words_are_stronger() -> None:
    """On New Year's Day it is no more a matter of time."""
    assert "지금 규칙으로 계산한 날에" in get(house("2028-01-01 09:00"), "/timetable").text


def test_who_reads_no_timetable_is_not_told_on_today() -> None:
    """The wall monitor has nothing to do with it."""
    assert MISSING not in get(house("2027-10-01 09:00"), "/", roles=frozenset({Role.WALL_MONITOR})).text
