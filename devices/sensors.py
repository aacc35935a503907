"""Sensors of any maker over MQTT, as the site file describes them: a word or a number, watched and never commanded.

Examples of what a description reads: Zigbee2MQTT (`{"temperature": 21.4}`, `{"contact": false}`), a LoRaWAN network
server's decoded uplink (`object.co2` in ChirpStack's JSON), a bare `OPEN`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from devices.errors import BadFrame, Refused
from devices.messages import LinkState, Message, ThingLine
from devices.reports import Clock, Command, Outcome, Reported, ThingSink, Value
from devices.standing import Standing
from devices.topics import LONGEST_TEXT, Matcher, reachable

LOOKS_PER_AGE = 4
SHORTEST_LOOK_S = 1.0
LATE_FACTOR, LOST_FACTOR = 1.0, 2.0
TOO_LOW, TOO_HIGH, ALARM = "too-low", "too-high", "alarm-value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """One value: where it is told, how old it may be, and from where on it is trouble."""

    thing: str
    state: Matcher
    max_age_s: float
    number: bool = False
    unit: str = ""
    low: float | None = None
    high: float | None = None
    alarms: frozenset[str] = frozenset()
    availability: Matcher | None = None

    def read(self, message: Message) -> tuple[str, float | None] | None:
        """The word, or the number with its word; None where the message says nothing of it. Raises BadFrame."""
        if message.too_large:
            raise BadFrame("too-large")
        word = self.state.read(message.payload) if message.payload.strip() else None
        if word is None:
            if self.state.misread(message.payload):
                raise BadFrame("bad-payload", message.text()[:LONGEST_TEXT])
            return None
        return (word, None) if not self.number else _number(word)

    def troubles(self, word: str, number: float | None) -> tuple[str, ...]:
        """What is wrong with this value, as words of `device.<cause>`."""
        wrong = {
            TOO_LOW: number is not None and self.low is not None and number < self.low,
            TOO_HIGH: number is not None and self.high is not None and number > self.high,
            ALARM: word in self.alarms,
        }
        return tuple(cause for cause, so in wrong.items() if so)


@dataclass(slots=True)
class _Seen:
    standing: Standing
    heard_at: float
    fresh: bool = False
    gone: bool = False


class Sensors:
    """Tells what the sensors say, and when one has been silent for too long: LATE after its age, LOST after two."""

    def __init__(self, line: ThingLine, sensors: Iterable[Sensor], sink: ThingSink, *, clock: Clock) -> None:
        self._sensors = {sensor.thing: sensor for sensor in sensors}
        self._sink = sink
        self._clock = clock
        self._seen = {thing: _Seen(Standing(thing, sink), clock.mono()) for thing in self._sensors}
        line.watch(self._link_moved)
        for sensor in self._sensors.values():
            line.subscribe(sensor.state.topic, _hearer(self.heard, sensor))
            if sensor.availability is not None:
                line.subscribe(sensor.availability.topic, _hearer(self.signed, sensor))

    @property
    def things(self) -> tuple[str, ...]:
        """The ids this driver speaks for."""
        return tuple(self._sensors)

    async def run(self) -> None:
        """Watch for silence; ends only by cancellation."""
        shortest_s = min((sensor.max_age_s for sensor in self._sensors.values()), default=60.0)
        while True:
            await self._clock.sleep(max(SHORTEST_LOOK_S, shortest_s / LOOKS_PER_AGE))
            self.look()

    async def send(self, command: Command) -> Outcome:
        """Nobody commands a sensor."""
        raise Refused("not-commanded", command.thing)

    def look(self) -> None:
        """Judge every sensor by how long it has been silent."""
        now = self._clock.mono()
        for thing, seen in self._seen.items():
            ages = (now - seen.heard_at) / self._sensors[thing].max_age_s
            if ages >= LOST_FACTOR:
                seen.fresh = False
                seen.standing.lost("stale")
            elif ages >= LATE_FACTOR and not seen.gone:
                seen.standing.late("stale")

    def heard(self, sensor: Sensor, message: Message) -> None:
        """A message of its state topic."""
        seen = self._seen[sensor.thing]
        try:
            said = sensor.read(message)
        except BadFrame as bad:
            seen.standing.trouble(bad)
            return
        if said is None:
            return
        word, number = said
        seen.standing.well("bad-payload", "too-large")
        self._sink.reported(_report(sensor, word, number, retained=message.retained))
        if not message.retained:
            seen.heard_at, seen.fresh, seen.gone = self._clock.mono(), True, False
            seen.standing.answered()
        self._judge(sensor, word, number)

    def signed(self, sensor: Sensor, message: Message) -> None:
        """A message of its availability topic: gone at once; back only with a value that is young enough."""
        assert sensor.availability is not None
        seen, here = self._seen[sensor.thing], reachable(sensor.availability.read(message.payload))
        if here is False:
            seen.gone = True
            seen.standing.lost("offline")
        elif here and seen.gone:
            seen.gone = False
            if seen.fresh:
                seen.standing.answered()
            else:
                seen.standing.unknown()

    def _judge(self, sensor: Sensor, word: str, number: float | None) -> None:
        standing, wrong = self._seen[sensor.thing].standing, sensor.troubles(word, number)
        standing.well(*({TOO_LOW, TOO_HIGH, ALARM} - set(wrong)))
        for cause in wrong:
            standing.trouble(Refused(cause, f"{word} {sensor.unit}".strip()))

    def _link_moved(self, state: LinkState, cause: str) -> None:
        """A lost line loses every sensor; what each says when it is back counts."""
        for seen in self._seen.values():
            if state.down:
                seen.fresh = False
                seen.standing.lost(cause or "broker-lost")
            elif state.up:
                seen.gone, seen.heard_at = False, self._clock.mono()
                seen.standing.unknown()


def _number(word: str) -> tuple[str, float]:
    try:
        number = float(word)
    except ValueError as mistake:
        raise BadFrame("bad-payload", word) from mistake
    if not math.isfinite(number):
        raise BadFrame("bad-payload", word)
    return f"{number:g}", number


def _report(sensor: Sensor, word: str, number: float | None, *, retained: bool) -> Reported:
    detail: dict[str, Value] = {} if number is None else {"number": number}
    if sensor.unit:
        detail["unit"] = sensor.unit
    return Reported(thing=sensor.thing, value=word, detail=detail, retained=retained)


def _hearer(heard: Callable[[Sensor, Message], None], sensor: Sensor) -> Callable[[Message], None]:
    return lambda message: heard(sensor, message)
