"""The plan: the site's hours and what staff changed, compiled for quick answers about every thing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from lobby.core.site import Hours, SeasonHours, Site, SpecialDayHours, WeeklyWindow
from lobby.core.site import Window as SiteWindow
from lobby.core.words import LANGUAGES
from lobby.day.desired import Desired
from lobby.day.leads import leads_of
from lobby.day.lines import Line, gated, leaders_first, lent, lines_of, merged, switched_ahead, with_last_tickets
from schedules import (
    HORIZON,
    WEEKDAYS,
    HolidayCalendar,
    Holidays,
    Layer,
    Rule,
    Season,
    SpecialDay,
    Stretch,
    Timetable,
    WeeklyHours,
    Why,
    Window,
    calendar_of,
)

_BLOCK_S = 86_400
_REMEMBERED_BLOCKS = 500


@dataclass(slots=True)
class _Block:
    """One UTC day: the moments at which anything changes, and what is desired from each on."""

    edges: list[datetime]
    frames: list[Mapping[str, Desired] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Immutable; build it anew when hours or special days change. Raises `ScheduleRefused` and `Refusal`."""

    zone: ZoneInfo
    lines: Mapping[str, Line]
    timetables: Mapping[str, Timetable]
    things: tuple[str, ...]
    leaders_first: tuple[str, ...]
    holidays: HolidayCalendar = field(repr=False, compare=False)
    _blocks: dict[int, _Block] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def from_site(
        cls,
        site: Site,
        special_days: Mapping[str, tuple[SpecialDay, ...]] | None = None,
        *,
        holidays: HolidayCalendar | None = None,
        warm_ups: Mapping[str, float] | None = None,
    ) -> Self:
        """Compile a site with the special days of staff by hours id; holidays default to the country's.

        `warm_ups`: seconds that displays have been measured to take from their order to their picture.
        """
        zone = ZoneInfo(site.site.time_zone)
        calendar = holidays or calendar_of(site.site.country)
        extra, lines = special_days or {}, _led(lines_of(site), leads_of(site, warm_ups or {}))
        tables = {
            name: timetable_of(name, hours, zone, calendar, extra.get(name, ())) for name, hours in site.hours.items()
        }
        return cls(
            zone=zone,
            lines=lines,
            timetables=tables,
            things=tuple(lines),
            leaders_first=leaders_first(lines),
            holidays=calendar,
        )

    def at(self, thing: str, moment: datetime) -> Stretch:
        """The value the plan gives, by which rule, and when it changes next (at most `HORIZON` ahead)."""
        stretches = self.agenda(thing, moment, moment + HORIZON)
        now = next(stretches)
        end = next((after.start for after in stretches if after.value != now.value), moment + HORIZON)
        return Stretch(value=now.value, start=now.start, end=end, rule=now.rule)

    def agenda(self, thing: str, start: datetime, end: datetime) -> Iterator[Stretch]:
        """Adjacent stretches, clipped, split where the value or its rule changes; computed as they are asked for."""
        line = self.lines[thing]
        if line.leader is not None:
            led = _translated(line, self.agenda(line.leader, start, end + line.lead))
            if line.lent is not None:
                led = lent(led, self.timetables[line.lent].agenda(start, end + line.lead))
            yield from merged(switched_ahead(merged(led), line.lead, end) if line.lead else led)
        elif line.gate is not None:
            yield from merged(gated(self.ungated(thing, start, end), self.agenda(line.gate, start, end)))
        elif line.hours is None:
            rule = Rule(layer=Layer.ALWAYS, name=thing)
            yield Stretch(value=line.otherwise, start=start, end=end, rule=rule)
        elif line.last_tickets is None:
            yield from merged(_translated(line, self.timetables[line.hours].agenda(start, end)))
        else:
            raw = _translated(line, self.timetables[line.hours].agenda(start, end + line.last_tickets))
            yield from merged(with_last_tickets(raw, line.last_tickets, end))

    def ungated(self, thing: str, start: datetime, end: datetime) -> Iterator[Stretch]:
        """What its own hours say of a thing that something else may keep off."""
        return self.timetables[self.lines[thing].hours or ""].agenda(start, end)

    def led(self, leads: Mapping[str, timedelta]) -> Self:
        """The same hours, with things switched on so long before they are needed."""
        return replace(self, lines=_led(self.lines, leads))

    def why(self, thing: str, moment: datetime) -> Why:
        """The winning rule of the hours behind a thing, the losing ones, and until when the thing's value holds."""
        now = self.at(thing, moment)
        until = now.end if now.end < moment + HORIZON else None
        chain = self.chain(thing)
        table = self.timetables.get(chain[-1].hours or "")
        losers = table.why(moment).losers if table else ()
        return Why(
            value=now.value,
            winner=now.rule,
            losers=tuple((rule, _through(chain, value)) for rule, value in losers),
            until=until,
        )

    def next_change(self, moment: datetime) -> datetime:
        """When any thing's value or rule changes next, at most `HORIZON` ahead."""
        limit = moment + HORIZON
        others = (self.timetables[line.lent] for line in self.lines.values() if line.lent is not None)
        turns = (other.next_change(moment) or limit for other in others)
        return min((*turns, *(self._first_edge(thing, moment, limit) for thing in self._roots())), default=limit)

    def desired(self, moment: datetime) -> Mapping[str, Desired]:
        """What the plan alone wants of every thing; remembered, so do not change it."""
        number = int(moment.timestamp() // _BLOCK_S)
        block = self._blocks.get(number) or self._block(number)
        index = bisect_right(block.edges, moment) - 1
        frame = block.frames[index]
        if frame is None:
            frame = block.frames[index] = self._frame(block.edges[index])
        return frame

    def chain(self, thing: str) -> tuple[Line, ...]:
        """The thing, what it follows, and so on to the one with hours of its own."""
        line = self.lines[thing]
        return (line,) if line.leader is None else (line, *self.chain(line.leader))

    def behind(self, thing: str) -> frozenset[str]:
        """The thing and everything whose change changes it."""
        line = self.lines[thing]
        before = line.leader or line.gate
        return frozenset({thing}) | (self.behind(before) if before else frozenset())

    def timetable(self, thing: str) -> Timetable | None:
        """The hours behind a thing; None where it has none."""
        return self.timetables.get(self.chain(thing)[-1].hours or "")

    def _roots(self) -> list[str]:
        """Those whose edges are everybody's: with hours of their own, lent by some, or ahead of those they follow."""
        return [name for name, line in self.lines.items() if line.hours is not None or line.lent or line.lead]

    def _first_edge(self, thing: str, moment: datetime, limit: datetime) -> datetime:
        stretches = self.agenda(thing, moment, limit)
        return next(stretches).end

    def _block(self, number: int) -> _Block:
        start = datetime.fromtimestamp(number * _BLOCK_S, UTC)
        end = start + timedelta(seconds=_BLOCK_S)
        edges = sorted({start, *(row.start for thing in self._roots() for row in self.agenda(thing, start, end))})
        if len(self._blocks) >= _REMEMBERED_BLOCKS:
            self._blocks.clear()
        block = self._blocks[number] = _Block(edges, [None] * len(edges))
        return block

    def _frame(self, moment: datetime) -> Mapping[str, Desired]:
        frame = {}
        for thing in self.things:
            now = self.at(thing, moment)
            until = now.end if now.end < moment + HORIZON else None
            layer = now.rule.layer.name.lower()
            frame[thing] = Desired(value=now.value, rule=str(now.rule), until=until, layer=layer)
        return frame


def timetable_of(
    name: str, hours: Hours, zone: ZoneInfo, holidays: Holidays, special_days: tuple[SpecialDay, ...] = ()
) -> Timetable:
    """The timetable of one table of the site's hours, with further special days."""
    return Timetable(
        zone=zone,
        otherwise=hours.otherwise,
        weekly=WeeklyHours(name=name, days=_week(hours.weekly)),
        seasons=tuple(_season(season) for season in hours.seasons),
        holiday=None if hours.public_holiday is None else _windows(hours.public_holiday),
        holidays=holidays,
        special_days=(*(_special_day(day) for day in hours.special_days), *special_days),
    )


def _led(lines: Mapping[str, Line], leads: Mapping[str, timedelta]) -> dict[str, Line]:
    return {name: replace(line, lead=leads[name]) if name in leads else line for name, line in lines.items()}


def _translated(line: Line, stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    for row in stretches:
        value = line.translated(row.value)
        yield row if value == row.value else Stretch(value=value, start=row.start, end=row.end, rule=row.rule)


def _through(chain: tuple[Line, ...], value: str) -> str:
    for line in reversed(chain):
        value = line.translated(value)
    return value


def _week(windows: tuple[WeeklyWindow, ...]) -> tuple[tuple[Window, ...], ...]:
    return tuple(_windows(window for window in windows if day in window.days) for day in WEEKDAYS)


def _windows(windows: Iterable[SiteWindow]) -> tuple[Window, ...]:
    return tuple(Window(start=window.from_, end=window.to, value=window.value) for window in windows)


def _season(season: SeasonHours) -> Season:
    first, last = (_month_day(text) for text in (season.from_, season.to))
    return Season(name=season.name.ko, first=first, last=last, days=_week(season.weekly))


def _month_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)


def _special_day(day: SpecialDayHours) -> SpecialDay:
    return SpecialDay(
        id=day.id,
        first=day.from_,
        last=day.to,
        windows=_windows(day.windows),
        reason=day.reason.ko,
        reason_en=day.reason.en,
        notice=day.notice.ko if day.notice else None,
        notice_en=day.notice.en if day.notice else None,
        further={script: text for script, text in (day.notice or day.reason).told().items() if script not in LANGUAGES},
    )
