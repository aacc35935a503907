"""The console in a browser, on a lobby as a site runs it: every act reaches the devices, and people can undo it."""

from __future__ import annotations

import io
import re
import signal
import time as stopwatch
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from lobby.core.site import Site
from tests.eventually import soon
from tests.scenarios.house import DAYS, House, Running, Visitor, house, without_pictures

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
WITHIN_MS = 10_000

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(180),
]


def at_noon(site: Site) -> Site:
    """The same site where it is noon now, open every day from eight to eight; one picture to draw, for the wall."""
    ahead = 12 - datetime.now(UTC).hour
    zone = site.site.model_copy(update={"time_zone": f"Etc/GMT{-ahead:+d}" if ahead else "Etc/UTC"})
    whole = {"from_": time(8), "to": time(20), "days": DAYS}
    hours = {
        name: one.model_copy(
            update={
                "weekly": tuple(window.model_copy(update=whole) for window in one.weekly[:1]),
                "public_holiday": None,
                "seasons": (),
                "special_days": (),
            }
        )
        for name, one in site.hours.items()
    }
    wall = site.surfaces["wall"].playlist
    one_picture = site.playlists[wall].model_copy(update={"items": site.playlists[wall].items[:1]})
    bare = without_pictures(site.model_copy(update={"hours": hours, "site": zone}))
    return bare.model_copy(update={"playlists": {**bare.playlists, wall: one_picture}})


