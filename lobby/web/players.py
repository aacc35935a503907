"""The players' own contract: programme, content by hash, what stands on the glass, small pictures of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, Response

from lobby.core.problem import Refusal
from lobby.web.reading import caller_of, fields_of
from lobby.web.seats import Seats

if TYPE_CHECKING:
    from lobby.web.house import House
    from lobby.web.throttle import Rate

SHA256 = re.compile(r"[0-9a-f]{64}")
NAME = re.compile(r"[0-9a-f]{16}")
FOREVER = "private, max-age=31536000, immutable"
SIGNATURES = ((0, b"\x89PNG\r\n\x1a\n", "image/png"), (0, b"\xff\xd8\xff", "image/jpeg"), (4, b"ftyp", "video/mp4"))
DOCUMENT = "players"
PROOF = ("prints", "changes")
FIGURES = ("offset_ms", "lateness_ms", "presented", "skew_ms", "due")
STATES = (
    "version",
    "surfaces",
    "panels",
    "standby",
    "stale",
    "clock",
    "troubles",
    "contents",
    "fingerprint",
    "pattern",
)
INSTANCE = "lobby-instance"
LARGEST_REPORT = 16_000
FIGURES_EVERY_S = 2.0
LONGEST_INSTANCE = 64

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The latest small picture of a surface: `shown_at` by its player's clock; at `at` the glass still was like it."""

    jpeg: bytes
    at: datetime
    name: str = ""
    shown_at: str = ""


class Glass:
    """What the players say stands on the glass."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._seats = Seats(house.clock)
        self._reports: dict[str, dict[str, Any]] = {}
        self._told: dict[str, dict[str, Any]] = {}
        self._told_at = float("-inf")
        self._previews: dict[tuple[str, str], Preview] = {}

    def report(self, player: str, said: Mapping[str, Any], *, instance: str = "", address: str = "") -> Sequence[str]:
        """Show what a player says; the surfaces whose small picture is not here. Ages are told by `at`.

        Raises Refusal for the later of two players that play at once under one id: it is named, and not shown.
        """
        seat = self._seats.heard(player, instance, address)
        if seat.twins and not seat.holds:
            raise Refusal("api.player-twice", status=409, player=player, addresses=", ".join(seat.twins))
        if not seat.holds:
            return ()
        told = {key: said[key] for key in (*STATES, *FIGURES) if key in said}
        if seat.twins:
            told["twins"] = list(seat.twins)
        self._reports[player] = {**told, "at": self._house.clock.now().isoformat()}
        self._show(player)
        self._house.player_reported(player, told | {key: said[key] for key in PROOF if key in said})
        return self._lacking(player, said.get("previews"))

    def keep(self, player: str, surface: str, preview: Preview, *, instance: str = "") -> None:
        """Keep the latest picture of a surface; a later player of the same id shows none."""
        if self._seats.holds(player, instance):
            self._previews[player, surface] = preview

    def preview(self, player: str, surface: str) -> Preview | None:
        """The latest picture of a surface."""
        return self._previews.get((player, surface))

    def _show(self, player: str) -> None:
        """News at once; that merely figures have moved, now and then: every console would hear it every time."""
        states = {key: value for key, value in self._reports[player].items() if key not in {*FIGURES, "at"}}
        now = self._house.clock.mono()
        if self._told.get(player) == states and now - self._told_at < FIGURES_EVERY_S:
            return
        self._told[player], self._told_at = states, now
        self._house.hub.put(DOCUMENT, dict(self._reports))

    def _lacking(self, player: str, named: object) -> list[str]:
        """Surfaces whose picture differs from what the player names; one that is the same is fresh again."""
        lacking = []
        names = named if isinstance(named, Mapping) else {}
        for surface in self._house.site.players[player].surfaces:
            held, name = self._previews.get((player, surface)), names.get(surface)
            if held is not None and held.name == name:
                self._previews[player, surface] = replace(held, at=self._house.clock.now())
            elif name is not None:
                lacking.append(surface)
        return lacking


@router.get("/api/v1/programmes/{player}")
async def programme(request: Request, player: str) -> Response:
    """What this player shows for the next weeks; unchanged since the player's version: 304; still being made: 204."""
    from media.wire import to_json

    house = _bound(request, player)
    found = house.programme_for(player)
    if found is None:
        return Response(status_code=204)
    tag = f'"{found.version}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if _has(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(await asyncio.to_thread(to_json, found), 200, headers, "application/json")


