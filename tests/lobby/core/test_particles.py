"""Korean particles after any word."""

from __future__ import annotations

import pytest

from lobby.core.particles import PARTICLES, Word, with_particle


@pytest.mark.parametrize(
    ("word", "particle", "said"),
    [
        ("여권", "을", "여권을"), ("로비", "을", "로비를"), ("민원실", "은", "민원실은"), ("주차", "은", "주차는"),
        ("승강기", "이", "승강기가"), ("창문", "이", "창문이"), ("서울", "으로", "서울로"),
        ("정문", "으로", "정문으로"),
        ("로비", "으로", "로비로"), ("연필", "과", "연필과"), ("의자", "과", "의자와"), ("버스", "이나", "버스나"),
    ],
)  # fmt: skip
def test_a_particle_follows_the_last_syllable(word: str, particle: str, said: str) -> None:
    """Closed or open, and after ㄹ it is 로."""
    assert with_particle(word, particle) == said


@pytest.mark.parametrize(
    ("word", "said"),
    [("1", "1로"), ("2", "2로"), ("3", "3으로"), ("6", "6으로"), ("7", "7로"), ("8", "8로"), ("9", "9로"),
     ("10", "10으로"), ("2026", "2026으로")],
)  # fmt: skip
def test_figures_are_read_in_korean(word: str, said: str) -> None:
    """일, 칠, 팔 end in ㄹ; 영, 삼, 육 are closed; the rest is open."""
    assert with_particle(word, "으로") == said


@pytest.mark.parametrize(
    ("word", "said"),
    [("LED", "LED를"), ("CCTV", "CCTV를"), ("PM", "PM을"), ("URL", "URL을"), ("Wi-Fi", "Wi-Fi를"),
     ("Book", "Book을"), ("Concert", "Concert를"), ("Festival", "Festival을"), ("Game", "Game을"),
     ("Live", "Live를"), ("Music", "Music을"), ("Morning", "Morning을"), ("Center", "Center를")],
)  # fmt: skip
def test_latin_is_read_as_koreans_read_it(word: str, said: str) -> None:
    """Capitals by their letters' names, other words as they are borrowed."""
    assert with_particle(word, "을") == said


def test_a_bracket_at_the_end_is_not_read() -> None:
    """서울광장(도서관 앞) takes the particle of 서울광장."""
    assert with_particle("서울광장(도서관 앞)", "은") == "서울광장(도서관 앞)은"
    assert with_particle("저녁\u00a09시(21:00)", "을") == "저녁\u00a09시(21:00)를"


def test_quotes_are_passed_over() -> None:
    """The letter inside the quotes counts."""
    assert with_particle("'서울의 밤'", "을") == "'서울의 밤'을"


def test_an_unknown_sound_gets_both_forms() -> None:
    """After a Han sign nobody knows the reading."""
    assert with_particle("東京", "이") == "東京이(가)"


@pytest.mark.parametrize("particle", PARTICLES)
def test_a_slot_asks_for_its_particle(particle: str) -> None:
    """`{place:을}` in a text; a bare slot stays bare."""
    word = Word("로비")
    assert f"{word:{particle}}" == with_particle("로비", particle)
    assert f"{word}" == "로비"


def test_a_stranger_is_no_particle() -> None:
    """A slip in a phrase is found by the first test that fills it."""
    with pytest.raises(KeyError):
        with_particle("로비", "에서")
