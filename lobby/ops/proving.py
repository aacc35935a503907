"""Proof of display, wired: players' prints and displays' answers in, a word for every panel and its troubles out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from devices.reports import Clock, ThingSink
from lobby.core.display_proof import FAULTS, Expected, PanelProof, ReadBack, Verdict, Word, expected, lives
from lobby.core.hub import Hub, ThingState
from lobby.core.site import Display, Site
from lobby.ops.sceneprints import Question, ScenePrints
from media.expected import ExpectedPrints
from media.geometry import Rect, Size
from media.prints import read
from media.programme import Film, Live, PanelFrame, Programme, frame, needed

JUDGE_EVERY_S = 1.0
LOOK_FOR_PRINTS_EVERY_S = 2.0
SMOOTHED_S = 6.0
CLOCKS_APART_S = 10.0
SCENES_EVERY_S = 1.5
SCENES_IDLE_S = 60.0
DOCUMENT = "proof"
TROUBLES = {Word.DARK: "panel-dark", Word.FROZEN: "panel-frozen", Word.WRONG: "panel-wrong"}
MOST_CONTENTS = 64


class Programmes(Protocol):
    """What the players play, as `lobby.ops.programming` has it."""

    def of(self, player: str) -> Programme | None:
        """The newest of a player."""

    def version(self, player: str, version: object) -> Programme | None:
        """One of the last of a player."""


class Played(Protocol):
    """Who counts what was played."""

    def look(self, verdicts: Mapping[str, Verdict], programmes: Mapping[str, Programme]) -> None:
        """The words of all panels now, and the programme that stands on each surface."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The word of a panel as people see it."""

    verdict: Verdict
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """A look at a live scene, until it is known how the scene should look at its moment."""

    seen: bytes
    moment: datetime
    frame: PanelFrame | None
    lives: tuple[Live, ...]


