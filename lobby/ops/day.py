"""The day's parts of a running lobby: what is wanted, who may be commanded, what is on its way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from devices.reports import Clock, Command
from lobby.core.airings import Airings
from lobby.core.clock import StepWatch, synchronised, trusted
from lobby.core.hub import Hub
from lobby.core.journal import Fact, Journal, NotDurable, Projection
from lobby.core.site import Bell, Desk, Display, Site
from lobby.day.desired import Emergency, EmergencyKind
from lobby.day.inrush import inrush_of
from lobby.day.modes import MODES, Mode, Modes
from lobby.day.officialdays import OFFICIAL_YEARS, OfficialDays
from lobby.day.outbox import COMMANDS, LASTS_S, Outbox
from lobby.day.overrides import OVERRIDES, Overrides
from lobby.day.plan import Plan
from lobby.day.reconciler import DESIRED, Reconciler
from lobby.day.reports import Reports
from lobby.day.specialdays import SPECIAL_DAYS, SpecialDays
from lobby.day.warmups import WARM_UPS, WarmUps
from lobby.ops.ports import REAL, Ports
from lobby.safety.effects import drives
from lobby.safety.incidents import Incident
from lobby.safety.watchroom import WatchRoom

BACKWARDS = timedelta(minutes=5)
CLOCK_EVERY_S = 1.0
LARGE_STEP_S = 900.0
STEP_TOLD_S = 3600.0
OPEN_DESK = frozenset({"open", "evening", "last-tickets"})
PROJECTIONS: tuple[Projection, ...] = (OVERRIDES, MODES, SPECIAL_DAYS, OFFICIAL_YEARS, COMMANDS, DESIRED, WARM_UPS)
LAST_ENTRY = "SELECT at FROM journal ORDER BY seq DESC LIMIT 1"


class Day:
    """Built over an open journal; `load` takes up what an earlier run left."""

    def __init__(self, site: Site, journal: Journal, *, clock: Clock, chance: Random, ports: Ports = REAL) -> None:
        self.site = site
        self.journal = journal
        self.clock = clock
        self.chance = chance
        self.hub = Hub(clock, kinds(site))
        self.outbox = Outbox(
            journal,
            clock=clock,
            drivers={},
            jitter=chance,
            withheld=self._withheld,
            inrush=inrush_of(site),
            powered=self._powered,
            ids=ports.ids,
        )
        self.warm_ups = WarmUps(journal, clock=clock, zone=ZoneInfo(site.site.time_zone))
        self._warm_day = self.warm_ups.day(clock.now())
        self.official_days = OfficialDays(journal, site, ids=ports.ids, changed=self._holidays_changed)
        self.special_days = SpecialDays(
            journal,
            site,
            ids=ports.ids,
            changed=self._changed,
            warm_ups=lambda: self.warm_ups.longest(clock.now()),
            holidays=lambda: self.official_days.calendar,
        )
        self.overrides = Overrides(journal, clock=clock, plan=self.plan, ids=ports.ids, changed=self._changed)
        self.modes = Modes(journal, clock=clock, changed=self._changed)
        self.reconciler = Reconciler(
            journal,
            clock=clock,
            plan=self.plan,
            overrides=self.overrides,
            modes=self.modes,
            emergencies=self._emergencies,
            hub=self.hub,
            outbox=self.outbox,
            trusted=lambda: self._trusts_clock,
            lasts_s=_lasts_s(site),
        )
        self.reports = Reports(
            journal,
            clock=clock,
            hub=self.hub,
            outbox=self.outbox,
            reconciler=self.reconciler,
            heard=self.warm_ups.heard,
        )
        self._bells = site.bells()
        self._built = ports.built
        self.ports = ports
        self._room: WatchRoom | None = None
        self._airings: Airings | None = None
        self._listeners: list[Callable[[], None]] = []
        self._first: dict[str, tuple[Command, ...]] = {}
        self._trusts_clock = False
        self._latest_entry = ports.built
        self._steps = StepWatch(clock, limit_s=LARGE_STEP_S)
        self._stepped_by_s = 0.0
        self._stepped = float("-inf")

    async def load(self) -> None:
        """In the order in which they need one another; commands come after the drivers are entrusted."""
        await self.warm_ups.load()
        self.hub.put("warm_ups", self.warm_ups.longest(self.clock.now()))
        await self.official_days.load()
        await self.special_days.load()
        await self.overrides.load()
        await self.modes.load()
        await self.reconciler.load()
        self._latest_entry = await self._last_written()
        self._judge_clock()

    def plan(self) -> Plan:
        """The hours as they are now; a new day begins with what the days before have measured."""
        if (today := self.warm_ups.day(self.clock.now())) != self._warm_day:
            self._warm_day = today
            self.special_days.warmed()
            self.hub.put("warm_ups", self.warm_ups.longest(self.clock.now()))
        return self.special_days.plan

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call it when hours, overrides or modes change."""
        self._listeners.append(listener)

    def emergencies_from(self, room: WatchRoom) -> None:
        """Open incidents drive sirens and lights from now on."""
        self._room = room

    def emergencies_of(self, airings: Airings) -> None:
        """An evacuation or fire on the screens lights them from now on, and silences what sounds."""
        self._airings = airings
        airings.on_change(self._changed)

    def first_commands(self, incident: Incident) -> tuple[Fact, ...]:
        """What a raised incident switches on, as facts of its own transaction."""
        driven = drives((incident,), self._bells).get(incident.id, {})
        commands = tuple(self.outbox.command(thing, value) for thing, value in driven.items())
        self._first[incident.id] = commands
        return self.outbox.facts_for(commands)

    def incident_moved(self, incident: Incident) -> None:
        """Sirens and lights follow; what the journal could not take is sent all the same."""
        first = self._first.pop(incident.id, ())
        self.outbox.send_now(*first)
        self.reconciler.driven(first)

    def incident_since(self) -> datetime | None:
        """Since when an incident is open; sessions of people on duty do not end meanwhile."""
        incidents = self._room.incidents.open() if self._room is not None else ()
        return min((incident.raised_at for incident in incidents if incident.open), default=None)

    def desk_open(self) -> bool:
        """Whether any desk serves people now; without a desk, always."""
        desks = [self.hub.things()[name].desired for name in self.site.of(Desk)]
        return not desks or any(value in OPEN_DESK for value in desks)

    def records_told(self, cause: str | None) -> None:
        """How durable presses are now: None is well."""
        self.hub.put("records", cause)

    @property
    def trusts_clock(self) -> bool:
        """Whether it was right at the last look."""
        return self._trusts_clock

    async def watch_trust(self) -> None:
        """Look again whether the clock can be trusted; ends only by cancellation."""
        while True:
            await self.clock.sleep(CLOCK_EVERY_S)
            self._judge_clock()

    def _judge_clock(self) -> None:
        """Whether to follow the clock; a large step is followed, and told for an hour or until it is taken back."""
        self._notice_step()
        cause = self._clock_cause()
        right = cause is None
        told_still = abs(self._stepped_by_s) > LARGE_STEP_S and self.clock.mono() - self._stepped < STEP_TOLD_S
        if right:
            self._latest_entry = self._built  # once believed, a clock that is set is followed and told
        self.hub.put("clock_trusted", right)
        self.hub.put("clock_trouble", cause or ("clock-stepped" if told_still else None))
        if right and not self._trusts_clock:
            self.reconciler.wake()
        self._trusts_clock = right

    def _clock_cause(self) -> str | None:
        now = self.clock.now()
        if not trusted(now, self._built):
            return "clock-before-build"
        if not trusted(now, self._latest_entry - BACKWARDS):
            return "clock-before-records"
        follows = synchronised() if self.site.site.time_server else None
        return None if trusted(now, self._built, synchronised=follows) else "clock-unsynchronised"

    def _notice_step(self) -> None:
        step = self._steps.look()
        if step is not None:
            self._stepped_by_s += step.by_s
            self._stepped = self.clock.mono()

    async def _last_written(self) -> datetime:
        try:
            rows = await self.journal.read(LAST_ENTRY)
        except NotDurable:
            return self._built
        return datetime.fromisoformat(rows[0]["at"]) if rows else self._built

    def _emergencies(self) -> Iterable[Emergency]:
        """Every open incident, also one that switches nothing on: it silences the media; emergencies on the screens."""
        return [*self._told_on_screens(), *self._incidents()]

    def _told_on_screens(self) -> Iterator[Emergency]:
        for airing in self._airings.current(self.clock.now()) if self._airings is not None else ():
            if airing.cls == "emergency":
                kind: EmergencyKind = "fire" if airing.details.get("kind") == "fire" else "evacuation"
                yield Emergency(kind=kind, source=airing.id, drives=dict.fromkeys(airing.content, "on"))

    def _incidents(self) -> Iterable[Emergency]:
        if self._room is None:
            return ()
        driven = dict(self._room.incidents.emergencies())
        sources = dict.fromkeys((*driven, *(one.id for one in self._room.incidents.open() if one.open)))
        return [Emergency(kind="bell", source=source, drives=driven.get(source, {})) for source in sources]

    def _withheld(self, thing: str) -> str | None:
        mode = self.modes.of(thing, self.clock.now())
        return None if mode is Mode.AUTOMATIC else mode.value

    def _powered(self, thing: str) -> bool:
        """Whether it says that it is on, at whichever input: then it draws no inrush current any more."""
        state = self.hub.things().get(thing)
        return state is not None and state.availability == "ok" and state.reported not in {None, "off"}

    def _holidays_changed(self) -> None:
        self.special_days.calendar_changed()
        self._changed()

    def _changed(self) -> None:
        self.reconciler.wake()
        for listener in self._listeners:
            listener()


def kinds(site: Site) -> dict[str, str]:
    """Everything that has a state, with its kind; bells have the watch room instead."""
    things = {name: thing.kind for name, thing in site.things.items() if not isinstance(thing, Bell)}
    return dict.fromkeys(site.surfaces, "surface") | things


def _lasts_s(site: Site) -> dict[str, float]:
    """A display that gets warm slowly has longer to prove that it followed."""
    return {
        name: max(LASTS_S, 2 * thing.warm_up_s) for name, thing in site.things.items() if isinstance(thing, Display)
    }
