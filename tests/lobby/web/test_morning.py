"""The opening checklist and the hand-over by the API and by the page: once, as read, by who may, erasable."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from lobby.core.clock import VirtualClock
from lobby.web.roles import Role
from tests.lobby.web.houses import Visit, a_visit, run

pytestmark = pytest.mark.slow

OPENED = datetime(2026, 11, 23, 23, 5, tzinfo=UTC)  # Tuesday, five past eight in Seoul
REMARKS = "기기는 업체에 연락함"
TODAY = "/api/v1/openings/today"
SIGN = f"{TODAY}/signature"
XSS = "<script>alert(1)</script>"


@asynccontextmanager
async def a_morning(folder: Path, at: datetime = OPENED) -> AsyncIterator[Visit]:
    """A house at opening whose hardware has not said anything."""
    async with a_visit(folder, clock=VirtualClock(at)) as visit:
        yield visit


async def read(staff: httpx.AsyncClient) -> tuple[str, dict[str, Any]]:
    """Today's list with its version."""
    answer = await staff.get(TODAY)
    return answer.headers.get("etag", ""), answer.json()


async def signed(staff: httpx.AsyncClient, **fields: Any) -> httpx.Response:
    """Read and sign."""
    tag, _ = await read(staff)
    return await staff.post(SIGN, json={"remarks": REMARKS, **fields}, headers={"If-Match": tag})


def test_what_is_unknown_is_not_ready(tmp_path: Path) -> None:
    """A house in which nothing has answered yet is not ready, and every screen says unknown."""

    async def play() -> None:
        async with a_morning(tmp_path) as visit, await visit.enter(Role.VIEWER) as viewer:
            _, found = await read(viewer)
            states = {item["id"]: item["state"] for item in found["items"]}
            assert found["ready"] is False
            assert (states["lit:wall"], states["bell:bell-desk"], states["records"]) == ("unknown", "unknown", "ok")

    run(play())


def test_a_signature_keeps_what_was_read(tmp_path: Path) -> None:
    """One transaction holds name, list and remarks; afterwards everybody reads the same, with name and time."""

    async def play() -> None:
        async with a_morning(tmp_path) as visit, await visit.enter(Role.FACILITY) as admin:
            _, before = await read(admin)
            answer = await signed(admin)
            _, after = await read(admin)
            assert answer.status_code == 201
            assert (after["signed"]["name"], after["signed"]["remarks"]) == ("Kim", REMARKS)
            assert after["items"] == before["items"]
            assert (await visit.kinds())[-2:] == ["opening.signed", "opening.remarked"]

    run(play())


def test_a_list_is_signed_once(tmp_path: Path) -> None:
    """The second person is told in words that it is signed already."""

    async def play() -> None:
        async with a_morning(tmp_path) as visit:
            async with await visit.enter(Role.DESK) as desk, await visit.enter(Role.SUPERVISOR) as lead:
                tag, _ = await read(lead)
                assert (await signed(desk)).status_code == 201
                again = await lead.post(SIGN, json={"remarks": REMARKS}, headers={"If-Match": tag})
                assert (again.status_code, again.json()["code"]) in {
                    (409, "morning.signed-already"),
                    (412, "morning.changed"),
                }
                assert (await visit.kinds()).count("opening.signed") == 1

    run(play())


def test_an_old_list_cannot_be_signed(tmp_path: Path) -> None:
    """When a line has changed since it was read, the signature is refused and nothing is written."""

    async def play() -> None:
        async with a_morning(tmp_path) as visit, await visit.enter(Role.FACILITY) as admin:
            tag, _ = await read(admin)
            visit.hub.put("clock_trusted", True)
            late = await admin.post(SIGN, json={"remarks": REMARKS}, headers={"If-Match": tag})
            blind = await admin.post(SIGN, json={"remarks": REMARKS})
            assert [late.status_code, blind.status_code] == [412, 428]
            assert late.json()["cure"]
            assert "opening.signed" not in await visit.kinds()

    run(play())


