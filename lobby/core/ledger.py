"""The journal's file: its tables, one transaction at a time, the hash chain and its checkpoints. Blocking, no clock.

A checkpoint is signed with HMAC-SHA-256 and a key that lies, mode 0600, in the same data folder. It shows tampering
by anybody who can reach the database but not the key; whoever holds the folder holds both, which is why each
midnight's checkpoint is printed on the daily report: the paper is the witness.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from lobby.core.projection import (
    GENESIS,
    Draft,
    Entry,
    Fact,
    Projection,
    canonical,
    digest,
    draft,
    link,
    stamp,
)

T = TypeVar("T")

MEMORY = Path(":memory:")
BUSY_TIMEOUT_S = 2.0
ERASED = "journal.erased"

SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, mono REAL NOT NULL, kind TEXT NOT NULL, v INTEGER NOT NULL,
    subject TEXT NOT NULL, payload TEXT, payload_hash TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS journal_by_kind ON journal (kind, seq);
CREATE TRIGGER IF NOT EXISTS journal_only_grows BEFORE INSERT ON journal
    WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM journal)
    BEGIN SELECT raise(ABORT, 'the journal only grows, line by line'); END;
CREATE TRIGGER IF NOT EXISTS journal_keeps BEFORE DELETE ON journal
    BEGIN SELECT raise(ABORT, 'the journal keeps every line'); END;
CREATE TRIGGER IF NOT EXISTS journal_stands BEFORE UPDATE ON journal
    WHEN NEW.payload IS NOT NULL OR NEW.seq IS NOT OLD.seq OR NEW.at IS NOT OLD.at OR NEW.mono IS NOT OLD.mono
        OR NEW.kind IS NOT OLD.kind OR NEW.v IS NOT OLD.v OR NEW.subject IS NOT OLD.subject
        OR NEW.payload_hash IS NOT OLD.payload_hash OR NEW.prev IS NOT OLD.prev OR NEW.hash IS NOT OLD.hash
    BEGIN SELECT raise(ABORT, 'only a payload may be erased'); END;
CREATE TABLE IF NOT EXISTS journal_checkpoints (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, hash TEXT NOT NULL, signature TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS checkpoints_keep BEFORE DELETE ON journal_checkpoints
    BEGIN SELECT raise(ABORT, 'checkpoints are kept'); END;
CREATE TRIGGER IF NOT EXISTS checkpoints_stand BEFORE UPDATE ON journal_checkpoints
    BEGIN SELECT raise(ABORT, 'checkpoints stand'); END;
CREATE TABLE IF NOT EXISTS journal_projections (name TEXT PRIMARY KEY, ddl TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS journal_pulse (id INTEGER PRIMARY KEY CHECK (id = 1), beats INTEGER NOT NULL);
INSERT OR IGNORE INTO journal_pulse VALUES (1, 0);
"""
TABLES_OF_THE_JOURNAL = 4
INSERT = "INSERT INTO journal VALUES (?,?,?,?,?,?,?,?,?,?)"
LINES = "SELECT * FROM journal ORDER BY seq"
LINES_OF_KINDS = "SELECT * FROM journal WHERE kind IN (SELECT value FROM json_each(?)) ORDER BY seq"
FORGET = "DELETE FROM journal_projections WHERE name NOT IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The chain's head at a moment, signed."""

    seq: int
    at: datetime
    hash: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a walk along the chain found; lines cut off after the last checkpoint cannot be missed by anybody."""

    ok: bool
    first_bad: int | None
    lines: int
    erased: tuple[int, ...]
    checkpoints: tuple[Checkpoint, ...]


class Ledger:
    """One connection that writes. Every method is one transaction or belongs into `transaction()`."""

    def __init__(self, path: Path, *, projections: Sequence[Projection] = (), key: bytes | None = None) -> None:
        self._path = path
        self._projections = tuple(projections)
        self._by_kind = _by_kind(self._projections)
        self._key = key
        self._db: sqlite3.Connection | None = None
        self._orphans_told = False

    def open(self) -> None:
        """Create what is missing and refill projections that are new or changed; safe to repeat after a failure."""
        if self._db is not None:
            return
        db = connect(self._path)
        try:
            db.execute("PRAGMA wal_autocheckpoint = 0")
            self._prepare(db)
        except BaseException:
            db.close()
            raise
        self._db = db

    def close(self) -> None:
        """Give the file back."""
        if self._db is not None:
            db, self._db = self._db, None
            db.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Cursor]:
        """Everything inside becomes durable together, or nothing does."""
        self.open()
        assert self._db is not None
        with _transaction(self._db) as cursor:
            self._forget_orphans(cursor)
            yield cursor
        self._orphans_told = True

    def append(self, cursor: sqlite3.Cursor, drafts: Sequence[Draft]) -> tuple[Entry, ...]:
        """Chain the drafts to the head and fold them."""
        if not drafts:
            return ()
        seq, head = _head(cursor)
        entries = []
        for item in drafts:
            seq += 1
            entry = _chained(item, seq, head)
            head = entry.hash
            cursor.execute(INSERT, _values(entry, item.text))
            for projection in self._by_kind.get(entry.kind, ()):
                projection.apply(cursor, entry)
            entries.append(entry)
        return tuple(entries)

    def erase(self, cursor: sqlite3.Cursor, seqs: Sequence[int], *, at: datetime, mono: float) -> tuple[Entry, ...]:
        """Take payloads out, leaving their hashes, and write down that it was done. LookupError where none stands."""
        cursor.execute("PRAGMA secure_delete = ON")
        for seq in seqs:
            done = cursor.execute(
                "UPDATE journal SET payload = NULL WHERE seq = ? AND payload IS NOT NULL AND kind <> ?", (seq, ERASED)
            )
            if done.rowcount != 1:
                raise LookupError(f"line {seq} has no payload to erase")
        fact = Fact(kind=ERASED, subject="journal", payload={"lines": list(seqs)})
        return self.append(cursor, (draft(fact, at=at, mono=mono),))

    def checkpoint(self, cursor: sqlite3.Cursor, *, at: datetime) -> Checkpoint:
        """Sign the head; a head already signed keeps its signature."""
        seq, head = _head(cursor)
        signature = _signature(self._secret(), seq, stamp(at), head)
        cursor.execute("INSERT OR IGNORE INTO journal_checkpoints VALUES (?,?,?,?)", (seq, stamp(at), head, signature))
        row = cursor.execute("SELECT * FROM journal_checkpoints WHERE seq = ?", (seq,)).fetchone()
        return _checkpoint(row)

    def pulse(self, cursor: sqlite3.Cursor) -> None:
        """The smallest write there is: shows that the disk takes one."""
        cursor.execute("UPDATE journal_pulse SET beats = beats + 1")

    def rebuild(self, cursor: sqlite3.Cursor, projection: Projection) -> None:
        """Drop a projection's tables and fold the whole journal again."""
        for table in _tables(cursor, projection.name):
            cursor.execute(f'DROP TABLE "{table}"')
        for statement in _statements(projection.ddl):
            cursor.execute(statement)
        with closing(cursor.connection.cursor()) as reader:
            for row in reader.execute(LINES_OF_KINDS, (canonical(sorted(projection.kinds)),)):
                projection.apply(cursor, Entry.from_row(row))
        cursor.execute("INSERT OR REPLACE INTO journal_projections VALUES (?,?)", (projection.name, projection.ddl))

    def verify(self) -> Verified:
        """Walk the chain on a connection of its own (on the one there is, in memory)."""
        if self._path == MEMORY:
            return self.using(lambda db: verify(db, self._secret()))
        with closing(connect(self._path)) as db:
            return verify(db, self._secret())

    def using(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on the one connection there is; for a journal in memory."""
        self.open()
        assert self._db is not None
        return work(self._db)

    def _prepare(self, db: sqlite3.Connection) -> None:
        found = db.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name GLOB 'journal*'")
        if found.fetchone()[0] < TABLES_OF_THE_JOURNAL:
            with _transaction(db) as cursor:
                for statement in _statements(SCHEMA):
                    cursor.execute(statement)
        known = dict(db.execute("SELECT name, ddl FROM journal_projections").fetchall())
        for projection in self._projections:
            if known.get(projection.name) != projection.ddl:
                with _transaction(db) as cursor:
                    self.rebuild(cursor, projection)

    def _forget_orphans(self, cursor: sqlite3.Cursor) -> None:
        """A projection that misses the lines written now must be refilled when it comes back."""
        if not self._orphans_told:
            cursor.execute(FORGET, (canonical([projection.name for projection in self._projections]),))

    def _secret(self) -> bytes:
        if self._key is None:
            self._key = b"" if self._path == MEMORY else key_beside(self._path)
        return self._key


def connect(path: Path, *, timeout_s: float = BUSY_TIMEOUT_S) -> sqlite3.Connection:
    """A connection with the journal's settings: WAL, every commit synced, explicit transactions, rows by name."""
    db = sqlite3.connect(path, timeout=timeout_s, isolation_level=None, check_same_thread=False)
    try:
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        db.close()
        raise
    return db


def key_beside(path: Path) -> bytes:
    """The signing key of a journal file, made at its first use, mode 0600, in `<name>.key` beside it."""
    place = path.with_suffix(".key")
    try:
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return bytes.fromhex(place.read_text(encoding="ascii"))
    key = secrets.token_bytes(32)
    with open(handle, "w", encoding="ascii") as file:
        file.write(key.hex())
        file.flush()
        os.fsync(file.fileno())
    return key


def verify(db: sqlite3.Connection, key: bytes) -> Verified:
    """Check numbering, chain, payloads, recorded erasures and the signatures of all checkpoints."""
    signed = [_checkpoint(row) for row in db.execute("SELECT * FROM journal_checkpoints ORDER BY seq")]
    heads = {point.seq: point.hash for point in signed}
    erased, recorded, bad, seq, head = [], set[int](), list[int](), 0, GENESIS
    for row in db.execute(LINES):
        seq += 1
        if row["seq"] != seq or not _holds(row, head) or heads.get(seq, row["hash"]) != row["hash"]:
            bad.append(seq)
            break
        head = row["hash"]
        if row["payload"] is None:
            erased.append(seq)
        elif row["kind"] == ERASED:
            recorded.update(json.loads(row["payload"])["lines"])
    bad += [point.seq for point in signed if not _genuine(point, key) or (point.seq > seq and not bad)]
    bad += [line for line in erased if line not in recorded] if not bad else []
    first = min(bad, default=None)
    return Verified(ok=first is None, first_bad=first, lines=seq, erased=tuple(erased), checkpoints=tuple(signed))


def savepoint(cursor: sqlite3.Cursor, work: Callable[[], T]) -> T:
    """Run `work` inside the open transaction; where it raises, its own writes are undone and the others stay."""
    cursor.execute("SAVEPOINT part")
    try:
        result = work()
    except BaseException:
        if cursor.connection.in_transaction:
            cursor.execute("ROLLBACK TO part")
            cursor.execute("RELEASE part")
        raise
    cursor.execute("RELEASE part")
    return result


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Cursor]:
    with closing(db.cursor()) as cursor:
        cursor.execute("BEGIN IMMEDIATE")
        try:
            yield cursor
            cursor.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                cursor.execute("ROLLBACK")
            raise


