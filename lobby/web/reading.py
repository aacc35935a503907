"""What a request says of its reader: the language to answer in, who it is, and what small body it brought."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fastapi import Request

from lobby.core.problem import Refusal
from lobby.core.tongues import KOREAN, tongue_of
from lobby.core.words import LANGUAGES
from lobby.web.people import Machine, Person
from lobby.web.roles import Role
from lobby.web.sessions import Session

FORM = "application/x-www-form-urlencoded"
LANGUAGE_COOKIE = "lobby-language"
FORWARDED = "x-forwarded-for"
MOST_FIELDS = 4000  # a playlist of 200 items with all its weekdays; the body itself is small


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: a person with a session, a machine with a token, or neither."""

    person: Person | None = None
    session: Session | None = None
    machine: Machine | None = None

    @property
    def roles(self) -> frozenset[Role]:
        """What the caller is; a stranger is anonymous."""
        if self.person is not None:
            return self.person.roles
        return frozenset({self.machine.role if self.machine else Role.ANONYMOUS})


def caller_of(request: Request) -> Caller:
    """Who the gate recognised."""
    caller: Caller = request.state.caller
    return caller


def person_of(request: Request) -> Person:
    """The person who asks, on routes that only people reach."""
    person = caller_of(request).person
    if person is None:
        raise Refusal("signin.needed", status=401)
    return person


def address_of(request: Request) -> str:
    """Where the request comes from, as the socket says; behind our own proxy, as that says last.

    Nobody else's forwarding headers are believed.
    """
    named = request.headers.get(FORWARDED, "").rpartition(",")[2].strip() if request.app.state.house.secure else ""
    if _is_address(named):
        return named
    return request.client.host if request.client else "unknown"


def page_before(request: Request) -> str:
    """The page of ours that a form was sent from, as path and query; Today where the browser does not tell."""
    before = urlsplit(request.headers.get("referer", ""))
    if before.netloc != request.headers.get("host") or not before.path.startswith("/") or before.path.startswith("//"):
        return "/"
    return before.path + (f"?{before.query}" if before.query else "")


def language_of(*, asked: str | None, person: Person | None, accept: str) -> str:
    """The reader's language: chosen on the page, else the person's own, else what the browser prefers, else Korean."""
    if asked in LANGUAGES:
        return str(asked)
    if person is not None:
        return person.language
    return _preferred(accept)


async def fields_of(request: Request) -> Mapping[str, Any]:
    """The small body of a write: a JSON object, or a form whose csrf token is checked here. Empty is {}."""
    body = await request.body()
    if not body:
        return {}
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM:
        return _form(request, body)
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal("api.not-json", status=400) from None
    if not isinstance(fields, dict):
        raise Refusal("api.not-json", status=400)
    return fields


def _form(request: Request, body: bytes) -> Mapping[str, Any]:
    try:
        pairs = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except (UnicodeDecodeError, ValueError):
        raise Refusal("api.not-a-form", status=400) from None
    fields = {key: values[-1] for key, values in pairs.items()}
    session = caller_of(request).session
    if session is not None and fields.get("csrf") != session.csrf:
        raise Refusal("api.form-too-old", status=403)
    return fields


def preferred_tongue(accept: str) -> str:
    """The script that a visitor's own telephone prefers, else Korean."""
    return _best(accept, tongue_of)


def _preferred(accept: str) -> str:
    def known(tag: str) -> str | None:
        language = tag.lower().partition("-")[0]
        return language if language in LANGUAGES else None

    return _best(accept, known)


def _best(accept: str, known: Callable[[str], str | None]) -> str:
    best, weight = KOREAN, 0.0
    for choice in accept.split(",")[:10]:
        tag, _, rest = choice.partition(";")
        language, quality = known(tag.strip()), _quality(rest)
        if language is not None and quality > weight:
            best, weight = language, quality
    return best


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _quality(text: str) -> float:
    try:
        return float(text.strip().removeprefix("q=")) if text.strip() else 1.0
    except ValueError:
        return 0.0
