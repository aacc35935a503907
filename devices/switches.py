"""Sign, lights, siren and beacon over MQTT: by our contract, or over topics that the site file describes.

Commands only set a state, are never retained and carry their expiry, by the clock of the device that judges it:
a controller whose clock is behind must still sound a siren. What can be read back is waited for.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from devices.errors import BadFrame, LinkLost, Refused, WrongAddress
from devices.messages import LinkState, Message, ThingLine
from devices.reports import Availability, Clock, Command, Outcome, Reported, ThingSink
from devices.topics import (
    CONTRACT_VERSION,
    LONGEST_TEXT,
    Matcher,
    Orders,
    ReportedPayload,
    ResultPayload,
    parse,
    reachable,
    topic_of,
)

ANSWER_WITHIN_S = 2.0
ACCEPTING = frozenset({"accepted", "verified", "unverified", "ok"})
STRANGE_ORDER = "strange-order"
ORDERS_KNOWN = 1000


class Switch(Protocol):
    """How one switch is spoken to."""

    @property
    def thing(self) -> str:
        """Its id."""

    @property
    def answers(self) -> bool:
        """Whether it says anything after a command."""

    def topics(self) -> tuple[str, ...]:
        """What to listen to."""

    def order(self, command: Command) -> tuple[str, str]:
        """Topic and payload of a command; raises WrongAddress for a value it has no payload for."""

    def read(self, message: Message) -> Said:
        """What a message of its topics says; raises BadFrame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one message says: a state, reachable or not, the answer to a command, or a command (its id, "" = none)."""

    value: str | None = None
    at: datetime | None = None
    here: bool | None = None
    answer: ResultPayload | None = None
    order: str | None = None


@dataclass(frozen=True, slots=True)
class ContractSwitch:
    """A switch that speaks our MQTT contract."""

    site: str
    thing: str
    answers: bool = True

    def topics(self) -> tuple[str, ...]:
        """See `Switch`."""
        whats = ("reported", "availability", "result", "command")
        return tuple(topic_of(self.site, self.thing, what) for what in whats)

    def order(self, command: Command) -> tuple[str, str]:
        """See `Switch`."""
        payload = {
            "v": CONTRACT_VERSION,
            "id": command.id,
            "action": "set",
            "value": command.value,
            "expires_at": command.expires_at.astimezone(UTC).isoformat(),
        }
        return topic_of(self.site, self.thing, "command"), json.dumps(payload, ensure_ascii=False)

    def read(self, message: Message) -> Said:
        """See `Switch`."""
        match message.topic.rpartition("/")[2]:
            case "reported":
                reported = parse(ReportedPayload, message.payload)
                return Said(value=reported.value, at=reported.at)
            case "result":
                return Said(answer=parse(ResultPayload, message.payload))
            case "command":
                return Said(order=_order_id(message))
            case _:
                return Said(here=reachable(message.text()))


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSwitch:
    """Somebody else's switch, described: where it tells its state, how it is told, where it says that it is there."""

    thing: str
    command: Orders
    state: Matcher | None = None
    availability: Matcher | None = None

    @property
    def answers(self) -> bool:
        """See `Switch`."""
        return self.state is not None

    def topics(self) -> tuple[str, ...]:
        """See `Switch`."""
        return tuple({matcher.topic: None for matcher in (self.state, self.availability) if matcher is not None})

    def order(self, command: Command) -> tuple[str, str]:
        """See `Switch`."""
        if command.value not in self.command.payloads:
            raise WrongAddress("no-such-value", f"{self.thing}: {command.value}")
        return self.command.topic, self.command.payloads[command.value]

    def read(self, message: Message) -> Said:
        """See `Switch`."""
        value = _read(self.state, message)
        if self.state is not None and self.state.topic == message.topic and self.state.misread(message.payload):
            raise BadFrame("bad-payload", message.text()[:LONGEST_TEXT])
        return Said(value=value, here=reachable(_read(self.availability, message)))


