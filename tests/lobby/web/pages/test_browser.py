"""The pages in a browser: sizes in millimetres, no scrolling, stale pages, the kiosk alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, sync_playwright

from lobby.core.airings import Class
from lobby.core.tongues import TONGUES
from lobby.day.desk import as_json, opening
from lobby.day.noticeboard import nearest
from lobby.web.desks import spells_of
from lobby.web.roles import Role
from lobby.web.visitors import PAGES, state_words
from tests.eventually import soon
from tests.lobby.web.pages.onair import a_free_notice, a_notice
from tests.lobby.web.pages.standin import SEOUL, StandIn, app_of, served, stand_in

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
DESK_SCREEN = {"width": 1920, "height": 1080}
KIOSK_SCREEN = {"width": 1080, "height": 1920}
TELEPHONE = {"width": 360, "height": 740}
MM_PER_PX = 398 / 1080
HANGUL_OF_EM = 0.844
FAMILIES = {
    "ko": "Noto Sans CJK KR",
    "en": "Noto Sans CJK KR",
    "zh-hans": "Noto Sans CJK SC",
    "zh-hant": "Noto Sans CJK TC",
    "ja": "Noto Sans CJK JP",
}
STICKING_OUT = """[...document.querySelectorAll('a, button, p, h1, h2, dt, dd, li')]
  .filter((each) => each.checkVisibility() && each.scrollWidth > each.clientWidth + 1)
  .filter((each) => getComputedStyle(each).display !== 'inline').map((each) => each.textContent)"""

pytestmark = [
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@contextmanager
def opened(browser: Browser, app: FastAPI, path: str, screen: dict[str, int], **how: Any) -> Iterator[tuple[Page, Any]]:
    """A page of the served app; a mistake in a script fails the test."""
    wrong: list[str] = []
    with served(app) as (base, server):
        context = browser.new_context(viewport=screen, **how)  # type: ignore[arg-type] # a typed dict of width and height
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(base + path)
        yield page, server
        context.close()
    assert wrong == []


def well(moment: datetime | None = None) -> StandIn:
    """A house where all is well."""
    house = stand_in(moment=moment or datetime(2026, 11, 24, 20, 41, tzinfo=SEOUL))
    house.all_well()
    return house


def press(house: StandIn, **changes: object) -> None:
    """A bell is pressed."""
    place = {"ko": "열린민원실 창구", "en": "Counter"}
    incident = {"id": "i1", "bell": "bell-desk", "place": place, "state": "raised", "mode": "real", "age_s": 3}
    house.hub.put("incidents", [{**incident, "quiet_roles": ["desk"], **changes}])


@pytest.mark.parametrize(
    "path", ["/kiosk", "/kiosk?language=en", "/kiosk?language=ja&page=desk", "/kiosk?language=zh-hant&page=help"]
)
def test_kiosk_text_is_at_least_12_mm(browser: Browser, path: str) -> None:
    """No text on the visitors' screen is smaller than a 12 mm Hangul glyph."""
    with opened(browser, app_of(well()), path, KIOSK_SCREEN) as (page, _):
        sizes = page.evaluate(
            """() => [...document.querySelectorAll('body *')].filter((each) => each.checkVisibility() &&
            !each.closest('svg') && [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
            .map((each) => [parseFloat(getComputedStyle(each).fontSize), each.textContent.trim().slice(0, 30)])"""
        )
        assert [words for size, words in sizes if size * MM_PER_PX * HANGUL_OF_EM < 12] == []


@pytest.mark.parametrize(
    "path", ["/kiosk", "/kiosk?language=en", "/kiosk?language=zh-hans", "/kiosk?language=zh-hant&page=map"]
)
def test_kiosk_controls_can_be_hit(browser: Browser, path: str) -> None:
    """Every control is at least 15 mm wide and high, the six buttons 60 mm, gaps at least 2.5 mm, nothing scrolls."""
    with opened(browser, app_of(well()), path, KIOSK_SCREEN) as (page, _):
        boxes = page.evaluate(
            """() => [...document.querySelectorAll('a, button')].filter((each) => each.checkVisibility())
            .map((each) => { const box = each.getBoundingClientRect();
              return [box.left, box.top, box.right, box.bottom, each.closest('.six') !== null]; })"""
        )
        mm = [[edge * MM_PER_PX for edge in box[:4]] + [box[4]] for box in boxes]
        assert [box for box in mm if box[2] - box[0] < 15 or box[3] - box[1] < (60 if box[4] else 15)] == []
        assert [(a, b) for a in mm for b in mm if a is not b and near(a, b) < 2.5] == []
        assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
            1080,
            1920,
        ]


