"""The outbox alone sends: every command is a fact first, is tried until it expires, and ends in one of four words."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from devices.backoff import Backoff
from devices.errors import DeviceError, Refused, WrongAddress
from devices.reports import Clock, Command, Driver, Outcome, Replaceable, Reported, Switching
from lobby.core.journal import Entry, Fact, Journal
from lobby.core.projection import stamp
from lobby.day.inrush import Inrush, Turn
from lobby.day.lines import OFF
from lobby.day.overrides import new_id
from lobby.day.scribe import Scribe
from lobby.day.waiting import either, event_or

LASTS_S = 30.0
LONGEST_S = 300.0
FIRST_RETRY_S, LONGEST_RETRY_S = 0.5, 10.0
REMEMBERED_IDS = 10_000
QUEUED, ENDED = "command.queued", "command.ended"
HOPELESS = (Refused, WrongAddress)

OnOutcome = Callable[[str, Command, Outcome, str], None]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Table:
    """Commands that have not ended."""

    name: str = "commands"
    ddl: str = """CREATE TABLE IF NOT EXISTS commands (id TEXT PRIMARY KEY, thing TEXT NOT NULL, value TEXT NOT NULL,
        expires_at TEXT NOT NULL, seq INTEGER NOT NULL) WITHOUT ROWID"""
    kinds: frozenset[str] = frozenset({QUEUED, ENDED})

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """A queued one is a row, an ended one is none."""
        payload = entry.payload
        if payload is None:
            return
        if entry.kind == ENDED:
            cursor.execute("DELETE FROM commands WHERE id = ?", (payload["id"],))
            return
        row = (payload["id"], entry.subject, payload["value"], payload["expires_at"], entry.seq)
        cursor.execute("INSERT OR IGNORE INTO commands VALUES (?,?,?,?,?)", row)


COMMANDS = _Table()


@dataclass(slots=True)
class _Slot:
    """What is on its way to one thing: the newest command only, tried `until` a moment of the steady clock."""

    command: Command | None = None
    until: float = 0.0
    sent: bool = False
    accepted: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Outbox:
    """`drivers` by thing; `withheld` says why nothing may be sent to a thing now (its mode), None where it may.

    `inrush`: the row in which a thing waits for its turn to be switched on, unless it is `powered` already.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        clock: Clock,
        drivers: Mapping[str, Driver],
        jitter: Random,
        withheld: Callable[[str], str | None] = lambda _: None,
        inrush: Mapping[str, Inrush] | None = None,
        powered: Callable[[str], bool] = lambda _: False,
        on_outcome: OnOutcome = lambda *_: None,
        ids: Callable[[], str] = new_id,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._drivers = dict(drivers)
        self._jitter = jitter
        self._withheld = withheld
        self._inrush = inrush or {}
        self._turns: dict[str, Turn] = {}
        self._powered = powered
        self._on_outcome = on_outcome
        self._ids = ids
        self._slots = {thing: _Slot() for thing in drivers}
        self._seen: dict[str, None] = {}
        self._results = Scribe(journal, clock=clock)
        self._hear(drivers)
        journal.follow(self._fold)

    @property
    def things(self) -> Set[str]:
        """What can be commanded."""
        return self._slots.keys()

    def entrust(self, drivers: Mapping[str, Driver]) -> None:
        """More things that can be commanded, before `run`."""
        self._drivers.update(drivers)
        self._hear(drivers)
        self._slots.update({thing: _Slot() for thing in drivers})

    def listen(self, on_outcome: OnOutcome) -> None:
        """Tell outcomes to this one from now on."""
        self._on_outcome = on_outcome

    def command(self, thing: str, value: str, *, lasts_s: float = LASTS_S) -> Command:
        """A new command that is worth sending for so long."""
        expires_at = self._clock.now() + timedelta(seconds=lasts_s)
        return Command(id=self._ids(), thing=thing, value=value, expires_at=expires_at)

    def facts_for(self, commands: Iterable[Command]) -> tuple[Fact, ...]:
        """The facts by which a transaction of somebody else queues commands: sent right after its commit."""
        return tuple(_queued(command) for command in commands)

    async def put(self, *commands: Command) -> None:
        """Queue commands; they are sent when this is durable. Raises NotDurable."""
        await self._journal.record(*self.facts_for(commands))

    def send_now(self, *commands: Command) -> None:
        """Send what could not be written; the same commands written later are not sent twice."""
        for command in commands:
            self._take(command)

    def pending(self, thing: str) -> Command | None:
        """What is on its way to a thing."""
        slot = self._slots.get(thing)
        return slot.command if slot else None

    def reported(self, report: Reported) -> None:
        """A thing said what it is: proof for the command on its way."""
        slot = self._slots.get(report.thing)
        if slot is None or slot.command is None or report.retained or not slot.sent:
            return
        if report.value == slot.command.value:
            self._finish(slot.command, Outcome.VERIFIED)

    async def load(self) -> None:
        """Take up the commands that were on their way before a restart; expired ones end as such."""
        for row in await self._journal.read("SELECT * FROM commands ORDER BY seq"):
            expires_at = datetime.fromisoformat(row["expires_at"])
            self._take(Command(id=row["id"], thing=row["thing"], value=row["value"], expires_at=expires_at))

    async def run(self) -> None:
        """Send to every thing, each on its own; ends only by cancellation."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._results.run(), name="outbox: results")
            for thing, driver in self._drivers.items():
                group.create_task(self._serve(self._slots[thing], driver), name=f"outbox: {thing}")

    def _hear(self, drivers: Mapping[str, Driver]) -> None:
        """Of the moment at which orders to switch on are on the wire, once from each driver."""
        for driver in {id(each): each for each in drivers.values()}.values():
            if isinstance(driver, Switching):
                driver.on_gone(self._gone)

    def _fold(self, entry: Entry) -> None:
        if entry.kind == QUEUED and entry.payload is not None:
            payload = entry.payload
            expires_at = datetime.fromisoformat(payload["expires_at"])
            self._take(Command(id=payload["id"], thing=entry.subject, value=payload["value"], expires_at=expires_at))

    def _take(self, command: Command) -> None:
        if command.id in self._seen:
            return
        self._seen[command.id] = None
        if len(self._seen) > REMEMBERED_IDS:
            del self._seen[next(iter(self._seen))]
        slot = self._slots.get(command.thing)
        if slot is None:
            self._end(command, Outcome.FAILED, "no-driver")
            return
        if slot.command is not None:
            self._supersede(slot, slot.command)
        left_s = (command.expires_at - self._clock.now()).total_seconds()
        slot.until = self._clock.mono() + min(left_s, LONGEST_S)
        slot.command, slot.sent, slot.accepted = command, False, False
        slot.changed.set()
        if isinstance(driver := self._drivers[command.thing], Replaceable):
            driver.replaced(command.thing)

    def _supersede(self, slot: _Slot, older: Command) -> None:
        if slot.accepted:
            self._finish(older, Outcome.ACCEPTED)
        else:
            self._finish(older, Outcome.FAILED, "superseded")

    async def _serve(self, slot: _Slot, driver: Driver) -> None:
        while True:
            await slot.changed.wait()
            slot.changed.clear()
            if slot.command is not None:
                await self._carry(slot, driver, slot.command)

    async def _carry(self, slot: _Slot, driver: Driver, command: Command) -> None:
        """Try until it is done, hopeless, expired or replaced by a newer one."""
        backoff = Backoff(self._jitter, first_s=FIRST_RETRY_S, longest_s=LONGEST_RETRY_S)
        cause = "expired"
        while slot.command is command:
            if not await self._has_turn(slot, command):
                continue
            try:
                left_s = self._left_s(slot)
                stopped = self._withheld(command.thing) or (cause if left_s <= 0 else None)
                if stopped is not None:
                    self._finish(command, Outcome.FAILED, stopped)
                    return
                tried = await self._try(slot, driver, command)
            finally:
                self._over(command.thing)
            if tried is None:
                return
            cause = tried
            await event_or(min(backoff.next_s(), left_s), slot.changed, self._clock)

    async def _has_turn(self, slot: _Slot, command: Command) -> bool:
        """Wait for the turn to go on, which is not time to expire in; False when replaced meanwhile."""
        inrush = self._inrush.get(command.thing) if command.value != OFF else None
        if inrush is None or self._powered(command.thing):
            return True
        turn, began = inrush.line_up(), self._clock.mono()
        self._turns[command.thing] = turn
        try:
            await either(turn.first, slot.changed)
            while slot.command is command and (rest_s := inrush.rest_s(self._clock.mono())) > 0:
                await event_or(rest_s, slot.changed, self._clock)
        finally:
            slot.until += self._clock.mono() - began
            if slot.command is not command:
                self._over(command.thing)
        return slot.command is command

    def _gone(self, thing: str) -> None:
        """The order that has the turn is on the wire."""
        if (turn := self._turns.pop(thing, None)) is not None:
            self._inrush[thing].gone(turn, self._clock.mono())

    def _over(self, thing: str) -> None:
        """It went out somehow, or not at all: then the next has nothing to wait for."""
        if (turn := self._turns.pop(thing, None)) is not None:
            self._inrush[thing].leave(turn)

    async def _try(self, slot: _Slot, driver: Driver, command: Command) -> str | None:
        """Send once; None when that settled the command, else why to try again."""
        slot.sent = True
        try:
            outcome = await self._sent(driver, command)
        except HOPELESS as error:
            self._finish(command, Outcome.FAILED, error.cause)
            return None
        except DeviceError as error:
            return error.cause
        except Exception:  # a driver's mistake must not stop the commands of other things
            log.exception("the driver of %s failed", command.thing)
            self._finish(command, Outcome.FAILED, "driver-failed")
            return None
        await self._settle(slot, command, outcome)
        return None

    async def _sent(self, driver: Driver, command: Command) -> Outcome:
        """Who does not tell when its order goes out has sent it when it comes back."""
        try:
            return await driver.send(command)
        finally:
            (self._over if isinstance(driver, Switching) else self._gone)(command.thing)

    async def _settle(self, slot: _Slot, command: Command, outcome: Outcome) -> None:
        """An accepted command waits for its proof until it expires; every other outcome is the end."""
        if outcome is not Outcome.ACCEPTED:
            self._finish(command, outcome)
            return
        if slot.command is not command:
            return
        slot.accepted = True
        self._on_outcome(command.thing, command, Outcome.ACCEPTED, "")
        while slot.command is command and not slot.changed.is_set():
            left_s = self._left_s(slot)
            if left_s <= 0:
                self._finish(command, Outcome.ACCEPTED)
                return
            await event_or(left_s, slot.changed, self._clock)

    def _finish(self, command: Command, outcome: Outcome, cause: str = "") -> None:
        slot = self._slots[command.thing]
        if slot.command is not command:
            return
        slot.command = None
        slot.changed.set()
        self._end(command, outcome, cause)

    def _end(self, command: Command, outcome: Outcome, cause: str) -> None:
        self._results.note(_ended(command, outcome, cause))
        self._on_outcome(command.thing, command, outcome, cause)

    def _left_s(self, slot: _Slot) -> float:
        """By the steady clock: setting the other one must not end what is on its way."""
        return slot.until - self._clock.mono()


def _queued(command: Command) -> Fact:
    payload = {"id": command.id, "value": command.value, "expires_at": stamp(command.expires_at)}
    return Fact(kind=QUEUED, subject=command.thing, payload=payload)


def _ended(command: Command, outcome: Outcome, cause: str) -> Fact:
    payload = {"id": command.id, "value": command.value, "outcome": outcome.value, "cause": cause}
    return Fact(kind=ENDED, subject=command.thing, payload=payload)
