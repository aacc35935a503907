"""Words: the same keys and the same slots in Korean and English."""

from __future__ import annotations

import re
from importlib.resources import files
from string import Formatter

import pytest

from lobby.core.words import catalogue, say

KOREAN, ENGLISH = catalogue("ko"), catalogue("en")


def slots(text: str) -> set[str]:
    """The names in braces; a digit behind one (`minute2`) is another writing of the same value."""
    return {name.rstrip("0123456789") for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_texts() -> None:
    """Nothing exists in one language only."""
    assert set(KOREAN) ^ set(ENGLISH) == set()


@pytest.mark.parametrize("key", sorted(KOREAN))
def test_a_text_has_the_same_slots_in_both_languages(key: str) -> None:
    """A translation fills the same values."""
    assert slots(KOREAN[key]) == slots(ENGLISH[key])


def test_a_missing_text_shows_its_key() -> None:
    """A forgotten word is visible and breaks nothing."""
    assert say("no.such-word", "en") == "no.such-word"


@pytest.mark.parametrize(
    ("name", "said"),
    [("가을", "'가을'을 내렸습니다."), ("LED 축제", "'LED 축제'를 내렸습니다."), ("空", "'空'을(를) 내렸습니다.")],
)
def test_a_slot_brings_its_particle(name: str, said: str) -> None:
    """Behind the quotes too; both forms only where nobody knows how the word ends."""
    assert say("lists.airings.ended", "ko", name=name) == said


def test_no_text_leaves_its_particle_to_the_reader() -> None:
    """A slot says which particle follows it."""
    assert [key for key, text in KOREAN.items() if any(pair in text for pair in ("을(를)", "이(가)", "은(는)"))] == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ko", ("표출기", "번호표", "열쇠 글", "반입 묶음", "재생목록", "편성", "표출 확인", "접수 마감", "알림만")),
        ("en", ("Player", "Ticket", "Token", "intake batch", "Playlist", "programme", "Confirmed on the display")),
    ],
)
def test_words_of_ours_are_explained(language: str, words: tuple[str, ...]) -> None:
    """On the page of words; each is said in some text."""
    page, texts = files("lobby.web").joinpath(f"help/{language}/words.md").read_text(), catalogue(language).values()
    for word in words:
        assert f"{word}" in page
        assert any(word.casefold() in text.casefold() for text in texts), word


@pytest.mark.parametrize("other", ["플레이어", "재생기", "토큰", "대기표", "순번표", "송출", "대시보드", "콘솔"])
def test_one_thing_has_one_name(other: str) -> None:
    """Neither texts nor help pages call it otherwise; commands are typed as they stand."""
    pages = {entry.name: entry.read_text() for entry in files("lobby.web").joinpath("help/ko").iterdir()}
    told = {**KOREAN, **pages}
    assert [key for key, text in told.items() if other in re.sub(r"`[^`]*`", "", text)] == []
