"""Commands on their way and the reconciler that puts them there, on a clock that moves when told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from devices.errors import LinkLost, Refused
from devices.reports import Availability, Command, Outcome, Reported
from lobby.core.clock import VirtualClock
from lobby.core.hub import Hub
from lobby.core.journal import MEMORY, Fact, Journal
from lobby.day.desired import Emergency
from lobby.day.fights import CORRECTIONS
from lobby.day.modes import MODES, Mode, Modes
from lobby.day.outbox import COMMANDS, Outbox
from lobby.day.overrides import OVERRIDES, Overrides
from lobby.day.reconciler import DESIRED, Reconciler
from lobby.day.reports import Reports
from tests.eventually import eventually
from tests.lobby.day.place import plan, seoul
from tests.running import run

TEN = seoul("2026-11-24 10:00")
SIGN = "desk-sign"
TABLE = plan()
ALARM = Emergency(kind="bell", source="bell-desk", drives={"siren": "on"})


@dataclass
class Wire:
    """A driver that answers as the test says: an outcome, or an error until the list is empty."""

    outcome: Outcome = Outcome.ACCEPTED
    errors: list[Exception] = field(default_factory=list)
    sent: list[Command] = field(default_factory=list)
    things: tuple[str, ...] = (SIGN, "siren")

    async def run(self) -> None:
        """Nothing to keep."""

    async def send(self, command: Command) -> Outcome:
        """Note it and answer."""
        self.sent.append(command)
        if self.errors:
            raise self.errors.pop(0)
        return self.outcome

    @property
    def values(self) -> list[tuple[str, str]]:
        """What was sent to what."""
        return [(command.thing, command.value) for command in self.sent]


class Lingering(list[Emergency]):
    """No emergencies; looking them through takes a while, once."""

    def __init__(self, clock: VirtualClock, takes_s: float) -> None:
        super().__init__()
        self._clock, self._takes_s = clock, takes_s

    def __iter__(self) -> Iterator[Emergency]:
        self._clock.pass_by(self._takes_s)
        self._takes_s = 0.0
        return super().__iter__()


class Scene:
    """The day's parts around one wire."""

    def __init__(self, journal: Journal, clock: VirtualClock, wire: Wire) -> None:
        self.journal, self.clock, self.wire = journal, clock, wire
        self.emergencies: list[Emergency] = []
        self.clock_trusted = True
        self.hub = Hub(clock, dict.fromkeys(TABLE.things, "switch"))
        self.modes = Modes(journal, clock=clock)
        self.overrides = Overrides(journal, clock=clock, plan=lambda: TABLE)
        self.outbox = Outbox(
            journal,
            clock=clock,
            drivers=dict.fromkeys(wire.things, wire),
            jitter=Random(1),
            withheld=lambda thing: (
                None if (mode := self.modes.of(thing, clock.now())) is Mode.AUTOMATIC else mode.value
            ),
        )
        self.reconciler = Reconciler(
            journal,
            clock=clock,
            plan=lambda: TABLE,
            overrides=self.overrides,
            modes=self.modes,
            emergencies=lambda: self.emergencies,
            hub=self.hub,
            outbox=self.outbox,
            trusted=lambda: self.clock_trusted,
        )
        self.reports = Reports(journal, clock=clock, hub=self.hub, outbox=self.outbox, reconciler=self.reconciler)

    def say(self, thing: str, value: str) -> None:
        """The thing reports."""
        self.reports.reported(Reported(thing=thing, value=value))

    async def results(self) -> list[tuple[str, str]]:
        """Outcome and cause of every ended command."""
        ended = await self.journal.entries(kinds=["command.ended"])
        return [(entry.payload["outcome"], entry.payload["cause"]) for entry in ended if entry.payload]

    async def kinds(self) -> list[str]:
        """The kinds of all lines."""
        return [entry.kind for entry in await self.journal.entries()]


