"""What lies above the programme stands in the sentence: what it is, since when, until when, how it is ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from lobby.core.airings import Airing
from lobby.web.lists.above import Above, airing_name
from lobby.web.onair import OnAir, named, on_air
from lobby.web.roles import LEADING, NOTICE_RELEASING, Role
from lobby.web.sentence import Band, band
from lobby.web.today import scene_of
from tests.lobby.web.pages.onair import NOON, a_notice
from tests.lobby.web.pages.standin import StandIn, stand_in

LEADER = frozenset({Role.SUPERVISOR})
MOURNING = a_notice("mourning", occasion="mourning", days=3)


def told(
    *aired: Airing, roles: frozenset[Role] = LEADER, language: str = "ko", moment: datetime = NOON
) -> tuple[Band, tuple[OnAir, ...]]:
    """The sentence of a house where all is well, and what it says is on air."""
    house: Any = house_with(*aired, moment=moment)
    scene = scene_of(house, house, language)
    shown = on_air(house, scene, roles)
    return named(band(scene), scene, shown), shown


def house_with(*aired: Airing, moment: datetime = NOON) -> StandIn:
    """A house where all is well and this is on air."""
    house = stand_in(moment=moment)
    house.aired += aired
    house.all_well()
    return house


@pytest.mark.parametrize(
    ("language", "title", "span"),
    [
        ("ko", "국가애도기간 · 이상 없음", "11:00부터 11. 28.(토) 13:00까지"),
        ("en", "National mourning · All is well", "from 11:00 until Sat 28 Nov 13:00"),
    ],
)
def test_the_sentence_names_an_occasion(language: str, title: str, span: str) -> None:
    """At a glance: which, since when, until when."""
    sentence, (shown,) = told(MOURNING, language=language)
    assert sentence.title == title
    assert shown.span == span


def test_an_occasion_leaves_the_sentence_as_bad_as_it_is() -> None:
    """What has to be done is still counted, worst first."""
    house: Any = house_with(MOURNING)
    house.hub.update("robot-cafe", detail={"level.milk": "low"})
    scene = scene_of(house, house, "ko")
    sentence = named(band(scene), scene, on_air(house, scene, LEADER))
    assert (sentence.title, sentence.tone) == ("국가애도기간 · 조치할 일 1건", "todo")


def test_an_emergency_is_the_sentence() -> None:
    """Nobody reads that all is well while the screens tell people to leave."""
    sentence, shown = told(MOURNING, a_notice("evacuate", cls="emergency", number=2))
    assert (sentence.title, sentence.tone) == ("긴급 안내 표출 중", "danger")
    assert [each.kind for each in shown] == ["emergency", "occasion"]
    assert shown[1].places == "모든 화면(다른 안내에 가려짐)"


def test_a_plain_notice_is_told_below_the_sentence() -> None:
    """It governs no whole site."""
    sentence, (shown,) = told(a_notice("tickets-closed"))
    assert sentence.title == "이상 없음"
    assert shown.places == "모든 화면"


def test_a_notice_is_called_by_its_own_words_in_the_readers_language() -> None:
    """Wherever staff read of it; anything else by the name that somebody gave it."""
    notice = a_notice("wifi-out")
    assert Above(airing=notice, until=notice.until).words("en") == "Notice: There is no Wi-Fi now"
    assert airing_name(notice, "ko") == "와이파이를 쓸 수 없습니다"
    assert airing_name(replace(notice, source="console", name="봄 축제"), "en") == "봄 축제"


def test_a_notice_over_dark_screens_says_that_nobody_sees_it() -> None:
    """A notice lights nothing."""
    _, (shown,) = told(MOURNING, moment=NOON + timedelta(hours=11))
    assert shown.places == "모든 화면(꺼져 있음)"


@pytest.mark.parametrize(
    ("airing", "able"),
    [
        (MOURNING, LEADING),
        (a_notice("evacuate", cls="emergency"), LEADING),
        (a_notice("tickets-closed"), NOTICE_RELEASING),
    ],
)
def test_who_may_end_it_is_offered_its_end(airing: Airing, able: frozenset[Role]) -> None:
    """Everybody else reads who ends it."""
    for role in (Role.SUPERVISOR, Role.DUTY, Role.FACILITY, Role.APPROVER, Role.DESK, Role.GUARD, Role.VIEWER):
        (shown,) = told(airing, roles=frozenset({role}))[1]
        assert bool(shown.end) == (role in able), role
        assert bool(shown.ends) != bool(shown.end)


def test_what_ending_changes_is_said_before() -> None:
    """Pictures, sound, the kiosk, and when it would end by itself."""
    (shown,) = told(MOURNING)[1]
    assert shown.after == (
        "켜져 있는 화면이 편성대로 돌아갑니다.",
        "소리가 시간표대로 돌아갑니다.",
        "무인안내기에서도 내려갑니다.",
        "그대로 두면 11. 28.(토) 13:00에 저절로 끝납니다.",
    )


def test_nothing_is_told_of_what_is_over_or_waits() -> None:
    """Nor of campaigns, which are the programme of the day."""
    later = MOURNING.start + timedelta(days=8)
    assert told(MOURNING, moment=later)[1] == ()
