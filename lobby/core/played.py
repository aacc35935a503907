"""Proof of play: what stood on which panel, when, how often and for how long, counted exactly once.

Half an hour of a surface is one fact, `display.played`. What the half hour holds so far is kept beside the journal, in
the same file and without lines of its own, so that a crash loses seconds; it is closed together with its fact.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from typing import Any, Protocol

from lobby.core.journal import Entry, Fact, Json
from lobby.core.projection import stamp
from media.programme import PanelFrame, Programme, frame, next_change

KIND = "display.played"
WINDOW = timedelta(minutes=30)
STEP_IN_CHANGE = timedelta(milliseconds=250)
MICROSECOND, MILLISECOND = timedelta(microseconds=1), timedelta(milliseconds=1)
CREATE = """CREATE TABLE played (day TEXT, surface TEXT, panel TEXT, asset TEXT, playlist TEXT, airing TEXT,
    first TEXT, last TEXT, count INTEGER, presented_s REAL, confirmed_s REAL,
    PRIMARY KEY (day, surface, panel, asset, playlist, airing));
    CREATE TABLE played_until (surface TEXT PRIMARY KEY, until TEXT NOT NULL)"""
ADD = """INSERT INTO played VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last),
    count = count + excluded.count, presented_s = presented_s + excluded.presented_s,
    confirmed_s = confirmed_s + excluded.confirmed_s"""
UNTIL = "SELECT until FROM played_until WHERE surface = ?"
ROWS = """SELECT *, '' AS document FROM played WHERE day >= ? AND day < ?
    UNION ALL SELECT '', surface, '', '', '', '', '', '', 0, 0, 0, document FROM playing"""
OPEN = "SELECT surface, document FROM playing ORDER BY surface"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What stands on a panel: an asset, of which playlist, and within which airing if in one."""

    asset: str
    playlist: str = ""
    airing: str = ""


@dataclass(slots=True, kw_only=True)
class Count:
    """How often a content was shown on a panel, and for how long; seconds that a display confirmed count apart."""

    first: datetime
    last: datetime
    count: int = 0
    presented_s: float = 0.0
    confirmed_s: float = 0.0


@dataclass(slots=True, kw_only=True)
class Tally:
    """A surface's half hour. `standing`: what is on each panel now, and whether that showing is counted already."""

    surface: str
    day: date
    start: datetime
    until: datetime
    counts: dict[tuple[str, Content], Count] = field(default_factory=dict)
    standing: dict[str, tuple[Content | None, bool]] = field(default_factory=dict)

    def pass_over(self, panel: str, content: Content | None) -> None:
        """This stands there; another one than before is a new showing."""
        if panel not in self.standing or self.standing[panel][0] != content:
            self.standing[panel] = content, False

    def credit(self, panel: str, content: Content, span: tuple[datetime, datetime], *, confirmed: bool) -> None:
        """It was seen to be shown for that long; a showing counts the first time."""
        self.pass_over(panel, content)
        held = self.counts.setdefault((panel, content), Count(first=span[0], last=span[1]))
        held.count += not self.standing[panel][1]
        self.standing[panel] = content, True
        seconds = (span[1] - span[0]).total_seconds()
        held.last = span[1]
        held.presented_s += 0.0 if confirmed else seconds
        held.confirmed_s += seconds if confirmed else 0.0

    def payload(self) -> dict[str, Json]:
        """The half hour as its fact holds it: contents once, their panels with whole seconds after its start."""
        shown: dict[Content, dict[str, Json]] = {}
        for (panel, content), held in self.counts.items():
            first, last = ((moment - self.start).total_seconds() for moment in (held.first, held.last))
            numbers = [held.count, round(held.presented_s, 1), round(held.confirmed_s, 1), round(first), round(last)]
            shown.setdefault(content, {})[panel] = numbers
        contents: list[Json] = [
            {"asset": each.asset, "playlist": each.playlist, "airing": each.airing, "panels": panels}
            for each, panels in shown.items()
        ]
        return {"day": self.day.isoformat(), "from": stamp(self.start), "until": stamp(self.until), "shown": contents}

    def fact(self) -> Fact:
        """What is written when the half hour is over."""
        return Fact(kind=KIND, subject=self.surface, payload=self.payload())

    def document(self) -> str:
        """The half hour so far, as it is kept until it is over."""
        standing = {
            panel: [content and [content.asset, content.playlist, content.airing], counted]
            for panel, (content, counted) in self.standing.items()
        }
        return json.dumps({**self.payload(), "standing": standing})


