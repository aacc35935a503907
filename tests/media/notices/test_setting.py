"""Notices are set in a process of their own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PIL import Image

from media.limited import IntakeRefused
from media.notices.setting import preview, set_notice
from media.notices.texts import LANGUAGES, Text, Tone
from tests.media.notices.test_layout import MAIN, WALL

pytestmark = pytest.mark.slow


def texts(headline: str = "승강기 점검") -> list[Text]:
    """A notice in every script."""
    return [Text(language=language, mark="안내", headline=headline, body="계단으로") for language in LANGUAGES]


def test_a_notice_becomes_one_still_a_surface(tmp_path: Path) -> None:
    """At the canvas's own size, gaps included, and it says how small its smallest sign is."""
    told = asyncio.run(set_notice({"wall": WALL, "main": MAIN}, texts(), Tone.NOTICE, tmp_path))
    with Image.open(told["wall"].files[0]) as picture:
        assert picture.size == (7941, 1922)
    with Image.open(told["main"].files[0]) as picture:
        assert picture.size == (3840, 2160)
    assert told["wall"].least_mm > 24


def test_a_preview_is_the_same_setting_small(tmp_path: Path) -> None:
    """One page as JPEG."""
    told = asyncio.run(preview(WALL, texts(), Tone.EMERGENCY, tmp_path, page=0, scale=0.2))
    with Image.open(told.files[0]) as picture:
        assert picture.format == "JPEG"
        assert picture.size == (1588, 384)


@pytest.mark.parametrize(
    ("headline", "code"), [("가나다라마바사 " * 40, "notice.too-long"), ("축제 😀", "notice.no-such-sign")]
)
def test_what_cannot_be_set_is_refused(tmp_path: Path, headline: str, code: str) -> None:
    """With a code that has words."""
    with pytest.raises(IntakeRefused) as caught:
        asyncio.run(set_notice({"wall": WALL}, texts(headline), Tone.NOTICE, tmp_path))
    assert caught.value.code == code
