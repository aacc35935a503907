"""The editor in a browser: buttons act without a new page, items are dragged, a telephone needs no side scrolling."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from lobby.core.site import Playlist
from lobby.web.gate import cookie_name
from lobby.web.roles import Role
from tests.eventually import soon
from tests.lobby.web.houses import a_visit, run
from tests.lobby.web.lists.test_pages import living
from tests.lobby.web.pages.test_browser import ARGUMENTS, CHROMIUM, TELEPHONE

pytestmark = pytest.mark.slow

SHORT = {"width": 1600, "height": 1000}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@contextmanager
def edited(browser: Browser, folder: Path, path: str, screen: dict[str, int]) -> Iterator[tuple[Page, list[Playlist]]]:
    """A page of a served house for an uploader; at the end what waits as the playlist's draft."""
    address, ending, drafts = dict[str, str](), threading.Event(), list[Playlist]()
    ready = threading.Event()

    async def serving() -> None:
        import asyncio

        async with a_visit(folder) as visit:
            await living(visit)
            _, secret = await visit.secret(Role.UPLOADER)
            address.update(url=visit.url, secret=secret)
            ready.set()
            await asyncio.to_thread(ending.wait, 50)
            draft = visit.house.playlists.draft("living")
            drafts.extend([draft.playlist] if draft else [])

    thread = threading.Thread(target=run, args=(serving(),), daemon=True)
    thread.start()
    assert ready.wait(20)
    context = browser.new_context(viewport=screen)  # type: ignore[arg-type] # a typed dict of width and height
    context.add_cookies([{"name": cookie_name(secure=False), "value": address["secret"], "url": address["url"]}])
    page, wrong = context.new_page(), list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address["url"] + path)
    yield page, drafts
    context.close()
    ending.set()
    thread.join(20)
    assert wrong == []


def order(page: Page) -> list[str]:
    """What stands in the editor, from the first to the last."""
    return [text.strip() for text in page.locator("#items .named strong").all_inner_texts()]


def test_buttons_and_dragging_change_the_order_and_one_form_saves_it(browser: Browser, tmp_path: Path) -> None:
    """The page is never loaded anew; what stands below follows every step."""
    with edited(browser, tmp_path, "/playlists/living/edit", SHORT) as (page, drafts):
        page.evaluate("window.kept = true")
        for added in ("seasons-live", "skyline-live"):
            page.click(f'button[value="add:{added}"]')
            page.wait_for_selector(f'#items input[value="{added}"]', state="attached")
        page.click('button[value="up-2"]')
        soon(lambda: order(page)[1] == "서울의 오늘과 내일")
        focused = page.evaluate("document.activeElement.value")
        page.drag_and_drop("#item-2 .named", "#item-0 .named")
        soon(lambda: order(page)[0] == "지금 서울의 자연")
        shown = order(page)
        page.wait_for_selector("#outcome button.main")
        assert page.evaluate("window.kept")
        page.click("#outcome button.main")
        page.wait_for_url("**/playlists/living")
    assert focused == "up-1"
    assert shown[0] == "지금 서울의 자연"
    assert [item.asset for item in drafts[0].items] == ["seasons-live", "aquarium-live", "skyline-live"]


def test_a_telephone_scrolls_down_only(browser: Browser, tmp_path: Path) -> None:
    """Nothing on these pages is wider than 360 px."""
    with edited(browser, tmp_path, "/playlists", TELEPHONE) as (page, _):
        address = page.url.removesuffix("/playlists")
        for path in ("/playlists", "/playlists/living", "/playlists/living/edit", "/airings"):
            page.goto(address + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
