"""The rules of opening hours as people state them, and the answers a timetable gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import IntEnum

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Layer(IntEnum):
    """Who wins on a day: the highest layer that says anything of it. ALWAYS is for things without hours."""

    ALWAYS = 0
    WEEKLY = 1
    SEASON = 2
    HOLIDAY = 3
    SPECIAL = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A value from a local time to a later one, half-open; `end` not after `start` lies on the next day."""

    start: time
    end: time
    value: str = "on"

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    @property
    def over_midnight(self) -> bool:
        """Whether it ends on the day after the one it belongs to."""
        return self.end <= self.start


Windows = tuple[Window, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyHours:
    """The windows of each weekday, Monday first."""

    name: str
    days: tuple[Windows, ...]
    source: str = "site"


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """Other weekly windows from a (month, day) to another, both included; `last` before `first` wraps the year."""

    name: str
    first: tuple[int, int]
    last: tuple[int, int]
    days: tuple[Windows, ...]
    source: str = "site"

    def covers(self, day: date) -> bool:
        """Whether the season is on that day."""
        here = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """An exception for one or more dates, both included; no windows = closed all day.

    `reason` and `notice` are in the country's language; English ones beside them where somebody wrote them, and in
    `further` what is posted of it in other scripts.
    """

    id: str
    first: date
    last: date
    windows: Windows = ()
    reason: str = ""
    notice: str | None = None
    reason_en: str | None = None
    notice_en: str | None = None
    further: Mapping[str, str] = field(default_factory=dict, hash=False)
    source: str = "site"

    def covers(self, day: date) -> bool:
        """Whether the exception is of that day."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The name of a rule and where it stands: the site file, a revision, or the holiday calendar.

    `ahead_s`: it is obeyed so many seconds before its time, because whoever follows it needs them to be ready.
    """

    layer: Layer
    name: str
    source: str = "site"
    ahead_s: float = 0

    def __str__(self) -> str:
        name = f"{self.layer.name.lower()}:{self.name}"
        return f"{name} ahead {self.ahead_s:g} s" if self.ahead_s else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A value from `start` to `end` (UTC, half-open) and the rule behind it."""

    value: str
    start: datetime
    end: datetime
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The rule in force, the weaker ones with the value each would have given, and when the value changes."""

    value: str
    winner: Rule
    losers: tuple[tuple[Rule, str], ...]
    until: datetime | None