def tally_of(surface: str, text: str) -> Tally:
    """The half hour that an earlier run left open."""
    document = json.loads(text)
    start = datetime.fromisoformat(document["from"])
    counts = {
        (panel, Content(asset=each["asset"], playlist=each["playlist"], airing=each["airing"])): Count(
            first=start + timedelta(seconds=numbers[3]),
            last=start + timedelta(seconds=numbers[4]),
            count=numbers[0],
            presented_s=numbers[1],
            confirmed_s=numbers[2],
        )
        for each in document["shown"]
        for panel, numbers in each["panels"].items()
    }
    standing = {
        panel: (None if told is None else Content(asset=told[0], playlist=told[1], airing=told[2]), counted)
        for panel, (told, counted) in document["standing"].items()
    }
    until = datetime.fromisoformat(document["until"])
    day = date.fromisoformat(document["day"])
    return Tally(surface=surface, day=day, start=start, until=until, counts=counts, standing=standing)


def window_of(moment: datetime, zone: tzinfo) -> tuple[date, datetime]:
    """The site's day and the beginning of the half hour that a moment lies in."""
    local = moment.astimezone(zone)
    begins = local.replace(minute=local.minute - local.minute % 30, second=0, microsecond=0)
    return local.date(), begins.astimezone(moment.tzinfo)


def stretches(
    programme: Programme,
    surface: str,
    start: datetime,
    end: datetime,
    airing: Callable[[str, datetime], str] = lambda _playlist, _moment: "",
) -> Iterator[tuple[datetime, datetime, Mapping[str, Content | None]]]:
    """What a surface's panels show by the programme, piece by piece; in a change the one that covers more.

    `airing` names the one that puts a playlist there at a moment. What appears belongs to what it is part of when it
    has appeared, so that the first picture of a notice is no showing of the playlist before it.
    """
    panels, named = [panel.id for panel in programme.surfaces[surface].panels], cache(airing)
    at = start
    while at < end:
        frames = frame(programme, at)
        change = next_change(programme, at + MICROSECOND)
        until = min(end, change if change > at + MICROSECOND else at + STEP_IN_CHANGE)
        yield at, until, {panel: _content(programme, surface, frames.get(panel), at, named) for panel in panels}
        at = until


def _content(
    programme: Programme,
    surface: str,
    shown: PanelFrame | None,
    at: datetime,
    airing: Callable[[str, datetime], str],
) -> Content | None:
    if shown is None:
        return None
    sha = shown.next if _appears(shown) else shown.shows
    asset = None if sha is None else _assets(programme).get(sha)
    if asset is None:
        return None
    playlist, moment = _source(programme, surface, shown, at)
    return Content(asset=asset, playlist=playlist, airing=airing(playlist, moment) if playlist else "")


def _appears(shown: PanelFrame) -> bool:
    """Whether what comes covers more than what goes."""
    return shown.next is not None and (shown.shows is None or shown.alpha >= 0.5)


def _source(programme: Programme, surface: str, shown: PanelFrame, at: datetime) -> tuple[str, datetime]:
    """The playlist that a picture is part of, as people know it, and a moment at which it is that list's turn.

    What mixes into the end of an interval is the next one's; a list that is cut to, or cut from, mixes with nothing.
    """
    name, there = _list_at(programme, surface, at), at
    if _appears(shown) and shown.since is not None and shown.alpha:
        whole = shown.since + (at - shown.since) / shown.alpha + MILLISECOND
        coming = _list_at(programme, surface, whole)
        lists = programme.playlists
        if name and coming and not lists[name].exclusive and lists[coming].change != "cut":
            name, there = coming, whole
    return "" if name is None else programme.playlists[name].of or name, there


def _list_at(programme: Programme, surface: str, moment: datetime) -> str | None:
    intervals = programme.surfaces[surface].intervals
    return next((each.playlist for each in intervals if each.start <= moment < each.end), None)


@lru_cache(maxsize=8)
def _assets(programme: Programme) -> Mapping[str, str]:
    """Content hash → asset; a live scene is its own content."""
    shas = {sha: asset for asset, sizes in programme.pictures.items() for sha in sizes.values()}
    return shas | {asset: asset for asset in programme.scenes}