def _head(cursor: sqlite3.Cursor) -> tuple[int, str]:
    row = cursor.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    return (0, GENESIS) if row is None else (row["seq"], row["hash"])


def _chained(item: Draft, seq: int, prev: str) -> Entry:
    fact, payload_hash = item.fact, digest(item.text)
    entry = Entry(
        seq=seq,
        at=item.at,
        mono=item.mono,
        kind=fact.kind,
        v=fact.v,
        subject=fact.subject,
        payload=json.loads(item.text),
        payload_hash=payload_hash,
        prev=prev,
        hash="",
    )
    own = link(seq, stamp(item.at), item.mono, fact.kind, fact.v, fact.subject, payload_hash, prev)
    return replace(entry, hash=own)


def _values(entry: Entry, text: str) -> tuple[object, ...]:
    head = (entry.seq, stamp(entry.at), entry.mono, entry.kind, entry.v, entry.subject)
    return (*head, text, entry.payload_hash, entry.prev, entry.hash)


def _holds(row: sqlite3.Row, prev: str) -> bool:
    if row["payload"] is not None and digest(row["payload"]) != row["payload_hash"]:
        return False
    seq, at, mono, kind, v, subject, _, payload_hash, _, _ = row
    own = link(seq, at, mono, kind, v, subject, payload_hash, prev)
    return bool(row["prev"] == prev and row["hash"] == own)