class Proving:
    """Judges every panel each second; `reported` hears players, the hub knows what displays say."""

    def __init__(
        self,
        site: Site,
        *,
        clock: Clock,
        hub: Hub,
        sink: ThingSink,
        programmes: Programmes,
        prints: ExpectedPrints,
        played: Played | None = None,
    ) -> None:
        self._site = site
        self._clock = clock
        self._hub = hub
        self._sink = sink
        self._programmes = programmes
        self._prints = prints
        self._played = played
        self._surface_of = {panel.id: name for name, row in site.surfaces.items() for panel in row.panels}
        self._displays = {thing.panel: name for name, thing in site.of(Display).items() if isinstance(thing, Display)}
        self._proofs = {panel: PanelProof() for panel in self._surface_of}
        self._wanted_on: dict[str, float] = {}
        self._came_on: set[str] = set()
        self._on_glass: dict[str, Programme] = {}
        self._told: dict[str, Told] = {}
        self._unknown_since: dict[str, float] = {}
        self._troubles: dict[str, frozenset[str]] = {}
        self._anybody = asyncio.Event()
        self._scenes = ScenePrints()
        self._waiting: dict[str, _Waiting] = {}
        self._asked = asyncio.Event()

    def reported(self, player: str, said: Mapping[str, Any]) -> None:
        """A player's report with the prints of its window; one without any proves nothing."""
        self._anybody.set()
        if said.get("pattern") is True:
            self._tested(player, said.get("prints"))
            return
        programme, prints = self._programmes.version(player, said.get("version")), said.get("prints")
        if programme is None or not isinstance(prints, Mapping):
            return
        mono = self._clock.mono()
        self._on_glass |= dict.fromkeys(self._site.players[player].surfaces, programme)
        missing, standby = _texts(said.get("contents")), _texts(said.get("standby"))
        frames: dict[datetime, Mapping[str, PanelFrame | None]] = {}
        for panel in (panel.id for surface in programme.surfaces.values() for panel in surface.panels):
            proof, look = self._proofs.get(panel), _look(prints.get(panel))
            if proof is None or look is None:
                continue
            moment, seen = look
            proof.told(mono)
            if moment not in frames:
                frames[moment] = frame(programme, self._shared(moment), missing=missing)
            if panel in standby:
                self._waiting.pop(panel, None)
                proof.passed_over(moment, mono)
            elif found := lives(shown := frames[moment].get(panel)):
                proof.moves(moment, mono)
                self._waiting[panel] = _Waiting(seen=seen, moment=moment, frame=shown, lives=found)
                self._asked.set()
            else:
                self._waiting.pop(panel, None)
                proof.saw(seen, moment, expected(shown, self._prints.known), mono)

    def _tested(self, player: str, prints: object) -> None:
        """A player that shows the test pattern and asks nobody what to play; how it should look is not compared."""
        mono = self._clock.mono()
        for panel, surface in self._surface_of.items():
            look = _look(prints.get(panel)) if isinstance(prints, Mapping) else None
            if look is not None and surface in self._site.players[player].surfaces:
                self._waiting.pop(panel, None)
                self._proofs[panel].told(mono)
                self._proofs[panel].saw(look[1], look[0], Expected(lit=True, test=True), mono)

    def _shared(self, moment: datetime) -> datetime:
        """The moment a look belongs to; a player whose clock is far off must show what is due by ours."""
        now = self._clock.now()
        return moment if abs((now - moment).total_seconds()) <= CLOCKS_APART_S else now

    def judge(self) -> None:
        """Say the word of every panel, tell what is new in them, and count what is played."""
        mono = self._clock.mono()
        self._notice_orders(mono)
        verdicts = {panel: proof.judge(mono, self._read_back(panel, mono)) for panel, proof in self._proofs.items()}
        self._tell(verdicts, mono)
        for surface in self._site.surfaces:
            self._tell_troubles(surface)
        if self._played is not None:
            self._played.look(verdicts, self._on_glass)

    async def run(self) -> None:
        """Judge every second once any player has reported; ends only by cancellation."""
        await self._anybody.wait()
        while True:
            await self._clock.sleep(JUDGE_EVERY_S)
            self.judge()

    async def make_prints(self) -> None:
        """Make the prints that programmes need, what is due first; ends only by cancellation."""
        await self._anybody.wait()
        while True:
            for sha, film in self._lacking():
                await self._prints.made(sha, film)
            await self._clock.sleep(LOOK_FOR_PRINTS_EVERY_S)

    async def judge_scenes(self) -> None:
        """Judge looks at live scenes, each when it is drawn small; without any for a while the child ends."""
        try:
            while True:
                await self._until_asked()
                waiting, self._waiting = self._waiting, {}
                await self._judge_scenes(waiting)
                await self._clock.sleep(SCENES_EVERY_S)
        finally:
            await self._scenes.close()

    async def _until_asked(self) -> None:
        if self._scenes.there:
            try:
                async with asyncio.timeout(SCENES_IDLE_S):
                    await self._asked.wait()
            except TimeoutError:
                await self._scenes.close()
        await self._asked.wait()
        self._asked.clear()

    async def _judge_scenes(self, waiting: Mapping[str, _Waiting]) -> None:
        drawn: dict[tuple[str, Live], bytes] = {}
        for question in _questions(waiting):
            for panel, print_ in (await self._scenes.ask(question)).items():
                asked = (
                    live for live in waiting[panel].lives if (live.scene, live.at) == (question.scene, question.at)
                )
                drawn |= {(panel, live): print_ for live in asked}
        for panel, each in waiting.items():

            def known(live: Live, panel: str = panel) -> bytes | None:
                return drawn.get((panel, live))

            should: Expected = expected(each.frame, self._prints.known, known)
            self._proofs[panel].saw(each.seen, each.moment, should, self._clock.mono())

    def _lacking(self) -> Iterator[tuple[str, Film | None]]:
        programmes = [each for player in self._site.players if (each := self._programmes.of(player)) is not None]
        films: dict[str, Film] = {}
        wanted: dict[str, None] = {}
        for programme in programmes:
            now = needed(programme, self._clock.now())
            wanted |= dict.fromkeys(sorted(sha for shas in now.values() for sha in shas))
            wanted |= dict.fromkeys(sorted(programme.content()))
            films |= {sha: film for asset, film in programme.films.items() for sha in _shas(programme, asset)}
        if wanted:
            held = (sha for programme in self._on_glass.values() for sha in programme.content())
            self._prints.forget((*wanted, *held))
        yield from ((sha, films.get(sha)) for sha in self._prints.lacking(wanted))

    def _notice_orders(self, mono: float) -> None:
        """Since when each display has been wanted on by ourselves, and which of them have come on since."""
        for display in self._displays.values():
            state = self._hub.things().get(display)
            if state is not None and state.desired == "on" and state.mode == "automatic":
                self._wanted_on.setdefault(display, mono)
                if state.reported == "on":
                    self._came_on.add(display)
            else:
                self._wanted_on.pop(display, None)
                self._came_on.discard(display)

    def _read_back(self, panel: str, mono: float) -> ReadBack | None:
        display = self._displays.get(panel, "")
        state = self._hub.things().get(display)
        if state is None or state.reported_at is None:
            return None
        since, off = self._wanted_on.get(display), "off" in (state.reported, state.detail.get("power"))
        return ReadBack(
            power=state.reported,
            right_input=_right_input(state),
            signal=_signal(state),
            screen_on=_screen_on(state),
            heard_s=(self._clock.now() - state.reported_at).total_seconds(),
            wanted_on_s=None if since is None else mono - since,
            warming=_warming(state),
            answers=state.availability not in {"late", "lost"},
            fell=off and display in self._came_on,
        )

    def _tell(self, verdicts: Mapping[str, Verdict], mono: float) -> None:
        """People read the last known word until it has been unknown for a while."""
        now = self._clock.now()
        for panel, verdict in verdicts.items():
            before = self._told.get(panel)
            if verdict.word is Word.UNKNOWN and before is not None:
                since = self._unknown_since.setdefault(panel, mono)
                if mono - since < SMOOTHED_S:
                    continue
            else:
                self._unknown_since.pop(panel, None)
            if before is None or before.verdict != verdict:
                self._told[panel] = Told(verdict=verdict, since=now)
        self._hub.put(DOCUMENT, {panel: self._document(panel, told) for panel, told in self._told.items()})

    def _document(self, panel: str, told: Told) -> dict[str, Any]:
        word, cause = told.verdict.word.value, told.verdict.cause
        document = {"surface": self._surface_of[panel], "word": word, "since": told.since}
        return document | ({"cause": cause, "display": self._displays[panel]} if cause else {})

    def _tell_troubles(self, surface: str) -> None:
        """A silent player is told by its surface's availability; the other faults are troubles of the surface."""
        panels = [panel.id for panel in self._site.surfaces[surface].panels]
        words = {self._told[panel].verdict.word for panel in panels if panel in self._told}
        codes = frozenset(TROUBLES[word] for word in words & FAULTS if word in TROUBLES)
        before = self._troubles.get(surface, frozenset())
        for code in sorted(codes - before):
            self._sink.trouble(surface, code)
        for code in sorted(before - codes):
            self._sink.well(surface, code)
        self._troubles[surface] = codes