class PlayedProjection:
    """Days × panels × contents with their sums; a half hour that is there already is not added again."""

    name = "played"
    ddl = CREATE
    kinds = frozenset({KIND})

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """Fold one fact; an erased one changes nothing."""
        payload, surface = entry.payload, entry.subject
        if payload is None:
            return
        before = cursor.execute(UNTIL, (surface,)).fetchone()
        if before is not None and payload["from"] < before[0]:
            return
        cursor.execute("INSERT OR REPLACE INTO played_until VALUES (?, ?)", (surface, payload["until"]))
        for row in _rows(surface, payload):
            cursor.execute(ADD, row)


def _rows(surface: str, payload: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    start = datetime.fromisoformat(payload["from"])
    for each in payload["shown"]:
        for panel, (count, presented, confirmed, first, last) in each["panels"].items():
            moments = (stamp(start + timedelta(seconds=seconds)) for seconds in (first, last))
            content = each["asset"], each["playlist"], each["airing"]
            yield payload["day"], surface, panel, *content, *moments, count, presented, confirmed


class PlayingProjection:
    """The half hours that are not over; no fact tells of them, so a new fold of the journal leaves them alone."""

    name = "playing"
    ddl = "CREATE TABLE playing (surface TEXT PRIMARY KEY, document TEXT NOT NULL)"
    kinds: frozenset[str] = frozenset()

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """There is nothing to fold."""


PLAYED, PLAYING = PlayedProjection(), PlayingProjection()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which part of the history is wanted: days from `first` to `last`, both included; empty words mean all."""

    first: date
    last: date
    surface: str = ""
    asset: str = ""

    def wants(self, line: Line) -> bool:
        """Whether a line belongs to it."""
        return (
            self.first <= line.day <= self.last
            and self.surface in ("", line.surface)
            and self.asset in ("", line.content.asset)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one panel showed of one content on one day."""

    day: date
    surface: str
    panel: str
    content: Content
    first: datetime
    last: datetime
    count: int
    presented_s: float
    confirmed_s: float

    @property
    def seconds(self) -> float:
        """For how long altogether."""
        return self.presented_s + self.confirmed_s


class Reading(Protocol):
    """What can be asked for rows, as the journal can."""

    async def read(self, sql: str, parameters: Sequence[object] = ()) -> list[sqlite3.Row]:
        """Rows of a query."""


async def history(journal: Reading, asked: Asked) -> list[Line]:
    """The lines of the days asked for, in order, the half hours that are not over included. Raises NotDurable."""
    rows = await journal.read(ROWS, (asked.first.isoformat(), (asked.last + timedelta(days=1)).isoformat()))
    closed = (_line(tuple(row)[:-1]) for row in rows if not row["document"])
    still_open = (
        _line(each) for row in rows if row["document"] for each in _rows(row["surface"], json.loads(row["document"]))
    )
    found: dict[tuple[date, str, str, Content], Line] = {}
    for line in (line for line in (*closed, *still_open) if asked.wants(line)):
        key = line.day, line.surface, line.panel, line.content
        found[key] = line if key not in found else _together(found[key], line)
    return sorted(found.values(), key=lambda line: (line.day, line.surface, line.panel, line.first))


def _line(row: tuple[Any, ...]) -> Line:
    day, surface, panel, asset, playlist, airing, first, last, count, presented, confirmed = row
    return Line(
        day=date.fromisoformat(day),
        surface=surface,
        panel=panel,
        content=Content(asset=asset, playlist=playlist, airing=airing),
        first=datetime.fromisoformat(first),
        last=datetime.fromisoformat(last),
        count=count,
        presented_s=presented,
        confirmed_s=confirmed,
    )


def _together(one: Line, other: Line) -> Line:
    return replace(
        one,
        first=min(one.first, other.first),
        last=max(one.last, other.last),
        count=one.count + other.count,
        presented_s=one.presented_s + other.presented_s,
        confirmed_s=one.confirmed_s + other.confirmed_s,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What lines that belong together come to; a surface's panels each count."""

    key: str
    count: int
    seconds: float
    confirmed_s: float
    days: int


def sums(lines: Iterable[Line], by: Callable[[Line], str]) -> list[Sum]:
    """Lines put together by a key, the longest shown first."""
    grouped: dict[str, list[Line]] = {}
    for line in lines:
        grouped.setdefault(by(line), []).append(line)
    found = [
        Sum(
            key=key,
            count=sum(line.count for line in held),
            seconds=sum(line.seconds for line in held),
            confirmed_s=sum(line.confirmed_s for line in held),
            days=len({line.day for line in held}),
        )
        for key, held in grouped.items()
    ]
    return sorted(found, key=lambda each: (-each.seconds, each.key))
