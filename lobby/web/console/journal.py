"""The journal's page: what happened, in words, by group, thing, person and days; the same as a table to take along."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from lobby.core.problem import Refusal
from lobby.core.projection import stamp
from lobby.web.console.entry import entered
from lobby.web.console.sentences import GROUPS, Sentence, speaker
from lobby.web.records import harmless
from lobby.web.rendering import render_live, switched
from lobby.web.sentence import Scene
from lobby.web.spoken import short_day
from schedules.localtime import day_start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lobby.web.house import House

PAGE = 60
FIRST_YEAR, LAST_YEAR = 2000, 2200
CSV_PAGE = 500
FILTERS = ("group", "thing", "person", "first", "last")
COLUMNS = ("seq", "at", "kind", "subject", "payload", "hash")
LATEST_CHECKPOINT = "SELECT seq, at, hash FROM journal_checkpoints ORDER BY seq DESC LIMIT 1"
ABOUT_PERSON = (
    "(json_extract(payload, '$.person') = ? OR json_extract(payload, '$.by') = ? "
    "OR json_extract(payload, '$.responder') = ? OR subject = ?)"
)

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What the reader looks for; empty means everything."""

    group: str = ""
    thing: str = ""
    person: str = ""
    first: date | None = None
    last: date | None = None

    def asked(self) -> dict[str, str]:
        """The same as words of a query."""
        found = {name: str(getattr(self, name) or "") for name in FILTERS}
        return {name: value for name, value in found.items() if value}

    def select(self, scene: Scene, cursor: int | None, limit: int, *, newest_first: bool) -> tuple[str, list[object]]:
        """The statement for one page; every value is a parameter."""
        clauses: list[tuple[str, list[object]]] = []
        if self.group:
            parts = GROUPS[self.group]
            clauses.append(("(" + " OR ".join("kind GLOB ?" for _ in parts) + ")", [f"{part}.*" for part in parts]))
        if self.thing:
            clauses.append(("(subject = ? OR json_extract(payload, '$.bell') = ?)", [self.thing, self.thing]))
        if self.person:
            clauses.append((ABOUT_PERSON, [self.person] * 4))
        if self.first:
            clauses.append(("at >= ?", [stamp(day_start(scene.zone, self.first))]))
        if self.last:
            clauses.append(("at < ?", [stamp(day_start(scene.zone, self.last + timedelta(days=1)))]))
        if cursor is not None:
            clauses.append(("seq < ?" if newest_first else "seq > ?", [cursor]))
        where = f"WHERE {' AND '.join(clause for clause, _ in clauses)}" if clauses else ""
        order = "DESC" if newest_first else "ASC"
        # Only our own clauses are put together here.
        sql = f"SELECT {', '.join(COLUMNS)} FROM journal {where} ORDER BY seq {order} LIMIT ?"  # noqa: S608
        return sql, [*(value for _, values in clauses for value in values), limit]


@router.get("/journal")
async def journal_page(request: Request) -> Response:
    """A page of sentences from the newest back; `verify` walks the chain and says what it found."""
    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, "/journal")
    sought, cursor = _sought(request, house), _cursor(request)
    rows = await _rows(house, sought.select(scene, cursor, PAGE, newest_first=True))
    speaks = await speaker(house, scene, rows)
    told = [speaks.sentence(row) for row in rows]
    verified = await house.journal.verify() if "verify" in request.query_params else None
    point = await _rows(house, (LATEST_CHECKPOINT, []))
    return render_live(
        request,
        "journal.html",
        scene,
        days=_by_day(scene, told),
        sought=sought,
        groups=tuple(GROUPS),
        things=_things(scene),
        people=sorted(house.people.names().items(), key=lambda item: item[1]),
        query=urlencode(sought.asked()),
        older=told[-1].seq if len(told) == PAGE else None,
        newest=cursor is None,
        verified=verified,
        checkpoint=_checkpoint(scene, point),
    )


@router.get("/journal/records.csv")
async def journal_csv(request: Request) -> Response:
    """All that fits the filters, oldest first, as sentences beside what was recorded."""
    house, scene = entered(request, "/journal")
    sought = _sought(request, house)
    headers = {"Content-Disposition": 'attachment; filename="journal.csv"'}
    return StreamingResponse(_csv(house, scene, sought), 200, headers, "text/csv; charset=utf-8")


async def _rows(house: House, statement: tuple[str, list[object]]) -> list[dict[str, Any]]:
    return [dict(row) for row in await house.journal.read(*statement)]


async def _csv(house: House, scene: Scene, sought: Sought) -> AsyncIterator[str]:
    columns = ("seq", "at", "who", "what", "kind", "subject", "payload", "hash")
    # A byte order mark, without which the usual spreadsheet misreads Hangul.
    yield "\ufeff" + _line([scene.say(f"work.records.col-{name}") for name in columns])
    cursor: int | None = None
    while True:
        rows = await _rows(house, sought.select(scene, cursor, CSV_PAGE, newest_first=False))
        if not rows:
            return
        speaks = await speaker(house, scene, rows)
        yield "".join(_csv_line(speaks.sentence(row), row) for row in rows)
        cursor = rows[-1]["seq"]


def _csv_line(told: Sentence, row: Mapping[str, Any]) -> str:
    raw = [row[name] for name in ("kind", "subject", "payload", "hash")]
    return _line([told.seq, told.at.isoformat(), told.who, told.what, *raw])


def _line(values: Sequence[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([harmless("" if value is None else str(value)) for value in values])
    return out.getvalue()


def _by_day(scene: Scene, told: Sequence[Sentence]) -> list[tuple[str, list[Sentence]]]:
    return [
        (f"{short_day(date.fromisoformat(day), scene.language)} {day[:4]}", list(lines))
        for day, lines in groupby(told, key=lambda one: one.day)
    ]


def _things(scene: Scene) -> list[tuple[str, str]]:
    names = [*scene.site.surfaces, *scene.site.things]
    return sorted(((name, str(scene.name(name))) for name in names), key=lambda item: item[1])


def _checkpoint(scene: Scene, rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return scene.say("work.records.no-checkpoint")
    at = datetime.fromisoformat(rows[0]["at"]).astimezone(scene.zone)
    return scene.say(
        "work.records.checkpoint", time=f"{at:%Y-%m-%d %H:%M}", seq=rows[0]["seq"], hash=rows[0]["hash"][:12]
    )


def _sought(request: Request, house: House) -> Sought:
    asked = request.query_params
    group, thing, person = (asked.get(name, "") for name in ("group", "thing", "person"))
    known = {**house.site.things, **house.site.surfaces}
    for value, allowed, name in (
        (group, GROUPS, "group"),
        (thing, known, "thing"),
        (person, house.people.names(), "person"),
    ):
        if value and value not in allowed:
            raise Refusal("api.not-valid", name, status=422)
    return Sought(group=group, thing=thing, person=person, first=_day(asked, "first"), last=_day(asked, "last"))


def _day(asked: Mapping[str, str], name: str) -> date | None:
    if not asked.get(name):
        return None
    try:
        found = date.fromisoformat(asked[name])
    except ValueError:
        raise Refusal("api.not-valid", name, status=422) from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Refusal("api.not-valid", name, status=422)
    return found


def _cursor(request: Request) -> int | None:
    text = request.query_params.get("cursor")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise Refusal("api.not-valid", "cursor", status=422)
    return int(text)
