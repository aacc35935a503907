"""Incidents in the journal: facts and back, the fold over them, and the tables that a restart reads.

Every fact of an incident carries its number (`step`), so that one written twice, or found in the journal and in the
emergency file, counts once.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import Enum
from inspect import signature
from typing import Any

from lobby.core.ledger import ERASED
from lobby.core.projection import Entry, Fact
from lobby.safety.incidents import MOVES, Classification, IllegalMove, Incident, IncidentMode, IncidentState, Press

IDS_KEPT = 20_000
LAST_WORDS = frozenset({"incident.closed", "incident.corrected"})
"""What people write to an incident that is over; retention erases it, and the incident stays closed."""
_MOMENTS = ("raised_at", "since", "pressed_at", "pressed_after", "ended_at")

log = logging.getLogger(__name__)

Key = tuple[str, int]
PressKey = tuple[str, str]


def fact(incident_id: str, step: int, kind: str, **details: Any) -> Fact:
    """The fact of one move; `details` are the move's arguments."""
    payload = {name: _plain(value) for name, value in details.items() if value is not None}
    return Fact(kind=kind, subject=incident_id, payload={"step": step, **payload})


def key_of(kind: str, subject: str, payload: Mapping[str, Any] | None) -> Key | None:
    """What makes a move unique (incident, step); None for other facts and erased payloads."""
    if payload is None or kind not in MOVES or not isinstance(payload.get("step"), int):
        return None
    return subject, payload["step"]


def each_once(facts: Iterable[Fact]) -> list[Fact]:
    """The moves among them, each once, in order."""
    keyed: dict[Key, Fact] = {}
    for one in facts:
        key = key_of(one.kind, one.subject, one.payload)
        if key is not None:
            keyed.setdefault(key, one)
    return list(keyed.values())


def moved(incident: Incident | None, kind: str, subject: str, payload: Mapping[str, Any]) -> Incident:
    """The incident after one move of the journal. Raises IllegalMove; a press stands in for a lost beginning."""
    begins = incident is None and kind == "incident.pressed"
    kind = "incident.raised" if begins else kind
    details = {name: _rich(name, value) for name, value in payload.items() if name in _TAKES[kind]}
    if kind == "incident.raised":
        details["id"] = subject
    elif incident is None:
        raise TypeError("this cannot begin an incident")
    after = MOVES[kind](incident, **details)
    step = int(payload["step"])
    return after if after.step >= step else replace(after, step=step)


def press_ids(payload: Mapping[str, Any]) -> list[PressKey]:
    """The (bell, press id) pairs that a move took in."""
    press = payload.get("press") or {}
    single = [(press.get("stranger") or payload.get("bell"), press.get("id"))]
    return [(bell, name) for bell, name in [*single, *map(tuple, payload.get("ids", ()))] if bell and name]


def wordless(incident: Incident, *, steps: int = 0) -> Incident:
    """The incident without what people said at its end; so many further moves of it were erased."""
    since = incident.ended_at or incident.since
    return replace(
        incident, state=IncidentState.CLOSED, since=since, step=incident.step + steps, classification=None, note="",
        corrections=(),
    )  # fmt: skip


@dataclass(slots=True)
class Chronicle:
    """The fold in memory: incidents, the moves known, and which incident took in which press id."""

    incidents: dict[str, Incident] = field(default_factory=dict)
    steps: set[Key] = field(default_factory=set)
    ids: dict[PressKey, Key] = field(default_factory=dict)

    def fold(self, kind: str, subject: str, payload: Mapping[str, Any] | None) -> None:
        """Take one fact in; told twice, erased or impossible changes nothing but the ids it brings."""
        if payload is None and kind in LAST_WORDS and subject in self.incidents:
            self.incidents[subject] = wordless(self.incidents[subject], steps=1)
        key = key_of(kind, subject, payload)
        if key is None or payload is None or key in self.steps:
            return
        self.steps.add(key)
        for press in press_ids(payload):
            self.ids.setdefault(press, key)
        try:
            self.incidents[subject] = moved(self.incidents.get(subject), kind, subject, payload)
        except (IllegalMove, TypeError) as reason:  # TypeError: a first fact that cannot begin an incident
            log.warning("move %s of incident %s is not possible: %s", kind, subject, reason)


def replayed(entries: Iterable[Entry]) -> Chronicle:
    """The state that a journal gives."""
    chronicle = Chronicle()
    for entry in entries:
        chronicle.fold(entry.kind, entry.subject, entry.payload)
    return chronicle


