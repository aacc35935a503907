"""The players' own contract: programme, content by hash, what stands on the glass, small pictures of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, Response

from lobby.core.problem import Refusal
from lobby.web.reading import caller_of, fields_of

if TYPE_CHECKING:
    from lobby.web.house import House
    from lobby.web.throttle import Rate

SHA256 = re.compile(r"[0-9a-f]{64}")
FOREVER = "private, max-age=31536000, immutable"
SIGNATURES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))
DOCUMENT = "players"
REPORTED = ("version", "surfaces", "panels", "offset_ms", "lateness_ms", "presented", "skew_ms", "fingerprint", "stale")
LARGEST_REPORT = 16_000

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The latest small picture of a surface, as its player drew it."""

    jpeg: bytes
    at: datetime


class Glass:
    """What the players say stands on the glass."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._reports: dict[str, dict[str, Any]] = {}
        self._previews: dict[tuple[str, str], Preview] = {}

    def report(self, player: str, said: Mapping[str, Any]) -> None:
        """Show what a player says; ages are told by `at`."""
        told = {key: said[key] for key in REPORTED if key in said}
        self._reports[player] = {**told, "at": self._house.clock.now().isoformat()}
        self._house.hub.put(DOCUMENT, dict(self._reports))
        self._house.player_reported(player, told)

    def keep(self, player: str, surface: str, jpeg: bytes) -> None:
        """Keep the latest picture of a surface."""
        self._previews[player, surface] = Preview(jpeg=jpeg, at=self._house.clock.now())

    def preview(self, player: str, surface: str) -> Preview | None:
        """The latest picture of a surface."""
        return self._previews.get((player, surface))


@router.get("/api/v1/programmes/{player}")
async def programme(request: Request, player: str) -> Response:
    """What this player shows for the next weeks; unchanged since the player's version: 304."""
    from media.wire import to_json

    house = _bound(request, player)
    found = house.programme_for(player)
    if found is None:
        raise Refusal("api.not-found", status=404)
    tag = f'"{found.version}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in [each.strip() for each in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(await asyncio.to_thread(to_json, found), 200, headers, "application/json")


@router.get("/api/v1/content/{sha256}")
async def content(request: Request, sha256: str) -> Response:
    """A picture by the hash of its bytes: of a known kind, never a page, good for ever."""
    house: House = request.app.state.house
    if not SHA256.fullmatch(sha256):
        raise Refusal("api.not-found", status=404)
    path, kind = await asyncio.to_thread(_found, house, sha256)
    if path is None or kind is None:
        raise Refusal("api.not-found", status=404)
    headers = {
        "Cache-Control": FOREVER,
        "ETag": f'"{sha256}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": "inline",
    }
    return FileResponse(path, headers=headers, media_type=kind)


@router.post("/api/v1/players/{player}/report")
async def report(request: Request, player: str) -> Response:
    """What stands on the glass, how well in time, of which version."""
    house = _bound(request, player)
    rate: Rate = request.app.state.report_rate
    rate.admit(player)
    if len(await request.body()) > LARGEST_REPORT:
        raise Refusal("api.too-large", status=413, largest="16 kB")
    glass: Glass = request.app.state.glass
    glass.report(player, await fields_of(request))
    return JSONResponse({"now": house.clock.now().isoformat()})


@router.put("/api/v1/players/{player}/preview", status_code=204)
async def put_preview(request: Request, player: str) -> Response:
    """A small JPEG of a surface; kept in memory, the latest only."""
    house = _bound(request, player)
    surface = _surface(house, request, player)
    jpeg = await request.body()
    if not (jpeg.startswith(b"\xff\xd8\xff") and jpeg.endswith(b"\xff\xd9")):
        raise Refusal("api.not-a-picture", status=415)
    glass: Glass = request.app.state.glass
    glass.keep(player, surface, jpeg)
    return Response(status_code=204)


@router.get("/api/v1/players/{player}/preview")
async def preview(request: Request, player: str) -> Response:
    """The latest picture of a surface, with the moment it was taken."""
    house: House = request.app.state.house
    glass: Glass = request.app.state.glass
    found = glass.preview(player, _surface(house, request, player))
    if found is None:
        raise Refusal("api.not-found", status=404)
    age_s = max(0.0, (house.clock.now() - found.at).total_seconds())
    headers = {"X-Taken-At": found.at.isoformat(), "Age": str(int(age_s)), "Content-Disposition": "inline"}
    return Response(found.jpeg, 200, headers, "image/jpeg")


def _bound(request: Request, player: str) -> House:
    """The house, for the one player that the token is bound to; another player does not exist for it."""
    house: House = request.app.state.house
    machine = caller_of(request).machine
    if machine is None or machine.bound_to != player or player not in house.site.players:
        raise Refusal("api.not-found", status=404)
    return house


def _surface(house: House, request: Request, player: str) -> str:
    surfaces = house.site.players[player].surfaces if player in house.site.players else ()
    surface = request.query_params.get("surface", surfaces[0] if len(surfaces) == 1 else "")
    if surface not in surfaces:
        raise Refusal("api.not-found", status=404)
    return surface


def _found(house: House, sha256: str) -> tuple[Path | None, str | None]:
    from media.assets import NoSuchContent

    try:
        path = house.library.content(sha256)
        with path.open("rb") as file:
            head = file.read(16)
    except (NoSuchContent, OSError):
        return None, None
    return path, next((kind for signature, kind in SIGNATURES if head.startswith(signature)), None)
