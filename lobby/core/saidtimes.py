"""Times, spans and dates as people say them, in the five scripts of a notice; pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time

NO_BREAK = "\u00a0"
MAY_END = "\u200b"
MORNING, NOON = 6, 12
WEEKDAYS: Mapping[str, str] = {
    "ko": "월화수목금토일",
    "zh-hans": "一二三四五六日",
    "zh-hant": "一二三四五六日",
    "ja": "月火水木金土日",
}
ENGLISH_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ENGLISH_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")
KOREAN_PARTS = ((1, "밤"), (6, "새벽"), (11, "아침"), (12, "오전"), (13, "낮"), (18, "오후"), (22, "저녁"), (24, "밤"))
CHINESE_PARTS = ((6, "凌晨"), (9, "早上"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
HOUR: Mapping[str, str] = {"zh-hans": "点", "zh-hant": "點"}
MINUTE: Mapping[str, str] = {"zh-hans": "分", "zh-hant": "分"}


def said_time(moment: time, language: str) -> str:
    """`저녁 9시(21:00)`, `9 p.m.`, `晚上9点`, `午後9時`."""
    if language == "ko":
        return f"{_korean(moment)}{MAY_END}({moment:%H:%M})"
    if language == "en":
        return f"{_english(moment)}{NO_BREAK}{_half(moment)}" if _half(moment) else _english(moment)
    if language == "ja":
        return _japanese(moment)
    return _chinese(moment, language)


def said_span(start: time, end: time, language: str) -> str:
    """A span of one day; what both ends share is said once."""
    if language == "ko":
        return f"{_korean_span(start, end)}{MAY_END}({start:%H:%M}–{end:%H:%M})"
    if language == "en":
        return _english_span(start, end)
    if language == "ja":
        return f"{_japanese(start)}から{MAY_END}{_japanese(end)}"
    same = _part(start, CHINESE_PARTS) == _part(end, CHINESE_PARTS)
    last = _chinese(end, language)
    return f"{_chinese(start, language)}{MAY_END}至{last.removeprefix(_part(end, CHINESE_PARTS)) if same else last}"


def said_date(day: date, language: str) -> str:
    """`11월 26일(목)`, `Thu 26 Nov`, `11月26日（周四）`, `11月26日（木）`."""
    if language == "en":
        words = ENGLISH_DAYS[day.weekday()], str(day.day), ENGLISH_MONTHS[day.month - 1]
        return NO_BREAK.join(words)
    weekday = WEEKDAYS[language][day.weekday()]
    if language == "ko":
        return f"{day.month}월{NO_BREAK}{day.day}일({weekday})"
    week = {"zh-hans": "周", "zh-hant": "週"}.get(language, "")
    return f"{day.month}月{day.day}日（{week}{weekday}）"


def _part(moment: time, parts: tuple[tuple[int, str], ...]) -> str:
    return next(word for end, word in parts if moment.hour < end)


def _twelve(moment: time) -> int:
    return (moment.hour + 11) % 12 + 1


def _korean(moment: time) -> str:
    minute = f"{NO_BREAK}{moment.minute}분" if moment.minute else ""
    return f"{_part(moment, KOREAN_PARTS)}{NO_BREAK}{_twelve(moment)}시{minute}"


def _korean_span(start: time, end: time) -> str:
    """`저녁 7시–9시`; a morning that reaches past eleven is 오전 at both ends."""
    first, last = _part(start, KOREAN_PARTS), _part(end, KOREAN_PARTS)
    said = _korean(start)
    if start.hour >= MORNING and end.hour < NOON and first != last:
        said = said.replace(first, last, 1)
        first = last
    return f"{said}–{MAY_END}{_korean(end).partition(NO_BREAK)[2] if first == last else _korean(end)}"


def _half(moment: time) -> str:
    if moment.minute == 0 and moment.hour in (0, 12):
        return ""
    return "a.m." if moment.hour < 12 else "p.m."


def _english(moment: time) -> str:
    if not _half(moment):
        return "noon" if moment.hour else "midnight"
    return f"{_twelve(moment)}:{moment.minute:02d}" if moment.minute else str(_twelve(moment))


def _english_span(start: time, end: time) -> str:
    first, last = said_time(start, "en"), said_time(end, "en")
    if _half(start) and _half(start) == _half(end):
        first = _english(start)
    return f"{first}–{MAY_END}{last}"


def _chinese(moment: time, language: str) -> str:
    minute = f"{moment.minute}{MINUTE[language]}" if moment.minute else ""
    return f"{_part(moment, CHINESE_PARTS)}{_twelve(moment)}{HOUR[language]}{minute}"


def _japanese(moment: time) -> str:
    if (moment.hour, moment.minute) == (12, 0):
        return "正午"
    minute = f"{moment.minute}分" if moment.minute else ""
    return f"{'午前' if moment.hour < 12 else '午後'}{moment.hour % 12}時{minute}"
