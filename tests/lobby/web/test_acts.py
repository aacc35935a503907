"""What people change by the API: once, with a version, with words when refused."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from devices.reports import BellPressed
from lobby.web.roles import Role
from tests.lobby.web.houses import START, a_visit, run

pytestmark = pytest.mark.slow

UNTIL = (START + timedelta(hours=2)).isoformat()
CHANGE = {"value": "on", "until": UNTIL, "reason": "cleaning"}
HOLIDAY = {"hours": "civil-desk", "first": "2026-12-24", "reason": "stock-taking", "notice": "closed", "windows": []}
XSS = "<script>alert(1)</script>"


def test_a_change_has_person_reason_and_end(tmp_path: Path) -> None:
    """An override is answered whole, listed, explained by `why`, and ended by its id."""

    async def change() -> tuple[Any, ...]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.FACILITY) as admin:
            made = await admin.post("/api/v1/things/desk-sign/overrides", json=CHANGE)
            why = (await admin.get("/api/v1/why/desk-sign")).json()
            override = made.json()["id"]
            ended = await admin.delete(f"/api/v1/things/desk-sign/overrides/{override}")
            return made.status_code, why["rule"], why["until"], override, ended.json()

    status, rule, until, override, left = run(change())
    assert (status, rule, until) == (201, f"override:{override}", UNTIL)
    assert left == []


def test_the_same_key_acts_once(tmp_path: Path) -> None:
    """Two posts with one idempotency key are one act with one answer; another body under it is refused."""

    async def post() -> tuple[bool, int, int]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.FACILITY) as admin:
            headers = {"Idempotency-Key": "k1"}
            path = "/api/v1/things/desk-sign/overrides"
            first, second = [await admin.post(path, json=CHANGE, headers=headers) for _ in range(2)]
            other = await admin.post(path, json={**CHANGE, "value": "off"}, headers=headers)
            kinds = await visit.kinds()
            return first.text == second.text, sum("override" in kind for kind in kinds), other.status_code

    assert run(post()) == (True, 1, 422)


def test_a_refused_act_does_not_use_its_key_up(tmp_path: Path) -> None:
    """After a refusal the corrected request under the same key is done."""

    async def post() -> list[int]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.FACILITY) as admin:
            headers, path = {"Idempotency-Key": "k1"}, "/api/v1/things/desk-sign/overrides"
            bad = await admin.post(path, json={**CHANGE, "until": "never"}, headers=headers)
            good = await admin.post(path, json=CHANGE, headers=headers)
            return [bad.status_code, good.status_code]

    assert run(post()) == [422, 201]


def test_an_old_page_is_refused(tmp_path: Path) -> None:
    """A write that names a version which is no more gets 412."""

    async def post() -> list[int]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.FACILITY) as admin:
            path = "/api/v1/things/desk-sign/overrides"
            headers = {"If-Match": (await admin.get(path)).headers["etag"]}
            return [(await admin.post(path, json=CHANGE, headers=headers)).status_code for _ in range(2)]

    assert run(post()) == [201, 412]


@pytest.mark.parametrize(
    "body",
    [{}, {**CHANGE, "until": "2026-11-24T12:00"}, {**CHANGE, "reason": " "}, {**CHANGE, "reason": "x" * 201},
     {**CHANGE, "value": 3}, {**CHANGE, "value": "x\x00"}, {**CHANGE, "until": "2026-11-26T10:00:00+09:00"}],
)  # fmt: skip
def test_a_change_that_cannot_be_is_refused_with_words(tmp_path: Path, body: dict[str, Any]) -> None:
    """Every field is checked at the server; the answer is a problem with a cure."""

    async def post() -> tuple[int, dict[str, Any]]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.FACILITY) as admin:
            answer = await admin.post("/api/v1/things/desk-sign/overrides", json=body)
            return answer.status_code, answer.json()

    status, problem = run(post())
    assert status in (409, 422)
    assert problem["cure"]


@pytest.mark.parametrize("body", [b"{", b"[1]", b'"x"', b"\xff\xfe", b"[" * 30_000])
def test_rubbish_is_not_json(tmp_path: Path, body: bytes) -> None:
    """What is no JSON object is refused, however deep it is nested."""

    async def post() -> str:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.FACILITY) as admin:
            headers = {"Content-Type": "application/json"}
            return str((await admin.post("/api/v1/special-days", content=body, headers=headers)).json()["code"])

    assert run(post()) == "api.not-json"


def test_desk_staff_change_their_desk_only(tmp_path: Path) -> None:
    """The desk's hours are theirs, the sign's power is not; bells and the café nobody's."""

    async def post() -> list[int]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.DESK) as desk:
            things = {"civil-desk": "open", "desk-sign": "on", "bell-desk": "on", "robot-cafe": "on", "nothing": "on"}
            return [
                (await desk.post(f"/api/v1/things/{thing}/overrides", json={**CHANGE, "value": value})).status_code
                for thing, value in things.items()
            ]

    assert run(post()) == [201, 403, 409, 409, 404]


