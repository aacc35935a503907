"""What goes wrong in a rehearsal and is put right again, thrown from the seed; and the people who answer the bells."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

from lobby.core.problem import Refusal
from lobby.core.site import Cafe, Display
from lobby.ops.rehearsal.stage import Stage
from lobby.safety.incidents import Incident, IncidentState

EVERY_S = 2.5 * 86_400
LASTS_S = (120.0, 1800.0)
FIRST_AFTER_S = 3600.0
SETTLES_S = 240.0
STEPS_S = (1.0, 30.0, 600.0, 3600.0, 86_400.0)
DAMAGES: Mapping[str, str] = {"display": "unplug", "bell": "break", "wire": "cut", "cafe": "empty"}
REPAIRS: Mapping[str, str] = {"display": "mend", "bell": "mend", "wire": "mend", "cafe": "fill"}
PRESS, BROKER, CLOCK = "press", "broker", "clock"
PERSON, ROLE = "p-rehearsal", "guard"
ANSWERS_S, WALKS_S, STAYS_S, CLASSIFIES_S = (2.0, 60.0), (20.0, 120.0), (60.0, 900.0), (60.0, 600.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One of them: what, to which thing, when and for how long; a clock's step has a size."""

    kind: str
    thing: str
    begins_s: float
    lasts_s: float
    by_s: float = 0.0


def thrown(stage: Stage, seed: int, total_s: float) -> tuple[Fault, ...]:
    """The faults of a rehearsal of that length, by beginning; each has ended some time before its end."""
    dice = Random(f"{seed}/faults")  # noqa: S311 - a rehearsal repeats itself
    targets = tuple(_targets(stage))
    return tuple(_throw(dice, targets, total_s))


def _targets(stage: Stage) -> Iterator[tuple[str, str]]:
    site = stage.site
    # A wall behind a sender card has no mains of its own to lose.
    screens = ((name, one) for name, one in site.things.items() if isinstance(one, Display))
    yield from (("display", name) for name, one in screens if one.dialect == "samsung-mdc")
    yield from (("cafe", name) for name in site.of(Cafe))
    for name, bell in site.bells().items():
        yield from (("bell", name), (PRESS, name))
        if bell.line_input is not None:
            yield "wire", name
    if stage.broker is not None:
        yield BROKER, BROKER
    yield CLOCK, CLOCK


def _throw(dice: Random, targets: tuple[tuple[str, str], ...], total_s: float) -> Iterator[Fault]:
    """Each kind as often as every other, however many displays there are."""
    kinds = tuple(dict.fromkeys(kind for kind, _ in targets))
    begins_s = dice.uniform(FIRST_AFTER_S, EVERY_S)
    while begins_s + LASTS_S[1] + 2 * SETTLES_S + FIRST_AFTER_S < total_s:
        kind = dice.choice(kinds)
        thing = dice.choice([name for one, name in targets if one == kind])
        by_s = dice.choice((-1, 1)) * dice.choice(STEPS_S) * dice.uniform(0.5, 1)
        yield Fault(kind=kind, thing=thing, begins_s=begins_s, lasts_s=dice.uniform(*LASTS_S), by_s=by_s)
        begins_s += LASTS_S[1] + dice.expovariate(1 / EVERY_S)


async def befall(stage: Stage, faults: tuple[Fault, ...]) -> None:
    """Let each begin and end at its time, one after the other."""
    for fault in faults:
        await asyncio.sleep(max(0.0, fault.begins_s - stage.loop.time()))
        await _begin(stage, fault)
        stage.stir(settles_s=SETTLES_S)
        await asyncio.sleep(fault.lasts_s)
        await _end(stage, fault)
        stage.stir(settles_s=SETTLES_S)


async def _begin(stage: Stage, fault: Fault) -> None:
    match fault.kind:
        case "press":
            await stage.hall.steer("press", fault.thing, "")
        case "broker":
            assert stage.broker is not None
            stage.broker.go_away()
        case "clock":
            stage.clock.step(fault.by_s)
        case _:
            await stage.hall.steer(DAMAGES[fault.kind], fault.thing, "")


async def _end(stage: Stage, fault: Fault) -> None:
    match fault.kind:
        case "press":
            return
        case "broker":
            assert stage.broker is not None
            stage.broker.come_back()
        case "clock":
            stage.clock.step(-fault.by_s)
        case _:
            await stage.hall.steer(REPAIRS[fault.kind], fault.thing, "")


class Guards:
    """The people of a rehearsal: they answer each incident, sometimes only after it was escalated."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self._stage = stage
        self._incidents = stage.lobby.incidents
        self._dice = Random(f"{seed}/guards")  # noqa: S311 - a rehearsal repeats itself
        self._called: asyncio.Queue[Incident] = asyncio.Queue()
        self._known: set[str] = set()
        self._incidents.on_change(self._moved)

    async def run(self) -> None:
        """Be there; ends only by cancellation."""
        async with asyncio.TaskGroup() as group:
            while True:
                incident = await self._called.get()
                group.create_task(self._answer(incident), name=f"guard: {incident.bell}")

    def _moved(self, incident: Incident) -> None:
        self._stage.stir(settles_s=SETTLES_S)
        if incident.state is IncidentState.RAISED and incident.id not in self._known:
            self._known.add(incident.id)
            self._called.put_nowait(incident)

    async def _answer(self, incident: Incident) -> None:
        act, who = self._incidents, {"person": PERSON, "role": ROLE}
        code = self._stage.site.places[self._stage.site.bells()[incident.bell].place].code
        arrival = {"way": "code", "code": code} if code else {"way": "input"}
        await self._after(ANSWERS_S, lambda: act.acknowledge(incident.id, **who))
        await self._after(WALKS_S, lambda: act.arrive(incident.id, **who, **arrival))
        await self._after(STAYS_S, lambda: act.end(incident.id, **who))
        closing = {"person": PERSON, "role": "supervisor", "classification": "real"}
        await self._after(CLASSIFIES_S, lambda: act.close(incident.id, **closing))

    async def _after(self, between_s: tuple[float, float], act: Callable[[], Awaitable[object]]) -> None:
        await asyncio.sleep(self._dice.uniform(*between_s))
        try:
            await act()
        except Refusal:  # time has moved it on meanwhile; what comes next is still right
            return
