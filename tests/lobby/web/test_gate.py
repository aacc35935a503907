"""Every route × every role; what strangers, foreign pages and odd paths get."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from lobby.web.app import ROUTERS
from lobby.web.gate import Gate, cookie_name
from lobby.web.people import People
from lobby.web.roles import ANYONE, MACHINES, PEOPLE, TABLE, Role, Table
from tests.lobby.web.houses import PASSWORD, PLAIN, a_house, a_visit, run

# Written by hand from the design and `facts/alarms.md`, apart from the table in the code: v viewer, w wall-monitor,
# u uploader, a approver, d desk, g guard, s supervisor, o duty, f facility, r auditor, P player, X scraper, * anyone.
LETTERS = {
    "v": Role.VIEWER, "w": Role.WALL_MONITOR, "u": Role.UPLOADER, "a": Role.APPROVER, "d": Role.DESK,
    "g": Role.GUARD, "s": Role.SUPERVISOR, "o": Role.DUTY, "f": Role.FACILITY, "r": Role.AUDITOR,
    "P": Role.PLAYER, "X": Role.SCRAPER,
}  # fmt: skip
PERSON = "vwuadgsofr"
EXPECTED = {
    "GET /healthz": "*", "GET /readyz": "*", "GET /api/v1/now": "*", "GET /api/v1/now/stream": "*",
    "GET /api/v1/time": "*", "POST /api/v1/assistance": "*", "GET /api/v1/assistance/{call}": "*",
    "POST /api/v1/assistance/{call}": "dgsof",
    "GET /kiosk": "*", "GET /now": "*", "GET /sign-in": "*", "POST /sign-in": "*", "GET /set-up": "*",
    "POST /set-up": "*", "GET /static/{path:path}": "*",
    "GET /": PERSON, "GET /help": PERSON, "GET /help/{page}": PERSON, "POST /sign-out": PERSON,
    "GET /api/v1/me": PERSON, "GET /api/v1/status": PERSON, "GET /api/v1/stream": PERSON,
    "POST /api/v1/consoles/{console}/heartbeat": PERSON, "GET /api/v1/plan": PERSON, "GET /api/v1/why/{thing}": PERSON,
    "GET /api/v1/things/{thing}/overrides": PERSON, "POST /api/v1/things/{thing}/overrides": "dsof",
    "DELETE /api/v1/things/{thing}/overrides/{override}": "dsof",
    "POST /api/v1/things/{thing}/overrides/{override}/end": "dsof",
    "POST /api/v1/things/{thing}/overrides/{override}/undo": "dsof",
    "GET /api/v1/things/{thing}/modes": PERSON, "POST /api/v1/things/{thing}/modes": "sof",
    "GET /api/v1/special-days": PERSON, "POST /api/v1/special-days": "sf",
    "POST /api/v1/special-days/preview": "sf", "POST /api/v1/special-days/{day}/withdraw": "sf",
    "POST /api/v1/choices/{choice}": "sf", "DELETE /api/v1/special-days/{day}": "sf",
    "GET /api/v1/incidents": PERSON, "POST /api/v1/bells/{bell}/raise": "dgsof",
    "POST /api/v1/incidents/{incident}/acknowledge": "dgso", "POST /api/v1/incidents/{incident}/arrive": "dgsof",
    "POST /api/v1/incidents/{incident}/end": "gso", "POST /api/v1/incidents/{incident}/close": "so",
    "POST /api/v1/incidents/{incident}/make-real": "dgsof", "POST /api/v1/incidents/{incident}/propose-false": "dgso",
    "GET /api/v1/assets": PERSON, "POST /api/v1/assets": "uaf", "GET /api/v1/pins": PERSON,
    "PUT /api/v1/pins/{panel}": "af", "DELETE /api/v1/pins/{panel}": "af",
    "POST /api/v1/pins/{panel}/unpin": "af",
    "GET /api/v1/assets/{asset}": PERSON, "DELETE /api/v1/assets/{asset}": "uaf",
    "PUT /api/v1/assets/{asset}/label": "uaf", "POST /api/v1/assets/{asset}/label": "uaf",
    "POST /api/v1/assets/{asset}/ask": "uaf", "POST /api/v1/assets/{asset}/approve": "af",
    "POST /api/v1/assets/{asset}/send-back": "af", "POST /api/v1/assets/{asset}/remove": "uaf",
    "POST /api/v1/assets/{asset}/restore": "uaf", "POST /api/v1/playlists/{playlist}/restore": "af",
    "OPTIONS /api/v1/uploads": "uaf", "GET /api/v1/uploads": "uaf", "POST /api/v1/uploads": "uaf",
    "GET /api/v1/uploads/{upload}": "uaf", "PATCH /api/v1/uploads/{upload}": "uaf",
    "DELETE /api/v1/uploads/{upload}": "uaf",
    "POST /api/v1/assets/{asset}/test": "uaf", "POST /api/v1/test-displays/{airing}/end": "uaf",
    "POST /api/v1/batches": "uaf", "GET /api/v1/batches/{batch}": "vuasof", "POST /api/v1/batches/{batch}/due": "uaf",
    "POST /api/v1/batches/{batch}/sheet": "uaf", "POST /api/v1/batches/{batch}/ask": "uaf",
    "POST /api/v1/batches/{batch}/approve": "af", "POST /api/v1/batches/{batch}/drop": "uaf",
    "POST /api/v1/batches/{batch}/restore": "uaf",
    "GET /content": "vuasof", "GET /content/{asset}": "vuasof", "GET /batches": "vuasof",
    "GET /batches/sheet.csv": "vuasof", "GET /batches/{batch}": "vuasof",
    "POST /api/v1/special-days/{day}/restore": "sf",
    "GET /api/v1/holidays": PERSON, "POST /api/v1/holidays": "sf", "POST /api/v1/holidays/{act}/withdraw": "sf",
    "GET /timetable/holidays": "sf", "POST /timetable/holidays": "sf",
    "GET /timetable/holidays/year.toml": "sf",
    "GET /notices": "vuadsof", "GET /notices/print": "vuadsof", "GET /notices/{notice}/print": "vuadsof",
    "GET /api/v1/notices": "vuadsof", "GET /api/v1/notices/phrases": "vuadsof",
    "GET /api/v1/notices/preview/{surface}": "vuadsof", "POST /api/v1/notices": "uadsof",
    "POST /api/v1/notices/{notice}/approve": "asof", "POST /api/v1/notices/{notice}/end": "uadsof",
    "POST /api/v1/notices/{notice}/undo": "uadsof",
    "POST /api/v1/occasions/{occasion}": "sof",
    "GET /journal": "fr", "GET /journal/records.csv": "fr",
    "GET /content/import": "uaf", "POST /api/v1/imports": "uaf", "POST /api/v1/imports/bring": "uaf",
    "POST /api/v1/imports/leave": "uaf",
    "GET /walls/history": "vuasofr", "GET /walls/history/table.csv": "vuasofr", "GET /api/v1/played": "vuasofr",
    "GET /walls": "vuasof", "GET /walls/{surface}/spec": "vuasof", "GET /walls/{surface}/template.png": "vuasof",
    "GET /timetable": "vuadgsofr", "GET /timetable/special-days": "sf",
    "GET /devices": "vgsof", "GET /devices/{thing}": "vgsof",
    "GET /morning": "vdgsofr", "GET /api/v1/openings": "vdgsofr", "GET /api/v1/openings/{day}": "vdgsofr",
    "POST /api/v1/openings/{day}/signature": "dsof", "GET /api/v1/hand-overs": "dgsofr",
    "POST /api/v1/hand-overs": "dgsof", "POST /api/v1/hand-overs/{note}/read": "dgsof",
    "GET /people": "f", "GET /api/v1/people": "f", "POST /api/v1/people": "f",
    "POST /api/v1/people/{person}/password": "f", "POST /api/v1/people/{person}/roles": "f",
    "POST /api/v1/people/{person}/disable": "f",
    "GET /playlists": "vuasof", "GET /playlists/{playlist}": "vuasof", "GET /playlists/{playlist}/edit": "uaf",
    "POST /playlists/{playlist}/edit": "uaf", "GET /playlists/{playlist}/picture": "vuasof", "GET /airings": "vuasof",
    "GET /api/v1/playlists": PERSON, "POST /api/v1/playlists": "uaf", "GET /api/v1/playlists/{playlist}": PERSON,
    "PUT /api/v1/playlists/{playlist}": "uaf", "DELETE /api/v1/playlists/{playlist}": "af",
    "POST /api/v1/playlists/{playlist}/draft": "uaf", "POST /api/v1/playlists/{playlist}/approve": "af",
    "POST /api/v1/playlists/{playlist}/send-back": "af", "POST /api/v1/playlists/{playlist}/revert": "af",
    "POST /api/v1/playlists/{playlist}/remove": "af",
    "GET /api/v1/airings": PERSON, "POST /api/v1/airings": "uaf", "DELETE /api/v1/airings/{airing}": "uafso",
    "POST /api/v1/airings/{airing}/approve": "af", "POST /api/v1/airings/{airing}/end": "uafso",
    "POST /api/v1/airings/{airing}/undo": "uafso",
    "GET /api/v1/programmes/{player}": "P", "GET /api/v1/content/{sha256}": PERSON + "P",
    "POST /api/v1/players/{player}/report": "P", "PUT /api/v1/players/{player}/preview": "P",
    "GET /api/v1/players/{player}/preview": PERSON,
    "GET /api/v1/journal": "fr", "GET /metrics": "fX",
}  # fmt: skip


def test_the_table_is_what_the_design_says() -> None:
    """The code's table and the one written by hand agree, row by row."""
    said = {f"{row.method} {row.path}": row.roles for row in TABLE}
    wanted = {k: ANYONE if v == "*" else frozenset(LETTERS[sign] for sign in v) for k, v in EXPECTED.items()}
    assert said == wanted