def test_a_form_acts_without_script(tmp_path: Path) -> None:
    """A plain form with token and key acts and leads back to the page."""

    async def post() -> tuple[int, str, int]:
        async with a_visit(tmp_path) as visit:
            person = await visit.hire(Role.FACILITY)
            session, secret = await visit.house.people.sign_in(person.account, "horses eat seven apples", address="t")
            async with visit.go(secret=secret) as admin:
                form = {**CHANGE, "csrf": session.csrf, "idempotency_key": "f1"}
                answers = [await admin.post("/api/v1/things/desk-sign/overrides", data=form) for _ in range(2)]
                made = sum("override" in kind for kind in await visit.kinds())
                return answers[1].status_code, answers[1].headers["location"][:7], made

    assert run(post()) == (303, "/?done=", 1)


def test_a_mode_is_set_and_bells_have_none(tmp_path: Path) -> None:
    """A hold needs its end; a bell is never set aside this way."""

    async def post() -> list[Any]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.SUPERVISOR) as lead:
            hold = {"mode": "hold", "reason": "repair", "until": UNTIL}
            held = await lead.post("/api/v1/things/siren/modes", json=hold)
            endless = await lead.post("/api/v1/things/beacon/modes", json={"mode": "hold", "reason": "repair"})
            bell = await lead.post("/api/v1/things/bell-desk/modes", json=hold)
            return [held.json()["mode"], endless.status_code, bell.json()["code"]]

    assert run(post()) == ["hold", 409, "api.bell-has-no-mode"]


def test_special_days_come_and_go(tmp_path: Path) -> None:
    """A special day changes the plan of its hours until it is withdrawn; without notice it is refused."""

    async def post() -> list[Any]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.FACILITY) as admin:
            silent = await admin.post("/api/v1/special-days", json={**HOLIDAY, "notice": ""})
            made = await admin.post("/api/v1/special-days", json=HOLIDAY)
            rows = await _values(admin)
            await admin.delete(f"/api/v1/special-days/{made.json()['id']}")
            return [silent.status_code >= 400, made.status_code, rows, "open" in await _values(admin)]

    assert run(post()) == [True, 201, {"closed"}, True]


async def _values(client: httpx.AsyncClient) -> set[str]:
    span = {"from": "2026-12-24", "to": "2026-12-25", "thing": "civil-desk"}
    return {row["value"] for row in (await client.get("/api/v1/plan", params=span)).json()["rows"]}


@pytest.mark.parametrize("span", [{"from": "x"}, {"from": "2026-12-24", "to": "2026-12-24"}, {"to": "2027-12-24"},
                                  {"from": "2026-11-24T10:00"}, {"thing": "nothing"}])  # fmt: skip
