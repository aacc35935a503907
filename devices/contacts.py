"""Emergency bells as dry contacts on Modbus RTU input modules, several modules on one line.

A press is an input going to 1, or standing at 1 when it is first read after a start or a lost line: somebody may be
waiting. Modules have no ids and no clock, so neither has the press. `line_input` is a normally closed loop: 0 = cut.
The "registered" output is switched on only after the press is durable.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import NoReturn

from devices import modbus
from devices.backoff import Backoff
from devices.errors import BadFrame, DeviceError, LinkLost, Refused
from devices.exchange import Exchange, keep_talking, talking
from devices.link import Link, LinkOpener
from devices.reports import BellHeard, BellPressed, BellSink, Clock

ANSWER_WITHIN_S = 0.5
GAP_S = 0.1
HEARD_EVERY_S = 1.0
STUCK_AFTER_S = 60.0
LOST_AFTER_S = 10.0
RETRY_AT_MOST_S = 2.0
PATIENT_AFTER_MISSES = 3
PATIENT_POLL_S = 1.0
MAX_WAITING_PRESSES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One bell as it is wired: the module's unit and its inputs and output, counted from 0."""

    unit: int = 1
    press_input: int = 0
    line_input: int | None = None
    registered_output: int | None = None
    poll_s: float = 0.1


@dataclass(slots=True, kw_only=True)
class _Seen:
    """What the driver knows of one bell now."""

    closed: bool | None = None
    closed_at: float | None = None
    heard_at: float | None = None
    flags: tuple[bool, bool | None] = (False, None)
    lost: str | None = None
    light: bool | None = None
    light_due: bool = False
    presses: asyncio.Queue[BellPressed] = field(default_factory=lambda: asyncio.Queue(MAX_WAITING_PRESSES))


@dataclass(slots=True, kw_only=True)
class _Unit:
    """One module on the line: how many inputs are read at once, how often, and how it answers."""

    inputs: int
    poll_s: float
    due: float = 0.0
    misses: int = 0
    answered_at: float = 0.0


