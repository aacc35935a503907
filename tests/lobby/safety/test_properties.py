"""The properties that hold for every sequence of presses, acts, timers, clock steps, failing disks and crashes."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lobby.core.problem import Refusal
from lobby.core.projection import Entry, Fact
from lobby.safety import chronicle
from lobby.safety.chronicle import Chronicle, Key
from lobby.safety.emergency import EmergencyFile
from lobby.safety.incidents import CALLING, MOVES, OPEN, IncidentMode, IncidentState
from tests.lobby.safety.rooms import clock, opened, press, reopened

T = TypeVar("T")

BELLS = st.sampled_from(["loud", "wired", "stray-1", "stray-2"])
IDS = st.one_of(st.none(), st.sampled_from([f"p{n}" for n in range(12)]), st.text(max_size=3))
BY_PEOPLE = frozenset({"incident.acknowledged"})
TO_REAL = frozenset({"incident.made-real"})


class Gone:
    """A second path that is not there."""

    async def append(self, _: object) -> None:
        """Fails."""
        raise OSError("no such disk")


class Lobby(RuleBasedStateMachine):
    """One site over many starts."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.clock = clock()
        self.accepted: set[tuple[str, str]] = set()
        self.flooded: set[tuple[str, str]] = set()
        self.phases: dict[tuple[str, IncidentState, Any], float] = {}
        self.window = IncidentMode.REAL
        self.room, self.disk = self.do(
            self.stack.enter_async_context(opened(self.folder, self.clock, mode_for=lambda _: self.window))
        )
        self.second = self.room.assurance._second

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def teardown(self) -> None:
        self.disk.state = "ok"
        self.do(self.stack.aclose())
        self.runner.close()
        shutil.rmtree(self.folder)

    @rule(bell=BELLS, name=IDS, late_days=st.sampled_from([None, 0, 3, 40, -40]))
    def presses(self, bell: str, name: str | None, late_days: int | None) -> None:
        """A bell is pressed, or repeats itself."""
        said_at = None if late_days is None else self.clock.now() - timedelta(days=late_days)
        counted = self._would_be_counted(bell)
        if self.do(self.room.presses.pressed(press(bell, name, said_at=said_at))) and (name or "").strip():
            key = (bell, str(name).encode("utf-8", "backslashreplace").decode())
            (self.flooded if counted and key not in self.accepted else self.accepted).add(key)

    @rule(amount=st.integers(2, 8), bell=BELLS)
    def presses_at_once(self, amount: int, bell: str) -> None:
        """Several come together."""

        async def work() -> None:
            await asyncio.gather(*(self.room.presses.pressed(press(bell)) for _ in range(amount)))

        self.do(work())

    @precondition(lambda self: self.room.incidents.open())
    @rule(data=st.data(), act=st.sampled_from(["acknowledge", "arrive", "end", "remote", "close", "make_real"]))
    def somebody_acts(self, data: st.DataObject, act: str) -> None:
        """A supervisor does something, fitting or not."""
        incident = data.draw(st.sampled_from(self.room.incidents.open()))
        who = {"person": data.draw(st.sampled_from(["kim", "lee"])), "role": "supervisor"}
        try:
            self.do(self._act(act, incident.id, who))
        except Refusal:
            return

    @rule(seconds=st.sampled_from([0.5, 1, 19, 21, 46, 91, 901]))
    def time_passes(self, seconds: float) -> None:
        """Timers and counts run."""
        self.do(self.clock.advance(seconds))
        self.do(self.room.presses.flush())
        self.do(self.room.incidents.tick())

    @rule(seconds=st.sampled_from([-86_400, -5, 5, 86_400]))
    def clock_steps(self, seconds: float) -> None:
        """The wall clock is set."""
        self.clock.step(seconds)

    @rule(state=st.sampled_from(["ok", "slow", "full"]))
    def disk_becomes(self, state: str) -> None:
        """The journal's disk fails or heals."""
        self.disk.state = state

    @rule(fails=st.booleans())
    def second_path_becomes(self, fails: bool) -> None:
        """The emergency file fails or heals."""
        self.room.assurance._second = Gone() if fails else self.second

    @rule(mode=st.sampled_from(IncidentMode))
    def window_opens(self, mode: IncidentMode) -> None:
        """A drill or test window opens or ends."""
        self.window = mode

    @rule(lands=st.booleans())
    def is_killed_and_starts_again(self, lands: bool) -> None:
        """Memory is gone; what was slow came through before, or never."""
        if not lands:
            self.disk.late.clear()
        self.disk.state = "ok"
        self.do(self.disk.land())
        started = reopened(self.disk, self.folder, self.clock, mode_for=lambda _: self.window)
        self.room = self.do(self.stack.enter_async_context(started))
        self.second = self.room.assurance._second
        self.phases.clear()
        assert not self.room.assurance.owed

    @invariant()
    def every_accepted_press_is_in_exactly_one_incident(self) -> None:
        """Property 1, over journal and emergency file together; each move of an incident counts once."""
        where = Counter(
            pair for kind, _, payload in self._durable() if kind in MOVES for pair in chronicle.press_ids(payload)
        )
        assert all(where[key] == 1 for key in self.accepted), where

    @invariant()
    def only_people_leave_a_real_call(self) -> None:
        """Properties 2 and 4: and a mode changes only to REAL."""
        fold = Chronicle()
        for kind, subject, payload in self._durable():
            before = fold.incidents.get(subject)
            fold.fold(kind, subject, payload)
            after = fold.incidents.get(subject)
            if before is None or after is None:
                continue
            if before.mode is IncidentMode.REAL and before.state in CALLING and after.state not in CALLING:
                assert kind in BY_PEOPLE
                assert payload["person"]
            assert after.mode is before.mode or kind in TO_REAL

    @invariant()
    def light_is_on_until_the_end(self) -> None:
        """Property 3."""
        lit = {source for source, things in self.room.incidents.emergencies() if "beacon" in things}
        assert lit == {incident.id for incident in self.room.incidents.open() if incident.state in OPEN}

    @invariant()
    def time_in_phase_never_runs_backwards(self) -> None:
        """Property 7."""
        for incident in self.room.incidents.open():
            phase = (incident.id, incident.state, incident.since)
            now = self.room.incidents.in_phase_s(incident.id)
            assert now >= self.phases.get(phase, 0.0)
            self.phases[phase] = now

    @invariant()
    def replaying_gives_the_same_state(self) -> None:
        """Property 8: fold, tables and, where nothing is owed, memory agree."""
        entries = self.do(self.disk.journal.entries(limit=100_000))
        folded = chronicle.replayed(entries).incidents
        rows = self.do(self.disk.journal.read(chronicle.OPEN_SQL))
        open_ones = {name: i for name, i in folded.items() if i.state is not IncidentState.CLOSED}
        assert len(rows) == len(open_ones)
        if not self.room.assurance.owed:
            assert {incident.id: incident for incident in self.room.incidents.open()} == open_ones

    def _would_be_counted(self, bell: str) -> bool:
        incident = self.room.incidents.of_bell(bell if self.room.incidents.knows(bell) else "unknown-bells")
        return incident is not None and incident.presses >= 3 and incident.state is not IncidentState.ACKNOWLEDGED

    def _act(self, act: str, incident: str, who: dict[str, str]) -> Coroutine[Any, Any, object]:
        desk: Any = self.room.incidents
        how: dict[str, dict[str, str]] = {
            "arrive": {"code": "4711"},
            "remote": {"way": "remote", "spoke_to": "park"},
            "close": {"classification": "real"},
        }
        work: Coroutine[Any, Any, object] = getattr(desk, "end" if act == "remote" else act)(
            incident, **who, **how.get(act, {})
        )
        return work

    def _durable(self) -> Sequence[tuple[str, str, Any]]:
        entries = self.do(self.disk.journal.entries(limit=100_000))
        queued = [fact for facts in self.disk.late for fact in facts]
        lines: list[Fact | Entry] = [*entries, *EmergencyFile(self.folder).read(), *queued]
        told: dict[Key, tuple[str, str, Any]] = {}
        for line in lines:
            key = chronicle.key_of(line.kind, line.subject, line.payload)
            if key is not None:
                told.setdefault(key, (line.kind, line.subject, line.payload))
        return [told[key] for key in sorted(told)]


Lobby.TestCase.settings = settings(
    max_examples=int(os.environ.get("SAFETY_EXAMPLES", "40")), stateful_step_count=25, deadline=None
)
TestLobby = Lobby.TestCase
