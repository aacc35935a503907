"""A player's main thread: works out the frame of the moment, draws what changed, waits for the next change."""

from __future__ import annotations

import logging
import secrets
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from media.assets import AssetStore
from media.clock import Clock
from media.geometry import PanelPlace, Rect, Window, window
from media.hearing import heard
from media.player.changes import Changes
from media.player.controller import Controller
from media.player.courier import Courier, Kept
from media.player.glimpse import Glimpse, glimpse
from media.player.painter import Brush
from media.player.pictures import Pictures
from media.player.reporter import Report, Reporter
from media.player.screen import Screen, opened, textured
from media.player.sound import Loudspeaker
from media.player.stage import Stage
from media.player.textures import TextureScreen
from media.player.timing import SharedClock
from media.player.troubles import (
    CONTENT_BROKEN,
    CONTENT_MISSING,
    NOTHING_TO_SHOW,
    PROGRAMME_OLD,
    SCENE_BROKEN,
    Troubles,
)
from media.player.witness import AT_ONCE, Witness
from media.programme import PanelFrame, Programme, ahead, frame, is_stale, next_change

log = logging.getLogger(__name__)

FRAMES_PER_S = 60
SECOND_US = 1_000_000
MICROSECOND = timedelta(microseconds=1)
AHEAD = timedelta(milliseconds=50)
LONGEST_WAIT_S = 0.25
SHORT_WAIT_S = 0.03
FRESH_S = 2.0
READY_WITHIN_S = 1.5
WANT_EVERY_S = 0.05
CALM_BEFORE = timedelta(seconds=1)
LOOK_AHEAD = (timedelta(seconds=0.5), timedelta(seconds=2))
QUIET_S = 0.15
LEAST_REST_S = 0.012
GLIMPSE_EVERY_S = 1.0
GLIMPSE_AT_LAST_S = 1.2
GLIMPSE_APART_S = 0.6
END_WITHIN_S = 0.5
SWITCH_INTERVAL_S = 0.0005


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """One frame that reached the glass: that of a moment of a programme, when it had to and when it did, and what
    stands there by panel.
    """

    version: str | None
    moment: datetime
    due: datetime
    at: datetime
    glass: Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerOptions:
    """Who plays, from where, and how. `words` stand on the standby card; `alone` is played without asking anybody what
    to play; who has no `token` tells nobody either; `textures` only where a trial found a graphics card.

    `disciplined` says whether a time server keeps this machine's clock, `presented` hears of every frame, `alive` is
    called after each turn of the presenting loop.
    """

    player: str
    controller: str
    token: str = field(repr=False)
    folder: Path
    headless: bool = False
    driver: str = ""
    textures: bool = False
    scale: float = 1.0
    alone: Programme | None = None
    words: tuple[str, ...] = ()
    disciplined: Callable[[], bool | None] = lambda: None
    presented: Callable[[Presented], None] | None = None
    alive: Callable[[], None] = lambda: None


def run_player(options: PlayerOptions, clock: Clock) -> None:
    """Play until SIGTERM, SIGINT or the window's end. Only from the main thread.

    Raises WrongPygame, NoDisplay, WrongAddress.
    """
    stopping = threading.Event()
    sys.setswitchinterval(SWITCH_INTERVAL_S)  # the other threads hand over to the presenting one more quickly
    with ExitStack() as stack:
        store = AssetStore(options.folder / "content")
        store.tidy()
        shared, troubles, instance = SharedClock(clock, options.disciplined), Troubles(), secrets.token_hex(8)
        lines = [Controller(options.controller, options.token, instance=instance) for _ in range(2)]
        pictures = Pictures(store)
        reporter = Reporter(lines[0], options.player, clock=shared, troubles=troubles)
        screen: Screen | TextureScreen
        if options.textures:
            screen = stack.enter_context(textured(headless=options.headless, driver=options.driver))
        else:
            screen = stack.enter_context(opened(headless=options.headless, driver=options.driver))
        kept = Kept(options.folder, options.player)
        loudspeaker = Loudspeaker(store, shared, troubles)
        first = options.alone or kept.read()
        player = Player(screen, pictures, reporter, shared, first, options, troubles, loudspeaker)
        courier = Courier(
            lines[1],
            options.player,
            store=store,
            kept=kept,
            clock=shared,
            found=player.hand_over,
            fetched=pictures.mend,
            troubles=troubles,
        )
        stack.enter_context(_stopped_by_signals(player))
        scenes = partial(pictures.scenes.work, mono=clock.mono)
        drawing = (("decode", pictures.work), ("scenes", scenes), ("sound", loudspeaker.work))
        telling = (("report", reporter.work),) if options.token else ()
        asking = telling if options.alone else (("courier", courier.work), *telling)
        stack.enter_context(_at_work((*drawing, *asking), stopping, player))
        player.play()


