"""The page of public holidays in a browser: a day added, its effects, confirmed, taken back; also without script."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Page, async_playwright, expect

from lobby.core.clock import SystemClock
from lobby.web.gate import cookie_name
from lobby.web.roles import Role
from tests.lobby.web.houses import a_visit
from tests.lobby.web.pages.test_browser import ARGUMENTS, CHROMIUM

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.lobby.web.houses import Visit

pytestmark = pytest.mark.slow

WAIT_MS = 20_000
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@asynccontextmanager
async def opened(folder: Path, *, width: int, script: bool) -> AsyncIterator[tuple[Visit, Page]]:
    """The page before a supervisor; a mistake in a script fails the test."""
    wrong: list[str] = []
    async with a_visit(folder, clock=SystemClock()) as visit:
        _, secret = await visit.secret(Role.SUPERVISOR)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            context = await browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script)
            await context.add_cookies([{"name": cookie_name(secure=False), "value": secret, "url": visit.url}])
            page = await context.new_page()
            page.on("pageerror", lambda error: wrong.append(str(error)))
            yield visit, page
            await browser.close()
    assert wrong == []


@pytest.mark.parametrize(("width", "script"), [(1920, True), (360, False)])
def test_a_year_is_confirmed_and_taken_back_by_its_buttons(tmp_path: Path, width: int, script: bool) -> None:
    """On the desk and on a telephone; a file of another kind is told in words. No page is wider than its screen."""

    async def go() -> None:
        async with opened(tmp_path, width=width, script=script) as (visit, page):
            year = visit.house.clock.now().year + 1
            await page.goto(f"{visit.url}/timetable/holidays?year={year}")
            assert not await page.evaluate(WIDER)
            blank = await page.locator("#form input[type=date]").count() - 4  # three blank lines and the issue date
            await page.fill(f"[name=date-{blank}]", f"{year}-11-04")
            await page.fill(f"[name=name-{blank}]", "임시공휴일")
            await page.click("#form button.main")
            await expect(page.locator("#what-if")).to_contain_text("공휴일이 됨: 임시공휴일", timeout=WAIT_MS)
            await page.click("#what-if button.main")
            await expect(page.locator("#done")).to_contain_text(f"{year}년 공휴일을 확정했습니다", timeout=WAIT_MS)
            assert len(visit.house.official_days.entries()) == 1
            await page.click("#done button")
            await expect(page.locator("#entries")).to_contain_text("아직 넣은 것이 없습니다", timeout=WAIT_MS)
            file = {"name": "달력.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
            await page.set_input_files("#file input[type=file]", file)  # type: ignore[arg-type] # a plain dict will do
            await page.click("#file button")
            await expect(page.locator("#problem")).to_contain_text("공휴일 데이터 파일이 아닙니다", timeout=WAIT_MS)

    asyncio.run(go())