class IncidentTables:
    """The same fold as tables: `incidents`, the moves taken, and the latest press ids.

    No table has a second index: each page more in the transaction of a press delays its siren.
    """

    name = "incidents"
    ddl = """
    CREATE TABLE incidents (id TEXT PRIMARY KEY, bell TEXT NOT NULL, state TEXT NOT NULL, doc TEXT NOT NULL)
        WITHOUT ROWID;
    CREATE TABLE incidents_steps (incident TEXT, step INTEGER, PRIMARY KEY (incident, step)) WITHOUT ROWID;
    CREATE TABLE incidents_presses (bell TEXT, id TEXT, incident TEXT NOT NULL, step INTEGER NOT NULL,
        seq INTEGER NOT NULL, PRIMARY KEY (bell, id)) WITHOUT ROWID;
    """
    kinds = frozenset({*MOVES, ERASED})

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """Fold one entry; the same rules as `Chronicle.fold`."""
        if entry.kind == ERASED and entry.payload is not None:
            self._forget(cursor, entry.payload["lines"])
        elif entry.payload is None and entry.kind in LAST_WORDS:
            self._hush(cursor, entry.subject, steps=1)
        key = key_of(entry.kind, entry.subject, entry.payload)
        if key is None or entry.payload is None:
            return
        if not cursor.execute("INSERT OR IGNORE INTO incidents_steps VALUES (?, ?)", key).rowcount:
            return
        for bell, press in press_ids(entry.payload):
            row = (bell, press, *key, entry.seq)
            cursor.execute("INSERT OR IGNORE INTO incidents_presses VALUES (?, ?, ?, ?, ?)", row)
        row = cursor.execute("SELECT doc FROM incidents WHERE id = ?", (entry.subject,)).fetchone()
        try:
            before = from_json(json.loads(row[0])) if row else None
            after = moved(before, entry.kind, entry.subject, entry.payload)
        except (IllegalMove, TypeError) as reason:  # as in Chronicle.fold: the journal must never refuse to be read
            log.warning("move %s of incident %s is not possible: %s", entry.kind, entry.subject, reason)
            return
        self._keep(cursor, after)
        if after.state is IncidentState.CLOSED:  # nobody waits for this one
            cursor.execute(FORGET_OLD_SQL, (IDS_KEPT,))

    def _forget(self, cursor: sqlite3.Cursor, lines: Iterable[int]) -> None:
        """What was erased in the journal is not said here either."""
        gone = "SELECT DISTINCT subject FROM journal WHERE seq IN (SELECT value FROM json_each(?)) AND kind IN (?, ?)"
        for (incident,) in cursor.execute(gone, (json.dumps(list(lines)), *sorted(LAST_WORDS))).fetchall():
            self._hush(cursor, incident, steps=0)

    def _hush(self, cursor: sqlite3.Cursor, incident: str, *, steps: int) -> None:
        row = cursor.execute("SELECT doc FROM incidents WHERE id = ?", (incident,)).fetchone()
        if row is not None:
            self._keep(cursor, wordless(from_json(json.loads(row[0])), steps=steps))

    def _keep(self, cursor: sqlite3.Cursor, incident: Incident) -> None:
        doc = json.dumps(to_json(incident), ensure_ascii=False, sort_keys=True)
        cursor.execute(
            "INSERT OR REPLACE INTO incidents VALUES (?, ?, ?, ?)",
            (incident.id, incident.bell, incident.state.value, doc),
        )


INCIDENTS = IncidentTables()

ONE_SQL = "SELECT doc FROM incidents WHERE id = ?"
OPEN_SQL = "SELECT doc FROM incidents WHERE state <> 'closed' ORDER BY id"
STEPS_SQL = "SELECT 1 FROM incidents_steps WHERE incident = ? AND step = ?"
IDS_SQL = "SELECT bell, id, incident, step FROM incidents_presses ORDER BY seq"
FORGET_OLD_SQL = """DELETE FROM incidents_presses
    WHERE seq <= (SELECT seq FROM incidents_presses ORDER BY seq DESC LIMIT 1 OFFSET ?)"""


def to_json(incident: Incident) -> dict[str, Any]:
    """The incident as JSON values."""
    return {name: _plain(getattr(incident, name)) for name in _INCIDENT}


def from_json(document: Mapping[str, Any]) -> Incident:
    """The incident of `to_json`; unknown keys of a later version are left out."""
    values = {name: value for name, value in document.items() if name in _INCIDENT}
    for name in _MOMENTS:
        values[name] = None if values.get(name) is None else datetime.fromisoformat(values[name])
    values["mode"] = IncidentMode(values["mode"])
    values["state"] = IncidentState(values["state"])
    values["classification"] = values["classification"] and Classification(values["classification"])
    values["strangers"] = tuple(values["strangers"])
    values["corrections"] = tuple(values["corrections"])
    return Incident(**values)


_TAKES = {kind: frozenset(signature(move).parameters) for kind, move in MOVES.items()}
_INCIDENT = tuple(part.name for part in fields(Incident))
_PRESS = tuple(part.name for part in fields(Press))
_PRESS_MOMENTS = ("received_at", "pressed_at", "pressed_after")


def _plain(value: Any) -> Any:
    if value is None or type(value) in (str, int, float, bool):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Press):
        parts = ((name, getattr(value, name)) for name in _PRESS)
        return {name: _plain(part) for name, part in parts if part is not None}
    return [_plain(part) for part in value]


def _rich(name: str, value: Any) -> Any:
    if name == "at":
        return datetime.fromisoformat(value)
    if name == "press":
        moments = {key: datetime.fromisoformat(value[key]) for key in _PRESS_MOMENTS if key in value}
        return Press(**{"id": None, **value, **moments})
    return tuple(value) if isinstance(value, list) else value
