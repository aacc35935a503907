"""Notices on the console: who may do what, from the form to the glass and to visitors' pages."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from lobby.core.sitefile import read
from lobby.web.roles import Role
from tests.lobby.web.houses import START, a_visit, run

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.lobby.web.houses import Visit

OFFICE = read(Path(str(files("lobby").joinpath("sites/small-office.toml"))))
HALL = read(Path(str(files("lobby").joinpath("sites/seoul-city-hall.toml"))))
KEPT = {name: HALL.things[name] for name in ("civil-desk", "display-main", "sound-main")}
DISPLAY = HALL.model_copy(update={"surfaces": {"main": HALL.surfaces["main"]}, "things": KEPT})
UNTIL = (START + timedelta(hours=1)).isoformat()
PHRASE = {"phrase": "tickets-until", "values": {"until": "21:00"}, "surfaces": ["counter-screen"], "until": UNTIL}
FORM = "phrase=tickets-until&slot-until=21:00&surface-counter-screen=on&kiosk=on&until=2026-11-24T12:00"


@asynccontextmanager
async def an_office(folder: Path, *, alone: bool = False) -> AsyncIterator[Visit]:
    """The small office with two people, or `alone`."""
    about = OFFICE.site.model_copy(update={"one_person": alone})
    async with a_visit(folder, site=OFFICE.model_copy(update={"site": about})) as visit:
        yield visit


def test_a_leader_shows_a_phrase_at_once(tmp_path: Path) -> None:
    """And visitors read it, in the language of their page."""

    async def go() -> tuple[Any, str, str, Any]:
        async with an_office(tmp_path) as visit, await visit.enter(Role.SUPERVISOR) as leader, visit.go() as visitor:
            made = await leader.post("/api/v1/notices", json={**PHRASE, "kiosk": True})
            kiosk = await visitor.get("/kiosk?language=en")
            large = await visitor.get("/now?language=ko")
            return made, kiosk.text, large.text, (await visitor.get("/api/v1/now")).json()

    made, kiosk, large, told = run(go())
    assert made.status_code == 201
    assert made.json()["approved_by"] is not None
    assert "Tickets are given until 9" in kiosk
    assert "오늘 민원 접수는 저녁" in large
    assert set(told["notices"][0]["texts"]) == {"ko", "en", "zh-hans", "zh-hant", "ja"}


def test_what_is_not_meant_for_the_kiosk_is_not_told_there(tmp_path: Path) -> None:
    """A box of the form."""

    async def go() -> Any:
        async with an_office(tmp_path) as visit, await visit.enter(Role.APPROVER) as approver:
            await approver.post("/api/v1/notices", json={**PHRASE, "kiosk": False})
            return (await approver.get("/api/v1/now")).json()["notices"]

    assert run(go()) == []


def test_an_emergency_is_told_to_visitors_whatever_the_form_says(tmp_path: Path) -> None:
    """Nobody reads on the kiosk that the desk is open while the screens tell people to leave."""

    async def go() -> tuple[Any, str]:
        async with an_office(tmp_path) as visit, await visit.enter(Role.SUPERVISOR) as leader:
            fire = {**PHRASE, "phrase": "fire", "values": {}, "kiosk": False, "confirm": True}
            await leader.post("/api/v1/notices", json=fire)
            return (await leader.get("/api/v1/now")).json()["notices"], (await leader.get("/kiosk")).text

    (told,), kiosk = run(go())
    assert told["emergency"]
    assert told["texts"]["ko"]["headline"] in kiosk


def test_mourning_carries_its_ribbon_on_visitors_pages_and_nothing_else_does(tmp_path: Path) -> None:
    """A warning sign beside words of mourning would be out of place; so would a ribbon beside a machine that is out."""

    async def go() -> list[str]:
        async with an_office(tmp_path) as visit, await visit.enter(Role.SUPERVISOR) as leader:
            await leader.post("/api/v1/occasions/mourning", json={"until": UNTIL})
            await leader.post("/api/v1/notices", json={**PHRASE, "kiosk": True})
            pages = [(await leader.get(path)).text for path in ("/kiosk", "/now")]
            return [re.findall(r'class="told" data-told="notices".*?</div>', page, re.DOTALL)[0] for page in pages]

    for told in run(go()):
        assert re.findall(r"#i-(\w+)", told) == ["attention", "ribbon"]


@pytest.mark.parametrize("role", [Role.DESK, Role.UPLOADER])
def test_what_desk_and_content_staff_make_waits(tmp_path: Path, role: Role) -> None:
    """Somebody who may releases it; whoever made it may only withdraw it."""

    async def go() -> tuple[int, int, list[Any]]:
        async with an_office(tmp_path) as visit, await visit.enter(role) as maker:
            made = (await maker.post("/api/v1/notices", json=PHRASE)).json()
            assert made["approved_by"] is None
            own = await maker.post(f"/api/v1/notices/{made['id']}/approve", json={})
            async with await visit.enter(Role.FACILITY) as other:
                released = await other.post(f"/api/v1/notices/{made['id']}/approve", json={})
            return own.status_code, released.status_code, (await maker.get("/api/v1/notices")).json()

    own, released, listed = run(go())
    assert (own, released) == (403, 200)
    assert listed[0]["approved_by"] is not None


def test_a_waiting_notice_is_withdrawn_by_its_maker_only(tmp_path: Path) -> None:
    """Another uploader cannot."""

    async def go() -> tuple[int, int]:
        async with an_office(tmp_path) as visit, await visit.enter(Role.UPLOADER) as maker:
            made = (await maker.post("/api/v1/notices", json=PHRASE)).json()
            async with await visit.enter(Role.UPLOADER) as other:
                foreign = await other.post(f"/api/v1/notices/{made['id']}/end", json={})
            return foreign.status_code, (await maker.post(f"/api/v1/notices/{made['id']}/end", json={})).status_code

    assert run(go()) == (403, 200)


def test_free_text_of_a_leader_waits_too(tmp_path: Path) -> None:
    """Nobody approves a text of their own."""

    async def go() -> tuple[Any, int]:
        async with an_office(tmp_path) as visit, await visit.enter(Role.FACILITY) as leader:
            own = {"headline": "오늘만 정문을 닫습니다", "surfaces": ["counter-screen"], "until": UNTIL}
            made = (await leader.post("/api/v1/notices", json=own)).json()
            again = await leader.post(f"/api/v1/notices/{made['id']}/approve", json={})
            return made, again.status_code

    made, again = run(go())
    assert made["approved_by"] is None
    assert again == 403


@pytest.mark.parametrize(
    ("role", "confirm", "status"),
    [
        (Role.SUPERVISOR, True, 201),
        (Role.DUTY, True, 201),
        (Role.FACILITY, True, 201),
        (Role.SUPERVISOR, False, 409),
        (Role.APPROVER, True, 403),
        (Role.UPLOADER, True, 403),
        (Role.DESK, True, 403),
    ],
)
def test_an_emergency_is_for_leaders_who_confirm_it(tmp_path: Path, role: Role, confirm: bool, status: int) -> None:
    """Once, after having read what changes."""

    async def go() -> int:
        async with an_office(tmp_path) as visit, await visit.enter(role) as person:
            emergency = {**PHRASE, "phrase": "fire", "values": {}, "confirm": confirm}
            return (await person.post("/api/v1/notices", json=emergency)).status_code

    assert run(go()) == status


def test_emergencies_are_not_offered_to_others(tmp_path: Path) -> None:
    """Neither in the list nor by their address."""

    async def go() -> tuple[str, str, str]:
        async with an_office(tmp_path) as visit, await visit.enter(Role.APPROVER) as person:
            listed, asked = await person.get("/notices"), await person.get("/notices?phrase=fire&look=1")
            async with await visit.enter(Role.DUTY) as leader:
                return listed.text, asked.text, (await leader.get("/notices?subject=emergency")).text

    listed, asked, offered = run(go())
    assert "불이 났습니다" not in listed
    assert "불이 났습니다" not in asked
    assert "불이 났습니다" in offered


def test_the_page_shows_the_draft_as_it_will_hang(tmp_path: Path) -> None:
    """Without script: every page of every surface, all scripts, what changes, and the button."""

    async def go() -> tuple[str, Any]:
        async with an_office(tmp_path) as visit, await visit.enter(Role.SUPERVISOR) as leader:
            page = (await leader.get(f"/notices?look=1&{FORM}&surface-entrance-screen=on")).text
            picture = await leader.get(f"/api/v1/notices/preview/entrance-screen?{FORM}&page=1")
            return page, picture

    page, picture = run(go())
    assert page.count("/api/v1/notices/preview/entrance-screen") == 2
    assert page.count("/api/v1/notices/preview/counter-screen") == 1
    assert "본일" not in page
    assert "本日の受付は" in page
    assert "지금 내보내기" in page
    assert "12:00까지 나옵니다" in page
    with Image.open(BytesIO(picture.content)) as drawn:
        assert drawn.format == "JPEG"
        assert drawn.size == (1080, 1920)


def test_a_form_puts_it_on_air_and_leads_back(tmp_path: Path) -> None:
    """Plain fields as a browser without script sends them."""

    async def go() -> tuple[Any, str]:
        async with an_office(tmp_path) as visit:
            person = await visit.hire(Role.FACILITY)
            session, secret = await visit.house.people.sign_in(
                person.account, "horses eat seven apples", address="test"
            )
            async with visit.go(secret=secret) as leader:
                fields = dict(pair.split("=") for pair in FORM.split("&")) | {"csrf": session.csrf}
                sent = await leader.post("/api/v1/notices", data=fields)
                return sent, (await leader.get("/notices")).text

    sent, page = run(go())
    assert (sent.status_code, sent.headers["location"]) == (303, "/notices#on-air")
    assert "내리기" in page


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("phrase=tickets-until&surface-counter-screen=on&until=2026-11-24T12:00", "빈칸이 비어 있습니다"),
        ("phrase=tickets-until&slot-until=21:00&until=2026-11-24T12:00", "하나도 고르지 않았습니다"),
        ("phrase=tickets-until&slot-until=21:00&surface-counter-screen=on", "끝나는 때가 없거나"),
        ("headline=🙂&own=1&surface-counter-screen=on&until=2026-11-24T12:00", "글꼴에 없는 글자"),
        (f"headline={'가' * 41}&own=1&surface-counter-screen=on&until=2026-11-24T12:00", "글이 너무 깁니다"),
    ],
)
def test_the_page_says_what_is_wrong_with_a_draft(tmp_path: Path, asked: str, words: str) -> None:
    """In the reader's language, with the cure; nothing can be sent."""

    async def go() -> str:
        async with an_office(tmp_path) as visit, await visit.enter(Role.SUPERVISOR) as leader:
            return (await leader.get(f"/notices?look=1&{asked}")).text

    page = run(go())
    assert words in page
    assert "지금 내보내기" not in page