class ContactBells:
    """Driver of every bell on one Modbus line; supervision by `BellSink.heard` and `lost`."""

    def __init__(
        self,
        open_link: LinkOpener,
        bells: Mapping[str, Contact],
        *,
        sink: BellSink,
        clock: Clock,
        chance: Random,
        path: str = "contact",
    ) -> None:
        self._open_link = open_link
        self._bells = dict(bells)
        self._sink = sink
        self._clock = clock
        self._path = path
        self._backoff = Backoff(chance, longest_s=RETRY_AT_MOST_S)
        self._seen = {bell: _Seen() for bell in bells}
        self._units = {unit: _unit(unit, bells) for unit in sorted({contact.unit for contact in bells.values()})}
        self._exchange: Exchange[modbus.Answer] | None = None

    @property
    def things(self) -> tuple[str, ...]:
        """The bells this driver listens to."""
        return tuple(self._bells)

    async def run(self) -> None:
        """Open, poll, tell of presses, reconnect; ends only by cancellation. A lost line loses no press."""
        async with asyncio.TaskGroup() as group:
            for bell in self._bells:
                group.create_task(self._tell_presses(bell), name=f"presses of {bell}")
            await keep_talking(self._open_link, self._talk, down=self._down, backoff=self._backoff, clock=self._clock)

    async def registered(self, bell: str, on: bool) -> None:
        """Switch the bell's "registered" light, now or as soon as its module can be reached; `Refused` if it says no.

        A bell without such an output has no light: nothing happens.
        """
        seen = self._seen[bell]
        if self._bells[bell].registered_output is not None:
            seen.light, seen.light_due = on, True
            await self._switch(bell, seen)

    async def _tell_presses(self, bell: str) -> NoReturn:
        while True:
            press = await self._seen[bell].presses.get()
            if await self._sink.pressed(press):
                with suppress(Refused):
                    await self.registered(bell, True)

    async def _talk(self, link: Link) -> NoReturn:
        for seen in self._seen.values():
            seen.closed = None
            seen.light_due = seen.light is not None
        for unit in self._units.values():
            unit.due, unit.misses, unit.answered_at = 0.0, 0, self._clock.mono()
        self._exchange = Exchange(link, modbus.decoder(), gap_s=GAP_S, stray=self._late)
        await talking(self._exchange, self._watch(self._exchange))

    async def _watch(self, exchange: Exchange[modbus.Answer]) -> NoReturn:
        while True:
            for number, unit in self._units.items():
                if unit.due <= self._clock.mono():
                    await self._poll(exchange, number, unit)
            for bell, seen in self._seen.items():
                if not self._units[self._bells[bell].unit].misses:
                    with suppress(Refused):
                        await self._switch(bell, seen)
            if all(self._silent_s(unit) >= LOST_AFTER_S for unit in self._units.values()):
                raise LinkLost("silent", "no module on this line answers: open it afresh")
            await self._clock.sleep(max(0.0, min(unit.due for unit in self._units.values()) - self._clock.mono()))

    async def _poll(self, exchange: Exchange[modbus.Answer], number: int, unit: _Unit) -> None:
        unit.due = self._clock.mono() + (PATIENT_POLL_S if unit.misses >= PATIENT_AFTER_MISSES else unit.poll_s)
        request = modbus.read_inputs(number, 0, unit.inputs)
        try:
            answer = await exchange.ask(request, partial(_fits, request), within_s=ANSWER_WITHIN_S)
            states = modbus.bits(answer, unit.inputs)
        except LinkLost as lost:
            if lost.cause != "silent":
                raise
            self._missed(number, unit, lost)
        except (BadFrame, Refused) as wrong:
            self._missed(number, unit, wrong)
        else:
            self._observe(number, unit, states)

    def _late(self, answer: modbus.Answer) -> None:
        """An answer nobody waits for any more is still true: a press in it counts."""
        unit = self._units.get(answer.unit)
        if unit and _fits(modbus.read_inputs(answer.unit, 0, unit.inputs), answer) and answer.exception is None:
            self._observe(answer.unit, unit, modbus.bits(answer, unit.inputs))

    def _observe(self, number: int, unit: _Unit, states: tuple[bool, ...]) -> None:
        self._backoff.reset()
        recovered = unit.misses >= PATIENT_AFTER_MISSES
        unit.misses, unit.answered_at = 0, self._clock.mono()
        for bell, contact in self._bells.items():
            if contact.unit == number:
                seen = self._seen[bell]
                seen.light_due |= recovered and seen.light is not None  # a module without power forgets its outputs
                self._look(bell, contact, seen, states)

    def _look(self, bell: str, contact: Contact, seen: _Seen, states: tuple[bool, ...]) -> None:
        now, closed = self._clock.mono(), states[contact.press_input]
        if closed and not seen.closed:
            self._press(bell, seen)
        seen.closed = closed
        seen.closed_at = (now if seen.closed_at is None else seen.closed_at) if closed else None
        stuck = seen.closed_at is not None and now - seen.closed_at >= STUCK_AFTER_S
        cut = None if contact.line_input is None else not states[contact.line_input]
        self._hear(bell, seen, stuck=stuck, cut=cut)

    def _press(self, bell: str, seen: _Seen) -> None:
        with suppress(asyncio.QueueFull):  # that many wait to be recorded already: people are being called
            seen.presses.put_nowait(BellPressed(bell=bell, press_id=None, said_at=None))

    def _hear(self, bell: str, seen: _Seen, *, stuck: bool, cut: bool | None) -> None:
        now = self._clock.mono()
        fresh = seen.heard_at is not None and now - seen.heard_at < HEARD_EVERY_S
        if fresh and not seen.lost and seen.flags == (stuck, cut):
            return
        seen.heard_at, seen.lost, seen.flags = now, None, (stuck, cut)
        self._sink.heard(BellHeard(bell=bell, path=self._path, stuck_closed=stuck, line_cut=cut))

    async def _switch(self, bell: str, seen: _Seen) -> None:
        contact, on = self._bells[bell], seen.light
        if not (self._exchange and seen.light_due and on is not None and contact.registered_output is not None):
            return
        request = modbus.write_coil(contact.unit, contact.registered_output, on=on)
        try:
            answer = await self._exchange.ask(request, partial(_fits, request), within_s=ANSWER_WITHIN_S)
        except (LinkLost, BadFrame):
            return  # stays due: the next round or the next opening of the line tries again
        seen.light_due = seen.light != on
        modbus.accepted(answer)

    def _missed(self, number: int, unit: _Unit, error: DeviceError) -> None:
        unit.misses += 1
        if self._silent_s(unit) >= LOST_AFTER_S:
            for bell, contact in self._bells.items():
                if contact.unit == number:
                    self._lose(bell, error.cause)

    def _silent_s(self, unit: _Unit) -> float:
        return self._clock.mono() - unit.answered_at

    def _down(self, lost: LinkLost) -> None:
        self._exchange = None
        for bell in self._bells:
            self._lose(bell, lost.cause)

    def _lose(self, bell: str, cause: str) -> None:
        if self._seen[bell].lost != cause:
            self._seen[bell].lost = cause
            self._sink.lost(bell, self._path, cause)


def _fits(request: bytes, answer: modbus.Answer) -> bool:
    return modbus.answers(answer, request)


def _unit(number: int, bells: Mapping[str, Contact]) -> _Unit:
    here = [contact for contact in bells.values() if contact.unit == number]
    highest = max(max(contact.press_input, contact.line_input or 0) for contact in here)
    return _Unit(inputs=highest + 1, poll_s=min(contact.poll_s for contact in here))
