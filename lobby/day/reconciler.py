"""The reconciler: compares what should be with what is reported and puts the difference into the outbox."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from devices.reports import Clock, Command, Outcome
from lobby.core.clock import STEP_LIMIT_S, StepWatch
from lobby.core.hub import ThingState
from lobby.core.journal import Entry, Fact, Journal, NotDurable
from lobby.core.projection import Json, stamp
from lobby.day.desired import Desired, Emergency
from lobby.day.fights import Watch
from lobby.day.modes import Mode, Modes
from lobby.day.outbox import LASTS_S, Outbox
from lobby.day.overrides import Overrides
from lobby.day.plan import Plan
from lobby.day.resolve import next_edge, resolve
from lobby.day.waiting import event_or

LOOK_EVERY_S = 30.0
SHORTEST_REST_S = 0.01
CLOCK_EVERY_S = 0.5
FOLLOWED_S = 0.1
KEPT_FACTS = 1000
CHANGED, FIGHT, STEPPED = "day.changed", "day.changed-by-hand", "clock.stepped"
BY_HAND = "changed-by-hand"
WOULD_SEND = "would_send"
EMERGENCY = "emergency"

log = logging.getLogger(__name__)


class Board(Protocol):
    """Where states are shown (the hub)."""

    def things(self) -> Mapping[str, ThingState]:
        """Every thing's state."""

    def update(self, thing: str, **changes: Any) -> None:
        """Replace fields of a thing's state."""

    def put(self, name: str, value: Any) -> None:
        """Replace a live document."""


@dataclass(frozen=True, slots=True)
class _Table:
    """The last value that each thing was meant to have, so that a restart is no change."""

    name: str = "desired"
    ddl: str = "CREATE TABLE IF NOT EXISTS desired (thing TEXT PRIMARY KEY, value TEXT NOT NULL, rule TEXT NOT NULL)"
    kinds: frozenset[str] = frozenset({CHANGED})

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """The last one stands."""
        if entry.payload is not None:
            row = (entry.subject, entry.payload["value"], entry.payload["rule"])
            cursor.execute("INSERT OR REPLACE INTO desired VALUES (?,?,?)", row)


DESIRED = _Table()


