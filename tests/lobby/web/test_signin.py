"""The forms of the way in, over real HTTP."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from lobby.core.clock import VirtualClock
from lobby.web.roles import Role
from tests.lobby.web.houses import PASSWORD, START, a_visit, run

pytestmark = pytest.mark.slow


def test_signing_in_sets_a_strict_cookie_and_leads_on(tmp_path: Path) -> None:
    """The answer is a redirect to `next` with an HttpOnly, SameSite=Strict cookie that opens the house."""

    async def enter() -> tuple[httpx.Response, int]:
        async with a_visit(tmp_path) as visit, visit.go() as browser:
            person = await visit.hire(Role.VIEWER)
            form = {"account": person.account, "password": PASSWORD, "next": "/help"}
            answer = await browser.post("/sign-in", data=form)
            return answer, (await browser.get("/api/v1/status")).status_code

    answer, status = run(enter())
    cookie = answer.headers["set-cookie"]
    assert (answer.status_code, answer.headers["location"], status) == (303, "/help", 200)
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert len(cookie.partition("=")[2].partition(";")[0]) >= 43


def test_a_mistake_leads_back_with_the_account_kept(tmp_path: Path) -> None:
    """The form comes back with its problem and the account, never with the password."""

    async def enter() -> str:
        async with a_visit(tmp_path) as visit, visit.go() as browser:
            await visit.hire(Role.VIEWER)
            answer = await browser.post("/sign-in", data={"account": "kim<0>", "password": "secret words here"})
            return answer.headers["location"]

    target = urlsplit(run(enter()))
    kept = parse_qs(target.query)
    assert (target.path, kept["problem"], kept["account"]) == ("/sign-in", ["refused"], ["kim<0>"])
    assert "secret" not in target.query


@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example", "/\\evil.example", "/\n/evil", "x"])
def test_nobody_is_led_to_another_host(tmp_path: Path, onward: str) -> None:
    """`next` is a path of this house or the first page."""

    async def enter() -> str:
        async with a_visit(tmp_path) as visit, visit.go() as browser:
            person = await visit.hire(Role.VIEWER)
            form = {"account": person.account, "password": PASSWORD, "next": onward}
            return (await browser.post("/sign-in", data=form)).headers["location"]

    assert run(enter()) == "/"


def test_signing_out_ends_the_session_at_the_server(tmp_path: Path) -> None:
    """The old secret is dead, also for who kept a copy of the cookie."""

    async def leave() -> int:
        async with a_visit(tmp_path) as visit:
            person = await visit.hire(Role.VIEWER)
            session, secret = await visit.house.people.sign_in(person.account, PASSWORD, address="test")
            async with visit.go(secret=secret) as browser, visit.go(secret=secret) as thief:
                await browser.post("/sign-out", data={"csrf": session.csrf})
                return (await thief.get("/api/v1/status")).status_code

    assert run(leave()) == 401


def test_a_form_without_its_token_does_nothing(tmp_path: Path) -> None:
    """A form with another session's token, or none, is refused."""

    async def leave() -> tuple[int, int]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.VIEWER) as browser:
            refused = (await browser.post("/sign-out", data={"csrf": "another"})).status_code
            return refused, (await browser.get("/api/v1/status")).status_code

    assert run(leave()) == (403, 200)


def test_spam_does_not_lock_the_duty_officer_out(tmp_path: Path) -> None:
    """Many wrong passwords slow their own address down; the account still opens from another."""

    async def spam() -> tuple[list[str], int]:
        async with a_visit(tmp_path) as visit, visit.go() as spammer:
            duty = await visit.hire(Role.DUTY)
            told = [await _try(spammer, duty.account, f"wrong password {number}") for number in range(8)]
            signed = await visit.app.state.doorman.sign_in(visit.house, duty.account, PASSWORD, "10.1.1.1")
            return told, len(signed)

    told, signed = run(spam())
    assert told[:5] == ["refused"] * 5
    assert set(told[5:]) == {"slow-down"}
    assert signed == 2


def test_the_right_password_waits_too_and_then_opens(tmp_path: Path) -> None:
    """While an address waits, even the right password is not tried; afterwards it opens."""

    async def wait() -> list[str]:
        clock = VirtualClock(START)
        async with a_visit(tmp_path, clock=clock) as visit, visit.go() as browser:
            person = await visit.hire(Role.VIEWER)
            for _ in range(5):
                await _try(browser, person.account, "wrong")
            told = [await _try(browser, person.account, PASSWORD)]
            await clock.advance(3)
            return [*told, await _try(browser, person.account, PASSWORD)]

    assert run(wait()) == ["slow-down", ""]


