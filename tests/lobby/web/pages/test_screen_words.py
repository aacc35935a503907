"""Dark, frozen, wrong, stale, off, on air and confirmed: each its own word and icon, on Today and on the walls page."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from lobby.core.display_proof import Word
from lobby.core.words import LANGUAGES, catalogue
from tests.lobby.web.pages.standin import StandIn
from tests.lobby.web.pages.test_pages import get
from tests.lobby.web.pages.test_walls import house

PANELS = [f"wall-{n}" for n in range(1, 8)]


def told(made: StandIn, words: dict[str, str], **more: Any) -> None:
    """What is known of the wall's panels since six minutes, with the troubles that follow; the others are confirmed."""
    since = made.clock.now() - timedelta(minutes=6, seconds=5)
    known = dict.fromkeys(PANELS, "confirmed") | words
    documents = {panel: {"surface": "wall", "word": word, "since": since} for panel, word in known.items()}
    for panel in words:
        documents[panel] |= more
    made.hub.put("proof", documents)
    codes = sorted({f"panel-{word}" for word in words.values() if word in {"dark", "frozen", "wrong"}})
    made.hub.update("wall", troubles=tuple(codes))


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("dark", "병풍형 디스플레이 4번 화면이 검습니다"),
        ("frozen", "병풍형 디스플레이 4번 화면이 멈췄습니다"),
        ("wrong", "병풍형 디스플레이 4번 화면에 다른 것이 나옵니다"),
    ],
)
def test_a_fault_of_a_panel_is_the_sentence_with_since_when_and_what_to_do(word: str, sentence: str) -> None:
    """The panel by its number, for how long, why and how to mend it; the picture carries the word too."""
    made = house()
    told(made, {"wall-4": word})
    text = get(made, "/").text
    assert re.search(rf"<strong>{sentence}</strong>.*?6분째", text)
    assert catalogue("ko")[f"device.panel-{word}.cure"] in text
    assert f'mark-{word}"' in text
    assert catalogue("ko")[f"proof.word.{word}"] in get(made, "/walls").text


def test_what_the_display_says_is_the_cause_and_is_said_once() -> None:
    """A display that is on another plug: the cure is the remote control, and the display is no second trouble."""
    made = house()
    made.hub.update("display-wall-4", troubles=("wrong-input",))
    told(made, {"wall-4": "wrong"}, cause="wrong-input", display="display-wall-4")
    text = get(made, "/").text
    assert catalogue("ko")["proof.cause.wrong-input.cure"].replace("'", "&#39;") in text
    assert "조치할 일 1건" in text


def test_many_dark_panels_are_one_sentence() -> None:
    """Seven at once are one thing to do."""
    made = house()
    told(made, dict.fromkeys(PANELS, "dark"))
    text = get(made, "/").text
    assert "병풍형 디스플레이 1번 화면 외 6개 화면이 검습니다" in text
    assert "조치할 일 1건" in text


def test_all_is_well_says_how_far_it_is_proved() -> None:
    """Confirmed by the displays, or on air only; what is not known is never well."""
    made = house()
    told(made, {"wall-1": "presented"})
    text = get(made, "/").text
    assert "이상 없음" in text
    assert "화면 3곳 표출 중</p>" in text
    told(made, {})
    assert "화면 3곳 표출 중(디스플레이까지 확인 1곳)" in get(made, "/").text
    told(made, {"wall-1": "unknown"})
    text = get(made, "/").text
    assert "이상 없음" not in text
    assert "화면 1곳의 표출을 아직 확인하지 못함" in text


def test_every_word_has_an_icon_of_its_own_and_both_languages() -> None:
    """Word and shape, never colour alone."""
    sprite = get(house(), "/").text
    for icon in ("dark", "frozen", "wrong", "stale", "off"):
        assert f'id="i-{icon}"' in sprite
    for language in LANGUAGES:
        words = [catalogue(language)[f"proof.word.{word.value}"] for word in Word]
        assert len(set(words)) == len(words)