def test_an_occasion_first_shows_what_it_changes(tmp_path: Path) -> None:
    """The button leads to its effects; starting it needs an end."""

    async def go() -> tuple[str, Any, Any]:
        async with a_visit(tmp_path, site=DISPLAY) as visit, await visit.enter(Role.DUTY) as leader:
            page = (await leader.get("/notices?occasion=typhoon")).text
            endless = await leader.post("/api/v1/occasions/typhoon", json={})
            begun = await leader.post("/api/v1/occasions/typhoon", json={"until": UNTIL})
            return page, endless, begun

    page, endless, begun = run(go())
    assert "소리는 그대로입니다" in page
    assert "태풍 시작" in page
    assert (endless.status_code, endless.json()["code"]) == (422, "notices.no-end")
    assert (begun.status_code, begun.json()["occasion"]) == (201, "typhoon")


def test_only_leaders_end_an_occasion(tmp_path: Path) -> None:
    """An approver takes off notices, not the mourning of the house."""

    async def go() -> list[int]:
        async with an_office(tmp_path) as visit, await visit.enter(Role.DUTY) as leader:
            made = (await leader.post("/api/v1/occasions/mourning", json={"until": UNTIL})).json()
            place = f"/api/v1/notices/{made['id']}"
            async with await visit.enter(Role.APPROVER) as approver:
                tried = await approver.post(f"{place}/end", json={})
                ended = await leader.post(f"{place}/end", json={})
                undone = await approver.post(f"{place}/undo", json={})
            return [each.status_code for each in (tried, ended, undone, await leader.post(f"{place}/undo", json={}))]

    assert run(go()) == [403, 200, 403, 200]