def test_a_wanting_line_needs_remarks(tmp_path: Path) -> None:
    """Nobody signs away what is not ready without a word."""

    async def play() -> None:
        async with a_morning(tmp_path) as visit, await visit.enter(Role.FACILITY) as admin:
            answer = await signed(admin, remarks=" ")
            assert (answer.status_code, answer.json()["code"]) == (422, "morning.remarks-missing")

    run(play())


@pytest.mark.parametrize(
    ("at", "day", "code"),
    [
        (OPENED - timedelta(minutes=16), "today", "morning.too-early"),
        (OPENED, "2026-11-23", "morning.not-today"),
    ],
)
def test_only_the_list_of_now_is_signed(tmp_path: Path, at: datetime, day: str, code: str) -> None:
    """Neither before it fills nor for another day."""

    async def play() -> None:
        async with a_morning(tmp_path, at) as visit, await visit.enter(Role.FACILITY) as admin:
            tag, _ = await read(admin)
            path = f"/api/v1/openings/{day}/signature"
            answer = await admin.post(path, json={"remarks": REMARKS}, headers={"If-Match": tag})
            assert (answer.status_code, answer.json()["code"]) == (409, code)

    run(play())


def test_the_same_key_signs_once(tmp_path: Path) -> None:
    """A signature sent twice under one key is one, with one answer."""

    async def play() -> None:
        async with a_morning(tmp_path) as visit, await visit.enter(Role.FACILITY) as admin:
            tag, _ = await read(admin)
            headers = {"If-Match": tag, "Idempotency-Key": "k1"}
            answers = [await admin.post(SIGN, json={"remarks": REMARKS}, headers=headers) for _ in range(2)]
            assert [answer.status_code for answer in answers] == [201, 201]
            assert answers[0].text == answers[1].text

    run(play())


def test_a_form_signs_without_script(tmp_path: Path) -> None:
    """The page's own form leads back to the page, which shows the signature and no form any more."""

    async def play() -> None:
        async with a_morning(tmp_path) as visit, await visit.enter(Role.DUTY) as duty:
            token = (await duty.get("/api/v1/me")).json()["csrf"]
            tag, _ = await read(duty)
            form = {"csrf": token, "idempotency_key": "f1", "if_match": tag, "remarks": XSS}
            page = await duty.post(SIGN, data=form, follow_redirects=True)
            assert "Kim, 08:05 서명" in page.text
            assert 'id="sign-form"' not in page.text
            assert XSS not in page.text

    run(play())


def test_a_refused_form_shows_the_page_with_its_cure(tmp_path: Path) -> None:
    """Without script too the reader learns what is wrong and what to do."""

    async def play() -> None:
        async with a_morning(tmp_path) as visit, await visit.enter(Role.DUTY) as duty:
            token = (await duty.get("/api/v1/me")).json()["csrf"]
            page = await duty.post(SIGN, data={"csrf": token, "if_match": '"old"', "remarks": "-"})
            assert page.status_code == 412
            assert "읽는 사이에 준비표가 바뀌었습니다." in page.text

    run(play())


def test_a_signed_day_can_be_looked_up(tmp_path: Path) -> None:
    """Two days later the list reads as it was; the day between has nobody's name; a day to come does not exist."""

    async def play() -> None:
        clock = VirtualClock(OPENED)
        async with a_visit(tmp_path, clock=clock) as visit, await visit.enter(Role.SUPERVISOR) as lead:
            await signed(lead)
            clock.step(2 * 86_400)
            async with await visit.enter(Role.VIEWER) as viewer:
                old = (await viewer.get("/morning?day=2026-11-24")).text
                assert "Kim, 2026. 11. 24.(화) 08:05 서명" in old
                assert REMARKS in old
                assert "서명한 사람이 없습니다" in (await viewer.get("/morning?day=2026-11-25")).text
                assert (await viewer.get("/morning?day=2026-11-27")).status_code == 404
                days = (await viewer.get("/api/v1/openings")).json()["days"]
                assert [day["day"] for day in days] == ["2026-11-24"]

    run(play())


