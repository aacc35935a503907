"""The pages as they leave the server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import httpx
import pytest

from lobby.core.site import Site
from lobby.core.tongues import TONGUES
from lobby.core.words import catalogue
from lobby.web import helping
from lobby.web.roles import Role
from tests.lobby.web.houses import PLAIN
from tests.lobby.web.pages.standin import SEOUL, StandIn, app_of, sample, stand_in
from tests.running import run
from tests.scenarios.house import always_open

SITES = ("seoul-city-hall", "small-office")
WORK = ("/walls", "/devices", "/timetable", "/timetable?view=year", "/timetable/special-days")
PAGES = (
    "/",
    *WORK,
    "/kiosk",
    "/kiosk?language=en&page=map",
    "/kiosk?language=zh-hans&page=playing",
    "/kiosk?language=ja&page=today",
    "/kiosk?page=desk",
    "/now",
    "/sign-in",
    "/set-up",
    "/help/bell",
)
NASTY = '"><img src=x onerror=alert(1)></script><b>&'


def get(house: StandIn, path: str, *, headers: dict[str, str] | None = None, **how: Any) -> httpx.Response:
    """The answer to one request."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app_of(house, **how))
        async with httpx.AsyncClient(transport=transport, base_url="http://lobby", verify=PLAIN) as client:
            return await client.get(path, headers=headers)

    return run(ask())


def house(name: str = "seoul-city-hall", site: Site | None = None) -> StandIn:
    """A house where all is well."""
    made = stand_in(name, site=site)
    made.all_well()
    return made


@contextmanager
def tags(text: str) -> Iterator[list[tuple[str, dict[str, str | None]]]]:
    """Every tag of a page with its attributes."""
    found: list[tuple[str, dict[str, str | None]]] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: found.append((tag, dict(attrs)))  # type: ignore[method-assign] # short
    parser.feed(text)
    yield found


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_renders_for_both_sites_without_anything_inline(site: str, path: str) -> None:
    """No inline script, style or handler: the security policy forbids them."""
    answer = get(house(site), path)
    assert answer.status_code == 200
    with tags(answer.text) as found:
        inline = [
            (tag, name) for tag, attributes in found for name in attributes if name == "style" or name.startswith("on")
        ]
        scripts = [
            at for tag, at in found if tag == "script" and "src" not in at and at.get("type") != "application/json"
        ]
    assert (inline, scripts) == ([], [])


@pytest.mark.parametrize("path", ["/", *WORK, "/kiosk", "/kiosk?page=map", "/now"])
def test_names_are_text_never_markup(path: str) -> None:
    """A name with markup in it is shown as it is."""
    plain = sample("seoul-city-hall").model_dump_json(by_alias=True)
    nasty = re.sub(r'("(?:ko|en)":")[^"]*"', lambda hit: hit[1] + NASTY.replace('"', '\\"') + '"', plain)
    text = get(house(site=Site.model_validate_json(nasty)), path).text
    assert "<img src=x" not in text
    assert text.count("</script>") == text.count("<script")


def test_words_that_are_missing_are_seen() -> None:
    """No page shows a key instead of a text."""
    for path in PAGES:
        text = re.sub(r'<script type="application/json".*?</script>', "", get(house(), path).text, flags=re.DOTALL)
        assert not re.search(r">\s*(console|kiosk|staff|work)\.[a-z.-]+\s*<", text), path


def test_korean_and_english_have_the_same_keys() -> None:
    """What one language says the other says too."""
    assert set(catalogue("ko")) == set(catalogue("en"))


def test_what_a_site_lacks_vanishes() -> None:
    """No café, no tile; no bells, no lamp."""
    site = sample("small-office")
    bare = {name: thing for name, thing in site.things.items() if thing.kind not in {"cafe", "bell"}}
    text = get(house(site=site.model_copy(update={"things": bare})), "/").text
    assert 'id="bells"' not in text
    assert 'id="cafe-' not in text
    assert 'id="watching"' not in text