def test_no_route_stands_outside_the_table() -> None:
    """Every route of the app has its row and every row its route."""
    routes = {
        f"{method} {route.path}"
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in (route.methods or set()) - {"HEAD"}  # a GET without its body
    }
    assert routes == {f"{row.method} {row.path}" for row in TABLE}


async def _served(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("in")(scope, receive, send)


async def _headers(people: People, role: Role) -> dict[str, str]:
    if role is Role.ANONYMOUS:
        return {}
    if role in MACHINES:
        token = await people.issue_token(role, bound_to="lobby-player" if role is Role.PLAYER else None, by="test")
        return {"Authorization": f"Bearer {token}"}
    person = await people.add(account=role.value, name=role.value, password=PASSWORD, roles=(role,), by="test")
    _, secret = await people.sign_in(person.account, PASSWORD, address="test")
    return {"Cookie": f"{cookie_name(secure=False)}={secret}", "Sec-Fetch-Site": "same-origin"}


def test_every_role_gets_exactly_its_routes(tmp_path: Path) -> None:
    """Walk every row with every role and with none: in, or 401, or 403, or led to the sign-in."""

    async def walk() -> list[str]:
        wrong = []
        async with a_house(tmp_path) as (house, _):
            headers = {role: await _headers(house.people, role) for role in Role}
            gate = Gate(_served, house=house, table=Table())
            async with httpx.AsyncClient(transport=httpx.ASGITransport(gate), base_url="http://house") as client:
                for row in TABLE:
                    for role in Role:
                        path = row.path.replace("{path:path}", "x").replace("{", "").replace("}", "")
                        status = (await client.request(row.method, path, headers=headers[role])).status_code
                        if status != _wanted(row.path, row.page, allowed=role in row.roles, role=role):
                            wrong.append(f"{row.method} {row.path} {role}: {status}")
        return wrong

    assert run(walk()) == []


def _wanted(path: str, page: bool, *, allowed: bool, role: Role) -> int:
    if path == "/set-up":
        return 404
    if allowed:
        return 200
    if role is Role.ANONYMOUS:
        return 303 if page else 401
    return 403


@pytest.mark.parametrize(
    "path",
    ["/docs", "/redoc", "/openapi.json", "/api/v1/people", "/static/../app.py", "/static/..%2fapp.py", "/api/v1/now/",
     "/api//v1/now", "/%2e%2e/etc/passwd", "/api/v1/content/..%2f..%2fetc%2fpasswd", "/static/%00", "/" + "a" * 600],
)  # fmt: skip
def test_what_is_not_in_the_table_does_not_exist(tmp_path: Path, path: str) -> None:
    """Documentation, tricks with dots, slashes and zeros, and long paths are 404, or refused as a stranger's."""

    async def ask() -> tuple[int, str]:
        async with a_visit(tmp_path) as visit, visit.go() as stranger:
            answer = await stranger.get(path)
            return answer.status_code, answer.text

    status, text = run(ask())
    assert status in (401, 404)
    assert "root:" not in text


def test_every_answer_carries_the_security_headers(tmp_path: Path) -> None:
    """Also a refusal has the policy, nosniff, no framing, no referrer, no keeping."""

    async def ask() -> httpx.Headers:
        async with a_visit(tmp_path) as visit, visit.go() as stranger:
            return (await stranger.get("/nothing")).headers

    headers = run(ask())
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe-inline" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in headers
    assert "server" not in headers


def test_tls_brings_the_strict_headers(tmp_path: Path) -> None:
    """Under TLS the answer pins TLS and the cookie has the host prefix."""

    async def ask() -> str:
        async with a_visit(tmp_path, secure=True) as visit, visit.go() as stranger:
            return (await stranger.get("/healthz")).headers["strict-transport-security"]

    assert run(ask()).startswith("max-age=")
    assert cookie_name(secure=True) == "__Host-lobby"


@pytest.mark.parametrize(
    ("secure", "forwarded", "expected"),
    [
        (False, "203.0.113.7", "127.0.0.1"),
        (True, "203.0.113.7", "203.0.113.7"),
        (True, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (True, "nonsense", "127.0.0.1"),
    ],
)
def test_only_our_own_proxy_is_believed(tmp_path: Path, secure: bool, forwarded: str, expected: str) -> None:
    """A guess at a password counts for the address that the proxy saw; without a proxy the header is ignored."""

    async def ask() -> str:
        async with a_visit(tmp_path, secure=secure) as visit:
            headers = {"X-Forwarded-For": forwarded, "Sec-Fetch-Site": "same-origin"}
            async with httpx.AsyncClient(base_url=visit.url, headers=headers, verify=PLAIN) as stranger:
                await stranger.post("/sign-in", data={"account": "nobody", "password": "guessed"})
            rows = await visit.house.journal.read("SELECT payload FROM journal WHERE kind = 'signin.failed'")
            return str(json.loads(rows[-1]["payload"])["address"])

    assert run(ask()) == expected


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": ""}]
)
def test_a_foreign_page_writes_nothing(tmp_path: Path, headers: dict[str, str]) -> None:
    """A write with another origin, or with none and no token, is refused before anything is done."""

    async def ask() -> tuple[int, list[str]]:
        async with a_visit(tmp_path) as visit:
            _, secret = await visit.secret(Role.FACILITY)
            cookies = {cookie_name(secure=False): secret}
            async with httpx.AsyncClient(base_url=visit.url, cookies=cookies, headers=headers, verify=PLAIN) as page:
                body = {"mode": "watch-only", "reason": "x"}
                answer = await page.post("/api/v1/things/siren/modes", json=body)
            return answer.status_code, await visit.kinds()

    status, kinds = run(ask())
    assert status == 403
    assert not [kind for kind in kinds if kind.startswith("mode")]


def test_a_token_in_a_header_proves_the_page(tmp_path: Path) -> None:
    """Without origin headers, as from a script, the session's own token is proof."""

    async def ask() -> int:
        async with a_visit(tmp_path) as visit:
            person = await visit.hire(Role.FACILITY)
            session, secret = await visit.house.people.sign_in(person.account, PASSWORD, address="test")
            cookies = {cookie_name(secure=False): secret}
            async with httpx.AsyncClient(base_url=visit.url, cookies=cookies, verify=PLAIN) as script:
                headers = {"X-CSRF-Token": session.csrf}
                return (await script.post("/api/v1/consoles/c1/heartbeat", headers=headers)).status_code

    assert run(ask()) == 200


def test_a_denied_person_is_written_down(tmp_path: Path) -> None:
    """A refusal names who, the method and the route, in the journal."""

    async def ask() -> list[str]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.VIEWER) as viewer:
            await viewer.get("/api/v1/journal")
            return await visit.kinds()

    assert run(ask())[-1] == "signin.denied"


def test_a_wrong_method_is_told(tmp_path: Path) -> None:
    """TRACE and friends get 405 and words."""

    async def ask() -> tuple[int, str]:
        async with a_visit(tmp_path) as visit, visit.go() as stranger:
            answer = await stranger.request("TRACE", "/healthz")
            return answer.status_code, answer.json()["code"]

    assert run(ask()) == (405, "api.no-such-act")


def test_people_and_machines_are_all_roles() -> None:
    """No role is forgotten between the sets."""
    assert frozenset({Role.ANONYMOUS}) | PEOPLE | MACHINES == frozenset(Role)
