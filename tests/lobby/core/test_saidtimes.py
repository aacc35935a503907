"""Times and dates as people say them."""

from __future__ import annotations

from datetime import date, time

import pytest

from lobby.core.saidtimes import said_date, said_span, said_time


def plain(text: str) -> str:
    """With blanks where lines do not end."""
    return text.replace("\u00a0", " ").replace("\u200b", "")


@pytest.mark.parametrize(
    ("moment", "language", "said"),
    [
        (time(21), "ko", "저녁 9시(21:00)"), (time(21), "en", "9 p.m."), (time(21), "zh-hans", "晚上9点"),
        (time(21), "zh-hant", "晚上9點"), (time(21), "ja", "午後9時"),
        (time(9, 30), "ko", "아침 9시 30분(09:30)"), (time(9, 30), "en", "9:30 a.m."),
        (time(9, 30), "zh-hans", "上午9点30分"), (time(9, 30), "ja", "午前9時30分"),
        (time(12), "ko", "낮 12시(12:00)"), (time(12), "en", "noon"), (time(12), "zh-hant", "中午12點"),
        (time(12), "ja", "正午"), (time(0), "en", "midnight"), (time(0), "ja", "午前0時"),
        (time(0, 5), "ko", "밤 12시 5분(00:05)"),
        (time(12, 5), "en", "12:05 p.m."),
    ],
)  # fmt: skip
def test_a_time_is_said_aloud(moment: time, language: str, said: str) -> None:
    """Each language has its own parts of the day."""
    assert plain(said_time(moment, language)) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [("ko", "오후 2시–4시(14:00–16:00)"), ("en", "2–4 p.m."), ("zh-hans", "下午2点至4点"), ("zh-hant", "下午2點至4點"),
     ("ja", "午後2時から午後4時")],
)  # fmt: skip
def test_a_span_says_its_part_once(language: str, said: str) -> None:
    """Both ends of the afternoon share one word."""
    assert plain(said_span(time(14), time(16), language)) == said


@pytest.mark.parametrize(
    ("start", "end", "language", "said"),
    [
        (time(10), time(11, 30), "ko", "오전 10시–11시 30분(10:00–11:30)"),
        (time(11), time(13), "ko", "오전 11시–오후 1시(11:00–13:00)"), (time(11), time(13), "en", "11 a.m.–1 p.m."),
        (time(9), time(12), "en", "9 a.m.–noon"), (time(9), time(12), "zh-hans", "上午9点至中午12点"),
    ],
)  # fmt: skip
def test_a_span_over_noon_says_both_parts(start: time, end: time, language: str, said: str) -> None:
    """Nobody has to guess which nine it is."""
    assert plain(said_span(start, end, language)) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [("ko", "11월 26일(목)"), ("en", "Thu 26 Nov"), ("zh-hans", "11月26日（周四）"), ("zh-hant", "11月26日（週四）"),
     ("ja", "11月26日（木）")],
)  # fmt: skip
def test_a_date_has_its_weekday(language: str, said: str) -> None:
    """In the language's own brackets."""
    assert plain(said_date(date(2026, 11, 26), language)) == said
