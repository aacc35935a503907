"""A programme as JSON between controller and player: what is written, what is refused, and its version."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from media.geometry import GeometryRefused, PanelPlace, canvas
from media.programme import Change, Film, Interval, Item, Loud, Mode, Playlist, Programme, SurfacePlan

MAX_BYTES = 4 * 1024 * 1024
MAX_SURFACES = 16
MAX_PANELS = 16
MAX_INTERVALS = 10_000
MAX_PLAYLISTS = 256
MAX_ITEMS = 500
MAX_ASSETS = 10_000
MAX_SIZES = 64
MAX_CHANGE_MS = 60_000
MAX_FRAMES = 1_000_000
MAX_FPS = 120
FORMAT = 1
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_SHA = re.compile(r"[0-9a-f]{64}")
_SIZE = re.compile(r"[1-9][0-9]{1,4}x[1-9][0-9]{1,4}|[a-z0-9][a-z0-9-]{0,31}:[1-9][0-9]?:[1-9][0-9]?")
_MODES = ("rotate", "one-per-panel", "span")
_CHANGES = ("fade", "cut", "wipe")
T = TypeVar("T")


class ProgrammeRefused(Exception):
    """A programme that must not be played; `where` names the first wrong place. The player keeps the last good one."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


def to_json(programme: Programme) -> bytes:
    """The programme as one canonical JSON object: equal programmes are equal bytes."""
    return _canonical(_document(programme) | {"version": programme.version})


def version_of(programme: Programme) -> str:
    """The hash over everything but the version itself."""
    return hashlib.sha256(_canonical(_document(programme))).hexdigest()


def from_json(data: bytes) -> Programme:
    """Read what `to_json` wrote. Raises ProgrammeRefused for anything else, wrong versions included."""
    if len(data) > MAX_BYTES:
        raise ProgrammeRefused("length")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ProgrammeRefused("json") from error
    programme = _programme(_as(document, dict, "programme"))
    _refuse_inconsistent(programme)
    return programme


