"""Approved phrases: every one in every script with every slot, and what a slot refuses."""

from __future__ import annotations

import unicodedata
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from lobby.core.phrases import Phrase, SlotKind, free_texts, phrase_of, phrases, services, texts_of
from lobby.core.problem import Refusal
from lobby.core.site import Site
from lobby.core.sitefile import read
from media.notices.texts import LANGUAGES, Tone, as_read

SITE = read(Path(str(files("lobby.sites").joinpath("seoul-city-hall.toml"))))
TODAY = date(2026, 11, 25)
VALUES = {
    SlotKind.TIME: ("21:00", "09:30"),
    SlotKind.SPAN: ("10:00-11:30", "14:00-18:00"),
    SlotKind.DATE: ("2026-11-26", "2027-01-01"),
    SlotKind.PLACE: ("cafe-corner", "information-desk"),
    SlotKind.SERVICE: tuple(services()),
    SlotKind.NUMBER: ("5", "90"),
    SlotKind.NAME: ("서울 북페스티벌", "LED 음악회"),
}
CHARSETS = {"zh-hans": "gb2312", "zh-hant": "big5", "ja": "cp932", "ko": "cp949"}


def filled(phrase: Phrase, choice: int = 0) -> dict[str, str]:
    """Values for all slots of a phrase."""
    return {slot.name: VALUES[slot.kind][choice % len(VALUES[slot.kind])] for slot in phrase.slots}


def refused(name: str, values: dict[str, str], site: Site = SITE) -> str:
    """The code of the refusal."""
    with pytest.raises(Refusal) as caught:
        texts_of(phrase_of(name), values, site, today=TODAY)
    return caught.value.problem.code


def test_there_are_phrases_enough() -> None:
    """At least forty, every one in five scripts with headline and sentence."""
    assert len(phrases()) >= 40
    assert all(set(phrase.words) == set(LANGUAGES) for phrase in phrases().values())
    assert all(all(pair) for phrase in phrases().values() for pair in phrase.words.values())


@pytest.mark.parametrize("name", phrases())
def test_a_phrase_says_everything_in_every_script(name: str) -> None:
    """Every value of every kind of slot; no gap, no brace and no loose particle is left."""
    phrase = phrase_of(name)
    for choice in range(max((len(VALUES[slot.kind]) for slot in phrase.slots), default=1)):
        for text in texts_of(phrase, filled(phrase, choice), SITE, today=TODAY):
            whole = f"{text.mark} {text.headline} {text.body}"
            assert "{" not in whole
            assert "}" not in whole
            assert whole == unicodedata.normalize("NFC", whole)
            assert "(를)" not in whole


@pytest.mark.parametrize("name", phrases())
def test_every_script_uses_the_same_slots(name: str) -> None:
    """What Korean readers learn all readers learn."""
    phrase = phrase_of(name)
    for slot in phrase.slots:
        assert all(f"{{{slot.name}" in "".join(pair) for pair in phrase.words.values()), slot.name


@pytest.mark.parametrize("name", phrases())
def test_chinese_is_written_in_its_own_signs(name: str) -> None:
    """Simplified text holds no traditional sign and the other way round, Japanese no sign that Japan does not have."""
    for language, charset in CHARSETS.items():
        for part in phrase_of(name).words[language]:
            part.replace("–", "-").encode(charset)


def test_services_are_written_in_their_own_signs() -> None:
    """The list of services too."""
    for names in services().values():
        assert all(names[language].encode(charset) for language, charset in CHARSETS.items())


def test_particles_follow_the_slot() -> None:
    """로봇카페 앞을, 안내데스크로."""
    closed = texts_of(phrase_of("place-closed"), {"place": "cafe-corner", "span": "10:00-11:00"}, SITE, today=TODAY)
    wanted = texts_of(phrase_of("guardian-wanted"), {"place": "information-desk"}, SITE, today=TODAY)
    assert closed[0].headline == "로봇카페 앞을 잠시 닫습니다"
    assert wanted[0].body == "안내데스크로 와 주세요."


def test_a_drill_says_so_three_times() -> None:
    """In every script, whatever line somebody reads first."""
    words = {"ko": "훈련", "en": "drill", "zh-hans": "演练", "zh-hant": "演練", "ja": "訓練"}
    for phrase in (each for each in phrases().values() if each.tone is Tone.DRILL):
        for text in texts_of(phrase, filled(phrase), SITE, today=TODAY):
            whole = f"{text.mark} {text.headline} {text.body}".lower()
            assert whole.count(words[text.language]) >= 3, (phrase.id, whole)


