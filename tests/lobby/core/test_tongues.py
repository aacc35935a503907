"""The five scripts of visitors: complete words, signs that the faces have, and the nearest text with its own script."""

from __future__ import annotations

from datetime import date, timedelta
from string import Formatter

import pytest

from lobby.core.holidaynames import holiday_names
from lobby.core.site import Text
from lobby.core.tongues import TONGUES, Part, filled, nearest, parts, plain, tongue_of
from lobby.core.words import LANGUAGES, catalogue
from media.notices.painting import refuse_unknown_signs
from schedules import korea

FOREIGN = [tongue for tongue in TONGUES if tongue not in LANGUAGES]
VISITORS = {key for key in catalogue("ko") if key.startswith("kiosk.")}
HALL = Text(ko="서울시청", en="Seoul City Hall", zh="首尔市政府").told()
UNSEEN = "\u200b"


def slots(text: str) -> set[str]:
    """The names in braces; a digit behind one is another writing of the same value."""
    return {name.rstrip("0123456789") for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("tongue", FOREIGN)
def test_what_visitors_read_exists_in_their_script_and_nothing_else_does(tongue: str) -> None:
    """Every key of the visitors' pages with the same values to fill; staff words stay Korean and English."""
    words = catalogue(tongue)
    assert words.keys() == VISITORS
    assert [key for key, text in words.items() if not text.strip()] == []
    assert [key for key in VISITORS if slots(words[key]) != slots(catalogue("ko")[key])] == []


@pytest.mark.parametrize("tongue", TONGUES)
def test_no_word_of_visitors_has_a_sign_that_the_face_lacks(tongue: str) -> None:
    """No empty boxes in the fonts that the image and the tests install; Simplified in its own face."""
    names = [holiday_names(name).get(tongue, "") for name in holidays()]
    signs = set("".join([*(catalogue(tongue)[key] for key in VISITORS), *names])) - {UNSEEN}
    refuse_unknown_signs("".join(sorted(signs)), tongue)


@pytest.mark.parametrize("tongue", ["zh-hans", "zh-hant"])
def test_each_chinese_is_written_in_its_own_signs(tongue: str) -> None:
    """Simplified has none that only Traditional has, nor the other way round."""
    foreign = {"zh-hans": "開關電樓廳處請務還業從閱資訊螢廁", "zh-hant": "开关电楼厅处请务还业从阅资讯屏厕"}[tongue]
    assert set("".join(catalogue(tongue).values())) & set(foreign) == set()


@pytest.mark.parametrize("tongue", FOREIGN)
def test_every_holiday_of_twelve_years_has_its_name(tongue: str) -> None:
    """Substitute days, days before and after, and two holidays of one day included."""
    assert [name for name in holidays() if not holiday_names(name).get(tongue)] == []


@pytest.mark.parametrize(
    ("gazette", "library"),
    [
        ("1월 1일", "신정연휴"),
        ("3ㆍ1절", "삼일절"),
        ("부처님 오신 날", "부처님오신날"),
        ("대체공휴일(3ㆍ1절)", "삼일절 대체 휴일"),
        ("대체공휴일(부처님 오신 날)", "부처님오신날 대체 휴일"),
        ("임시공휴일(대통령선거)", "임시공휴일"),
        ("전국동시지방선거", "지방선거일"),
    ],
)
def test_a_name_as_the_gazette_writes_it_has_the_same_translations(gazette: str, library: str) -> None:
    """Whoever copies the official calendar loses no language on the kiosk."""
    assert holiday_names(gazette) == holiday_names(library) != {}


def test_a_holiday_that_nobody_has_named_falls_back_whole() -> None:
    """A temporary one that staff entered has no half name."""
    assert holiday_names("설날; 새 공휴일") == {}
    assert holiday_names("개천절; 추석")["zh-hans"] == "开天节·中秋节"
    assert holiday_names("어린이날 대체 휴일")["ja"] == "こどもの日の振替休日"


@pytest.mark.parametrize(
    ("asked", "tongue"),
    [("zh", "zh-hans"), ("zh-CN", "zh-hans"), ("zh-Hant-HK", "zh-hant"), ("zh-TW", "zh-hant"), ("ja-JP", "ja"),
     ("en-GB", "en"), ("ko-KR", "ko"), ("fr", None), ("", None)],
)  # fmt: skip
def test_a_tag_finds_its_script(asked: str, tongue: str | None) -> None:
    """As browsers and links write languages."""
    assert tongue_of(asked) == tongue


@pytest.mark.parametrize(
    ("tongue", "said"),
    [("ko", ("서울시청", "ko")), ("zh-hant", ("首尔市政府", "zh-hans")), ("ja", ("Seoul City Hall", "en"))],
)
def test_a_name_without_a_form_takes_the_nearest_with_its_own_script(tongue: str, said: tuple[str, str]) -> None:
    """Traditional readers read Simplified, everybody else English."""
    assert nearest(HALL, tongue) == Part(text=said[0], lang=said[1])


def test_korean_inside_another_script_is_korean() -> None:
    """What nobody translated is marked as what it is, so that fonts and voices know."""
    told = {"ko": "내부 공사", "en": "(Korean only) 내부 공사", "zh-hans": "（仅有韩文通知）내부 공사"}
    assert parts(told, "zh-hans") == (
        Part(text="（仅有韩文通知）", lang="zh-hans"),
        Part(text="내부 공사", lang="ko"),
    )
    assert parts({"ko": "LED", "en": "LED wall"}, "en") == (Part(text="LED wall", lang="en"),)


def test_a_name_in_a_sentence_keeps_its_script() -> None:
    """The words around it are the reader's."""
    said = filled("kiosk.title", "ja", place=parts(HALL, "ja"))
    assert said == (Part(text="Seoul City Hall", lang="en"), Part(text="のご案内", lang="ja"))
    assert plain(said) == "Seoul City Hallのご案内"


def holidays() -> list[str]:
    """Every Korean name of a holiday from 2024 to 2035."""
    days = (date(2024, 1, 1) + timedelta(days=day) for day in range(12 * 365))
    return sorted({name for day in days if (name := korea().name(day))})
