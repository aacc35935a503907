"""What staff read of the LED wall on a Tuesday evening, in the sample site."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.lobby.web.pages.test_pages import get, house


def words_of(path: str) -> str:
    """The page's text without markup and scripts, at 20:41 on a Tuesday."""
    page = re.sub(r"<script.*?</script>", "", get(house(), path).text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_walls_say_that_the_led_guides_to_the_evening_desk() -> None:
    """Now, until when, and what comes next."""
    assert "지금 야간민원실 안내 21:00까지" in words_of("/walls")
    assert "다음 21:00 꺼짐" in words_of("/walls")


@pytest.mark.parametrize(("thing", "state"), [("display-led", "켜짐 21:00까지"), ("display-main", "꺼짐 내일")])
def test_the_power_of_the_led_stays_while_the_wall_is_dark(thing: str, state: str) -> None:
    """On until nine by the LED's own hours; the large display is off since seven."""
    assert f"예정 상태 {state}" in words_of(f"/devices/{thing}")
