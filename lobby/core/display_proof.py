"""Proof of display: what a panel shows, judged by the print of its window and by what its display reads back.

Pure: time is an argument. A fault has its word within ten seconds: a print comes about every second, it must be wrong
for `WRONG_FOR_S` and in `WRONG_LOOKS` looks, a display is asked every few seconds. What a healthy player does must
never have one: changes, late reports, a restart of a few seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from media.prints import BLACK, SAME, apart, is_dark, same
from media.programme import Live, PanelFrame, Shot

SILENT_AFTER_S = 6.0
STILL_AFTER_S = 6.0
WRONG_FOR_S = 3.5
WRONG_LOOKS = 3
SETTLES_IN_S = 20.0
READ_BACK_FOR_S = 30.0
DISPLAY_FOR_S = 2.0
SAME_LIVE = 16.0
TEST_PATTERN = "test-pattern"

Prints = tuple[bytes, ...]
Mixture = tuple[bytes, ...]


class Word(Enum):
    """How a panel's glass is known to be."""

    UNKNOWN = "unknown"
    """Nothing is proved, and nothing speaks against it."""
    OFF = "off"
    """Dark on purpose."""
    PRESENTED = "presented"
    """The player's window holds what it should; nobody has asked the display, or it has not answered."""
    CONFIRMED = "confirmed"
    """The window holds what it should, and the display says that it is on, on its plug, with a signal."""
    TEST = "test"
    """The picture for measuring stands there, because somebody put it there: no work, and no fault."""
    DARK = "dark"
    """Nothing can be seen where a picture should be."""
    FROZEN = "frozen"
    """What was right once stands still."""
    WRONG = "wrong"
    """Another picture than the planned one."""
    STALE = "stale"
    """The player says nothing, so nobody knows."""


