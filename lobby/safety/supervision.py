"""The watch over the bells: per bell and path, from signs of life and their absence. It has no task of its own.

After a start every bell is UNKNOWN, never OK. A cut wire must not look like quiet.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, IntEnum

from devices.reports import BellHeard, Clock
from lobby.core.projection import Entry, Fact
from lobby.core.site import Bell

POLL_LATE_S = 3.0
POLL_LOST_S = 10.0
JITTER = 0.1  # of a heartbeat, before one counts as missed
CONSOLE_SILENT_S = 10.0

log = logging.getLogger(__name__)


class BellState(Enum):
    """What is known of one path to a bell."""

    UNPROVISIONED = "unprovisioned"  # in the site file, never heard in its life
    UNKNOWN = "unknown"  # not heard since the start
    OK = "ok"
    LATE = "late"
    LOST = "lost"


class Flag(Enum):
    """What is wrong with a bell that answers."""

    LOW_BATTERY = "low-battery"
    TAMPER = "tamper"
    CHATTER = "chatter"
    FAULT = "fault"
    TEST_OVERDUE = "test-overdue"
    STUCK_CLOSED = "stuck-closed"
    OUT_OF_SERVICE = "out-of-service"


class Severity(IntEnum):
    """How much it matters; whether the desk is open changes this and nothing else."""

    NONE = 0
    NOTE = 1
    TROUBLE = 2
    HIGH = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One path to a bell. `since` is when the state began; the last two signs of life are kept."""

    bell: str
    path: str
    state: BellState
    since: datetime
    began: float
    heard_at: datetime | None = None
    heard: float | None = None
    heard_before: datetime | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervised:
    """What people see of a bell: its worst path, its flags, and whether a substitute measure is wanted now."""

    bell: str
    state: BellState
    since: datetime
    heard_at: datetime | None
    cause: str
    flags: frozenset[Flag]
    flag_causes: Mapping[Flag, str]
    severity: Severity
    substitute_wanted: bool
    paths: tuple[Watch, ...]


def limits_s(bell: Bell) -> tuple[float, float]:
    """Seconds of silence after which a bell is LATE and LOST: three polls and 10 s, or one and two heartbeats."""
    if bell.dialect == "modbus-contact":
        return POLL_LATE_S, POLL_LOST_S
    return bell.heartbeat_s * (1 + JITTER), bell.heartbeat_s * (2 + JITTER)


def judged(watch: Watch, bell: Bell, mono: float) -> BellState:
    """The state of a path at a moment of the monotonic clock; what was lost stays lost until it is heard."""
    late_s, lost_s = limits_s(bell)
    silent_s = mono - (watch.began if watch.heard is None else watch.heard)
    if watch.state is BellState.LOST or silent_s > lost_s:
        return BellState.UNPROVISIONED if watch.state is BellState.UNPROVISIONED else BellState.LOST
    if watch.state in (BellState.OK, BellState.LATE) and silent_s > late_s:
        return BellState.LATE
    return watch.state