@pytest.mark.parametrize("path", ["/kiosk", "/kiosk?language=en", "/kiosk?page=desk"])
def test_kiosk_says_nothing_of_the_desk_beside_an_emergency(browser: Browser, path: str) -> None:
    """The emergency has its place; at its end the state line is back by itself, and nothing scrolls."""
    house = well()
    notice = a_notice("evacuate", cls="emergency", moment=house.clock.now())
    house.notices.told = lambda language: ((notice, nearest(notice, language)),)
    with opened(browser, app_of(house), path, KIOSK_SCREEN) as (page, _):
        page.locator(".told.urgent").wait_for(state="visible")  # once it knows the controller's time
        assert not page.locator(".state").is_visible()
        assert page.evaluate("document.documentElement.scrollHeight") == 1920
        page.evaluate("document.querySelector('.told.urgent').replaceChildren()")
        assert page.locator(".state").is_visible()


@pytest.mark.parametrize(
    ("switch", "names"), [("", [name for name in PAGES if name not in {"lifts", "cafe"}]), ("low", ["home", "map"])]
)
def test_the_kiosk_fits_its_screen_in_every_script(browser: Browser, switch: str, names: list[str]) -> None:
    """On a holiday, also low: nothing scrolls and nothing sticks out of what it stands in."""
    house = stand_in(moment=datetime(2026, 12, 25, 11, 0, tzinfo=SEOUL))
    house.all_well()
    with opened(browser, app_of(house), "/kiosk", KIOSK_SCREEN, service_workers="block") as (page, _):
        for tongue, name in product(TONGUES, names):
            page.goto(page.url.partition("?")[0] + f"?language={tongue}&page={name}")
            if switch and page.get_attribute(f"[data-switch={switch}]", "aria-pressed") != "true":
                page.click(f"[data-switch={switch}]")
            size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
            assert (size, page.evaluate(STICKING_OUT)) == ([1080, 1920], []), (tongue, name)


def test_nothing_of_visitors_is_wider_than_a_telephone(browser: Browser) -> None:
    """360 px in every script: the large print, and the kiosk on a visitor's own telephone."""
    with opened(browser, app_of(well()), "/now", TELEPHONE, service_workers="block") as (page, _):
        base = page.url.removesuffix("/now")
        for path, tongue in product(("/now", "/kiosk"), TONGUES):
            page.goto(f"{base}{path}?language={tongue}")
            assert page.evaluate("document.documentElement.scrollWidth") == 360, (path, tongue)
            assert page.evaluate(STICKING_OUT) == [], (path, tongue)


def test_each_script_is_drawn_with_its_own_letters(browser: Browser) -> None:
    """What the browser really drew with: no sign from elsewhere."""
    with opened(browser, app_of(well()), "/kiosk", KIOSK_SCREEN, service_workers="block") as (page, _):
        for tongue, family in FAMILIES.items():
            page.goto(page.url.partition("?")[0] + f"?language={tongue}")
            assert faces(page) == {family}, tongue


def test_what_nobody_translated_says_so_and_stays_korean(browser: Browser) -> None:
    """A free notice on the Chinese page, as the script draws it: its note in Chinese, its words in Korean letters."""
    house = well()
    notice = a_free_notice("대회의실은 오늘 쓸 수 없습니다", moment=house.clock.now())
    house.notices.told = lambda language: ((notice, nearest(notice, language)),)
    path = "/kiosk?language=zh-hans"
    with opened(browser, app_of(house), path, KIOSK_SCREEN, service_workers="block") as (page, _):
        page.evaluate("document.querySelectorAll('[data-told]').forEach((each) => { each.dataset.shown = ''; })")
        page.wait_for_selector("[data-told=notices]:not([data-shown=''])")
        assert page.inner_text(".told [lang=ko]") == "대회의실은 오늘 쓸 수 없습니다"
        assert "(仅有韩文通知)" in page.inner_text("[data-told=notices]")
        assert faces(page) == {FAMILIES["ko"], FAMILIES["zh-hans"]}


