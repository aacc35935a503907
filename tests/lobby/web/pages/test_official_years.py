"""The page of public holidays: a year as a form or a file, what it would change, confirmed, undone, taken back."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from pathlib import Path

import httpx
import pytest
from hypothesis import given

from lobby.core.clock import VirtualClock
from lobby.web.console.officialyears import form_of_year, typed, year_in
from lobby.web.roles import Role
from schedules import OfficialYear
from tests.lobby.day.place import seoul
from tests.lobby.web.houses import Visit, a_visit, sample
from tests.running import run
from tests.schedules.test_official_years import years

JUNE = seoul("2027-06-30 10:00")
PAGE = "/timetable/holidays"
KEYS = ("date", "name", "english", "kind")
NEXT = "2028년 공휴일을 확정합니다"


def fields(page: httpx.Response, action: str) -> dict[str, str]:
    """What a form of the page would send, untouched."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page.text, re.DOTALL)
    assert form is not None
    found = {}
    for tag in re.findall(r"<input[^>]*>", form[0]):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and "checkbox" not in tag:
            found[name[1]] = unescape(value[1]) if value else ""
    for name, options in re.findall(r'<select name="([^"]*)".*?>(.*?)</select>', form[0], re.DOTALL):
        found[name] = next(iter(re.findall(r'value="([^"]*)" selected', options)), "public")
    return found


def first_blank(form: dict[str, str]) -> str:
    """The number of the first blank line."""
    return next(key.removeprefix("date-") for key, value in form.items() if key.startswith("date-") and not value)


def with_temporary(form: dict[str, str], day: str = "2028-01-03") -> dict[str, str]:
    """The form with a temporary holiday in the first blank line."""
    number = first_blank(form)
    more = {"date": day, "name": "임시공휴일", "english": "Temporary holiday", "kind": "temporary"}
    return {**form, **{f"{key}-{number}": value for key, value in more.items()}}


async def confirmed(visit: Visit, lead: httpx.AsyncClient) -> httpx.Response:
    """2028 put in with one more day; the page that follows."""
    form = fields(await lead.get(PAGE), f"{PAGE}#what-if")
    asked = await lead.post(PAGE, data=with_temporary(form))
    assert NEXT in asked.text
    assert visit.house.official_days.entries() == ()
    return await lead.post("/api/v1/holidays", data=fields(asked, "/api/v1/holidays"), follow_redirects=True)


def test_a_year_is_confirmed_by_the_form_and_holds_at_once(tmp_path: Path) -> None:
    """Effects first, then in effect on the plan; the undo beside it brings back what was."""

    async def play() -> None:
        async with a_visit(tmp_path, clock=VirtualClock(JUNE)) as visit, await visit.enter(Role.SUPERVISOR) as lead:
            form = fields(await lead.get(PAGE), f"{PAGE}#what-if")
            asked = (await lead.post(PAGE, data=with_temporary(form))).text
            assert "2028. 1. 3.(월) 공휴일이 됨: 임시공휴일 (임시공휴일)" in asked
            assert "2028년: 확정 전 → 확정" in asked
            assert "09:00–18:00 운영 중" in asked
            page = await confirmed(visit, lead)
            assert "2028년 공휴일을 확정했습니다" in page.text
            assert visit.house.plan().holidays.name(date(2028, 1, 3)) == "임시공휴일"
            assert visit.house.plan().at("civil-desk", seoul("2028-01-03 10:00")).value == "closed"
            (entry,) = visit.house.official_days.entries()
            undo = fields(page, f"/api/v1/holidays/{entry.act}/withdraw")
            await lead.post(f"/api/v1/holidays/{entry.act}/withdraw", data=undo)
            assert not visit.house.plan().holidays.confirmed(2028)
            assert [kind for kind in await visit.kinds() if kind.startswith("calendar.")] == [
                "calendar.confirmed",
                "calendar.withdrawn",
            ]

    run(play())


