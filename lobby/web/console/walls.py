"""Walls: every surface as it hangs, what stands on its glass, what plays now and next, and the power behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from lobby.core.display_proof import FAULTS
from lobby.core.site import Display, Surface
from lobby.day.lines import BESIDE
from lobby.day.resolve import forecast
from lobby.web.console.devices import Trouble
from lobby.web.lists.above import OFF, Above, above
from lobby.web.reasons import rule_words
from lobby.web.screenproof import word_of_panel
from lobby.web.sentence import Scene, explained_all
from lobby.web.sheets import ScreenSheet, screen_sheet
from lobby.web.spoken import age_words, lasting_words, staff_time
from lobby.web.today import Picture, device_state, pictures, proof_words
from lobby.web.whatif import value_words

if TYPE_CHECKING:
    from lobby.day.desired import Planned
    from lobby.web.house import House
    from lobby.web.players import Glass

AHEAD = timedelta(days=4)
NEXT = 3
OLD_AFTER_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One screen: its size, its display's power, and a picture that hangs there instead of the playlist."""

    name: str
    size: str
    display: str
    mark: str
    word: str
    seen_at: datetime | None
    age: str
    pinned: str
    proof: tuple[str, str] | None = None
    proof_since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """What plays, by which rule, until or from when."""

    what: str
    rule: str
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """A surface whole; `shown_at` is when its small picture was on the glass, `stale` where that is too long ago.

    `lent` while another signage player has its displays.
    """

    picture: Picture
    measures: str
    now: Spell
    coming: tuple[Spell, ...]
    panels: tuple[Panel, ...]
    troubles: tuple[Trouble, ...]
    shown_at: datetime | None
    shown_age: str
    stale: bool
    lent: bool
    in_step: str
    sheet: ScreenSheet


def walls(house: House, scene: Scene, glass: Glass) -> list[Wall]:
    """Every surface, all drawn at one scale."""
    shown = pictures(house, scene)
    widest = max(picture.drawn.width for picture in shown)
    return [_wall(house, scene, glass, _scaled(picture, widest)) for picture in shown]


def _scaled(picture: Picture, widest: float) -> Picture:
    """The same drawing in a box as wide as the widest surface: a metre is a metre on the whole page."""
    x, top, _, height = picture.drawn.view_box.split()
    return replace(picture, drawn=replace(picture.drawn, view_box=f"{x} {top} {widest:.1f} {height}"))


def _wall(house: House, scene: Scene, glass: Glass, picture: Picture) -> Wall:
    surface = scene.site.surfaces[picture.id]
    found = glass.preview(picture.player, picture.id) if picture.player else None
    at = found.at if found is not None else None
    old = at is not None and (scene.now - at).total_seconds() > OLD_AFTER_S
    now, *coming = _spells(house, scene, picture.id)
    return Wall(
        picture=picture,
        measures=_measures(scene, surface),
        now=now,
        coming=tuple(coming),
        panels=tuple(_panels(house, scene, picture.id, surface)),
        troubles=tuple(_troubles(scene, picture.id, surface)),
        shown_at=at,
        shown_age=age_words((scene.now - at).total_seconds(), scene.language) if at else "",
        stale=old and not picture.off,
        lent=picture.off and _lent(scene, surface),
        in_step=_in_step(house, scene, surface),
        sheet=screen_sheet(house, scene, picture.id),
    )


def _in_step(house: House, scene: Scene, surface: Surface) -> str:
    """How well its panels keep together with all others, over their last changes; nothing until some were measured.

    A single panel has no neighbour on its wall with which anybody would compare it.
    """
    if len(surface.panels) < 2:
        return ""
    known = house.hub.documents().get("skew", {})
    skews = [known[panel.id] for panel in surface.panels if panel.id in known]
    if not skews:
        return ""
    middle, worst = (max(each[figure] for each in skews) for figure in ("p50_ms", "p99_ms"))
    count = max(each["changes"] for each in skews)
    return scene.say("sync.walls.in-step", middle=f"{middle:.0f}", worst=f"{worst:.0f}", count=f"{count:.0f}")


def _lent(scene: Scene, surface: Surface) -> bool:
    """Whether another signage player has all its displays now."""
    panels = {panel.id for panel in surface.panels}
    names = [key for key, thing in scene.site.things.items() if isinstance(thing, Display) and thing.panel in panels]
    shown = [scene.things.get(name) for name in names]
    return bool(shown) and all(each is not None and each.desired == each.reported == BESIDE for each in shown)


def _measures(scene: Scene, surface: Surface) -> str:
    """How many screens, how large together, and the gap between them where there is one."""
    panels = surface.panels
    width = max(panel.at_mm[0] + panel.size_mm[0] for panel in panels) - min(panel.at_mm[0] for panel in panels)
    height = max(panel.at_mm[1] + panel.size_mm[1] for panel in panels) - min(panel.at_mm[1] for panel in panels)
    gaps = {after.at_mm[0] - before.at_mm[0] - before.size_mm[0] for before, after in pairwise(panels)}
    parts = [
        scene.say("work.walls.screens", count=len(panels)),
        scene.say("work.walls.size", width=f"{width:,}", height=f"{height:,}"),
    ]
    if gaps:
        parts.append(scene.say("work.walls.gap", gap="–".join(f"{gap}" for gap in sorted(gaps))))
    if folds := sorted({abs(panel.fold_deg) for panel in panels} - {0}):
        parts.append(scene.say("work.walls.fold", degrees="–".join(f"{fold}" for fold in folds)))
    return " · ".join(parts)


