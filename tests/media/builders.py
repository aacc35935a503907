"""Small programmes for tests, built from words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from media.geometry import PanelPlace, Size, size_name
from media.programme import Film, Interval, Item, Mode, Playlist, Programme, SurfacePlan
from media.wire import version_of

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
NIGHT = datetime(2026, 11, 23, tzinfo=UTC)


def sha(word: str) -> str:
    """A hash to stand for that word's content."""
    return hashlib.sha256(word.encode()).hexdigest()


def at(hours: float) -> datetime:
    """That many hours after the night the test programmes begin."""
    return NIGHT + timedelta(hours=hours)


def row(count: int, pixels: Size = (1080, 1920), gap_mm: int = 20) -> tuple[PanelPlace, ...]:
    """Panels side by side, named wall-1, wall-2, …"""
    return tuple(
        PanelPlace(id=f"wall-{n + 1}", pixels=pixels, at_mm=(n * (600 + gap_mm), 0), size_mm=(600, 1067))
        for n in range(count)
    )


def grid(rows: int, columns: int, pixels: Size = (1080, 1920), gap_mm: int = 20) -> tuple[PanelPlace, ...]:
    """Rows of panels, named wall-1, wall-2, … in reading order."""
    places = ((r, c) for r in range(rows) for c in range(columns))
    return tuple(
        PanelPlace(id=f"wall-{n}", pixels=pixels, at_mm=(c * (600 + gap_mm), r * (1067 + gap_mm)), size_mm=(600, 1067))
        for n, (r, c) in enumerate(places, start=1)
    )


def playlist(names: str, dwell_s: float | Sequence[float] = 10, mode: Mode = "rotate") -> Playlist:
    """A playlist of the assets named by the letters."""
    dwells = [dwell_s] * len(names) if isinstance(dwell_s, int | float) else dwell_s
    items = (Item(asset=sha(name), dwell_ms=int(dwell * 1000)) for name, dwell in zip(names, dwells, strict=True))
    return Playlist(mode=mode, items=tuple(items))


def programme(
    panels: tuple[PanelPlace, ...],
    hours: Sequence[tuple[float, str | None]],
    playlists: Mapping[str, Playlist],
    *,
    fade_s: float = 1.5,
    days: int = 35,
    pins: Mapping[str, str] | None = None,
    pictures: Mapping[str, Mapping[str, str]] | None = None,
    films: Mapping[str, Film] | None = None,
) -> Programme:
    """One surface `wall`; `hours` are (hour of its start, playlist), the last one lasts to the end."""
    starts = [at(hour) for hour, _ in hours]
    ends = [*starts[1:], NIGHT + timedelta(days=days)]
    names = (name for _, name in hours)
    intervals = tuple(
        Interval(start=start, end=end, playlist=name) for start, end, name in zip(starts, ends, names, strict=True)
    )
    assets = {item.asset for each in playlists.values() for item in each.items} | set((pins or {}).values())
    size = size_name(panels[0].pixels)
    draft = Programme(
        player="lobby-player",
        version="",
        epoch=EPOCH,
        start=NIGHT,
        end=ends[-1],
        surfaces={"wall": SurfacePlan(panels=panels, intervals=intervals, fade_ms=int(fade_s * 1000))},
        playlists=playlists,
        pictures=pictures if pictures is not None else {asset: {size: asset} for asset in sorted(assets)},
        pins=pins or {},
        films=films or {},
    )
    return replace(draft, version=version_of(draft))
