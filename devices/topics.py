"""Topics, matchers and payloads of MQTT, without a connection: what a message means.

Our own topics are `lobby/1/<site>/<thing>/<what>`; other makers' topics are described by matchers and orders.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from devices.errors import BadFrame

CONTRACT_VERSION = 1
LONGEST_TEXT = 200
MOST_DEPTH = 8
MOST_DETAILS = 40
MOST_TOPICS_MET = 4096
Handler = TypeVar("Handler")

ONLINE = frozenset({"online", "on", "ok", "true", "1", "ready", "connected"})
OFFLINE = frozenset({"offline", "off", "lost", "false", "0", "disconnected"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """How to read a described topic: the whole text, or the value at a dotted JSON key (`object.co2`, `rx.0.rssi`).

    `values` gives the word for each raw value; empty = the raw value is the word. A key of the payload that
    itself holds a dot is found before the path is split. `absent` is the raw value of a JSON object without the key:
    The Things Stack leaves out what is false, zero or empty.
    """

    topic: str
    key: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    absent: str | None = None

    def read(self, payload: bytes) -> str | None:
        """The word of this payload; None when it says nothing of the kind."""
        raw = self.raw(payload)
        if raw is None:
            return None
        return self.values.get(raw) if self.values else raw

    def misread(self, payload: bytes) -> bool:
        """Whether it says something here that the description does not know; another key's news is none of ours."""
        if not payload:
            return False
        if self.key is not None and _json(payload.decode("utf-8", "replace")) is None:
            return True
        return self.raw(payload) is not None and self.read(payload) is None

    def raw(self, payload: bytes) -> str | None:
        """The value before translation; JSON true, false and numbers as JSON writes them."""
        text = payload.decode("utf-8", "replace").strip()
        if self.key is None:
            return text[:LONGEST_TEXT]
        document = _json(text)
        found = _plain(_at(document, self.key))
        return self.absent if found is None and isinstance(document, dict) else found


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """How to command over a described topic: the payload for each value of the desired state."""

    topic: str
    payloads: Mapping[str, str]


def topic_of(site: str, thing: str, what: str) -> str:
    """Our own topic of a thing."""
    return f"lobby/{CONTRACT_VERSION}/{site}/{thing}/{what}"


def is_wildcard(topic_filter: str) -> bool:
    """Whether a filter may match more than the topic it spells."""
    return "+" in topic_filter or "#" in topic_filter


def matches(topic_filter: str, topic: str) -> bool:
    """MQTT 3.1.1, section 4.7: `+` one level, `#` the rest; a leading wildcard does not match `$` topics."""
    if topic.startswith("$") and topic_filter[:1] in {"+", "#"}:
        return False
    wanted, levels = topic_filter.split("/"), topic.split("/")
    for place, level in enumerate(wanted):
        if level == "#":
            return True
        if place >= len(levels) or level not in ("+", levels[place]):
            return False
    return len(wanted) == len(levels)


class Routes(Generic[Handler]):
    """Which handlers a topic belongs to: a look-up for topics met before, a short walk for new ones."""

    def __init__(self) -> None:
        self._exact: dict[str, list[Handler]] = {}
        self._wild: list[tuple[str, Handler]] = []
        self._met: dict[str, tuple[Handler, ...]] = {}

    def add(self, topic_filter: str, handler: Handler) -> None:
        """Route a filter to one more handler."""
        if is_wildcard(topic_filter):
            self._wild.append((topic_filter, handler))
        else:
            self._exact.setdefault(topic_filter, []).append(handler)
        self._met.clear()

    def filters(self) -> tuple[str, ...]:
        """Every filter once, in the order of adding, exact ones first."""
        return tuple(dict.fromkeys((*self._exact, *(topic_filter for topic_filter, _ in self._wild))))

    def find(self, topic: str) -> tuple[Handler, ...]:
        """The handlers of a topic, exact filters first."""
        found = self._met.get(topic)
        return self._search(topic) if found is None else found

    def _search(self, topic: str) -> tuple[Handler, ...]:
        wild = (handler for topic_filter, handler in self._wild if matches(topic_filter, topic))
        found = (*self._exact.get(topic, ()), *wild)
        if len(self._met) >= MOST_TOPICS_MET:
            self._met.clear()
        self._met[topic] = found
        return found


def reachable(word: str | None) -> bool | None:
    """What an availability word says: here, gone, or nothing we know."""
    said = (word or "").strip().lower()
    return True if said in ONLINE else False if said in OFFLINE else None


def _plain_text(value: object) -> object:
    return value if isinstance(value, str) or value is None else json.dumps(value)


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _some_text(value: object) -> str | None:
    text = _plain(value)
    return text or None


Word = Annotated[str, BeforeValidator(_plain_text), Field(max_length=LONGEST_TEXT)]

Level = int | float | Annotated[str, Field(max_length=LONGEST_TEXT)]


class Payload(BaseModel):
    """Every payload of our contract: unknown keys are ignored, `v` must be ours."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    v: int = Field(ge=1, le=CONTRACT_VERSION)


class ReportedPayload(Payload):
    """`…/reported` of any thing; a café adds levels, cups, faults and counters."""

    value: Word | None = None
    at: datetime | None = None
    seq: int | None = None


class ResultPayload(Payload):
    """`…/result`: the answer to the command of that id."""

    id: Word
    outcome: Word
    detail: Word | None = None


class BellEventPayload(BaseModel):
    """`…/event` of a bell. Nothing odd beside `type` may cost a press: what cannot be read becomes None."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Annotated[str | None, BeforeValidator(_some_text)] = None
    type: Annotated[str | None, BeforeValidator(_some_text)] = None
    at: Annotated[datetime | None, BeforeValidator(_moment)] = None
    battery: Annotated[float | None, BeforeValidator(_number)] = None
    tamper: Annotated[bool | None, BeforeValidator(_flag)] = None


class BellStatePayload(BaseModel):
    """`…/reported` of a bell: its heartbeat and what it says of itself."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    battery: Annotated[float | None, BeforeValidator(_number)] = None
    tamper: Annotated[bool | None, BeforeValidator(_flag)] = None
    stuck_closed: Annotated[bool | None, BeforeValidator(_flag)] = None


class FaultPayload(BaseModel):
    """One fault a café names."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    code: Word
    severity: Word | None = None


class CafePayload(ReportedPayload):
    """`…/reported` of the robot café; a level is percent or `ok`, `low`, `empty`."""

    levels: Mapping[str, Level] = Field(default_factory=dict, max_length=MOST_DETAILS)
    cup_return: Mapping[str, Level | None] = Field(default_factory=dict, max_length=MOST_DETAILS)
    orders_waiting: int | None = None
    faults: tuple[FaultPayload, ...] = Field(default=(), max_length=MOST_DETAILS)
    counters: Mapping[str, int] = Field(default_factory=dict, max_length=MOST_DETAILS)


Kind = TypeVar("Kind", bound=BaseModel)


def parse(model: type[Kind], payload: bytes) -> Kind:
    """Read a payload of our contract; raises BadFrame with the first mistake."""
    try:
        return model.model_validate_json(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadFrame("bad-payload", f"{where}: {first['msg']}") from error


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _at(document: object, path: str) -> object:
    """The value at a dotted path through objects and, by number, lists; None where there is none."""
    steps = path.split(".")[:MOST_DEPTH]
    if isinstance(document, dict) and path in document:
        return document[path]
    for step in steps:
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def _plain(value: object) -> str | None:
    if value is None or isinstance(value, dict | list):
        return None
    text = value if isinstance(value, str) else json.dumps(value)
    return text.strip()[:LONGEST_TEXT]