class Player:
    """The presenting loop. `hand_over`, `stop` and `fail` may be called from other threads.

    What is due is drawn a little ahead and presented at its instant, so that drawing makes no player late. While
    something moves, frames are those of one grid of the shared time: every player shows the same mixtures.
    """

    def __init__(
        self,
        screen: Screen | TextureScreen,
        pictures: Pictures,
        reporter: Reporter,
        clock: Clock,
        programme: Programme | None,
        options: PlayerOptions,
        troubles: Troubles,
        loudspeaker: Loudspeaker,
    ) -> None:
        self._screen = screen
        self._pictures = pictures
        self._reporter = reporter
        self._clock = clock
        self._options = options
        self._troubles = troubles
        self._loudspeaker = loudspeaker
        self._news = threading.Event()
        self._stopped = False
        self._failure: Exception | None = None
        self._programme: Programme | None = None
        self._coming: Programme | None = programme
        self._stage = self._staged(None)
        self._presented = 0
        self._lateness_s = 0.0
        self._due: datetime | None = None
        self._was_due: datetime | None = None
        self._frames: Mapping[str, PanelFrame | None] = {}
        self._fresh_until = float("-inf")
        self._wanted_at = float("-inf")
        self._handed_at: float | None = None
        self._glimpse_at = float("-inf")
        self._unseen_since: float | None = None
        self._own_delay_s = secrets.randbelow(1000) / 1000 * GLIMPSE_APART_S  # players that change together copy apart
        self._to_copy: list[str] = []
        self._copies: dict[str, Glimpse] = {}
        self._undone = False
        self._to_present: dict[str, Sequence[Rect]] = {}
        self._changes = Changes()
        self._witness = Witness()

    def hand_over(self, programme: Programme) -> None:
        """Play this programme from the next frame on."""
        self._coming = programme
        self._news.set()

    def stop(self) -> None:
        """End at the next frame."""
        self._stopped = True
        self._news.set()

    def fail(self, error: Exception) -> None:
        """End with this error."""
        self._failure = error
        self.stop()

    def play(self) -> None:
        """Present until stopped."""
        while not self._stopped:
            rest = self.step()
            self._options.alive()
            if self._news.wait(rest):
                self._news.clear()
            if self._screen.closed():
                self.stop()
        if self._failure is not None:
            raise self._failure

    def step(self) -> float:
        """Show the frame of this moment or of one that is near; seconds until there is something to do again."""
        self._turn_over()
        moment = self._moment()
        self._frames = self._frames_at(moment)
        self._changes.look(self._frames, moment)
        for panel, boxes in self._stage.show(self._frames).items():
            waiting = panel in self._to_present
            self._to_present[panel] = (self._stage.window.panels[panel],) if waiting else boxes
        if self._to_present:
            self._present(moment)
        self._due = self._next(moment)
        self._witnessed(moment)
        self._loudspeaker.hear(heard(self._programme, moment, self._frames) if self._programme else None)
        self._tell(moment)
        rest = (self._due - self._clock.now()).total_seconds()
        self._glimpse(moment, rest)
        soon = self._to_copy or self._handed_at is not None or self._clock.mono() < self._fresh_until
        longest = SHORT_WAIT_S if soon else LONGEST_WAIT_S
        return max(0.0, min(longest, rest - AHEAD.total_seconds()))

    def _turn_over(self) -> None:
        coming = self._coming
        if coming is None or coming is self._programme or not self._may_begin(coming):
            return
        if self._programme is None or _hangs(coming) != _hangs(self._programme):
            self._stage = self._staged(coming)
            self._to_present = {"": (self._whole(),)}
        self._changes.forget()
        self._programme = coming
        self._due = None
        self._handed_at = None
        self._wanted_at = float("-inf")
        self._fresh_until = self._clock.mono() + FRESH_S

    def _may_begin(self, coming: Programme) -> bool:
        """Whether all that a new programme shows first can be drawn, so that it is on the glass as a whole.

        What takes too long to be made ready delays nothing further.
        """
        if self._programme is None or _hangs(coming) != _hangs(self._programme):
            return True
        now = self._clock.now()
        self._handed_at = self._handed_at or self._clock.mono()
        first = frame(coming, now, missing=self._pictures.missing)
        if self._stage.ready(first) or self._clock.mono() - self._handed_at > READY_WITHIN_S:
            return True
        self._stage.want((first, *ahead(self._programme, now)))
        self._wanted_at = self._clock.mono()
        return False

    def _staged(self, programme: Programme | None) -> Stage:
        layout = self._layout(programme)
        self._screen.resize(layout.size)
        self._brush: Brush = self._screen.painter
        return Stage(self._brush, layout, self._pictures, self._options.words)

    def _whole(self) -> Rect:
        width, height = self._stage.window.size
        return Rect(x=0, y=0, width=width, height=height)

    def _layout(self, programme: Programme | None) -> Window:
        if programme is None:
            width, height = self._screen.desktop()
            whole = Rect(x=0, y=0, width=width, height=height)
            return Window(size=whole.size, surfaces={}, panels={"standby": whole})
        return window({name: plan.panels for name, plan in programme.surfaces.items()}, scale=self._options.scale)

    def _moment(self) -> datetime:
        """The moment to be shown: what is due next when that is near, else the last beat of the grid."""
        now = self._clock.now()
        if self._due is not None and now < self._due <= now + AHEAD:
            return self._due
        beat = _beat(self._programme, now)
        return max(beat, self._due) if self._due is not None and self._due <= now else beat

    def _frames_at(self, moment: datetime) -> Mapping[str, PanelFrame | None]:
        if self._programme is None:
            return {"standby": PanelFrame(shows=None)}
        if self._clock.mono() - self._wanted_at >= WANT_EVERY_S:
            self._wanted_at = self._clock.mono()
            calm = next_change(self._programme, moment) - moment > CALM_BEFORE
            self._stage.want(_near(self._programme, moment, self._pictures.missing), calm=calm)
        return frame(self._programme, moment, missing=self._pictures.missing)

    def _present(self, moment: datetime) -> None:
        """Bring what was drawn to the glass at its instant, and note how late it came there."""
        early = (moment - self._clock.now()).total_seconds()
        if early > 0:
            threading.Event().wait(early)
            self._undone = self._clock.now() > moment + AHEAD
            if self._undone:
                return  # this process was stopped meanwhile: what was made ready is the past
        self._undone = False
        self._screen.present([box for boxes in self._to_present.values() for box in boxes])
        at = self._clock.now()
        self._reporter.changed(self._changes.presented(self._to_present, at))
        self._to_present = {}
        due = self._due if self._due is not None and self._due <= moment else moment
        self._presented += 1
        self._was_due, self._lateness_s = due, (at - due).total_seconds()
        if self._unseen_since is None:
            self._unseen_since = self._clock.mono()
        if self._options.presented is not None:
            version = None if self._programme is None else self._programme.version
            self._options.presented(
                Presented(version=version, moment=moment, due=due, at=at, glass=self._stage.glass())
            )

    def _witnessed(self, moment: datetime) -> None:
        """Look at what stands in the window, at more panels when there is time."""
        if self._undone or self._programme is None:
            return
        rest = ((self._due or moment) - self._clock.now()).total_seconds()
        self._witness.look(
            self._brush.seen,
            self._stage.window.panels,
            self._frames,
            moment=moment,
            mono=self._clock.mono(),
            at_most=AT_ONCE if rest >= LEAST_REST_S else 1,
        )

    def _next(self, moment: datetime) -> datetime:
        """When the glass may have to change next: at a change, at a film's next picture, at the next beat of a fade."""
        if self._programme is None:
            return moment + timedelta(days=1)
        change = next_change(self._programme, moment + MICROSECOND)
        shots = (shot for each in self._frames.values() if each for shot in (each.shot, each.next_shot) if shot)
        change = min((change, *(shot.until for shot in shots)))
        return change if change > moment + MICROSECOND else _beat(self._programme, moment, more=1)

    def _tell(self, moment: datetime) -> None:
        programme, glass = self._programme, self._stage.glass()
        stale = programme is not None and is_stale(programme, moment)
        lit = [panel for panel, shown in self._frames.items() if shown is not None and shown.next is None]
        standby = tuple(panel for panel in lit if glass.get(panel) is None) if programme else ()
        self._troubles.set(PROGRAMME_OLD, wrong=stale)
        self._troubles.set(NOTHING_TO_SHOW, wrong=bool(standby) and self._clock.mono() > self._fresh_until)
        scenes = self._pictures.scenes.missing
        broken = self._pictures.lost - scenes - self._troubles.about(CONTENT_MISSING)
        for code, subjects in ((CONTENT_BROKEN, broken), (SCENE_BROKEN, scenes)):
            if subjects and self._clock.mono() > self._fresh_until:
                self._troubles.tell(code, *subjects)
            else:
                self._troubles.well(code)
        self._reporter.report = Report(
            version=programme.version if programme else None,
            surfaces=tuple(programme.surfaces) if programme else (),
            panels=glass if programme else {},
            standby=standby,
            stale=stale,
            pattern=self._options.alone is not None,
            due=self._was_due,
            lateness_ms=round(1000 * self._lateness_s, 3),
            presented=self._presented,
            prints=self._witness.prints if programme else {},
        )

    def _glimpse(self, moment: datetime, rest: float) -> None:
        """Small copies of the glass after it changed, one surface at a time and never just before a change."""
        now, programme = self._clock.mono(), self._programme
        if programme is None or rest < LEAST_REST_S:
            return
        if not self._to_copy:
            if self._unseen_since is None or now - self._glimpse_at < GLIMPSE_EVERY_S:
                return
            if now - self._unseen_since < self._own_delay_s:
                return
            if rest < QUIET_S and now - self._unseen_since < GLIMPSE_AT_LAST_S:
                return
            self._glimpse_at, self._unseen_since = now, None
            self._to_copy, self._copies = list(programme.surfaces), {}
        name = self._to_copy.pop()
        if name in programme.surfaces:
            picture = glimpse(self._brush.seen, self._stage.window.panels, programme.surfaces[name].panels)
            self._copies[name] = Glimpse(at=moment, picture=picture)
        if not self._to_copy:
            self._reporter.show(self._copies)


