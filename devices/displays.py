"""Samsung displays on one line: a chain on RS-232 told apart by their ids, or one behind TCP port 1515.

Power is the desired state. A set is read back: VERIFIED when the display then says so. A display that acknowledges and
does not follow raises `Refused("did-not-follow")`; only switching on may take its warm-up time: it ends as ACCEPTED, a
later poll verifies it, and trouble `did-not-follow` is told when the warm-up passes without effect. While a display
warms up its silence is not counted, and what it says is reported as detail only, so that nobody corrects it meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import NoReturn

from devices import mdc
from devices.backoff import Backoff
from devices.errors import BadFrame, DeviceError, LinkLost, Refused
from devices.exchange import Exchange, keep_talking, talking
from devices.link import Link, LinkOpener
from devices.reports import Availability, Clock, Command, Outcome, Reported, ThingSink, Value

ANSWER_WITHIN_S = 1.0
GAP_S = 0.5
SETTLE_S = 0.3
READ_BACKS = 3
LOST_AFTER_POLLS = 3
ERRORS_EVERY_POLLS = 12
RETRY_AT_MOST_S = 5.0
FAULTS = {"lamp": "lamp-fault", "heat": "too-hot", "signal": "no-signal", "fan": "fan-fault"}
FAULTY = 1
RUBBISH = ("bad-frame", "check-error", "secured-protocol")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnLine:
    """One display as it sits on the line; `input` is the plug it should show, None = not watched."""

    display_id: int
    input: str | None = None
    warm_up_s: float = 15.0


@dataclass(slots=True, kw_only=True)
class _Seen:
    """What the driver knows of one display now."""

    availability: Availability = Availability.UNKNOWN
    cause: str = ""
    missed: int = 0
    polls: int = 0
    clean: bool = True
    warm_until: float | None = None
    tells_faults: bool = True
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
    ) -> None:
        self._open_link = open_link
        self._displays = dict(displays)
        self._sink = sink
        self._clock = clock
        self._poll_s = poll_s
        self._backoff = Backoff(chance, longest_s=RETRY_AT_MOST_S)
        self._seen = {thing: _Seen() for thing in displays}
        self._exchange: Exchange[mdc.Reply] | None = None
        self._cause = "connecting"

    @property
    def things(self) -> tuple[str, ...]:
        """The ids this driver speaks for."""
        return tuple(self._displays)

    async def run(self) -> None:
        """Open, poll, report, reconnect; ends only by cancellation."""
        await keep_talking(self._open_link, self._talk, down=self._down, backoff=self._backoff, clock=self._clock)

    async def send(self, command: Command) -> Outcome:
        """Switch a display `on` or `off` and read it back; the module says what counts as following."""
        if command.value not in ("on", "off"):
            raise Refused("unknown-value", command.value)
        thing, seen = command.thing, self._seen[command.thing]
        self._well(thing, "did-not-follow")
        acknowledged = await self._order(thing, command.value)
        warm_up_s = self._displays[thing].warm_up_s if command.value == "on" and acknowledged else 0
        seen.warm_until = self._clock.mono() + warm_up_s if warm_up_s else None
        try:
            await self._read_back(thing, command.value)
        except DeviceError:
            if self._warming(seen):
                return Outcome.ACCEPTED
            raise
        return Outcome.VERIFIED

    async def _talk(self, link: Link) -> NoReturn:
        self._exchange = Exchange(link, mdc.decoder(), gap_s=GAP_S)
        await talking(self._exchange, self._watch())

    async def _watch(self) -> NoReturn:
        while True:
            due = self._clock.mono() + self._poll_s
            for thing in self._displays:
                await self._poll(thing)
            if all(seen.missed >= LOST_AFTER_POLLS for seen in self._seen.values()):
                raise LinkLost("silent", "nobody on this line answers: open it afresh")
            await self._clock.sleep(max(0.0, due - self._clock.mono()))

    async def _order(self, thing: str, value: str) -> bool:
        """Set the power; False when the acknowledgement got lost, so that reading back decides alone."""
        display_id = self._displays[thing].display_id
        request = mdc.order("power", display_id, value)

        def acknowledges(reply: mdc.Reply) -> bool:
            return mdc.answers(reply, "power", display_id) and not (reply.acknowledged and reply.data != request[4:5])

        try:
            reply = await self._line().ask(request, acknowledges, within_s=ANSWER_WITHIN_S)
        except LinkLost as lost:
            if lost.cause != "silent":
                raise
            return False
        mdc.value("power", reply)
        return True

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
        else:
            self._answered(thing)
            self._well(thing, "refused")
            await self._more(thing, seen, power)

    async def _more(self, thing: str, seen: _Seen, power: str | int | None) -> None:
        shown = await self._input(thing) if power == "on" else None
        self._power(thing, str(power) if power in ("on", "off") else None, shown=shown)
        if power == "on" and seen.polls % ERRORS_EVERY_POLLS == 0 and seen.tells_faults:
            await self._faults(thing, seen)
        seen.polls += 1
        if seen.clean:
            self._well(thing, *RUBBISH)

    async def _said(self, thing: str, command: str) -> str | int | None:
        reply = await self._reply(thing, command)
        return mdc.value(command, reply)

    async def _reply(self, thing: str, command: str) -> mdc.Reply:
        display_id = self._displays[thing].display_id
        line = self._line()
        reply = await line.ask(
            mdc.question(command, display_id),
            lambda reply: mdc.answers(reply, command, display_id),
            within_s=ANSWER_WITHIN_S,
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
            return
        seen.celsius = said["celsius"]
        for part, cause in FAULTS.items():
            if said[part] == FAULTY:
                self._trouble(thing, Refused(cause))
            else:
                self._well(thing, cause)

    def _power(self, thing: str, power: str | None, *, shown: str | None = None) -> None:
        seen = self._seen[thing]
        self._judge(thing, power, shown)
        said: dict[str, Value] = {"power": power, "input": shown, "celsius": seen.celsius}
        waking = power != "on" and self._warming(seen)
        if waking:
            said["warming"] = True
        detail = {name: value for name, value in said.items() if value is not None}
        self._sink.reported(Reported(thing=thing, value=None if waking else power, detail=detail))

    def _judge(self, thing: str, power: str | None, shown: str | None) -> None:
        seen, wanted = self._seen[thing], self._displays[thing].input
        warmed = seen.warm_until is not None and not self._warming(seen)
        if power == "on":
            self._well(thing, "did-not-follow")
        elif warmed:
            self._trouble(thing, Refused("did-not-follow", "still not on after its warm-up"))
        seen.warm_until = None if warmed else seen.warm_until
        if power == "on" and wanted and shown and shown != wanted:
            self._trouble(thing, Refused("wrong-input", shown))
        elif power != "on" or shown:
            self._well(thing, "wrong-input")
        if power != "on":
            self._well(thing, "no-signal")

    def _warming(self, seen: _Seen) -> bool:
        return seen.warm_until is not None and self._clock.mono() < seen.warm_until

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

    def _trouble(self, thing: str, error: DeviceError) -> None:
        if error.cause not in self._seen[thing].troubles:
            self._seen[thing].troubles.add(error.cause)
            self._sink.trouble(thing, error.cause, detail=error.detail)

    def _well(self, thing: str, *causes: str) -> None:
        for cause in causes:
            if cause in self._seen[thing].troubles:
                self._seen[thing].troubles.discard(cause)
                self._sink.well(thing, cause)
