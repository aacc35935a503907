"""A player's main thread: works out the frame of the moment, draws what changed, waits for the next change."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from media.assets import AssetStore
from media.clock import Clock
from media.geometry import PanelPlace, Rect, Window, window
from media.player.controller import Controller
from media.player.courier import Courier, Kept
from media.player.pictures import Pictures
from media.player.reporter import PREVIEW_EVERY_S, Report, Reporter
from media.player.screen import Screen, opened
from media.player.stage import Stage
from media.programme import PanelFrame, Programme, frame, is_stale, needed, next_change

log = logging.getLogger(__name__)

FRAMES_PER_S = 60
LONGEST_WAIT_S = 0.25
QUIET_S = 0.15
END_WITHIN_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerOptions:
    """Who plays, from where, and how. `words` stand on the standby card."""

    player: str
    controller: str
    token: str = field(repr=False)
    folder: Path
    headless: bool = False
    scale: float = 1.0
    words: tuple[str, ...] = ()


def run_player(options: PlayerOptions, clock: Clock) -> None:
    """Play until SIGTERM, SIGINT or the window's end. Only from the main thread. Raises WrongPygame, WrongAddress."""
    stopping = threading.Event()
    with ExitStack() as stack:
        store = AssetStore(options.folder / "content")
        store.tidy()
        pictures = Pictures(store)
        reporter = Reporter(Controller(options.controller, options.token), options.player, clock)
        screen = stack.enter_context(opened(headless=options.headless))
        kept = Kept(options.folder)
        player = Player(screen, pictures, reporter, clock, kept.read(), options)
        courier = Courier(
            Controller(options.controller, options.token),
            options.player,
            store=store,
            kept=kept,
            clock=clock,
            found=player.hand_over,
            fetched=pictures.mend,
        )
        stack.enter_context(_stopped_by_signals(player))
        duties = (("decode", pictures.work), ("courier", courier.work), ("report", reporter.work))
        stack.enter_context(_at_work(duties, stopping, player))
        player.play()


class Player:
    """The presenting loop. `hand_over`, `stop` and `fail` may be called from other threads."""

    def __init__(
        self,
        screen: Screen,
        pictures: Pictures,
        reporter: Reporter,
        clock: Clock,
        programme: Programme | None,
        options: PlayerOptions,
    ) -> None:
        self._screen = screen
        self._pictures = pictures
        self._reporter = reporter
        self._clock = clock
        self._options = options
        self._stopped = False
        self._failure: Exception | None = None
        self._programme: Programme | None = None
        self._coming: Programme | None = programme
        self._stage = self._staged(None)
        self._presented = 0
        self._lateness_s = 0.0
        self._due: datetime | None = None
        self._preview_at, self._preview_of = float("-inf"), -1

    def hand_over(self, programme: Programme) -> None:
        """Play this programme from the next frame on."""
        self._coming = programme

    def stop(self) -> None:
        """End at the next frame."""
        self._stopped = True

    def fail(self, error: Exception) -> None:
        """End with this error."""
        self._failure, self._stopped = error, True

    def play(self) -> None:
        """Present until stopped. Waiting needs no event: four times a second is often enough for news."""
        pause = threading.Event()
        while not self._stopped:
            pause.wait(self.step())
            if self._screen.closed():
                self.stop()
        if self._failure is not None:
            raise self._failure

    def step(self) -> float:
        """Show the frame of this moment; seconds until the next one."""
        self._turn_over()
        moment, started = self._clock.now(), self._clock.mono()
        if self._stage.show(self._frames(moment)):
            self._screen.present()
            self._presented += 1
            self._measure(moment)
        self._tell(moment)
        wait = self._wait(moment)
        self._preview(wait)
        return max(0.0, wait - (self._clock.mono() - started))

    def _turn_over(self) -> None:
        coming = self._coming
        if coming is None or coming is self._programme:
            return
        if self._programme is None or _hangs(coming) != _hangs(self._programme):
            self._stage = self._staged(coming)
        self._programme = coming
        self._due = None

    def _staged(self, programme: Programme | None) -> Stage:
        layout = self._layout(programme)
        self._screen.resize(layout.size)
        return Stage(self._screen.surface, layout, self._pictures, self._options.words)

    def _layout(self, programme: Programme | None) -> Window:
        if programme is None:
            width, height = self._screen.desktop()
            whole = Rect(x=0, y=0, width=width, height=height)
            return Window(size=whole.size, surfaces={}, panels={"standby": whole})
        return window({name: plan.panels for name, plan in programme.surfaces.items()}, scale=self._options.scale)

    def _frames(self, moment: datetime) -> Mapping[str, PanelFrame | None]:
        if self._programme is None:
            return {"standby": PanelFrame(shows=None)}
        self._pictures.want(self._stage.keys(needed(self._programme, moment)))
        return frame(self._programme, moment, missing=self._pictures.missing)

    def _wait(self, moment: datetime) -> float:
        """A frame's time while something moves, else until it will, but never long."""
        if self._programme is None:
            return LONGEST_WAIT_S
        change = next_change(self._programme, moment)
        self._due = change if change > moment else None
        return min(LONGEST_WAIT_S, (change - moment).total_seconds()) or 1 / FRAMES_PER_S

    def _measure(self, moment: datetime) -> None:
        """How late the last presented frame came after it was due, and how long it took to reach the glass."""
        due = self._due if self._due is not None and self._due <= moment else moment
        self._lateness_s = (self._clock.now() - due).total_seconds()

    def _tell(self, moment: datetime) -> None:
        programme = self._programme
        self._reporter.report = Report(
            version=programme.version if programme else None,
            surfaces=tuple(programme.surfaces) if programme else (),
            panels=self._stage.glass() if programme else {},
            stale=programme is not None and is_stale(programme, moment),
            lateness_ms=round(1000 * self._lateness_s, 3),
            presented=self._presented,
        )

    def _preview(self, wait: float) -> None:
        """Small copies of the glass, taken only while it is at rest and after it changed."""
        now = self._clock.mono()
        due = self._presented != self._preview_of and now - self._preview_at >= PREVIEW_EVERY_S
        if due and wait >= QUIET_S and self._programme is not None:
            self._reporter.previews = {name: self._stage.preview(name) for name in self._stage.window.surfaces}
            self._preview_at, self._preview_of = now, self._presented


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