def test_emergencies_are_a_subject_of_their_own() -> None:
    """Only the phrases of that subject look like one."""
    by_tone = {name for name, phrase in phrases().items() if phrase.tone is Tone.EMERGENCY}
    assert by_tone == {name for name, phrase in phrases().items() if phrase.subject == "emergency"}


@pytest.mark.parametrize(
    ("name", "values", "code"),
    [
        ("tickets-until", {}, "notices.slot-missing"),
        ("tickets-until", {"until": "9"}, "notices.slot-wrong"),
        ("tickets-until", {"until": "25:00"}, "notices.slot-wrong"),
        ("lift-check", {"span": "11:00-10:00"}, "notices.span-backwards"),
        ("lift-check", {"span": "11:00"}, "notices.slot-wrong"),
        ("desk-shut-on", {"day": "2026-11-24"}, "notices.date-past"),
        ("desk-shut-on", {"day": "2026-02-30"}, "notices.slot-wrong"),
        ("waiting-long", {"minutes": "181"}, "notices.number-outside"),
        ("waiting-long", {"minutes": "x"}, "notices.slot-wrong"),
        ("guardian-wanted", {"place": "nowhere"}, "notices.slot-wrong"),
        ("guardian-wanted", {"place": "guard-post"}, "notices.slot-wrong"),
        ("service-late", {"service": "beer"}, "notices.slot-wrong"),
        ("event-full", {"event": "가" * 25}, "notices.name-long"),
        ("event-full", {"event": "축제 <b>"}, "notices.name-signs"),
        ("event-full", {"event": "축제 😀"}, "notices.name-signs"),
        ("event-full", {"event": "www.example.kr"}, "notices.no-addresses"),
    ],
)
def test_a_slot_refuses_what_it_is_not_for(name: str, values: dict[str, str], code: str) -> None:
    """With a code that says what is wrong."""
    assert refused(name, values) == code


def test_a_name_is_composed() -> None:
    """Decomposed Hangul, as a file manager leaves it, is one syllable again."""
    loose = unicodedata.normalize("NFD", "한글 축제")
    told = texts_of(phrase_of("event-full"), {"event": loose}, SITE, today=TODAY)
    assert told[0].headline == "한글 축제 자리가 모두 찼습니다"


def test_a_name_may_have_an_english_one() -> None:
    """It stands in every script but Korean."""
    values = {"event": "서울 북페스티벌", "event-en": "Seoul Book Festival"}
    told = {text.language: text.headline for text in texts_of(phrase_of("event-full"), values, SITE, today=TODAY)}
    assert told["en"] == "No seats left: Seoul Book Festival"
    assert told["ja"].startswith("Seoul Book Festival")


def test_free_text_says_that_it_is_korean_only() -> None:
    """In the other scripts, below the text."""
    (text,) = free_texts("오늘만 정문을 닫습니다", "")
    assert text.only == "Korean only · 仅有韩文通知 · 僅有韓文通知 · 韓国語のみ"


def test_free_text_with_english_says_so_too() -> None:
    """Those who read neither learn that there is nothing else."""
    korean, english = free_texts("오늘만 정문을 닫습니다", "", english=("The main door is shut today", ""))
    assert english.headline == "The main door is shut today"
    assert korean.only == "仅有韩文和英文通知 · 僅有韓文和英文通知 · 韓国語と英語のみ"


def test_free_text_is_composed_and_of_one_line() -> None:
    """Decomposed signs, line ends and control signs do not reach a screen."""
    (text,) = free_texts(unicodedata.normalize("NFD", "정문을\n닫습니다\x07"), " ")
    assert (text.headline, text.body) == ("정문을 닫습니다", "")


def test_free_text_has_its_length() -> None:
    """What cannot be read from afar is refused before it is drawn."""
    with pytest.raises(Refusal) as caught:
        free_texts("가" * 41, "")
    assert caught.value.problem.code == "notices.text-long"


def test_people_read_chinese_without_the_blanks_of_phrases() -> None:
    """A blank only says where a line may end; between Latin words it stays."""
    assert as_read("因系统故障， 护照的 办理 延迟", "zh-hans") == "因系统故障，护照的办理延迟"
    assert as_read("Seoul Book 축제", "ko") == "Seoul Book 축제"
    assert as_read("请到 Gate 3", "zh-hans") == "请到 Gate 3"
    assert as_read("서울 축제。 请绕行", "zh-hans") == "서울 축제。请绕行"
