"""The whole lobby, put together: everything opened or nothing, closed in reverse, every duty with a name.

Order matters: the journal first, then what it remembers, then the watch over the bells, then the lines, then people.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from random import Random

from devices.messages import Message
from devices.reports import Clock
from lobby.core.datafolder import DataFolder
from lobby.core.hub import Hub
from lobby.core.journal import Journal
from lobby.core.library import Library
from lobby.core.remaking import Remaking
from lobby.core.site import Site
from lobby.day.choices import CHOICES, Choices
from lobby.day.handover import HANDOVERS, HandOvers
from lobby.day.plan import Plan
from lobby.day.signatures import OPENINGS, Signatures
from lobby.ops.bellboard import BellBoard
from lobby.ops.day import PROJECTIONS as OF_THE_DAY
from lobby.ops.day import Day
from lobby.ops.hardware import Hardware, build_hardware
from lobby.ops.midnight import Midnight
from lobby.ops.ports import REAL, Lines, Ports
from lobby.ops.programming import Programmes
from lobby.ops.retention import Retention
from lobby.ops.screens import PROJECTIONS as SHOWN
from lobby.ops.screens import Screens
from lobby.ops.space import Space
from lobby.safety.loopback import ANSWER_S, LoopBack
from lobby.safety.register import Incidents
from lobby.safety.watchroom import PROJECTIONS, WatchRoom
from lobby.web.house import House
from lobby.web.morning.books import Books
from lobby.web.people import People
from media.limited import halt

LOOP = "loop"

Duty = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lobby:
    """A lobby whose parts are open; whoever opened it runs the `duties`, each under its name."""

    house: House
    journal: Journal
    library: Library
    remaking: Remaking
    programmes: Programmes
    plan: Callable[[], Plan]
    incidents: Incidents
    hub: Hub
    duties: Mapping[str, Duty]


@asynccontextmanager
async def opened(
    site: Site, folder: DataFolder, *, clock: Clock, chance: Random, ports: Ports = REAL
) -> AsyncIterator[Lobby]:
    """Open everything of a site over a data folder that is held already."""
    projections = (*OF_THE_DAY, CHOICES, OPENINGS, HANDOVERS, *SHOWN, *PROJECTIONS)
    path = ports.journal or folder.journal
    async with Journal.open(path, clock=clock, projections=projections) as journal:
        day = Day(site, journal, clock=clock, chance=chance, ports=ports)
        await day.load()
        room_kept = WatchRoom.open(
            site,
            clock=clock,
            journal=journal,
            emergency_dir=emergency_dir(site, folder),
            commands_for=day.first_commands,
            desk_open=day.desk_open,
            told=day.records_told,
            calm=halt,
            ids=ports.incident_ids,
        )
        async with room_kept as room:
            day.emergencies_from(room)
            screens = Screens(folder, day)
            await screens.load()
            day.emergencies_of(screens.airings)
            people = People(journal, clock, context=_context(site), incident_since=day.incident_since)
            await people.load()
            choices = Choices(journal, site)
            await choices.load()
            lobby = _assembled(folder, day, room, screens, people, choices)
            await lobby.house.books.load()
            await day.outbox.load()
            yield lobby


def emergency_dir(site: Site, folder: DataFolder) -> Path:
    """Where facts of bells go when the journal fails: the site file's other disk, else a folder of the data folder."""
    path = Path(site.emergency_dir) if site.emergency_dir else folder.emergency
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _assembled(
    folder: DataFolder, day: Day, room: WatchRoom, screens: Screens, people: People, choices: Choices
) -> Lobby:
    site, clock, hub = day.site, day.clock, day.hub
    hardware = build_hardware(
        site, things=day.reports, bells=room.presses, clock=clock, chance=day.chance, ports=day.ports
    )
    day.outbox.entrust(hardware.drivers)
    board = BellBoard(site, room, clock=clock, hub=hub, wired=hardware.contact_bells, moved=day.incident_moved)
    loop = _loop_back(day, hardware.broker)
    house = House(
        site=site,
        clock=clock,
        hub=hub,
        journal=day.journal,
        people=people,
        plan=day.plan,
        overrides=day.overrides,
        modes=day.modes,
        special_days=day.special_days,
        official_days=day.official_days,
        choices=choices,
        incidents=room.incidents,
        library=screens.library,
        arrivals=screens.arrivals,
        batches=screens.batches,
        playlists=screens.playlists,
        airings=screens.airings,
        notices=screens.notices,
        uploads=screens.uploads,
        imports=screens.imports,
        programme_for=screens.programmes.of,
        on_glass=screens.glass.versions,
        draft_picture=screens.drafts.picture,
        started_at=clock.now(),
        build=version("smart-lobby"),
        supervision=room.supervision,
        player_reported=screens.reported,
        exchanges=hardware.trace.of,
        books=_books(folder, day, loop),
    )
    duties = _duties(day, room, screens, board=board, hardware=hardware, loop=loop)
    return Lobby(
        house=house,
        journal=day.journal,
        library=screens.library,
        remaking=screens.remaking,
        programmes=screens.programmes,
        plan=day.plan,
        incidents=room.incidents,
        hub=hub,
        duties=duties,
    )