FAULTS = frozenset({Word.DARK, Word.FROZEN, Word.WRONG, Word.STALE})
PLAYED = frozenset({Word.PRESENTED, Word.CONFIRMED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What should stand on a panel at a moment: nothing, or a mixture of one of these; none of them = not known.

    `within`: how far a print may be from it; a live scene is drawn much smaller than it is shown, so it has more room.
    `test`: it is the picture for measuring.
    """

    lit: bool
    pictures: tuple[Mixture, ...] = ()
    within: float = SAME
    test: bool = False

    def looks_like(self, seen: bytes) -> bool:
        """Whether a print is one of them."""
        return any(apart(seen, *mixture) <= self.within for mixture in self.pictures)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """What a panel's display says of itself; None where it did not say.

    `heard_s`: how old that is; `wanted_on_s`: for how long it has been commanded on, None while it is not; `answers`:
    whether it answered when it was asked last; `fell`: it was on since it was wanted on, and says that it is off.
    """

    power: str | None
    right_input: bool | None
    signal: bool | None
    heard_s: float
    wanted_on_s: float | None
    screen_on: bool | None = None
    warming: bool = False
    answers: bool = True
    fell: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The word, and why if the display said it: `display-off`, `screen-off`, `wrong-input` or `no-signal`."""

    word: Word
    cause: str = ""


def expected(
    frame: PanelFrame | None,
    known: Callable[[str], Prints | None],
    live: Callable[[Live], bytes | None] = lambda _: None,
) -> Expected:
    """What a panel's frame looks like, by the prints of contents and of live scenes at their moments."""
    if frame is None:
        return Expected(lit=False)
    test = any(each.scene == TEST_PATTERN for each in lives(frame))
    sides = []
    for sha, shot in ((frame.shows, frame.shot), (frame.next, frame.next_shot)):
        if sha is None:
            continue
        found = _looks(sha, shot, known, live)
        if not found:
            return Expected(lit=True, test=test)
        sides.append(found)
    if frame.shows is None or (frame.next is None and frame.alpha):
        sides.append(((BLACK,),))
    if frame.shows is None and frame.next is None:
        return Expected(lit=True)
    within = SAME_LIVE if lives(frame) else SAME
    if len(sides) == 1:
        return Expected(lit=True, pictures=sides[0], within=within, test=test)
    mixed = tuple(each for side in sides for mixture in side for each in mixture)
    return Expected(lit=True, pictures=(mixed,), within=within, test=test)


def lives(frame: PanelFrame | None) -> tuple[Live, ...]:
    """The live scenes in a panel's frame."""
    shots = () if frame is None else (frame.shot, frame.next_shot)
    return tuple(shot for shot in shots if isinstance(shot, Live))


def _looks(
    sha: str,
    shot: Shot | Live | None,
    known: Callable[[str], Prints | None],
    live: Callable[[Live], bytes | None],
) -> tuple[Mixture, ...]:
    """What a content may look like: a film like anything between the seconds before and after, as it may be late."""
    if isinstance(shot, Live):
        drawn = live(shot)
        return () if drawn is None else ((drawn,),)
    prints = known(sha)
    if not prints:
        return ()
    if shot is None:
        return ((prints[0],),)
    second = shot.number // shot.film.fps % len(prints)
    here, after, before = (prints[(second + more) % len(prints)] for more in (0, 1, -1))
    return (here, after), (before, here)


class PanelProof:
    """One panel. `told` and `saw` take what comes, `judge` says the word of a moment; `mono` never runs backwards."""

    def __init__(self) -> None:
        self._heard: float | None = None
        self._moment: datetime | None = None
        self._looked: datetime | None = None
        self._moved: float | None = None
        self._lit = False
        self._test = False
        self._right: bytes | None = None
        self._judged = False
        self._fault: Word | None = None
        self._fault_since = 0.0
        self._looks = 0
        self._against_since: dict[str, float] = {}

    def told(self, mono: float) -> None:
        """The player has reported."""
        self._heard = mono

    def saw(self, seen: bytes, moment: datetime, should: Expected, mono: float) -> None:
        """A print of the panel's part of the window as it was at `moment` by the player's clock."""
        if moment == self._moment:
            return
        self.moves(moment, mono)
        self._moment, self._lit, self._test = moment, should.lit, should.test
        fault = self._finding(seen, should)
        before, self._judged = self._judged, not should.lit or bool(should.pictures) or should.test
        if fault is None:
            if self._judged:
                self._right = seen
            if self._judged or not before:  # a single look that nobody can judge ends no fault
                self._fault, self._looks = None, 0
        else:
            if self._fault is None:
                self._fault_since = mono
            self._fault = fault
            self._looks += 1

    def moves(self, moment: datetime, mono: float) -> None:
        """There was a look that is judged later, when it is known how it should have been."""
        if moment != self._looked:
            self._looked, self._moved = moment, mono

    def passed_over(self, moment: datetime, mono: float) -> None:
        """There was a print that cannot be judged: the player itself says that it has nothing to show."""
        self.moves(moment, mono)
        self._moment, self._judged = moment, False
        self._fault, self._looks = None, 0

    def judge(self, mono: float, display: ReadBack | None = None) -> Verdict:
        """What is known of the panel now."""
        if self._heard is None or self._moved is None:
            return Verdict(word=Word.UNKNOWN)
        if mono - self._heard > SILENT_AFTER_S:
            return Verdict(word=Word.STALE)
        if mono - self._moved > STILL_AFTER_S:
            return Verdict(word=Word.FROZEN)
        if self._fault is not None:
            lasts = self._looks >= WRONG_LOOKS and mono - self._fault_since >= WRONG_FOR_S
            return Verdict(word=self._fault if lasts else Word.UNKNOWN)
        if not self._judged:
            return Verdict(word=Word.UNKNOWN)
        if not self._lit:
            return Verdict(word=Word.OFF)
        return self._by_display(mono, display)

    def _finding(self, seen: bytes, should: Expected) -> Word | None:
        """What is wrong with one look; None where nothing is, or nothing can be said."""
        dark = is_dark(seen)
        if not should.lit and dark:
            return None
        if should.lit and (
            not should.pictures or any(apart(seen, *mixture) <= should.within for mixture in should.pictures)
        ):
            return None
        if dark:
            return Word.DARK
        return Word.FROZEN if self._stands(seen, should) else Word.WRONG

    def _stands(self, seen: bytes, should: Expected) -> bool:
        """Whether it is what was right last, or stopped on the way from there to what should be there now."""
        if self._right is None:
            return False
        stopped = any(same(seen, self._right, *mixture) for mixture in should.pictures)
        if stopped and self._fault is None:
            self._right = seen  # the next look is compared with what stands there
        return stopped or same(seen, self._right)

    def _by_display(self, mono: float, display: ReadBack | None) -> Verdict:
        shown = Verdict(word=Word.TEST if self._test else Word.CONFIRMED if _confirms(display) else Word.PRESENTED)
        cause = _against(display)
        self._against_since = {cause: self._against_since.get(cause, mono)} if cause else {}
        if cause and mono - self._against_since[cause] >= DISPLAY_FOR_S:
            return Verdict(word=Word.WRONG if cause == "wrong-input" else Word.DARK, cause=cause)
        return shown if not cause or self._test else Verdict(word=Word.PRESENTED)


def _against(display: ReadBack | None) -> str:
    """What the display says against its picture, once it has had time to follow its order."""
    if display is None or display.wanted_on_s is None or display.heard_s > READ_BACK_FOR_S:
        return ""
    if display.fell:
        return "display-off"
    if display.warming or display.wanted_on_s < SETTLES_IN_S:
        return ""
    if display.power == "off":
        return "display-off"
    if display.screen_on is False:
        return "screen-off"
    if display.right_input is False:
        return "wrong-input"
    return "no-signal" if display.signal is False else ""


def _confirms(display: ReadBack | None) -> bool:
    """On, and nothing else said against it; a display that has no word for its input or signal is believed."""
    if display is None or display.warming or not display.answers or display.heard_s > READ_BACK_FOR_S:
        return False
    said = display.screen_on, display.right_input, display.signal
    return display.power == "on" and False not in said
