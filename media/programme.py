"""What a player shows, compiled: absolute intervals, playlists and pictures; `frame` is a pure function of time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Literal

from media.geometry import PanelPlace, size_name

Mode = Literal["rotate", "one-per-panel", "span"]
MICROSECOND = timedelta(microseconds=1)
SECOND_US = 1_000_000
WEEK_US = 7 * 86_400 * 1_000_000
FOREVER_US = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One asset of a playlist and how long it stands."""

    asset: str
    dwell_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Playlist:
    """Items in order. `rotate`: panel i shows slide n + i; `one-per-panel`: always item i; `span`: all show item n."""

    mode: Mode
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """What makes an asset a film: how many pictures it has and how many of them a second."""

    frames: int
    fps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Half-open, UTC; no playlist means off."""

    start: datetime
    end: datetime
    playlist: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfacePlan:
    """One surface: its panels from the first to the last, and its intervals, which adjoin and cover the programme."""

    panels: tuple[PanelPlace, ...]
    intervals: tuple[Interval, ...]
    fade_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """All a player needs to play on alone. `pictures`: asset → size name → content hash; `pins`: panel → asset.

    An asset of `films` moves; all others are stills.
    """

    player: str
    version: str
    epoch: datetime
    start: datetime
    end: datetime
    surfaces: Mapping[str, SurfacePlan]
    playlists: Mapping[str, Playlist]
    pictures: Mapping[str, Mapping[str, str]]
    pins: Mapping[str, str] = field(default_factory=dict)
    films: Mapping[str, Film] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.version)

    def content(self) -> frozenset[str]:
        """Every picture this programme may show."""
        return frozenset(sha for sizes in self.pictures.values() for sha in sizes.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """Where a film stands: picture `number` until `until`; it began `start` microseconds after the epoch and loops."""

    film: Film
    start: int
    number: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelFrame:
    """What a panel shows: `shows`, turning into `next` by `alpha`; a film's shot, None for a still.

    Neither known: nothing to show, the standby card. Only `next`: appearing from dark; `alpha` alone: going dark.
    A film that appears stands at its first picture until its own time begins.
    """

    shows: str | None
    next: str | None = None
    alpha: float = 0.0
    shot: Shot | None = None
    next_shot: Shot | None = None


def frame(
    programme: Programme, moment: datetime, *, missing: frozenset[str] = frozenset()
) -> dict[str, PanelFrame | None]:
    """Panel → what it shows at `moment`, None where its surface is off.

    A picture in `missing` gives way to the next item that is there. Outside the compiled days the nearest week holds.
    """
    at = (moment - programme.epoch) // MICROSECOND
    found: dict[str, PanelFrame | None] = {}
    for lane in _lanes(programme):
        found.update(lane.frames(at, missing))
    return found


def next_change(programme: Programme, moment: datetime) -> datetime:
    """The first instant from `moment` on at which a picture may begin to change; `moment` itself during a fade."""
    at = (moment - programme.epoch) // MICROSECOND
    phases = [lane.phase(at) for lane in _lanes(programme)]
    until = min((at if phase.fading else phase.until for phase in phases), default=at + WEEK_US)
    return programme.epoch + min(until, at + WEEK_US) * MICROSECOND


def is_stale(programme: Programme, moment: datetime) -> bool:
    """True outside the compiled days, where a week is played again by weekday."""
    return not programme.start <= moment < programme.end


def needed(programme: Programme, moment: datetime) -> dict[str, frozenset[str]]:
    """Panel → the pictures on its glass at `moment` and at the next change: what should be decoded by now."""
    found: dict[str, set[str]] = {}
    for panel, shown in (pair for frames in ahead(programme, moment) for pair in frames.items()):
        if shown is not None:
            found.setdefault(panel, set()).update(sha for sha in (shown.shows, shown.next) if sha)
    return {panel: frozenset(shas) for panel, shas in found.items()}


def ahead(
    programme: Programme, moment: datetime, *, missing: frozenset[str] = frozenset()
) -> tuple[dict[str, PanelFrame | None], ...]:
    """The frames at `moment` and at the next two changes: what the near future consists of."""
    upcoming = next_change(programme, moment)
    moments = (moment, upcoming, next_change(programme, upcoming + MICROSECOND))
    return tuple(frame(programme, at, missing=missing) for at in moments)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slide:
    """Step `number` of a playlist."""

    playlist: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Phase:
    """A surface at an instant: at rest until `until`, or on the way from one slide (None: dark) to another."""

    shows: _Slide | None
    next: _Slide | None = None
    alpha: float = 0.0
    fading: bool = False
    until: int = FOREVER_US


class _Cycle:
    """The steps of a playlist on the shared time: step n begins at the epoch plus whole cycles plus its dwells."""

    def __init__(self, playlist: Playlist) -> None:
        self.moves = playlist.mode != "one-per-panel" and len(playlist.items) > 1
        self._dwells = [item.dwell_ms * 1000 for item in playlist.items]
        self._ends = list(accumulate(self._dwells))

    def shortest(self) -> int:
        """The shortest dwell, or for ever where nothing moves."""
        return min(self._dwells) if self.moves else FOREVER_US

    def dwell(self, number: int) -> int:
        """How long that step stands."""
        return self._dwells[number % len(self._dwells)]

    def start(self, number: int) -> int:
        """When that step begins; where nothing moves, the epoch."""
        if not self.moves:
            return 0
        rounds, index = divmod(number, len(self._dwells))
        return rounds * self._ends[-1] + self._ends[index] - self._dwells[index]

    def step(self, at: int) -> tuple[int, int, int]:
        """Number, start and end of the step at an instant."""
        if not self.moves:
            return 0, -FOREVER_US, FOREVER_US
        rounds, place = divmod(at, self._ends[-1])
        index = bisect_right(self._ends, place)
        end = at - place + self._ends[index]
        return rounds * len(self._ends) + index, end - self._dwells[index], end


class _Lane:
    """One surface, ready to be asked; instants are whole microseconds since the programme's epoch."""

    def __init__(self, programme: Programme, surface: SurfacePlan) -> None:
        self._programme = programme
        self._panels = surface.panels
        self._fade = surface.fade_ms * 1000
        self._cycles = {name: _Cycle(playlist) for name, playlist in programme.playlists.items()}
        self._starts: list[int] = []
        self._names: list[str | None] = []
        for interval in surface.intervals:
            if not self._names or self._names[-1] != interval.playlist:
                self._starts.append((interval.start - programme.epoch) // MICROSECOND)
                self._names.append(interval.playlist)
        self._first = (programme.start - programme.epoch) // MICROSECOND
        self._ends = [*self._starts[1:], (programme.end - programme.epoch) // MICROSECOND]

    def frames(self, at: int, missing: frozenset[str]) -> dict[str, PanelFrame | None]:
        """What each panel shows."""
        phase = self.phase(at)
        if phase.shows is None and phase.next is None:
            return dict.fromkeys((panel.id for panel in self._panels), None)
        return {panel.id: self._shown(phase, index, at, missing) for index, panel in enumerate(self._panels)}

    def phase(self, at: int) -> _Phase:
        """Rest or fade at an instant; off intervals begin and end sharply, everything lit fades inside its own time."""
        index, shift = self._interval(at)
        start, end = self._starts[index] + shift, self._ends[index] + shift
        name = self._names[index]
        if name is None:
            return _Phase(shows=None, until=end)
        fade = self._fade_of(index)
        slide, change = self._slide(index, at, shift)
        if index and self._names[index - 1] is None and at < start + fade:
            slide, _ = self._slide(index, start + fade, shift)
            return _Phase(shows=None, next=slide, alpha=(at - start) / fade, fading=True)
        closes = end - fade if index + 1 < len(self._names) else end
        if closes <= at:
            return self._crossing(slide, self._opening(index + 1, shift), at, end, fade)
        if change - fade <= at:
            return self._crossing(slide, _Slide(playlist=name, number=slide.number + 1), at, change, fade)
        return _Phase(shows=slide, until=min(change - fade, closes))

    def _crossing(self, slide: _Slide, upcoming: _Slide | None, at: int, end: int, fade: int) -> _Phase:
        return _Phase(shows=slide, next=upcoming, alpha=1 - (end - at) / fade, fading=True)

    def _opening(self, index: int, shift: int) -> _Slide | None:
        if self._names[index] is None:
            return None
        return self._slide(index, self._starts[index] + shift, shift)[0]

    def _slide(self, index: int, at: int, shift: int) -> tuple[_Slide, int]:
        """The slide at an instant and when the next one is there.

        A change too near the interval's edges would meet the fade there: at the start its slide is passed over, at the
        end the slide before it stays.
        """
        name = self._names[index] or ""
        cycle = self._cycles[name]
        start, end, fade = self._starts[index] + shift, self._ends[index] + shift, self._fade_of(index)
        number, begins, change = cycle.step(at)
        if begins < start and change - start < 2 * fade:
            number, begins, change = number + 1, start, change + cycle.dwell(number + 1)
        if index + 1 < len(self._names) and change > end - fade:
            if begins > end - fade:
                number -= 1
            change = FOREVER_US
        return _Slide(playlist=name, number=number), change

    def _fade_of(self, index: int) -> int:
        length = self._ends[index] - self._starts[index]
        return min(self._fade, self._cycles[self._names[index] or ""].shortest() // 2, length // 4)

    def _interval(self, at: int) -> tuple[int, int]:
        """Which interval holds, and by how much its own times are moved: outside the days, by whole weeks."""
        first, last = self._first, self._ends[-1]
        week = min(WEEK_US, last - first)
        shift = 0
        if at >= last:
            shift = ((at - last) // week + 1) * week
        elif at < first:
            shift = -((first - at - 1) // week + 1) * week
        return max(0, bisect_right(self._starts, at - shift) - 1), shift

    def _shown(self, phase: _Phase, index: int, at: int, missing: frozenset[str]) -> PanelFrame:
        shows, shot = self._picture(phase.shows, index, at, missing)
        upcoming, next_shot = self._picture(phase.next, index, at, missing)
        if not phase.fading or shows == upcoming:
            return PanelFrame(shows=shows, shot=shot)
        return PanelFrame(shows=shows, next=upcoming, alpha=phase.alpha, shot=shot, next_shot=next_shot)

    def _picture(
        self, slide: _Slide | None, index: int, at: int, missing: frozenset[str]
    ) -> tuple[str | None, Shot | None]:
        if slide is None:
            return None, None
        panel = self._panels[index]
        playlist = self._programme.playlists[slide.playlist]
        turn = {"rotate": slide.number + index, "one-per-panel": index, "span": slide.number}[playlist.mode]
        pinned = self._programme.pins.get(panel.id)
        start = 0 if pinned else self._cycles[slide.playlist].start(slide.number)
        assets = [pinned] if pinned else []
        assets += [playlist.items[(turn + more) % len(playlist.items)].asset for more in range(len(playlist.items))]
        size = size_name(panel.pixels)
        for asset in assets:
            sha = self._programme.pictures.get(asset, {}).get(size)
            if sha and sha not in missing:
                return sha, self._shot(asset, start, at)
        return None, None

    def _shot(self, asset: str, start: int, at: int) -> Shot | None:
        film = self._programme.films.get(asset)
        if film is None:
            return None
        number = max(0, (at - start) * film.fps // SECOND_US)
        until = start - (-(number + 1) * SECOND_US // film.fps)
        ends = self._programme.epoch + until * MICROSECOND
        return Shot(film=film, start=start, number=number % film.frames, until=ends)


@lru_cache(maxsize=4)
def _lanes(programme: Programme) -> tuple[_Lane, ...]:
    return tuple(_Lane(programme, surface) for surface in programme.surfaces.values())
