"""The robot café by our MQTT contract: watched day and night, never commanded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from devices.errors import BadFrame, Refused
from devices.messages import LinkState, Message, ThingLine
from devices.reports import Availability, Clock, Command, Outcome, Reported, ThingSink, Value
from devices.topics import CafePayload, parse, reachable, topic_of

WATCHED = "watch"
LOOKS_PER_SILENCE = 4
LATE_FACTOR = 1.0
LOST_FACTOR = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cafe:
    """One café and how long it may keep silent."""

    thing: str
    silent_after_s: float


@dataclass(slots=True)
class _Seen:
    heard_at: float
    availability: Availability = Availability.UNKNOWN
    wrong: str = ""


class Cafes:
    """Tells what the cafés report, and when they fall silent: LATE after one silence, LOST after two."""

    def __init__(self, line: ThingLine, site: str, cafes: Iterable[Cafe], sink: ThingSink, *, clock: Clock) -> None:
        self._cafes = {cafe.thing: cafe for cafe in cafes}
        self._sink = sink
        self._clock = clock
        self._seen = {thing: _Seen(clock.mono()) for thing in self._cafes}
        line.watch(self._link_moved)
        for thing in self._cafes:
            line.subscribe(topic_of(site, thing, "reported"), self._reported)
            line.subscribe(topic_of(site, thing, "availability"), self._available)

    @property
    def things(self) -> tuple[str, ...]:
        """The ids this driver speaks for."""
        return tuple(self._cafes)

    async def run(self) -> None:
        """Watch for silence; ends only by cancellation."""
        pause_s = min((cafe.silent_after_s for cafe in self._cafes.values()), default=60) / LOOKS_PER_SILENCE
        while True:
            await self._clock.sleep(pause_s)
            self.look()

    async def send(self, command: Command) -> Outcome:
        """Nobody commands the café."""
        raise Refused("not-commanded", command.thing)

    def look(self) -> None:
        """Judge every café by how long it has been silent."""
        now = self._clock.mono()
        for thing, seen in self._seen.items():
            silent = (now - seen.heard_at) / self._cafes[thing].silent_after_s
            if silent >= LOST_FACTOR:
                self._move(thing, Availability.LOST, "silent")
            elif silent >= LATE_FACTOR and seen.availability is not Availability.LOST:
                self._move(thing, Availability.LATE, "silent")

    def _reported(self, message: Message) -> None:
        thing = _thing(message)
        if message.too_large:
            self._wrong(thing, BadFrame("too-large"))
            return
        try:
            payload = parse(CafePayload, message.payload)
        except BadFrame as bad:
            self._wrong(thing, bad)
            return
        self._right(thing)
        self._sink.reported(Reported(thing=thing, value=WATCHED, detail=details(payload), retained=message.retained))
        if not message.retained:
            self._seen[thing].heard_at = self._clock.mono()
            self._move(thing, Availability.OK, "")

    def _available(self, message: Message) -> None:
        """The last will is a hint worth telling at once; `online` alone proves nothing."""
        if reachable(message.text()) is False:
            self._move(_thing(message), Availability.LOST, "offline")

    def _link_moved(self, state: LinkState, cause: str) -> None:
        if state.down:
            for thing in self._cafes:
                self._move(thing, Availability.LOST, cause or "broker-lost")

    def _wrong(self, thing: str, bad: BadFrame) -> None:
        if self._seen[thing].wrong != bad.cause:
            self._right(thing)
            self._sink.trouble(thing, bad.cause, detail=bad.detail)
        self._seen[thing].wrong = bad.cause

    def _right(self, thing: str) -> None:
        if self._seen[thing].wrong:
            self._sink.well(thing, self._seen[thing].wrong)
        self._seen[thing].wrong = ""

    def _move(self, thing: str, availability: Availability, cause: str) -> None:
        seen = self._seen[thing]
        if seen.availability is not availability:
            seen.availability = availability
            self._sink.availability(thing, availability, cause)


def details(payload: CafePayload) -> dict[str, Value]:
    """The report flat: `state`, `level.<what>`, `return.<what>`, `count.<what>`, `waiting`, `faults` as codes."""
    found: dict[str, Value] = {"state": payload.value}
    found |= {f"level.{name}": level for name, level in payload.levels.items()}
    found |= {f"return.{name}": value for name, value in payload.cup_return.items()}
    found |= {f"count.{name}": count for name, count in payload.counters.items()}
    found["waiting"] = payload.orders_waiting
    found["faults"] = " ".join(fault.code for fault in payload.faults)
    found["said_at"] = payload.at.isoformat() if payload.at is not None else None
    return found


def _thing(message: Message) -> str:
    return message.topic.split("/")[-2]
