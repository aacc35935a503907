"""The timetable: a week, a year, and special days with what they would change before anything is saved."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from lobby.core.site import Site
from lobby.web.roles import Role
from schedules import SpecialDay, Window
from tests.lobby.web.houses import a_visit
from tests.lobby.web.pages.standin import StandIn, sample, stand_in
from tests.lobby.web.pages.test_pages import get
from tests.running import run

CLOSING = {"hours": "civil-desk", "first": "2026-12-23", "last": "2026-12-26", "kind": "closed", "reason": "소독"}
FORM = {**CLOSING, "notice": "쉽니다."}


def house(**how: Any) -> StandIn:
    """A house where all is well."""
    made = stand_in(**how)
    made.all_well()
    return made


def test_a_week_names_times_rules_today_and_holidays() -> None:
    """Tuesday's evening is its own stretch; Christmas is named, its rule too."""
    text = get(house(), "/timetable").text
    assert "18:00–21:00" in text
    assert 'aria-current="date"' in text
    christmas = get(house(), "/timetable?day=2026-12-25").text
    assert "공휴일: 기독탄신일" in christmas


def test_every_stretch_says_why_without_script() -> None:
    """Its link leads to the rule that wins, its source and those that lose."""
    text = get(house(), "/timetable?thing=civil-desk&at=2026-12-25T03:00:00Z").text
    assert "공휴일: 기독탄신일" in text
    assert "공휴일 달력" in text
    assert "열린민원실 운영시간 (매주) → 운영 중" in text


def test_a_year_that_is_not_confirmed_says_so() -> None:
    """2028 is computed by rule, 2026 is official."""
    assert "2028년 공휴일: 확정 전(규칙으로 계산)" in get(house(), "/timetable?view=year&year=2028").text
    assert "확정 전(규칙으로 계산)" not in get(house(), "/timetable?view=year&year=2026").text


def test_a_year_names_its_days_in_the_readers_language() -> None:
    """Twelve months, each marked day with its name."""
    text = get(house(), "/timetable?view=year&year=2026").text
    assert [month for month in range(1, 13) if f"{month}월" not in text] == []
    assert "기독탄신일" in text


@pytest.mark.parametrize("query", ["day=tomorrow", "view=year&year=1", "thing=wall&at=noon", "view=year&year=²"])
def test_nonsense_in_the_query_is_refused(query: str) -> None:
    """A page never breaks over its address."""
    assert get(house(), f"/timetable?{query}").status_code == 422


def test_only_who_plans_is_offered_special_days() -> None:
    """The others read the timetable."""
    assert "/timetable/special-days" not in get(house(), "/timetable", roles=frozenset({Role.DESK})).text


def with_special_day() -> Site:
    """The sample with a special day of the installer's."""
    site = sample("seoul-city-hall").model_dump(by_alias=True)
    site["hours"]["civil-desk"]["special-days"] = [
        {"id": "moving", "from": date(2026, 12, 3), "to": date(2026, 12, 3), "reason": {"ko": "이전", "en": "Moving"}}
    ]
    return Site.model_validate(site)


def test_what_would_change_is_told_before_and_nothing_is_saved(tmp_path: Path) -> None:
    """Four days, but Christmas and Saturday are closed anyway: two days, each with its things, old → new."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.SUPERVISOR) as lead:
            page = await lead.get("/timetable/special-days", params=FORM)
            assert "바꾸면 달라지는 날 2일" in page.text
            assert "2026. 12. 23.(수) – 12. 24.(목)" in page.text
            assert "민원실 조명" in page.text
            assert visit.house.special_days.by_hours() == {}
            late = await lead.get("/timetable/special-days", params={**FORM, "last": "2026-12-01"})
            assert 'role="alert"' in late.text
            silent = await lead.get("/timetable/special-days", params={**FORM, "notice": " "})
            assert "안내문이 없습니다" in silent.text

    run(play())


def test_a_special_day_is_set_changed_and_taken_back_by_plain_forms(tmp_path: Path) -> None:
    """Each form leads back to the list of those that stand."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.FACILITY) as lead:
            csrf = (await lead.get("/api/v1/me")).json()["csrf"]
            page = await lead.post("/api/v1/special-days", data={**FORM, "csrf": csrf}, follow_redirects=True)
            assert "2026. 12. 23.(수) – 12. 26.(토)" in page.text
            (day,) = visit.house.special_days.by_hours()["civil-desk"]
            other = {**FORM, "last": "2026-12-24", "instead_of": day.id, "csrf": csrf}
            page = await lead.post("/api/v1/special-days", data=other, follow_redirects=True)
            assert "2026. 12. 23.(수) – 12. 24.(목)" in page.text
            asked = await lead.get(f"/timetable/special-days?withdraw={day.id}")
            assert "09:00–18:00 운영 중" in asked.text
            await lead.post(f"/api/v1/special-days/{day.id}/withdraw", data={"csrf": csrf})
            assert visit.house.special_days.by_hours() == {}

    run(play())


def test_a_special_day_of_the_site_file_can_be_taken_back(tmp_path: Path) -> None:
    """It stays in the list as taken back, with the way to let it count again."""
    site = with_special_day()

    async def play() -> None:
        async with a_visit(tmp_path, site=site) as visit, await visit.enter(Role.SUPERVISOR) as lead:
            csrf = (await lead.get("/api/v1/me")).json()["csrf"]
            gone = await lead.post(
                "/api/v1/special-days/civil-desk.moving/withdraw", data={"csrf": csrf}, follow_redirects=True
            )
            assert "취소함" in gone.text
            assert visit.house.special_days.hidden() == {"civil-desk/moving"}
            asked = await lead.get("/timetable/special-days?restore=civil-desk.moving")
            assert "바꾸면 달라지는 날 1일" in asked.text
            back = await lead.post("/api/v1/special-days/civil-desk.moving/restore", json={})
            assert (back.status_code, visit.house.special_days.hidden()) == (200, frozenset())

    run(play())


def test_an_old_page_does_not_overwrite_what_somebody_else_has_set(tmp_path: Path) -> None:
    """The form carries the version that its reader saw."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.SUPERVISOR) as lead:
            csrf = (await lead.get("/api/v1/me")).json()["csrf"]
            shut = Window(start=time(10), end=time(12), value="open")
            other: dict[str, Any] = {"reason": "x", "notice": "y", "person": "p"}
            seen = (await lead.get("/api/v1/special-days")).headers["etag"]
            first = date(2026, 12, 1)
            await visit.house.special_days.add(hours="civil-desk", first=first, last=first, windows=(shut,), **other)
            answer = await lead.post("/api/v1/special-days", data={**FORM, "csrf": csrf, "if_match": seen})
            assert answer.status_code == 412

    run(play())


def test_a_special_day_names_itself_in_the_week() -> None:
    """At the head of its days and on each stretch."""
    made = house()
    day = SpecialDay(id="s1", first=date(2026, 11, 26), last=date(2026, 11, 26), reason="청사 소독")
    made.the_plan = type(made.the_plan).from_site(made.site, {"civil-desk": (day,)})
    made.special_days.by_hours = lambda: {"civil-desk": (day,)}
    text = get(made, "/timetable").text
    assert "특별일: 청사 소독" in text