def _midnight(day: Day) -> Midnight:
    keep = timedelta(days=day.site.site.keep_texts_days)
    retention = Retention(day.journal, keep=keep, trusts_clock=lambda: day.trusts_clock)
    return Midnight(day.journal, zone=day.plan().zone, clock=day.clock, retention=retention)


def _duties(
    day: Day, room: WatchRoom, screens: Screens, *, board: BellBoard, hardware: Hardware, loop: LoopBack | None
) -> Mapping[str, Duty]:
    """Everything that runs as long as the lobby does, each under its name."""
    return {
        "watch room": room.run,
        "bell board: lamps": board.run,
        "bell board: ages": board.refresh,
        "journal: checkpoints": _midnight(day).run,
        "outbox": day.outbox.run,
        "reconciler": day.reconciler.run,
        "reports: edges": day.reports.run,
        "displays: warm-ups": day.warm_ups.run,
        "clock: trust": day.watch_trust,
        **screens.duties(),
        **hardware.duties(),
        **({"bells: loop-back": loop.run} if loop is not None else {}),
    }


def _books(folder: DataFolder, day: Day, loop: LoopBack | None) -> Books:
    """The signed checklists and the notes between shifts; consoles see at once what is new in them."""
    signatures = Signatures(day.journal, changed=lambda: day.hub.put("opening_signed", signatures.latest()))
    hand_overs = HandOvers(
        day.journal,
        alone=day.site.site.one_person,
        changed=lambda: day.hub.put("hand_overs", [note.id for note in hand_overs.unread()]),
    )
    return Books(
        signatures=signatures,
        hand_overs=hand_overs,
        free=Space(folder.path, clock=day.clock).free,
        path_proved_at=loop.proved_at if loop is not None else lambda: None,
    )


def _loop_back(day: Day, broker: Lines | None) -> LoopBack | None:
    """Our own path to the broker and back, and how its two lines stand, as documents."""
    if broker is None:
        return None
    lines = {"bells": broker.bells, "things": broker.things}

    def moved(*_: object) -> None:
        day.hub.put("lines", {name: {"state": line.state.value, "since": line.since} for name, line in lines.items()})

    for line in lines.values():
        line.watch(moved)
    topic = f"lobby/1/{day.site.site.id}/{LOOP}/event"
    loop = LoopBack(
        lambda word: broker.bells.publish(topic, word, qos=1, within_s=ANSWER_S),
        clock=day.clock,
        told=lambda works: day.hub.put("bell_path", works),
        boot=day.hub.boot,
    )

    async def heard(message: Message) -> bool:
        loop.received(message.text())
        return True

    broker.bells.subscribe(topic, heard)
    return loop


def _context(site: Site) -> tuple[str, ...]:
    """Words that make no good password here."""
    return (site.site.id, site.site.name.ko, site.site.name.en, site.site.lobby_name.ko, site.site.lobby_name.en)