def test_visitors_read_nothing_of_bells() -> None:
    """The kiosk and the large-print page know of no bell, guard or incident."""
    made = house()
    made.hub.put("incidents", [{"id": "i1", "bell": "bell-desk", "place": {"ko": "3번 창구"}, "state": "raised"}])
    paths = [*(f"/kiosk?language={tongue}&page={page}" for tongue in TONGUES for page in ("home", "map")), "/now"]
    for path in paths:
        text = get(made, path).text
        assert not re.search("비상|공공안전관|3번 창구|bell-|incident|guard|警|保安|非常ベル", text, re.IGNORECASE), (
            path
        )


def test_a_button_names_its_end() -> None:
    """30 minutes more end at 21:30, and what else changes is said before."""
    text = get(house(), "/", roles=frozenset({Role.DESK})).text
    assert "→ 21:30까지" in text
    assert "민원실 조명: 21:00 → 21:30까지 켜짐" in text


def test_a_viewer_has_no_buttons() -> None:
    """Who may not change anything is offered nothing to change."""
    text = get(house(), "/", roles=frozenset({Role.VIEWER})).text
    assert "/overrides" not in text
    assert "/modes" not in text


def test_a_pressed_bell_is_said_without_script() -> None:
    """The sentence itself tells of the bell."""
    made = house()
    made.hub.put(
        "incidents", [{"id": "i1", "bell": "bell-desk", "place": {"ko": "3번 창구"}, "state": "raised", "age_s": 7}]
    )
    assert "비상벨 울림 — 3번 창구" in get(made, "/").text


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 24, 20, 41, tzinfo=SEOUL), ["열려 있습니다", "오늘 저녁 9시까지 (21:00)"]),
        (datetime(2026, 11, 24, 22, 0, tzinfo=SEOUL), ["오늘은 끝났습니다", "내일(수) 아침 9시에 엽니다 (09:00)"]),
        (datetime(2026, 12, 25, 11, 0, tzinfo=SEOUL), ["오늘은 쉽니다", "기독탄신일", "12월 28일 월요일 아침 9시"]),
    ],
)
def test_the_kiosk_says_it_as_people_do(moment: datetime, words: list[str]) -> None:
    """Open until when, when it opens next, and why not today."""
    text = get(stand_in(moment=moment), "/kiosk").text
    assert [word for word in words if word not in text] == []


def test_a_name_without_a_form_falls_back_to_english_that_says_so() -> None:
    """The small office has Korean and English names only."""
    text = get(house("small-office"), "/kiosk?language=ja").text
    assert '<h1><span lang="en">Small office</span>のご案内</h1>' in text
    assert "작은 사업소" not in text


@pytest.mark.parametrize(
    ("accept", "tongue"),
    [("zh-TW,zh;q=0.9,en;q=0.8", "zh-hant"), ("ja", "ja"), ("zh-CN", "zh-hans"), ("fr,en;q=0.5", "en"), ("fr", "ko")],
)
def test_a_telephone_reads_in_its_own_language_and_the_kiosk_starts_in_korean(accept: str, tongue: str) -> None:
    """What its browser prefers, until another one is chosen on the page."""
    prefers = {"Accept-Language": accept}
    assert f'<html lang="{tongue}"' in get(house(), "/now", headers=prefers).text
    assert '<html lang="ko"' in get(house(), "/now?language=ko", headers=prefers).text
    assert '<html lang="ko"' in get(house(), "/kiosk", headers=prefers).text


@pytest.mark.parametrize(
    ("tongue", "words"),
    [
        ("ko", "12월 25일 금요일: 기독탄신일"),
        ("zh-hant", "12月25日\u200b星期五：聖誕節"),
        ("ja", "12月25日（金）：クリスマス"),
    ],
)
def test_what_changes_soon_is_told_with_its_day(tongue: str, words: str) -> None:
    """A holiday's name alone would not say when."""
    made = stand_in(moment=datetime(2026, 12, 21, 10, 0, tzinfo=SEOUL))
    assert f"<li>{words}</li>" in get(made, f"/kiosk?page=today&language={tongue}").text


