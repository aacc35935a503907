"""Notices stay whole where panels of a wall fail: which places of the row matter most, and how often it turns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lobby.core.airings import Airing
from lobby.core.site import PlaylistItem, Site
from media.notices.layout import importance
from media.notices.texts import LANGUAGES
from media.programme import SHORTEST_RUN

TURN_S = 8.0

Keep = tuple[tuple[int, ...], int]


def items_of(airing: Airing, content: str) -> tuple[PlaylistItem, ...]:
    """A single picture as the items of a list; of a notice in more languages than panels may be left, a step each."""
    turns = len(_languages(airing)) - SHORTEST_RUN + 1
    if turns < 2:
        return (PlaylistItem(asset=content),)
    return (PlaylistItem(asset=content, dwell_s=TURN_S),) * turns


def keeps(airings: Iterable[Airing], site: Site) -> Mapping[str, Keep]:
    """By the name of its list, what of a notice on a wall must not be cut."""
    return {
        airing.list_of(content): importance(len(site.surfaces[surface].panels), languages)
        for airing in airings
        if (languages := _languages(airing))
        for surface, content in airing.content.items()
        if surface in site.surfaces and len(site.surfaces[surface].panels) > SHORTEST_RUN
    }


def _languages(airing: Airing) -> tuple[str, ...]:
    """The scripts of a notice, in the order in which they are set."""
    told = {str(text["language"]) for text in airing.details.get("texts", ())}
    return tuple(each for each in LANGUAGES if each in told)