def test_the_set_up_code_works_once(tmp_path: Path) -> None:
    """The first admin is made by the code; afterwards page and form are dead and the code with them."""

    async def set_up() -> tuple[list[int], bool]:
        async with a_visit(tmp_path) as visit, visit.go() as browser:
            code = visit.house.people.open_setup()
            form = {"code": code, "account": "admin", "name": "Lee", "password": PASSWORD}
            answers = [await browser.post("/set-up", data=form) for _ in range(2)]
            page = await browser.get("/set-up")
            made = visit.house.people.by_account("admin")
            return [answer.status_code for answer in (*answers, page)], made is not None and Role.FACILITY in made.roles

    statuses, is_admin = run(set_up())
    assert statuses == [303, 404, 404]
    assert is_admin


@pytest.mark.parametrize("trouble", ["wrong", "late", "unopened", "weak"])
def test_a_bad_set_up_makes_nobody(tmp_path: Path, trouble: str) -> None:
    """A wrong code, one a day old, none at all, or a weak password: nobody is made, the form comes back."""

    async def set_up() -> tuple[str, int]:
        clock = VirtualClock(START)
        async with a_visit(tmp_path, clock=clock) as visit, visit.go() as browser:
            code = "AAAAA" if trouble == "unopened" else visit.house.people.open_setup()
            if trouble == "late":
                clock.step(timedelta(hours=25).total_seconds())
            form = {
                "code": "WRONG" if trouble == "wrong" else code,
                "account": "admin",
                "password": "passwordpassword" if trouble == "weak" else PASSWORD,
            }
            answer = await browser.post("/set-up", data=form)
            return _problem(answer), len(visit.house.people.all())

    assert run(set_up()) == ("weak" if trouble == "weak" else "refused", 0)


def test_a_weak_password_does_not_use_the_code_up(tmp_path: Path) -> None:
    """After a refused password the same code still makes the admin, typed small and without dashes too."""

    async def set_up() -> int:
        async with a_visit(tmp_path) as visit, visit.go() as browser:
            code = visit.house.people.open_setup()
            assert code is not None
            await browser.post("/set-up", data={"code": code, "account": "admin", "password": "short"})
            typed = code.replace("-", "").lower()
            await browser.post("/set-up", data={"code": typed, "account": "admin", "password": PASSWORD})
            return len(visit.house.people.all())

    assert run(set_up()) == 1


def test_guessing_the_set_up_code_is_slowed_down(tmp_path: Path) -> None:
    """A handful of wrong codes and the address waits."""

    async def guess() -> str:
        async with a_visit(tmp_path) as visit, visit.go() as browser:
            visit.house.people.open_setup()
            form = {"code": "WRONG", "account": "admin", "password": PASSWORD}
            return [_problem(await browser.post("/set-up", data=form)) for _ in range(7)][-1]

    assert run(guess()) == "slow-down"


def test_nobody_there_leads_to_the_set_up(tmp_path: Path) -> None:
    """Before the first admin the first page leads to the set-up, afterwards to the sign-in."""

    async def ask() -> list[str]:
        async with a_visit(tmp_path) as visit, visit.go() as browser:
            before = (await browser.get("/")).headers["location"]
            await visit.hire(Role.FACILITY)
            return [before, (await browser.get("/")).headers["location"]]

    assert run(ask()) == ["/set-up", "/sign-in?next=/"]


def test_a_program_signs_in_with_json(tmp_path: Path) -> None:
    """JSON in, JSON out: who it is, its token; a wrong password is a problem document."""

    async def enter() -> tuple[int, str, str]:
        async with a_visit(tmp_path) as visit, visit.go() as program:
            person = await visit.hire(Role.GUARD)
            wrong = await program.post("/sign-in", json={"account": person.account, "password": "no"})
            await program.post("/sign-in", json={"account": person.account, "password": PASSWORD})
            me = (await program.get("/api/v1/me")).json()
            return wrong.status_code, wrong.json()["code"], me["roles"][0]

    assert run(enter()) == (401, "signin.wrong", "guard")


async def _try(browser: httpx.AsyncClient, account: str, password: str) -> str:
    return _problem(await browser.post("/sign-in", data={"account": account, "password": password}))


def _problem(answer: httpx.Response) -> str:
    return parse_qs(urlsplit(answer.headers["location"]).query).get("problem", [""])[0]
