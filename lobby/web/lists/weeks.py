"""The coming week of a surface: when it is lit, and what lies above the programme when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from lobby.core.airings import Airing
from lobby.core.spans import Span, common, joined
from lobby.web.lists.above import airing_name
from lobby.web.lists.differences import length
from lobby.web.lists.views import Titles
from lobby.web.spoken import day_words, month_words, staff_time, weekdays
from lobby.web.whatif import value_words

if TYPE_CHECKING:
    from lobby.web.house import House
    from lobby.web.sentence import Scene

DAYS = 7
MINUTES = DAYS * 24 * 60
MOST_SPANS = 4
SHOWN_LINES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """From one minute of the week to another; `kind` is `lit` or a class, `waits` where nobody has approved it."""

    x: int
    width: int
    kind: str
    title: str
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A surface: its lit hours, and a lane of bars for each airing above it."""

    name: str
    lit: tuple[Bar, ...]
    lanes: tuple[tuple[str, str, tuple[Bar, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Seven days from today, each as date and weekday; `now` as a minute of them."""

    days: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    now: int


def week(house: House, scene: Scene) -> Week:
    """Every surface from this midnight on."""
    today = scene.now.astimezone(scene.zone).date()
    start = datetime.combine(today, time(), scene.zone)
    within = start, start + timedelta(days=DAYS)
    return Week(
        days=tuple(_day(today + timedelta(days=ahead), scene.language) for ahead in range(DAYS)),
        rows=tuple(_row(house, scene, surface, within) for surface in scene.site.surfaces),
        now=_minute(scene.now, start),
    )


def _day(day: date, language: str) -> tuple[str, str]:
    number = f"{day.month}. {day.day}." if language == "ko" else f"{day.day} {month_words(day.month, language)}"
    return number, weekdays(language)[day.weekday()]


def lit_spans(house: House, surface: str, within: Span) -> list[Span]:
    """When the plan and what persons set light the surface."""
    plan = house.plan()
    rows = plan.agenda(surface, *within) if surface in plan.things else ()
    return joined((row.start, row.end) for row in rows if row.value != "off")


def covered(house: House, scene: Scene, airing: Airing) -> list[str]:
    """What it would lie above, surface by surface, and what is stronger; in words."""
    within = max(scene.now, airing.start), min(airing.until, max(scene.now, airing.start) + timedelta(days=DAYS))
    if within[0] >= within[1]:
        return [scene.say("lists.covers.over")]
    return [line for surface in airing.content for line in _covers(house, scene, airing, surface, within)]


def when_words(scene: Scene, airing: Airing) -> str:
    """From when until when, on which days and hours, how often."""
    words = [_span_of(scene, airing)]
    if airing.days:
        words.append("·".join(scene.say(f"lists.day.{day}") for day in airing.days))
    words += [f"{begin:%H:%M}–{end:%H:%M}" for begin, end in airing.hours]
    if airing.every_s:
        every, lasts = (length(seconds, scene.language) for seconds in (airing.every_s, airing.for_s))
        words.append(scene.say("lists.airings.turns", every=every, lasts=lasts))
    return " · ".join(words)


def _span_of(scene: Scene, airing: Airing) -> str:
    """Whole days by their first and last day, else from when until when."""
    start, until = (each.astimezone(scene.zone) for each in (airing.start, airing.until))
    if start.time() == until.time() == time():
        today, last = scene.now.astimezone(scene.zone).date(), until.date() - timedelta(days=1)
        days = [day_words(day, today, scene.language) for day in dict.fromkeys((start.date(), last))]
        return scene.say("lists.airings.days", start=days[0], until=days[-1]) if days[1:] else days[0]
    told = (staff_time(each, scene.now, scene.zone, scene.language) for each in (start, until))
    return scene.say("lists.airings.span", **dict(zip(("start", "until"), told, strict=True)))


def _covers(house: House, scene: Scene, airing: Airing, surface: str, within: Span) -> Iterator[str]:
    name = scene.name(surface)
    shown = common(lit_spans(house, surface, within), airing.spans(scene.zone, within))
    if not shown:
        yield scene.say("lists.covers.dark", name=name)
        return
    for value, spans in _under(house, surface, shown).items():
        what = value_words(scene.site, surface, value, scene.language)
        more = scene.say("lists.covers.more", n=len(spans) - MOST_SPANS) if len(spans) > MOST_SPANS else ""
        times = ", ".join(_span_words(scene, span) for span in spans[:MOST_SPANS])
        yield scene.say("lists.covers.above", name=name, what=what, times=times + more)
    for other in house.airings.all():
        if other.id != airing.id and surface in other.content and common(shown, other.spans(scene.zone, within)):
            wins = (other.rank, other.start, other.id) > (airing.rank, airing.start, airing.id)
            kind = scene.say(f"lists.cls.{other.cls}")
            yield scene.say(f"lists.covers.{'beaten' if wins else 'beats'}", name=name, cls=kind, other=other.name)


def _under(house: House, surface: str, shown: Sequence[Span]) -> Mapping[str, list[Span]]:
    """What the plan plays meanwhile."""
    found: dict[str, list[Span]] = {}
    for first, last in shown:
        for row in house.plan().agenda(surface, first, last):
            span = max(first, row.start), min(last, row.end)
            if row.value != "off" and span[0] < span[1]:
                value = scene_value(house, surface, row.value)
                kept = found.setdefault(value, [])
                if kept and kept[-1][1] == span[0]:
                    kept[-1] = kept[-1][0], span[1]
                else:
                    kept.append(span)
    return found


def scene_value(house: House, surface: str, value: str) -> str:
    """A surface that is `on` plays its own playlist."""
    return house.site.surfaces[surface].playlist if value == "on" else value


def _span_words(scene: Scene, span: Span) -> str:
    start = staff_time(span[0], scene.now, scene.zone, scene.language)
    same = span[0].astimezone(scene.zone).date() == span[1].astimezone(scene.zone).date()
    end = scene.clock(span[1]) if same else staff_time(span[1], scene.now, scene.zone, scene.language)
    return f"{start}–{end}"


def _row(house: House, scene: Scene, surface: str, within: Span) -> Row:
    titles = Titles(house, scene)
    lanes = []
    for airing in sorted(house.airings.all(), key=lambda each: (-each.rank, each.start)):
        spans = airing.spans(scene.zone, within) if surface in airing.content else []
        if spans:
            what = titles.shown(content_key(house, airing.content[surface])).title
            title = f"{airing_name(airing, scene.language)}: {what} · {when_words(scene, airing)}"
            bars = tuple(_bar(span, within[0], airing.cls, title, waits=airing.approved_by is None) for span in spans)
            lanes.append((airing_name(airing, scene.language), airing.cls, bars))
    lit = tuple(_bar(span, within[0], "lit", "") for span in lit_spans(house, surface, within))
    return Row(name=scene.name(surface), lit=lit, lanes=tuple(lanes))


def content_key(house: House, content: str) -> str:
    """What an airing shows, as `Titles` names it."""
    return f"list:{content}" if content in house.playlists.all() else content


def _bar(span: Span, start: datetime, kind: str, title: str, *, waits: bool = False) -> Bar:
    first, last = _minute(span[0], start), _minute(span[1], start)
    return Bar(x=first, width=max(10, last - first), kind=kind, title=title, waits=waits)


def _minute(moment: datetime, start: datetime) -> int:
    return max(0, min(MINUTES, round((moment - start).total_seconds() / 60)))
