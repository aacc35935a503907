"""Notices as pictures: faces, colours, and that equal notices are equal pictures."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from lobby.core.phrases import marks, phrases, services
from media.geometry import PanelPlace, canvas
from media.notices.layout import pages
from media.notices.painting import (
    FACES,
    PALETTES,
    NoSuchSign,
    Palette,
    face,
    painted,
    refuse_unknown_signs,
    width,
)
from media.notices.texts import LANGUAGES, Text, Tone
from tests.media.notices.test_layout import DOOR, WALL

AT_LEAST = {"ko": "KR", "en": "KR", "zh-hans": "SC", "zh-hant": "TC", "ja": "JP"}


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The ratio of two colours."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_is_drawn_by_its_own_face(language: str) -> None:
    """KR, SC, TC and JP draw the same sign in different shapes."""
    family = face(language, 20, bold=False).getname()[0]
    assert family == f"Noto Sans CJK {AT_LEAST[language]}"
    assert face(language, 20, bold=True).getname()[1] == "Bold"


def test_chinese_and_japanese_shapes_differ() -> None:
    """直 is drawn in three ways."""
    drawn = {bytes(face(language, 60, bold=False).getmask("直")) for language in ("zh-hans", "zh-hant", "ja")}
    assert len(drawn) >= 2
    assert len(set(FACES.values())) == 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_has_a_sign_that_the_face_lacks(language: str) -> None:
    """No empty boxes: every sign of every phrase, service and mark is in its face."""
    signs = "".join("".join(phrase.words[language]) for phrase in phrases().values())
    signs += "".join(names[language] for names in (*services().values(), *marks().values()))
    refuse_unknown_signs("".join(sorted(set(signs))), language)


def test_a_sign_that_no_face_has_is_refused() -> None:
    """An emoji would be an empty box on a wall."""
    with pytest.raises(NoSuchSign) as caught:
        refuse_unknown_signs("축제 😀", "ko")
    assert caught.value.sign == "😀"


@pytest.mark.parametrize("palette", PALETTES.values())
def test_every_tone_can_be_read(palette: Palette) -> None:
    """Contrast 7 for text and 4.5 for the mark, at both ends of the ground."""
    for ground in (palette.top, palette.bottom):
        assert contrast(palette.ink, ground) >= 7
        assert contrast(palette.soft, ground) >= 7
        assert contrast(palette.shape, ground) >= 4.5


def test_mourning_has_no_colour() -> None:
    """Its palette is grey: no channel stands out by more than a trace."""
    for colour in (
        getattr(PALETTES[Tone.MOURNING], name) for name in ("top", "bottom", "ridge", "ink", "soft", "shape")
    ):
        parts = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
        assert max(parts) - min(parts) <= 8


@pytest.mark.slow
@pytest.mark.parametrize("tone", Tone)
def test_nothing_is_written_between_panels(tone: Tone) -> None:
    """What lies behind bezels and gaps is ground only: the picture with text and the one without are equal there."""
    texts = [Text(language=language, mark="안내", headline="승강기 점검", body="계단으로") for language in LANGUAGES]
    laid, (page,) = canvas(WALL), pages(WALL, texts, width)
    with_text = painted(laid, page, tone, scale=0.2)
    without = painted(laid, type(page)(blocks={}), tone, scale=0.2)
    for before, after in pairwise(WALL):
        left = laid.panels[before.id]
        right = laid.panels[after.id]
        box = (round((left.x + left.width) * 0.2) + 1, 0, round(right.x * 0.2) - 1, with_text.height)
        assert with_text.crop(box).tobytes() == without.crop(box).tobytes()


def test_equal_notices_are_equal_pictures() -> None:
    """The grain is no chance, so that the store keeps one file."""
    texts = [Text(language="ko", mark="안내", headline="승강기 점검", body="")]
    (page,) = pages(DOOR, texts, width)
    first, second = (painted(canvas(DOOR), page, Tone.NOTICE, scale=0.3) for _ in range(2))
    assert first.tobytes() == second.tobytes()


@pytest.mark.slow
def test_hills_stay_below_the_texts_of_panels_above_one_another() -> None:
    """They are as high as the strip of the lowest panels, not of the whole wall: no word stands on a ridge."""
    grid = [
        PanelPlace(id=f"g-{n}", pixels=(960, 540), at_mm=(1250 * (n % 2), 710 * (n // 2)), size_mm=(1210, 680))
        for n in range(4)
    ]
    texts = [Text(language="ko", mark="안내", headline="승강기 점검", body="계단으로")]
    laid, (page,) = canvas(grid), pages(grid, texts, width)
    bare = np.asarray(painted(laid, type(page)(blocks={}), Tone.NOTICE, scale=0.5).convert("L")).astype(float)
    strip = round(0.11 * laid.panels["g-3"].height * 0.5)
    blurred = bare.reshape(bare.shape[0], -1)[:, : bare.shape[1] // 16 * 16].reshape(bare.shape[0], -1, 16).mean(axis=2)
    uneven = blurred.max(axis=1) - blurred.min(axis=1)
    assert uneven[: -strip - 1].max() < 6
    assert uneven[-strip:].max() > 10