def test_a_span_that_cannot_be_is_refused(tmp_path: Path, span: dict[str, str]) -> None:
    """Backwards, endless, without offset, of nothing: refused."""

    async def ask() -> int:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.VIEWER) as viewer:
            return (await viewer.get("/api/v1/plan", params=span)).status_code

    assert run(ask()) in (404, 422)


def test_the_plan_is_sorted_and_clipped(tmp_path: Path) -> None:
    """Rows begin at `from` at the earliest, end at `to` at the latest, sorted by their beginning."""

    async def ask() -> Any:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.VIEWER) as viewer:
            return (await viewer.get("/api/v1/plan", params={"from": "2026-11-24", "to": "2026-11-25"})).json()

    told = run(ask())
    starts = [row["from"] for row in told["rows"]]
    assert starts == sorted(starts)
    assert starts[0] == told["from"]
    assert max(row["until"] for row in told["rows"]) == told["to"]


def test_an_incident_is_lived_through(tmp_path: Path) -> None:
    """Press, acknowledge by the guard, arrive by radio, end at the place, close by the supervisor."""

    async def live() -> list[str]:
        async with a_visit(tmp_path) as visit:
            await visit.watch.presses.pressed(BellPressed(bell="bell-desk", press_id="p1", said_at=None))
            async with await visit.enter(Role.GUARD) as guard, await visit.enter(Role.SUPERVISOR) as lead:
                path = f"/api/v1/incidents/{(await _first(guard))['id']}"
                steps = [
                    await guard.post(f"{path}/acknowledge"),
                    await guard.post(f"{path}/arrive", json={"way": "relay", "by": "guard 2"}),
                    await guard.post(f"{path}/end"),
                    await lead.post(f"{path}/close", json={"classification": "false-press", "note": XSS}),
                ]
                return [step.json()["state"] for step in steps]

    assert run(live()) == ["acknowledged", "on-scene", "ended", "closed"]


def test_an_acknowledgement_names_its_person(tmp_path: Path) -> None:
    """The list shows who goes by name; the second to acknowledge is told that it is taken."""

    async def live() -> tuple[str, int]:
        async with a_visit(tmp_path) as visit:
            await visit.watch.presses.pressed(BellPressed(bell="bell-desk", press_id="p1", said_at=None))
            async with await visit.enter(Role.GUARD) as guard:
                path = f"/api/v1/incidents/{(await _first(guard))['id']}/acknowledge"
                await guard.post(path)
                again = await guard.post(path)
                return (await _first(guard))["responder"], again.status_code

    assert run(live()) == ("Kim", 409)


async def _first(client: httpx.AsyncClient) -> Any:
    return (await client.get("/api/v1/incidents")).json()["incidents"][0]


def test_a_console_counts_while_it_beats(tmp_path: Path) -> None:
    """A beating console is live and watches the bells; an odd id is refused."""

    async def beat() -> tuple[Any, tuple[str, ...], int]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.GUARD) as guard:
            live = (await guard.post("/api/v1/consoles/front/heartbeat", json={"hears": True})).json()
            odd = await guard.post("/api/v1/consoles/%20/heartbeat")
            return live, visit.watch.supervision.watched_by(), odd.status_code

    assert run(beat()) == ({"live": 1}, ("front",), 422)


def test_a_console_of_somebody_who_cannot_answer_watches_nothing(tmp_path: Path) -> None:
    """A curator's page counts neither as an eye on the bells nor as staff for a visitor who calls."""

    async def beat() -> tuple[int, tuple[str, ...], bool]:
        async with a_visit(tmp_path) as visit, visit.go() as visitor, await visit.enter(Role.UPLOADER) as curator:
            live = (await curator.post("/api/v1/consoles/desk/heartbeat", json={"hears": True})).json()["live"]
            called = (await visitor.post("/api/v1/assistance", json={})).json()
            return live, visit.watch.supervision.watched_by(), called["attended"]

    assert run(beat()) == (1, (), False)