def test_what_was_put_in_can_be_taken_back_later_with_its_effects_first(tmp_path: Path) -> None:
    """The list of what staff put in leads to a question that says what would change."""

    async def play() -> None:
        async with a_visit(tmp_path, clock=VirtualClock(JUNE)) as visit, await visit.enter(Role.FACILITY) as lead:
            await confirmed(visit, lead)
            (entry,) = visit.house.official_days.entries()
            asked = await lead.get(f"{PAGE}?withdraw={entry.act}")
            assert "공휴일에서 빠짐: 임시공휴일" in asked.text
            action = f"/api/v1/holidays/{entry.act}/withdraw"
            back = await lead.post(action, data=fields(asked, action), follow_redirects=True)
            assert (back.status_code, visit.house.official_days.entries()) == (200, ())
            assert (await lead.get(f"{PAGE}?withdraw={entry.act}")).status_code == 404

    run(play())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"date": "2029-01-03", "name": "딴 해"}, "2028년의 날이 아닙니다"),
        ({"date": "2028-01-01", "name": "두 번"}, "두 번 있습니다"),
        ({"date": "2028-02-30", "name": "없는 날"}, "읽을 수 없습니다: 2028-02-30"),
        ({"date": "2028-01-03", "name": ""}, "이름이 없습니다"),
        ({"date": "", "name": "날짜 없음"}, "날짜를 읽을 수 없습니다"),
        ({"date": "2028-01-03", "name": "긴" * 61}, "60자보다 깁니다"),
        ({"date": "2028-01-03", "name": "이상", "kind": "royal"}, "종류를 알 수 없습니다"),
    ],
)
def test_a_wrong_line_is_named_and_everything_typed_stays(tmp_path: Path, change: dict[str, str], words: str) -> None:
    """What is wrong with its cure; the line and those changed before it are still in the form."""

    async def play() -> None:
        async with a_visit(tmp_path, clock=VirtualClock(JUNE)) as visit, await visit.enter(Role.SUPERVISOR) as lead:
            form = fields(await lead.get(PAGE), f"{PAGE}#what-if")
            form["name-0"] = "새해 첫날"
            number = first_blank(form)
            asked = await lead.post(PAGE, data={**form, **{f"{key}-{number}": value for key, value in change.items()}})
            assert asked.status_code == 422
            assert words in asked.text
            assert 'value="새해 첫날"' in asked.text
            assert all(f'value="{value}"' in asked.text for key, value in change.items() if key != "kind" and value)
            assert visit.house.official_days.entries() == ()

    run(play())


async def brought(lead: httpx.AsyncClient, content: bytes) -> httpx.Response:
    """The page after a file was chosen in its form."""
    form = fields(await lead.get(PAGE), f"{PAGE}#what-if")
    return await lead.post(PAGE, data={"csrf": form["csrf"]}, files={"file": ("달력.toml", content)})


def test_a_file_is_looked_at_first_and_confirmed_then(tmp_path: Path) -> None:
    """The example, with one more day: its effects, then the fact with the file's name, in the journal's words."""

    async def play() -> None:
        async with a_visit(tmp_path, clock=VirtualClock(JUNE)) as visit, await visit.enter(Role.FACILITY) as lead:
            assert "format = 2" in (await lead.get(PAGE)).text
            example = await lead.get(f"{PAGE}/year.toml?year=2028")
            more = '\n[[holiday]]\ndate = 2028-01-03\nname = "임시공휴일"\nkind = "temporary"\n'
            asked = await brought(lead, example.content + more.encode())
            assert "2028. 1. 3.(월) 공휴일이 됨" in asked.text
            assert visit.house.official_days.entries() == ()
            page = await lead.post("/api/v1/holidays", data=fields(asked, "/api/v1/holidays"), follow_redirects=True)
            assert "파일로 넣음: 달력.toml" in page.text
            assert "2028년 공휴일 19일을 파일로 확정했습니다: 달력.toml" in (await lead.get("/journal")).text

    run(play())


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"%PDF-1.7", 415, "공휴일 데이터 파일이 아닙니다"),
        (b"format = 2\nyear = 2028\n[[holiday\n", 422, "3번째 줄을 읽을 수 없습니다"),
        (b"#" * 1_000_001, 413, "1 MB보다 큽니다"),
        (b'format = 2\ncountry = "JP"\nyear = 2028\n', 422, "다른 나라(JP)"),
        (b'format = 2\nyear = 2026\n[[holiday]]\ndate = 2026-01-01\nname = "x"\n', 422, "지난 해입니다"),
        (b"format = 1\nconfirmed_through = 2026\n", 409, "옛 파일입니다"),
        (b"format = 1\nconfirmed_through = 2027\n", 409, "달라지는 것이 없습니다"),
    ],
)
def test_a_file_that_does_not_fit_is_told_with_its_cure(
    tmp_path: Path, content: bytes, status: int, words: str
) -> None:
    """What is wrong, with its cure; the page stays, nothing is written."""

    async def play() -> None:
        async with a_visit(tmp_path, clock=VirtualClock(JUNE)) as visit, await visit.enter(Role.FACILITY) as lead:
            asked = await brought(lead, content)
            assert (asked.status_code, words in asked.text, 'role="alert"' in asked.text) == (status, True, True)
            assert visit.house.official_days.entries() == ()

    run(play())