@router.get("/api/v1/content/{sha256}")
async def content(request: Request, sha256: str) -> Response:
    """A picture or film by the hash of its bytes: of a known kind, never a page, good for ever."""
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
    """What stands on the glass, how well in time, of which version; answered by the pictures that are wanted."""
    house = _bound(request, player)
    instance = _instance(request)
    rate: Rate = request.app.state.report_rate
    rate.admit(f"{player} {instance}")
    if len(await request.body()) > LARGEST_REPORT:
        raise Refusal("api.too-large", status=413, largest="16 kB")
    glass: Glass = request.app.state.glass
    want = glass.report(player, await fields_of(request), instance=instance, address=_address(request))
    return JSONResponse({"now": house.clock.now().isoformat(), "want": list(want)})


@router.put("/api/v1/players/{player}/preview", status_code=204)
async def put_preview(request: Request, player: str) -> Response:
    """A small JPEG of a surface; kept in memory, the latest only."""
    house = _bound(request, player)
    surface, query = _surface(house, request, player), request.query_params
    jpeg = await request.body()
    if not (jpeg.startswith(b"\xff\xd8\xff") and jpeg.endswith(b"\xff\xd9")):
        raise Refusal("api.not-a-picture", status=415)
    name = found.group() if (found := NAME.fullmatch(query.get("name", ""))) else ""
    preview = Preview(jpeg=jpeg, at=house.clock.now(), name=name, shown_at=_moment(query.get("at", "")))
    glass: Glass = request.app.state.glass
    glass.keep(player, surface, preview, instance=_instance(request))
    return Response(status_code=204)


@router.get("/api/v1/players/{player}/preview")
async def preview(request: Request, player: str) -> Response:
    """The latest picture of a surface, with the moment at which the glass was like it; 304 for who has it."""
    house: House = request.app.state.house
    glass: Glass = request.app.state.glass
    found = glass.preview(player, _surface(house, request, player))
    if found is None:
        raise Refusal("api.not-found", status=404)
    age_s = max(0.0, (house.clock.now() - found.at).total_seconds())
    tag = f'"{found.name or found.at.isoformat()}"'
    headers = {
        "X-Taken-At": found.at.isoformat(),
        "X-Shown-At": found.shown_at,
        "Age": str(int(age_s)),
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Content-Disposition": "inline",
    }
    if _has(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(found.jpeg, 200, headers, "image/jpeg")


def _bound(request: Request, player: str) -> House:
    """The house, for the one player that the token is bound to; another player does not exist for it."""
    house: House = request.app.state.house
    machine = caller_of(request).machine
    if machine is None or machine.bound_to != player or player not in house.site.players:
        raise Refusal("api.not-found", status=404)
    return house


def _has(request: Request, tag: str) -> bool:
    return tag in [each.strip() for each in request.headers.get("if-none-match", "").split(",")]


def _instance(request: Request) -> str:
    """Which run of the player speaks; one that does not say is always the same."""
    return request.headers.get(INSTANCE, "")[:LONGEST_INSTANCE]


def _address(request: Request) -> str:
    return f"{request.client.host}:{request.client.port}" if request.client else ""


def _moment(text: str) -> str:
    """An aware moment as text; nothing where it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return moment.isoformat() if moment.tzinfo else ""


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
    return path, next((kind for at, signature, kind in SIGNATURES if head.startswith(signature, at)), None)
