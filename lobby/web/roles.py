"""Who may ask for what: every route of the web with the roles it admits; what is not in the table does not exist."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from starlette.routing import compile_path


class Role(StrEnum):
    """What a person or a machine may be; the site file gives the words, nobody else adds a role."""

    ANONYMOUS = "anonymous"
    VIEWER = "viewer"
    WALL_MONITOR = "wall-monitor"
    UPLOADER = "uploader"
    APPROVER = "approver"
    DESK = "desk"
    GUARD = "guard"
    SUPERVISOR = "supervisor"
    DUTY = "duty"
    FACILITY = "facility"
    AUDITOR = "auditor"
    PLAYER = "player"
    SCRAPER = "scraper"


MACHINES = frozenset({Role.PLAYER, Role.SCRAPER})
PEOPLE = frozenset(Role) - MACHINES - {Role.ANONYMOUS}
ANYONE = frozenset(Role)
WATCHING = frozenset({Role.DESK, Role.GUARD, Role.SUPERVISOR, Role.DUTY, Role.FACILITY})
LEADING = frozenset({Role.SUPERVISOR, Role.DUTY, Role.FACILITY})
ACKNOWLEDGING = frozenset({Role.DESK, Role.GUARD, Role.SUPERVISOR, Role.DUTY})
SECURING = frozenset({Role.GUARD, Role.SUPERVISOR, Role.DUTY})
IN_CHARGE = frozenset({Role.SUPERVISOR, Role.DUTY})
PLANNING = frozenset({Role.SUPERVISOR, Role.FACILITY})
UPLOADING = frozenset({Role.UPLOADER, Role.APPROVER, Role.FACILITY})
APPROVING = frozenset({Role.APPROVER, Role.FACILITY})
RECORDS = frozenset({Role.AUDITOR, Role.FACILITY})
ADMIN = frozenset({Role.FACILITY})
PLAYERS = frozenset({Role.PLAYER})
WALL_READERS = LEADING | {Role.VIEWER, Role.UPLOADER, Role.APPROVER}
HISTORY_READERS = WALL_READERS | {Role.AUDITOR}
TIMETABLE_READERS = PEOPLE - {Role.WALL_MONITOR}
SIGNING = LEADING | {Role.DESK}
NOTE_READERS = WATCHING | {Role.AUDITOR}
MORNING_READERS = NOTE_READERS | {Role.VIEWER}
NOTICE_RELEASING = LEADING | APPROVING
NOTICE_WRITERS = NOTICE_RELEASING | UPLOADING | {Role.DESK}
NOTICE_READERS = NOTICE_WRITERS | {Role.VIEWER}
DEVICE_READERS = LEADING | {Role.VIEWER, Role.GUARD}

SMALL_BODY = 64 * 1024
LIST_BODY = 256 * 1024
PREVIEW_BODY = 200 * 1000
IMPORT_BODY = 1024 * 1024 * 1024
UPLOAD_BODY = 256 * 1024 * 1024
SHEET_BODY = 5 * 1024 * 1024
PIECE_BODY = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One route: its roles, the largest body it takes, and whether it is a page (then a stranger is led to sign in)."""

    method: str
    path: str
    roles: frozenset[Role]
    body: int = SMALL_BODY
    page: bool = False


def _page(path: str, roles: frozenset[Role]) -> Row:
    return Row("GET", path, roles, page=True)


