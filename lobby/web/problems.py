"""Errors as people and programs read them: RFC 9457 documents with the cure, or a small page for a browser."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from html import escape
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import Scope

from lobby.core.journal import NotDurable
from lobby.core.problem import Problem, Refusal
from lobby.core.words import explain, say
from lobby.web.throttle import TooFast

MEDIA_TYPE = "application/problem+json"
CODES: Mapping[int, str] = {
    400: "api.not-json",
    401: "signin.needed",
    403: "api.not-allowed",
    404: "api.not-found",
    405: "api.no-such-act",
    412: "api.changed-meanwhile",
    413: "api.too-large",
    429: "api.too-fast",
    503: "api.not-durable",
}
PAGE = """<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{what}</title>
<link rel="icon" href="/static/lobby.svg"><link rel="stylesheet" href="/static/lobby.css"></head>
<body class="problem"><main><h1>{what}</h1><p>{cure}</p><p><a href="{back}">{way}</a></p></main></body>
</html>
"""

log = logging.getLogger(__name__)


def document(problem: Problem, *, status: int, language: str, instance: str) -> dict[str, object]:
    """The problem document; every value is text for people or a plain code, never markup."""
    what, cure = explain(problem, language)
    members: dict[str, object] = {
        "type": f"urn:smart-lobby:problem:{problem.code}",
        "title": what,
        "status": status,
        "detail": cure,
        "instance": instance,
        "code": problem.code,
        "cure": cure,
    }
    if problem.where:
        members["where"] = problem.where
    return members


def answer(scope: Scope, refusal: Refusal) -> Response:
    """The response for a refusal: a document for programs, a page for a browser that asked for a page."""
    language = str(scope.get("state", {}).get("language", "ko"))
    headers = {"Content-Language": language, "Vary": "Accept, Accept-Language, Cookie"}
    if isinstance(refusal, TooFast):
        headers["Retry-After"] = str(refusal.wait_s)
    if refusal.status == 401:
        headers["WWW-Authenticate"] = 'Session realm="lobby"'
    if _wants_page(scope):
        page = _page(refusal.problem, language, back=_back(scope))
        return Response(page, refusal.status, headers, "text/html; charset=utf-8")
    members = document(refusal.problem, status=refusal.status, language=language, instance=scope["path"])
    return Response(json.dumps(members, ensure_ascii=False), refusal.status, headers, MEDIA_TYPE)


def broken(scope: Scope) -> Response:
    """The answer where something failed here: says so, and nothing about what."""
    return answer(scope, Refusal("api.broken", status=500))


def install(app: FastAPI) -> None:
    """Make every refusal and every error of the framework answer this way."""

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)
        return answer(request.scope, error)

    async def not_durable(request: Request, error: Exception) -> Response:
        log.warning("a write was refused: %s", error)
        return answer(request.scope, Refusal("api.not-durable", status=503))

    async def by_status(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = CODES.get(error.status_code, "api.not-possible")
        return answer(request.scope, Refusal(code, status=error.status_code))

    async def not_valid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        where = ", ".join(".".join(str(part) for part in mistake["loc"][1:]) for mistake in error.errors()[:5])
        return answer(request.scope, Refusal("api.not-valid", where, status=422))

    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(NotDurable, not_durable)
    app.add_exception_handler(HTTPException, by_status)
    app.add_exception_handler(RequestValidationError, not_valid)


def _wants_page(scope: Scope) -> bool:
    """Whether a browser shows the answer itself: it opens a page, or posts a form without script."""
    accept = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    return b"text/html" in accept and (not scope["path"].startswith("/api/") or scope["method"] == "POST")


def _back(scope: Scope) -> str:
    """The page of ours whose form was posted, where the browser tells it; else nothing."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"] if name in (b"host", b"referer")}
    came = urlsplit(headers.get(b"referer", ""))
    if scope["method"] != "POST" or came.netloc != headers.get(b"host") or came.path[:2] == "//":
        return ""
    return f"{came.path}?{came.query}" if came.query else str(came.path)


def _page(problem: Problem, language: str, *, back: str) -> str:
    what, cure = explain(problem, language)
    way = say("api.back" if back else "api.home", language)
    words = {"language": language, "what": what, "cure": cure, "back": back or "/", "way": way}
    return PAGE.format(**{slot: escape(text) for slot, text in words.items()})
