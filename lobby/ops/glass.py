"""The screens as their players tell them: which playlist stands on the glass, what is wrong, and who is silent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Protocol

from devices.reports import Availability, Clock, Reported, ThingSink, Value
from lobby.core.site import Site
from lobby.core.standing import Standing
from lobby.core.words import catalogue
from lobby.ops import skew
from media.geometry import size_name
from media.programme import Interval, Programme

LATE_AFTER_S = 4.0
LOST_AFTER_S = 10.0
LOOK_EVERY_S = 1.0
BEHIND_AFTER_S = 15.0
ABSENT_AFTER_S = 90.0
SKEW_EVERY_S = 5.0
OFF = "off"
LIT = "on"
ABOUT_CONTENT = frozenset({"content-missing", "content-broken", "scene-broken"})
NOTHING_TO_SHOW = "nothing-to-show"
ABSENT, BEHIND, TWINS = "content-absent", "programme-behind", "two-players"
MOST_TEXTS = 256
CODE = re.compile(r"[a-z][a-z-]{0,31}")


class Compiled(Protocol):
    """The programmes, as `lobby.ops.programming` has them."""

    def of(self, player: str) -> Programme | None:
        """The newest of a player."""

    def version(self, player: str, version: object) -> Programme | None:
        """One of the last of a player."""

    def read_at(self, version: str) -> datetime | None:
        """Until when everything that people changed is in a version."""

    def passed_over(self, surface: str) -> tuple[str, ...]:
        """Items that cannot be shown."""

    def title(self, sha: str) -> str:
        """What people call the content of a hash."""


class GlassWatch:
    """Turns players' reports into what surfaces report. A player that says nothing proves nothing.

    `skews` hears how well the panels keep together: panel → p50_ms, p99_ms, changes.
    """

    def __init__(
        self,
        site: Site,
        *,
        clock: Clock,
        sink: ThingSink,
        programmes: Compiled,
        skews: Callable[[Mapping[str, Mapping[str, float]]], None] = lambda _: None,
    ) -> None:
        self._site = site
        self._clock = clock
        self._sink = sink
        self._programmes = programmes
        self._heard: dict[str, float] = {}
        self._shown: dict[str, str] = {}
        self._since: dict[tuple[str, str], float] = {}
        self._troubles: dict[str, frozenset[str]] = {}
        self._skew = skew.Skew()
        self._skews = skews
        self._skews_at = float("-inf")

    def reported(self, player: str, said: Mapping[str, Any]) -> None:
        """A player's report; surfaces are named in the words of their desired state."""
        newest, panels = self._programmes.of(player), said.get("panels")
        if newest is None or not isinstance(panels, Mapping):
            return
        self._heard[player] = self._clock.mono()
        self._shown[player] = str(said.get("version"))
        self._skew.told(said.get("changes"), player=player, panels=self._panels_of(player), mono=self._clock.mono())
        stands_back = said.get("version") != newest.version and said.get("pattern") is not True
        behind = self._lasts((player, BEHIND), BEHIND_AFTER_S, holds=stands_back)
        programme = self._programmes.version(player, said.get("version"))
        for surface in self._site.players[player].surfaces:
            standing = None if programme is None else self._standing(programme, surface, panels, said)
            self._sink.availability(surface, Availability.OK, "")
            detail = self._detail(player, surface, said, newest)
            self._sink.reported(Reported(thing=surface, value=standing, detail=detail))
            self._tell(surface, frozenset(self._codes(surface, said, newest, behind=behind)))

    def versions(self) -> Mapping[str, Standing]:
        """Player → what it said it shows and the newest there is; who is silent shows nothing for sure."""
        found = {}
        for player, version in self._shown.items():
            newest, silent_s = self._programmes.of(player), self._clock.mono() - self._heard[player]
            if newest is not None and silent_s < LATE_AFTER_S:
                found[player] = Standing(
                    shows=version,
                    newest=newest.version,
                    heard_at=self._clock.now() - timedelta(seconds=silent_s),
                    read_at=self._programmes.read_at(version),
                )
        return found

    def look(self) -> None:
        """Judge every player by how long it has been silent."""
        for player, at in self._heard.items():
            silent_s = self._clock.mono() - at
            if silent_s < LATE_AFTER_S:
                continue
            lost = silent_s >= LOST_AFTER_S
            for surface in self._site.players[player].surfaces:
                self._sink.availability(surface, Availability.LOST if lost else Availability.LATE, "player-silent")
        self._settle()

    async def run(self) -> None:
        """Look every second; ends only by cancellation."""
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            self.look()

    def _settle(self) -> None:
        """Publish how well the panels keep together, now and then."""
        now = self._clock.mono()
        if self._skew.settle(now) and now - self._skews_at >= SKEW_EVERY_S:
            self._skews_at = now
            self._skews({panel: asdict(figures) for panel, figures in self._skew.panels().items()})

    def _panels_of(self, player: str) -> frozenset[str]:
        rows = (self._site.surfaces[surface].panels for surface in self._site.players[player].surfaces)
        return frozenset(panel.id for row in rows for panel in row)

    def _standing(
        self, programme: Programme, surface: str, panels: Mapping[str, Any], said: Mapping[str, Any]
    ) -> str | None:
        """What the surface reports; what lies above the plan counts as what the plan says under it."""
        found = shown(programme, surface, panels, _texts(said.get("standby")), at=self._clock.now())
        return self._site.surfaces[surface].playlist if found == LIT else found

    def _codes(self, surface: str, said: Mapping[str, Any], programme: Programme, *, behind: bool) -> Iterator[str]:
        """What is wrong with one surface: of contents only its own, of the player everything that has words."""
        own = {panel.id for panel in programme.surfaces[surface].panels}
        for code in _texts(said.get("troubles")):
            if code in ABOUT_CONTENT:
                wrong = bool(contents(programme, surface) & set(_texts(said.get("contents"))))
            elif code == NOTHING_TO_SHOW:
                wrong = bool(own & set(_texts(said.get("standby"))))
            else:
                wrong = f"device.{code}.what" in catalogue("ko")
            if wrong and CODE.fullmatch(code):
                yield code
        if said.get("twins"):
            yield TWINS
        if behind:
            yield BEHIND
        if own & self._skew.behind():
            yield skew.BEHIND
        if own & self._skew.ahead():
            yield skew.AHEAD
        absent = bool(self._programmes.passed_over(surface))
        if self._lasts((surface, ABSENT), ABSENT_AFTER_S, holds=absent):
            yield ABSENT

    def _detail(self, player: str, surface: str, said: Mapping[str, Any], programme: Programme) -> Mapping[str, Value]:
        """What the words of troubles name, and how well the player keeps time."""
        detail: dict[str, Value] = {"player": player}
        for figure in ("offset_ms", "lateness_ms", "clock"):
            if isinstance(told := said.get(figure), int | float | str):
                detail[figure] = told
        skews = self._skew.panels()
        if known := [skews[panel.id] for panel in programme.surfaces[surface].panels if panel.id in skews]:
            detail["skew_p50_ms"] = max(each.p50_ms for each in known)
            detail["skew_p99_ms"] = max(each.p99_ms for each in known)
        if twins := _texts(said.get("twins")):
            detail["addresses"] = ", ".join(twins)
        lacking = contents(programme, surface) & set(_texts(said.get("contents")))
        if lacking:
            detail["missing"] = ", ".join(sorted({self._programmes.title(sha) for sha in lacking}))
        if absent := self._programmes.passed_over(surface):
            detail["absent"] = ", ".join(absent)
        return detail

    def _tell(self, surface: str, codes: frozenset[str]) -> None:
        before = self._troubles.get(surface, frozenset())
        for code in sorted(codes - before):
            self._sink.trouble(surface, code)
        for code in sorted(before - codes):
            self._sink.well(surface, code)
        self._troubles[surface] = codes

    def _lasts(self, key: tuple[str, str], within_s: float, *, holds: bool) -> bool:
        """Whether something has held for so long without a break."""
        if not holds:
            self._since.pop(key, None)
            return False
        return self._clock.mono() - self._since.setdefault(key, self._clock.mono()) >= within_s