def test_the_end_of_a_notice_is_taken_back_once(tmp_path: Path) -> None:
    """It is on air as before; what was never ended, or is back already, is refused in words."""

    async def go() -> tuple[list[int], str, bool]:
        async with an_office(tmp_path) as visit, await visit.enter(Role.SUPERVISOR) as leader:
            made = (await leader.post("/api/v1/notices", json=PHRASE)).json()
            place = f"/api/v1/notices/{made['id']}"
            statuses = [(await leader.post(f"{place}/{act}", json={})).status_code for act in ("undo", "end", "undo")]
            late = await leader.post(f"{place}/undo", json={})
            return statuses, late.json()["code"], [each.id for each in visit.house.notices.current()] == [made["id"]]

    assert run(go()) == ([409, 200, 200], "notices.undo-late", True)


def test_phrases_are_found_by_a_word_of_any_language(tmp_path: Path) -> None:
    """Lift finds the lift, and only what holds every word."""

    async def go() -> tuple[str, str]:
        async with an_office(tmp_path) as visit, await visit.enter(Role.SUPERVISOR) as leader:
            return (await leader.get("/notices?q=lift+inspection")).text, (await leader.get("/notices?q=xyzzy")).text

    found, nothing = run(go())
    assert "승강기 점검" in found
    assert "오늘 민원 접수를 마감했습니다" not in found
    assert "맞는 글이 없습니다" in nothing


