"""How a switch is spoken to over MQTT, without a connection: by our contract, or over topics the site file describes.

Other makers' dialects stand in modules of their own (`devices.tasmota`, `devices.shelly`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from devices.errors import BadFrame, WrongAddress
from devices.messages import Message
from devices.reports import Command, Value
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

ACCEPTING = frozenset({"accepted", "verified", "unverified", "ok"})
QUESTION = "state?"
"""The id of a question of ours, where the dialect has ids."""
Letter = tuple[str, str]
"""A topic and its payload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a device says to an order; `id` None = to the one that waits, `cause` is a word of `device.<cause>`."""

    id: str | None
    yes: bool
    cause: str = "refused"
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one message says: a state, reachable or not, the answer to a command, or a command (its id, "" = none)."""

    value: str | None = None
    at: datetime | None = None
    here: bool | None = None
    answer: Answer | None = None
    order: str | None = None
    detail: Mapping[str, Value] = field(default_factory=dict)


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

    def orders(self, command: Command) -> tuple[Letter, ...]:
        """What to publish for a command, in order; raises WrongAddress for a value it has no payload for."""

    def questions(self) -> tuple[Letter, ...]:
        """What makes it tell its state; none = it tells by itself."""

    def read(self, message: Message) -> Said:
        """What a message of its topics says; raises BadFrame."""


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

    def orders(self, command: Command) -> tuple[Letter, ...]:
        """See `Switch`."""
        payload = {
            "v": CONTRACT_VERSION,
            "id": command.id,
            "action": "set",
            "value": command.value,
            "expires_at": command.expires_at.astimezone(UTC).isoformat(),
        }
        return ((topic_of(self.site, self.thing, "command"), json.dumps(payload, ensure_ascii=False)),)

    def questions(self) -> tuple[Letter, ...]:
        """See `Switch`."""
        return ()

    def read(self, message: Message) -> Said:
        """See `Switch`."""
        match message.topic.rpartition("/")[2]:
            case "reported":
                reported = parse(ReportedPayload, message.payload)
                return Said(value=reported.value, at=reported.at)
            case "result":
                return Said(answer=_answer(parse(ResultPayload, message.payload)))
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

    def orders(self, command: Command) -> tuple[Letter, ...]:
        """See `Switch`."""
        return ((self.command.topic, payload_for(self.thing, command.value, self.command.payloads)),)

    def questions(self) -> tuple[Letter, ...]:
        """See `Switch`."""
        return ()

    def read(self, message: Message) -> Said:
        """See `Switch`."""
        value = _read(self.state, message)
        if self.state is not None and self.state.topic == message.topic and self.state.misread(message.payload):
            raise BadFrame("bad-payload", message.text()[:LONGEST_TEXT])
        return Said(value=value, here=reachable(_read(self.availability, message)))


def payload_for(thing: str, value: str, payloads: Mapping[str, str]) -> str:
    """The payload of a value; raises WrongAddress where there is none."""
    if value not in payloads:
        raise WrongAddress("no-such-value", f"{thing}: {value}")
    return payloads[value]


def document(message: Message) -> Mapping[str, object]:
    """The JSON object of a message; raises BadFrame where it is none."""
    try:
        found = json.loads(message.payload)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadFrame("bad-payload", message.text()[:LONGEST_TEXT])
    return found


def _answer(result: ResultPayload) -> Answer:
    return Answer(id=result.id, yes=result.outcome in ACCEPTING, detail=result.detail or result.outcome)


def _order_id(message: Message) -> str:
    try:
        return str(document(message).get("id", ""))
    except BadFrame:
        return ""


def _read(matcher: Matcher | None, message: Message) -> str | None:
    return matcher.read(message.payload) if matcher is not None and matcher.topic == message.topic else None
