"""The delivery specification: true to the wall, true to the intake, the same words everywhere."""

from __future__ import annotations

import subprocess
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from lobby.core.delivery import as_text, chapters, commands, wall_of
from lobby.core.hanging import places_of
from lobby.core.site import Audio, Site
from media import film_intake, intake_child
from media.assets import AssetStore
from media.geometry import canvas
from media.intake import take_in
from media.notices.fitting import GLYPH_SHARE, least_em
from tests.lobby.web.pages.standin import sample
from tests.running import run

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


def test_a_notice_keeps_the_rule_that_the_sheet_gives_to_others() -> None:
    """From 6 m: as many pixels in the sheet as the smallest sign of a notice has."""
    panel = SEOUL.surfaces["wall"].panels[0]
    least = least_em("ko", reading_mm=6000, per_mm=panel.pixels[0] / panel.size_mm[0]) * GLYPH_SHARE["ko"]
    assert f"From 6 m: letters 40 mm = {round(least)} px" in as_text(SEOUL, "wall", "en")


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


def framed(site: Site, surface: str) -> np.ndarray:
    """The canvas of a surface: each panel in a grey of its own with a white frame of four pixels, gaps black."""
    whole = canvas(places_of(site.surfaces[surface]))
    drawn = np.zeros((whole.size[1], whole.size[0], 3), np.uint8)
    for number, box in enumerate(whole.panels.values()):
        drawn[box.y : box.y + box.height, box.x : box.x + box.width] = 255
        drawn[box.y + 4 : box.y + box.height - 4, box.x + 4 : box.x + box.width - 4] = 40 + 20 * number
    return drawn


@pytest.mark.slow
@pytest.mark.parametrize(
    ("surface", "parts"), [("desk-led", ["1920x960"]), ("wall", [f"wall:7:{place}" for place in range(1, 8)])]
)
def test_the_printed_command_lands_on_the_pixels_of_the_panels(tmp_path: Path, surface: str, parts: list[str]) -> None:
    """The last line of the sheet makes of a drawn film one that is taken without a word, each panel's part its own.

    It has the panel's exact size, and its frame lies where it was drawn, but for the pixel that 4:2:0 cannot tell.
    """
    row = places_of(SEOUL.surfaces[surface])
    Image.fromarray(framed(SEOUL, surface)).save(tmp_path / "drawn.png", compress_level=0)
    still = ("-loop", "1", "-framerate", "5", "-t", "1.2", "-i", "drawn.png", "-c:v", "png", "source.mov")
    subprocess.run(["ffmpeg", "-v", "error", *still], cwd=tmp_path, check=True)
    said = [line.text for chapter in chapters(SEOUL, surface, "ko") for line in chapter.lines if line.command][-1]
    line = said.replace("ffmpeg", "ffmpeg -nostdin -v error", 1)
    subprocess.run(line, shell=True, cwd=tmp_path, check=True)  # as an artist's shell reads it
    store, film = AssetStore(tmp_path / "store"), tmp_path / said.split()[-1]
    asset = run(take_in(film, name=film.name, sizes=[row[0].pixels], store=store, walls={surface: row}), within_s=120)
    assert asset.checks == ()
    for number, part in enumerate(parts):
        with av.open(str(store.path(asset.renditions[part]))) as made:
            shown = next(made.decode(video=0)).to_ndarray(format="gray")
        assert shown.shape == row[number].pixels[::-1]
        middle = shown[shown.shape[0] // 2], shown[:, shown.shape[1] // 2]
        assert all(across[[2, -3]].min() > 200 for across in middle), part
        assert all(np.allclose(across[[8, -9]], 40 + 20 * number, atol=8) for across in middle), part
