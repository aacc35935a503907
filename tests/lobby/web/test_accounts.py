"""People, special days, choices and pins over the web: who is let in, what is kept, what is told once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lobby.web.roles import Role
from tests.lobby.web.houses import a_visit
from tests.running import run

pytestmark = pytest.mark.slow

DAY = {"hours": "civil-desk", "first": "2026-12-24", "reason": "청사 소독", "notice": "오후 3시까지 엽니다."}


def test_a_first_password_is_told_once_and_opens_the_door(tmp_path: Path) -> None:
    """The answer to the new account holds the password; the list and the journal do not."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.FACILITY) as admin:
            token = (await admin.get("/api/v1/me")).json()["csrf"]
            admin.headers["X-CSRF-Token"] = token
            body = {"account": "park", "name": "박안전", "roles": ["guard", "duty"]}
            made = (await admin.post("/api/v1/people", json=body)).json()
            await visit.house.people.sign_in("park", made["password"], address="test")
            assert made["password"] not in (await admin.get("/api/v1/people")).text
            rows = await visit.house.journal.read("SELECT payload FROM journal")
            assert not any(made["password"] in (row["payload"] or "") for row in rows)

    run(play())


def test_a_form_without_script_shows_the_password_or_what_is_wrong(tmp_path: Path) -> None:
    """The page comes back with the password; the same account once more with the words of the refusal."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.FACILITY) as admin:
            token = (await admin.get("/api/v1/me")).json()["csrf"]
            form = {"csrf": token, "account": "park", "name": "박안전", "role-guard": "on"}
            first = await admin.post("/api/v1/people", data=form)
            assert re.search(r'<code id="password">[2-9A-Z]{4}(-[2-9A-Z]{4}){3}</code>', first.text)
            assert 'role="alert"' in (await admin.post("/api/v1/people", data=form)).text

    run(play())


def test_a_stopped_account_comes_in_no_more(tmp_path: Path) -> None:
    """Its session ends and another facility admin stays."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.FACILITY) as admin:
            admin.headers["X-CSRF-Token"] = (await admin.get("/api/v1/me")).json()["csrf"]
            other, secret = await visit.secret(Role.GUARD)
            assert (await admin.post(f"/api/v1/people/{other.id}/disable", json={})).status_code == 200
            async with visit.go(secret=secret) as gone:
                assert (await gone.get("/api/v1/me")).status_code == 401
            myself = (await admin.get("/api/v1/me")).json()["id"]
            assert (await admin.post(f"/api/v1/people/{myself}/disable", json={})).status_code == 409

    run(play())


@pytest.mark.parametrize(("duty", "roles"), [("yes", {"facility", "duty"}), ("", {"facility"})])
def test_the_first_admin_may_answer_bells_too(tmp_path: Path, duty: str, roles: set[str]) -> None:
    """The box of the set-up form gives the duty officer's role."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, visit.go() as stranger:
            form = {
                "code": visit.house.people.open_setup() or "", "account": "admin", "name": "김하늘",
                "password": "a calm lobby at eight", "language": "ko", "duty": duty,
            }  # fmt: skip
            assert (await stranger.post("/set-up", data=form)).status_code == 303
            (admin,) = visit.house.people.all()
            assert {role.value for role in admin.roles} == roles

    run(play())


def test_a_preview_tells_what_changes_and_keeps_nothing(tmp_path: Path) -> None:
    """Shorter hours change the desk and what follows it on that day."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.SUPERVISOR) as lead:
            lead.headers["X-CSRF-Token"] = (await lead.get("/api/v1/me")).json()["csrf"]
            shorter = {**DAY, "kind": "hours", "from": "09:00", "to": "15:00"}
            told = (await lead.post("/api/v1/special-days/preview", json=shorter)).json()
            desk = next(row for row in told["rows"] if row["thing"] == "civil-desk")
            assert told["days"] == 1
            assert (desk["before"], desk["after"]) == ("09:00–18:00 운영 중", "09:00–15:00 운영 중")
            assert (await lead.get("/api/v1/special-days")).json() == {}

    run(play())


def test_an_english_notice_stands_beside_the_korean_one(tmp_path: Path) -> None:
    """Kept, told to English readers, and still there after the journal is read again."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.SUPERVISOR) as lead:
            lead.headers["X-CSRF-Token"] = (await lead.get("/api/v1/me")).json()["csrf"]
            posted = {**DAY, "first": "2026-11-26", "kind": "closed", "notice_en": "Closed for cleaning."}
            assert (await lead.post("/api/v1/special-days", json=posted)).status_code == 201
            assert "Closed for cleaning." in (await lead.get("/now?language=en")).text
            await visit.house.special_days.load()  # type: ignore[attr-defined] # the real one behind the port
            assert "Closed for cleaning." in (await lead.get("/kiosk?language=en")).text

    run(play())


def test_a_choice_is_decided_once_by_a_named_person(tmp_path: Path) -> None:
    """Said twice it is written once; a choice that nobody asked is refused."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.FACILITY) as admin:
            admin.headers["X-CSRF-Token"] = (await admin.get("/api/v1/me")).json()["csrf"]
            for _ in range(2):
                assert (await admin.post("/api/v1/choices/led-hours", json={})).status_code == 200
            assert (await visit.kinds()).count("choice.decided") == 1
            assert (await admin.post("/api/v1/choices/nothing", json={})).status_code == 404

    run(play())
