"""What should be, and what people and emergencies put above the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

EmergencyKind = Literal["fire", "evacuation", "bell", "notice"]
STRONGEST_FIRST: tuple[EmergencyKind, ...] = ("fire", "evacuation", "bell", "notice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What a thing should be now, by which rule of which layer, and when that ends (None: not in sight)."""

    value: str
    rule: str
    until: datetime | None
    layer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A person's intervention; it ends by itself."""

    id: str
    thing: str
    value: str
    start: datetime
    until: datetime
    person: str
    reason: str

    def holds(self, moment: datetime) -> bool:
        """Whether it is in force."""
        return self.start <= moment < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """What an emergency drives while it lasts; `source` names the bell or contact behind it."""

    kind: EmergencyKind
    source: str
    drives: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A value from `start` to `end` (UTC, half-open) with overrides counted in, and the rule's name."""

    value: str
    start: datetime
    end: datetime
    rule: str
