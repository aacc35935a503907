"""Resumable uploads over HTTP, in the manner of tus 1.0 (core, creation, checksum, expiration, termination).

A file is announced, then comes in pieces; whoever lost the line asks how much is durable and goes on from there.
Afterwards the same address tells how far its checking and conversion are.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from lobby.core.arrivals import LARGEST, Arrival, Meant
from lobby.core.problem import Refusal
from lobby.core.words import explain
from lobby.web.reading import fields_of, person_of
from lobby.web.shapes import encoded
from lobby.web.uploads import shown_name

if TYPE_CHECKING:
    from lobby.web.house import House
    from lobby.web.throttle import Rate

VERSION = "1.0.0"
TUS = {"Tus-Resumable": VERSION}
ABILITIES = {
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,checksum,expiration,termination",
    "Tus-Checksum-Algorithm": "sha256",
    "Tus-Max-Size": str(LARGEST),
}
PIECE = "application/offset+octet-stream"
SILENT_S = 60.0
LONGEST_METADATA = 4096
WORDS = ("panel", "surface", "batch", "replaces")

router = APIRouter()


@router.options("/api/v1/uploads")
async def abilities() -> Response:
    """What of tus is spoken here."""
    return Response(None, 204, {**TUS, **ABILITIES})


@router.get("/api/v1/uploads")
async def uploads(request: Request) -> Response:
    """The reader's own files on their way in, those of the last day that have ended too."""
    house, person = _house(request), person_of(request)
    own = [_shape(request, each) for each in house.arrivals.all() if each.person == person.id]
    return Response(encoded({"uploads": own, "at": house.clock.now()}), media_type="application/json")


@router.post("/api/v1/uploads")
async def begin(request: Request) -> Response:
    """A file is about to come: `name`, `length` in bytes, and what it is meant for; as JSON or as tus headers."""
    house, person = _house(request), person_of(request)
    rate: Rate = request.app.state.begin_rate
    rate.admit(person.id)
    given = _metadata(request) if "upload-length" in request.headers else await fields_of(request)
    name, meant = given.get("name") or given.get("filename"), _meant(house, given)
    if not isinstance(name, str) or not name.strip():
        raise Refusal("api.not-valid", "name", status=422)
    arrival = await house.arrivals.begin(shown_name(name), _number(given, "length"), person=person.id, meant=meant)
    headers = {**_headers(arrival), "Location": f"/api/v1/uploads/{arrival.id}"}
    return Response(encoded(_shape(request, arrival)), 201, headers, "application/json")


@router.get("/api/v1/uploads/{upload}")
async def upload(request: Request, upload: str) -> Response:
    """How many bytes are durable, and then how far the conversion is."""
    arrival = _own(request, upload)
    return Response(encoded(_shape(request, arrival)), 200, _headers(arrival), "application/json")


@router.head("/api/v1/uploads/{upload}")
async def offset_of(request: Request, upload: str) -> Response:
    """The same without body, as a tus client asks where to go on."""
    return Response(None, 200, _headers(_own(request, upload)))


@router.patch("/api/v1/uploads/{upload}")
async def append(request: Request, upload: str) -> Response:
    """The bytes after `Upload-Offset`; with `Upload-Checksum: sha256 …` all of them or none."""
    if request.headers.get("content-type", "") != PIECE:
        raise Refusal("api.not-valid", "content-type", status=415)
    _own(request, upload)
    offset, sha256 = _number(request.headers, "upload-offset"), _checksum(request)
    try:
        arrival = await _house(request).arrivals.append(upload, offset, _chunks(request), sha256=sha256)
    except ClientDisconnect:
        return Response(None, 204)  # nobody reads it: the line is gone, what came before is kept
    return Response(None, 204, _headers(arrival))


@router.delete("/api/v1/uploads/{upload}")
async def abandon(request: Request, upload: str) -> Response:
    """Throw away what has come so far."""
    _own(request, upload)
    await _house(request).arrivals.abandon(upload)
    return Response(None, 204, TUS)


def _shape(request: Request, arrival: Arrival) -> Mapping[str, Any]:
    """An arrival on the wire; a refusal in the reader's words."""
    problem = None
    if arrival.problem is not None:
        what, cure = explain(arrival.problem, request.state.language)
        problem = {"code": arrival.problem.code, "title": what, "cure": cure}
    house, batch = _house(request), arrival.meant.batch
    record = house.library.records.of(arrival.asset) if arrival.here and arrival.asset else None
    return {
        "id": arrival.id,
        "name": arrival.name,
        "length": arrival.length,
        "offset": arrival.offset,
        "stage": arrival.stage,
        "share": round(arrival.share, 3),
        "ready_at": house.arrivals.ready_at(arrival),
        "asset": arrival.asset,
        "here": explain(house.batches.here(record, batch), request.state.language)[0] if record else None,
        "problem": problem,
        "batch": batch,
        "expires": arrival.expires,
    }


def _headers(arrival: Arrival) -> dict[str, str]:
    return {
        **TUS,
        "Cache-Control": "no-store",
        "Upload-Offset": str(arrival.offset),
        "Upload-Length": str(arrival.length),
        "Upload-Expires": f"{arrival.expires:%a, %d %b %Y %H:%M:%S} GMT",
    }


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes; a line that is silent for a minute is given up."""
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(SILENT_S):
                chunk = await anext(stream, None)
        except TimeoutError:
            raise Refusal("content.silent", status=408) from None
        if chunk is None:
            return
        yield chunk


def _own(request: Request, upload: str) -> Arrival:
    """The arrival, if it is the reader's; another's does not exist for him."""
    arrival = _house(request).arrivals.of(upload)
    if arrival.person != person_of(request).id:
        raise Refusal("content.no-such-upload", upload[:40], status=404)
    return arrival


def _meant(house: House, given: Mapping[str, Any]) -> Meant:
    panel, surface, batch, replaces = (str(value)[:80] if (value := given.get(name)) else None for name in WORDS)
    house.library.refuse_place(panel, surface)
    asks = panel is not None or given.get("asks") in (True, "true", "1", "on")
    return Meant(panel=panel, surface=surface, batch=batch, replaces=replaces, asks=asks)


def _metadata(request: Request) -> dict[str, Any]:
    """`Upload-Length` and the words of `Upload-Metadata`, as tus writes them: key, blank, Base64."""
    text = request.headers.get("upload-metadata", "")
    if len(text) > LONGEST_METADATA:
        raise Refusal("api.not-valid", "upload-metadata", status=422)
    pairs = (each.strip().partition(" ") for each in text.split(",") if each.strip())
    try:
        words = {key: base64.b64decode(value, validate=True).decode("utf-8") for key, _, value in pairs}
    except (binascii.Error, UnicodeDecodeError):
        raise Refusal("api.not-valid", "upload-metadata", status=422) from None
    return {**words, "length": request.headers["upload-length"]}


def _checksum(request: Request) -> bytes | None:
    text = request.headers.get("upload-checksum", "")
    if not text:
        return None
    algorithm, _, value = text.partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except binascii.Error:
        raise Refusal("api.not-valid", "upload-checksum", status=400) from None
    if algorithm != "sha256" or len(digest) != 32:
        raise Refusal("api.not-valid", "upload-checksum", status=400)
    return digest


def _number(given: Mapping[str, Any], name: str) -> int:
    try:
        found = int(given[name])
    except (KeyError, ValueError, TypeError):
        raise Refusal("api.not-valid", name, status=422) from None
    if found < 0:
        raise Refusal("api.not-valid", name, status=422)
    return found


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house