def test_this_years_short_notice_holiday_is_added_and_a_stale_page_refused(tmp_path: Path) -> None:
    """A temporary day three weeks ahead; whoever confirms from a page that is older than that is told so."""

    async def play() -> None:
        async with a_visit(tmp_path, clock=VirtualClock(JUNE)) as visit, await visit.enter(Role.SUPERVISOR) as lead:
            form = fields(await lead.get(f"{PAGE}?year=2027"), f"{PAGE}#what-if")
            asked = await lead.post(PAGE, data=with_temporary(form, "2027-07-20"))
            stale = fields(await lead.post(PAGE, data=with_temporary(form, "2027-07-21")), "/api/v1/holidays")
            await lead.post("/api/v1/holidays", data=fields(asked, "/api/v1/holidays"))
            assert visit.house.plan().at("civil-desk", seoul("2027-07-20 10:00")).value == "closed"
            assert (await lead.post("/api/v1/holidays", data=stale)).status_code == 412

    run(play())


def test_a_day_named_for_today_shuts_the_desk_on_every_page(tmp_path: Path) -> None:
    """No restart: Today, the kiosk and the timetable say it at the next look, with the day's name."""

    async def play() -> None:
        async with a_visit(tmp_path, clock=VirtualClock(JUNE)) as visit, await visit.enter(Role.SUPERVISOR) as lead:
            assert "임시공휴일" not in (await lead.get("/kiosk")).text
            form = fields(await lead.get(f"{PAGE}?year=2027"), f"{PAGE}#what-if")
            asked = await lead.post(PAGE, data=with_temporary(form, "2027-06-30"))
            await lead.post("/api/v1/holidays", data=fields(asked, "/api/v1/holidays"))
            for page in ("/", "/kiosk", "/timetable"):
                assert "임시공휴일" in (await lead.get(page)).text, page

    run(play())


def test_the_warning_comes_with_october_and_goes_with_the_confirmation(tmp_path: Path) -> None:
    """On 30 September nothing; a minute later Today asks for 2028; confirmed, nothing; on New Year's Day nothing."""
    missing = "2028년 공휴일: 확정 전"

    async def play() -> None:
        clock = VirtualClock(seoul("2027-09-30 23:59"))
        async with a_visit(tmp_path, clock=clock) as visit, await visit.enter(Role.SUPERVISOR) as lead:
            assert missing not in (await lead.get("/")).text
            await clock.advance(60)
            today = await lead.get("/")
            assert missing in today.text
            assert f'href="{PAGE}?year=2028"' in today.text
            asked = await lead.post(PAGE, data=fields(await lead.get(PAGE), f"{PAGE}#what-if"))
            await lead.post("/api/v1/holidays", data=fields(asked, "/api/v1/holidays"))
            assert missing not in (await lead.get("/")).text
            assert visit.house.plan().holidays.year_to_confirm(date(2028, 1, 1)) is None

    run(play())


def test_a_site_abroad_confirms_its_years_too(tmp_path: Path) -> None:
    """Japan's list by its own names; confirming it ends the warning."""
    site = sample().model_copy(update={"site": sample().site.model_copy(update={"country": "JP"})})

    async def play() -> None:
        clock = VirtualClock(JUNE)
        async with a_visit(tmp_path, clock=clock, site=site) as visit, await visit.enter(Role.SUPERVISOR) as lead:
            page = await lead.get(PAGE)
            assert "2027년 공휴일: 확정 전" in page.text
            assert "월력요항’" not in page.text
            asked = await lead.post(PAGE, data=fields(page, f"{PAGE}#what-if"))
            after = await lead.post("/api/v1/holidays", data=fields(asked, "/api/v1/holidays"), follow_redirects=True)
            assert "2027년 공휴일: 확정 전" not in after.text

    run(play())


@given(years())
def test_a_form_sent_untouched_means_the_same_year(year: OfficialYear) -> None:
    """Every line comes back; only a day called temporary or substitute is taken for one."""
    form = form_of_year(year)
    sent = {f"{key}-{number}": getattr(row, key) for number, row in enumerate(form.rows) for key in KEYS}
    again = year_in(typed({**sent, "issued": form.issued}, year.year))
    assert [(one.day, one.name, one.english) for one in again.days] == [
        (one.day, one.name, one.english) for one in year.days
    ]
    assert (again.year, again.issued) == (year.year, year.issued)


def test_nobody_else_may_put_in_holidays(tmp_path: Path) -> None:
    """A desk officer reads the timetable and no more."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.DESK) as desk:
            assert (await desk.get(PAGE)).status_code == 403
            answer = await desk.post("/api/v1/holidays", json={"years": []}, headers=await csrf(desk))
            assert answer.status_code == 403
            assert (await desk.get("/api/v1/holidays")).json()["confirmed_through"] == 2027

    run(play())


async def csrf(browser: httpx.AsyncClient) -> dict[str, str]:
    """The header that a page of ours sends with a write."""
    return {"X-CSRF-Token": (await browser.get("/api/v1/me")).json()["csrf"]}
