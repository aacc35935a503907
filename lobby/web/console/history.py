"""표출 이력: what was shown where, how often and how long, by month, surface and content; the same as tables."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lobby.core.played import Asked, Line, Sum, history, sums
from lobby.core.problem import Refusal
from lobby.web.console.entry import entered
from lobby.web.history import Naming, artists, per_artist, per_line
from lobby.web.rendering import render_live, switched
from lobby.web.shapes import encoded

if TYPE_CHECKING:
    from lobby.web.sentence import Scene

PAGE = "/walls/history"
MONTHS = "SELECT DISTINCT substr(day, 1, 7) AS month FROM played ORDER BY month DESC"
LONGEST_DAYS = 366

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A row of the page: what it is about, how often, how long, and how much of that a display confirmed."""

    name: str
    more: str
    count: int
    time: str
    confirmed: int
    days: int


@router.get(PAGE)
async def history_page(request: Request) -> Response:
    """A month in sums: by artist, by content, by surface."""
    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, "/walls")
    month, asked = _month(request, scene)
    whole_month, naming = await history(house.journal, replace(asked, asset="")), Naming(house, scene.language)
    lines = [line for line in whole_month if asked.wants(line)]
    months = [row["month"] for row in await house.journal.read(MONTHS)]
    shown = {line.content.asset for line in whole_month}
    works = sorted(((asset, naming.work(asset).title) for asset in shown), key=lambda pair: pair[1])
    return render_live(
        request,
        "history.html",
        scene,
        month=month,
        months=months if month in months else [month, *months],
        asked=asked,
        surfaces=[(name, naming.surface(name)) for name in house.site.surfaces],
        works=works,
        whole=_totals(scene, [(each, "", "") for each in sums(lines, lambda _: "")]),
        by_artist=_totals(scene, [_artist(scene, *pair) for pair in artists(lines, naming)]),
        by_work=_totals(scene, [_work(naming, each) for each in sums(lines, lambda line: line.content.asset)]),
        by_surface=_totals(
            scene, [(each, naming.surface(each.key), "") for each in sums(lines, lambda line: line.surface)]
        ),
        query=f"month={month}&surface={asked.surface}&asset={asked.asset}",
    )


@router.get(f"{PAGE}/table.csv")
async def history_csv(request: Request) -> Response:
    """The month as rows of day, panel and content; `by=artist` as one row for each artist."""
    house, scene = entered(request, "/walls")
    month, asked = _month(request, scene)
    lines, naming = await history(house.journal, asked), Naming(house, scene.language)
    by_artist = request.query_params.get("by") == "artist"
    text = (
        per_artist(lines, naming, scene.language) if by_artist else per_line(lines, naming, scene.zone, scene.language)
    )
    name = f"shown-{month}{'-artists' if by_artist else ''}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, 200, headers, "text/csv; charset=utf-8")


@router.get("/api/v1/played")
async def played(request: Request) -> Response:
    """The history from one day to another, both included: a row for each day, panel and content."""
    house, scene = entered(request, "/walls")
    today = scene.now.astimezone(scene.zone).date()
    first, last = _day(request, "from", today.replace(day=1)), _day(request, "to", today)
    if not 0 <= (last - first).days < LONGEST_DAYS:
        raise Refusal("api.span", status=422, days=str(LONGEST_DAYS))
    asked = Asked(first=first, last=last, surface=_word(request, "surface"), asset=_word(request, "asset"))
    naming = Naming(house, scene.language)
    rows = [_shape(line, naming) for line in await history(house.journal, asked)]
    return Response(encoded({"from": first, "to": last, "rows": rows}), media_type="application/json")


def _shape(line: Line, naming: Naming) -> dict[str, Any]:
    work = naming.work(line.content.asset)
    return {
        "day": line.day,
        "surface": line.surface,
        "panel": line.panel,
        "asset": line.content.asset,
        "title": work.title,
        "artist": work.artist,
        "playlist": line.content.playlist,
        "airing": line.content.airing,
        "first": line.first,
        "last": line.last,
        "count": line.count,
        "seconds": round(line.seconds, 1),
        "confirmed_s": round(line.confirmed_s, 1),
    }


def _totals(scene: Scene, rows: list[tuple[Sum, str, str]]) -> list[Total]:
    return [
        Total(
            name=name,
            more=more,
            count=each.count,
            time=time_words(scene, each.seconds),
            confirmed=round(100 * each.confirmed_s / each.seconds) if each.seconds else 0,
            days=each.days,
        )
        for each, name, more in rows
    ]


def _artist(scene: Scene, each: Sum, works: int) -> tuple[Sum, str, str]:
    name = each.key or scene.say("proof.history.no-artist")
    return each, name, scene.say("proof.history.works", count=works)


def _work(naming: Naming, each: Sum) -> tuple[Sum, str, str]:
    work = naming.work(each.key)
    return each, work.title, work.artist


def time_words(scene: Scene, seconds: float) -> str:
    """How long in hours and minutes; less than a minute in seconds."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return scene.say("proof.history.seconds", n=round(seconds))
    if minutes < 60:
        return scene.say("proof.history.minutes", n=minutes)
    return scene.say("proof.history.hours", hours=minutes // 60, minutes=minutes % 60)


def _month(request: Request, scene: Scene) -> tuple[str, Asked]:
    today = scene.now.astimezone(scene.zone).date()
    said = request.query_params.get("month") or f"{today:%Y-%m}"
    try:
        first = date.fromisoformat(f"{said}-01")
    except ValueError as error:
        raise Refusal("api.not-valid", "month", status=422) from error
    last = first.replace(day=monthrange(first.year, first.month)[1])
    return said, Asked(first=first, last=last, surface=_word(request, "surface"), asset=_word(request, "asset"))


def _word(request: Request, name: str) -> str:
    return request.query_params.get(name, "")[:64]


def _day(request: Request, name: str, otherwise: date) -> date:
    said = request.query_params.get(name)
    try:
        return otherwise if said is None else date.fromisoformat(said)
    except ValueError as error:
        raise Refusal("api.not-valid", name, status=422) from error