def _canonical(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _document(programme: Programme) -> dict[str, object]:
    films = {asset: {"frames": film.frames, "fps": film.fps} for asset, film in programme.films.items()}
    further: dict[str, object] = {"films": films, "scenes": dict(programme.scenes), "dark": sorted(programme.dark)}
    further["silent"] = sorted(programme.silent)
    return {key: value for key, value in further.items() if value} | {
        "format": FORMAT,
        "player": programme.player,
        "epoch": _said(programme.epoch),
        "start": _said(programme.start),
        "end": _said(programme.end),
        "surfaces": {name: _surface_document(surface) for name, surface in programme.surfaces.items()},
        "order": list(programme.surfaces),
        "playlists": {name: _playlist_document(playlist) for name, playlist in programme.playlists.items()},
        "pictures": {asset: dict(sizes) for asset, sizes in programme.pictures.items()},
        "pins": dict(programme.pins),
    }


def _surface_document(surface: SurfacePlan) -> dict[str, object]:
    return {
        "fade_ms": surface.fade_ms,
        "panels": [_panel_document(panel) for panel in surface.panels],
        "intervals": [_interval_document(each) for each in surface.intervals],
        **({"sound": [_loud_document(each) for each in surface.sound]} if surface.sound else {}),
    }


def _loud_document(loud: Loud) -> list[object]:
    return [_said(loud.start), _said(loud.end), loud.level]


def _panel_document(panel: PanelPlace) -> dict[str, object]:
    return {
        "id": panel.id,
        "pixels": list(panel.pixels),
        "at_mm": list(panel.at_mm),
        "size_mm": list(panel.size_mm),
        "fold_deg": panel.fold_deg,
    }


def _interval_document(interval: Interval) -> list[object]:
    under = [] if interval.under is None else [interval.under]
    return [_said(interval.start), _said(interval.end), interval.playlist, *under]


def _playlist_document(playlist: Playlist) -> dict[str, object]:
    """What is as usual is left out, so that a programme kept by an earlier version stays itself."""
    items = [{"asset": item.asset, "dwell_ms": item.dwell_ms} for item in playlist.items]
    usual = Playlist(mode=playlist.mode, items=())
    names = ("change", "change_ms", "turn_ms", "seed", "of", "exclusive", "keep", "least")
    said = {name: getattr(playlist, name) for name in names if getattr(playlist, name) != getattr(usual, name)}
    return {"mode": playlist.mode, "items": items, **said}


def _said(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _programme(document: dict[str, Any]) -> Programme:
    if document.get("format") != FORMAT:
        raise ProgrammeRefused("format")
    surfaces = _table(document, "surfaces", MAX_SURFACES, _surface)
    order = [_as(name, str, "order") for name in _list(document, "order", MAX_SURFACES)]
    if sorted(order) != sorted(surfaces):
        raise ProgrammeRefused("order")
    return Programme(
        player=_matching(document.get("player"), _ID, "player"),
        version=_matching(document.get("version"), _SHA, "version"),
        epoch=_moment(document.get("epoch"), "epoch"),
        start=_moment(document.get("start"), "start"),
        end=_moment(document.get("end"), "end"),
        surfaces={name: surfaces[name] for name in order},
        playlists=_table(document, "playlists", MAX_PLAYLISTS, _playlist),
        pictures=_table(document, "pictures", MAX_ASSETS, _sizes, _SHA),
        pins=_table(document, "pins", MAX_SURFACES * MAX_PANELS, lambda sha, where: _matching(sha, _SHA, where)),
        films=_table({"films": {}, **document}, "films", MAX_ASSETS, _film, _SHA),
        scenes=_table(
            {"scenes": {}, **document}, "scenes", MAX_ASSETS, lambda name, at: _matching(name, _ID, at), _SHA
        ),
        dark=_panels(document, "dark"),
        silent=_panels(document, "silent"),
    )


def _panels(document: Mapping[str, object], key: str) -> frozenset[str]:
    named = _list({key: [], **document}, key, MAX_SURFACES * MAX_PANELS)
    return frozenset(_matching(panel, _ID, key) for panel in named)


def _surface(value: object, where: str) -> SurfacePlan:
    table = _as(value, dict, where)
    return SurfacePlan(
        fade_ms=_whole(table.get("fade_ms"), 0, 10_000, f"{where}.fade_ms"),
        panels=tuple(_panel(panel, f"{where}.panels") for panel in _list(table, "panels", MAX_PANELS)),
        intervals=tuple(_interval(each, f"{where}.intervals") for each in _list(table, "intervals", MAX_INTERVALS)),
        sound=tuple(_loud(each, f"{where}.sound") for each in _list({"sound": [], **table}, "sound", MAX_INTERVALS)),
    )


def _loud(value: object, where: str) -> Loud:
    start, end, level = _as(value, list, where) if _length(value) == 3 else (None, None, None)
    return Loud(start=_moment(start, where), end=_moment(end, where), level=_whole(level, 1, 100, where))


def _panel(value: object, where: str) -> PanelPlace:
    table = _as(value, dict, where)
    return PanelPlace(
        id=_matching(table.get("id"), _ID, where),
        pixels=_pair(table.get("pixels"), 16, 16_384, where),
        at_mm=_pair(table.get("at_mm"), -1_000_000, 1_000_000, where),
        size_mm=_pair(table.get("size_mm"), 1, 1_000_000, where),
        fold_deg=_whole(table.get("fold_deg"), -90, 90, where),
    )


def _interval(value: object, where: str) -> Interval:
    start, end, *names = _as(value, list, where) if _length(value) in (3, 4) else (None, None)
    playlist, under = ([None if name is None else _matching(name, _ID, where) for name in names] + [None, None])[:2]
    return Interval(start=_moment(start, where), end=_moment(end, where), playlist=playlist, under=under)


def _playlist(value: object, where: str) -> Playlist:
    table = _as(value, dict, where)
    mode = table.get("mode")
    if mode not in _MODES:
        raise ProgrammeRefused(f"{where}.mode")
    change = table.get("change", "fade")
    if change not in _CHANGES:
        raise ProgrammeRefused(f"{where}.change")
    change_ms, seed, of = table.get("change_ms"), table.get("seed"), table.get("of", "")
    return Playlist(
        mode=cast(Mode, mode),
        items=tuple(_item(item, f"{where}.items") for item in _list(table, "items", MAX_ITEMS)),
        change=cast(Change, change),
        change_ms=None if change_ms is None else _whole(change_ms, 0, MAX_CHANGE_MS, f"{where}.change_ms"),
        turn_ms=_whole(table.get("turn_ms", 0), -MAX_CHANGE_MS, MAX_CHANGE_MS, f"{where}.turn_ms"),
        seed=None if seed is None else _whole(seed, 0, 1 << 32, f"{where}.seed"),
        of=_matching(of, _ID, f"{where}.of") if of != "" else "",
        exclusive=_as(table.get("exclusive", False), bool, f"{where}.exclusive"),
        keep=_keep(table, where),
        least=_whole(table.get("least", 0), 0, MAX_PANELS, f"{where}.least"),
    )


def _keep(table: Mapping[str, object], where: str) -> tuple[int, ...]:
    places = _list({"keep": [], **table}, "keep", MAX_PANELS)
    found = tuple(_whole(place, 0, MAX_PANELS - 1, f"{where}.keep") for place in places)
    least = table.get("least", 0)
    if sorted(found) != list(range(len(found))) or (isinstance(least, int) and least > len(found)):
        raise ProgrammeRefused(f"{where}.keep")
    return found


def _item(value: object, where: str) -> Item:
    table = _as(value, dict, where)
    dwell = _whole(table.get("dwell_ms"), 1000, 86_400_000, where)
    return Item(asset=_matching(table.get("asset"), _SHA, where), dwell_ms=dwell)


def _film(value: object, where: str) -> Film:
    table = _as(value, dict, where)
    frames = _whole(table.get("frames"), 1, MAX_FRAMES, where)
    return Film(frames=frames, fps=_whole(table.get("fps"), 1, MAX_FPS, where))


def _sizes(value: object, where: str) -> dict[str, str]:
    table = _as(value, dict, where)
    if len(table) > MAX_SIZES:
        raise ProgrammeRefused(where)
    return {_matching(size, _SIZE, where): _matching(sha, _SHA, where) for size, sha in table.items()}


def _refuse_inconsistent(programme: Programme) -> None:
    if programme.start >= programme.end:
        raise ProgrammeRefused("end")
    panels = [panel.id for surface in programme.surfaces.values() for panel in surface.panels]
    if len(panels) != len(set(panels)):
        raise ProgrammeRefused("surfaces.panels")
    for name, surface in programme.surfaces.items():
        _refuse_gaps(programme, surface, f"surfaces.{name}.intervals")
        _refuse_overlaps(surface, f"surfaces.{name}.panels")
    if version_of(programme) != programme.version:
        raise ProgrammeRefused("version")


def _refuse_gaps(programme: Programme, surface: SurfacePlan, where: str) -> None:
    at = programme.start
    for interval in surface.intervals:
        names = {interval.playlist, interval.under} - {None}
        known = names <= set(programme.playlists)
        if interval.start != at or interval.end <= at or not known:
            raise ProgrammeRefused(where)
        at = interval.end
    if at != programme.end or not surface.panels:
        raise ProgrammeRefused(where)


def _refuse_overlaps(surface: SurfacePlan, where: str) -> None:
    try:
        canvas(surface.panels)
    except GeometryRefused as refused:
        raise ProgrammeRefused(where) from refused


def _table(
    document: Mapping[str, object],
    key: str,
    limit: int,
    read: Callable[[object, str], T],
    names: re.Pattern[str] = _ID,
) -> dict[str, T]:
    table = _as(document.get(key), dict, key)
    if len(table) > limit:
        raise ProgrammeRefused(key)
    return {_matching(name, names, key): read(value, f"{key}.{name}") for name, value in table.items()}


def _list(document: Mapping[str, object], key: str, limit: int) -> list[object]:
    found = _as(document.get(key), list, key)
    if len(found) > limit:
        raise ProgrammeRefused(key)
    return found


def _as(value: object, kind: type[T], where: str) -> T:
    if not isinstance(value, kind):
        raise ProgrammeRefused(where)
    return value


def _length(value: object) -> int:
    return len(value) if isinstance(value, list) else -1


def _matching(value: object, pattern: re.Pattern[str], where: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ProgrammeRefused(where)
    return value


def _whole(value: object, least: int, most: int, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ProgrammeRefused(where)
    return value


def _pair(value: object, least: int, most: int, where: str) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise ProgrammeRefused(where)
    return _whole(value[0], least, most, where), _whole(value[1], least, most, where)


def _moment(value: object, where: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_as(value, str, where))
    except ValueError as error:
        raise ProgrammeRefused(where) from error
    if moment.utcoffset() is None:
        raise ProgrammeRefused(where)
    return moment.astimezone(UTC)
