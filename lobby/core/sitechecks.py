"""Mistakes that only the whole site shows: what points nowhere, what stands twice, what cannot work together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from lobby.core import site as model
from lobby.core.dialectchecks import dialects
from lobby.core.findings import Finding, mistake, refers, warning
from lobby.core.hanging import places_of
from lobby.core.listchecks import playlists
from lobby.core.screenchecks import screens
from lobby.core.site import RESERVED, Bell, Cafe, Desk, Display, Hours, Room, Sensor, Site, Sound, Switch
from lobby.core.siteshape import Path, key_path, listed, nearest
from media.geometry import GeometryRefused, canvas
from schedules import calendar_of
from schedules.errors import DateRefused, OverlapRefused
from schedules.overlaps import check_daily, check_seasons, check_special_days, check_week
from schedules.rules import WEEKDAYS, Season, SpecialDay, Window, Windows

ROLES = (
    "viewer",
    "wall-monitor",
    "uploader",
    "approver",
    "desk",
    "guard",
    "supervisor",
    "duty",
    "facility",
    "auditor",
)
DESK_VALUES = ("closed", "open", "evening", "last-tickets")
LEVELS = ("off", *map(str, range(1, 101)))
CRASH_WINDOW_S = 0.2  # between a broker's acknowledgement and its disk, measured with Mosquitto


def findings(site: Site) -> Iterator[Finding]:
    """Everything wrong with a site of the right shape, in the file's order of tables."""
    for check in CHECKS:
        yield from check(site)


def _place_and_time(site: Site) -> Iterator[Finding]:
    try:
        ZoneInfo(site.site.time_zone)
    except (KeyError, ValueError, OSError):
        yield mistake("site.bad-zone", "site", "time-zone", value=site.site.time_zone)
    if not calendar_of(site.site.country).knows_holidays:
        yield warning("site.country-without-holidays", "site", "country", value=site.site.country)
    width, depth = site.site.floor_mm
    yield from _positive(site.site.floor_mm, "site", "floor-mm")
    for name, place in site.places.items():
        if not (0 <= place.at_mm[0] <= width and 0 <= place.at_mm[1] <= depth):
            yield warning("site.outside-the-floor", "places", name, "at-mm", floor=f"{width} × {depth}")
    if not site.places:
        yield mistake("site.no-places", "places")


def _names(site: Site) -> Iterator[Finding]:
    places = list(_named(site))
    first: dict[str, Path] = {}
    for name, path in places:
        if name in RESERVED:
            yield mistake("site.reserved-id", *path, value=name, known=listed(sorted(RESERVED)))
        if name in first:
            yield mistake("site.twice", *path, value=name, other=key_path(first[name]))
        first.setdefault(name, path)
    for name in site.playlists:
        if name in RESERVED:
            yield mistake("site.reserved-id", "playlists", name, value=name, known=listed(sorted(RESERVED)))
    for name in site.roles:
        yield from _role(name, "roles", name)


def _named(site: Site) -> Iterator[tuple[str, Path]]:
    """Everything that shares one space of names, because it shares topics, commands and addresses."""
    yield site.site.id, ("site", "id")
    for surface, entry in site.surfaces.items():
        yield surface, ("surfaces", surface)
        for index, panel in enumerate(entry.panels):
            yield panel.id, ("surfaces", surface, "panels", index, "id")
    for player in site.players:
        yield player, ("players", player)
    for thing in site.things:
        yield thing, ("things", thing)


def _role(name: str, *path: str | int) -> Iterator[Finding]:
    if name not in ROLES:
        near = nearest(name, ROLES)
        code = "site.unknown-role-near" if near else "site.unknown-role"
        yield mistake(code, *path, value=name, known=listed(ROLES), near=near or "")


def _lines(site: Site) -> Iterator[Finding]:
    for name, link in site.links.items():
        if not _complete(link.url):
            yield mistake("site.bad-url", "links", name, "url", value=link.url)
    if site.broker is not None and urlsplit(site.broker.url).password is not None:
        yield mistake("site.password-in-url", "broker", "url")
    by_mqtt = sorted(name for name, thing in site.things.items() if _speaks_mqtt(thing))
    if by_mqtt and site.broker is None:
        yield mistake("site.no-broker", "broker", things=listed(by_mqtt))
    dialects: dict[str, str] = {}
    for name, thing in site.things.items():
        if isinstance(thing, Display | Bell) and thing.link is not None:
            spoken = dialects.setdefault(thing.link, thing.dialect)
            if spoken != thing.dialect:
                yield mistake("site.two-dialects", "things", name, "link", value=thing.link, first=spoken)


