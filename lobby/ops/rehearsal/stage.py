"""The stage of a rehearsal: the real building over a hall of simulated things, both in one loop whose time jumps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from devices.reports import Clock
from devices.simulated.hall import Hall
from devices.simulated.plan import BrokerAddress
from devices.simulated.surroundings import SURROUNDINGS, Surroundings
from lobby.core.datafolder import DataFolder
from lobby.core.journal import MEMORY, Entry
from lobby.core.site import Site, Switch
from lobby.day.plan import Plan
from lobby.ops.building import Lobby, opened
from lobby.ops.ports import Lines, Ports
from lobby.ops.rehearsal.broker import MemoryBroker
from lobby.ops.rehearsal.clock import Habit, Happenings, Nothing, RehearsalClock
from lobby.ops.rehearsal.loop import VirtualLoop
from lobby.ops.rehearsal.network import Tap
from lobby.ops.simulation import hardware_plan, needs_broker, readdressed, wires_at

T = TypeVar("T")

FIRST_PORT = 1000
TRUSTED_BEFORE = timedelta(days=3)
POLL = ": poll"
LOOKS = frozenset(
    {
        "reconciler: clock",
        "reconciler: everything",
        "clock: trust",
        "supervision: deadlines",
        "bell board: ages",
        "bells: loop-back",
        "glass: players",
        "displays: dark panels",
        "journal: checkpoints",
        "content: watch",
        "cafés: poll",
        "switches: every minute",
    }
)
GREETINGS = (": heartbeat", ": live")
IDLE = (": ping",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a rehearsal has in its hands; `plans` tells which plan held from which moment on."""

    site: Site
    start: datetime
    loop: VirtualLoop
    clock: RehearsalClock
    happenings: Happenings
    taps: dict[str, Tap]
    broker: MemoryBroker | None
    hall: Hall
    lobby: Lobby
    plans: list[tuple[datetime, Plan]] = field(default_factory=list)

    def stir(self, *, settles_s: float = 0.0) -> None:
        """Something is done to the house: everybody looks, for as long as deadlines of it may run out.

        A line of bells is asked ten times a second; what is wrong there shows at once or by silence.
        """
        self.happenings.tell(settles_s=settles_s)
        for link, tap in self.taps.items():
            tap.tell(settles_s=0.0 if link in _bell_lines(self.site) else settles_s)

    def noted(self, entry: Entry) -> None:
        """A line of the journal is news, and may have brought another plan."""
        self.happenings.tell()
        self.planned(entry.at)

    def planned(self, moment: datetime) -> None:
        """Note the plan that holds from now on."""
        now = self.lobby.plan()
        if not self.plans or self.plans[-1][1] is not now:
            self.plans.append((moment, now))


def in_virtual_time(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end on a loop of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


@asynccontextmanager
async def staged(
    site: Site, *, start: datetime, seed: int, wire: bool = False, takes_s: Callable[[], float] | None = None
) -> AsyncIterator[Stage]:
    """Everything open and running. With `wire` no exchange is left out; `takes_s` is how long a moment's work takes."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    happenings = Happenings(loop.time)
    broker = MemoryBroker(loop.network, loop) if needs_broker(site) else None
    links = wires_at(site, FIRST_PORT)
    taps = {name: loop.network.tap(int(url.rpartition(":")[2])) for name, url in links.items()}
    habits = _habits(site, happenings, taps)
    clock = RehearsalClock(loop, start, habit_of=(lambda _: None) if wire else habits, takes_s=takes_s)
    SURROUNDINGS.set(
        Surroundings(now=lambda: start + timedelta(seconds=loop.time()), rest=clock.sleep, chance=_dice(seed, "things"))
    )
    address = BrokerAddress(host="127.0.0.1", port=broker.port) if broker else None
    moved = readdressed(_tame(site), links=links, broker=f"mqtt://127.0.0.1:{broker.port}" if broker else None)
    with TemporaryDirectory(prefix="lobby-rehearsal-") as place:
        folder = DataFolder(Path(place))
        hall = Hall(hardware_plan(site, address, first_port=FIRST_PORT), folder=folder.path / "hall")
        async with asyncio.TaskGroup() as devices:
            plugged = asyncio.Event()
            living = devices.create_task(hall.run(ready=plugged.set), name="hall")
            await plugged.wait()
            ports = _ports(broker, seed, start)
            async with opened(moved, folder, clock=clock, chance=_dice(seed, "lobby"), ports=ports) as lobby:
                stage = Stage(
                    site=moved,
                    start=start,
                    loop=loop,
                    clock=clock,
                    happenings=happenings,
                    taps=taps,
                    broker=broker,
                    hall=hall,
                    lobby=lobby,
                )
                stage.planned(start)
                lobby.journal.follow(stage.noted)
                async with _performing(lobby):
                    yield stage
            living.cancel()


@asynccontextmanager
async def _performing(lobby: Lobby) -> AsyncIterator[None]:
    """Every duty under its name; one that falls brings the rehearsal down, which is what a rehearsal is for."""
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(_perform(duty), name=name) for name, duty in lobby.duties.items()]
        yield
        for task in reversed(running):
            task.cancel()


async def _perform(duty: Callable[[], Awaitable[None]]) -> None:
    await duty()


def _ports(broker: MemoryBroker | None, seed: int, start: datetime) -> Ports:
    def lines(site: Site, clock: Clock, chance: Random) -> Lines | None:
        return broker.lines(site.site.id, clock=clock, chance=chance) if broker is not None else None

    dice = _dice(seed, "ids")
    return Ports(
        broker=lines,
        journal=MEMORY,
        ids=lambda: f"{dice.getrandbits(48):012x}",
        incident_ids=lambda: f"{dice.getrandbits(128):032x}",
        built=start - TRUSTED_BEFORE,
    )


def _dice(seed: int, what: str) -> Random:
    """Chance of its own for each part, so that one more throw here changes nothing there."""
    return Random(f"{seed}/{what}")  # noqa: S311 - a rehearsal repeats itself


def _tame(site: Site) -> Site:
    """Nothing of this machine is asked or touched: neither its clock nor its other disk."""
    about = site.site.model_copy(update={"time_server": False})
    return site.model_copy(update={"site": about, "emergency_dir": None})


def _bell_lines(site: Site) -> frozenset[str | None]:
    return frozenset(bell.link for bell in site.bells().values())


def _habits(site: Site, happenings: Happenings, taps: dict[str, Tap]) -> Callable[[str], Habit | None]:
    """Who only looks, and at what; who only greets; everybody else's pauses are waited for."""
    bell_lines = _bell_lines(site)
    switches = site.of(Switch)  # they are asked; nobody waits for their greetings

    def habit_of(name: str) -> Habit | None:
        link = name.removesuffix(POLL)
        if name.endswith(POLL) and link in taps:
            return Habit(news=taps[link], keeps=link in bell_lines)
        if name in LOOKS:
            return Habit(news=happenings)
        if name.endswith(GREETINGS):
            return Habit(news=Nothing(), keeps=name.partition(":")[0] not in switches)
        return Habit(news=Nothing()) if name.endswith(IDLE) else None

    return habit_of