@dataclass(slots=True)
class Desk:
    """A running lobby with a browser and one signed-in person a role."""

    lobby: House
    running: Running
    browser: Browser
    people: dict[str, Visitor] = field(default_factory=dict)
    # The browser's loop lives in this thread, so the hands at the hardware have another.
    _hands: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    @contextmanager
    def page(self, account: str, path: str = "/", *, width: int = 1920, height: int = 1080) -> Iterator[Page]:
        """A page of that person; a mistake in a script fails the test."""
        wrong: list[str] = []
        context = self.browser.new_context(viewport={"width": width, "height": height}, locale="ko-KR")
        context.set_default_timeout(WITHIN_MS)
        if account:
            name, _, value = self.people[account].cookie.partition("=")
            context.add_cookies([{"name": name, "value": value, "url": self.running.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        try:
            page.goto(self.running.url + path)
            yield page
        finally:
            context.close()
        assert wrong == []

    def press(self, bell: str) -> None:
        """Somebody presses it: `lobby simulate press`."""
        self._hands.submit(self.lobby.steer, "press", bell).result()

    def shows(self, thing: str) -> dict[str, Any]:
        """What the simulated thing is right now."""
        return self._hands.submit(self.lobby.shows, thing).result()

    def status(self) -> dict[str, Any]:
        """Everything there is now."""
        found: dict[str, Any] = self.people["admin"].ask("GET", "/api/v1/status")[1]
        return found

    def thing(self, name: str) -> dict[str, Any]:
        """One thing of it."""
        found: dict[str, Any] = self.status()["things"][name]
        return found

    def close_all(self) -> None:
        """No incident stays open for the next test."""
        lead = self.people["lee"]
        for incident in lead.ask("GET", "/api/v1/incidents")[1]["incidents"]:
            steps: list[tuple[str, dict[str, str]]] = [
                ("arrive", {"way": "relay", "by": "lee"}),
                ("end", {"way": "place"}),
                ("close", {"classification": "test"}),
            ]
            for act, fields in steps:
                lead.ask("POST", f"/api/v1/incidents/{incident['id']}/{act}", fields)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One lobby at noon for all tests of this module."""
    with house(tmp_path_factory.mktemp("console"), change=at_noon) as lobby, sync_playwright() as playwright:
        running = lobby.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        made = Desk(lobby=lobby, running=running, browser=browser)
        made.people["admin"] = running.admin()
        made.people["lee"] = running.person("lee", "guard", "supervisor")
        made.people["choi"] = running.person("choi", "guard")
        made.people["han"] = running.person("han", "desk")
        yield made
        browser.close()


def appears(page: Page, selector: str, text: str | re.Pattern[str] = "") -> None:
    """Wait until it is there and says that."""
    expect(page.locator(selector).first).to_contain_text(text, timeout=WITHIN_MS)


def test_a_press_is_taken_arrived_at_ended_and_closed_from_the_console(desk: Desk) -> None:
    """The band grows with the place in words; four touches later it is gone and the journal has every step."""
    with desk.page("lee") as page:
        page.wait_for_selector("#watching.on")
        desk.press("bell-desk")
        appears(page, ".alarm.raised h2", "열린민원실 창구")
        page.get_by_role("button", name="제가 갑니다").click()
        appears(page, ".alarm.taken", "lee 님이 갑니다")
        page.get_by_placeholder("누가 알렸습니까?").fill("choi")
        page.get_by_role("button", name="무전으로 도착 보고").click()
        page.get_by_role("button", name="현장에서 상황 종료").click()
        page.get_by_label("처리 완료").select_option("false-press")
        page.get_by_role("button", name="처리 완료").click()
        expect(page.locator(".alarm")).to_have_count(0, timeout=WITHIN_MS)
    kinds = [fact["kind"] for fact in desk.lobby.facts() if fact["kind"].startswith("incident.")]
    assert [kind for kind in kinds if kind != "incident.escalated"][-5:] == [
        "incident.raised", "incident.acknowledged", "incident.arrived", "incident.ended", "incident.closed",
    ]  # fmt: skip


def test_the_place_code_reports_the_arrival(desk: Desk) -> None:
    """A wrong code is refused in words, the printed one says that somebody is there."""
    with desk.page("choi") as page:
        page.wait_for_selector("#watching.on")
        desk.press("bell-desk")
        page.get_by_role("button", name="제가 갑니다").click()
        page.get_by_placeholder("현장 코드").fill("X000")
        page.get_by_role("button", name="현장 도착").click()
        page.wait_for_selector("#toast .refused")
        page.get_by_placeholder("현장 코드").fill("D417")
        page.get_by_role("button", name="현장 도착").click()
        appears(page, ".alarm.taken", "현장 도착")
    desk.close_all()


def test_a_bell_is_handed_to_a_colleague(desk: Desk) -> None:
    """Who cannot go sends somebody by name; the siren stops and everybody reads who goes."""
    with desk.page("lee") as page:
        page.wait_for_selector("#watching.on")
        desk.press("bell-desk")
        page.get_by_role("button", name="choi 님에게 맡깁니다").click()
        appears(page, ".alarm.taken", "choi 님이 갑니다")
        soon(lambda: not desk.shows("siren")["on"])
    desk.close_all()


def test_who_may_not_answer_reads_who_can(desk: Desk) -> None:
    """A facility admin sees no dead button: the band says why, names those who can, and leads to a new person."""
    with desk.page("admin") as page:
        page.wait_for_selector("#watching.on")
        desk.press("bell-desk")
        appears(page, ".alarm.raised", "시설 관리자 역할은 대응자가 될 수 없습니다")
        appears(page, ".alarm.raised", "lee")
        assert page.get_by_role("button", name="제가 갑니다").count() == 0
        assert page.get_by_role("link", name="새 사람 등록").get_attribute("href") == "/people"
    desk.close_all()


def test_staff_raise_a_bell_by_hand(desk: Desk) -> None:
    """Two touches at the desk's console, and the guard's page shows the place."""
    with desk.page("choi") as guard, desk.page("han") as staff:
        guard.wait_for_selector("#watching.on")
        staff.click("#call > summary")
        staff.get_by_role("button", name="민원상담실 비상 호출").click()
        appears(guard, ".alarm.raised h2", "민원상담실")
    desk.close_all()


def test_a_stopped_controller_leaves_a_dead_page(desk: Desk) -> None:
    """Frozen for two seconds, the page says that bells cannot be seen here, and comes back by itself."""
    with desk.page("lee") as page:
        page.wait_for_selector("#watching.on")
        desk.running.process.popen.send_signal(signal.SIGSTOP)
        try:
            page.wait_for_selector("#stale:not([hidden])")
            assert page.evaluate("document.querySelector('.acts').closest('[inert]') !== null")
        finally:
            desk.running.process.popen.send_signal(signal.SIGCONT)
        page.wait_for_selector("#stale", state="hidden")


def test_the_wall_goes_off_until_a_time_and_back(desk: Desk) -> None:
    """The seven displays go dark; the change stands with its end and its author; one touch goes back to the plan."""
    display = next(name for name, thing in desk.lobby.site.things.items() if thing.kind == "display")
    soon(lambda: desk.thing(display)["reported"] == "on", within_s=40)
    with desk.page("lee") as page:
        page.click("#screen-wall > summary")
        appears(page, "#screen-wall", "화면 7대의 전원도 따라 바뀝니다")
        page.select_option("#screen-wall [name=until]", index=1)
        page.click("#screen-wall button.main")
        appears(page, "#changes", re.compile(r"병풍형 디스플레이: 꺼짐 \d\d:\d\d까지 · lee"))
        soon(lambda: desk.thing(display)["reported"] == "off")
        page.get_by_role("button", name="예정대로 되돌리기").click()
        appears(page, "#changes", "임시 변경이 없습니다")
    soon(lambda: desk.thing(display)["reported"] == "on", within_s=20)


@pytest.mark.parametrize("minutes", [15, 30])
def test_the_desk_is_extended_and_the_undo_takes_it_back(desk: Desk, minutes: int) -> None:
    """What else changes is told first; afterwards there are ten seconds to take it back."""
    with desk.page("han") as page:
        page.locator(".acts summary", has_text=f"{minutes}분 연장").click()
        appears(page, ".acts details[open]", "공공안전관 근무 시간도")
        appears(page, ".acts details[open]", f"민원실 조명: 20:00 → 20:{minutes}까지 켜짐")
        page.click(".acts details[open] button.main")
        appears(page, ".desk .numbers", f"20:{minutes}까지")
        page.locator("#toast").get_by_role("button", name="되돌리기").click()
        appears(page, ".desk .numbers", "20:00까지")


@pytest.mark.parametrize(("act", "state"), [("접수 마감", "접수 마감"), ("업무 일시 중단", "업무 일시 중단")])
def test_the_desk_takes_no_more_or_stops_for_a_while(desk: Desk, act: str, state: str) -> None:
    """The kiosk says so in words, without the note between colleagues."""
    with desk.page("han") as page, desk.page("", "/kiosk", width=1080, height=1920) as kiosk:
        page.locator(".acts summary", has_text=act).click()
        page.fill(".acts details[open] [name=reason]", "비상벨 때문에 멈춤")
        page.click(".acts details[open] button.main")
        appears(page, ".desk .numbers", state)
        kiosk.reload()
        assert "비상벨" not in kiosk.content()
        assert "비상벨" not in str(desk.running.visitor().ask("GET", "/api/v1/now"))
        page.get_by_role("button", name="예정대로 되돌리기").click()
        appears(page, ".desk .numbers", "운영 중")


def test_a_device_is_held_and_given_back(desk: Desk) -> None:
    """점검 중 needs a reason and an end, nothing is sent meanwhile; 자동 운용 takes it up again."""
    with desk.page("admin", "/devices") as page:
        row = page.locator("#row-desk-lights")
        row.get_by_text("모드 바꾸기").click()
        row.get_by_role("button", name="점검 중으로").click()
        soon(lambda: desk.thing("desk-lights")["mode"] == "hold")
        expect(row).to_contain_text("점검 중", timeout=WITHIN_MS)
        row.get_by_text("모드 바꾸기").click()
        row.get_by_role("button", name="자동 운용으로").click()
        soon(lambda: desk.thing("desk-lights")["mode"] == "automatic")


def test_why_is_answered_in_words(desk: Desk) -> None:
    """근거 보기 names the value, the rule and its end without an id."""
    with desk.page("admin") as page:
        page.get_by_role("link", name="기기 보기").click()
        page.get_by_role("link", name="민원실 조명").click()
        appears(page, "#now", "켜짐")
        appears(page, "#because", "열린민원실 운영시간 (매주)")


def test_a_special_day_is_posted_and_cancelled(desk: Desk) -> None:
    """The form shows the days that change, then the kiosk shows the notice; 취소 takes both back."""
    day = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    with desk.page("lee") as page:
        page.get_by_role("link", name="특별일 정하기").click()
        page.fill("#form [name=first]", day)
        page.fill("#form [name=reason]", "청사 소독")
        page.fill("#form [name=notice]", "소독으로 하루 쉽니다.")
        page.fill("#form [name=notice_en]", "Closed for disinfection.")
        page.get_by_role("button", name="바뀌는 날 보기").click()
        appears(page, "#what-if", "바꾸면 달라지는 날 1일")
        appears(page, "#what-if tr:has-text('열린민원실')", "08:00–20:00 운영 중")
        page.get_by_role("button", name="이대로 정합니다").click()
        appears(page, "#standing", "소독으로 하루 쉽니다.")
        for path, words in (
            ("/kiosk?language=ko", "소독으로 하루 쉽니다."),
            ("/now?language=en", "Closed for disinfection."),
        ):
            with desk.page("", path) as public:
                assert words in public.inner_text("body")
        page.locator("#standing").get_by_role("link", name="취소").click()
        page.get_by_role("button", name="이 특별일을 취소합니다").click()
        appears(page, "#standing", "앞으로의 특별일이 없습니다")


def test_what_is_decided_leaves_the_card_of_the_first_days(desk: Desk) -> None:
    """Each question is answered by a named person; with the last one the card is gone."""
    with desk.page("lee") as page:
        page.click("#choices summary")
        for left in range(len(desk.lobby.site.choices), 0, -1):
            expect(page.locator("#deciding .rows li")).to_have_count(left, timeout=WITHIN_MS)
            page.locator("#deciding .rows button").first.click()
        expect(page.locator("#choices")).to_be_hidden(timeout=WITHIN_MS)
    decided = [fact["subject"] for fact in desk.lobby.facts() if fact["kind"] == "choice.decided"]
    assert sorted(decided) == sorted(desk.lobby.site.choices)


def test_a_new_person_comes_in_by_the_first_password(desk: Desk) -> None:
    """The password is shown once, and with it the new guard signs in."""
    with desk.page("admin", "/people") as page:
        page.fill("#add [name=account]", "jung")
        page.fill("#add [name=name]", "정안전")
        page.check("#add [name=role-uploader]")
        page.get_by_role("button", name="등록합니다").click()
        password = page.inner_text("#password")
        desk.running.visitor().sign_in("jung", password)
        page.goto(desk.running.url + "/people")
        assert password not in page.content()
        page.locator("[data-account=jung]").get_by_role("button", name="멈추기").click()
        appears(page, "[data-account=jung]", "멈춤")


@pytest.mark.alone
def test_a_picture_reaches_its_panel_within_two_seconds_of_its_approval(desk: Desk, tmp_path: Path) -> None:
    """Uploaded with a bar it waits; a second person approves it and it is on its panel; taken down, it is not."""
    panel = desk.lobby.site.surfaces["wall"].panels[2].id
    picture = tmp_path / "notice.png"
    picture.write_bytes(_picture())
    desk.lobby.player(desk.running)
    soon(lambda: _on_glass(desk, panel), within_s=60)
    before = _on_glass(desk, panel)
    with desk.page("admin") as page:
        page.click("#upload > summary")
        page.select_option("#upload [name=panel]", panel)
        page.fill("#upload [name=name]", "가을 안내")
        page.set_input_files("#upload [name=file]", picture)
        with page.expect_response("**/api/v1/assets") as answer:
            page.click("#upload button.main")
        asset = answer.value.json()["asset"]
        appears(page, "#toast", "승인을 기다립니다")
        place, shown = f"/api/v1/assets/{asset['id']}", set(asset["renditions"].values())
        desk.people["admin"].ask("PUT", f"{place}/label", {"ko": "가을 안내", "en": "Autumn news"})
        approver = desk.running.person("approver-of-pictures", "approver")
        approved = stopwatch.monotonic()
        assert approver.ask("POST", f"{place}/approve", {})[0] == 200
        soon(lambda: _on_glass(desk, panel) in shown)
        assert stopwatch.monotonic() - approved < 2.0
        page.reload()
        page.click("#pins > summary")
        appears(page, "#pins .rows", "가을 안내")
        page.get_by_role("button", name="내리고 예정대로").click()
        appears(page, "#pins", "올린 사진이 없습니다")
    soon(lambda: _on_glass(desk, panel) == before)


def _picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (1080, 1920), (180, 90, 40)).save(file, "PNG")
    return file.getvalue()


def _on_glass(desk: Desk, panel: str) -> Any:
    """What the player says that the panel shows."""
    players = desk.status()["documents"].get("players", {})
    return players.get("lobby-player", {}).get("panels", {}).get(panel)