def _complete(url: str) -> bool:
    parts = urlsplit(url)
    try:
        return bool(parts.path.strip("/")) if parts.scheme == "serial" else bool(parts.hostname and parts.port)
    except ValueError:  # a port that is no number
        return False


def _speaks_mqtt(thing: model.Thing) -> bool:
    if isinstance(thing, Bell):
        return thing.dialect in {"contract", "topics"}
    return isinstance(thing, Switch | Sensor | Cafe)


def _hours(site: Site) -> Iterator[Finding]:
    for name, hours in site.hours.items():
        path = ("hours", name)
        yield from _floating(hours, path)
        yield from _refused(partial(check_week, f"hours.{name}.weekly", _week(hours.weekly)), *path, "weekly")
        holiday = _windows(hours.public_holiday or ())
        yield from _refused(partial(check_daily, f"hours.{name}.public-holiday", holiday), *path, "public-holiday")
        yield from _refused(partial(check_seasons, _seasons(hours)), *path, "seasons")
        yield from _refused(partial(check_special_days, _special_days(hours)), *path, "special-days")


def _refused(check: Callable[[], None], *path: str | int) -> Iterator[Finding]:
    try:
        check()
    except OverlapRefused as refused:
        yield mistake("site.overlap", *path, first=refused.first, second=refused.second)
    except DateRefused as refused:
        yield mistake("site.bad-dates", *path, rule=refused.rule, value=refused.dates)


def _floating(hours: Hours, path: Path) -> Iterator[Finding]:
    """Local times carry no offset of their own."""
    for where, window in _all_windows(hours):
        for key, moment in (("from", window.from_), ("to", window.to)):
            if moment.tzinfo is not None:
                yield mistake("site.time-with-zone", *path, *where, key, value=moment.isoformat())


def _all_windows(hours: Hours) -> Iterator[tuple[Path, model.Window]]:
    groups: list[tuple[Path, Sequence[model.Window]]] = [
        (("weekly",), hours.weekly),
        (("public-holiday",), hours.public_holiday or ()),
        *((("seasons", index, "weekly"), season.weekly) for index, season in enumerate(hours.seasons)),
        *((("special-days", index, "windows"), day.windows) for index, day in enumerate(hours.special_days)),
    ]
    for path, windows in groups:
        yield from (((*path, index), window) for index, window in enumerate(windows))


def _week(windows: Iterable[model.WeeklyWindow]) -> tuple[Windows, ...]:
    windows = tuple(windows)
    return tuple(_windows(window for window in windows if day in window.days) for day in WEEKDAYS)


def _windows(windows: Iterable[model.Window]) -> Windows:
    return tuple(Window(start=_naive(window.from_), end=_naive(window.to), value=window.value) for window in windows)


def _naive(moment: dt.time) -> dt.time:
    return moment.replace(tzinfo=None)


def _seasons(hours: Hours) -> list[Season]:
    return [
        Season(name=season.name.ko, first=_day(season.from_), last=_day(season.to), days=_week(season.weekly))
        for season in hours.seasons
    ]


def _day(text: str) -> tuple[int, int]:
    month, _, day = text.partition("-")
    return int(month), int(day)


def _special_days(hours: Hours) -> list[SpecialDay]:
    return [
        SpecialDay(id=day.id, first=day.from_, last=day.to, windows=_windows(day.windows)) for day in hours.special_days
    ]


def _screens(site: Site) -> Iterator[Finding]:
    for name, surface in site.surfaces.items():
        path = ("surfaces", name)
        yield from refers(surface.place, "places", site.places, *path, "place")
        yield from refers(surface.hours, "hours", site.hours, *path, "hours")
        yield from refers(surface.playlist, "playlists", site.playlists, *path, "playlist")
        yield from _values(site, surface.hours, {"on", "off", *site.playlists}, "site.not-a-playlist")
        for index, panel in enumerate(surface.panels):
            yield from _positive(panel.pixels, *path, "panels", index, "pixels")
            yield from _positive(panel.size_mm, *path, "panels", index, "size-mm")
        yield from _hung(surface, *path, "panels")
        if not any(name in player.surfaces for player in site.players.values()):
            yield warning("site.nobody-draws", *path)
    drawn = [(surface, player) for player, entry in site.players.items() for surface in entry.surfaces]
    for index, (wanted, player) in enumerate(drawn):
        yield from refers(wanted, "surfaces", site.surfaces, "players", player, "surfaces")
        other = next((by for earlier, by in drawn[:index] if earlier == wanted), None)
        if other is not None:
            yield mistake("site.drawn-twice", "players", player, "surfaces", value=wanted, other=other)
    if site.kiosk is not None:
        yield from _positive((*site.kiosk.pixels, *site.kiosk.size_mm), "kiosk")