def _questions(waiting: Mapping[str, _Waiting]) -> list[Question]:
    """Panels that show one scene at one moment are asked for together."""
    grouped: dict[tuple[str, Size, datetime], dict[str, Rect]] = {}
    for panel, each in waiting.items():
        for live in each.lives:
            grouped.setdefault((live.scene, live.canvas, live.at), {})[panel] = live.part
    return [Question(scene=scene, canvas=canvas, at=at, parts=parts) for (scene, canvas, at), parts in grouped.items()]


def _look(told: object) -> tuple[datetime, bytes] | None:
    """A moment and a print as a player tells them; None for anything else."""
    if not isinstance(told, list) or len(told) != 2 or not isinstance(told[0], str):
        return None
    try:
        moment = datetime.fromisoformat(told[0])
    except ValueError:
        return None
    seen = read(told[1])
    return None if seen is None or moment.tzinfo is None else (moment, seen)


def _texts(told: object) -> frozenset[str]:
    return (
        frozenset(each for each in told[:MOST_CONTENTS] if isinstance(each, str))
        if isinstance(told, list)
        else frozenset()
    )


def _shas(programme: Programme, asset: str) -> tuple[str, ...]:
    return tuple(programme.pictures.get(asset, {}).values())


def _right_input(state: ThingState) -> bool | None:
    if "wrong-input" in state.troubles:
        return False
    return True if state.detail.get("input") else None


def _warming(state: ThingState) -> bool:
    """Whether its picture is not there yet: it says so, or it has no signal and nobody calls that a trouble so far."""
    waits = state.detail.get("signal") is False and "no-signal" not in state.troubles
    return waits or bool(state.detail.get("warming"))


def _signal(state: ThingState) -> bool | None:
    if "no-signal" in state.troubles:
        return False
    return True if state.detail.get("signal") in (True, "there") else None


def _screen_on(state: ThingState) -> bool | None:
    if "screen-off" in state.troubles:
        return False
    return True if state.detail.get("panel") == "on" else None
