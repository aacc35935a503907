"""Sessions at the server: a random secret in the browser, its hash in the table, two limits and an end for each."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from devices.reports import Clock
from lobby.core.projection import Fact
from lobby.web.roles import Role

T = TypeVar("T")

TABLE = (
    "CREATE TABLE IF NOT EXISTS people_sessions (hash TEXT PRIMARY KEY, person TEXT NOT NULL,"
    " begun TEXT NOT NULL, idle_s REAL NOT NULL, ends TEXT NOT NULL)"
)


class Store(Protocol):
    """What sessions need of the journal."""

    async def transact(self, work: Callable[[sqlite3.Cursor], T], *facts: Fact) -> T:
        """Run the work and record the facts, together."""

    async def read(self, sql: str) -> list[sqlite3.Row]:
        """Rows of a query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long a session lasts without use, and at the longest."""

    idle: timedelta
    absolute: timedelta


SHIFT = Limits(idle=timedelta(hours=12), absolute=timedelta(hours=12))
OFFICE = Limits(idle=timedelta(hours=1), absolute=timedelta(hours=12))
SCREEN = Limits(idle=timedelta(days=7), absolute=timedelta(days=30))
WATCH_ROLES = frozenset({Role.GUARD, Role.DUTY, Role.SUPERVISOR})


def limits_of(roles: Iterable[Role]) -> Limits:
    """A watch lasts its shift, a read-only screen a month, everybody else an office day with an hour's pause."""
    mine = frozenset(roles)
    if mine == {Role.WALL_MONITOR}:
        return SCREEN
    return SHIFT if mine & WATCH_ROLES else OFFICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One sign-in. `csrf` is the token its forms carry."""

    hash: str
    person: str
    csrf: str
    begun: datetime
    ends: datetime
    idle: timedelta


class Sessions:
    """Every living session, in memory and in its table; time of last use is kept in memory only."""

    def __init__(self, journal: Store, clock: Clock, *, incident_since: Callable[[], datetime | None]) -> None:
        self._journal = journal
        self._clock = clock
        self._incident_since = incident_since
        self._sessions: dict[str, Session] = {}
        self._used: dict[str, datetime] = {}

    async def load(self) -> None:
        """Read the table; a restart counts as use."""
        await self._journal.transact(_create)
        now = self._clock.now()
        for row in await self._journal.read("SELECT * FROM people_sessions"):
            session = _session(row)
            self._sessions[session.hash] = session
            self._used[session.hash] = now

    async def begin(self, person: str, roles: Iterable[Role], fact: Fact) -> tuple[Session, str]:
        """A new session and its secret (256 bits), the only time it is known here."""
        secret = secrets.token_urlsafe(32)
        limits, now = limits_of(roles), self._clock.now()
        ends = now + limits.absolute
        key = _hashed(secret)
        session = Session(hash=key, person=person, csrf=_csrf(key), begun=now, ends=ends, idle=limits.idle)
        dead = [old for old in self._sessions.values() if not self.alive(old)]
        await self._journal.transact(_replacing(session, dead), fact)
        for old in dead:
            self._forget(old.hash)
        self._sessions[session.hash] = session
        self._used[session.hash] = now
        return session, secret

    def of(self, secret: str) -> Session | None:
        """The living session of a secret; counts as use."""
        session = self._sessions.get(_hashed(secret))
        if session is None or not self.alive(session):
            return None
        self._used[session.hash] = self._clock.now()
        return session

    def alive(self, session: Session) -> bool:
        """Neither ended nor over a limit; one that lived when an incident began lives until the incident is over."""
        if session.hash not in self._sessions:
            return False
        over = min(session.ends, self._used[session.hash] + session.idle)
        since = self._incident_since()
        return self._clock.now() < over or (since is not None and since < over)

    async def end(self, session: Session, cause: str) -> None:
        """End one session at once, in memory first."""
        await self._end([session], cause)

    async def end_all(self, person: str, cause: str) -> None:
        """End every session of a person."""
        await self._end([session for session in self._sessions.values() if session.person == person], cause)

    def living(self) -> Mapping[str, int]:
        """How many sessions each person has."""
        counts: dict[str, int] = {}
        for session in self._sessions.values():
            if self.alive(session):
                counts[session.person] = counts.get(session.person, 0) + 1
        return counts

    async def _end(self, ended: list[Session], cause: str) -> None:
        for session in ended:
            self._forget(session.hash)
        facts = [Fact(kind="signin.out", subject=session.person, payload={"cause": cause}) for session in ended]
        await self._journal.transact(_deleting(ended), *facts)

    def _forget(self, key: str) -> None:
        self._sessions.pop(key, None)
        self._used.pop(key, None)


def _create(cursor: sqlite3.Cursor) -> None:
    cursor.execute(TABLE)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _csrf(key: str) -> str:
    return hmac.new(key.encode(), b"form", hashlib.sha256).hexdigest()


def _replacing(session: Session, dead: list[Session]) -> Callable[[sqlite3.Cursor], None]:
    def work(cursor: sqlite3.Cursor) -> None:
        _deleting(dead)(cursor)
        values = (session.hash, session.person, session.begun.isoformat(), session.idle.total_seconds())
        cursor.execute("INSERT INTO people_sessions VALUES (?,?,?,?,?)", (*values, session.ends.isoformat()))

    return work


def _deleting(ended: list[Session]) -> Callable[[sqlite3.Cursor], None]:
    def work(cursor: sqlite3.Cursor) -> None:
        cursor.executemany("DELETE FROM people_sessions WHERE hash = ?", [(session.hash,) for session in ended])

    return work


def _session(row: sqlite3.Row) -> Session:
    return Session(
        hash=row["hash"],
        person=row["person"],
        csrf=_csrf(row["hash"]),
        begun=datetime.fromisoformat(row["begun"]),
        ends=datetime.fromisoformat(row["ends"]),
        idle=timedelta(seconds=row["idle_s"]),
    )
