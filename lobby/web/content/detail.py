"""One asset's page: its picture on the true folds, what the checks found and where, its label, who did what when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lobby.core.hanging import places_of
from lobby.core.problem import Problem, Refusal
from lobby.core.words import catalogue, explain, say
from lobby.web.console.sentences import Sentence, speaker
from lobby.web.drawings import DrawnSurface, draw
from media.geometry import reading_order, size_name, slice_name

if TYPE_CHECKING:
    from lobby.core.site import Surface
    from lobby.web.house import House
    from lobby.web.people import Person
    from lobby.web.sentence import Scene
    from media.assets import Asset, Check

HISTORY = """SELECT seq, at, kind, subject, payload, hash FROM journal WHERE (subject = ? AND kind GLOB 'media.*')
    OR (kind = 'media.pinned' AND json_extract(payload, '$.asset') = ?) ORDER BY seq DESC LIMIT 60"""
FILM = "video"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hung:
    """A surface with the asset on it: one source a panel, none where it has no picture of that size."""

    id: str
    name: str
    way: str
    drawn: DrawnSurface
    sources: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a check found: its words, the box in the asset's own pixels, and at which second of a film that is seen."""

    mark: str
    what: str
    cure: str
    box: tuple[int, int, int, int] | None
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Whether the reader may approve it, and if not why and what to do."""

    may: bool
    why: str = ""
    cure: str = ""


def hung(scene: Scene, asset: Asset) -> list[Hung]:
    """The asset on every surface that it has pictures for, a row of screens also with one picture across all."""
    return [each for name, surface in scene.site.surfaces.items() for each in _ways(scene, name, surface, asset)]


def found(scene: Scene, asset: Asset) -> list[Found]:
    """What the checks found, what must be mended first, and how it fits the screens."""
    return [*checked(scene, asset), *_fitted(scene, asset)]


def checked(scene: Scene, asset: Asset) -> list[Found]:
    """What the checks found, what must be mended first."""
    ordered = sorted(asset.checks, key=lambda each: each.severity != "stop")
    return [_found(scene, check) for check in ordered]


def judged(house: House, scene: Scene, asset: str, person: Person) -> Judged:
    """Whether this person may approve it."""
    refusal: Refusal | None = house.library.approvable(asset, person.id)
    if refusal is None:
        return Judged(may=True)
    what, cure = told(refusal.problem, scene.language)
    return Judged(may=False, why=what, cure=cure)


def told(problem: Problem, language: str) -> tuple[str, str]:
    """What is wrong with a label and its cure; fields and languages by the names that stand beside them."""
    params = dict(problem.params)
    if "languages" in params:
        names = (say(f"content.language.{each}", language) for each in params["languages"].split(", "))
        params["languages"] = ", ".join(names)
    where = f"content.label.{problem.where}"
    named = say(where, language) if where in catalogue(language) else problem.where
    return explain(replace(problem, params=params, where=named), language)


async def history(house: House, scene: Scene, asset: str) -> list[Sentence]:
    """Who did what with it, the latest first."""
    rows = await house.journal.read(HISTORY, (asset, asset))
    told = [{key: row[key] for key in ("seq", "at", "kind", "subject", "payload", "hash")} for row in rows]
    speaks = await speaker(house, scene, told)
    return [speaks.sentence(row) for row in told]


def _ways(scene: Scene, name: str, surface: Surface, asset: Asset) -> Iterable[Hung]:
    drawn, panels = draw(surface), surface.panels
    still = f"/api/v1/content/{asset.thumbnail}" if asset.kind == FILM else ""
    alone = {panel.id: _source(asset, size_name(panel.pixels), still) for panel in panels}
    if any(alone.values()):
        yield Hung(id=name, name=scene.name(name), way="", drawn=drawn, sources=alone)
    row = reading_order(places_of(surface))
    sources = {
        panel.id: _source(asset, slice_name(name, len(row), place), "") for place, panel in enumerate(row, start=1)
    }
    if len(row) > 1 and asset.kind != FILM and all(sources.values()):
        yield Hung(id=f"{name}-across", name=scene.name(name), way="across", drawn=drawn, sources=sources)


def _source(asset: Asset, rendition: str, still: str) -> str:
    sha = asset.renditions.get(rendition)
    return (still or f"/api/v1/content/{sha}") if sha else ""


def _found(scene: Scene, check: Check) -> Found:
    params = {**check.params, **({"surface": scene.name(surface)} if (surface := check.params.get("surface")) else {})}
    problem = Problem(code=f"media.check.{check.code}", params=params)
    what, cure = explain(problem, scene.language)
    return Found(
        mark="danger" if check.severity == "stop" else "attention",
        what=what,
        cure=cure,
        box=_box(check.params.get("box", "")),
        at=check.params.get("at", ""),
    )


def _box(text: str) -> tuple[int, int, int, int] | None:
    """`x,y,width,height` in the asset's own pixels."""
    try:
        x, y, width, height = (round(float(each)) for each in text.split(","))
    except ValueError:
        return None
    return x, y, width, height


def _fitted(scene: Scene, asset: Asset) -> Iterable[Found]:
    """How much was cut off and how far it was enlarged on which screens, where that can be seen."""
    for percent, screens in _alike(scene, {size: round(each) for size, each in asset.cut_percent.items()}):
        if percent >= 1:
            words = scene.say("content.fit.cut", percent=percent, screens=screens)
            yield Found(mark="off", what=words, cure="", box=None, at="")
    for times, screens in _alike(scene, {size: round(each, 1) for size, each in asset.enlarged.items()}):
        if times > 1:
            words = scene.say("content.fit.enlarged", times=f"{times:.1f}", screens=screens)
            yield Found(mark="attention", what=words, cure="", box=None, at="")


def _alike(scene: Scene, sizes: Mapping[str, float]) -> list[tuple[float, str]]:
    """Every figure with the names of the surfaces whose panels have a size that it is true of, the least first."""
    told: dict[float, dict[str, None]] = {}
    for name, surface in scene.site.surfaces.items():
        for panel in surface.panels:
            if (figure := sizes.get(size_name(panel.pixels))) is not None:
                told.setdefault(figure, {})[scene.name(name)] = None
    return [(figure, ", ".join(names)) for figure, names in sorted(told.items())]