def _signature(key: bytes, seq: int, at: str, head: str) -> str:
    return hmac.new(key, canonical([seq, at, head]).encode(), hashlib.sha256).hexdigest()


def _genuine(point: Checkpoint, key: bytes) -> bool:
    return hmac.compare_digest(point.signature, _signature(key, point.seq, stamp(point.at), point.hash))


def _checkpoint(row: sqlite3.Row) -> Checkpoint:
    at = datetime.fromisoformat(row["at"])
    return Checkpoint(seq=row["seq"], at=at, hash=row["hash"], signature=row["signature"])


def _tables(cursor: sqlite3.Cursor, name: str) -> list[str]:
    own = "SELECT name FROM sqlite_master WHERE type = 'table' AND (name = ? OR substr(name, 1, ?) = ?)"
    return [row["name"] for row in cursor.execute(own, (name, len(name) + 1, f"{name}_")).fetchall()]


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; `executescript` would commit the transaction it runs in."""
    text = ""
    for part in script.split(";"):
        text += f"{part};"
        if sqlite3.complete_statement(text):
            yield text
            text = ""
    if text.rstrip(";").strip():
        yield text


def _by_kind(projections: Sequence[Projection]) -> dict[str, list[Projection]]:
    table: dict[str, list[Projection]] = {}
    for projection in projections:
        for kind in projection.kinds:
            table.setdefault(kind, []).append(projection)
    return table
