"""How long a text takes to read, and what stands too short."""

from __future__ import annotations

import unicodedata

from media.checks.reading import needed_s, too_short


def test_longer_texts_take_longer_and_none_takes_nothing() -> None:
    """Blanks do not count, Hangul takes longer a letter than Latin."""
    assert needed_s("") == needed_s(" \n") == 0
    assert 2 < needed_s("환영합니다") < 3
    assert needed_s("열린민원실은 오른쪽에 있습니다") > needed_s("abcdefghijklmn")


def test_decomposed_hangul_counts_as_it_is_read() -> None:
    """What a Mac sends in pieces is read in syllables."""
    text = "서울특별시청"
    assert needed_s(unicodedata.normalize("NFD", text)) == needed_s(text)


def test_text_that_stands_too_short_is_told_with_both_times() -> None:
    """Forty syllables in four seconds."""
    found = too_short("가" * 40, 4)
    assert found is not None
    assert (found.code, found.severity) == ("too-short-to-read", "warn")
    assert found.params == {"dwell": "4", "needed": "8"}
    assert too_short("가" * 40, 9) is None