@asynccontextmanager
async def scene(wire: Wire, *, whole: bool = True, at: str = "2026-11-24 10:00") -> AsyncIterator[Scene]:
    """The outbox running, and the reconciler too when `whole`."""
    clock = VirtualClock(seoul(at))
    async with Journal.open(MEMORY, clock=clock, projections=(OVERRIDES, MODES, COMMANDS, DESIRED)) as journal:
        day = Scene(journal, clock, wire)
        running = [day.outbox.run(), day.reports.run(), *([day.reconciler.run()] if whole else [])]
        tasks = [asyncio.ensure_future(one) for one in running]
        await clock.settle()
        try:
            yield day
        finally:
            for task in tasks:
                task.cancel()
            for ended in await asyncio.gather(*tasks, return_exceptions=True):
                assert isinstance(ended, asyncio.CancelledError), ended


def test_a_command_that_the_device_proves_is_verified() -> None:
    """Accepted first, verified by the report."""

    async def play() -> None:
        async with scene(Wire(), whole=False) as day:
            await day.outbox.put(day.outbox.command(SIGN, "on"))
            await day.clock.settle()
            assert day.hub.things()[SIGN].outcome == "accepted"
            day.say(SIGN, "on")
            await day.clock.settle()
            assert await day.results() == [("verified", "")]

    run(play())


def test_an_accepted_command_without_proof_ends_as_accepted() -> None:
    """When it expires nobody has seen it."""

    async def play() -> None:
        async with scene(Wire(), whole=False) as day:
            await day.outbox.put(day.outbox.command(SIGN, "on"))
            await day.clock.advance(31)
            assert await day.results() == [("accepted", "")]

    run(play())


def test_a_lost_line_is_retried_and_a_refusal_is_not() -> None:
    """Two losses, then unverified; a refusal fails at once with the device's cause."""

    async def play() -> None:
        wire = Wire(outcome=Outcome.UNVERIFIED, errors=[LinkLost("silent"), LinkLost("silent")])
        async with scene(wire, whole=False) as day:
            await day.outbox.put(day.outbox.command(SIGN, "on"))
            await day.clock.advance(20)
            wire.errors = [Refused("said-no")]
            await day.outbox.put(day.outbox.command(SIGN, "off"))
            await day.clock.settle()
            assert [value for _, value in wire.values] == ["on", "on", "on", "off"]
            assert await day.results() == [("unverified", ""), ("failed", "said-no")]

    run(play())


def test_what_cannot_be_sent_in_time_fails_with_the_last_cause() -> None:
    """Thirty seconds of silence."""

    async def play() -> None:
        async with scene(Wire(errors=[LinkLost("silent")] * 100), whole=False) as day:
            await day.outbox.put(day.outbox.command(SIGN, "on"))
            await day.clock.advance(60)
            assert await day.results() == [("failed", "silent")]

    run(play())


def test_a_newer_command_replaces_the_one_that_waits() -> None:
    """Only the newest value of a thing matters."""

    async def play() -> None:
        wire = Wire(outcome=Outcome.VERIFIED, errors=[LinkLost("silent")])
        async with scene(wire, whole=False) as day:
            await day.outbox.put(day.outbox.command(SIGN, "on"))
            await day.clock.settle()
            await day.outbox.put(day.outbox.command(SIGN, "off"))
            await day.clock.settle()
            assert wire.values[-1] == (SIGN, "off")
            assert ("failed", "superseded") in await day.results()
            assert ("verified", "") in await day.results()

    run(play())


def test_a_newer_command_does_not_wait_for_the_proof_of_the_older() -> None:
    """A siren that has not yet said that it is off is told to be on at once."""

    class Patient(Wire):
        def __init__(self) -> None:
            super().__init__(outcome=Outcome.VERIFIED)
            self.dropped = asyncio.Event()

        async def send(self, command: Command) -> Outcome:
            self.sent.append(command)
            await self.dropped.wait()
            return Outcome.UNVERIFIED

        def replaced(self, thing: str) -> None:
            self.dropped.set()

    async def play() -> None:
        wire = Patient()
        async with scene(wire, whole=False) as day:
            await day.outbox.put(day.outbox.command(SIGN, "off"))
            await day.clock.settle()
            wire.dropped.clear()
            await day.outbox.put(day.outbox.command(SIGN, "on"))
            await day.clock.settle()
            assert wire.values == [(SIGN, "off"), (SIGN, "on")]

    run(play())


