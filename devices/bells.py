"""Emergency bells over MQTT: by our contract, or over a topic that the site file describes.

A contract bell repeats its press, same id and same `at`, until it reads the id on `…/assured`; a PUBACK never turns
its "registered" light on. What a press means is decided behind the sink; here none is lost and none invented.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from devices.errors import BadFrame, LinkLost
from devices.messages import BellLine, LinkState, Message
from devices.reports import BellHeard, BellPressed, BellSink, Value
from devices.topics import (
    CONTRACT_VERSION,
    BellEventPayload,
    BellStatePayload,
    Matcher,
    parse,
    reachable,
    topic_of,
)

PATH = "mqtt"
PRESS = "press"
LOW_BATTERY_PERCENT = 15.0
ASSURE_WITHIN_S = 2.0
RESTING = frozenset({"off", "false", "0", "none", "null", "released"})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicBell:
    """Somebody else's button, described.

    `press` reads the word `press`; a matcher without values takes every message that has its key for a press.
    Presses come without ids and cannot be assured.
    """

    bell: str
    press: Matcher
    availability: Matcher | None = None


class ContractBells:
    """The bells that speak our contract."""

    def __init__(self, line: BellLine, site: str, bells: Iterable[str], sink: BellSink) -> None:
        self._line = line
        self._site = site
        self._bells = tuple(bells)
        self._sink = sink
        self.unassured = 0
        self.rubbish = 0
        line.watch(_losing(sink, self._bells))
        for bell in self._bells:
            line.subscribe(topic_of(site, bell, "event"), _for(bell, self._event))
            # Heartbeats of quality 1 would push a press out of the broker's queue while we are away.
            line.subscribe(topic_of(site, bell, "reported"), _for(bell, self._state), qos=0)
            line.subscribe(topic_of(site, bell, "availability"), _for(bell, self._available), qos=0)

    @property
    def bells(self) -> tuple[str, ...]:
        """The bells this speaks for."""
        return self._bells

    async def _event(self, bell: str, message: Message) -> bool:
        if message.too_large:
            return self._wrong(bell, "too-large", "")
        try:
            event = parse(BellEventPayload, message.payload)
        except BadFrame as bad:
            return self._wrong(bell, bad.cause, bad.detail)
        if not message.retained:
            self._alive(bell, event.battery, event.tamper, None)
        if event.type != PRESS:
            return True
        durable = await self._sink.pressed(_pressed(bell, event, message))
        if durable and event.id is not None and not message.retained:
            await self._assure(bell, event.id)
        return durable

    async def _assure(self, bell: str, press_id: str) -> None:
        """Tell the bell that its press is registered; if that fails the bell asks again by repeating."""
        topic = topic_of(self._site, bell, "assured")
        try:
            payload = json.dumps({"v": CONTRACT_VERSION, "id": press_id}, ensure_ascii=False)
            await self._line.publish(topic, payload, qos=1, within_s=ASSURE_WITHIN_S)
        except LinkLost as lost:
            self.unassured += 1
            log.info("%s: press %s registered but not assured yet: %s", bell, press_id, lost)

    async def _state(self, bell: str, message: Message) -> bool:
        """Any message is a sign of life, a readable one tells more; a retained one proves nothing."""
        if message.retained:
            return True
        if message.too_large:
            return self._wrong(bell, "too-large", "")
        try:
            state = parse(BellStatePayload, message.payload)
        except BadFrame as bad:
            self._wrong(bell, bad.cause, bad.detail)
            self._alive(bell, None, None, None)
        else:
            self._alive(bell, state.battery, state.tamper, state.stuck_closed)
        return True

    async def _available(self, bell: str, message: Message) -> bool:
        _availability(self._sink, bell, reachable(message.text()), message)
        return True

    def _wrong(self, bell: str, cause: str, detail: str) -> bool:
        """Rubbish is counted and told, and done with: it must not wait in the broker's line."""
        self.rubbish += 1
        log.warning("%s: %s %s", bell, cause, detail)
        self._sink.trouble(bell, cause)
        return True

    def _alive(self, bell: str, battery: float | None, tamper: bool | None, stuck: bool | None) -> None:
        low = None if battery is None else battery < LOW_BATTERY_PERCENT
        self._sink.heard(BellHeard(bell=bell, path=PATH, low_battery=low, tamper=tamper, stuck_closed=stuck))


class TopicBells:
    """Bells over described topics."""

    def __init__(self, line: BellLine, bells: Iterable[TopicBell], sink: BellSink) -> None:
        self._sink = sink
        self._bells = {bell.bell: bell for bell in bells}
        line.watch(_losing(sink, tuple(self._bells)))
        for bell in self._bells.values():
            line.subscribe(bell.press.topic, _for(bell.bell, self._heard))
            if bell.availability is not None and bell.availability.topic != bell.press.topic:
                line.subscribe(bell.availability.topic, _for(bell.bell, self._heard), qos=0)

    @property
    def bells(self) -> tuple[str, ...]:
        """The bells this speaks for."""
        return tuple(self._bells)

    async def _heard(self, name: str, message: Message) -> bool:
        bell = self._bells[name]
        if message.too_large:
            self._sink.trouble(name, "too-large")
            return True
        if bell.availability is not None and bell.availability.topic == message.topic:
            _availability(self._sink, name, reachable(bell.availability.read(message.payload)), message)
        if bell.press.topic != message.topic:
            return True
        if not message.retained:
            self._sink.heard(BellHeard(bell=name, path=PATH))
        if not is_press(bell.press, message.payload):
            return True
        return await self._sink.pressed(
            BellPressed(bell=name, press_id=None, said_at=None, retained=message.retained, detail=_handed(message))
        )


def is_press(matcher: Matcher, payload: bytes) -> bool:
    """Whether a described message is a press; without values, everything but an empty or resting value is one."""
    if matcher.values:
        return matcher.read(payload) == PRESS
    raw = matcher.raw(payload)
    return (raw or "off").lower() not in RESTING


def _pressed(bell: str, event: BellEventPayload, message: Message) -> BellPressed:
    detail = _handed(message) | {"battery": event.battery, "tamper": event.tamper}
    return BellPressed(bell=bell, press_id=event.id, said_at=event.at, retained=message.retained, detail=detail)


def _handed(message: Message) -> dict[str, Value]:
    """Whether this very message was handed out before: a press without id is then perhaps the same one."""
    return {"again": True} if message.again else {}


def _availability(sink: BellSink, bell: str, here: bool | None, message: Message) -> None:
    """A last will is told at once, kept or fresh; a kept `online` proves nothing."""
    if here is False:
        sink.lost(bell, PATH, "offline")
    elif here and not message.retained:
        sink.heard(BellHeard(bell=bell, path=PATH))


def _losing(sink: BellSink, bells: tuple[str, ...]) -> Callable[[LinkState, str], None]:
    def moved(state: LinkState, cause: str) -> None:
        if state.down:
            for bell in bells:
                sink.lost(bell, PATH, cause or "broker-lost")

    return moved


def _for(bell: str, handler: Callable[[str, Message], Awaitable[bool]]) -> Callable[[Message], Awaitable[bool]]:
    return lambda message: handler(bell, message)