class MqttSwitches:
    """The switches of one broker as a driver; the line itself is run by its broker."""

    def __init__(self, line: ThingLine, switches: Iterable[Switch], sink: ThingSink, *, clock: Clock) -> None:
        self._line = line
        self._sink = sink
        self._clock = clock
        self._clocks: dict[str, tuple[datetime, float]] = {}
        self._switches = {switch.thing: switch for switch in switches}
        self._awaited: dict[str, _Awaited] = {}
        self._lost: dict[str, bool] = {}
        self._wrong: dict[str, set[str]] = defaultdict(set)
        self._orders: deque[str] = deque(maxlen=ORDERS_KNOWN)
        self._kept: set[str] = set()
        line.watch(self._link_moved)
        for switch in self._switches.values():
            for topic in switch.topics():
                line.subscribe(topic, _hearer(self, switch))

    @property
    def things(self) -> tuple[str, ...]:
        """The ids this driver speaks for."""
        return tuple(self._switches)

    async def run(self) -> None:
        """Everything here is answered by messages; ends only by cancellation."""
        await asyncio.Event().wait()

    async def send(self, command: Command) -> Outcome:
        """Publish and wait for the state or the answer. Silence of a switch that could answer raises LinkLost."""
        switch = self._switches[command.thing]
        expires_at = command.expires_at + self._ahead(command.thing)
        topic, payload = switch.order(replace(command, expires_at=expires_at))
        awaited = _Awaited(command)
        self._awaited[command.thing] = awaited
        self._orders.append(command.id)
        try:
            await self._line.publish(topic, payload, qos=1, retain=False)
            return await awaited.outcome() if switch.answers else Outcome.UNVERIFIED
        finally:
            if self._awaited.get(command.thing) is awaited:
                del self._awaited[command.thing]

    def _ahead(self, thing: str) -> timedelta:
        """By how much the device's clock is ahead of ours at least, by its last report and the steady clock since."""
        if thing not in self._clocks:
            return timedelta()
        said, mono = self._clocks[thing]
        return max(timedelta(), said + timedelta(seconds=self._clock.mono() - mono) - self._clock.now())

    def heard(self, switch: Switch, message: Message) -> None:
        """A message of one of the switch's topics."""
        if message.too_large:
            self._trouble(switch.thing, "too-large", "")
            return
        try:
            said = switch.read(message)
        except BadFrame as bad:
            self._trouble(switch.thing, bad.cause, bad.detail)
            return
        if said.order is not None:
            self._ordered(switch.thing, said.order, message)
        if said.here is not None:
            self._here(switch.thing, said.here)
        if said.at is not None and said.at.tzinfo is not None:
            self._clocks[switch.thing] = said.at, self._clock.mono()
        if said.value is not None:
            self._told(switch.thing, said.value, retained=message.retained)
        if said.answer is not None and switch.thing in self._awaited:
            self._awaited[switch.thing].answered(said.answer)

    def _told(self, thing: str, value: str, *, retained: bool) -> None:
        self._well(thing, "bad-payload", "too-large")
        self._sink.reported(Reported(thing=thing, value=value, retained=retained))
        if not retained:
            self._here(thing, True)
            if thing in self._awaited:
                self._awaited[thing].told(value)

    def _ordered(self, thing: str, order: str, message: Message) -> None:
        """Our own commands come back to us; another is a stranger's, and one that the broker kept until it is removed.

        A stranger's single command is over when ours came after it.
        """
        if message.retained:
            self._kept.add(thing)
        elif not message.payload:
            self._kept.discard(thing)
        if message.retained or (message.payload and order not in self._orders):
            self._trouble(thing, STRANGE_ORDER, message.text()[:LONGEST_TEXT])
        elif thing not in self._kept:
            self._well(thing, STRANGE_ORDER)

    def _trouble(self, thing: str, cause: str, detail: str) -> None:
        if cause not in self._wrong[thing]:
            self._wrong[thing].add(cause)
            self._sink.trouble(thing, cause, detail=detail)

    def _well(self, thing: str, *causes: str) -> None:
        for cause in self._wrong[thing].intersection(causes):
            self._wrong[thing].discard(cause)
            self._sink.well(thing, cause)

    def _here(self, thing: str, here: bool) -> None:
        if self._lost.get(thing) is not (not here):
            self._lost[thing] = not here
            self._sink.availability(thing, *((Availability.OK, "") if here else (Availability.LOST, "offline")))

    def _link_moved(self, state: LinkState, cause: str) -> None:
        """A lost line loses every switch; when it is back each is unknown until it says something."""
        if state.down:
            self._lost.clear()
            for thing in self._switches:
                self._sink.availability(thing, Availability.LOST, cause or "broker-lost")
        elif state.up:
            for thing in (thing for thing in self._switches if thing not in self._lost):
                self._sink.availability(thing, Availability.UNKNOWN, "")


class _Awaited:
    """What a command waits for: the state read back; the device's yes counts when no state follows."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._settled: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._accepted = False

    def told(self, value: str) -> None:
        """The thing said what it is now."""
        if value == self._command.value and not self._settled.done():
            self._settled.set_result(Outcome.VERIFIED)

    def answered(self, answer: ResultPayload) -> None:
        """The thing answered a command, perhaps this one."""
        if answer.id != self._command.id or self._settled.done():
            return
        if answer.outcome in ACCEPTING:
            self._accepted = True
        else:
            self._settled.set_exception(Refused("refused", answer.detail or answer.outcome))

    async def outcome(self) -> Outcome:
        """Wait for it, not long."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await self._settled
        except TimeoutError as silence:
            if self._accepted:
                return Outcome.ACCEPTED
            raise LinkLost("silent", f"{self._command.thing}: no answer in {ANSWER_WITHIN_S:g} s") from silence


def _hearer(driver: MqttSwitches, switch: Switch) -> Callable[[Message], None]:
    return lambda message: driver.heard(switch, message)


def _order_id(message: Message) -> str:
    try:
        document = json.loads(message.payload)
    except (ValueError, RecursionError):
        return ""
    return str(document.get("id", "")) if isinstance(document, dict) else ""


def _read(matcher: Matcher | None, message: Message) -> str | None:
    return matcher.read(message.payload) if matcher is not None and matcher.topic == message.topic else None