def test_facts_carried_by_another_transaction_are_sent_right_after_its_commit() -> None:
    """A press queues the siren with its own fact; no look of the reconciler is needed, no time passes."""

    async def play() -> None:
        async with scene(Wire(), whole=False) as day:
            commands = [day.outbox.command("siren", "on")]
            press = Fact(kind="incident.raised", subject="bell-desk", payload={})
            await day.journal.record(press, *day.outbox.facts_for(commands))
            await day.clock.settle()
            assert day.wire.sent == commands
            day.outbox.send_now(*commands)
            await day.clock.settle()
            assert day.wire.sent == commands

    run(play())


def test_commands_on_their_way_survive_a_restart_unless_expired() -> None:
    """One is sent by the next run, one ends as expired."""

    async def play() -> None:
        async with scene(Wire(), whole=False) as day:
            for task in (SIGN, "siren"):
                late = 5 if task == SIGN else 100
                command = day.outbox.command(task, "on", lasts_s=late)
                again = Outbox(day.journal, clock=day.clock, drivers={}, jitter=Random(1))
                await again.put(command)
            wire = Wire(outcome=Outcome.VERIFIED)
            await day.clock.advance(10)
            next_run = Outbox(day.journal, clock=day.clock, drivers=dict.fromkeys(wire.things, wire), jitter=Random(1))
            await next_run.load()
            working = asyncio.ensure_future(next_run.run())
            await day.clock.settle()
            working.cancel()
            assert wire.values == [("siren", "on")]

    run(play())


def test_the_reconciler_follows_the_plan_and_writes_edges_once() -> None:
    """On at the start, off at nine in the evening, nothing in between once it is as it should be."""

    async def play() -> None:
        async with scene(Wire(outcome=Outcome.VERIFIED), at="2026-11-24 20:40") as day:
            await day.clock.advance(20 * 60 + 1)
            assert [sent for sent in day.wire.values if sent[0] == SIGN] == [(SIGN, "on"), (SIGN, "off")]
            edges = [entry for entry in await day.journal.entries(kinds=["day.changed"]) if entry.subject == SIGN]
            assert [entry.payload["value"] for entry in edges if entry.payload] == ["on", "off"]
            assert edges[1].at == seoul("2026-11-24 21:00")

    run(play())


def test_an_edge_that_passes_during_a_look_is_not_missed() -> None:
    """The look began half a millisecond before nine and ended after it: the sign goes off, not half a minute later."""

    async def play() -> None:
        async with scene(Wire(outcome=Outcome.VERIFIED), at="2026-11-24 20:59") as day:
            day.say(SIGN, "on")
            await day.clock.advance(59.9995)
            day.emergencies = Lingering(day.clock, 0.001)
            day.reconciler.wake()
            await day.clock.settle()
            assert day.hub.things()[SIGN].desired == "on"
            await day.clock.advance(0.1)
            assert day.hub.things()[SIGN].desired == "off"

    run(play())


def test_a_step_of_the_clock_is_noticed_within_a_second() -> None:
    """Set from ten in the morning to ten in the evening: the sign goes off."""

    async def play() -> None:
        async with scene(Wire(outcome=Outcome.VERIFIED)) as day:
            day.say(SIGN, "on")
            await day.clock.advance(5)
            day.clock.step(12 * 3600)
            await day.clock.advance(2)
            assert day.wire.values[-1] == (SIGN, "off")
            await day.clock.advance(31)
            assert "clock.stepped" in await day.kinds()

    run(play())


def test_a_step_too_small_to_tell_delays_no_edge() -> None:
    """Set forward by a second and a half half a minute before nine: the sign goes off at nine, and nothing is told."""

    async def play() -> None:
        async with scene(Wire(outcome=Outcome.VERIFIED), at="2026-11-24 20:59") as day:
            await day.clock.advance(30)
            day.clock.step(1.5)
            await day.clock.advance(28.6)
            assert day.hub.things()[SIGN].desired == "off"
            assert "clock.stepped" not in await day.kinds()

    run(play())


