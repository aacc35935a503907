"""Samsung displays on one line: a chain on RS-232 told apart by their ids, or one behind TCP port 1515.

Power is the desired state. A set is read back: VERIFIED when the display then says so. A display that acknowledges and
does not follow raises `Refused("did-not-follow")`; only switching on may take its warm-up time: it ends as ACCEPTED, a
later poll verifies it, and trouble `did-not-follow` is told when the warm-up passes without effect. While a display
warms up its silence is not counted, and what it says is reported as detail only, so that nobody corrects it meanwhile.

A display may have another signage player `beside` ours, on another input: then it says `beside` instead of `on` while
it shows anything but our input. Only its input is switched then, and read back like power: `on` brings ours, `beside`
gives back the other's where ours stands; an input that is neither was chosen by a person and is left alone.

A display is lit when it says on, on its plug, with a signal. How long that takes from the order is told once, as detail
`lit_after_s`. On and warm without a signal is trouble `no-signal`, with its panel switched off `screen-off`: both are
asked in every round, as they are half of the proof of what people see. Who answers is asked first and who does not
briefly, so that a dead display costs its neighbours nothing. Nothing is ever sent to all ids at once: the answers
would collide, and the inrush current of a chain is why its displays go on one by one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import NoReturn

from devices import mdc
from devices.backoff import Backoff
from devices.errors import BadFrame, DeviceError, LinkLost, Refused
from devices.exchange import Exchange, keep_talking, talking
from devices.link import Link, LinkOpener
from devices.loudspeakers import Loudspeakers, orders_for
from devices.reports import Availability, Clock, Command, Outcome, Reported, ThingSink, Value
from devices.warming import Warming

ANSWER_WITHIN_S = 1.0
BRIEFLY_S = 0.3
PATIENT_EVERY = 6
GAP_S = 0.5
SETTLE_S = 0.3
READ_BACKS = 3
INPUT_READ_BACKS = 10
LOST_AFTER_POLLS = 3
PANEL_ASKED = 3
WAKING_EVERY_S = 0.5
RETRY_AT_MOST_S = 5.0
BESIDE = "beside"
FAULTS = {"lamp": "lamp-fault", "heat": "too-hot", "signal": "no-signal", "fan": "fan-fault"}
FAULTY = 1
RUBBISH = ("bad-frame", "check-error", "secured-protocol")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnLine:
    """One display as it sits on the line; `input` is the plug it should show, None = not watched.

    `beside` is the plug of another signage player. `sound` is the thing that its loudspeakers are, None where nobody
    commands them.
    """

    display_id: int
    input: str | None = None
    beside: str | None = None
    warm_up_s: float = 15.0
    sound: str | None = None


@dataclass(slots=True, kw_only=True)
class _Seen:
    """What the driver knows of one display now."""

    availability: Availability = Availability.UNKNOWN
    cause: str = ""
    missed: int = 0
    clean: bool = True
    warming: Warming
    power: str | None = None
    shown: str | None = None
    signal: bool | None = None
    tells_faults: bool = True
    panel_missed: int = 0
    panel: str | None = None
    celsius: int | None = None
    troubles: set[str] = field(default_factory=set)


class SamsungLine:
    """Driver of every display on one line; see `devices.reports.Driver`."""

    def __init__(
        self,
        open_link: LinkOpener,
        displays: Mapping[str, OnLine],
        *,
        sink: ThingSink,
        clock: Clock,
        chance: Random,
        poll_s: float = 5.0,
        gap_s: float = 0.0,
    ) -> None:
        """`gap_s`: from when an order to switch on has gone out on the wire until the next one may, at least."""
        self._open_link = open_link
        self._displays = dict(displays)
        self._sink = sink
        self._clock = clock
        self._poll_s = poll_s
        self._backoff = Backoff(chance, longest_s=RETRY_AT_MOST_S)
        self._seen = {thing: _Seen(warming=Warming(said_s=one.warm_up_s)) for thing, one in displays.items()}
        self._sounds = {thing: self._loudspeakers(thing, one.sound) for thing, one in displays.items() if one.sound}
        self._display_of = {sound.thing: thing for thing, sound in self._sounds.items()}
        self._gap_s = gap_s
        self._on_at = float("-inf")
        self._gone: list[Callable[[str], None]] = []
        self._woken = asyncio.Event()
        self._exchange: Exchange[mdc.Reply] | None = None
        self._cause = "connecting"

    @property
    def things(self) -> tuple[str, ...]:
        """The ids this driver speaks for."""
        return (*self._displays, *self._display_of)

    def on_gone(self, heard: Callable[[str], None]) -> None:
        """See `devices.reports.Switching`."""
        self._gone.append(heard)

    async def run(self) -> None:
        """Open, poll, report, reconnect; ends only by cancellation."""
        await keep_talking(self._open_link, self._talk, down=self._down, backoff=self._backoff, clock=self._clock)

    async def send(self, command: Command) -> Outcome:
        """Switch a display `on`, `off` or `beside`, or set its level, and read it back; the module says what follows.

        Raises also `LinkLost("display-off")` for a level or an input while there is no picture yet.
        """
        if command.thing in self._display_of:
            return await self._send_level(command)
        thing, seen = command.thing, self._seen[command.thing]
        shared = self._displays[thing].beside is not None
        if command.value not in (("on", "off", BESIDE) if shared else ("on", "off")):
            raise Refused("unknown-value", command.value)
        self._well(thing, "did-not-follow")
        if shared and command.value != "off":
            return await self._share(thing, seen, command.value)
        return await self._send_power(thing, seen, command.value)

    async def _send_power(self, thing: str, seen: _Seen, value: str) -> Outcome:
        await self._switch(thing, seen, value)
        try:
            await self._read_back(thing, value)
        except DeviceError:
            if self._warming(seen):
                return Outcome.ACCEPTED
            raise
        return Outcome.VERIFIED

    async def _share(self, thing: str, seen: _Seen, value: str) -> Outcome:
        """Power first, then the input; whoever is on already keeps its power untouched."""
        awake = await self._said(thing, "power") == "on"
        if not awake and (self._warming(seen) or await self._send_power(thing, seen, "on") is not Outcome.VERIFIED):
            raise LinkLost("display-off")
        one, shown = self._displays[thing], str(await self._said(thing, "input"))
        if value == BESIDE and shown != one.input:
            return self._stands(thing, shown)
        wanted = str(one.input if value == "on" else one.beside)
        if shown != wanted:
            await self._order(thing, "input", wanted)
            shown = await self._input_read_back(thing, wanted)
        return self._stands(thing, shown)

    async def _input_read_back(self, thing: str, wanted: str) -> str:
        """Return once it says so; a display looks for a signal before it does."""
        shown = None
        for _ in range(INPUT_READ_BACKS):
            await self._clock.sleep(SETTLE_S)
            shown = await self._said(thing, "input")
            if shown == wanted:
                return wanted
        if self._warming(self._seen[thing]):
            raise LinkLost("display-off")
        raise Refused("did-not-follow", f"asked for {wanted}, says {shown}")

    def _stands(self, thing: str, shown: str) -> Outcome:
        self._power(thing, "on", shown=shown)
        return Outcome.VERIFIED

    async def _switch(self, thing: str, seen: _Seen, value: str) -> None:
        if value == "off":
            seen.warming.ordered_at = None
            await self._order(thing, "power", value)
            seen.warming.ends()
            return
        acknowledged = await self._order(thing, "power", value, first=self._apart, gone=partial(self._on, thing, seen))
        if acknowledged:
            seen.warming.begins(self._clock.mono())
        else:
            seen.warming.ends()
        self._woken.set()

    async def _talk(self, link: Link) -> NoReturn:
        self._exchange = Exchange(link, mdc.decoder(), gap_s=GAP_S)
        await talking(self._exchange, self._tend())

    async def _tend(self) -> NoReturn:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._attend(), name="displays: getting warm")
            await self._watch()
        raise AssertionError("a watch ends only by an error")

    async def _watch(self) -> NoReturn:
        while True:
            due = self._clock.mono() + self._poll_s
            for thing in sorted(self._displays, key=lambda thing: self._seen[thing].missed > 0):
                await self._poll(thing)
            if all(seen.missed >= LOST_AFTER_POLLS for seen in self._seen.values()):
                raise LinkLost("silent", "nobody on this line answers: open it afresh")
            await self._clock.sleep(max(0.0, due - self._clock.mono()))

    async def _attend(self) -> NoReturn:
        """Ask those that are getting warm more often, so that the measurement is worth something."""
        while True:
            await self._woken.wait()
            while waking := [thing for thing, seen in self._seen.items() if self._measuring(seen)]:
                for thing in waking:
                    await self._poll(thing)
                await self._clock.sleep(WAKING_EVERY_S)
            self._woken.clear()

    async def _order(
        self,
        thing: str,
        command: str,
        value: str | int,
        *,
        first: Callable[[], Awaitable[None]] | None = None,
        gone: Callable[[], None] = lambda: None,
    ) -> bool:
        """Set it; False when the acknowledgement got lost, so that reading back decides alone."""
        display_id = self._displays[thing].display_id
        request = mdc.order(command, display_id, value)

        def acknowledges(reply: mdc.Reply) -> bool:
            return mdc.answers(reply, command, display_id) and not (reply.acknowledged and reply.data != request[4:5])

        try:
            reply = await self._line().ask(request, acknowledges, within_s=ANSWER_WITHIN_S, first=first, gone=gone)
        except LinkLost as lost:
            if lost.cause != "silent":
                raise
            return False
        mdc.value(command, reply)
        return True

    async def _apart(self) -> None:
        """Wait, holding the line, until the last one that was switched on has drawn its current."""
        while (rest_s := self._on_at + self._gap_s - self._clock.mono()) > 0:
            await self._clock.sleep(rest_s)

    def _on(self, thing: str, seen: _Seen) -> None:
        """The order is on the wire: before that nobody else's distance to it can be counted."""
        self._on_at = self._clock.mono()
        seen.warming.ordered(self._on_at, was_off=seen.power == "off")
        for heard in self._gone:
            heard(thing)

    def _loudspeakers(self, thing: str, sound: str) -> Loudspeakers:
        return Loudspeakers(sound, ask=partial(self._reply, thing), order=partial(self._order, thing), sink=self._sink)

    async def _send_level(self, command: Command) -> Outcome:
        thing = self._display_of[command.thing]
        orders_for(command.value)  # no level is no level, whatever the power
        seen, sound = self._seen[thing], self._sounds[thing]
        if command.value != "off" and (seen.power != "on" or self._measuring(seen)):
            raise LinkLost("display-off")
        if seen.power == "off":
            return Outcome.VERIFIED
        await sound.set(command.value)
        await self._clock.sleep(SETTLE_S)
        level = await sound.level()
        if level != command.value:
            raise Refused("did-not-follow", f"asked for {command.value}, says {level}")
        return Outcome.VERIFIED

    async def _read_back(self, thing: str, value: str) -> None:
        """Return once it says so; the pause lets doubled acknowledgements pass, which look like answers."""
        said = None
        for _ in range(READ_BACKS):
            await self._clock.sleep(SETTLE_S)
            said = await self._said(thing, "power")
            if said == value:
                self._power(thing, value)
                return
        raise Refused("did-not-follow", f"asked for {value}, says {said}")

    async def _poll(self, thing: str) -> None:
        seen = self._seen[thing]
        seen.clean = True
        try:
            power = await self._said(thing, "power")
        except LinkLost as lost:
            if lost.cause != "silent":
                raise
            self._missed(seen, thing, lost.cause)
        except BadFrame as bad:
            self._trouble(thing, bad)
            self._missed(seen, thing, bad.cause)
        except Refused as no:
            self._answered(thing)
            self._trouble(thing, no)
            if thing in self._sounds:
                self._sounds[thing].refused(no)
        else:
            self._answered(thing)
            self._well(thing, "refused")
            await self._more(thing, seen, power)

    async def _more(self, thing: str, seen: _Seen, power: str | int | None) -> None:
        shown = await self._input(thing) if power == "on" else None
        seen.shown = shown or (None if power == "off" else seen.shown)
        if power == "on" and seen.tells_faults:
            await self._faults(thing, seen)
        self._power(thing, str(power) if power in ("on", "off") else None, shown=shown)
        if power == "on" and seen.panel_missed < PANEL_ASKED:
            await self._panel(thing, seen)
        if thing in self._sounds:
            await self._sounds[thing].poll(power=str(power) if power in ("on", "off") else None)
        if seen.clean:
            self._well(thing, *RUBBISH)

    async def _said(self, thing: str, command: str) -> str | int | None:
        reply = await self._reply(thing, command)
        return mdc.value(command, reply)

    async def _reply(self, thing: str, command: str, *, within_s: float | None = None) -> mdc.Reply:
        display_id = self._displays[thing].display_id
        line = self._line()
        reply = await line.ask(
            mdc.question(command, display_id),
            lambda reply: mdc.answers(reply, command, display_id),
            within_s=within_s or self._within_s(self._seen[thing]),
        )
        if line.rubbish:
            self._seen[thing].clean = False
            self._trouble(thing, line.rubbish)
        return reply

    async def _input(self, thing: str) -> str | None:
        try:
            return str(await self._said(thing, "input"))
        except DeviceError:
            return None

    async def _faults(self, thing: str, seen: _Seen) -> None:
        try:
            said = mdc.values("errors", await self._reply(thing, "errors"))
        except Refused:
            seen.tells_faults = False
            return
        except DeviceError:
            seen.signal = None
            return
        seen.celsius, seen.signal = said["celsius"], said["signal"] != FAULTY
        for part, cause in FAULTS.items():
            if said[part] == FAULTY and part == "signal" and (self._warming(seen) or self._is_lent(thing)):
                continue
            if said[part] == FAULTY:
                self._trouble(thing, Refused(cause))
            else:
                self._well(thing, cause)

    async def _panel(self, thing: str, seen: _Seen) -> None:
        """Whether its picture is switched off while its power is on; who has no word for that is not asked again."""
        seen.panel = None
        try:
            said = mdc.value("panel", await self._reply(thing, "panel", within_s=BRIEFLY_S))
        except DeviceError as error:
            seen.panel_missed = PANEL_ASKED if isinstance(error, Refused) else seen.panel_missed + 1
            return
        seen.panel_missed, seen.panel = 0, str(said) if said in ("on", "off") else None
        if said == "off":
            self._trouble(thing, Refused("screen-off"))
        else:
            self._well(thing, "screen-off")

    def _power(self, thing: str, power: str | None, *, shown: str | None = None) -> None:
        seen = self._seen[thing]
        seen.power, seen.shown = power or seen.power, shown or (None if power == "off" else seen.shown)
        if power != "on":
            seen.signal = seen.panel = None
        self._judge(thing, power, shown)
        said: dict[str, Value] = {"power": power, "input": shown, "signal": seen.signal, "celsius": seen.celsius}
        said["panel"] = seen.panel
        one = self._displays[thing]
        plugged = one.input is None or (shown is not None and shown in (one.input, one.beside))
        lit = power == "on" and plugged and (seen.signal or not seen.tells_faults)
        said["lit_after_s"] = seen.warming.lit_after_s(self._clock.mono(), lit=lit, off=power == "off")
        waking = power != "on" and self._warming(seen)
        if waking:
            said["warming"] = True
        detail = {name: value for name, value in said.items() if value is not None}
        self._sink.reported(Reported(thing=thing, value=None if waking else self._value(thing, power), detail=detail))

    def _value(self, thing: str, power: str | None) -> str | None:
        """Its power in the words of its desired state; with another player beside ours its input counts too."""
        if self._displays[thing].beside is None or power != "on":
            return power
        shown = self._seen[thing].shown
        return None if shown is None else BESIDE if self._is_lent(thing) else "on"

    def _is_lent(self, thing: str) -> bool:
        """Whether it shows anything but our input."""
        one, shown = self._displays[thing], self._seen[thing].shown
        return one.beside is not None and shown is not None and shown != one.input

    def _judge(self, thing: str, power: str | None, shown: str | None) -> None:
        seen, wanted = self._seen[thing], self._displays[thing].input
        warmed = seen.warming.passed(self._clock.mono())
        if power == "on":
            self._well(thing, "did-not-follow")
        elif warmed:
            self._trouble(thing, Refused("did-not-follow", "still not on after its warm-up"))
        if power == "on" and wanted and shown and shown not in (wanted, self._displays[thing].beside):
            self._trouble(thing, Refused("wrong-input", shown))
        elif power != "on" or shown:
            self._well(thing, "wrong-input")
        if power != "on":
            self._well(thing, "no-signal", "screen-off")

    def _within_s(self, seen: _Seen) -> float:
        """How long to wait for an answer; the lost are asked briefly, and patiently now and then."""
        brief = seen.missed >= LOST_AFTER_POLLS and seen.missed % PATIENT_EVERY
        return min(BRIEFLY_S, ANSWER_WITHIN_S) if brief else ANSWER_WITHIN_S

    def _measuring(self, seen: _Seen) -> bool:
        return seen.warming.measuring(self._clock.mono(), answers=seen.missed == 0)

    def _warming(self, seen: _Seen) -> bool:
        return seen.warming.lasts(self._clock.mono())

    def _line(self) -> Exchange[mdc.Reply]:
        if self._exchange is None:
            raise LinkLost(self._cause)
        return self._exchange

    def _down(self, lost: LinkLost) -> None:
        self._exchange, self._cause = None, lost.cause
        for thing, seen in self._seen.items():
            if not self._warming(seen):
                self._is(thing, Availability.LOST, lost.cause)

    def _answered(self, thing: str) -> None:
        self._backoff.reset()
        self._seen[thing].missed = 0
        self._is(thing, Availability.OK, "answers")

    def _missed(self, seen: _Seen, thing: str, cause: str) -> None:
        if self._warming(seen):
            return
        seen.missed += 1
        if seen.missed >= LOST_AFTER_POLLS:
            self._is(thing, Availability.LOST, cause)
        elif seen.availability is not Availability.LOST:
            self._is(thing, Availability.LATE, cause)

    def _is(self, thing: str, availability: Availability, cause: str) -> None:
        seen = self._seen[thing]
        if (seen.availability, seen.cause) != (availability, cause):
            seen.availability, seen.cause = availability, cause
            self._sink.availability(thing, availability, cause)
            if thing in self._sounds:
                self._sink.availability(self._sounds[thing].thing, availability, cause)

    def _trouble(self, thing: str, error: DeviceError) -> None:
        if error.cause not in self._seen[thing].troubles:
            self._seen[thing].troubles.add(error.cause)
            self._sink.trouble(thing, error.cause, detail=error.detail)

    def _well(self, thing: str, *causes: str) -> None:
        for cause in causes:
            if cause in self._seen[thing].troubles:
                self._seen[thing].troubles.discard(cause)
                self._sink.well(thing, cause)
