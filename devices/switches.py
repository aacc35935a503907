"""Sign, lights, siren and beacon over MQTT, in whatever dialect each speaks.

Commands only set a state, are never retained and carry their expiry where the dialect has one, by the clock of the
device that judges it: a controller whose clock is behind must still sound a siren. What can be read back is waited
for. A device that can be asked is asked when it appears and once a minute, more often while it says what is wrong: that
it is online proves nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from devices.dialects import QUESTION, Answer, ContractSwitch, Said, Switch, TopicSwitch
from devices.errors import BadFrame, DeviceError, LinkLost, Refused
from devices.messages import LinkState, Message, ThingLine
from devices.reports import Availability, Clock, Command, Outcome, Reported, ThingSink
from devices.topics import LONGEST_TEXT

__all__ = ["ContractSwitch", "MqttSwitches", "Switch", "TopicSwitch"]

ANSWER_WITHIN_S = 2.0
ASK_EVERY_S = 60.0
ASK_TROUBLED_EVERY_S = 5.0
LOST_AFTER_ASKED = 2
STRANGE_ORDER = "strange-order"
MISREAD = ("bad-payload", "too-large", "refused", "needs-password")
ORDERS_KNOWN = 1000


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
        self._asks = {switch.thing: switch for switch in self._switches.values() if switch.questions()}
        self._unasked: set[str] = set()
        self._open: set[str] = set()
        self._unanswered: Counter[str] = Counter()
        self._ask_now = asyncio.Event()
        self._troubled = asyncio.Event()
        line.watch(self._link_moved)
        for switch in self._switches.values():
            for topic in switch.topics():
                line.subscribe(topic, _hearer(self, switch))

    @property
    def things(self) -> tuple[str, ...]:
        """The ids this driver speaks for."""
        return tuple(self._switches)

    async def run(self) -> None:
        """Ask what can be asked, when it appears and once a minute; ends only by cancellation."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._ask_again_and_again(), name="switches: every minute")
            group.create_task(self._ask_the_troubled(), name="switches: those in trouble")
            while True:
                await self._ask_now.wait()
                self._ask_now.clear()
                await self._ask(self._unasked)

    async def send(self, command: Command) -> Outcome:
        """Publish and wait for the state or the answer. Silence of a switch that could answer raises LinkLost."""
        switch = self._switches[command.thing]
        expires_at = command.expires_at + self._ahead(command.thing)
        letters = switch.orders(replace(command, expires_at=expires_at))
        awaited = _Awaited(command)
        self._awaited[command.thing] = awaited
        self._orders.append(command.id)
        try:
            for topic, payload in letters:
                await self._line.publish(topic, payload, qos=1, retain=False)
            return await awaited.outcome() if switch.answers else Outcome.UNVERIFIED
        finally:
            if self._awaited.get(command.thing) is awaited:
                del self._awaited[command.thing]

    def replaced(self, thing: str) -> None:
        """A newer command for the thing has come: a siren must not wait for the proof that it was silent."""
        if thing in self._awaited:
            self._awaited[thing].drop()

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
            self._signed(switch.thing, said.here)
        if said.at is not None and said.at.tzinfo is not None:
            self._clocks[switch.thing] = said.at, self._clock.mono()
        if said.value is not None:
            self._told(switch.thing, said, retained=message.retained)
        if said.answer is not None:
            self._answered(switch.thing, said.answer)

    def _told(self, thing: str, said: Said, *, retained: bool) -> None:
        self._well(thing, *MISREAD)
        self._sink.reported(Reported(thing=thing, value=said.value, detail=said.detail, retained=retained))
        if not retained:
            self._open.discard(thing)
            self._unanswered[thing] = 0
            self._here(thing, True)
            if thing in self._awaited:
                self._awaited[thing].told(str(said.value))

    def _answered(self, thing: str, answer: Answer) -> None:
        """To an order of ours, or a no to a question: the device is there, but what the site file names is not."""
        if answer.id == QUESTION or (answer.id is None and thing in self._open and thing not in self._awaited):
            self._unanswered[thing] = 0
            self._trouble(thing, answer.cause, answer.detail)
        elif thing in self._awaited:
            self._awaited[thing].answered(answer)

    def _signed(self, thing: str, here: bool) -> None:
        """It, or its last will, says whether it is there; one that can be asked must prove it."""
        if here and thing in self._asks:
            self._unasked.add(thing)
            self._ask_now.set()
        else:
            self._here(thing, here)

    async def _ask_again_and_again(self) -> None:
        while True:
            await self._clock.sleep(ASK_EVERY_S)
            if self._line.state.up:
                for thing in self._asks:
                    self._unanswered[thing] += 1
                    if self._unanswered[thing] > LOST_AFTER_ASKED:
                        self._here(thing, False, "silent")
                self._unasked.update(self._asks)
                self._ask_now.set()

    async def _ask_the_troubled(self) -> None:
        """What was wrong may have been mended."""
        while True:
            await self._troubled.wait()
            await self._clock.sleep(ASK_TROUBLED_EVERY_S)
            troubled = {thing for thing in self._asks if self._wrong[thing].intersection(MISREAD)}
            self._unasked.update(troubled)
            (self._ask_now.set if troubled else self._troubled.clear)()

    async def _ask(self, unasked: set[str]) -> None:
        """Put the questions; where the line is lost meanwhile they come again with it."""
        things, self._unasked = sorted(unasked), set()
        try:
            for thing in things:
                self._open.add(thing)
                for topic, payload in self._asks[thing].questions():
                    await self._line.publish(topic, payload, qos=1, retain=False)
        except LinkLost:
            self._unasked.update(things)

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
        if cause in MISREAD:
            self._troubled.set()

    def _well(self, thing: str, *causes: str) -> None:
        for cause in self._wrong[thing].intersection(causes):
            self._wrong[thing].discard(cause)
            self._sink.well(thing, cause)

    def _here(self, thing: str, here: bool, cause: str = "offline") -> None:
        if self._lost.get(thing) is not (not here):
            self._lost[thing] = not here
            self._sink.availability(thing, *((Availability.OK, "") if here else (Availability.LOST, cause)))

    def _link_moved(self, state: LinkState, cause: str) -> None:
        """A lost line loses every switch; when it is back each is unknown until it says something."""
        if state.down:
            self._lost.clear()
            for thing in self._switches:
                self._sink.availability(thing, Availability.LOST, cause or "broker-lost")
        elif state.up:
            for thing in (thing for thing in self._switches if thing not in self._lost):
                self._sink.availability(thing, Availability.UNKNOWN, "")
            self._unasked.update(self._asks)
            self._ask_now.set()