def faces(page: Page) -> set[str]:
    """The families that the page's letters are drawn with."""
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root, found = session.send("DOM.getDocument")["root"]["nodeId"], set()
    said = "body :is(h1, p, span, b, small, button, .access a)"
    for node in session.send("DOM.querySelectorAll", {"nodeId": root, "selector": said})["nodeIds"]:
        fonts = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        found |= {font["familyName"] for font in fonts}
    return found


def near(first: list[float], second: list[float]) -> float:
    """How far two boxes are apart."""
    across = max(first[0] - second[2], second[0] - first[2], 0)
    down = max(first[1] - second[3], second[1] - first[3], 0)
    return max(across, down)


@pytest.mark.parametrize("pressed", [False, True])
def test_today_fits_one_screen(browser: Browser, pressed: bool) -> None:
    """At 1920 × 1080 nothing scrolls and nothing is cut, a pressed bell included."""
    house = well()
    if pressed:
        press(house)
    with opened(browser, app_of(house), "/", DESK_SCREEN) as (page, _):
        if pressed:
            page.wait_for_selector(".alarm")
        assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
            1920,
            1080,
        ]
        cut = page.evaluate(
            """() => [...document.querySelectorAll('.card')].filter((each) => each.checkVisibility() &&
            each.getBoundingClientRect().bottom > innerHeight).map((each) => each.id)"""
        )
        assert cut == []


def test_today_fits_one_screen_while_something_governs_the_site(browser: Browser) -> None:
    """An emergency above an occasion above a notice, beside two things to do: nothing scrolls, the picture stays."""
    house = well()
    at = house.clock.now() + timedelta(minutes=30)
    for number, (phrase, occasion) in enumerate([("evacuate", ""), ("mourning", "mourning"), ("wifi-out", "")]):
        cls: Class = "emergency" if phrase == "evacuate" else "notice"
        house.aired.append(a_notice(phrase, cls=cls, occasion=occasion, number=number, moment=at))
    house.hub.update("robot-cafe", detail={"level.milk": "low"})
    house.hub.update("display-main", troubles=("dark",))
    with opened(browser, app_of(house), "/", DESK_SCREEN) as (page, _):
        assert page.evaluate("document.documentElement.scrollHeight") == 1080
        page.click(".on-air summary")
        assert page.locator(".on-air form").first.is_visible()
        assert page.evaluate("document.querySelector('#pictures svg.surface').getBoundingClientRect().height") > 120


def test_the_sentence_goes_on_while_its_own_form_is_open(browser: Browser) -> None:
    """Whoever is about to end an occasion still reads what has to be done; the form stays open."""
    house = well()
    house.aired.append(a_notice("mourning", occasion="mourning", days=1, moment=house.clock.now()))
    with opened(browser, app_of(house), "/", DESK_SCREEN) as (page, _):
        page.click(".on-air summary")
        page.focus(".on-air form button[type=submit]")
        house.hub.update("robot-cafe", detail={"level.milk": "low"})
        page.wait_for_selector("#band.todo", timeout=10_000)
        assert "조치할 일 1건" in page.locator("#sentence").inner_text()
        assert page.locator(".on-air form").is_visible()
        assert page.evaluate("document.activeElement.closest('.on-air form') !== null")


@pytest.mark.parametrize("screen", [TELEPHONE, {"width": 960, "height": 540}])
def test_today_never_scrolls_sideways(browser: Browser, screen: dict[str, int]) -> None:
    """On a telephone of 360 px and at 200 % zoom the page flows in one direction."""
    with opened(browser, app_of(well()), "/", screen) as (page, _):
        assert page.evaluate("document.documentElement.scrollWidth") == screen["width"]


WORK = ("/walls", "/timetable", "/timetable?view=year", "/timetable/special-days", "/devices", "/devices/siren")