def test_an_unsigned_list_is_told_on_today(tmp_path: Path) -> None:
    """Quarter of an hour after the opening Today says that nobody has signed."""

    async def play() -> None:
        async with a_morning(tmp_path, OPENED + timedelta(minutes=15)) as visit:
            async with await visit.enter(Role.WALL_MONITOR) as monitor:
                page = (await monitor.get("/")).text
                assert "서명 안 됨 — 08:15까지였습니다" in page
                assert 'href="/morning"' not in page

    run(play())


def test_a_note_goes_to_the_next_person(tmp_path: Path) -> None:
    """Pinned on Today for everybody on duty with what was open, until somebody else has read it."""

    async def play() -> None:
        async with a_morning(tmp_path) as visit:
            async with await visit.enter(Role.GUARD) as evening, await visit.enter(Role.DESK) as morning:
                left = await evening.post("/api/v1/hand-overs", json={"text": "3번 창구 의자\r\n수리 " + XSS})
                note = left.json()
                assert left.status_code == 201
                assert "lit:wall" in {one["id"] for one in note["attached"]}
                page = (await morning.get("/")).text
                assert "3번 창구 의자" in page
                assert XSS not in page
                own = await evening.post(f"/api/v1/hand-overs/{note['id']}/read", json={})
                read_ = await morning.post(f"/api/v1/hand-overs/{note['id']}/read", json={})
                assert [own.status_code, read_.status_code] == [409, 200]
                assert "3번 창구 의자" not in (await morning.get("/")).text
                assert "3번 창구 의자" in (await morning.get("/morning")).text

    run(play())


def test_notes_are_for_people_on_duty(tmp_path: Path) -> None:
    """A viewer and an uploader read none, not even on Today."""

    async def play() -> None:
        async with a_morning(tmp_path) as visit:
            async with await visit.enter(Role.GUARD) as guard, await visit.enter(Role.VIEWER) as viewer:
                await guard.post("/api/v1/hand-overs", json={"text": "비밀번호 아님"})
                pages = [(await viewer.get(path)).text for path in ("/", "/morning")]
                assert not any("비밀번호 아님" in page for page in pages)
                assert (await viewer.get("/api/v1/hand-overs")).status_code == 403

    run(play())


@pytest.mark.parametrize("text", ["", " \n ", "가" * 2001, 7, None])
def test_a_note_that_cannot_be_is_refused_with_words(tmp_path: Path, text: object) -> None:
    """Empty, too long or no text: 422 with a cure."""

    async def play() -> None:
        async with a_morning(tmp_path) as visit, await visit.enter(Role.GUARD) as guard:
            answer = await guard.post("/api/v1/hand-overs", json={"text": text})
            assert answer.status_code == 422
            assert answer.json()["cure"]

    run(play())


def test_notes_come_in_pages(tmp_path: Path) -> None:
    """The newest first, and those before a number."""

    async def play() -> None:
        async with a_morning(tmp_path) as visit, await visit.enter(Role.GUARD) as guard:
            for text in ("one", "two", "three"):
                await guard.post("/api/v1/hand-overs", json={"text": text})
            notes = (await guard.get("/api/v1/hand-overs")).json()["notes"]
            older = (await guard.get(f"/api/v1/hand-overs?before={notes[1]['number']}")).json()["notes"]
            assert ([one["text"] for one in notes], [one["text"] for one in older]) == (
                ["three", "two", "one"],
                ["one"],
            )
            assert (await guard.get("/api/v1/hand-overs?before=x")).status_code == 422

    run(play())


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_speaks_both_languages_without_anything_inline(tmp_path: Path, language: str) -> None:
    """No key stands where a text should, and the security policy is kept."""

    async def play() -> None:
        async with a_morning(tmp_path) as visit, await visit.enter(Role.FACILITY) as admin:
            admin.cookies.set("lobby-language", language)
            page = (await admin.get("/morning")).text
            assert not re.search(r">\s*(morning|console|work)\.[a-z.-]+\s*<", page)
            assert not re.search(r"\s(style|on[a-z]+)=", page)

    run(play())
