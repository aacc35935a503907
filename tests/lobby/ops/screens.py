"""Every screen of the sample hall on a clock that moves when told: real drivers and simulated displays, no wires."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from devices.link import LinkOpener
from devices.reports import BellHeard, BellPressed
from devices.simulated.displays import MdcTwin, SimulatedDisplay
from devices.simulated.surroundings import SURROUNDINGS, Surroundings
from lobby.core import site as sites
from lobby.core.clock import VirtualClock
from lobby.core.journal import MEMORY, Journal
from lobby.core.site import Display, Site
from lobby.core.sitefile import read
from lobby.ops.day import PROJECTIONS, Day
from lobby.ops.hardware import build_hardware
from lobby.ops.ports import Ports
from tests.devices.memory import to_memory

SEOUL = Path(__file__).parents[3] / "lobby" / "sites" / "seoul-city-hall.toml"
ROUNDS = 300


class PatientClock(VirtualClock):
    """Lets a whole round of questions to a chain happen within one moment."""

    async def settle(self) -> None:
        """As long as anybody here has something to say."""
        for _ in range(ROUNDS):
            await asyncio.sleep(0)


class NoBells:
    """Nobody presses here."""

    async def pressed(self, press: BellPressed) -> bool:
        """Never."""
        return bool(press)

    def heard(self, heard: BellHeard) -> None:
        """Never."""

    def lost(self, bell: str, path: str, cause: str) -> None:
        """Never."""

    def trouble(self, bell: str, cause: str) -> None:
        """Never."""


class Screens:
    """The day's parts with nine simulated displays; `warm` lets all of them take that long from now on."""

    def __init__(self, site: Site, journal: Journal, clock: VirtualClock) -> None:
        self.site, self.journal, self.clock = site, journal, clock
        self.twins: dict[str, SimulatedDisplay] = {}
        self._lines = dict(self._twins())
        ports = Ports(reach=self._reach, broker=lambda *_: None)
        self.day = Day(site, journal, clock=clock, chance=Random(1), ports=ports)
        hardware = build_hardware(
            site, things=self.day.reports, bells=NoBells(), clock=clock, chance=Random(1), ports=ports
        )
        self.day.outbox.entrust({thing: one for thing, one in hardware.drivers.items() if thing in site.things})
        day = self.day
        self.duties: Mapping[str, Callable[[], Any]] = {
            "outbox": day.outbox.run,
            "reconciler": day.reconciler.run,
            "reports": day.reports.run,
            "warm-ups": day.warm_ups.run,
            **hardware.duties(),
        }

    def warm(self, seconds: float) -> None:
        """How long every display takes from now on."""
        for twin in self.twins.values():
            twin.warm_up_s = seconds

    def switched_on(self) -> list[datetime]:
        """When each of those that are on was switched on, in order."""
        return sorted(twin.switched_on_at for twin in self.twins.values() if twin.switched_on_at is not None)

    async def until(self, moment: datetime) -> None:
        """Live until then."""
        await self.clock.advance((moment - self.clock.now()).total_seconds())

    def _twins(self) -> list[tuple[str, MdcTwin]]:
        lines: dict[str, list[SimulatedDisplay]] = {}
        for name, display in self.site.things.items():
            if isinstance(display, Display):
                twin = self.twins[name] = SimulatedDisplay(name=name, display_id=display.display_id)
                lines.setdefault(display.link, []).append(twin)
        return [(link, MdcTwin(twins, switched_on=lambda _: None)) for link, twins in lines.items()]

    def _reach(self, link: str, _: sites.Link) -> LinkOpener:
        return to_memory(self._lines[link].talk())


def nine_screens(*, warm_up_s: float) -> Site:
    """The sample hall with nothing but its screens, all of them by MDC, so many seconds slow by the site file."""
    site = read(SEOUL)
    change = {"dialect": "samsung-mdc", "warm_up_s": warm_up_s, "supply": None}
    things = {name: one.model_copy(update=change) for name, one in site.of(Display).items()}
    return site.model_copy(update={"things": things, "broker": None, "channels": {}})


@asynccontextmanager
async def screens(site: Site, *, at: datetime) -> AsyncIterator[Screens]:
    """Open and running from a moment on."""
    clock = PatientClock(at)
    SURROUNDINGS.set(Surroundings(now=clock.now))
    async with Journal.open(MEMORY, clock=clock, projections=PROJECTIONS) as journal:
        room = Screens(site, journal, clock)
        await room.day.load()
        tasks = [asyncio.ensure_future(duty()) for duty in room.duties.values()]
        await clock.settle()
        try:
            yield room
        finally:
            for task in tasks:
                task.cancel()
            for ended in await asyncio.gather(*tasks, return_exceptions=True):
                assert isinstance(ended, asyncio.CancelledError), ended
