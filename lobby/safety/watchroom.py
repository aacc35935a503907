"""The safety part, assembled: bells in, incidents out, everything durable. The runtime opens it and runs it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from devices.reports import Clock
from lobby.core.journal import Journal, NotDurable
from lobby.core.projection import Fact, Projection
from lobby.core.site import Site
from lobby.safety.assurance import Assurance
from lobby.safety.chronicle import INCIDENTS
from lobby.safety.emergency import EmergencyFile
from lobby.safety.incidents import Incident, IncidentMode
from lobby.safety.presses import Presses, always_real
from lobby.safety.register import Incidents, new_id, no_commands
from lobby.safety.supervision import BELL_FLAGS, BELLS_MET, FLAGS_SQL, MET_SQL, Supervision

LOOK_EVERY_S = 1.0

PROJECTIONS: tuple[Projection, ...] = (INCIDENTS, BELL_FLAGS, BELLS_MET)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRoom:
    """What a site has of it; `presses` is the sink of the bells' drivers."""

    incidents: Incidents
    presses: Presses
    supervision: Supervision
    assurance: Assurance
    clock: Clock

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        site: Site,
        *,
        clock: Clock,
        journal: Journal,
        emergency_dir: Path,
        commands_for: Callable[[Incident], tuple[Fact, ...]] = no_commands,
        desk_open: Callable[[], bool] = lambda: True,
        mode_for: Callable[[str], IncidentMode] = always_real,
        told: Callable[[str | None], None] = lambda _: None,
        calm: Callable[[], None] = lambda: None,
        ids: Callable[[], str] = new_id,
    ) -> AsyncIterator[WatchRoom]:
        """Take over what an earlier run left. The journal must have been opened with `PROJECTIONS`.

        `calm` makes whatever can wait stand still for a moment; it is called at every press before anything else.
        """
        with EmergencyFile(emergency_dir) as emergency:
            assurance = Assurance(journal, emergency, told=told)
            incidents = Incidents(site, clock=clock, assurance=assurance, commands_for=commands_for, ids=ids)
            await incidents.load(journal, emergency)
            met = await _met(journal)
            supervision = Supervision(
                site.bells(), clock=clock, note=assurance.note, desk_open=desk_open, provisioned=met
            )
            await _resume_flags(supervision, journal)
            presses = Presses(
                incidents, assurance=assurance, supervision=supervision, clock=clock, mode_for=mode_for, calm=calm
            )
            try:
                yield cls(
                    incidents=incidents, presses=presses, supervision=supervision, assurance=assurance, clock=clock
                )
            finally:
                await presses.flush()
                await assurance.flush()

    async def run(self) -> None:
        """Timers, counts, notes and the watch; ends only by cancellation."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.incidents.run(), name="incidents: timers")
            tasks.create_task(self.presses.run(), name="presses: counts")
            tasks.create_task(self.assurance.run(self.clock.sleep), name="assurance: notes and owed moves")
            tasks.create_task(self._look(), name="supervision: deadlines")

    async def _look(self) -> None:
        while True:
            self.supervision.tick()
            self.presses.tick()
            await self.clock.sleep(LOOK_EVERY_S)


async def _met(journal: Journal) -> frozenset[str] | None:
    """The bells that were heard in an earlier run; None where nobody can say."""
    try:
        return frozenset(row["bell"] for row in await journal.read(MET_SQL))
    except NotDurable as failure:
        log.error("which bells were heard before cannot be read: %s", failure.cause)
        return None


async def _resume_flags(supervision: Supervision, journal: Journal) -> None:
    try:
        supervision.resume(await journal.read(FLAGS_SQL))
    except NotDurable as failure:
        log.error("the flags of bells cannot be read: %s", failure.cause)
