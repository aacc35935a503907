"""The register of incidents: those not closed, in memory and durable; what people do with them; what time does to them.

A move is decided at once in memory, so that nothing that comes meanwhile is judged by an older state; then it becomes
durable; then it is shown. What cannot become durable is shown all the same.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from devices.reports import Clock
from lobby.core.journal import NotDurable
from lobby.core.problem import Refusal
from lobby.core.projection import Fact
from lobby.core.site import Site
from lobby.safety import chronicle, timers
from lobby.safety.acts import Act, demand, may
from lobby.safety.assurance import Assurance
from lobby.safety.chronicle import IDS_KEPT, Key, PressKey
from lobby.safety.effects import drives
from lobby.safety.emergency import EmergencyFile
from lobby.safety.incidents import Classification, IllegalMove, Incident, IncidentMode, IncidentState, Press

LOOK_EVERY_S = 1.0

# An escalation goes on in the phase of its raising.
_PHASE = {state: IncidentState.RAISED if state is IncidentState.ESCALATED else state for state in IncidentState}

log = logging.getLogger(__name__)

Changed = Callable[[Incident], None]


class Reads(Protocol):
    """What is needed of the journal at the start."""

    async def read(self, sql: str, parameters: Sequence[object] | dict[str, object] = ()) -> list[sqlite3.Row]:
        """Rows of a query. Raises NotDurable."""


def no_commands(_: Incident) -> tuple[Fact, ...]:
    """Where nothing is driven."""
    return ()


def new_id() -> str:
    """An id that nobody else gives."""
    return uuid.uuid4().hex


class Incidents:
    """Everything that is not closed. `commands_for` gives the facts that go into the transaction of a raising."""

    def __init__(
        self,
        site: Site,
        *,
        clock: Clock,
        assurance: Assurance,
        commands_for: Callable[[Incident], tuple[Fact, ...]] = no_commands,
        ids: Callable[[], str] = new_id,
    ) -> None:
        self._site = site
        self._bells = site.bells()
        self._clock = clock
        self._assurance = assurance
        self._commands_for = commands_for
        self._ids = ids
        self._incidents: dict[str, Incident] = {}
        self._by_bell: dict[str, str] = {}
        self._phase_began: dict[str, float] = {}
        self._known: dict[PressKey, Key] = {}
        self._callbacks: list[Changed] = []
        self._something = asyncio.Event()

    def open(self) -> tuple[Incident, ...]:
        """All that are not closed, oldest first."""
        return tuple(self._incidents.values())

    def of_bell(self, bell: str) -> Incident | None:
        """The incident of that bell (or gateway) that has not ended."""
        return self._incidents.get(self._by_bell.get(bell, ""))

    def knows(self, bell: str) -> bool:
        """Whether the site file has that bell."""
        return bell in self._bells

    def emergencies(self) -> tuple[tuple[str, Mapping[str, str]], ...]:
        """Source and what it drives, for every incident that drives something."""
        return tuple(drives(self._incidents.values(), self._bells).items())

    def in_phase_s(self, incident_id: str) -> float:
        """Seconds in the present phase by the monotonic clock; never runs backwards."""
        return self._clock.mono() - self._phase_began[incident_id]

    def on_change(self, callback: Changed) -> None:
        """Call it with the incident after each move, once durable or given up; it must be quick."""
        self._callbacks.append(callback)

    def taken_in(self, press: PressKey) -> Key | None:
        """The move that took that press id in."""
        return self._known.get(press)

    def remember(self, press: PressKey, key: Key) -> None:
        """That press id is answered by that move; the oldest ids are forgotten."""
        self._known.setdefault(press, key)
        if len(self._known) > IDS_KEPT:
            del self._known[next(iter(self._known))]

    async def load(self, journal: Reads, emergency: EmergencyFile) -> None:
        """After a start: the journal's tables, then what the emergency file has beyond them."""
        try:
            saved = emergency.read()
        except OSError as failure:
            log.error("the emergency file cannot be read and is left as it is: %s", failure)
            saved = None
        late = chronicle.each_once(await self._beyond_the_tables(journal, saved or []))
        for fact in late:
            self._fold_late(fact)
        for incident in self.open():
            self._index(incident)
        self._assurance.owe(late)
        await self._assurance.settle()
        if saved and not self._assurance.owed:
            emergency.remove()

    async def begin(self, bell: str, *, mode: IncidentMode, press: Press | None, person: str | None = None) -> bool:
        """A new incident, in one transaction with the first commands; True when durable."""
        details = {"bell": bell, "mode": mode, "press": press, "person": person, "at": self._clock.now()}
        return await self.move(self._ids(), "incident.raised", **details)

    async def move(self, incident_id: str, kind: str, **details: Any) -> bool:
        """Make one move: decided now, then durable (True) or not, then shown either way. Raises IllegalMove."""
        return await self._commit(*self._decide(incident_id, kind, details))

    async def raise_by_hand(self, bell: str, *, person: str, role: str) -> None:
        """A person raises a bell's incident from a console."""
        demand(role, Act.RAISE)
        if not self.knows(bell):
            raise Refusal("bell.unknown", status=404, bell=bell)
        if (incident := self.of_bell(bell)) is None:
            await self.begin(bell, mode=IncidentMode.REAL, press=None, person=person)
            return
        now = self._clock.now()
        press = Press(id=None, received_at=now, pressed_at=now)
        await self._act(incident.id, "incident.pressed", press=press, bell=bell, mode=incident.mode, person=person)

    async def acknowledge(self, incident_id: str, *, person: str, role: str, responder: str | None = None) -> Incident:
        """`person` goes, or sends `responder`. Raises Refusal."""
        demand(role, Act.ACKNOWLEDGE)
        if role == "desk" and self._of(incident_id).raised_by == person:
            raise Refusal("bell.own-press", status=403)
        return await self._act(
            incident_id, "incident.acknowledged", person=person, role=role, responder=responder or person
        )

    async def arrive(
        self, incident_id: str, *, person: str, role: str, way: str = "code", code: str = "", by: str | None = None
    ) -> Incident:
        """Somebody is at the place: with its code, by a key at the bell (`input`), or told by radio (`relay`, `by`)."""
        demand(role, Act.RELAY if way == "relay" else Act.ARRIVE)
        if way == "code" and code != self._code_of(self._of(incident_id).bell):
            raise Refusal("bell.wrong-code", status=403)
        if way == "relay" and not by:
            raise Refusal("bell.by-whom", status=422)
        if self._of(incident_id).calling:
            await self.acknowledge(incident_id, person=person, role=role, responder=by)
        return await self._act(incident_id, "incident.arrived", person=person, role=role, way=way, by=by or person)

    async def end(
        self, incident_id: str, *, person: str, role: str, way: str = "place", spoke_to: str = ""
    ) -> Incident:
        """Over: at the place, or `remote`, where the first call proposes and a second person's ends."""
        if way != "remote":
            demand(role, Act.END)
            return await self._act(incident_id, "incident.ended", person=person, role=role, way="place")
        alone = self._site.site.one_person and may(role, Act.PROPOSE_END)
        proposer = self._of(incident_id).end_proposed_by
        if proposer is None:
            demand(role, Act.PROPOSE_END)
            return await self._propose_end(incident_id, person=person, role=role, spoke_to=spoke_to)
        if not alone:
            demand(role, Act.END_REMOTELY)
        if proposer == person and not alone:
            raise Refusal("bell.second-person", status=403)
        return await self._act(incident_id, "incident.ended", person=person, role=role, way="remote")

    async def propose_false(self, incident_id: str, *, person: str, role: str) -> Incident:
        """Somebody thinks it was pressed by mistake. Raises Refusal."""
        demand(role, Act.PROPOSE_FALSE)
        return await self._act(incident_id, "incident.false-proposed", person=person, role=role)

    async def make_real(self, incident_id: str, *, person: str, role: str) -> Incident:
        """The drill or test is no drill. Raises Refusal."""
        demand(role, Act.MAKE_REAL)
        return await self._act(incident_id, "incident.made-real", person=person, role=role)

    async def close(self, incident_id: str, *, person: str, role: str, classification: str, note: str = "") -> Incident:
        """What it was. Raises Refusal."""
        demand(role, Act.CLOSE)
        if classification not in {known.value for known in Classification}:
            raise Refusal("bell.no-such-class", status=422, classification=classification)
        words = {"classification": classification, "note": note}
        return await self._act(incident_id, "incident.closed", person=person, role=role, **words)

    async def tick(self) -> None:
        """Make the moves that are due now."""
        for incident in self.open():
            kind = timers.due(incident, self.in_phase_s(incident.id), self._site.escalation)
            if kind is not None:
                await self.move(incident.id, kind, at=self._clock.now())

    async def run(self) -> None:
        """Let time do its part; ends only by cancellation."""
        while True:
            await self._something.wait()
            await self.tick()
            await self._clock.sleep(self._pause_s())

    async def _propose_end(self, incident_id: str, *, person: str, role: str, spoke_to: str) -> Incident:
        if not spoke_to:
            raise Refusal("bell.spoke-to", status=422)
        return await self._act(incident_id, "incident.end-proposed", person=person, role=role, spoke_to=spoke_to)

    async def _act(self, incident_id: str, kind: str, **details: Any) -> Incident:
        before = self._of(incident_id)
        try:
            after, facts = self._decide(incident_id, kind, {"at": self._clock.now(), **details})
        except IllegalMove as refused:
            raise Refusal("bell.not-now", state=before.state.value, act=kind.partition(".")[2]) from refused
        await self._commit(after, facts)
        return self._incidents.get(incident_id, after)

    def _decide(self, incident_id: str, kind: str, details: dict[str, Any]) -> tuple[Incident, tuple[Fact, ...]]:
        before = self._incidents.get(incident_id)
        fact = chronicle.fact(incident_id, 1 if before is None else before.step + 1, kind, **details)
        after = chronicle.moved(before, kind, incident_id, fact.payload)
        self._keep(before, after, fact)
        begins = after.state is IncidentState.RAISED and (before is None or not before.calling)
        return after, (fact, *(self._first_commands(after) if begins else ()))

    def _first_commands(self, incident: Incident) -> tuple[Fact, ...]:
        try:
            return self._commands_for(incident)
        except Exception:  # whatever is wrong with a siren must not keep the press from being recorded
            log.exception("no first commands for incident %s", incident.id)
            return ()

    async def _commit(self, after: Incident, facts: tuple[Fact, ...]) -> bool:
        try:
            return await self._assurance.record(*facts)
        finally:
            self._show(after)

    def _of(self, incident_id: str) -> Incident:
        if incident_id not in self._incidents:
            raise Refusal("bell.no-incident", status=404)
        return self._incidents[incident_id]

    def _code_of(self, bell: str) -> str | None:
        return self._site.places[self._bells[bell].place].code if bell in self._bells else None

    def _keep(self, before: Incident | None, after: Incident, fact: Fact) -> None:
        if before is None or after.since != before.since or _PHASE[after.state] != _PHASE[before.state]:
            self._phase_began[after.id] = self._clock.mono()
        self._incidents[after.id] = after
        self._index(after)
        for press in chronicle.press_ids(fact.payload):
            self.remember(press, (after.id, after.step))

    def _index(self, incident: Incident) -> None:
        if incident.open:
            self._by_bell[incident.bell] = incident.id
        elif self._by_bell.get(incident.bell) == incident.id:
            del self._by_bell[incident.bell]
        if incident.state is IncidentState.CLOSED:
            self._incidents.pop(incident.id)
            self._phase_began.pop(incident.id, None)
        if any(other.open for other in self._incidents.values()):
            self._something.set()
        else:
            self._something.clear()

    def _show(self, after: Incident) -> None:
        incident = self._incidents.get(after.id, after)
        for callback in self._callbacks:
            try:
                callback(incident)
            except Exception:  # one listener's mistake must not hide an incident from the others
                log.exception("a listener failed on incident %s", incident.id)

    def _pause_s(self) -> float:
        remaining = [
            due - self.in_phase_s(incident.id)
            for incident in self.open()
            if (due := timers.due_after_s(incident, self._site.escalation)) is not None
        ]
        return max(0.0, min([LOOK_EVERY_S, *remaining]))

    def _read_rows(self, documents: list[sqlite3.Row], presses: list[sqlite3.Row]) -> None:
        for (document,) in documents:
            self._resume(chronicle.from_json(json.loads(document)))
        for bell, press, incident, step in presses:
            self.remember((bell, press), (incident, step))

    def _resume(self, incident: Incident) -> None:
        age_s = max(0.0, (self._clock.now() - incident.since).total_seconds())
        self._incidents[incident.id] = incident
        self._phase_began[incident.id] = self._clock.mono() - age_s
        self._index(incident)

    async def _beyond_the_tables(self, journal: Reads, saved: list[Fact]) -> list[Fact]:
        try:
            self._read_rows(await journal.read(chronicle.OPEN_SQL), await journal.read(chronicle.IDS_SQL))
            return [fact for fact in saved if await self._is_new(journal, fact)]
        except NotDurable as failure:
            log.error("the journal cannot be read (%s): incidents come from the emergency file alone", failure.cause)
            return saved

    async def _is_new(self, journal: Reads, fact: Fact) -> bool:
        key = chronicle.key_of(fact.kind, fact.subject, fact.payload)
        if key is None or await journal.read(chronicle.STEPS_SQL, key):
            return False
        for (document,) in await journal.read(chronicle.ONE_SQL, (fact.subject,)):
            self._incidents.setdefault(fact.subject, chronicle.from_json(json.loads(document)))
        return True

    def _fold_late(self, fact: Fact) -> None:
        for press in chronicle.press_ids(fact.payload):
            self.remember(press, (fact.subject, int(str(fact.payload["step"]))))
        try:
            after = chronicle.moved(self._incidents.get(fact.subject), fact.kind, fact.subject, fact.payload)
        except (IllegalMove, TypeError) as reason:  # as the tables do: what is impossible changes nothing
            log.warning("move %s of incident %s is not possible: %s", fact.kind, fact.subject, reason)
            return
        self._resume(after)
