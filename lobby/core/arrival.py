"""One file on its way in: its state, the state file that survives a restart, and the bytes that are durable."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from lobby.core.problem import Problem, Refusal

SYNC_AT = 8 * 1024 * 1024
EXPIRES = timedelta(days=7)
ID = re.compile(r"[0-9a-f]{24}")
RESTED = 0.02
"""So much of a conversion has to be done before its end is foretold."""

log = logging.getLogger(__name__)


class Stage(StrEnum):
    """Where a file is on its way."""

    COMING = "coming"
    QUEUED = "queued"
    CHECKING = "checking"
    TAKEN = "taken"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What whoever brings a file wants of it: where it shall hang, what it came with, what its label says.

    With `asks` approval is asked for at once; with `approves`, where one person works alone, it is approved as well.
    """

    panel: str | None = None
    surface: str | None = None
    batch: str | None = None
    replaces: str | None = None
    asks: bool = False
    approves: bool = False
    descriptions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One file: `offset` of its `length` bytes are durable; `source` is a file of this machine that is read in place.

    `share` of the conversion is done, begun at `began`; it ends as the `asset`, which may have been `here` already, or
    with the `problem`.
    """

    id: str
    person: str
    name: str
    length: int
    at: datetime
    touched: datetime
    meant: Meant = field(default_factory=Meant)
    offset: int = 0
    stage: Stage = Stage.COMING
    source: Path | None = None
    share: float = 0.0
    began: datetime | None = None
    asset: str | None = None
    here: bool = False
    problem: Problem | None = None

    @property
    def ended(self) -> bool:
        """Taken or refused."""
        return self.stage in {Stage.TAKEN, Stage.REFUSED}

    @property
    def expires(self) -> datetime:
        """When what has come so far is thrown away."""
        return self.touched + EXPIRES


class Piece:
    """Bytes that are appended to a part, synced now and then; `close` says up to where they are durable."""

    def __init__(self, path: Path, offset: int, length: int, sha256: bytes | None) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        os.lseek(self._file, offset, os.SEEK_SET)
        self._begin = self._end = self._durable = offset
        self._length = length
        self._sha256 = sha256
        self._digest = hashlib.sha256()
        self._checked = sha256 is None

    @property
    def durable(self) -> int:
        """Up to where the bytes are synced."""
        return self._durable

    def write(self, chunk: bytes) -> bool:
        """Append; more than was announced is refused. True when more is durable now, for good."""
        if self._end + len(chunk) > self._length:
            raise Refusal("content.too-many-bytes", status=413)
        view = memoryview(chunk)
        while view:
            view = view[os.write(self._file, view) :]
        self._end += len(chunk)
        if self._sha256 is not None:
            self._digest.update(chunk)
        if self._end - self._durable < SYNC_AT or self._sha256 is not None:
            return False
        self._sync()
        return True

    def sound(self) -> bool:
        """Whether all that came has the promised hash."""
        self._checked = self._sha256 is None or hmac.compare_digest(self._digest.digest(), self._sha256)
        return self._checked

    def close(self) -> int:
        """Sync what came, or cut it off where its hash is not the promised one."""
        try:
            if self._checked:
                self._sync()
            else:
                os.ftruncate(self._file, self._begin)
                self._durable = self._begin
        except OSError as error:
            log.warning("an upload could not be synced: %s", error)
        finally:
            os.close(self._file)
        return self._durable

    def _sync(self) -> None:
        os.fdatasync(self._file)
        self._durable = self._end


def cut(arrival: Arrival, part: Path) -> Arrival:
    """The arrival as its bytes on disk allow: never more than was durable, never more than there is."""
    if arrival.source is not None or arrival.ended:
        return arrival
    if not part.is_file():
        return replace(arrival, stage=Stage.REFUSED, problem=Problem(code="content.lost"))
    size = part.stat().st_size
    offset = min(arrival.offset, size)
    if size > offset:
        os.truncate(part, offset)
    return replace(arrival, offset=offset, stage=arrival.stage if offset == arrival.length else Stage.COMING)


def as_json(arrival: Arrival) -> dict[str, Any]:
    moments = {name: moment.isoformat() if (moment := getattr(arrival, name)) else None for name in MOMENTS}
    source = str(arrival.source) if arrival.source is not None else None
    return {**asdict(arrival), **moments, "source": source}


MOMENTS = ("at", "touched", "began")


def read(path: Path) -> Arrival | None:
    """The arrival of a state file; None where it cannot be read or carries another's name."""
    try:
        document: Mapping[str, Any] = json.loads(path.read_bytes())
        moments = {name: datetime.fromisoformat(document[name]) if document[name] else None for name in MOMENTS}
        problem, source = document["problem"], document["source"]
        known = {each.name for each in fields(Arrival)}
        arrival = Arrival(
            **{
                **{key: value for key, value in document.items() if key in known},
                **moments,
                "meant": Meant(**document["meant"]),
                "stage": Stage(document["stage"]),
                "source": Path(source) if source else None,
                "problem": Problem(**problem) if problem else None,
            }
        )
    except (OSError, ValueError, TypeError, KeyError):
        log.warning("%s tells of no upload and is left alone", path)
        return None
    return arrival if ID.fullmatch(arrival.id) and path.stem == arrival.id else None