class _Awaited:
    """What a command waits for: the state read back; the device's yes counts when no state follows."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._settled: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._accepted = False
        self._otherwise = ""

    def told(self, value: str) -> None:
        """The thing said what it is now."""
        if value == self._command.value and not self._settled.done():
            self._settled.set_result(Outcome.VERIFIED)
        self._otherwise = value

    def answered(self, answer: Answer) -> None:
        """The thing answered a command, perhaps this one."""
        if answer.id not in (None, self._command.id) or self._settled.done():
            return
        if answer.yes:
            self._accepted, self._otherwise = True, ""
        else:
            self._settled.set_exception(Refused(answer.cause, answer.detail))

    def drop(self) -> None:
        """Nobody wants to know any more."""
        if not self._settled.done():
            self._settled.set_result(Outcome.UNVERIFIED)

    async def outcome(self) -> Outcome:
        """Wait for it, not long."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await self._settled
        except TimeoutError as late:
            if self._accepted and not self._otherwise:
                return Outcome.ACCEPTED
            raise self._failure() from late

    def _failure(self) -> DeviceError:
        """Worth trying again, both."""
        thing, value = self._command.thing, self._command.value
        if self._otherwise:
            return LinkLost("did-not-follow", f"{thing}: asked for {value}, says {self._otherwise}")
        return LinkLost("silent", f"{thing}: no answer in {ANSWER_WITHIN_S:g} s")


def _hearer(driver: MqttSwitches, switch: Switch) -> Callable[[Message], None]:
    return lambda message: driver.heard(switch, message)