def test_a_visitor_calls_and_is_answered(tmp_path: Path) -> None:
    """The call says whether anybody is there, goes forward only, and is told to staff at once."""

    async def call() -> list[Any]:
        async with a_visit(tmp_path) as visit, visit.go() as visitor, await visit.enter(Role.DESK) as desk:
            called = (await visitor.post("/api/v1/assistance", json={})).json()
            path = f"/api/v1/assistance/{called['id']}"
            await desk.post("/api/v1/consoles/c/heartbeat")
            steps = [(await desk.post(path, json={"state": state})).status_code for state in ("coming", "seen")]
            seen = (await visitor.get(path)).json()
            return [called["attended"], seen["state"], seen["attended"], steps]

    assert run(call()) == [False, "coming", True, [200, 409]]


def test_visitors_calls_are_limited(tmp_path: Path) -> None:
    """The seventh call within a minute from one address is asked to wait."""

    async def call() -> list[int]:
        async with a_visit(tmp_path) as visit, visit.go() as visitor:
            return [(await visitor.post("/api/v1/assistance", json={})).status_code for _ in range(7)]

    assert run(call()) == [201] * 6 + [429]


def test_stored_markup_is_told_as_text(tmp_path: Path) -> None:
    """A problem about markup is JSON for programs and escaped for browsers."""

    async def ask() -> tuple[httpx.Response, httpx.Response]:
        async with a_visit(tmp_path) as visit, visit.go() as stranger:
            path = "/%3Cscript%3Ealert(1)%3C%2Fscript%3E"
            page = await stranger.get(path, headers={"Accept": "text/html"})
            return page, await stranger.get(path)

    page, document = run(ask())
    assert page.headers["content-type"].startswith("text/html")
    assert "<script" not in page.text
    assert document.headers["content-type"] == "application/problem+json"


def test_a_form_that_is_refused_is_answered_by_a_page(tmp_path: Path) -> None:
    """Without script a person reads what is wrong and goes back to where it was said; an odd address leads home."""

    async def ask() -> list[httpx.Response]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as person:
            return [
                await person.post(
                    "/api/v1/batches/none/ask",
                    data={"x": "y"},
                    headers={"Accept": "text/html,*/*;q=0.8", "Referer": f"{visit.url}{came}"},
                )
                for came in ("/batches?a=1&b=2", "//elsewhere")
            ]

    page, odd = run(ask())
    assert page.headers["content-type"].startswith("text/html")
    assert 'href="/batches?a=1&amp;b=2"' in page.text
    assert 'href="/"' in odd.text


@pytest.mark.parametrize(("accept", "language"), [("en", "en"), ("ko-KR,en;q=0.5", "ko"), ("fr, en;q=0.2", "en"),
                                                  ("fr", "ko"), ("en;q=x", "ko"), ("", "ko")])  # fmt: skip
def test_problems_speak_the_readers_language(tmp_path: Path, accept: str, language: str) -> None:
    """What the browser prefers among ours, else Korean."""

    async def ask() -> str:
        async with a_visit(tmp_path) as visit, visit.go() as stranger:
            return (await stranger.get("/nothing", headers={"Accept-Language": accept})).headers["content-language"]

    assert run(ask()) == language


def test_a_failure_says_nothing_of_itself(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An error inside is a plain 500 with the usual headers; the cause stands in the log."""

    async def ask() -> httpx.Response:
        def broken(_: str) -> None:
            raise ZeroDivisionError("a secret detail")

        async with a_visit(tmp_path, programme_for=broken) as visit:
            token = await visit.house.people.issue_token(Role.PLAYER, bound_to="lobby-player", by="test")
            async with visit.go() as player:
                headers = {"Authorization": f"Bearer {token}"}
                return await player.get("/api/v1/programmes/lobby-player", headers=headers)

    answer = run(ask())
    assert (answer.status_code, answer.json()["code"]) == (500, "api.broken")
    assert "secret" not in answer.text
    assert "a secret detail" in caplog.text
    assert "content-security-policy" in answer.headers
