"""Notices stay whole where panels of a wall fail: which places of it matter most, and when it turns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from lobby.core.airings import Airing
from lobby.core.site import PlaylistItem, Site
from media.notices.layout import importance
from media.notices.texts import LANGUAGES

TURN_S = 8.0

Keep = tuple[tuple[int, ...], int]


def items_of(airing: Airing, surface: str, site: Site, unseen: Collection[str]) -> tuple[PlaylistItem, ...]:
    """A single picture as the items of a list; where fewer panels are seen than a notice has languages, two steps."""
    content = airing.content[surface]
    panels = {panel.id for panel in site.surfaces[surface].panels} if surface in site.surfaces else set()
    seen = panels.difference(unseen)
    if seen == panels or len(seen) >= len(_languages(airing)):
        return (PlaylistItem(asset=content),)
    return (PlaylistItem(asset=content, dwell_s=TURN_S),) * 2


def keeps(airings: Iterable[Airing], playlists: Collection[str], site: Site) -> Mapping[str, Keep]:
    """By the name of its list, what of a notice on a wall must not be lost."""
    return {
        content if content in playlists else airing.list_of(content): importance(panels, languages)
        for airing in airings
        if (languages := _languages(airing))
        for surface, content in airing.content.items()
        if surface in site.surfaces and (panels := len(site.surfaces[surface].panels)) > 1
    }


def _languages(airing: Airing) -> tuple[str, ...]:
    """The scripts of a notice, in the order in which they are set."""
    told = {str(text["language"]) for text in airing.details.get("texts", ())}
    return tuple(each for each in LANGUAGES if each in told)