def test_a_special_day_of_the_site_file_is_posted_in_the_scripts_it_has() -> None:
    """Chinese as it is written there, Japanese in English."""
    raw = sample("seoul-city-hall").model_dump(mode="json", by_alias=True)
    reason = {"ko": "전기 점검", "en": "Power works", "zh": "电力检修"}
    raw["hours"]["civil-desk"]["special-days"] = [
        {"id": "a", "from": "2026-11-24", "to": "2026-11-24", "reason": reason}
    ]
    made = stand_in(site=Site.model_validate(raw))
    assert re.search("— *电力检修", get(made, "/kiosk?language=zh-hans").text)
    assert '<span lang="en">Power works</span>' in get(made, "/kiosk?language=ja").text


def test_a_place_without_room_for_its_label_stands_below_the_map() -> None:
    """Every place that visitors may know is named on the page, on the floor or in the list that is seen."""
    text = get(house(), "/kiosk?language=en&page=map").text
    seen = re.sub('<li class="placed".*?</li>', "", text, flags=re.DOTALL).replace("</tspan>", " ")
    assert "In front of the robot café" in re.sub(r"<[^>]*>", "", seen)


def test_a_desk_open_day_and_night_says_so() -> None:
    """No day of its week reads as closed, and nobody is told to ask when it opens."""
    made = stand_in(site=always_open(sample("seoul-city-hall")))
    assert get(made, "/kiosk?page=desk").text.count("<dd>24시간</dd>") == 7
    assert re.search(r"24시간 열려 있습니다\s*<", get(made, "/kiosk").text)


def test_the_kiosk_keeps_35_days() -> None:
    """What the page counts from when the controller is gone reaches five weeks ahead."""
    made = house()
    block = re.search(r'id="facts">(.*?)</script>', get(made, "/kiosk").text, re.DOTALL)
    assert block
    days = json.loads(block[1])["desk"]
    assert days[-1]["to"] - made.clock.now().timestamp() >= 35 * 86_400


def test_a_language_is_a_link() -> None:
    """Language and theme work without script and lead back to a path of ours."""
    answer = get(house(), "/?language=en")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "lobby-language=en" in answer.headers["set-cookie"]


def test_only_shipped_files_are_served() -> None:
    """No way out of the static folder."""
    assert get(house(), "/static/lobby.css").status_code == 200
    assert get(house(), "/static/../pages.py").status_code == 404


def test_help_pages_exist_in_both_languages() -> None:
    """Every page of the list has a title in Korean and in English."""
    shipped = {entry.name for entry in files("lobby.web").joinpath("help", "ko").iterdir()}
    assert shipped == {f"{page}.md" for page in helping.PAGES}
    assert all(title for language in ("ko", "en") for _, title in helping.titles(language))


def test_a_help_page_may_have_a_table() -> None:
    """With heads of columns and of rows; its cells are text like all else."""
    made = helping.render("|what|long|\n|**a** <b>|1 day|")
    assert made == (
        '<table><thead><tr><th scope="col">what</th><th scope="col">long</th></tr></thead><tbody><tr>'
        '<th scope="row"><strong>a</strong> &lt;b&gt;</th><td>1 day</td></tr></tbody></table>'
    )


def test_help_text_is_never_markup() -> None:
    """Only our small part of Markdown becomes markup."""
    made = helping.render("# A <b>\n\n- **x** [y](/help/bell) [z](javascript:x)")
    assert (
        made
        == '<h1>A &lt;b&gt;</h1>\n<ul><li><strong>x</strong> <a href="/help/bell">y</a> [z](javascript:x)</li></ul>'
    )