def shown(
    programme: Programme, surface: str, panels: Mapping[str, Any], standby: Iterable[str] = (), *, at: datetime
) -> str | None:
    """The playlist whose pictures the panels show, by the interval of the moment first; what lies under it counts.

    `off` when every panel is dark, `on` where an emergency lights a surface that would be off, None when it is neither.
    """
    plan = programme.surfaces.get(surface)
    if plan is None:
        return None
    on_glass = {panels.get(panel.id) for panel in plan.panels}
    if on_glass == {None}:
        return None if {panel.id for panel in plan.panels} & set(standby) else OFF
    pinned = set(_renditions(programme, programme.pins.values()))
    for interval in _nearest_first(plan.intervals, at):
        assets = (item.asset for item in programme.playlists[interval.playlist or ""].items)
        if on_glass - {None} <= set(_renditions(programme, assets)) | pinned:
            return _said(programme, interval)
    return None


def _nearest_first(intervals: Sequence[Interval], at: datetime) -> list[Interval]:
    """The lit intervals, one of each look: that of the moment, then those nearest to it."""
    lit = [each for each in intervals if each.playlist is not None]
    ordered = sorted(lit, key=lambda each: max(each.start - at, at - each.end, timedelta()))
    return list({(each.playlist, each.under): each for each in reversed(ordered)}.values())[::-1]


def _said(programme: Programme, interval: Interval) -> str:
    """What the plan calls it: a playlist's own name, of what lies above the plan the one under it."""
    name = interval.playlist or ""
    if programme.playlists[name].exclusive:
        if interval.under is None:
            return LIT
        name = interval.under
    return programme.playlists[name].of or name


def contents(programme: Programme, surface: str) -> frozenset[str]:
    """Everything a surface may show, by hash."""
    plan = programme.surfaces[surface]
    names = {interval.playlist for interval in plan.intervals if interval.playlist is not None}
    assets = {item.asset for name in names for item in programme.playlists[name].items}
    assets |= {programme.pins[panel.id] for panel in plan.panels if panel.id in programme.pins}
    sizes = {size_name(panel.pixels) for panel in plan.panels}
    pictures = (programme.pictures.get(asset, {}) for asset in assets)
    kept = {sha for known in pictures for key, sha in known.items() if key in sizes or key.startswith(f"{surface}:")}
    return frozenset(kept | (assets & set(programme.scenes)))


def _renditions(programme: Programme, assets: Iterable[str]) -> Iterable[str]:
    for asset in assets:
        yield from (asset,) if asset in programme.scenes else programme.pictures.get(asset, {}).values()


def _texts(said: object) -> tuple[str, ...]:
    """A list of words from a machine; anything else is none."""
    return tuple(each for each in said if isinstance(each, str))[:MOST_TEXTS] if isinstance(said, list) else ()
