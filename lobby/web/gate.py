"""The way in: every request is matched with the role table, recognised, measured and only then handed on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi.responses import RedirectResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lobby.core.problem import Refusal
from lobby.web.people import People
from lobby.web.problems import answer, broken
from lobby.web.reading import LANGUAGE_COOKIE, Caller, language_of
from lobby.web.roles import Role, Row, Table

if TYPE_CHECKING:
    from lobby.web.house import House

READING = frozenset({"GET", "HEAD"})
LONGEST_PATH = 512
LONGEST_COOKIE = 4096
CONTENT_SECURITY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "media-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
)
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000")

log = logging.getLogger(__name__)


def cookie_name(*, secure: bool) -> str:
    """`__Host-lobby` under TLS; a plain name on loopback without TLS, where browsers refuse the prefix."""
    return "__Host-lobby" if secure else "lobby"


class Gate:
    """Outermost part of the web: admission by the table, then the app; every answer leaves with the same headers."""

    def __init__(self, app: ASGIApp, house: House, table: Table) -> None:
        self._app = app
        self._people: People = house.people
        self._secure = house.secure
        self._cookie = cookie_name(secure=house.secure)
        self._table = table

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._other(scope, receive, send)
            return
        out = _Out(send, secure=self._secure)
        try:
            await self._http(scope, receive, out)
        except Refusal as refusal:
            await answer(scope, refusal)(scope, receive, out)
        except Exception:
            # The last place: whatever went wrong, the reader gets a plain answer and the log the rest.
            log.exception("a request failed: %s %s", scope["method"], scope.get("route", scope["path"]))
            if not out.started:
                await broken(scope)(scope, receive, out)

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: Scope, receive: Receive, out: _Out) -> None:
        headers = Headers(scope=scope)
        caller = self._recognise(headers)
        _remember(scope, headers, caller)
        row = self._row(scope)
        if row.path == "/set-up" and not self._people.setup_needed():
            raise Refusal("api.not-found", status=404)
        if not caller.roles & row.roles:
            denial = await self._deny(scope, row, caller)
            await denial(scope, receive, out)
            return
        if scope["method"] not in READING:
            _refuse_foreign(headers, caller, secure=self._secure)
        if int(headers.get("content-length") or 0) > row.body:
            raise Refusal("api.too-large", status=413, largest=_size(row.body))
        await self._app(scope, _limited(receive, row.body), out)

    def _row(self, scope: Scope) -> Row:
        path = scope["path"]
        rows = self._table.rows(path) if len(path) <= LONGEST_PATH and ".." not in path and "\x00" not in path else {}
        if not rows:
            raise Refusal("api.not-found", status=404)
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        if method not in rows:
            raise Refusal("api.no-such-act", status=405)
        return rows[method]

    def _recognise(self, headers: Headers) -> Caller:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return Caller(machine=self._people.machine_of(token.strip()))
        found = self._people.person_of(_cookies(headers).get(self._cookie, ""))
        return Caller(person=found[0], session=found[1]) if found else Caller()

    async def _deny(self, scope: Scope, row: Row, caller: Caller) -> Response:
        stranger = Role.ANONYMOUS in caller.roles
        if stranger and row.page:
            needed = "/set-up" if self._people.setup_needed() else f"/sign-in?next={quote(scope['path'])}"
            return RedirectResponse(needed, 303)
        if stranger:
            return answer(scope, Refusal("signin.needed", status=401))
        who = caller.person or caller.machine
        assert who is not None
        await self._people.note("signin.denied", who.id, method=row.method, route=row.path)
        return answer(scope, Refusal("api.not-allowed", status=403))


class _Out:
    """The way out: adds the security headers, and `no-store` where the answer says nothing of keeping."""

    def __init__(self, send: Send, *, secure: bool) -> None:
        self._send = send
        self._headers = (*HEADERS, STRICT_TRANSPORT) if secure else HEADERS
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            own = list(message.get("headers", ()))
            names = {name.lower() for name, _ in own}
            own += [pair for pair in self._headers if pair[0] not in names]
            if b"cache-control" not in names:
                own.append((b"cache-control", b"no-store"))
            message = {**message, "headers": own}
        await self._send(message)


def _remember(scope: Scope, headers: Headers, caller: Caller) -> None:
    """What pages and routes read as `request.state.…`."""
    state = scope.setdefault("state", {})
    asked = _cookies(headers).get(LANGUAGE_COOKIE)
    state["caller"] = caller
    state["person"] = caller.person
    state["csrf"] = caller.session.csrf if caller.session else ""
    state["language"] = language_of(asked=asked, person=caller.person, accept=headers.get("accept-language", ""))


def _cookies(headers: Headers) -> dict[str, str]:
    text = headers.get("cookie", "")
    return cookie_parser(text) if len(text) <= LONGEST_COOKIE else {}


def _refuse_foreign(headers: Headers, caller: Caller, *, secure: bool) -> None:
    """Refuse a write that another site's page made; a machine's token is proof enough by itself."""
    if caller.machine is not None:
        return
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    own = f"{'https' if secure else 'http'}://{headers.get('host', '')}"
    foreign = site not in {"same-origin", "none"} if site else bool(origin) and origin != own
    if foreign:
        raise Refusal("api.foreign-page", status=403)
    if caller.session and not site and not origin and headers.get("x-csrf-token") != caller.session.csrf:
        raise Refusal("api.foreign-page", status=403)


def _limited(receive: Receive, largest: int) -> Receive:
    taken = 0

    async def measured() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > largest:
                raise HTTPException(413)
        return message

    return measured


def _size(count: int) -> str:
    return f"{count // (1024 * 1024)} MiB" if count >= 1024 * 1024 else f"{count // 1000} kB"
