"""The opening checklist's lines about records, clock and the day itself: hours and why, changes, who is here. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from lobby.core.hub import OFF_VALUES
from lobby.core.site import Desk
from lobby.core.words import LANGUAGES, catalogue
from lobby.day.checks import name_of
from lobby.day.readiness import NOTHING, Item, Reading, State, Words, both, listed, said
from schedules import Layer, Stretch
from schedules.localtime import day_start

LEAST_FREE_BYTES = 1_000_000_000
GIGABYTE = 1_000_000_000
LAST_MONTH = 12  # from then on a missing calendar of the next year is wanting


def program(reading: Reading) -> Iterator[Item]:
    """Records, their room on the disk, and the clock."""
    trouble = reading.records_trouble
    words = listed((said("records.not-ok"), _what(trouble)), " · ") if trouble else said("records.ok")
    state = State.NOT_OK if trouble else State.OK
    yield Item(id="records", group="program", state=state, words=words, proved_at=reading.at, help="restart")
    yield _space(reading)
    yield _clock(reading)


def _space(reading: Reading) -> Item:
    free = reading.free_bytes
    if free is None:
        return Item(id="space", group="program", state=State.UNKNOWN, words=said("space.unknown"), help="restart")
    state = State.OK if free >= LEAST_FREE_BYTES else State.NOT_OK
    words = said(f"space.{state.value}", free=f"{free / GIGABYTE:.1f}" if free < 10 * GIGABYTE else free // GIGABYTE)
    return Item(id="space", group="program", state=state, words=words, proved_at=reading.free_at, help="restart")


def _clock(reading: Reading) -> Item:
    trusted, cause = reading.clock_trusted, reading.clock_trouble
    if trusted is None:
        state, words = State.UNKNOWN, said("clock.unknown")
    elif not trusted:
        state, words = State.NOT_OK, listed((said("clock.not-ok"), _what(f"day.{cause}")), " · ")
    elif cause:
        state, words = State.NOTED, listed((said("clock.ok"), _what(f"day.{cause}")), " · ")
    else:
        state, words = State.OK, said("clock.ok")
    return Item(id="clock", group="program", state=state, words=words, proved_at=reading.at, help="restart")


def today(reading: Reading) -> Iterator[Item]:
    """What is special today: hours and why, what people changed, what is left of yesterday, who is here."""
    yield from _rules(reading)
    yield from _calendar(reading)
    yield _changes(reading)
    yield _holds(reading)
    yield _incidents(reading)
    names = ", ".join(reading.on_duty)
    state = State.OK if names else State.NOT_OK
    words = said(f"duty.{state.value}", names=names)
    yield Item(id="duty", group="day", state=state, words=words, proved_at=reading.at, help="people")


def _rules(reading: Reading) -> Iterator[Item]:
    """The hours of today, one line for each table of hours that a surface or a desk has."""
    told = set()
    for thing, model in (*reading.site.surfaces.items(), *reading.site.of(Desk).items()):
        hours = getattr(model, "hours", "")
        if thing in reading.plan.lines and hours not in told:
            told.add(hours)
            yield _rule(reading, thing, hours)


def _rule(reading: Reading, thing: str, hours: str) -> Item:
    start = day_start(reading.plan.zone, reading.day)
    rows = list(reading.plan.agenda(thing, start, reading.midnight))
    spells = [_spell(reading, row) for row in _with_last_tickets(rows) if row.value not in OFF_VALUES]
    reason, unconfirmed = _reason(reading, hours, rows)
    evening = any(row.value == "evening" for row in rows)
    special = reason is not NOTHING or evening
    state = State.UNKNOWN if unconfirmed else State.NOTED if special else State.OK
    parts = [listed(spells) if spells else said("rules.closed"), reason]
    parts += [said("rules.evening")] if evening else []
    parts += [said("rules.unconfirmed")] if unconfirmed else []
    words = said("named", name=both(reading.site.hours[hours].name), what=listed(parts, " · "))
    return Item(id=f"rules:{hours}", group="day", state=state, words=words, proved_at=reading.at, help="special-day")


def _calendar(reading: Reading) -> Iterator[Item]:
    """The year whose public holidays nobody has confirmed, as soon as somebody should."""
    year = reading.plan.holidays.year_to_confirm(reading.day)
    if year is None:
        return
    begun = year <= reading.day.year
    late = begun or reading.day.month == LAST_MONTH
    words = said("calendar.begun" if begun else "calendar.ahead", year=year, where=_where(reading.site.site.country))
    state = State.UNKNOWN if late else State.NOTED
    yield Item(id="calendar", group="day", state=state, words=words, proved_at=reading.at, help="holidays")


def _where(country: str) -> Words:
    return said("calendar.where" if country == "KR" else "calendar.where-abroad")


def _with_last_tickets(rows: list[Stretch]) -> Iterator[Stretch]:
    """The last minutes without new requests belong to the opening before them."""
    for row, after in zip(rows, [*rows[1:], None], strict=True):
        if row.value == "last-tickets" and row is not rows[0]:
            continue
        lasts = after is not None and after.value == "last-tickets"
        yield replace(row, end=after.end) if after is not None and lasts else row


def _spell(reading: Reading, row: Stretch) -> Words:
    end = "24:00" if row.end >= reading.midnight else reading.clock(row.end)
    span = f"{reading.clock(row.start)}–{end}"
    playlist = reading.site.playlists.get(row.value)
    own = {surface.playlist for surface in reading.site.surfaces.values()}
    if playlist is None or row.value in own:
        return dict.fromkeys(LANGUAGES, span)
    return said("rules.spell", span=span, what=both(playlist.name))


def _reason(reading: Reading, hours: str, rows: list[Stretch]) -> tuple[Words, bool]:
    """Why the hours are not the usual ones, and whether that rests on a calendar nobody has confirmed."""
    table = reading.plan.timetables[hours]
    for row in rows:
        name = row.rule.name
        if row.rule.layer is Layer.SPECIAL:
            day = next((one for one in table.special_days if one.id == name), None)
            if day is not None:
                reason: Words = {"ko": day.reason, "en": day.reason_en or day.reason}
                return said("rules.special", reason=reason), False
        if row.rule.layer is Layer.HOLIDAY:
            english = reading.plan.holidays.name(reading.day, english=True) or name
            unconfirmed = not reading.plan.holidays.confirmed(reading.day.year)
            return said("rules.holiday", reason={"ko": name, "en": english}), unconfirmed
        if row.rule.layer is Layer.SEASON:
            return said("rules.season", reason=dict.fromkeys(LANGUAGES, name)), False
    return NOTHING, False


def _changes(reading: Reading) -> Item:
    rows = [_change(reading, one.thing, one.value, one.until) for one in reading.overrides if one.holds(reading.at)]
    state = State.NOTED if rows else State.OK
    words = said("changes.noted", rows=listed(rows)) if rows else said("changes.ok")
    return Item(id="changes", group="day", state=state, words=words, proved_at=reading.at, help="extend")


def _change(reading: Reading, thing: str, value: str, until: datetime) -> Words:
    playlist = reading.site.playlists.get(value)
    what = both(playlist.name) if playlist else said(f"value.{value}")
    return said("changes.row", name=name_of(reading, thing), what=what, time=reading.clock(until))


def _holds(reading: Reading) -> Item:
    held = [thing for thing, shown in reading.things.items() if shown.mode != "automatic"]
    state = State.NOTED if held else State.OK
    names = listed(name_of(reading, thing) for thing in held)
    words = said("holds.noted", names=names) if held else said("holds.ok")
    return Item(id="holds", group="day", state=state, words=words, proved_at=reading.at, help="maintenance")


def _incidents(reading: Reading) -> Item:
    still = [told for told in reading.incidents if told.get("state") != "closed"]
    rows = [_incident(reading, told) for told in still]
    state = State.NOT_OK if rows else State.OK
    words = said("incidents.not-ok", rows=listed(rows)) if rows else said("incidents.ok")
    return Item(id="incidents", group="day", state=state, words=words, proved_at=reading.at, help="bell")


def _incident(reading: Reading, told: Mapping[str, object]) -> Words:
    place, raised = told.get("place"), told.get("raised_at")
    name: Words = (
        {language: str(place.get(language, "")) for language in LANGUAGES}
        if isinstance(place, Mapping)
        else dict.fromkeys(LANGUAGES, str(told.get("bell", "")))
    )
    at = datetime.fromisoformat(raised) if isinstance(raised, str) else raised
    if not isinstance(at, datetime):
        return name
    local, today = at.astimezone(reading.plan.zone), reading.day
    time = reading.clock(at) if local.date() == today else f"{local:%m-%d} {reading.clock(at)}"
    return said("incidents.row", name=name, time=time)


def _what(code: str) -> Words:
    """What the words say of a code; nothing where they do not know it."""
    return {language: catalogue(language).get(f"{code}.what", "") for language in LANGUAGES}