def test_a_covered_notice_says_so(tmp_path: Path) -> None:
    """The newer one of a surface is seen; a surface that is off says that it is."""

    async def go() -> tuple[str, str]:
        async with an_office(tmp_path) as visit, await visit.enter(Role.SUPERVISOR) as leader:
            await leader.post("/api/v1/notices", json=PHRASE)
            dark = (await leader.get("/notices")).text
            visit.hub.update("counter-screen", desired="on")
            await leader.post("/api/v1/notices", json={**PHRASE, "phrase": "wifi-out", "values": {}})
            return dark, (await leader.get("/notices")).text

    dark, covered = run(go())
    assert "창구 화면(꺼져 있음)" in dark
    assert covered.count("창구 화면(다른 안내에 가려짐)") == 1


def test_past_notices_are_listed(tmp_path: Path) -> None:
    """With who showed them and when they were taken off."""

    async def go() -> str:
        async with an_office(tmp_path) as visit, await visit.enter(Role.SUPERVISOR) as leader:
            made = (await leader.post("/api/v1/notices", json=PHRASE)).json()
            await leader.post(f"/api/v1/notices/{made['id']}/end", json={})
            return (await leader.get("/notices")).text

    page = run(go())
    history = page.partition('id="history"')[2]
    assert "오늘 민원 접수는" in history
    assert "Kim" in history


def test_a_notice_is_printed_on_a_sheet(tmp_path: Path) -> None:
    """A draft, and one that is on air; in every script."""

    async def go() -> tuple[str, str, int]:
        async with an_office(tmp_path) as visit, await visit.enter(Role.SUPERVISOR) as leader:
            draft = (await leader.get("/notices/print?phrase=desk-shut-on&slot-day=2026-12-24")).text
            made = (await leader.post("/api/v1/notices", json=PHRASE)).json()
            gone = await leader.get("/notices/nothing/print")
            return draft, (await leader.get(f"/notices/{made['id']}/print")).text, gone.status_code

    draft, shown, gone = run(go())
    assert "12月24日（周四）" in draft
    assert 'lang="zh-Hant"' in shown
    assert gone == 404


def test_an_asked_phrase_list_has_its_slots(tmp_path: Path) -> None:
    """For whoever writes notices by program."""

    async def go() -> Any:
        async with an_office(tmp_path) as visit, await visit.enter(Role.VIEWER) as viewer:
            return (await viewer.get("/api/v1/notices/phrases")).json()

    waiting = next(each for each in run(go()) if each["id"] == "waiting-long")
    assert waiting["slots"] == {"minutes": {"kind": "number", "least": 5, "most": 180}}


def test_a_viewer_only_reads(tmp_path: Path) -> None:
    """What is on air, in English; nothing to press."""

    async def go() -> str:
        async with an_office(tmp_path) as visit, await visit.enter(Role.SUPERVISOR) as leader:
            await leader.post("/api/v1/notices", json=PHRASE)
            async with await visit.enter(Role.VIEWER) as viewer:
                return (await viewer.get("/notices", headers={"Cookie": _english(viewer)})).text

    page = run(go())
    assert "Tickets are given until 9" in page
    assert 'action="/api/v1/' not in page


def _english(person: Any) -> str:
    kept = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
    return f"{kept}; lobby-language=en"
