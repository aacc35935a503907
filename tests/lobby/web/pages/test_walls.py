"""Walls: true geometry, what was presented and how old that is, the power behind it, what plays now and next."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from types import SimpleNamespace

from lobby.core.site import Beside
from lobby.day.desired import Override
from lobby.web.roles import Role
from tests.lobby.web.pages.standin import SEOUL, StandIn, sample, stand_in
from tests.lobby.web.pages.test_pages import get

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=SEOUL)


def house(site: str = "seoul-city-hall") -> StandIn:
    """A house at noon where all is well."""
    made = stand_in(site, moment=NOON)
    made.all_well()
    return made


def test_every_surface_is_drawn_at_one_scale() -> None:
    """All view boxes have the width of the widest surface; gaps and folds are told in words too."""
    text = get(house(), "/walls").text
    widths = {box.split()[2] for box in re.findall(r'class="surface[^"]*" viewBox="([^"]+)"', text)}
    assert len(widths) == 1
    assert "화면 7대 · 5,000 × 1,210 mm · 틈 40 mm · 접힘 12°" in text


def test_how_well_screens_keep_together_is_a_line() -> None:
    """The slowest screen of the wall counts; a surface that was never measured, or is one panel, says nothing."""
    made = house()
    figures = {"p50_ms": 4.2, "p99_ms": 12.0, "changes": 200}
    made.hub.put("skew", {"wall-1": figures, "wall-2": figures | {"p99_ms": 19.6}, "main-1": figures})
    text = get(made, "/walls").text
    assert text.count("화면 사이 시차: 보통 4 ms, 가장 어긋날 때 20 ms(최근 넘김 200번)") == 1


def test_what_plays_now_and_next_names_its_time_and_rule() -> None:
    """Until 19:00 by the weekly hours, then off, then on again tomorrow."""
    text = get(house(), "/walls").text
    wall = text[text.index('id="wall-wall"') : text.index('id="wall-main"')]
    assert "<strong>세계 6대 도시와 서울</strong> 19:00까지" in wall
    assert "미디어월 운영시간 (매주)" in wall
    assert re.search(r"19:00</span> <strong>꺼짐</strong>.+내일 08:00", wall, re.DOTALL)


def test_a_temporary_change_is_told_with_its_person() -> None:
    """Not the plan but what is in force."""
    made = house()
    now = made.clock.now()
    end = now + timedelta(hours=1)
    change = Override(id="o1", thing="main", value="off", start=now, until=end, person="p1", reason="촬영")
    made.changes.append(change)
    text = get(made, "/walls").text
    assert "<strong>꺼짐</strong> 13:00까지" in text
    assert "임시 변경: 김지현 · 촬영" in text


def test_a_picture_tells_its_age_and_an_old_one_says_so() -> None:
    """Two seconds are fresh, forty are not; where none came the page says that."""
    made = house()
    ages = {"wall": 2, "main": 40}
    made.preview = lambda _player, surface: (
        SimpleNamespace(at=made.clock.now() - timedelta(seconds=ages[surface])) if surface in ages else None
    )
    text = get(made, "/walls").text
    assert "화면에 띄운 그림" in text
    assert text.count("갱신 중단") == 1
    assert "아직 그림을 받지 못했습니다" in text


def test_a_dark_display_is_said_with_its_cure() -> None:
    """The cause of one panel's display stands at its wall, the state at its row."""
    made = house()
    made.hub.update("display-wall-4", troubles=("no-signal",))
    text = get(made, "/walls").text
    assert "영상 신호가 들어오지 않습니다" in text
    assert 'href="/devices/display-wall-4"' in text


def test_a_screen_that_another_player_has_says_so() -> None:
    """Not plainly off: somebody stands before a picture of somebody else."""
    site = sample("seoul-city-hall")
    display = site.things["display-main"].model_copy(update={"beside": Beside(input="hdmi2", hours="desk-led")})
    shared = site.model_copy(update={"things": {**site.things, "display-main": display}})
    made = stand_in(site=shared, moment=NOON.replace(hour=20))
    made.all_well()
    made.hub.update("display-main", desired="beside", reported="beside")
    text = get(made, "/walls").text
    assert text.count("다른 표출기가 이 화면을 씁니다") == 1
    assert "다른 표출기 화면" in text


def test_only_who_leads_may_change_a_screen() -> None:
    """A viewer sees the walls and no buttons."""
    assert "/overrides" in get(house(), "/walls", roles=frozenset({Role.DUTY})).text
    assert "/overrides" not in get(house(), "/walls", roles=frozenset({Role.UPLOADER})).text


def test_a_place_without_surfaces_has_no_walls() -> None:
    """Neither page nor menu word."""
    site = sample("small-office")
    things = {name: thing for name, thing in site.things.items() if thing.kind != "display"}
    bare = site.model_copy(update={"surfaces": {}, "players": {}, "things": things})
    made = stand_in(site=bare)
    assert get(made, "/walls").status_code == 404
    assert 'href="/walls"' not in get(made, "/").text