def _spells(house: House, scene: Scene, surface: str) -> list[Spell]:
    """Now and the next changes of value; where the rule changes alone nothing is seen."""
    pieces = list(forecast(house.plan(), house.overrides.active(scene.now), surface, scene.now, scene.now + AHEAD))
    joined = list(_joined(pieces))
    shown = scene.things.get(surface)
    driven = shown is not None and shown.rule.startswith(("emergency:", "bell:"))
    first, following = joined[0], joined[1 : NEXT + 1]
    ends = scene.say("work.when.until", when=_when(scene, first.end)) if len(joined) > 1 else ""
    value = shown.desired if driven and shown is not None and shown.desired else first.value
    rule = shown.rule if driven and shown is not None else first.rule
    now = Spell(what=_words(scene, surface, value), rule=rule_words(house, rule, scene.language), when=ends)
    coming = [(piece.start, _coming(house, scene, surface, piece)) for piece in following]
    if lying := above(house, surface, scene.now, value):
        until = min([lying[0].until, *(piece.start for piece in joined[1:] if piece.value == OFF)])
        back = replace(next((piece for piece in joined if piece.end > until), joined[-1]), start=until)
        under = scene.say("lists.walls.above", what=now.what)
        ends = scene.say("work.when.until", when=_when(scene, until))
        now = Spell(what=lying[0].words(scene.language), rule=under, when=ends)
        later = [back, *(piece for piece in joined if piece.start > until)]
        coming = [(piece.start, _coming(house, scene, surface, piece)) for piece in later]
    coming += [(at, spell) for at, spell in _aired(house, scene, surface)]
    return [now, *(spell for _, spell in sorted(coming, key=lambda one: one[0])[:NEXT])]


def _aired(house: House, scene: Scene, surface: str) -> Iterator[tuple[datetime, Spell]]:
    """Campaigns and notices that begin within the days shown."""
    for airing in house.airings.all():
        if surface in airing.content and airing.approved_by is not None and not airing.every_s:
            for start, end in airing.spans(scene.zone, (scene.now, scene.now + AHEAD))[:NEXT]:
                if start > scene.now:
                    what = Above(airing=airing, until=end).words(scene.language)
                    rule = scene.say("work.when.until", when=_when(scene, end))
                    yield start, Spell(what=what, rule=rule, when=_when(scene, start))


def _joined(pieces: Iterable[Planned]) -> Iterator[Planned]:
    kept: Planned | None = None
    for piece in pieces:
        if kept is not None and kept.value == piece.value:
            kept = replace(kept, end=piece.end)
            continue
        if kept is not None:
            yield kept
        kept = piece
    if kept is not None:
        yield kept


def _coming(house: House, scene: Scene, surface: str, piece: Planned) -> Spell:
    what, rule = _words(scene, surface, piece.value), rule_words(house, piece.rule, scene.language)
    return Spell(what=what, rule=rule, when=_when(scene, piece.start))


def _words(scene: Scene, surface: str, value: str) -> str:
    return value_words(scene.site, surface, value, scene.language)


def _when(scene: Scene, moment: datetime) -> str:
    return staff_time(moment, scene.now, scene.zone, scene.language)


def _panels(house: House, scene: Scene, name: str, surface: Surface) -> Iterator[Panel]:
    pins, titles = house.library.pins(), {asset.id: asset.title for asset in house.library.assets()}
    displays = {thing.panel: key for key, thing in scene.site.things.items() if isinstance(thing, Display)}
    for panel in surface.panels:
        display = displays.get(panel.id, "")
        shown = scene.things.get(display)
        mark, key = device_state(shown) if shown is not None else ("unknown", "not-installed")
        seen = shown.reported_at if shown is not None else None
        lent = shown is not None and mark == "well" and shown.reported == BESIDE
        yield Panel(
            name=scene.panel(name, panel.id),
            size=f"{panel.size_mm[0]:,} × {panel.size_mm[1]:,} mm",
            display=display,
            mark="off" if lent else mark,
            word=scene.say("beside.value" if lent else f"console.state.{key}"),
            seen_at=seen,
            age=age_words((scene.now - seen).total_seconds(), scene.language) if seen else "",
            pinned=titles.get(pins.get(panel.id, ""), ""),
            proof=_proof(scene, panel.id),
            proof_since=_since(scene, panel.id),
        )


def _proof(scene: Scene, panel: str) -> tuple[str, str] | None:
    """Mark and word of what the panel is known to show; None where its player proves nothing."""
    word = word_of_panel(scene.proof, panel)
    return None if word is None else proof_words(scene, word)


def _since(scene: Scene, panel: str) -> str:
    """For how long a fault has lasted; what is well needs no figure."""
    if word_of_panel(scene.proof, panel) not in FAULTS:
        return ""
    return lasting_words((scene.now - scene.proof[panel]["since"]).total_seconds(), scene.language)


def _troubles(scene: Scene, name: str, surface: Surface) -> Iterator[Trouble]:
    """What is wrong with the surface, then with its displays, each cause once."""
    panels = {panel.id for panel in surface.panels}
    things = [name, *(key for key, thing in scene.site.things.items() if getattr(thing, "panel", None) in panels)]
    causes = [cause for thing in things if thing in scene.things for cause in scene.things[thing].causes]
    for what, cure in islice(explained_all(scene, dict.fromkeys(causes)), 4):
        yield Trouble(what=what, cure=cure, help="dark")