@pytest.mark.parametrize("path", WORK)
def test_no_page_of_the_console_scrolls_sideways_on_a_telephone(browser: Browser, path: str) -> None:
    """At 360 px it flows in one direction; every control has a name and, beside running text, can be hit."""
    with opened(browser, app_of(well()), path, TELEPHONE) as (page, _):
        assert page.evaluate("document.documentElement.scrollWidth") == TELEPHONE["width"]
        nameless = page.evaluate(
            """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary')]
            .filter((each) => each.checkVisibility() && !(each.textContent.trim() || each.getAttribute('aria-label')
              || each.labels?.length)).map((each) => each.outerHTML)"""
        )
        small = page.evaluate(
            """() => [...document.querySelectorAll('button, .button, select, summary, .stretch')]
            .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 24)
            .map((each) => each.outerHTML)"""
        )
        assert (nameless, small) == ([], [])


def test_a_bell_is_seen_on_every_page_of_the_console(browser: Browser) -> None:
    """Whoever reads the timetable hears of a press as on Today."""
    house = well()
    press(house)
    with opened(browser, app_of(house), "/timetable", DESK_SCREEN) as (page, _):
        page.wait_for_selector(".alarm.raised svg.plan")
        assert "열린민원실 창구" in page.inner_text(".alarm h2")


def test_why_is_asked_by_the_keyboard(browser: Browser) -> None:
    """Enter on a stretch of the week opens the rule that wins."""
    app = app_of(well())

    @app.get("/api/v1/why/{thing}")
    async def why(thing: str) -> dict[str, object]:
        words = {"value": thing, "winner": "규칙 하나", "source": "사이트 파일", "losers": [], "until": ""}
        return {"words": words}

    with opened(browser, app, "/timetable", DESK_SCREEN) as (page, _):
        page.locator(".stretch").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("#why[open]")
        assert "규칙 하나 · 사이트 파일" in page.inner_text("#why")


def test_a_pressed_bell_stands_over_the_page(browser: Browser) -> None:
    """The place in words, half the page, the way to go; what lies below keeps its place and the focus its owner."""
    house = well()
    app = app_of(house)
    with opened(browser, app, "/", DESK_SCREEN) as (page, _):
        before = page.locator("#bells").bounding_box()
        page.focus("#sound")
        press(house)
        page.wait_for_selector(".alarm.raised")
        assert "열린민원실 창구" in page.inner_text(".alarm h2")
        assert page.locator("#bells").bounding_box() == before
        assert page.evaluate("document.activeElement.id") == "sound"
        page.click(".alarm button.main")
        soon(lambda: any(path == "incidents/i1/acknowledge" for path, _ in app.state.posted))


@pytest.mark.parametrize("path", ["/", "/walls", "/?language=en", "/walls?language=en"])
def test_the_header_is_one_row(browser: Browser, path: str) -> None:
    """From 1280 px in both languages, with menu, lamps and person; narrower it never scrolls aside."""
    with opened(browser, app_of(well()), path, {"width": 1440, "height": 900}) as (page, _):
        page.wait_for_selector("#watching span")
        for width in (1440, 1280, 1024, 768, 390):
            page.set_viewport_size({"width": width, "height": 900})
            height = page.evaluate("document.querySelector('.top').getBoundingClientRect().height")
            assert height < 60 or width < 1280, width
            assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize(
    ("role", "words", "sound"),
    [
        (Role.GUARD, "비상벨 이 화면에서 감시 중", True),
        (Role.SUPERVISOR, "비상벨 이 화면에서 감시 중", True),
        (Role.FACILITY, "비상벨 알림만(응답은 담당자)", True),
        (Role.UPLOADER, "비상벨 알림만(응답은 담당자)", True),
        (Role.DESK, "비상벨은 조용히 한 줄로", False),
    ],
)
def test_the_lamp_says_what_a_bell_does_on_this_readers_page(
    browser: Browser, role: Role, words: str, sound: bool
) -> None:
    """Whoever cannot answer is no eye on the bells; the pressed counter hears nothing, so it has no tone to test."""
    with opened(browser, app_of(well(), roles=frozenset({role})), "/", DESK_SCREEN) as (page, _):
        page.wait_for_selector("#watching.on")
        assert page.inner_text("#watching") == words
        assert page.locator("#sound").is_visible() is sound


def test_the_pressed_counter_stays_quiet(browser: Browser) -> None:
    """Where the site says so, the counter's own console shows one neutral line."""
    house = well()
    press(house)
    with opened(browser, app_of(house, roles=frozenset({Role.DESK})), "/", DESK_SCREEN) as (page, _):
        page.wait_for_selector(".alarm.quiet")
        assert page.locator(".alarm h2").count() == 0


