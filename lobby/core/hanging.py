"""Panels of the site file as the media part knows them."""

from __future__ import annotations

from lobby.core.site import Panel, Surface
from media.geometry import PanelPlace


def place_of(panel: Panel) -> PanelPlace:
    """Where one panel hangs."""
    return PanelPlace(
        id=panel.id, pixels=panel.pixels, at_mm=panel.at_mm, size_mm=panel.size_mm, fold_deg=panel.fold_deg
    )


def places_of(surface: Surface) -> tuple[PanelPlace, ...]:
    """Where a surface's panels hang, in the file's order."""
    return tuple(place_of(panel) for panel in surface.panels)
