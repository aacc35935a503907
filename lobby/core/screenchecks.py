"""Mistakes in what a surface says to whoever makes its content and to whoever shares its screens."""

from __future__ import annotations

from collections.abc import Iterator

from lobby.core.findings import Finding, mistake, refers, warning
from lobby.core.site import Beside, Display, Site, Sound, Surface


def screens(site: Site) -> Iterator[Finding]:
    """Distances and sound of every surface, and the displays that another signage player has too."""
    for name, surface in site.surfaces.items():
        near, far = surface.reading_mm
        if not 0 < near <= far:
            yield mistake("site.bad-reading", "surfaces", name, "reading-mm", value=f"{near}, {far}")
        if surface.audio is not None:
            path = ("surfaces", name, "audio")
            yield from refers(surface.audio.hours, "hours", site.hours, *path, "hours")
            if not _silenced(site, surface):
                yield warning("site.audio-not-silenced", *path)
    for name, thing in site.things.items():
        if isinstance(thing, Display) and thing.beside is not None:
            yield from _beside(site, name, thing, thing.beside)


def _beside(site: Site, name: str, display: Display, beside: Beside) -> Iterator[Finding]:
    path = ("things", name, "beside")
    yield from refers(beside.hours, "hours", site.hours, *path, "hours")
    if beside.input == display.input:
        yield mistake("site.same-input", *path, "input", value=beside.input)
    if beside.hours in site.hours and site.hours[beside.hours].values() == {"off"}:
        yield warning("site.never-beside", *path, "hours", value=beside.hours)
    for sound, thing in site.things.items():
        if isinstance(thing, Sound) and thing.display == name:
            yield warning("site.beside-sound", *path, sound=sound)


def _silenced(site: Site, surface: Surface) -> bool:
    """Whether an open incident can make it silent: a `sound` thing commands the loudspeakers of one of its displays."""
    panels = {panel.id for panel in surface.panels}
    displays = {name for name, thing in site.things.items() if isinstance(thing, Display) and thing.panel in panels}
    return any(isinstance(thing, Sound) and thing.display in displays for thing in site.things.values())
