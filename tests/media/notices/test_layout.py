"""Which language stands where: inside panels, clear of edges, large enough to be read."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from media.geometry import PanelPlace, canvas
from media.letters import PER_DISTANCE, USUAL_READING_MM
from media.notices.fitting import GLYPH_SHARE
from media.notices.layout import SAFE_MM, DoesNotFit, Page, assigned, foot_width, importance, pages, steady
from media.notices.texts import LANGUAGES, Text
from tests.media.builders import grid

WALL = tuple(
    PanelPlace(id=f"wall-{place + 1}", pixels=(1080, 1920), at_mm=(720 * place, 0), size_mm=(680, 1210), fold_deg=12)
    for place in range(7)
)
MAIN = (PanelPlace(id="main-1", pixels=(3840, 2160), at_mm=(0, 0), size_mm=(2440, 1372)),)
LED = (PanelPlace(id="led-1", pixels=(1920, 960), at_mm=(0, 0), size_mm=(4800, 2400)),)
DOOR = (PanelPlace(id="door-1", pixels=(1080, 1920), at_mm=(0, 0), size_mm=(680, 1210)),)


def width(text: str, language: str, bold: bool) -> float:
    """Latin is half as wide as the rest."""
    return sum(0.55 if sign.isascii() else 0.95 for sign in text)


FOOT = (("en", "Korean and English only"), ("zh-hans", "仅有韩文和英文通知"), ("ja", "韓国語と英語のみ"))


def texts(headline: str = "승강기 점검 저녁 9시까지", body: str = "계단을 이용해 주세요") -> list[Text]:
    """The same words in every script."""
    feet = {"ko": FOOT}
    return [
        Text(language=language, mark="안내", headline=headline, body=body, foot=feet.get(language, ()))
        for language in LANGUAGES
    ]


def languages(page: Page, panels: tuple[PanelPlace, ...]) -> list[str]:
    """What stands on each panel of a wall; calm ones are a dash."""
    return [page.blocks[panel.id][0].text.language if panel.id in page.blocks else "–" for panel in panels]


def test_every_language_has_a_panel_of_the_wall() -> None:
    """Korean at both ends and in the middle, the others between."""
    (page,) = pages(WALL, texts(), width)
    assert languages(page, WALL) == ["ko", "en", "zh-hans", "ko", "zh-hant", "ja", "ko"]


@pytest.mark.parametrize("panels", range(2, 12))
def test_a_single_language_stands_on_every_panel(panels: int) -> None:
    """An empty panel between full ones looks broken, and whoever stands before it reads nothing."""
    (page,) = pages(grid(1, panels), texts()[:1], width)
    assert languages(page, grid(1, panels)) == ["ko"] * panels


def test_unlike_panels_have_every_language_each_page_by_page() -> None:
    """The first page as on a wall of like ones; no panel can stand in for another of another size."""
    wall = tuple(replace(panel, pixels=(720, 1280)) if place % 2 else panel for place, panel in enumerate(WALL))
    found = pages(wall, texts(), width)
    shown = [languages(page, wall) for page in found]
    assert shown[0] == ["ko", "en", "zh-hans", "ko", "zh-hant", "ja", "ko"]
    assert [steady(wall, 5), steady(wall, 8), steady(WALL, 5), steady(MAIN, 1)] == [True, False, False, False]
    assert all({row[place] for row in shown} == set(LANGUAGES) for place in range(7))


def test_a_panel_too_small_for_a_language_keeps_the_one_it_has() -> None:
    """A small panel refuses no notice that the others could show."""
    wall = (*WALL[:2], replace(WALL[2], pixels=(540, 480), size_mm=(340, 303), at_mm=(1440, 0)))
    long = [
        *texts()[:2],
        replace(texts(headline="休")[2], body=""),
        *texts("승강기 점검" * 6, "계단을 이용해 주세요 " * 6)[3:4],
    ]
    shown = [languages(page, wall) for page in pages(wall, long, width)]
    assert {row[0] for row in shown} == {text.language for text in long}
    assert "zh-hant" not in {row[2] for row in shown}


def test_two_languages_alternate_on_a_long_wall() -> None:
    """Nobody has to walk along seven panels to find the only English one."""
    assert assigned(7, ("ko", "en")) == (("ko", "en", "ko", "en", "ko", "en", "ko"),)


@pytest.mark.parametrize("panels", range(2, 12))
@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_most_important_places_have_each_language_once(panels: int, count: int) -> None:
    """Then the languages again; of pages in turn each language has a place."""
    languages = LANGUAGES[:count]
    keep, least = importance(panels, languages)
    rows = assigned(panels, languages)
    if len(rows) > 1:
        assert [rows[cell // panels][cell % panels] for cell in keep[:least]] == list(languages)
        return
    assert sorted(keep) == list(range(panels))
    assert [rows[0][place] for place in keep[:least]] == list(languages)
    assert None not in rows[0]


@pytest.mark.parametrize("panels", range(2, 12))
def test_no_wall_forgets_a_language(panels: int) -> None:
    """On one page or in turn."""
    shown = {language for row in assigned(panels, LANGUAGES) for language in row}
    assert shown - {None} == set(LANGUAGES)
    assert all(len(row) == panels for row in assigned(panels, LANGUAGES))


@pytest.mark.parametrize("panels", [WALL, MAIN, LED, DOOR, grid(2, 2), grid(2, 3)])
def test_text_stays_inside_its_panel(panels: tuple[PanelPlace, ...]) -> None:
    """Never across a seam, and clear of the bezel by at least the safe margin."""
    glass = canvas(panels).panels
    for page in pages(panels, texts(), width):
        for panel in panels:
            box, density = glass[panel.id], panel.pixels[0] / panel.size_mm[0]
            for block in page.blocks.get(panel.id, ()):
                assert block.box.x - box.x >= SAFE_MM * density - 1
                assert box.x + box.width - block.box.x - block.box.width >= SAFE_MM * density - 1
                assert block.box.y - box.y >= SAFE_MM * density - 1
                assert box.y + box.height - block.box.y - block.box.height >= SAFE_MM * density - 1
                widths = [width(line, block.text.language, True) * block.fitted.size for line in block.fitted.headline]
                widths += [
                    width(line, block.text.language, False) * block.fitted.body_size for line in block.fitted.body
                ]
                widths += [foot_width(row, width) * block.foot for row in block.foot_lines]
                assert max(widths) <= block.box.width


@pytest.mark.parametrize("panels", [WALL, MAIN, LED, DOOR])
def test_every_text_can_be_read_from_where_people_stand(panels: tuple[PanelPlace, ...]) -> None:
    """40 mm a sign at 6 metres, the smallest text too: the rule that artists get as well."""
    for page in pages(panels, texts(), width):
        for panel in panels:
            density = panel.pixels[0] / panel.size_mm[0]
            for block in page.blocks.get(panel.id, ()):
                sizes = (block.fitted.size, block.fitted.body_size)
                height = min(sizes) * GLYPH_SHARE[block.text.language] / density
                assert height >= USUAL_READING_MM[1] / PER_DISTANCE - 0.1


@pytest.mark.parametrize("panels", [MAIN, LED])
def test_blocks_of_one_panel_do_not_meet(panels: tuple[PanelPlace, ...]) -> None:
    """Korean has its own column, the others stand below one another."""
    (page,) = pages(panels, texts(), width)
    korean, *others = page.blocks[panels[0].id]
    assert all(block.box.x > korean.box.x + korean.box.width for block in others)
    assert all(after.box.y > before.box.y + before.box.height for before, after in pairwise(others))


def test_languages_come_in_turn_where_they_do_not_fit() -> None:
    """A long text stands on more pages; each language is on exactly one."""
    found = pages(DOOR, texts("민원 접수를 마감했습니다 " * 2, "대기표를 받으신 분은 모두 도와드립니다 " * 2), width)
    shown = [block.text.language for page in found for block in page.blocks["door-1"]]
    assert len(found) > 1
    assert shown == list(LANGUAGES)


def test_a_text_too_long_to_be_read_is_refused() -> None:
    """Better no notice than one that nobody can read."""
    with pytest.raises(DoesNotFit) as caught:
        pages(WALL, texts("가나다라마바사 " * 40), width)
    assert caught.value.language == "ko"
