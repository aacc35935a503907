"""Writes that take effect once: the same idempotency key gets the same answer, a changed thing refuses an old page."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from lobby.core.problem import Refusal
from lobby.web.reading import FORM, caller_of, fields_of
from lobby.web.shapes import plain

KEPT_ANSWERS = 1000
LONGEST_KEY = 128

Work = Callable[[], Coroutine[Any, Any, Response]]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(slots=True, kw_only=True)
class _Answer:
    fingerprint: str
    response: asyncio.Future[Response]


class Answers:
    """Answers already given, by person and key; the oldest are forgotten."""

    def __init__(self) -> None:
        self._answers: OrderedDict[tuple[str, str], _Answer] = OrderedDict()

    async def once(self, who: str, key: str, fingerprint: str, work: Work) -> Response:
        """The kept answer of the key, or the work's. The same key with another request is refused."""
        known = self._answers.get((who, key))
        if known is not None:
            if known.fingerprint != fingerprint:
                raise Refusal("api.key-used", status=422)
            return await asyncio.shield(known.response)
        mine = _Answer(fingerprint=fingerprint, response=asyncio.get_running_loop().create_future())
        self._answers[who, key] = mine
        while len(self._answers) > KEPT_ANSWERS:
            self._answers.popitem(last=False)
        return await self._work(who, key, mine, work)

    async def _work(self, who: str, key: str, mine: _Answer, work: Work) -> Response:
        try:
            response = await work()
        except BaseException as error:
            # A refused or broken write had no effect: the same key may try again.
            self._answers.pop((who, key), None)
            _told(mine.response, error)
            raise
        mine.response.set_result(response)
        return response


class WriteRoute(APIRoute):
    """A route whose writes honour `Idempotency-Key`, as a header or the form field `idempotency_key`."""

    def get_route_handler(self) -> Handler:
        """The framework's handler, made once-only where the request brings a key."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            if request.method == "GET":
                return await inner(request)
            key = await _key(request)
            if not key:
                return await inner(request)
            answers: Answers = request.app.state.answers
            fingerprint = _fingerprint(request, await request.body())
            return await answers.once(_who(request), key, fingerprint, lambda: inner(request))

        return handle


def version_of(value: object) -> str:
    """An entity tag over a JSON value: equal values, equal tags."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=plain)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:20]}"'


def refuse_changed(request: Request, version: str, fields: Mapping[str, Any] | None = None) -> None:
    """Refuse a write whose `If-Match` (or form field `if_match`) names another version than this one."""
    wanted = request.headers.get("if-match") or (fields or {}).get("if_match")
    if wanted and wanted != "*" and version not in [tag.strip() for tag in str(wanted).split(",")]:
        raise Refusal("api.changed-meanwhile", status=412)


def _told(waiting: asyncio.Future[Response], error: BaseException) -> None:
    told = error if isinstance(error, Exception) else Refusal("api.broken", status=503)
    waiting.set_exception(told)
    waiting.exception()


async def _key(request: Request) -> str:
    key = request.headers.get("idempotency-key", "")
    if not key and request.headers.get("content-type", "").startswith(FORM):
        key = str((await fields_of(request)).get("idempotency_key", ""))
    if len(key) > LONGEST_KEY:
        raise Refusal("api.not-valid", "idempotency-key", status=422)
    return key


def _who(request: Request) -> str:
    caller = caller_of(request)
    return caller.person.id if caller.person else caller.machine.id if caller.machine else "anyone"


def _fingerprint(request: Request, body: bytes) -> str:
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode())
    digest.update(body)
    return digest.hexdigest()