TABLE: tuple[Row, ...] = (
    Row("GET", "/healthz", ANYONE),
    Row("GET", "/readyz", ANYONE),
    Row("GET", "/api/v1/now", ANYONE),
    Row("GET", "/api/v1/now/stream", ANYONE),
    Row("POST", "/api/v1/assistance", ANYONE),
    Row("GET", "/api/v1/assistance/{call}", ANYONE),
    Row("POST", "/api/v1/assistance/{call}", WATCHING),
    Row("GET", "/api/v1/time", ANYONE),
    _page("/kiosk", ANYONE),
    _page("/now", ANYONE),
    _page("/sign-in", ANYONE),
    _page("/set-up", ANYONE),
    Row("POST", "/sign-in", ANYONE),
    Row("POST", "/set-up", ANYONE),
    Row("POST", "/sign-out", PEOPLE),
    Row("GET", "/static/{path:path}", ANYONE),
    _page("/", PEOPLE),
    _page("/help", PEOPLE),
    _page("/help/{page}", PEOPLE),
    Row("GET", "/api/v1/me", PEOPLE),
    Row("GET", "/api/v1/status", PEOPLE),
    Row("GET", "/api/v1/stream", PEOPLE),
    Row("POST", "/api/v1/consoles/{console}/heartbeat", PEOPLE),
    Row("GET", "/api/v1/plan", PEOPLE),
    Row("GET", "/api/v1/why/{thing}", PEOPLE),
    Row("GET", "/api/v1/things/{thing}/overrides", PEOPLE),
    Row("POST", "/api/v1/things/{thing}/overrides", WATCHING - {Role.GUARD}),
    Row("DELETE", "/api/v1/things/{thing}/overrides/{override}", WATCHING - {Role.GUARD}),
    Row("POST", "/api/v1/things/{thing}/overrides/{override}/end", WATCHING - {Role.GUARD}),
    Row("POST", "/api/v1/things/{thing}/overrides/{override}/undo", WATCHING - {Role.GUARD}),
    Row("GET", "/api/v1/things/{thing}/modes", PEOPLE),
    Row("POST", "/api/v1/things/{thing}/modes", LEADING),
    Row("GET", "/api/v1/special-days", PEOPLE),
    Row("POST", "/api/v1/special-days", PLANNING),
    Row("POST", "/api/v1/special-days/preview", PLANNING),
    Row("DELETE", "/api/v1/special-days/{day}", PLANNING),
    Row("POST", "/api/v1/special-days/{day}/withdraw", PLANNING),
    Row("POST", "/api/v1/special-days/{day}/restore", PLANNING),
    Row("GET", "/api/v1/holidays", PEOPLE),
    Row("POST", "/api/v1/holidays", PLANNING, body=LIST_BODY),
    Row("POST", "/api/v1/holidays/{act}/withdraw", PLANNING),
    Row("POST", "/api/v1/choices/{choice}", PLANNING),
    Row("GET", "/api/v1/incidents", PEOPLE),
    Row("POST", "/api/v1/incidents/{incident}/acknowledge", ACKNOWLEDGING),
    Row("POST", "/api/v1/incidents/{incident}/arrive", WATCHING),
    Row("POST", "/api/v1/incidents/{incident}/end", SECURING),
    Row("POST", "/api/v1/incidents/{incident}/close", IN_CHARGE),
    Row("POST", "/api/v1/incidents/{incident}/make-real", WATCHING),
    Row("POST", "/api/v1/incidents/{incident}/propose-false", ACKNOWLEDGING),
    Row("POST", "/api/v1/bells/{bell}/raise", WATCHING),
    Row("GET", "/api/v1/assets", PEOPLE),
    Row("POST", "/api/v1/assets", UPLOADING, body=UPLOAD_BODY),
    Row("GET", "/api/v1/assets/{asset}", PEOPLE),
    Row("DELETE", "/api/v1/assets/{asset}", UPLOADING),
    Row("PUT", "/api/v1/assets/{asset}/label", UPLOADING),
    Row("POST", "/api/v1/assets/{asset}/label", UPLOADING),
    Row("POST", "/api/v1/assets/{asset}/ask", UPLOADING),
    Row("POST", "/api/v1/assets/{asset}/approve", APPROVING),
    Row("POST", "/api/v1/assets/{asset}/send-back", APPROVING),
    Row("POST", "/api/v1/assets/{asset}/remove", UPLOADING),
    Row("POST", "/api/v1/assets/{asset}/restore", UPLOADING),
    Row("OPTIONS", "/api/v1/uploads", UPLOADING),
    Row("GET", "/api/v1/uploads", UPLOADING),
    Row("POST", "/api/v1/uploads", UPLOADING),
    Row("GET", "/api/v1/uploads/{upload}", UPLOADING),
    Row("PATCH", "/api/v1/uploads/{upload}", UPLOADING, body=PIECE_BODY),
    Row("DELETE", "/api/v1/uploads/{upload}", UPLOADING),
    Row("GET", "/api/v1/playlists", PEOPLE),
    Row("POST", "/api/v1/playlists", UPLOADING, body=LIST_BODY),
    Row("GET", "/api/v1/playlists/{playlist}", PEOPLE),
    Row("PUT", "/api/v1/playlists/{playlist}", UPLOADING, body=LIST_BODY),
    Row("DELETE", "/api/v1/playlists/{playlist}", APPROVING),
    Row("POST", "/api/v1/playlists/{playlist}/draft", UPLOADING, body=LIST_BODY),
    Row("POST", "/api/v1/playlists/{playlist}/approve", APPROVING),
    Row("POST", "/api/v1/playlists/{playlist}/send-back", APPROVING),
    Row("POST", "/api/v1/playlists/{playlist}/revert", APPROVING),
    Row("POST", "/api/v1/playlists/{playlist}/remove", APPROVING),
    Row("POST", "/api/v1/playlists/{playlist}/restore", APPROVING),
    Row("GET", "/api/v1/airings", PEOPLE),
    Row("POST", "/api/v1/airings", UPLOADING),
    Row("DELETE", "/api/v1/airings/{airing}", UPLOADING | LEADING),
    Row("POST", "/api/v1/airings/{airing}/approve", APPROVING),
    Row("POST", "/api/v1/airings/{airing}/end", UPLOADING | LEADING),
    Row("POST", "/api/v1/airings/{airing}/undo", UPLOADING | LEADING),
    Row("GET", "/api/v1/pins", PEOPLE),
    Row("PUT", "/api/v1/pins/{panel}", APPROVING),
    Row("DELETE", "/api/v1/pins/{panel}", APPROVING),
    Row("POST", "/api/v1/pins/{panel}/unpin", APPROVING),
    Row("GET", "/api/v1/programmes/{player}", PLAYERS),
    Row("GET", "/api/v1/content/{sha256}", PLAYERS | PEOPLE),
    Row("POST", "/api/v1/players/{player}/report", PLAYERS),
    Row("PUT", "/api/v1/players/{player}/preview", PLAYERS, body=PREVIEW_BODY),
    Row("GET", "/api/v1/players/{player}/preview", PEOPLE),
    Row("GET", "/api/v1/journal", RECORDS),
    _page("/content/import", UPLOADING),
    Row("POST", "/api/v1/imports", UPLOADING, body=IMPORT_BODY),
    Row("POST", "/api/v1/imports/bring", UPLOADING),
    Row("POST", "/api/v1/imports/leave", UPLOADING),
    Row("POST", "/api/v1/assets/{asset}/test", UPLOADING),
    Row("POST", "/api/v1/test-displays/{airing}/end", UPLOADING),
    Row("POST", "/api/v1/batches", UPLOADING),
    Row("GET", "/api/v1/batches/{batch}", WALL_READERS),
    Row("POST", "/api/v1/batches/{batch}/due", UPLOADING),
    Row("POST", "/api/v1/batches/{batch}/sheet", UPLOADING, body=SHEET_BODY),
    Row("POST", "/api/v1/batches/{batch}/ask", UPLOADING),
    Row("POST", "/api/v1/batches/{batch}/approve", APPROVING),
    Row("POST", "/api/v1/batches/{batch}/drop", UPLOADING),
    Row("POST", "/api/v1/batches/{batch}/restore", UPLOADING),
    _page("/content", WALL_READERS),
    _page("/content/{asset}", WALL_READERS),
    _page("/batches", WALL_READERS),
    _page("/batches/sheet.csv", WALL_READERS),
    _page("/batches/{batch}", WALL_READERS),
    _page("/walls", WALL_READERS),
    _page("/walls/history", HISTORY_READERS),
    Row("GET", "/walls/history/table.csv", HISTORY_READERS),
    Row("GET", "/api/v1/played", HISTORY_READERS),
    _page("/walls/{surface}/spec", WALL_READERS),
    Row("GET", "/walls/{surface}/template.png", WALL_READERS),
    _page("/playlists", WALL_READERS),
    _page("/playlists/{playlist}", WALL_READERS),
    _page("/playlists/{playlist}/edit", UPLOADING),
    Row("POST", "/playlists/{playlist}/edit", UPLOADING, body=LIST_BODY),
    Row("GET", "/playlists/{playlist}/picture", WALL_READERS),
    _page("/airings", WALL_READERS),
    _page("/timetable", TIMETABLE_READERS),
    _page("/timetable/special-days", PLANNING),
    _page("/timetable/holidays", PLANNING),
    Row("POST", "/timetable/holidays", PLANNING, body=SHEET_BODY),
    _page("/timetable/holidays/year.toml", PLANNING),
    _page("/devices", DEVICE_READERS),
    _page("/devices/{thing}", DEVICE_READERS),
    _page("/morning", MORNING_READERS),
    Row("GET", "/api/v1/openings", MORNING_READERS),
    Row("GET", "/api/v1/openings/{day}", MORNING_READERS),
    Row("POST", "/api/v1/openings/{day}/signature", SIGNING),
    Row("GET", "/api/v1/hand-overs", NOTE_READERS),
    Row("POST", "/api/v1/hand-overs", WATCHING),
    Row("POST", "/api/v1/hand-overs/{note}/read", WATCHING),
    _page("/notices", NOTICE_READERS),
    _page("/notices/print", NOTICE_READERS),
    _page("/notices/{notice}/print", NOTICE_READERS),
    Row("GET", "/api/v1/notices", NOTICE_READERS),
    Row("GET", "/api/v1/notices/phrases", NOTICE_READERS),
    Row("GET", "/api/v1/notices/preview/{surface}", NOTICE_READERS),
    Row("POST", "/api/v1/notices", NOTICE_WRITERS),
    Row("POST", "/api/v1/notices/{notice}/approve", NOTICE_RELEASING),
    Row("POST", "/api/v1/notices/{notice}/end", NOTICE_WRITERS),
    Row("POST", "/api/v1/notices/{notice}/undo", NOTICE_WRITERS),
    Row("POST", "/api/v1/occasions/{occasion}", LEADING),
    _page("/journal", RECORDS),
    Row("GET", "/journal/records.csv", RECORDS),
    _page("/people", ADMIN),
    Row("GET", "/api/v1/people", ADMIN),
    Row("POST", "/api/v1/people", ADMIN),
    Row("POST", "/api/v1/people/{person}/password", ADMIN),
    Row("POST", "/api/v1/people/{person}/roles", ADMIN),
    Row("POST", "/api/v1/people/{person}/disable", ADMIN),
    Row("GET", "/metrics", frozenset({Role.SCRAPER, Role.FACILITY})),
)


class Table:
    """The rows, quick to ask: fixed paths by name, the others by pattern in the table's order."""

    def __init__(self, rows: tuple[Row, ...] = TABLE) -> None:
        self._fixed: dict[str, dict[str, Row]] = {}
        self._patterns: list[tuple[re.Pattern[str], Row]] = []
        for row in rows:
            if "{" in row.path:
                self._patterns.append((compile_path(row.path)[0], row))
            else:
                self._fixed.setdefault(row.path, {})[row.method] = row

    def rows(self, path: str) -> Mapping[str, Row]:
        """The rows of a path by method; empty where the path is not in the table."""
        fixed = self._fixed.get(path)
        if fixed is not None:
            return fixed
        return {row.method: row for pattern, row in self._patterns if pattern.match(path)}
