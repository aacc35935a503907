"""Presses: what comes off the wire becomes an incident, is counted into one, or is known already.

Nothing is ever refused: not for its age, its clock, a full disk or a flood. Recording may be aggregated.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from devices.reports import BellHeard, BellPressed, Clock
from lobby.safety.assurance import Assurance
from lobby.safety.incidents import IllegalMove, Incident, IncidentMode, IncidentState, Press
from lobby.safety.register import Incidents
from lobby.safety.supervision import Flag, Supervision

ONE_BY_ONE = 3
COUNT_EVERY_S = 1.0
IDS_A_SECOND = 100
WAITING_A_BELL = 100
BELIEVED = timedelta(days=30)
SAME_MESSAGE = timedelta(milliseconds=100)
CHATTER_PRESSES = 3
CHATTER_S = 60.0
NO_GATEWAY = "unknown-bells"
LONGEST_ID = 200

log = logging.getLogger(__name__)


def always_real(_: str) -> IncidentMode:
    """Where no drill or test window is open."""
    return IncidentMode.REAL


@dataclass(slots=True)
class _Tally:
    """Presses of one incident counted since they were last written."""

    written: float
    count: int = 0
    more: int = 0
    ids: list[tuple[str, str]] = field(default_factory=list)
    strangers: dict[str, None] = field(default_factory=dict)

    def add(self, source: str, press: Press) -> None:
        self.count += 1
        if press.id is not None and len(self.ids) < IDS_A_SECOND:
            self.ids.append((source, press.id))
        if press.stranger is None or press.stranger in self.strangers:
            return
        if len(self.strangers) < IDS_A_SECOND:
            self.strangers[press.stranger] = None
        else:
            self.more += 1


class Presses:
    """The sink of every bell; `pressed` answers True when the press may be acknowledged and assured."""

    def __init__(
        self,
        incidents: Incidents,
        *,
        assurance: Assurance,
        supervision: Supervision,
        clock: Clock,
        mode_for: Callable[[str], IncidentMode] = always_real,
        calm: Callable[[], None] = lambda: None,
    ) -> None:
        self._incidents = incidents
        self._assurance = assurance
        self._supervision = supervision
        self._clock = clock
        self._mode_for = mode_for
        self._calm = calm
        self._tallies: dict[str, _Tally] = {}
        self._waiting: Counter[str] = Counter()
        self._recent: dict[str, deque[float]] = {}
        self._counting = asyncio.Event()

    async def pressed(self, press: BellPressed) -> bool:
        """True when durable, or counted into an incident that is; False: do not acknowledge, do not assure."""
        self._calm()
        if press.retained:
            self.trouble(press.bell, "retained-press")
            return True  # recorded as trouble; the driver acknowledges it and assures nothing
        name = _name(press.press_id)
        known = None if name is None else self._incidents.taken_in((press.bell, name))
        if known is not None:
            return await self._assurance.durable(known)
        try:
            gateway = str(press.detail.get("gateway") or NO_GATEWAY)
            durable = await self._take(press.bell, self._judge(press, name), gateway)
            await _let_people_know()
            return durable
        finally:  # what it says of the bell itself can wait until it is raised
            self._supervision.flag(press.bell, Flag.FAULT, on=False)
            self._notice_chatter(press.bell)

    def heard(self, heard: BellHeard) -> None:
        """A bell is alive."""
        self._supervision.heard(heard)

    def lost(self, bell: str, path: str, cause: str) -> None:
        """The path to a bell is broken."""
        self._supervision.lost(bell, path, cause)

    def trouble(self, bell: str, cause: str) -> None:
        """Something comes in the bell's name that is no word of it."""
        self._supervision.flag(bell, Flag.FAULT, on=True, cause=cause)

    async def flush(self) -> None:
        """Write what has been counted."""
        for incident_id in [name for name, tally in self._tallies.items() if tally.count]:
            await self._write_tally(incident_id)
        self._counting.clear()
        self._forget_old()

    def tick(self) -> None:
        """A bell that has been quiet for long enough chatters no more."""
        for bell in [bell for bell, recent in self._recent.items() if self._clock.mono() - recent[-1] > CHATTER_S]:
            del self._recent[bell]
            self._supervision.flag(bell, Flag.CHATTER, on=False)

    async def run(self) -> None:
        """Write counts once a second while there are any; ends only by cancellation."""
        while True:
            await self._counting.wait()
            await self._clock.sleep(COUNT_EVERY_S)
            await self.flush()

    def _judge(self, press: BellPressed, name: str | None) -> Press:
        now = self._clock.now()
        stranger = None if self._incidents.knows(press.bell) else press.bell[:LONGEST_ID]
        said_at = _believed(press.said_at, now)
        if said_at is None:
            contact = self._supervision.contact(press.bell, before=now - SAME_MESSAGE)
            return Press(id=name, received_at=now, pressed_after=contact, stranger=stranger)
        return Press(id=name, received_at=now, pressed_at=said_at, late_s=_late_s(said_at, now), stranger=stranger)

    async def _take(self, bell: str, press: Press, gateway: str) -> bool:
        source = bell if press.stranger is None else gateway
        incident = self._incidents.of_bell(source)
        mode = self._mode(source) if incident is None else incident.mode
        if incident is None:
            return await self._incidents.begin(source, mode=mode, press=press)
        if incident.presses < ONE_BY_ONE or incident.state is IncidentState.ACKNOWLEDGED:
            told = {"press": press, "bell": source, "mode": mode, "at": press.received_at}
            return await self._incidents.move(incident.id, "incident.pressed", **told)
        return await self._count(bell, incident, press)

    def _mode(self, source: str) -> IncidentMode:
        try:
            return self._mode_for(source)
        except Exception:  # whatever is wrong with a drill must not keep a press from being raised
            log.exception("no mode for a press of %s: taken as real", source)
            return IncidentMode.REAL

    async def _count(self, bell: str, incident: Incident, press: Press) -> bool:
        tally = self._tallies.setdefault(incident.id, _Tally(written=float("-inf")))
        tally.add(bell, press)
        if press.id is not None:
            self._incidents.remember((bell, press.id), (incident.id, 1))
        if self._clock.mono() - tally.written >= COUNT_EVERY_S:
            return await self._write_tally(incident.id)
        self._counting.set()
        return await self._durable(incident.id)

    async def _durable(self, incident_id: str) -> bool:
        if self._waiting[incident_id] >= WAITING_A_BELL:
            return False
        self._waiting[incident_id] += 1
        try:
            return await self._assurance.durable((incident_id, 1))
        finally:
            self._waiting[incident_id] -= 1

    async def _write_tally(self, incident_id: str) -> bool:
        tally = self._tallies[incident_id]
        self._tallies[incident_id] = _Tally(written=self._clock.mono())
        told = {"count": tally.count, "more": tally.more, "ids": tuple(tally.ids), "strangers": tuple(tally.strangers)}
        try:
            return await self._incidents.move(incident_id, "incident.counted", at=self._clock.now(), **told)
        except (IllegalMove, TypeError):  # closed within the last second: the count has nowhere to go
            return True

    def _forget_old(self) -> None:
        live = {incident.id for incident in self._incidents.open()}
        self._tallies = {name: tally for name, tally in self._tallies.items() if name in live}
        self._waiting = +self._waiting

    def _notice_chatter(self, bell: str) -> None:
        if not self._incidents.knows(bell):
            return
        recent = self._recent.setdefault(bell, deque(maxlen=CHATTER_PRESSES))
        recent.append(self._clock.mono())
        if len(recent) == CHATTER_PRESSES and recent[-1] - recent[0] <= CHATTER_S:
            self._supervision.flag(bell, Flag.CHATTER, on=True)


async def _let_people_know() -> None:
    """Before the bell is answered, the consoles' lines are written (one turn of the loop) and sent (at its end)."""
    for _ in range(2):
        await asyncio.sleep(0)


def _believed(said_at: datetime | None, now: datetime) -> datetime | None:
    """The bell's own time; None without one, without an offset, or too far from ours."""
    if said_at is None or said_at.tzinfo is None:
        return None
    return said_at if abs(said_at - now) <= BELIEVED else None


def _late_s(said_at: datetime, now: datetime) -> float:
    return max(0.0, round((now - said_at).total_seconds(), 3))


def _name(press_id: str | None) -> str | None:
    """The id as the journal keeps it; an empty one is none, since a bell that always says it would ring only once."""
    if press_id is None or not press_id.strip():
        return None
    clean = press_id.encode("utf-8", "backslashreplace")
    return clean.decode("utf-8") if len(clean) <= LONGEST_ID else hashlib.sha256(clean).hexdigest()
