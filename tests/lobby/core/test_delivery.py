"""The delivery specification: true to the wall, true to the intake, the same words everywhere."""

from __future__ import annotations

import pytest

from lobby.core.delivery import as_text, chapters, commands, wall_of
from lobby.core.site import Audio, Site
from media import film_intake, intake_child
from tests.lobby.web.pages.standin import sample

SEOUL = sample("seoul-city-hall")


def changed(**surface: object) -> Site:
    """Seoul with another wall."""
    wall = SEOUL.surfaces["wall"].model_copy(update=surface)
    return SEOUL.model_copy(update={"surfaces": {**SEOUL.surfaces, "wall": wall}})


def test_it_says_every_panel_the_canvas_the_gaps_and_the_folds() -> None:
    """In pixels and millimetres."""
    text = as_text(SEOUL, "wall", "ko")
    assert all(f"(wall-{n})" in text for n in range(1, 8))
    assert "7941 × 1922 px" in text
    assert "40 mm = 64 px, 6곳" in text
    assert "이웃한 화면끼리 24°, 벽에서 12°" in text


def test_a_single_screen_has_neither_gap_nor_whole_picture() -> None:
    """Only what an artist of that screen needs."""
    text = as_text(SEOUL, "main", "ko")
    assert "3840 × 2160 px" in text
    assert "틈: " not in text
    assert "전체를 잇는" not in text


def test_limits_are_the_intakes_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another limit there is another figure here."""
    monkeypatch.setattr(film_intake, "LONGEST_S", 77)
    monkeypatch.setattr(intake_child, "MAX_PIXELS", 55_000_000)
    text = as_text(SEOUL, "wall", "en")
    assert "1–77 s" in text
    assert "55 million pixels" in text


def test_eye_height_is_said_where_the_height_is_known() -> None:
    """Else it says whom to ask."""
    assert "아직 적혀 있지 않습니다" in as_text(SEOUL, "wall", "ko")
    assert "바닥에서 1,100–1,600 mm" in as_text(changed(lower_edge_mm=700), "wall", "ko")


def test_letters_grow_with_the_distance() -> None:
    """And are never of fewer pixels than Hangul needs."""
    text = as_text(changed(reading_mm=(1500, 9000)), "wall", "en")
    assert "From 9 m: letters 60 mm" in text
    assert "18 px" in as_text(SEOUL, "desk-led", "en")


def test_sound_is_said_as_it_is() -> None:
    """Silent without `audio`; with it hours and level, and the command keeps it."""
    heard = changed(audio=Audio(hours="media-sound", level=30))
    assert "이 화면에는 소리가 없습니다" in as_text(SEOUL, "wall", "ko")
    assert "미디어 소리 안에서 100 가운데 30까지" in as_text(heard, "wall", "ko")
    _, command = next(commands("wall", wall_of(heard.surfaces["wall"], "ko")))
    assert "aac" in command


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("surface", SEOUL.surfaces)
def test_no_key_and_no_slot_is_left_in_the_words(surface: str, language: str) -> None:
    """Every chapter of every surface is said in full."""
    for chapter in chapters(SEOUL, surface, language):
        for line in chapter.lines:
            assert "spec." not in line.text
            assert "{" not in f"{chapter.title}{line.term}{line.text}"
