"""The page of notices in a browser: a draft drawn as it is typed, a telephone's width, one printed sheet."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, async_playwright, expect

from lobby.core.clock import SystemClock
from lobby.day.drafts import Draft
from lobby.web.gate import cookie_name
from lobby.web.roles import Role
from tests.lobby.web.houses import a_visit
from tests.lobby.web.notices.test_notices import OFFICE
from tests.lobby.web.pages.test_browser import ARGUMENTS, CHROMIUM

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.lobby.web.houses import Visit

pytestmark = pytest.mark.slow

DRAFT = "phrase=tickets-until&slot-until=21:00&surface-counter-screen=on&kiosk=on&until=2099-01-01T12:00&look=1"
WAIT_MS = 20_000


@asynccontextmanager
async def opened(
    folder: Path, path: str, *, width: int = 1920, script: bool = True
) -> AsyncIterator[tuple[Visit, Page]]:
    """A page of the small office before a supervisor; a mistake in a script fails the test."""
    about = OFFICE.site.model_copy(update={"one_person": False})
    wrong: list[str] = []
    async with a_visit(folder, clock=SystemClock(), site=OFFICE.model_copy(update={"site": about})) as visit:
        _, secret = await visit.secret(Role.SUPERVISOR)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            context = await browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script)
            await context.add_cookies([{"name": cookie_name(secure=False), "value": secret, "url": visit.url}])
            page = await context.new_page()
            page.on("pageerror", lambda error: wrong.append(str(error)))
            await page.goto(visit.url + path)
            yield visit, page
            await browser.close()
    assert wrong == []


def test_a_draft_is_drawn_as_it_is_typed(tmp_path: Path) -> None:
    """No button is pressed; the picture is of what stands in the gap."""

    async def go() -> None:
        async with opened(tmp_path, "/notices?phrase=tickets-until") as (_, page):
            await page.fill("[name=slot-until]", "20:30")
            shown = page.locator("#look svg image").first
            await expect(shown).to_have_attribute("href", re.compile("20%3A30"), timeout=WAIT_MS)
            await page.fill("[name=slot-until]", "19:15")
            await expect(shown).to_have_attribute("href", re.compile("19%3A15"), timeout=WAIT_MS)

    asyncio.run(go())


@pytest.mark.parametrize("script", [True, False])
def test_a_notice_goes_on_air_by_its_button(tmp_path: Path, script: bool) -> None:
    """With script and without; then it is listed, can be taken off, comes back and goes again."""

    async def go() -> None:
        soon = DRAFT.replace("2099-01-01T12:00", _in_an_hour())
        async with opened(tmp_path, f"/notices?{soon}", script=script) as (visit, page):
            await page.click("#look form[action='/api/v1/notices'] button")
            await expect(page.locator("#on-air")).to_contain_text("저녁", timeout=WAIT_MS)
            assert len(visit.house.notices.current()) == 1
            await _end(page, "#on-air")
            await expect(page.locator("#on-air")).not_to_contain_text("저녁", timeout=WAIT_MS)
            assert visit.house.notices.current() == ()
            await page.get_by_role("button", name="되돌리기").click()
            await expect(page.locator("#on-air")).to_contain_text("저녁", timeout=WAIT_MS)
            assert len(visit.house.notices.current()) == 1
            await _end(page, "#on-air")
            await expect(page.locator("#on-air")).not_to_contain_text("저녁", timeout=WAIT_MS)

    asyncio.run(go())


@pytest.mark.parametrize("script", [True, False])
def test_an_occasion_is_ended_on_today(tmp_path: Path, script: bool) -> None:
    """With script and without; the sentence no longer names it, the page is still Today, and the end is taken back."""

    async def go() -> None:
        async with opened(tmp_path, "/", script=script) as (visit, page):
            ends = SystemClock().now() + timedelta(hours=1)
            await visit.house.notices.begin("typhoon", until=ends, person="p")
            await page.goto(visit.url + "/")
            await expect(page.locator("#sentence")).to_contain_text("태풍", timeout=WAIT_MS)
            await _end(page, "#band .on-air")
            await expect(page.locator("#sentence")).not_to_contain_text("태풍", timeout=WAIT_MS)
            assert page.url.partition("?")[0] == visit.url + "/"
            assert visit.house.notices.current() == ()
            await page.get_by_role("button", name="되돌리기").click()
            await expect(page.locator("#sentence")).to_contain_text("태풍", timeout=WAIT_MS)

    asyncio.run(go())


def test_nothing_is_wider_than_a_telephone(tmp_path: Path) -> None:
    """360 px, the drawing scrolls in its own frame."""
    paths = ("/notices", f"/notices?{DRAFT}", "/notices?occasion=typhoon", "/notices?own=1")

    async def go() -> dict[str, int]:
        widths = {}
        async with opened(tmp_path, "/notices", width=360) as (visit, page):
            for path in paths:
                await page.goto(visit.url + path)
                widths[path] = int(await page.evaluate("document.documentElement.scrollWidth"))
        return widths

    assert asyncio.run(go()) == dict.fromkeys(paths, 360)


def test_a_notice_leaves_visitors_pages_at_its_end(tmp_path: Path) -> None:
    """By their own clock, while nothing reaches them any more; the kiosk and the large print share their script."""

    async def go() -> None:
        async with opened(tmp_path, "/notices") as (visit, page):
            ends = SystemClock().now() + timedelta(seconds=10)
            draft = Draft(phrase="wifi-out", surfaces=("counter-screen",), until=ends)
            await visit.house.notices.post(draft, person="p", approved=True)
            await page.goto(visit.url + "/kiosk")
            told = page.locator("[data-told=notices]")
            await expect(told).to_contain_text("와이파이를 쓸 수 없습니다", timeout=WAIT_MS)
            await page.context.set_offline(True)
            await expect(told).to_be_empty(timeout=WAIT_MS)

    asyncio.run(go())


def test_a_notice_is_one_printed_sheet(tmp_path: Path) -> None:
    """A4, without the console around it."""

    async def go() -> bytes:
        async with opened(tmp_path, "/notices/print?phrase=disinfection&slot-day=2099-01-01&slot-span-from=11:30"
                          "&slot-span-to=12:45") as (_, page):  # fmt: skip
            return bytes(await page.pdf(prefer_css_page_size=True))

    assert re.findall(rb"/Count (\d+)", asyncio.run(go())) == [b"1"]


def _in_an_hour() -> str:
    return f"{SystemClock().now().astimezone(ZoneInfo('Asia/Seoul')) + timedelta(hours=1):%Y-%m-%dT%H:%M}"


async def _end(page: Page, where: str) -> None:
    """Read what taking it off changes, then do it."""
    await page.click(f"{where} details.act summary")
    await expect(page.locator(f"{where} details[open] form")).to_contain_text("저절로 끝납니다")
    await page.click(f"{where} details[open] form button[type=submit]")