def test_a_stale_page_is_grey_and_dead(browser: Browser) -> None:
    """After 1.5 s without a heartbeat the page says that bells cannot be seen here, and its buttons do nothing."""
    app = app_of(well())
    with opened(browser, app, "/", DESK_SCREEN) as (page, _):
        page.wait_for_selector("#watching.on")
        app.state.silent = True
        page.wait_for_selector("#stale:not([hidden])", timeout=4000)
        assert "이 화면에서는 비상벨을 볼 수 없습니다. 무전을 쓰세요" in page.inner_text("#stale")
        assert page.evaluate("document.querySelector('.acts').closest('[inert]') !== null")
        assert "이상 없음" not in page.inner_text("main")


def test_an_act_names_its_end_and_can_be_undone(browser: Browser) -> None:
    """30 minutes more are sent with their end; ten seconds long there is a way back."""
    app = app_of(well())
    with opened(browser, app, "/", DESK_SCREEN) as (page, _):
        page.click(".acts summary >> nth=1")
        page.click(".acts details[open] button.main")
        page.click("#toast button")
        soon(lambda: any(path.endswith("overrides/o1/undo") for path, _ in app.state.posted))
        assert any(b"2026-11-24T12:30:00" in body for path, body in app.state.posted if path.endswith("overrides"))


def test_the_kiosk_goes_on_alone(browser: Browser) -> None:
    """Without its controller the page counts the hours itself and never says a bare "open"."""
    house = well()
    with opened(browser, app_of(house), "/kiosk", KIOSK_SCREEN) as (page, server):
        page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        soon(lambda: page.evaluate("caches.match('/kiosk?language=ja&page=home').then(Boolean)"))
        server.should_exit = True
        soon(lambda: not server.servers or not server.servers[0].is_serving())
        page.reload()
        page.wait_for_selector(".outage:not([hidden])")
        assert "열려 있습니다" in page.inner_text("#state .word")
        assert "저녁 8시 41분 기준입니다" in page.inner_text(".outage")
        page.click("text=日本語")
        page.wait_for_selector("html[lang=ja] .outage:not([hidden])")
        assert "開いています" in page.inner_text("#state .word")
        assert "夜8時41分現在の内容です" in page.inner_text(".outage").replace("\u200b", "")


def test_the_browser_counts_as_the_controller_does(browser: Browser) -> None:
    """Both say the same words at every half hour of two weeks with a holiday, in all five scripts."""
    house = stand_in(moment=datetime(2026, 12, 21, 0, 0, tzinfo=SEOUL))
    now = house.clock.now()
    spells = spells_of(house, "civil-desk", now)  # type: ignore[arg-type] # the stand-in has what the pages need
    moments = [now + timedelta(minutes=30 * step) for step in range(48 * 14)]
    script = """async ([rows, moments, language]) => {
      const {opening} = await import('/static/opening.js');
      const {speaker, stateWords} = await import('/static/spoken.js');
      const facts = JSON.parse(document.getElementById('facts').textContent);
      const say = speaker(facts.words, facts.zone);
      const joined = (said) => typeof said === 'string' ? said : said.map(({text, lang}) => `${lang}:${text}`).join('');
      const words = (at) => stateWords(say, language, opening(rows, at, say.dayOf), at);
      return moments.map((at) => Object.values(words(at)).map(joined).join('|'));
    }"""
    with opened(browser, app_of(house), "/now", TELEPHONE) as (page, _):
        for language in TONGUES:
            page.goto(page.url.partition("?")[0] + f"?language={language}")
            seconds = [int(moment.timestamp()) for moment in moments]
            theirs = page.evaluate(script, [as_json(spells), seconds, language])
            for moment, words in zip(moments, theirs, strict=True):
                ours = state_words(opening(spells, moment, SEOUL), moment, SEOUL, language)
                reason = "".join(f"{each.lang}:{each.text}" for each in ours.reason)
                assert words == "|".join([ours.mark, ours.word, reason, ours.until, ours.tickets])


VOICES = """voices => {
  window.spoken = [];
  const synth = { getVoices: () => voices, cancel: () => { spoken.length = 0; }, addEventListener: () => {},
    speak: (one) => spoken.push(`${one.voice.lang}:${one.text}`) };
  Object.defineProperty(window, 'speechSynthesis', { value: synth });
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
}"""


