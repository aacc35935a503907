"""The history of what was shown, as people read it: titles and artists beside the counts, and as a table to take."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lobby.core.played import Line, Sum, sums
from lobby.core.records import NOTICES_BY
from lobby.core.words import say
from lobby.web.records import harmless
from media.art.titles import LIVE, korean_title, scene_id

if TYPE_CHECKING:
    from datetime import tzinfo

    from lobby.web.house import House

COLUMNS = (
    *("day", "surface", "panel", "title", "artist", "playlist", "airing", "first", "last", "count", "seconds"),
    *("confirmed", "asset"),
)
BY_ARTIST = ("artist", "works", "days", "count", "seconds", "confirmed")
MADE = re.compile(r"air-[0-9a-z-]{1,28}|notice-[0-9a-f]{20}")
BOM = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A content as people know it."""

    title: str
    artist: str


class Naming:
    """What contents, surfaces and panels are called in one language."""

    def __init__(self, house: House, language: str) -> None:
        self._house = house
        self._language = language
        self._scenes = {scene_id(name): korean_title(name) or name for name in LIVE}

    def work(self, asset: str) -> Work:
        """Title and artist; the still of a notice by what it is, what nobody knows any more by its hash's beginning."""
        record = self._house.library.records.of(asset)
        if record is not None and record.by == NOTICES_BY:
            return Work(title=say("notices.title", self._language), artist="")
        if record is not None:
            return Work(title=record.label.called(self._language), artist=record.label.rights.artist)
        known = self._house.library.find(asset)
        return Work(title=known.title if known is not None else self._scenes.get(asset, asset[:12]), artist="")

    def surface(self, surface: str) -> str:
        """A surface's name; its id where the place has it no more."""
        known = self._house.site.surfaces.get(surface)
        return known.name.said(self._language) if known is not None else surface

    def panel(self, surface: str, panel: str) -> str:
        """One screen of a surface by its number, as staff say it."""
        known = self._house.site.surfaces.get(surface)
        panels = [] if known is None else [each.id for each in known.panels]
        if len(panels) < 2 or panel not in panels:
            return panel if not panels else ""
        return say("console.screens.panel", self._language, n=panels.index(panel) + 1)

    def playlist(self, playlist: str) -> str:
        """A playlist's name; nothing for a list that was made for an airing, which has the name that people know."""
        known = self._house.playlists.all().get(playlist)
        made = "" if MADE.fullmatch(playlist) else playlist
        return known.name.said(self._language) if known is not None else made


def per_line(lines: Iterable[Line], naming: Naming, zone: tzinfo, language: str, *, head: bool = True) -> str:
    """Every day, panel and content as one row, for a spreadsheet."""
    rows = (_row(line, naming, zone) for line in lines)
    return _table(COLUMNS, rows, language, head=head)


def per_artist(lines: Sequence[Line], naming: Naming, language: str) -> str:
    """What each artist's works come to, for whoever pays them."""
    rows = (
        (each.key, works, each.days, each.count, round(each.seconds), round(each.confirmed_s))
        for each, works in artists(lines, naming)
    )
    return _table(BY_ARTIST, rows, language)


def artists(lines: Sequence[Line], naming: Naming) -> list[tuple[Sum, int]]:
    """Sums by artist with the number of their works; works without a named artist stand together, last."""
    by_artist = {line.content.asset: naming.work(line.content.asset).artist for line in lines}
    found = sums(lines, lambda line: by_artist[line.content.asset])
    works = {artist: sum(1 for each in by_artist.values() if each == artist) for artist in by_artist.values()}
    return sorted(((each, works[each.key]) for each in found), key=lambda pair: not pair[0].key)


def _row(line: Line, naming: Naming, zone: tzinfo) -> tuple[object, ...]:
    work = naming.work(line.content.asset)
    return (
        line.day,
        naming.surface(line.surface),
        naming.panel(line.surface, line.panel),
        work.title,
        work.artist,
        naming.playlist(line.content.playlist),
        line.content.airing,
        f"{line.first.astimezone(zone):%H:%M:%S}",
        f"{line.last.astimezone(zone):%H:%M:%S}",
        line.count,
        round(line.seconds),
        round(line.confirmed_s),
        line.content.asset,
    )


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]], language: str, *, head: bool = True) -> str:
    """Comma-separated, for a spreadsheet: with a byte order mark, and no cell that it would take for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    if head:
        writer.writerow([say(f"proof.history.col-{name}", language) for name in columns])
    writer.writerows([harmless(str(value)) for value in row] for row in rows)
    return (BOM if head else "") + out.getvalue()


def months(first_days: Iterable[str]) -> Iterator[str]:
    """The months of some days, each once, the newest first."""
    yield from sorted({day[:7] for day in first_days}, reverse=True)
