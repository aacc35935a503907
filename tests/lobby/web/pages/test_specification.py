"""The delivery specification in the console: a sheet to print and a picture to keep."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import sync_playwright

from lobby.web.console.specification import page_alone
from lobby.web.roles import Role
from tests.lobby.web.pages.standin import app_of, sample, served, stand_in
from tests.lobby.web.pages.test_browser import ARGUMENTS, CHROMIUM
from tests.lobby.web.pages.test_pages import get, house


def test_the_sheet_is_a_page_with_its_drawing_and_its_template() -> None:
    """Seven screens drawn, the folds from above, a link to the picture, the command as it is typed."""
    answer = get(house(), "/walls/wall/spec", roles=frozenset({Role.UPLOADER}))
    assert answer.status_code == 200
    assert answer.text.count('class="spec-panel"') == 7
    assert answer.text.count('class="spec-foot"') == 7
    assert 'href="/walls/wall/template.png"' in answer.text
    assert "<code>ffmpeg -i source.mov" in answer.text
    assert ' style="' not in answer.text


def test_a_surface_that_is_not_there_has_no_sheet() -> None:
    """It says which there are."""
    answer = get(house(), "/walls/nowhere/spec")
    assert answer.status_code == 404
    assert "desk-led" in answer.text


def test_the_walls_lead_to_their_sheets() -> None:
    """One link a surface."""
    text = get(house(), "/walls").text
    assert all(f'href="/walls/{surface}/spec"' in text for surface in ("wall", "main", "desk-led"))


def test_the_file_for_an_artist_needs_nothing_else() -> None:
    """No link, no script; its styles within."""
    text = page_alone(sample("seoul-city-hall"), "wall", datetime(2026, 11, 25, tzinfo=UTC), "en")
    assert "Delivery specification" in text
    assert not any(piece in text for piece in ("<script", "<link", "href=", "src="))


@pytest.mark.slow
def test_the_template_is_sent_as_a_picture_of_the_canvas() -> None:
    """To be kept under a name."""
    answer = get(house(), "/walls/desk-led/template.png")
    assert answer.headers["content-disposition"] == 'attachment; filename="desk-led-template.png"'
    assert Image.open(io.BytesIO(answer.content)).size == (1920, 960)


@pytest.mark.slow
def test_it_prints_on_three_upright_pages(tmp_path: Path) -> None:
    """A4, without the console's frame, nothing wider than the paper."""
    made = stand_in()
    made.all_well()
    with sync_playwright() as playwright, served(app_of(made)) as (base, _):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        page.goto(f"{base}/walls/wall/spec")
        page.emulate_media(media="print")
        assert not page.locator(".choices").is_visible()
        assert not any(page.locator(part).is_visible() for part in (".words", ".tabs"))
        page.set_viewport_size({"width": 680, "height": 1000})
        assert page.evaluate("document.documentElement.scrollWidth") <= 680
        printed = page.pdf(prefer_css_page_size=True)
        browser.close()
    assert 2 <= printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") <= 3
