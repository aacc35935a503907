"""Where lines end."""

from __future__ import annotations

import pytest

from media.notices.breaking import clusters, lines


def measure(text: str) -> float:
    """Every sign as wide as the next."""
    return float(len(text))


def test_korean_lines_end_at_blanks_only() -> None:
    """A word is never parted."""
    found = lines("전산 장애로 주민등록등본 발급이 늦어집니다", "ko", 9, measure)
    assert found == ("전산 장애로", "주민등록등본", "발급이 늦어집니다")


def test_a_korean_word_too_wide_does_not_fit() -> None:
    """Rather a smaller size than half a word."""
    assert lines("주민등록등본 발급", "ko", 5, measure) is None


def test_lines_are_alike() -> None:
    """No last word alone where the words can be shared out."""
    assert lines("one two three four", "en", 13, measure) == ("one two", "three four")


def test_a_line_likes_to_end_with_its_sentence() -> None:
    """A pause draws the end of the line."""
    assert lines("고치고 있습니다. 급하시면 창구로", "ko", 14, measure) == ("고치고 있습니다.", "급하시면 창구로")


def test_chinese_lines_end_between_phrases() -> None:
    """A blank in the text marks where; it is not drawn."""
    assert lines("因系统故障， 居民登记副本的 办理 有所延迟", "zh-hans", 9, measure) == (
        "因系统故障，",
        "居民登记副本的",
        "办理有所延迟",
    )


def test_a_phrase_too_wide_is_parted_by_kinsoku() -> None:
    """No line begins with a comma or a small kana or ends with an opening bracket."""
    found = lines("居民登记副本（抄本），延迟", "zh-hans", 6, measure)
    assert found is not None
    assert "".join(found) == "居民登记副本（抄本），延迟"
    assert not any(line[0] in "，。）" for line in found)
    assert not any(line[-1] == "（" for line in found)


def test_phrases_stay_whole_where_they_must() -> None:
    """Without parting a wide phrase does not fit."""
    assert lines("居民登记副本的", "zh-hans", 5, measure, parting=False) is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("エレベーター点検", ["エレベーター", "点", "検"]),
        ("（10:30）", ["（10:30）"]),
        ("ちょっと", ["ちょっ", "と"]),
        ("Wi-Fi检修", ["Wi-Fi", "检", "修"]),
    ],
)
def test_what_belongs_together_stays(text: str, parts: list[str]) -> None:
    """Katakana words, figures, Latin, small kana and brackets."""
    assert list(clusters(text)) == parts


def test_a_word_is_parted_where_it_may_only_if_it_must() -> None:
    """The figures of a time rather stay with it."""
    time = "오늘 저녁\u00a09시\u200b(21:00)까지"
    assert lines(time, "ko", 15, measure) == ("오늘", "저녁\u00a09시(21:00)까지")
    assert lines(time, "ko", 9, measure) == ("오늘 저녁\u00a09시", "(21:00)까지")


def test_a_nailed_blank_ends_no_line() -> None:
    """A time stays in one piece."""
    assert lines("오늘 저녁\u00a09시(21:00)까지", "ko", 15, measure) == ("오늘", "저녁\u00a09시(21:00)까지")