def _beat(programme: Programme | None, moment: datetime, *, more: int = 0) -> datetime:
    """The last beat of the shared grid, or one that many later."""
    if programme is None:
        return moment
    number = (moment - programme.epoch) // MICROSECOND * FRAMES_PER_S // SECOND_US + more
    return programme.epoch + -(-number * SECOND_US // FRAMES_PER_S) * MICROSECOND


def _near(programme: Programme, moment: datetime, missing: frozenset[str]) -> Iterator[Mapping[str, PanelFrame | None]]:
    """What may be on the glass soon, with and without what is missing; while one surface changes, of the others too."""
    for lacking in {frozenset[str](), missing}:
        yield from ahead(programme, moment, missing=lacking)
        for later in LOOK_AHEAD:
            yield frame(programme, moment + later, missing=lacking)


def _hangs(programme: Programme) -> list[tuple[str, tuple[PanelPlace, ...]]]:
    return [(name, plan.panels) for name, plan in programme.surfaces.items()]


@contextmanager
def _stopped_by_signals(player: Player) -> Iterator[None]:
    def stop(_number: int, _frame: object) -> None:
        player.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _at_work(
    duties: tuple[tuple[str, Callable[[threading.Event], None]], ...], stopping: threading.Event, player: Player
) -> Iterator[None]:
    """The background threads; at the end they are told to stop, and one that hangs in a network call is left behind."""
    threads = [
        threading.Thread(target=_duty, args=(work, stopping, player), name=f"player-{name}", daemon=True)
        for name, work in duties
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join(END_WITHIN_S / len(threads))


def _duty(work: Callable[[threading.Event], None], stopping: threading.Event, player: Player) -> None:
    try:
        work(stopping)
    except Exception as error:  # whatever ends a background thread ends the player, whose supervisor starts it again
        log.exception("a background duty failed")
        player.fail(error)