class Reconciler:
    """One look at everything is `tick`; `run` looks at what changed or reported, and at everything every 30 s."""

    def __init__(
        self,
        journal: Journal,
        *,
        clock: Clock,
        plan: Callable[[], Plan],
        overrides: Overrides,
        modes: Modes,
        emergencies: Callable[[], Iterable[Emergency]],
        hub: Board,
        outbox: Outbox,
        trusted: Callable[[], bool] = lambda: True,
        lasts_s: Mapping[str, float] | None = None,
        clock_every_s: float = CLOCK_EVERY_S,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._plan = plan
        self._overrides = overrides
        self._modes = modes
        self._emergencies = emergencies
        self._hub = hub
        self._outbox = outbox
        self._trusted = trusted
        self._lasts_s = lasts_s or {}
        self._clock_every_s = clock_every_s
        self._watches: dict[str, Watch] = {}
        self._told: dict[str, str] = {}
        self._unwritten: list[Fact] = []
        self._desired: Mapping[str, Desired] = {}
        self._would_send: dict[str, str] = {}
        self._stirred: set[str] = set()
        self._everything = asyncio.Event()
        self._hurry = asyncio.Event()
        self._look_at = 0.0
        self._wake = asyncio.Event()
        outbox.listen(self.ended)

    async def load(self) -> None:
        """Take up what was wanted before a restart."""
        rows = await self._journal.read("SELECT thing, value FROM desired")
        self._told = {row["thing"]: row["value"] for row in rows}

    def wake(self) -> None:
        """Look at everything soon: hours, overrides, modes or the clock have changed."""
        self._everything.set()
        self.driven()

    def driven(self, commands: Iterable[Command] = ()) -> None:
        """An incident has moved: look at once at whatever should be otherwise; what it had sent was no correction."""
        for command in commands:
            self._watch(command.thing).want(command.value, EMERGENCY, urgent=True)
        self._hurry.set()
        self._wake.set()

    def stir(self, thing: str) -> None:
        """Look soon at this thing, which said or did something."""
        self._stirred.add(thing)
        self._wake.set()

    def found(self, thing: str) -> None:
        """A thing answers again: what failed before is tried at once."""
        self._watch(thing).retry_at = 0.0
        self.stir(thing)

    def ended(self, thing: str, command: Command, outcome: Outcome, cause: str) -> None:
        """A command has come so far."""
        watch = self._watch(thing)
        if cause == "superseded":
            return
        if outcome is Outcome.FAILED:
            watch.failed(self._clock.mono())
        else:
            watch.assumed = command.value
        if thing in self._hub.things():
            proof = {"reported": command.value} if outcome is Outcome.VERIFIED else {}
            failed = cause if outcome is Outcome.FAILED else ""
            self._hub.update(thing, outcome=outcome.value, failed_cause=failed, **proof)
        if outcome in {Outcome.ACCEPTED, Outcome.UNVERIFIED} and self._outbox.pending(thing) is None:
            watch.failed(self._clock.mono())  # never seen to work: not again at once
        self.stir(thing)

    async def run(self) -> None:
        """Keep everything as it should be; ends only by cancellation."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch_clock(), name="reconciler: clock")
            group.create_task(self._look_again_and_again(), name="reconciler: looks")
            group.create_task(self._look_at_everything(), name="reconciler: everything")

    async def tick(self) -> None:
        """One look: show what should be, write what changed, send what differs."""
        self._everything.set()
        await self._look()

    async def _look(self) -> None:
        await self._expire()
        now, mono = self._clock.now(), self._clock.mono()
        desired = resolve(self._plan(), self._overrides.active(now), self._emergencies(), now)
        everything = self._everything.is_set()
        self._everything.clear()
        things = list(desired) if everything else self._in_question(desired)
        self._desired, self._stirred = desired, set()
        facts, commands = list[Fact](), list[Command]()
        for thing in things:
            want, mode = desired[thing], self._modes.of(thing, now)
            facts += self._changes(thing, want)
            self._show(thing, want, mode)
            self._would_send.pop(thing, None)
            if mode is Mode.WATCH_ONLY and self._differs(thing, want):
                self._would_send[thing] = want.value
            elif mode is Mode.AUTOMATIC and self._due(thing, want):
                facts += self._sending(thing, want)
                commands.append(self._outbox.command(thing, want.value, lasts_s=self._lasts_s.get(thing, LASTS_S)))
        self._hub.put(WOULD_SEND, dict(self._would_send))
        watches = self._watches.values() if everything else map(self._watch, things)
        self._look_ahead(watches, now, mono, far=everything)
        await self._write(facts, commands)

    def _in_question(self, desired: Mapping[str, Desired]) -> list[str]:
        """What was stirred or should be otherwise than at the last look, in the plan's order."""
        before, stirred = self._desired, self._stirred
        return [thing for thing, want in desired.items() if thing in stirred or before.get(thing) is not want]

    async def _look_again_and_again(self) -> None:
        while True:
            self._wake.clear()
            self._hurry.clear()
            began = self._clock.mono()
            await self._look()
            rest_s = max(SHORTEST_REST_S, self._look_at - self._clock.mono())
            woken = await event_or(rest_s, self._wake, self._clock)
            if not woken or self._clock.mono() >= self._look_at:
                self._everything.set()
            elif self._clock.mono() - began < SHORTEST_REST_S:  # what many things say within moments is one look
                await event_or(SHORTEST_REST_S, self._hurry, self._clock)

    async def _look_at_everything(self) -> None:
        """However sure it is of the next change, the clock may have drifted and something may have been forgotten."""
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            self.wake()

    async def _watch_clock(self) -> None:
        """Follow small steps too, so that no edge comes late by one; only a larger one is worth a line."""
        steps = StepWatch(self._clock, limit_s=FOLLOWED_S)
        while True:
            await self._clock.sleep(self._clock_every_s)
            step = steps.look()
            if step is None:
                continue
            if abs(step.by_s) > STEP_LIMIT_S:
                self._keep([Fact(kind=STEPPED, subject="clock", payload={"by_s": round(step.by_s, 3)})])
            self.wake()

    def _look_ahead(self, watches: Iterable[Watch], now: datetime, mono: float, *, far: bool) -> None:
        """When to look at everything again: what these wait for, the ends of overrides, and with `far` the next change
        of the hours. From the moment of this look, not from now: an edge that passes while we look comes next."""
        ends = (mono + (one.until - now).total_seconds() for one in self._overrides.active(now))
        if far:
            edge = min((next_edge(self._plan(), self._overrides.active(now), now), *self._modes.ends(now)))
            self._look_at = mono + (edge - now).total_seconds()
        awaited = (at for watch in watches for at in (watch.retry_at, watch.stopped_until) if at > mono)
        self._look_at = min((self._look_at, *awaited, *ends))

    def _changes(self, thing: str, want: Desired) -> list[Fact]:
        before = self._told.get(thing)
        if before == want.value:
            return []
        self._told[thing] = want.value
        until = stamp(want.until) if want.until else None
        payload: dict[str, Json] = {"value": want.value, "was": before, "rule": want.rule, "until": until}
        return [Fact(kind=CHANGED, subject=thing, payload=payload)]

    def _show(self, thing: str, want: Desired, mode: Mode) -> None:
        state = self._hub.things().get(thing)
        if state is None:
            return
        by_hand = self._watch(thing).stopped_until > self._clock.mono()
        troubles = tuple(one for one in state.troubles if one != BY_HAND) + ((BY_HAND,) if by_hand else ())
        over = {"outcome": None} if state.outcome == Outcome.FAILED.value and state.reported == want.value else {}
        self._hub.update(
            thing, desired=want.value, rule=want.rule, until=want.until, mode=mode.value, troubles=troubles, **over
        )

    def _differs(self, thing: str, want: Desired) -> bool:
        return thing in self._outbox.things and self._is(thing) != want.value

    def _is(self, thing: str) -> str | None:
        state = self._hub.things().get(thing)
        return state.reported if state is not None and state.reported is not None else self._watch(thing).assumed

    def _due(self, thing: str, want: Desired) -> bool:
        """Whether a command must go out now."""
        if thing not in self._outbox.things:
            return False
        watch, emergency = self._watch(thing), want.layer == EMERGENCY
        watch.want(want.value, want.rule, urgent=emergency or want.layer == "override")
        if self._is(thing) == want.value:
            watch.seen_right()
            pending = self._outbox.pending(thing)
            return pending is not None and pending.value != want.value
        pending = self._outbox.pending(thing)
        if pending is not None and pending.value == want.value:
            return False
        if not emergency and (not self._trusted() or self._lost(thing)):
            return False
        return watch.may_send(self._clock.mono())

    def _lost(self, thing: str) -> bool:
        state = self._hub.things().get(thing)
        return state is not None and state.availability == "lost"

    def _sending(self, thing: str, want: Desired) -> list[Fact]:
        watch = self._watch(thing)
        if self._is(thing) == want.value or not watch.sending(self._clock.mono()):
            return []
        self._show_fight(thing)
        return [Fact(kind=FIGHT, subject=thing, payload={"value": want.value, "reported": self._is(thing)})]

    def _show_fight(self, thing: str) -> None:
        log.warning("%s is being changed by hand; left alone for a while", thing)
        state = self._hub.things().get(thing)
        if state is not None and BY_HAND not in state.troubles:
            self._hub.update(thing, troubles=(*state.troubles, BY_HAND))

    async def _expire(self) -> None:
        try:
            await self._overrides.expire()
        except NotDurable:
            log.debug("the end of an override waits for the journal")

    async def _write(self, facts: list[Fact], commands: list[Command]) -> None:
        """One transaction; where the journal fails the commands go out all the same and the facts wait."""
        kept, self._unwritten = self._unwritten, []
        everything = (*kept, *facts, *self._outbox.facts_for(commands))
        if not everything:
            return
        try:
            await self._journal.record(*everything)
        except NotDurable:
            self._outbox.send_now(*commands)
            self._keep([*kept, *facts])

    def _keep(self, facts: list[Fact]) -> None:
        self._unwritten = [*self._unwritten, *facts][-KEPT_FACTS:]

    def _watch(self, thing: str) -> Watch:
        return self._watches.setdefault(thing, Watch())