def test_three_corrections_in_ten_minutes_are_enough() -> None:
    """Then the thing is left alone for 15 minutes, and people are told."""

    async def play() -> None:
        async with scene(Wire(outcome=Outcome.ACCEPTED)) as day:
            day.say(SIGN, "on")
            await day.clock.advance(1)
            before = len(day.wire.sent)
            for _ in range(5):
                day.say(SIGN, "off")
                await day.clock.advance(20)
                day.say(SIGN, "on")
                await day.clock.advance(20)
            day.say(SIGN, "off")
            await day.clock.advance(300)
            assert [sent for sent in day.wire.values[before:] if sent[0] == SIGN] == [(SIGN, "on")] * 3
            assert "changed-by-hand" in day.hub.things()[SIGN].troubles
            await day.clock.advance(490)
            assert [sent for sent in day.wire.values[before:] if sent[0] == SIGN] == [(SIGN, "on")] * 4
            assert "day.changed-by-hand" in await day.kinds()

    run(play())


def test_an_emergency_gets_through_at_once_and_to_a_thing_left_alone() -> None:
    """The siren sounds on the next look, and falls silent when the emergency is over."""

    async def play() -> None:
        async with scene(Wire(outcome=Outcome.VERIFIED)) as day:
            day.say("siren", "off")
            day.clock_trusted = False
            day.emergencies.append(ALARM)
            day.reconciler.wake()
            await day.clock.settle()
            assert day.wire.values[-1] == ("siren", "on")

    run(play())


def test_an_incident_that_ends_before_the_next_look_is_no_fight() -> None:
    """Its commands go out with its own transaction; switching off afterwards works every time."""

    async def play() -> None:
        async with scene(Wire(outcome=Outcome.VERIFIED)) as day:
            for _ in range(CORRECTIONS + 1):
                command = day.outbox.command("siren", "on")
                await day.outbox.put(command)
                await eventually(lambda: day.hub.things()["siren"].reported == "on")
                day.reconciler.driven((command,))
                await eventually(lambda: day.hub.things()["siren"].reported == "off")
            assert "day.changed-by-hand" not in await day.kinds()

    run(play())


def test_with_a_clock_not_trusted_things_stay_as_they_are() -> None:
    """Nothing is sent though the sign is off by day."""

    async def play() -> None:
        async with scene(Wire(), whole=False) as day:
            day.clock_trusted = False
            day.say(SIGN, "off")
            await day.reconciler.tick()
            await day.clock.settle()
            assert day.wire.sent == []

    run(play())


def test_watch_only_shows_what_it_would_send_and_hold_shows_nothing() -> None:
    """Neither sends."""

    async def play() -> None:
        async with scene(Wire(), whole=False) as day:
            await day.modes.set(SIGN, Mode.WATCH_ONLY, person="p1", reason="trial")
            until = TEN + timedelta(hours=1)
            await day.modes.set("siren", Mode.HOLD, person="p1", reason="repair", until=until)
            day.say(SIGN, "off")
            day.say("siren", "on")
            await day.reconciler.tick()
            await day.outbox.put(day.outbox.command("siren", "on"))
            await day.clock.settle()
            assert day.hub.documents()["would_send"] == {SIGN: "on"}
            assert day.wire.sent == []
            assert await day.results() == [("failed", "hold")]

    run(play())


def test_a_thing_that_does_not_answer_is_left_until_it_does() -> None:
    """Lost: no commands; found: the command goes out at once."""

    async def play() -> None:
        async with scene(Wire(outcome=Outcome.VERIFIED), whole=False) as day:
            day.reports.availability(SIGN, Availability.LOST, "silent")
            await day.reconciler.tick()
            await day.clock.settle()
            assert (SIGN, "on") not in day.wire.values
            day.reports.availability(SIGN, Availability.OK, "")
            await day.reconciler.tick()
            await day.clock.settle()
            assert (SIGN, "on") in day.wire.values

    run(play())
