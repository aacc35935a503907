"""What lies above the plan is said everywhere that people read what plays: Today, Walls, why, the public state."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lobby.core.airings import Airing, Class
from lobby.web.lists.above import above
from lobby.web.lists.ahead import ahead
from lobby.web.public import now_document
from lobby.web.reasons import why_words
from lobby.web.roles import Role
from lobby.web.today import pictures, scene_of
from tests.lobby.web.houses import START, a_visit, run
from tests.lobby.web.pages.standin import SEOUL, StandIn, stand_in

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=SEOUL)


def airing(cls: Class = "campaign", *, name: str = "봄 전시", show: str = "skyline-live", hours: int = 6) -> Airing:
    """Something approved on the wall."""
    return Airing(
        id=f"{cls}1", cls=cls, name=name, content={"wall": show}, start=NOON - timedelta(hours=1),
        until=NOON + timedelta(hours=hours), person="p1", approved_by="p1",
    )  # fmt: skip


def house_with(*aired: Airing, moment: datetime = NOON) -> StandIn:
    """A house where all is well and this is on air."""
    house = stand_in(moment=moment)
    house.aired += aired
    house.all_well()
    return house


def told(house: StandIn) -> tuple[str, str]:
    """What Today says of the wall: what it shows and until when."""
    scene = scene_of(house, None, "ko")  # type: ignore[arg-type] # a house of cardboard
    wall = next(each for each in pictures(house, scene) if each.id == "wall")  # type: ignore[arg-type] # the same
    return wall.what, wall.end


def test_today_names_the_campaign_and_its_end() -> None:
    """Not the playlist below it; a notice above the campaign is named instead; over is over."""
    assert told(house_with(airing())) == ("기획: 봄 전시", "18:00까지")
    assert told(house_with(airing(), airing("notice", name="태풍", hours=1))) == ("안내: 태풍", "13:00까지")
    assert told(house_with(airing(hours=0)))[0] == "세계 6대 도시와 서울"


def test_a_campaign_whose_work_was_deleted_is_not_said_to_be_on_the_wall() -> None:
    """The base is on the glass then, and the page says so."""
    house: Any = house_with(airing())
    house.airings.shows = lambda surface, content: False
    assert told(house)[0] == "세계 6대 도시와 서울"


def test_a_dark_surface_shows_no_campaign() -> None:
    """At night the wall is off, whatever was put there; an emergency lights it."""
    night = NOON.replace(hour=23)
    house = house_with(airing(hours=20), airing("emergency", hours=20), moment=night)
    shown = above(house, "wall", night, "off")  # type: ignore[arg-type] # a house of cardboard
    assert [each.airing.cls for each in shown] == ["emergency"]


def test_why_names_the_winner_the_weaker_and_the_plan_below() -> None:
    """The campaign wins over the weekly hours; both stand in the answer with what they give."""
    house = house_with(airing(), airing("notice", name="태풍", hours=1))
    found = house.plan().why("wall", NOON)
    words = why_words(house, "wall", NOON, found, "ko")  # type: ignore[arg-type] # a house of cardboard
    assert words["value"] == "안내: 태풍"
    assert words["losers"][0] == "기획: 봄 전시 (올림 김지현, 승인 김지현)"  # type: ignore[index] # a list of texts
    assert "세계 6대 도시와 서울" in str(words["losers"])


def test_today_says_that_a_campaign_of_days_goes_dark_with_its_screen() -> None:
    """Tonight at seven, as the page of the screens says, not at its end days later; an emergency stays."""
    assert told(house_with(airing(hours=100))) == ("기획: 봄 전시", "19:00까지")
    assert told(house_with(airing("emergency", name="대피", hours=20))) == ("긴급 안내: 대피", "내일(목) 아침 8시까지")


def test_visitors_read_the_title_of_what_they_see() -> None:
    """Never the name that staff gave the airing."""
    document = now_document(house_with(airing(name="내부 이름")))  # type: ignore[arg-type] # a house of cardboard
    wall = next(each for each in document["surfaces"] if each["id"] == "wall")
    assert {**wall["playing"], "ko": "서울의 오늘과 내일", "en": "Seoul today and tomorrow"} == wall["playing"]
    assert "내부 이름" not in wall["playing"].values()
    assert wall["until"] == NOON + timedelta(hours=6)


@pytest.mark.parametrize(("hours", "told"), [(6, 0), (12, 1), (20, 1), (40, 0)])
def test_what_ends_tomorrow_is_told_and_what_ends_today_is_not(hours: int, told: int) -> None:
    """By the day on which it is gone: at midnight it is gone tomorrow."""
    house: Any = house_with(airing("notice", name="태풍", hours=hours))
    house.playlists.draft = house.playlists.revision = lambda name: None
    assert len([line for line in ahead(house, scene_of(house, None, "ko")) if "태풍" in line.text]) == told


@pytest.mark.slow
def test_today_says_what_waits_and_what_changes_tomorrow(tmp_path: Path) -> None:
    """In at most three lines, what nobody has approved yet first, each with the page that says more."""

    async def act() -> tuple[list[tuple[str, str, bool]], bool]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.APPROVER) as person:
            tomorrow = START + timedelta(days=1)
            words = {"cls": "campaign", "content": {"wall": "skyline-live"}, "person": "p1"}
            for name, approved in (("봄 전시", True), ("새 작품", False), ("가을", True)):
                times = {"start": tomorrow, "until": tomorrow + timedelta(days=3)}
                await visit.house.airings.put(**words, **times, name=name, approved=approved)  # type: ignore[arg-type] # kinds
            scene = scene_of(visit.house, None, "ko")
            lines = [(each.text, each.path.partition("#")[0], each.waits) for each in ahead(visit.house, scene)]
            return lines, lines[1][0].replace("'", "&#39;") in (await person.get("/")).text

    lines, on_the_page = run(act())
    assert lines == [
        ("승인 대기: 기획·끼움 1건", "/airings", True),
        ("내일 바뀌는 것: 병풍형 디스플레이 — 기획 '새 작품' 시작", "/airings", True),
        ("내일 바뀌는 것: 병풍형 디스플레이 — 기획 '봄 전시' 시작 외 1건", "/airings", False),
    ]
    assert on_the_page
