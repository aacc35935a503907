"""The start of a day in a whole lobby: the list fills itself, a broken display is named, a person signs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect, sync_playwright

from lobby.core.site import Display, PlaylistItem, Site
from tests.eventually import soon
from tests.pictures import BROWSER, BROWSER_WORDS, zone_at_work
from tests.scenarios.house import DAYS, House, Visitor, house

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

AHEAD_S = 20
LIST = "/api/v1/openings/today"
REMARKS = "4번 화면은 업체에 연락함"


def test_a_lobby_that_opens_is_ready_until_a_display_breaks(tmp_path: Path) -> None:
    """Unknown, to come, ready; then one panel is named, and a person signs what is so, once."""
    with house(tmp_path, change=opening_soon) as lobby:
        running = lobby.start()
        staff = running.person("kim", "facility", "duty")
        assert not listed(staff)["ready"]
        lobby.player(running)
        soon(lambda: state(staff, "lit:wall") == "to-come", within_s=AHEAD_S)
        assert listed(staff)["phase"] == "filling"
        soon(lambda: not unready(staff), within_s=90)
        found = listed(staff)
        assert (found["phase"], found["ready"]) == ("open", True)
        assert found["summary"]["ko"] == "화면 9대 중 9대 켜짐 · 비상벨 2개 상시 감시 중 · 로봇카페: 영업 중"
        signed_by_hand(lobby, staff)
        assert sign(staff) in {409, 412}
        assert_kept(lobby, staff)


def signed_by_hand(lobby: House, staff: Visitor) -> None:
    """Remarks are written while a display breaks; the list follows meanwhile, and what it shows then is signed."""
    with sync_playwright() as playwright, ThreadPoolExecutor(1) as hands:  # the browser's loop lives in this thread
        browser = playwright.chromium.launch(executable_path=BROWSER, args=BROWSER_WORDS)
        context = browser.new_context(locale="ko-KR")
        name, _, value = staff.cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": staff.url}])
        page = context.new_page()
        page.goto(f"{staff.url}/morning")
        page.fill("#sign-form textarea", REMARKS)
        hands.submit(lobby.steer, "break", "display-wall-4").result()
        wall = page.locator("[data-line='lit:wall']")
        expect(wall).to_contain_text("화면 7대 중 6대 켜짐 · 통신 끊김: 4번 화면", timeout=60_000)
        expect(page.locator("#signature textarea")).to_have_value(REMARKS)
        page.click("#sign-form button.main")
        expect(page.locator("#signature .signed")).to_contain_text("kim", timeout=10_000)
        browser.close()


def assert_kept(lobby: House, staff: Visitor) -> None:
    """The journal holds the list as it was signed, and the page shows who signed."""
    facts = [fact for fact in lobby.facts() if fact["kind"] == "opening.signed"]
    (items,) = [{item["id"]: item for item in fact["payload"]["items"]} for fact in facts]
    assert items["lit:wall"]["state"] == "not-ok"
    assert "4번 화면" in items["lit:wall"]["words"]["ko"]
    assert listed(staff)["signed"]["remarks"] == REMARKS
    assert "kim" in staff.raw("GET", "/morning")[1].decode()


def listed(staff: Visitor) -> dict[str, Any]:
    """Today's list."""
    status, answer = staff.ask("GET", LIST)
    assert status == 200, answer
    found: dict[str, Any] = answer
    return found


def line(staff: Visitor, id_: str) -> dict[str, Any]:
    """One line of it."""
    return next(item for item in listed(staff)["items"] if item["id"] == id_)


def state(staff: Visitor, id_: str) -> str:
    """The state of one line."""
    return str(line(staff, id_)["state"])


def unready(staff: Visitor) -> list[str]:
    """The lines that are not ready, or still to come."""
    return [item["words"]["ko"] for item in listed(staff)["items"] if item["state"] not in {"ok", "noted"}]


def sign(staff: Visitor) -> int:
    """Read the list and sign it."""
    headers = staff.raw("GET", LIST)[2]
    return staff.ask("POST", f"{LIST}/signature", {"remarks": REMARKS}, If_Match=headers["ETag"] or '"none"')[0]


def opening_soon(site: Site) -> Site:
    """The same site, opening everything in a moment; one quick picture everywhere, displays warm in two seconds."""
    now = datetime.now(UTC)
    zone = zone_at_work(now)
    local = now + timedelta(hours=-int(zone.removeprefix("Etc/GMT") or 0), seconds=AHEAD_S)
    start = {"from_": local.time().replace(microsecond=0), "to": time((local.hour + 6) % 24), "days": DAYS}
    hours = {
        name: one.model_copy(
            update={"weekly": (one.weekly[0].model_copy(update=start),), "public_holiday": None, "seasons": ()}
        )
        for name, one in site.hours.items()
    }
    item = (PlaylistItem(asset="led-welcome", dwell_s=60),)
    playlists = {name: one.model_copy(update={"items": item}) for name, one in site.playlists.items()}
    quick = {
        name: thing.model_copy(update={"poll_s": 1.0, "warm_up_s": 2.0}) if isinstance(thing, Display) else thing
        for name, thing in site.things.items()
    }
    about = site.site.model_copy(update={"time_zone": zone})
    return site.model_copy(update={"site": about, "hours": hours, "playlists": playlists, "things": quick})
