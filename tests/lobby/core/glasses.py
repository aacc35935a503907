"""A player that shows a programme in virtual time: its window's prints, its late and lost reports, its faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from math import sin
from random import Random

from lobby.core.display_proof import Expected, PanelProof, Prints, ReadBack, Verdict, expected, lives
from media.geometry import Rect
from media.prints import BLACK, COARSE, GRID, LENGTH
from media.programme import Live, PanelFrame, Programme, Shot, frame

SCENES_EVERY_S = 1.5
CARD = bytes([90]) * LENGTH


class Gallery:
    """Prints of contents by hash, drawn by lot: a film has one for each of its seconds."""

    def __init__(self, seed: int, films: Mapping[str, int]) -> None:
        self._seed = seed
        self._films = films
        self._chance = Random(f"{seed} small drawings")

    @lru_cache  # noqa: B019 - a gallery lives as long as its test
    def known(self, sha: str) -> Prints | None:
        """Its prints."""
        chance = Random(f"{self._seed} {sha}")
        first = bytes(chance.randrange(30, 220) for _ in range(LENGTH))
        prints = [first]
        for _ in range(self._films.get(sha, 1) - 1):
            prints.append(bytes(max(0, min(255, value + chance.randrange(-12, 13))) for value in prints[-1]))
        return tuple(prints)

    def live(self, shown: Live) -> bytes:
        """How a live scene looks on a panel at a moment: it swells and ebbs within a minute, never the same twice."""
        still = self._still(shown.scene, shown.part)
        turn = shown.at.timestamp() / 9.7
        return bytes(round(value + 22 * sin(turn + number)) for number, value in enumerate(still))

    def small(self, shown: Live) -> bytes | None:
        """The same from a small drawing, which is less exact; now and then the child has died over it."""
        if self._chance.random() < 0.01:
            return None
        astray = self._chance.uniform(-7, 7)
        return bytes(round(max(0, min(255, value + astray))) for value in self.live(shown))

    @lru_cache  # noqa: B019 - a gallery lives as long as its test
    def _still(self, scene: str, part: Rect) -> bytes:
        chance = Random(f"{self._seed} {scene} {part.x}")
        return bytes(chance.randrange(40, 210) for _ in range(LENGTH))


@dataclass(kw_only=True)
class Report:
    """What a player told: prints by panel of one moment, and when that reaches the controller."""

    arrives: float
    programme: Programme
    moment: datetime
    prints: Mapping[str, bytes]
    standby: frozenset[str] = frozenset()


@dataclass(kw_only=True)
class Player:
    """Shows `programme`; a fault of a panel is "black", "other", or the moment it stands still at."""

    programme: Programme
    gallery: Gallery
    chance: Random
    start: datetime
    faults: dict[str, str | datetime] = field(default_factory=dict)
    clock_s: float = 0.0
    stopped_until: float = -1.0
    card_until: float = -1.0
    hung_at: datetime | None = None

    def restart(self, mono: float) -> None:
        """Gone for four seconds, and after that the standby card for two."""
        self.stopped_until, self.card_until = mono + 4, mono + 6

    def report(self, mono: float) -> Report | None:
        """What it tells now; None where it is gone or the report got lost."""
        lot = self.chance.random()
        if mono < self.stopped_until or lot < 0.01:
            return None
        moment = self.hung_at or self.start + timedelta(seconds=mono + self.clock_s - self.chance.uniform(0, 0.9))
        frames = frame(self.programme, moment)
        carded = mono < self.card_until
        prints = {panel: self._print(panel, each, carded=carded) for panel, each in frames.items()}
        delay = self.chance.uniform(1, 3) if lot < 0.03 else self.chance.uniform(0.02, 0.4)
        standby = frozenset(panel for panel, each in frames.items() if each and carded)
        return Report(arrives=mono + delay, programme=self.programme, moment=moment, prints=prints, standby=standby)

    def _print(self, panel: str, shown: PanelFrame | None, *, carded: bool) -> bytes:
        fault = self.faults.get(panel)
        if fault == "black":
            return BLACK
        if fault == "other":
            return self._noisy(self.gallery.known("another picture")[0])  # type: ignore[index] # it has one
        if isinstance(fault, datetime):
            shown = frame(self.programme, fault)[panel]
        if shown is None:
            return BLACK
        return CARD if carded else self._noisy(self._mixed(shown))

    def _mixed(self, shown: PanelFrame) -> bytes:
        first = self._content(shown.shows, shown.shot)
        if not shown.alpha and shown.next is None:
            return first
        mixed = _wiped if shown.change == "wipe" and shown.next is not None else _mixture
        second = self._content(shown.next, shown.next_shot)
        return mixed(second, first, 1 - shown.alpha) if shown.from_right else mixed(first, second, shown.alpha)

    def _content(self, sha: str | None, shot: Shot | Live | None) -> bytes:
        if isinstance(shot, Live):
            return self.gallery.live(shot)
        prints = (BLACK,) if sha is None else self.gallery.known(sha) or (BLACK,)
        if not isinstance(shot, Shot):
            return prints[0]
        second, rest = divmod(shot.number, shot.film.fps)
        return _mixture(prints[second % len(prints)], prints[(second + 1) % len(prints)], rest / shot.film.fps)

    def _noisy(self, print_: bytes) -> bytes:
        """JPEG and scaling move a mean by a little."""
        shift = self.chance.choice((-1, 0, 1))
        return bytes(max(0, min(255, value + shift)) for value in print_)


class Watcher:
    """The controller's side: judges every panel each second by what has arrived."""

    def __init__(self, panels: Sequence[str], gallery: Gallery) -> None:
        self.proofs = {panel: PanelProof() for panel in panels}
        self._gallery = gallery
        self._under_way: list[Report] = []
        self._waiting: dict[str, tuple[bytes, datetime, PanelFrame]] = {}
        self._drawn = -SCENES_EVERY_S

    def look(self, mono: float, report: Report | None, display: ReadBack | None = None) -> dict[str, Verdict]:
        """Take in what arrives until now, in the order of its coming, and judge."""
        if report is not None:
            self._under_way.append(report)
        for each in sorted(self._under_way, key=lambda each: each.arrives):
            if each.arrives <= mono:
                self._under_way.remove(each)
                self._hear(each)
        if self._waiting and mono - self._drawn >= SCENES_EVERY_S:
            self._draw(mono)
        return {panel: proof.judge(mono, display) for panel, proof in self.proofs.items()}

    def _hear(self, report: Report) -> None:
        frames = frame(report.programme, report.moment)
        for panel, print_ in report.prints.items():
            proof = self.proofs[panel]
            proof.told(report.arrives)
            shown = frames[panel]
            if shown is not None and lives(shown) and panel not in report.standby:
                proof.moves(report.moment, report.arrives)
                self._waiting[panel] = print_, report.moment, shown
                continue
            self._waiting.pop(panel, None)
            if panel in report.standby:
                proof.passed_over(report.moment, report.arrives)
            else:
                should: Expected = expected(shown, self._gallery.known)
                proof.saw(print_, report.moment, should, report.arrives)

    def _draw(self, mono: float) -> None:
        """Judge the looks at live scenes, each when it is drawn small."""
        self._drawn, waiting, self._waiting = mono, self._waiting, {}
        for panel, (seen, moment, shown) in waiting.items():
            should = expected(shown, self._gallery.known, self._gallery.small)
            self.proofs[panel].saw(seen, moment, should, mono)


def _wiped(one: bytes, other: bytes, share: float) -> bytes:
    """The other one from the left as far as that share, column by column."""
    fine, coarse = ((column_shares(share, count), count) for count in (GRID, COARSE))
    shares = [fine[0][place % fine[1]] for place in range(GRID * GRID)]
    shares += [coarse[0][place % coarse[1]] for place in range(2 * COARSE * COARSE)]
    triples = zip(one, other, shares, strict=True)
    return bytes(round(first + (second - first) * part) for first, second, part in triples)


def column_shares(share: float, columns: int) -> list[float]:
    """How much of each column is covered."""
    return [max(0.0, min(1.0, share * columns - column)) for column in range(columns)]


def _mixture(one: bytes, other: bytes, share: float) -> bytes:
    if share == 0:
        return one
    return bytes(round(first + (second - first) * share) for first, second in zip(one, other, strict=True))
