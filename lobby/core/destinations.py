"""Where content is meant to hang: the sizes, slices and sound that the panels there need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lobby.core.hanging import places_of
from lobby.core.problem import Refusal
from lobby.core.sequences import contained
from lobby.core.site import Hours, Playlist, Site, Surface
from media.art.titles import stand_in
from media.geometry import PanelPlace, Size


def sizes_of(site: Site, panel: str | None, surface: str | None) -> frozenset[Size]:
    """The pixels of one panel, of a surface's panels, or of all. Raises Refusal for what is not there."""
    if surface is not None and surface not in site.surfaces:
        raise Refusal("media.no-such-surface", surface, status=404)
    surfaces = [site.surfaces[surface]] if surface is not None else site.surfaces.values()
    panels = [each for found in surfaces for each in found.panels if panel in (None, each.id)]
    if not panels:
        raise Refusal("media.no-such-panel", panel or "", status=404)
    return frozenset(each.pixels for each in panels)


def rows_of(site: Site, surface: str | None) -> Mapping[str, Sequence[PanelPlace]]:
    """The panels of one surface, or of all, as they hang."""
    return {name: places_of(each) for name, each in site.surfaces.items() if surface in (None, name)}


def keeps_sound(site: Site, panel: str | None, surface: str | None) -> bool:
    """Whether a film keeps its sound: where one of the surfaces it is meant for has `audio`."""
    meant = (
        found
        for name, found in site.surfaces.items()
        if surface in (None, name) and (panel is None or panel in {each.id for each in found.panels})
    )
    return any(found.audio is not None for found in meant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """Where an asset may hang: the sizes of the panels there, the walls they make, and whether films are heard."""

    sizes: frozenset[Size]
    rows: Mapping[str, Sequence[PanelPlace]]
    sound: bool


def meant_for(site: Site, panel: str | None, surface: str | None) -> Meant:
    """What a panel, a surface or all need; a place that is not there any more counts as none."""
    known = {each.id for found in site.surfaces.values() for each in found.panels}
    panel = panel if panel in known else None
    surface = surface if surface in site.surfaces else None
    return Meant(
        sizes=sizes_of(site, panel, surface if panel is None else None),
        rows={} if panel else rows_of(site, surface),
        sound=keeps_sound(site, panel, surface if panel is None else None),
    )


def sizes_of_name(site: Site, lists: Mapping[str, Playlist], name: str) -> frozenset[Size]:
    """The sizes of the surfaces whose playlists hold a sample of that name, or all."""
    holding = {key for key in lists if any(name in (asset, stand_in(asset)) for asset in contained(lists, key))}
    surfaces = [each for each in site.surfaces.values() if holding & _may_play(each, site.hours)]
    return frozenset(panel.pixels for each in surfaces for panel in each.panels) or sizes_of(site, None, None)


def _may_play(surface: Surface, hours: Mapping[str, Hours]) -> set[str]:
    """The playlists a surface may show by its hours: its own and every one a window names."""
    found = {surface.playlist}
    plan = hours.get(surface.hours)
    if plan is not None:
        windows = [*plan.weekly, *(plan.public_holiday or ())]
        windows += [each for season in plan.seasons for each in season.weekly]
        windows += [each for day in plan.special_days for each in day.windows]
        found |= {window.value for window in windows}
    return found
