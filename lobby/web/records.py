"""The journal as auditors read it: pages by cursor, filters, and the same as CSV for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from lobby.core.problem import Refusal
from lobby.web.shapes import encoded

if TYPE_CHECKING:
    from lobby.web.house import House, Journal

COLUMNS = ("seq", "at", "kind", "subject", "payload", "hash")
LARGEST_PAGE = 500
PAGE = 100
# What a spreadsheet would take for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which lines, from the newest back or from the oldest on."""

    kind: str = ""
    subject: str = ""
    start: str = ""
    end: str = ""
    limit: int = PAGE

    def select(self, cursor: int | None, *, newest_first: bool) -> tuple[str, list[object]]:
        """The statement for one page; every value is a parameter."""
        rows: list[tuple[str, object]] = [
            ("(kind = ? OR kind GLOB ? || '.*')", self.kind),
            ("subject = ?", self.subject),
            ("at >= ?", self.start),
            ("at < ?", self.end),
        ]
        wanted = [(clause, value) for clause, value in rows if value]
        if cursor is not None:
            wanted.append(("seq < ?" if newest_first else "seq > ?", cursor))
        where = f"WHERE {' AND '.join(clause for clause, _ in wanted)}" if wanted else ""
        values = [value for clause, value in wanted for _ in range(clause.count("?"))]
        order = "DESC" if newest_first else "ASC"
        # Only our own clauses are put together here.
        sql = f"SELECT {', '.join(COLUMNS)} FROM journal {where} ORDER BY seq {order} LIMIT ?"  # noqa: S608
        return sql, [*values, self.limit]


@router.get("/api/v1/journal")
async def journal(request: Request) -> Response:
    """A page from the newest back, with the `next` cursor; `format=csv` sends all that fits the filters."""
    house: House = request.app.state.house
    query = _query(request)
    if request.query_params.get("format") == "csv":
        headers = {"Content-Disposition": 'attachment; filename="journal.csv"'}
        return StreamingResponse(_csv(house.journal, query), 200, headers, "text/csv; charset=utf-8")
    sql, values = query.select(_number(request, "cursor"), newest_first=True)
    lines = [_line(row) for row in await house.journal.read(sql, values)]
    following = lines[-1]["seq"] if len(lines) == query.limit else None
    names = house.people.names()
    told = {"lines": lines, "next": following, "names": {key: names[key] for key in _mentioned(lines, names)}}
    return Response(encoded(told), media_type="application/json")


async def _csv(journal: Journal, query: Query) -> AsyncIterator[str]:
    # A byte order mark, without which the usual spreadsheet misreads Hangul.
    yield "\ufeff" + _row(COLUMNS)
    cursor: int | None = None
    while True:
        sql, values = query.select(cursor, newest_first=False)
        rows = await journal.read(sql, values)
        if not rows:
            return
        yield "".join(_row([row[name] for name in COLUMNS]) for row in rows)
        cursor = rows[-1]["seq"]


def _row(values: Sequence[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([harmless("" if value is None else str(value)) for value in values])
    return out.getvalue()


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def _line(row: Any) -> dict[str, Any]:
    payload = row["payload"]
    return {**{name: row[name] for name in COLUMNS}, "payload": None if payload is None else json.loads(payload)}


def _mentioned(lines: Sequence[dict[str, Any]], names: Any) -> set[str]:
    said = {str(value) for line in lines for value in (line["payload"] or {}).values() if isinstance(value, str)}
    return {person for person in names if person in said or person in {line["subject"] for line in lines}}


def _query(request: Request) -> Query:
    asked = request.query_params
    limit = _number(request, "limit") or PAGE
    if any(len(asked.get(name, "")) > 100 for name in ("kind", "subject")):
        raise Refusal("api.not-valid", "kind", status=422)
    return Query(
        kind=asked.get("kind", ""),
        subject=asked.get("subject", ""),
        start=_stamp(request, "from"),
        end=_stamp(request, "to"),
        limit=min(max(1, limit), LARGEST_PAGE),
    )


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise Refusal("api.not-valid", name, status=422)
    return int(text)


def _stamp(request: Request, name: str) -> str:
    text = request.query_params.get(name)
    if text is None:
        return ""
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        if moment.tzinfo is None:
            raise ValueError("a moment needs its offset")
        return moment.astimezone(UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError):
        raise Refusal("api.not-valid", name, status=422) from None