@contextmanager
def speaking(browser: Browser, house: StandIn, path: str, *voices: str) -> Iterator[Page]:
    """The kiosk on a machine with these voices (`zh-CN Yating`), with the voice switched on."""
    known = [{"lang": voice.partition(" ")[0], "name": voice, "localService": True} for voice in voices]
    with opened(browser, app_of(house), "/static/lobby.svg", KIOSK_SCREEN, service_workers="block") as (page, _):
        page.add_init_script(f"({VOICES})({json.dumps(known)})")
        page.goto(page.url.removesuffix("/static/lobby.svg") + path)
        page.click("[data-switch=voice]")
        page.wait_for_selector("#voice span:not(:empty)")
        yield page


@pytest.mark.parametrize(
    ("tongue", "voices", "words"),
    [
        ("ja", ["en-US Amy", "ja-JP Japanese espeak-ng", "ko-KR Yuna"], "この画面には日本語の音声がありません"),
        ("zh-hans", ["zh-HK Sinji", "ko-KR Yuna"], "本机没有中文语音"),
        ("ko", ["en-US Amy"], "이 화면에는 한국어 목소리가 없습니다"),
    ],
)
def test_a_missing_voice_is_said_on_the_screen(browser: Browser, tongue: str, voices: list[str], words: str) -> None:
    """In the language of the page; no other language's voice reads it, and a touch runs at once as without voice."""
    with speaking(browser, well(), f"/kiosk?language={tongue}", *voices) as page:
        assert words in page.inner_text("#voice")
        assert page.evaluate("spoken") == []
        page.click(".six a >> nth=0")
        page.wait_for_url(f"**/kiosk?language={tongue}&page=map")


def test_each_piece_is_spoken_in_its_own_language_or_not_at_all(browser: Browser) -> None:
    """A Korean notice on the Chinese page stays unread where no Korean voice is, and the page says so."""
    house = well()
    notice = a_free_notice("대회의실은 오늘 쓸 수 없습니다", moment=house.clock.now())
    house.notices.told = lambda language: ((notice, nearest(notice, language)),)
    with speaking(browser, house, "/kiosk?language=zh-hans", "zh-CN Yating", "en-US Amy") as page:
        said = page.evaluate("spoken")
        assert said[:4] == ["zh-CN:首尔市政府导览", "zh-CN:市民服务窗口", "zh-CN:开放中", "zh-CN:开放至今天晚上9点"]
        assert not any("대회의실" in each or each.startswith("en") for each in said)
        assert "其他语言的文字不会朗读" in page.inner_text("#voice")


def test_with_the_voice_on_a_first_touch_speaks_and_a_second_runs(browser: Browser) -> None:
    """So that nobody who does not see sets something off; what was said is said again, and home silences it."""
    with speaking(browser, well(), "/kiosk", "ko-KR Yuna") as page:
        page.click("#call button")
        assert page.evaluate("spoken") == ["ko-KR:직원 호출 (사람을 부릅니다)"]
        assert page.is_visible("#call button")
        page.click("#call button")
        soon(lambda: page.evaluate("spoken") == ["ko-KR:불렀습니다"])
        page.click("#voice button")
        assert page.evaluate("spoken[0]") == "ko-KR:서울시청 안내"
        page.click("[data-home]")
        with page.expect_navigation():
            page.click("[data-home]")
        assert page.get_attribute("[data-switch=voice]", "aria-pressed") == "false"
        assert page.evaluate("spoken") == []


def test_visitors_leave_nothing_behind(browser: Browser) -> None:
    """Home forgets the last visitor's language, size and contrast; a language keeps the page."""
    with opened(browser, app_of(well()), "/kiosk?language=en&page=map", KIOSK_SCREEN) as (page, _):
        page.click("[data-switch=contrast]")
        page.click("text=中文")
        page.click("text=繁體")
        page.wait_for_url("**/kiosk?language=zh-hant&page=map")
        assert page.inner_text("[aria-current]") == "繁體"
        page.click("[data-home]")
        page.wait_for_url("**/kiosk")
        assert page.get_attribute("html", "data-theme") == "light"
        assert page.get_attribute("html", "lang") == "ko"
