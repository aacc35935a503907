"""What a player shows, compiled: absolute intervals, playlists and pictures; `frame` is a pure function of time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

from media.cycles import FOREVER_US, Cycle
from media.geometry import PanelPlace, Rect, Size, alike, canvas, in_row, reading_order, size_name, slice_name

Mode = Literal["rotate", "one-per-panel", "span"]
Change = Literal["fade", "cut", "wipe"]
MICROSECOND = timedelta(microseconds=1)
SECOND_US = 1_000_000
WEEK_US = 7 * 86_400 * 1_000_000
LIVE_FPS = 30
# While a live scene changes it moves in every third of its pictures only: two cores can draw no more.
STEP_CHANGING = 3
SHORTEST_RUN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One asset of a playlist and how long it stands."""

    asset: str
    dwell_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Playlist:
    """Items in order. `rotate`: panel i shows slide n + i; `one-per-panel`: always item i; `span`: all show item n.

    One slide turns into the next by `change` within `change_ms` (None: the surface's), on panel i `turn_ms` later than
    on the one before it, from the right where that is negative. With a `seed` each round has an order of its own, the
    same on every panel. `of` is what people call it; `exclusive` ones lie above the base: pins do not hold in them, and
    they are left without a mixture. `keep`: the places of a row by their importance, where each has a text of its own
    that must not be cut: panels that work show the first of them whole, and the last panel in turn what else is of the
    first `least`. Places count on from item to item where each item has texts of its own. On panels of unlike sizes
    each item is a page with another language on each panel: the first while all are seen, else all in turn.
    """

    mode: Mode
    items: tuple[Item, ...]
    change: Change = "fade"
    change_ms: int | None = None
    turn_ms: int = 0
    seed: int | None = None
    of: str = ""
    exclusive: bool = False
    keep: tuple[int, ...] = ()
    least: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """What makes an asset a film: how many pictures it has and how many of them a second."""

    frames: int
    fps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Half-open, UTC; no playlist means off. `under`: what would play if nothing exclusive lay above."""

    start: datetime
    end: datetime
    playlist: str | None
    under: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loud:
    """A half-open time in which a surface's films are heard, at a level from 1 to 100."""

    start: datetime
    end: datetime
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfacePlan:
    """One surface: its panels from the first to the last, and its intervals, which adjoin and cover the programme.

    `sound`: when its films are heard, in order; it is silent otherwise.
    """

    panels: tuple[PanelPlace, ...]
    intervals: tuple[Interval, ...]
    fade_ms: int
    sound: tuple[Loud, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """All a player needs to play on alone. `pins`: panel → asset; `pictures`: asset → size or slice name → hash.

    An asset of `films` moves, one of `scenes` is drawn live under that name; all others are stills. `dark` are panels
    that do not work: what plays is laid over the others. `silent` may be dark too: texts that must not be lost are on
    the others as well.
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
    scenes: Mapping[str, str] = field(default_factory=dict)
    dark: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()

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
class Live:
    """A picture of a live scene: that of the moment `at`, which holds until `until`.

    `canvas` is the whole surface, bezels and gaps included, `part` the panel's box in it.
    """

    scene: str
    canvas: Size
    part: Rect
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelFrame:
    """What a panel shows: `shows`, turning into `next` by `alpha`; what moves has a shot, a still has None.

    A wipe has covered the share `alpha` of the panel with `next`, from the left or `from_right`. Neither known: nothing
    to show, the standby card. Only `next`: appearing from dark; `alpha` alone: going dark. A film that appears stands
    at its first picture until its own time begins. A live scene that
    changes moves ten times a second; when it fades, only in the quarter in which it is hardly mixed, and stands as it
    is there at the inner end in the other three. `since`: when this rest or this change
    had to begin; `exclusive`: what it shows or turns from lies above the base, whose pictures must not stay beside or
    after it, nor before.
    """

    since: datetime | None = field(default=None, compare=False)
    exclusive: bool = field(default=False, compare=False)
    shows: str | None
    next: str | None = None
    alpha: float = 0.0
    change: Change = "fade"
    from_right: bool = False
    shot: Shot | Live | None = None
    next_shot: Shot | Live | None = None


def frame(
    programme: Programme, moment: datetime, *, missing: frozenset[str] = frozenset()
) -> dict[str, PanelFrame | None]:
    """Panel → what it shows at `moment`, None where its surface is off.

    A picture in `missing` gives way to the next item that is there; where none is, nothing mixes with darkness. Outside
    the compiled days the nearest week holds.
    """
    at = (moment - programme.epoch) // MICROSECOND
    found: dict[str, PanelFrame | None] = {}
    for lane in _lanes(programme):
        found.update(lane.frames(at, missing))
    return found


def next_change(programme: Programme, moment: datetime) -> datetime:
    """The first instant from `moment` on at which a picture may begin to change; `moment` itself during a fade."""
    at = (moment - programme.epoch) // MICROSECOND
    phases = [phase for lane in _lanes(programme) for phase in lane.phases(at)]
    until = min((at if phase.fading else phase.until for phase in phases), default=at + WEEK_US)
    return programme.epoch + min(until, at + WEEK_US) * MICROSECOND


def is_stale(programme: Programme, moment: datetime) -> bool:
    """True outside the compiled days, where a week is played again by weekday."""
    return not programme.start <= moment < programme.end


def needed(programme: Programme, moment: datetime) -> dict[str, frozenset[str]]:
    """Panel → the contents on its glass at `moment` and at the next change: what should be there by now."""
    found: dict[str, set[str]] = {}
    for panel, shown in (pair for frames in ahead(programme, moment) for pair in frames.items()):
        if shown is not None:
            pairs = (shown.shows, shown.shot), (shown.next, shown.next_shot)
            found.setdefault(panel, set()).update(sha for sha, shot in pairs if sha and not isinstance(shot, Live))
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
    """A panel at an instant: at rest, or on the way from one slide (None: dark) to another; both until `until`."""

    shows: _Slide | None
    next: _Slide | None = None
    alpha: float = 0.0
    change: Change = "fade"
    from_right: bool = False
    fading: bool = False
    since: int = -FOREVER_US
    until: int = FOREVER_US


class _Lane:
    """One surface, ready to be asked; instants are whole microseconds since the programme's epoch."""

    def __init__(self, programme: Programme, name: str, surface: SurfacePlan) -> None:
        self._programme = programme
        self._name = name
        self._panels = surface.panels
        self._seats = _Seats(surface.panels, programme.dark)
        self._seen = _Seats(surface.panels, programme.dark | programme.silent)
        self._alike = alike(surface.panels)
        self._fade = surface.fade_ms * 1000
        self._cycles = {key: _cycle(each, self._seats.count) for key, each in programme.playlists.items()}
        self._canvas = canvas(surface.panels)
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
        phases = self.phases(at)
        found: dict[str, PanelFrame | None] = {}
        for index, panel in enumerate(self._panels):
            phase = phases[self._seats.of[index] if len(phases) > 1 else 0]
            off = phase.shows is None and phase.next is None
            found[panel.id] = None if off else self._shown(phase, index, at, missing)
        return found

    def phases(self, at: int) -> tuple[_Phase, ...]:
        """One phase for each seat where panels turn at times of their own; one for all where all turn at once."""
        index, shift = self._interval(at)
        name = self._names[index]
        delays = (0,) if name is None else self._cycles[name].delays
        return tuple(self._phase(at, index, shift, delay) for delay in delays)

    def _phase(self, at: int, index: int, shift: int, delay: int) -> _Phase:
        """Rest or change at an instant; off intervals begin and end sharply, everything lit changes inside its time."""
        start, end = self._starts[index] + shift, self._ends[index] + shift
        name = self._names[index]
        if name is None:
            return _Phase(shows=None, since=start, until=end)
        fade = self._fade_of(index)
        slide, begins, change = self._slide(index, at, shift, delay)
        if index and self._names[index - 1] is None and at < start + fade:
            slide, *_ = self._slide(index, start + fade, shift, delay)
            alpha, until = (at - start) / fade, start + fade
            return _Phase(shows=None, next=slide, alpha=alpha, fading=True, since=start, until=until)
        closing = self._closing(index)
        closes = end - closing if index + 1 < len(self._names) else end
        if closes <= at:
            return self._leaving(slide, index, shift, at, end)
        if change - fade <= at:
            cycle, coming = self._cycles[name], _Slide(playlist=name, number=slide.number + 1)
            return _Phase(
                shows=slide,
                next=coming,
                alpha=1 - (change - at) / fade,
                change=cycle.change,
                from_right=cycle.from_right,
                fading=True,
                since=change - fade,
                until=change,
            )
        return _Phase(shows=slide, since=max(begins, start), until=min(change - fade, closes))

    def _leaving(self, slide: _Slide, index: int, shift: int, at: int, end: int) -> _Phase:
        """On the way to what the next interval begins with, in its manner."""
        closing, name = self._closing(index), self._names[index + 1]
        alpha, since = 1 - (end - at) / closing, end - closing
        if name is None:
            return _Phase(shows=slide, alpha=alpha, fading=True, since=since, until=end)
        opening = self._slide(index + 1, self._starts[index + 1] + shift, shift, 0)[0]
        how = self._cycles[name].change
        return _Phase(shows=slide, next=opening, alpha=alpha, change=how, fading=True, since=since, until=end)

    def _closing(self, index: int) -> int:
        """How long before its end an interval begins to turn into the next one; something exclusive is just left."""
        following = self._names[index + 1] if index + 1 < len(self._names) else None
        if following is None:
            return self._fade_of(index)
        own = self._cycles[self._names[index] or ""]
        cut = own.exclusive or self._cycles[following].change == "cut"
        return 0 if cut else self._fade_of(index)

    def _slide(self, index: int, at: int, shift: int, delay: int) -> tuple[_Slide, int, int]:
        """The slide at an instant, when it was there and when the next one is.

        A change too near the interval's edges would meet the change there: at the start its slide is passed over, at
        the end the slide before it stays.
        """
        name = self._names[index] or ""
        cycle = self._cycles[name]
        start, end = self._starts[index] + shift, self._ends[index] + shift
        fade, closing = self._fade_of(index), self._closing(index)
        number, begins, change = cycle.step(at - delay)
        begins, change = begins + delay, change + delay
        if begins < start and change - start < 2 * fade:
            number, begins, change = number + 1, start, change + cycle.dwell(number + 1)
        if index + 1 < len(self._names) and change > end - closing:
            if begins > end - closing:
                number -= 1
            change = FOREVER_US
        return _Slide(playlist=name, number=number), begins, change

    def _fade_of(self, index: int) -> int:
        length, cycle = self._ends[index] - self._starts[index], self._cycles[self._names[index] or ""]
        if cycle.change == "cut":
            return 0
        return min(self._fade if cycle.change_us is None else cycle.change_us, cycle.shortest() // 2, length // 4)

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
        since = self._programme.epoch + max(phase.since, at - WEEK_US) * MICROSECOND
        standing = phase.shows or phase.next
        exclusive = standing is not None and self._programme.playlists[standing.playlist].exclusive
        if phase.shows is not None and shows is None and upcoming is not None:
            return PanelFrame(since=since, exclusive=exclusive, shows=upcoming, shot=next_shot)
        if not phase.fading or shows == upcoming or (phase.next is not None and upcoming is None):
            return PanelFrame(since=since, exclusive=exclusive, shows=shows, shot=shot)
        return PanelFrame(
            since=since,
            exclusive=exclusive,
            shows=shows,
            next=upcoming,
            alpha=phase.alpha,
            change=phase.change,
            from_right=phase.from_right,
            shot=self._mixing(shot, at, phase, leaves=True),
            next_shot=self._mixing(next_shot, at, phase, leaves=False),
        )

    def _picture(
        self, slide: _Slide | None, index: int, at: int, missing: frozenset[str]
    ) -> tuple[str | None, Shot | Live | None]:
        if slide is None:
            return None, None
        playlist, cycle = self._programme.playlists[slide.playlist], self._cycles[slide.playlist]
        pinned = None if playlist.exclusive else self._programme.pins.get(self._panels[index].id)
        start = 0 if pinned else cycle.start(slide.number)
        keys = self._keys(index, span=playlist.mode == "span" and not pinned)
        for asset in [pinned] if pinned else []:
            if (found := self._content(asset, keys, start, at, index, missing)) is not None:
                return found
        if playlist.mode == "span" and playlist.keep and not self._alike:  # each has its own text, whatever is dark
            keys = (slice_name(self._name, len(self._panels), self._seats.places[index] + 1), *keys[-1:])
        if playlist.mode == "span" and (cell := self._cell(playlist, index, slide.number)) is not None:
            item, place = divmod(cell, len(self._panels))
            keys = (slice_name(self._name, len(self._panels), self._seats.places[place] + 1), *keys[-1:])
            found = self._content(playlist.items[item].asset, keys, start, at, index, missing)
            if found is not None:
                return found
        seat = self._seats.of[index]
        across = 0 if self._as_set(playlist) else slide.number
        turn = {"rotate": slide.number + seat, "one-per-panel": seat, "span": across}[playlist.mode]
        for more in range(len(playlist.items)):
            asset = playlist.items[cycle.item(turn + more)].asset
            if (found := self._content(asset, keys, start, at, index, missing)) is not None:
                return found
        return None, None

    def _as_set(self, playlist: Playlist) -> bool:
        """Whether a notice on unlike panels hangs as its first page does: every panel that it needs is seen."""
        return bool(playlist.keep) and not self._alike and self._seen.count == len(self._panels) >= playlist.least

    def _cell(self, playlist: Playlist, index: int, number: int) -> int | None:
        """Which place of a notice a panel shows while others are not seen; None for the one that is its own."""
        panels, seen = len(self._panels), self._seen.count
        if not self._alike or not seen < panels <= len(playlist.keep):
            return None
        if self._panels[index].id in self._programme.silent - self._programme.dark:
            return None
        return _kept(playlist, seen, number)[self._seen.of[index]]

    def _keys(self, index: int, *, span: bool) -> tuple[str, ...]:
        """What a picture may be kept as for a panel, the best first."""
        size = size_name(self._panels[index].pixels)
        place = self._seats.run.get(index)
        if not span or place is None:
            return (size,)
        return slice_name(self._name, len(self._seats.run), place + 1), size

    def _content(
        self, asset: str, keys: tuple[str, ...], start: int, at: int, index: int, missing: frozenset[str]
    ) -> tuple[str, Shot | Live | None] | None:
        scene = self._programme.scenes.get(asset)
        if scene is not None:
            return None if asset in missing else (asset, self._live(scene, at, index))
        pictures = self._programme.pictures.get(asset, {})
        sha = next((pictures[key] for key in keys if key in pictures and pictures[key] not in missing), None)
        return None if sha is None else (sha, self._shot(asset, start, at))

    def _live(self, scene: str, at: int, index: int) -> Live:
        number = at * LIVE_FPS // SECOND_US
        part = self._canvas.panels[self._panels[index].id]
        first, after = self._moment(number), self._moment(number + 1)
        return Live(scene=scene, canvas=self._canvas.size, part=part, at=first, until=after)

    def _mixing(self, shot: Shot | Live | None, at: int, phase: _Phase, *, leaves: bool) -> Shot | Live | None:
        """The picture during a change: of two live scenes that mix at most one moves, and neither ever jumps."""
        if not isinstance(shot, Live):
            return shot
        quarter = (phase.until - phase.since) // 4
        inner = phase.until - phase.since if phase.change == "wipe" else quarter
        instants = at, phase.since, phase.since + inner, phase.until - inner
        number, first, stops, goes = (instant * LIVE_FPS // SECOND_US for instant in instants)
        shown, begins = (min(number, stops), first) if leaves else (max(number, goes), goes)
        shown -= (shown - begins) % STEP_CHANGING
        ends = self._programme.epoch + phase.until * MICROSECOND
        stands = number >= shown + STEP_CHANGING
        return replace(shot, at=self._moment(shown), until=ends if stands else self._moment(shown + STEP_CHANGING))

    def _moment(self, number: int) -> datetime:
        """When a live picture's time begins."""
        return self._programme.epoch - (-number * SECOND_US // LIVE_FPS) * MICROSECOND

    def _shot(self, asset: str, start: int, at: int) -> Shot | None:
        film = self._programme.films.get(asset)
        if film is None:
            return None
        number = max(0, (at - start) * film.fps // SECOND_US)
        until = start - (-(number + 1) * SECOND_US // film.fps)
        ends = self._programme.epoch + until * MICROSECOND
        return Shot(film=film, start=start, number=number % film.frames, until=ends)


class _Seats:
    """Who sits where when some panels are dark: `of` gives a panel its place in the row of those that work.

    A dark one shows what its neighbour does, in case it works after all. `places`: where each hangs in reading order.
    `run` is the longest unbroken row for one picture across: all panels, or at least four; the others show the picture
    whole. Panels above one another keep their parts, and what is dark is missing.
    """

    def __init__(self, panels: tuple[PanelPlace, ...], dark: frozenset[str]) -> None:
        working = [index for index, panel in enumerate(panels) if panel.id not in dark] or list(range(len(panels)))
        self.count = len(working)
        self.of = [max(0, bisect_right(working, index) - 1) for index in range(len(panels))]
        order = [panel.id for panel in reading_order(panels)]
        self.places = [order.index(panel.id) for panel in panels]
        if not in_row(panels):
            self.run = dict(enumerate(self.places))
            return
        run = _longest_run(sorted(self.places[index] for index in working))
        whole = len(run) == len(panels)
        shown = run if whole or len(run) >= SHORTEST_RUN else []
        self.run = {self.places.index(hangs): place for place, hangs in enumerate(shown)}


def _kept(playlist: Playlist, seats: int, number: int) -> list[int]:
    """The place of the row that each working panel shows at that step."""
    if seats >= playlist.least:
        return sorted(playlist.keep[:seats])
    left = playlist.least - seats + 1
    return [*sorted(playlist.keep[: seats - 1]), playlist.keep[seats - 1 + number % left]]


def _longest_run(indices: list[int]) -> list[int]:
    runs: list[list[int]] = []
    for index in indices:
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return max(runs, key=len)


def _cycle(playlist: Playlist, panels: int) -> Cycle:
    return Cycle(
        [item.dwell_ms * 1000 for item in playlist.items],
        moves=playlist.mode != "one-per-panel" and len(playlist.items) > 1,
        seed=playlist.seed,
        change=playlist.change,
        change_us=None if playlist.change_ms is None else playlist.change_ms * 1000,
        turn_us=playlist.turn_ms * 1000,
        panels=panels,
        exclusive=playlist.exclusive,
    )


@lru_cache(maxsize=4)
def _lanes(programme: Programme) -> tuple[_Lane, ...]:
    return tuple(_Lane(programme, name, surface) for name, surface in programme.surfaces.items())