class Supervision:
    """Drivers tell it what they hear; `tick` finds what has fallen silent. `note` writes an edge into the journal."""

    def __init__(
        self,
        bells: Mapping[str, Bell],
        *,
        clock: Clock,
        note: Callable[[Fact], None],
        desk_open: Callable[[], bool] = lambda: True,
        provisioned: Collection[str] | None = None,
    ) -> None:
        self._bells = bells
        self._clock = clock
        self._note = note
        self._desk_open = desk_open
        self._watches: dict[tuple[str, str], Watch] = {}
        self._flags: dict[str, dict[Flag, str]] = {name: {} for name in bells}
        self._consoles: dict[str, tuple[str, float]] = {}
        self._callbacks: list[Callable[[Supervised], None]] = []
        for name, bell in bells.items():
            known = provisioned is None or name in provisioned
            state = BellState.UNKNOWN if known else BellState.UNPROVISIONED
            path = "contact" if bell.dialect == "modbus-contact" else "mqtt"
            self._watches[name, path] = self._new_watch(name, path, state)

    def on_change(self, callback: Callable[[Supervised], None]) -> None:
        """Call it with the bell after each edge."""
        self._callbacks.append(callback)

    def resume(self, rows: Sequence[sqlite3.Row]) -> None:
        """Take the flags of an earlier run over (rows of `FLAGS_SQL`); states are never taken over."""
        for bell, flag, cause in rows:
            if bell in self._flags:
                self._flags[bell][Flag(flag)] = cause

    def heard(self, heard: BellHeard) -> None:
        """A bell is alive on a path; an input line that is cut makes it LOST all the same."""
        if heard.bell not in self._bells:
            return
        watch = self._watch(heard.bell, heard.path)
        heard_now = replace(watch, heard=self._clock.mono(), heard_at=self._clock.now(), heard_before=watch.heard_at)
        still_cut = watch.cause == "line-cut" and heard.line_cut is None
        cut = bool(heard.line_cut) or still_cut
        self._become(heard_now, BellState.LOST if cut else BellState.OK, "line-cut" if cut else "")
        for flag, on in _reported(heard):
            self.flag(heard.bell, flag, on=on)

    def lost(self, bell: str, path: str, cause: str) -> None:
        """The path is known to be broken now."""
        if bell in self._bells:
            self._become(self._watch(bell, path), BellState.LOST, cause)

    def tick(self) -> None:
        """Find what has fallen silent."""
        mono = self._clock.mono()
        for watch in list(self._watches.values()):
            state = judged(watch, self._bells[watch.bell], mono)
            if state is not watch.state:
                self._become(watch, state, "silent")

    def flag(self, bell: str, flag: Flag, *, on: bool | None, cause: str = "") -> None:
        """Set or clear a flag; None changes nothing."""
        flags = self._flags.get(bell)
        if flags is None or on is None or on == (flag in flags):
            return
        if on:
            flags[flag] = cause
        else:
            del flags[flag]
        self._note(Fact(kind="bell.flag", subject=bell, payload={"flag": flag.value, "on": on, "cause": cause}))
        self._tell(bell)

    def contact(self, bell: str, *, before: datetime) -> datetime | None:
        """When the bell was last heard before a moment, on any path: a press is a sign of life of its own."""
        watches = [watch for watch in self._watches.values() if watch.bell == bell]
        heard = [moment for watch in watches for moment in (watch.heard_at, watch.heard_before)]
        return max((moment for moment in heard if moment is not None and moment <= before), default=None)

    def of(self, bell: str) -> Supervised:
        """What people see of a bell."""
        paths = tuple(watch for watch in self._watches.values() if watch.bell == bell)
        worst = max(paths, key=lambda watch: _BADNESS[watch.state])
        flags = frozenset(self._flags[bell])
        return Supervised(
            bell=bell,
            state=worst.state,
            since=worst.since,
            heard_at=max((watch.heard_at for watch in paths if watch.heard_at), default=None),
            cause=worst.cause,
            flags=flags,
            flag_causes=dict(self._flags[bell]),
            severity=severity(worst.state, flags, desk_open=self._desk_open()),
            substitute_wanted=worst.state is BellState.LOST and self._desk_open(),
            paths=paths,
        )

    def bells(self) -> tuple[Supervised, ...]:
        """Every bell of the site file."""
        return tuple(self.of(bell) for bell in self._bells)

    def console_heard(self, console: str, person: str) -> None:
        """A console with a person in front of it is alive."""
        self._consoles[console] = (person, self._clock.mono())

    def watched_by(self) -> tuple[str, ...]:
        """The consoles alive now, by id; none in opening hours is a reason to use another channel."""
        mono = self._clock.mono()
        self._consoles = {k: v for k, v in self._consoles.items() if mono - v[1] <= CONSOLE_SILENT_S}
        return tuple(sorted(self._consoles))

    def _watch(self, bell: str, path: str) -> Watch:
        if (bell, path) not in self._watches:
            self._watches = {key: old for key, old in self._watches.items() if key[0] != bell or old.heard is not None}
            self._watches[bell, path] = self._new_watch(bell, path, BellState.UNKNOWN)
        return self._watches[bell, path]

    def _new_watch(self, bell: str, path: str, state: BellState) -> Watch:
        return Watch(bell=bell, path=path, state=state, since=self._clock.now(), began=self._clock.mono())

    def _become(self, watch: Watch, state: BellState, cause: str) -> None:
        before = self._watches[watch.bell, watch.path]
        edge = state is not before.state or cause != before.cause
        since = self._clock.now() if edge else before.since
        self._watches[watch.bell, watch.path] = replace(watch, state=state, cause=cause, since=since)
        if edge:
            words = {"path": watch.path, "state": state.value, "was": before.state.value, "cause": cause}
            self._note(Fact(kind="bell.supervision", subject=watch.bell, payload=words))
            self._tell(watch.bell)

    def _tell(self, bell: str) -> None:
        for callback in self._callbacks:
            try:
                callback(self.of(bell))
            except Exception:  # one listener's mistake must not stop the watch
                log.exception("a listener failed on bell %s", bell)


def severity(state: BellState, flags: Collection[Flag], *, desk_open: bool) -> Severity:
    """How loudly to say it; a lost bell is always high."""
    if state is BellState.LOST:
        return Severity.HIGH
    if flags:
        return Severity.TROUBLE
    if state is BellState.OK:
        return Severity.NONE
    return Severity.TROUBLE if desk_open else Severity.NOTE


class FlagTable:
    """The flags that stand, for the next start."""

    name = "bell_flags"
    ddl = "CREATE TABLE bell_flags (bell TEXT, flag TEXT, cause TEXT NOT NULL, PRIMARY KEY (bell, flag)) WITHOUT ROWID;"
    kinds = frozenset({"bell.flag"})

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """Set or clear one."""
        said = entry.payload
        if said is None:
            return
        if said["on"]:
            values = (entry.subject, said["flag"], said["cause"])
            cursor.execute("INSERT OR REPLACE INTO bell_flags VALUES (?, ?, ?)", values)
        else:
            cursor.execute("DELETE FROM bell_flags WHERE bell = ? AND flag = ?", (entry.subject, said["flag"]))


class MetTable:
    """The bells that were well at least once in their life: all others still have to be installed."""

    name = "bells_met"
    ddl = "CREATE TABLE bells_met (bell TEXT PRIMARY KEY) WITHOUT ROWID;"
    kinds = frozenset({"bell.supervision"})

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """Remember one."""
        if entry.payload is not None and entry.payload["state"] == BellState.OK.value:
            cursor.execute("INSERT OR IGNORE INTO bells_met VALUES (?)", (entry.subject,))


BELL_FLAGS, BELLS_MET = FlagTable(), MetTable()
FLAGS_SQL = "SELECT bell, flag, cause FROM bell_flags"
MET_SQL = "SELECT bell FROM bells_met"

_BADNESS = {
    state: rank
    for rank, state in enumerate(
        (BellState.OK, BellState.LATE, BellState.UNKNOWN, BellState.UNPROVISIONED, BellState.LOST)
    )
}


def _reported(heard: BellHeard) -> tuple[tuple[Flag, bool | None], ...]:
    return (
        (Flag.LOW_BATTERY, heard.low_battery),
        (Flag.TAMPER, heard.tamper),
        (Flag.STUCK_CLOSED, heard.stuck_closed),
    )