def _hung(surface: model.Surface, *path: str | int) -> Iterator[Finding]:
    """Panels that overlap or are far apart cannot be drawn as one wall."""
    if any(number <= 0 for panel in surface.panels for number in (*panel.pixels, *panel.size_mm)):
        return
    try:
        canvas(places_of(surface))
    except GeometryRefused as refused:
        yield mistake(f"media.{refused.code}", *path, **refused.params)


def _positive(numbers: Iterable[int], *path: str | int) -> Iterator[Finding]:
    if any(number <= 0 for number in numbers):
        yield mistake("site.not-positive", *path)


def _values(site: Site, hours: str, allowed: Collection[str], code: str) -> Iterator[Finding]:
    """The values that hours give must mean something to whoever follows them."""
    if hours not in site.hours:
        return
    entry = site.hours[hours]
    given: list[tuple[Path, str]] = [(("otherwise",), entry.otherwise)]
    given += [((*where, "value"), window.value) for where, window in _all_windows(entry)]
    for path, value in given:
        if value not in allowed:
            yield mistake(code, "hours", hours, *path, value=value, known=listed(sorted(allowed)))


def _things(site: Site) -> Iterator[Finding]:
    for name, thing in site.things.items():
        yield from refers(thing.place, "places", site.places, "things", name, "place")
        match thing:
            case Desk():
                yield from refers(thing.hours, "hours", site.hours, "things", name, "hours")
                yield from _values(site, thing.hours, DESK_VALUES, "site.not-a-desk-state")
            case Room():
                yield from _follows(site, name, thing.follows)
            case Display():
                yield from _display(site, name, thing)
            case Sound():
                yield from _sound(site, name, thing)
            case Switch():
                yield from _switch(site, name, thing)
            case Bell():
                yield from _bell(site, name, thing)
    yield from _circles(site)
    yield from _same_address(site)


def _display(site: Site, name: str, display: Display) -> Iterator[Finding]:
    panels = {panel.id for surface in site.surfaces.values() for panel in surface.panels}
    yield from refers(display.panel, "surfaces.*.panels", panels, "things", name, "panel")
    yield from refers(display.link, "links", site.links, "things", name, "link")


def _sound(site: Site, name: str, sound: Sound) -> Iterator[Finding]:
    yield from refers(sound.display, 'things (kind = "display")', site.of(Display), "things", name, "display")
    yield from refers(sound.hours, "hours", site.hours, "things", name, "hours")
    yield from _values(site, sound.hours, LEVELS, "site.not-a-level")
    display = site.things.get(sound.display)
    if isinstance(display, Display) and display.dialect != "samsung-mdc":
        yield mistake("site.mute-display", "things", name, "display", value=sound.display)


def _switch(site: Site, name: str, switch: Switch) -> Iterator[Finding]:
    yield from _follows(site, name, switch.follows)
    if switch.dialect != "topics":
        return
    if switch.command is None:
        yield mistake("site.missing", "things", name, "command")
        return
    for value in sorted({"on", "off"} - set(switch.command.payloads)):
        yield mistake("site.missing", "things", name, "command", "payloads", value)


def _follows(site: Site, name: str, follows: str | None) -> Iterator[Finding]:
    yield from refers(follows, "things", {*site.things, *site.surfaces} - {name}, "things", name, "follows")


def _circles(site: Site) -> Iterator[Finding]:
    following = {name: getattr(thing, "follows", None) for name, thing in site.things.items()}
    for name in site.things:
        seen, at = [name], following.get(name)
        while at is not None and at not in seen:
            seen.append(at)
            at = following.get(at)
        if at == name and len(seen) > 1 and name == min(seen):
            yield mistake("site.follows-in-circle", "things", name, "follows", value=" → ".join([*seen, name]))


