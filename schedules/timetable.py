"""What should be at a moment, by which rule and until when: weekly hours, seasons, holidays, special days."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Protocol

from schedules.localtime import closing, day_start, local_day, opening
from schedules.overlaps import check_daily, check_seasons, check_special_days, check_week
from schedules.rules import Layer, Rule, Season, SpecialDay, Stretch, WeeklyHours, Why, Windows

HORIZON = timedelta(days=400)
_ONE_DAY = timedelta(days=1)
_TWO_DAYS = timedelta(days=2)
_REMEMBERED_DAYS = 3000


class Holidays(Protocol):
    """Where public holidays come from."""

    def name(self, day: date) -> str | None:
        """The holiday's name, None on other days."""

    def confirmed(self, year: int) -> bool:
        """Whether that year's official calendar is known."""


@dataclass(frozen=True, slots=True)
class _Memory:
    """Compiled days; they only repeat what the rules say."""

    ruled: dict[date, tuple[Rule, tuple[Stretch, ...]]] = field(default_factory=dict)
    days: dict[date, tuple[Stretch, ...]] = field(default_factory=dict)
    rules: dict[tuple[Layer, str], Rule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """One timetable; `holiday` None treats a public holiday as a day like any. Raises `ScheduleRefused`.

    On each local day the strongest layer that says anything of it rules whole. A window belongs to the day it
    starts on and runs to its end; what begins meanwhile waits for that end.
    """

    zone: tzinfo
    weekly: WeeklyHours
    otherwise: str = "off"
    seasons: tuple[Season, ...] = ()
    holiday: Windows | None = None
    holidays: Holidays | None = None
    special_days: tuple[SpecialDay, ...] = ()
    _memory: _Memory = field(default_factory=_Memory, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_week(f"weekly:{self.weekly.name}", self.weekly.days)
        check_seasons(self.seasons)
        check_daily("holiday", self.holiday or ())
        check_special_days(self.special_days)

    def at(self, moment: datetime) -> Stretch:
        """The value in force, by which rule, and when the value changes next (at most `HORIZON` ahead is looked)."""
        now = self._stretch_at(moment)
        end = self.next_change(moment) or moment + HORIZON
        return Stretch(value=now.value, start=now.start, end=end, rule=now.rule)

    def next_change(self, moment: datetime) -> datetime | None:
        """When the value changes next, None when it does not within `HORIZON`."""
        value: str | None = None
        for stretch in self._from(moment):
            if value is not None and stretch.value != value:
                return stretch.start
            value = stretch.value
            if stretch.start - moment > HORIZON:
                return None
        return None

    def agenda(self, start: datetime, end: datetime) -> Iterator[Stretch]:
        """Adjacent stretches from `start` to `end`, clipped, split where the value or its rule changes."""
        open_: Stretch | None = None
        for stretch in self._from(start):
            if stretch.start >= end:
                break
            if open_ is None:
                open_ = stretch
            elif stretch.value == open_.value and stretch.rule == open_.rule:
                open_ = Stretch(value=open_.value, start=open_.start, end=stretch.end, rule=open_.rule)
            else:
                yield _clipped(open_, start, end)
                open_ = stretch
        if open_ is not None:
            yield _clipped(open_, start, end)

    def why(self, moment: datetime) -> Why:
        """The winning rule, the losing ones of that day with what they would have given, and until when."""
        now = self._stretch_at(moment)
        day = local_day(self.zone, moment)
        losers = tuple(
            (rule, self._value_by(rule, day, moment)) for rule, _ in self._candidates(day) if rule != now.rule
        )
        return Why(value=now.value, winner=now.rule, losers=losers, until=self.next_change(moment))

    def rule_of(self, day: date) -> Rule:
        """The rule that a local day follows."""
        return self._ruled(day)[0]

    def windows_of(self, day: date) -> tuple[Stretch, ...]:
        """What begins on a local day, by beginning; nothing on a day that stays shut."""
        return self._ruled(day)[1]

    def special_day(self, day: date) -> SpecialDay | None:
        """The exception of that date, if there is one."""
        return next((special for special in self.special_days if special.covers(day)), None)

    def _stretch_at(self, moment: datetime) -> Stretch:
        stretches = self._day(local_day(self.zone, moment))
        return stretches[bisect_right(stretches, moment, key=lambda stretch: stretch.start) - 1]

    def _from(self, moment: datetime) -> Iterator[Stretch]:
        day = local_day(self.zone, moment)
        while True:
            for stretch in self._day(day):
                if stretch.end > moment:
                    yield stretch
            day += _ONE_DAY

    def _day(self, day: date) -> tuple[Stretch, ...]:
        """The stretches that fill a local day, first instant to the next day's first instant."""
        days = self._memory.days
        found = days.get(day)
        if found is None:
            if len(days) >= _REMEMBERED_DAYS:
                days.clear()
            found = days[day] = tuple(self._filled(day))
        return found

    def _filled(self, day: date) -> Iterator[Stretch]:
        position, finish = day_start(self.zone, day), day_start(self.zone, day + _ONE_DAY)
        rule = self.rule_of(day)
        for window in self._windows_near(day):
            if window.end <= position or window.start >= finish:
                continue
            if window.start > position:
                yield Stretch(value=self.otherwise, start=position, end=window.start, rule=rule)
                position = window.start
            end = min(window.end, finish)
            yield Stretch(value=window.value, start=position, end=end, rule=window.rule)
            position = end
        if position < finish:
            yield Stretch(value=self.otherwise, start=position, end=finish, rule=rule)

    def _windows_near(self, day: date) -> list[Stretch]:
        """What began on this day or can reach into it, by beginning (two days: clocks may go back at midnight)."""
        before, yesterday = day - _TWO_DAYS, day - _ONE_DAY
        return [*self._ruled(before)[1], *self._ruled(yesterday)[1], *self._ruled(day)[1]]

    def _ruled(self, day: date) -> tuple[Rule, tuple[Stretch, ...]]:
        """The rule that a day follows and the windows that begin on it."""
        ruled = self._memory.ruled
        found = ruled.get(day)
        if found is None:
            if len(ruled) >= _REMEMBERED_DAYS:
                ruled.clear()
            rule, windows = next(self._candidates(day))
            found = ruled[day] = rule, self._laid(day, rule, windows)
        return found

    def _laid(self, day: date, rule: Rule, windows: Windows) -> tuple[Stretch, ...]:
        laid = [
            Stretch(
                value=window.value,
                start=opening(self.zone, day, window.start),
                end=closing(self.zone, day + _ONE_DAY if window.over_midnight else day, window.end),
                rule=rule,
            )
            for window in windows
        ]
        return tuple(sorted((one for one in laid if one.start < one.end), key=lambda one: one.start))

    def _candidates(self, day: date) -> Iterator[tuple[Rule, Windows]]:
        """The rules that say anything of a day, strongest first."""
        special = self.special_day(day) if self.special_days else None
        if special is not None:
            yield self._rule(Layer.SPECIAL, special.id, special.source), special.windows
        if self.holiday is not None and self.holidays is not None:
            name = self.holidays.name(day)
            if name is not None:
                source = "calendar" if self.holidays.confirmed(day.year) else "calendar-unconfirmed"
                yield self._rule(Layer.HOLIDAY, name, source), self.holiday
        for season in self.seasons:
            if season.covers(day):
                yield self._rule(Layer.SEASON, season.name, season.source), season.days[day.weekday()]
        yield self._rule(Layer.WEEKLY, self.weekly.name, self.weekly.source), self.weekly.days[day.weekday()]

    def _rule(self, layer: Layer, name: str, source: str) -> Rule:
        rule = self._memory.rules.get((layer, name))
        if rule is None or rule.source != source:
            rule = self._memory.rules[layer, name] = Rule(layer=layer, name=name, source=source)
        return rule

    def _value_by(self, rule: Rule, today: date, moment: datetime) -> str:
        """What the moment would have if this rule had ruled the days it speaks of."""
        for day in (today - _ONE_DAY, today):
            for candidate, windows in self._candidates(day):
                if candidate == rule:
                    for laid in self._laid(day, rule, windows):
                        if laid.start <= moment < laid.end:
                            return laid.value
        return self.otherwise


def _clipped(stretch: Stretch, start: datetime, end: datetime) -> Stretch:
    if stretch.start >= start and stretch.end <= end:
        return stretch
    first, last = max(stretch.start, start), min(stretch.end, end)
    return Stretch(value=stretch.value, start=first, end=last, rule=stretch.rule)