def _same_address(site: Site) -> Iterator[Finding]:
    """Two devices of one address on a line talk at once; two bells on one contact are one bell."""
    found: dict[tuple[object, ...], str] = {}
    for name, thing in site.things.items():
        for address, key in _addresses(thing):
            other = found.setdefault(address, name)
            if other != name:
                yield mistake("site.same-address", "things", name, key, other=other)


def _addresses(thing: model.Thing) -> Iterator[tuple[tuple[object, ...], str]]:
    if isinstance(thing, Display):
        led = thing.dialect == "novastar"
        yield ("display", thing.link, 0 if led else thing.display_id), "link" if led else "display-id"
        yield ("panel", thing.panel), "panel"
    if isinstance(thing, Switch) and thing.dialect == "tasmota":
        yield ("tasmota", thing.topic, thing.relay), "relay"
    if isinstance(thing, Switch) and thing.dialect == "shelly":
        yield ("shelly", thing.prefix, thing.switch), "switch"
    if isinstance(thing, Sound):
        yield ("sound", thing.display), "display"
    if isinstance(thing, Bell) and thing.dialect == "modbus-contact":
        yield ("contact", thing.link, thing.unit, thing.press_input), "press-input"
        if thing.line_input is not None:
            yield ("contact", thing.link, thing.unit, thing.line_input), "line-input"


def _bell(site: Site, name: str, bell: Bell) -> Iterator[Finding]:
    path = ("things", name)
    if bell.dialect == "modbus-contact":
        if bell.link is None:
            yield mistake("site.missing", *path, "link")
        yield from refers(bell.link, "links", site.links, *path, "link")
        if bell.line_input is None:
            yield warning("site.wire-not-watched", *path, "line-input")
        elif bell.line_input == bell.press_input:
            yield mistake("site.same-address", *path, "line-input", other=name)
    if bell.dialect == "topics":
        if bell.press is None:
            yield mistake("site.missing", *path, "press")
        yield warning("site.bell-cannot-repeat", *path, value=f"{CRASH_WINDOW_S:g}")
    yield from _effects(site, path, bell)


def _effects(site: Site, path: Path, bell: Bell) -> Iterator[Finding]:
    sirens = {name for name, thing in site.things.items() if isinstance(thing, Switch) and thing.use == "siren"}
    lights = {
        name for name, thing in site.things.items() if isinstance(thing, Switch) and thing.use in {"beacon", "light"}
    }
    for index, siren in enumerate(bell.effects.sirens):
        yield from refers(siren, 'things (use = "siren")', sirens, *path, "effects", "sirens", index)
    for index, light in enumerate(bell.effects.lights):
        yield from refers(light, 'things (use = "beacon", "light")', lights, *path, "effects", "lights", index)
    for index, role in enumerate(bell.effects.quiet_roles):
        yield from _role(role, *path, "effects", "quiet-roles", index)


def _calling(site: Site) -> Iterator[Finding]:
    """Somebody must be reached without an open browser tab and without the internet."""
    for name, channel in site.channels.items():
        uses = {thing: entry.use for thing, entry in site.things.items() if isinstance(entry, Switch)}
        fitting = {thing for thing, use in uses.items() if use == channel.kind}
        if channel.kind in {"siren", "beacon"}:
            if channel.thing is None:
                yield mistake("site.missing", "channels", name, "thing")
            yield from refers(channel.thing, f'things (use = "{channel.kind}")', fitting, "channels", name, "thing")
        else:
            yield from refers(channel.thing, "things", site.things, "channels", name, "thing")
    bells = site.bells()
    if bells and not any("internet" not in channel.needs for channel in site.channels.values()):
        code = "site.only-internet-to-guard" if site.channels else "site.only-browser-to-guard"
        yield mistake(code, "channels", bells=listed(sorted(bells)))
    steps = site.escalation
    if steps.t2_s <= steps.t1_s:
        yield mistake("site.steps-out-of-order", "escalation", "t2-s", first=f"{steps.t1_s:g}", value=f"{steps.t2_s:g}")
    if bells and site.emergency_dir is None:
        yield warning("site.emergency-dir-unset", "emergency-dir")


CHECKS: Sequence[Callable[[Site], Iterator[Finding]]] = (
    _place_and_time,
    _names,
    _lines,
    _hours,
    _screens,
    screens,
    playlists,
    _things,
    dialects,
    _calling,
)
