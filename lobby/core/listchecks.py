"""Mistakes in playlists: lines that hold nothing or too much, lists that lead back to themselves, dates reversed."""

from __future__ import annotations

from collections.abc import Iterator

from lobby.core.findings import Finding, mistake, refers, warning
from lobby.core.sequences import DEEPEST, circle
from lobby.core.site import Playlist, Site


def playlists(site: Site) -> Iterator[Finding]:
    """Every playlist, line by line, then what it plays through others, then how it turns."""
    for name, playlist in site.playlists.items():
        yield from _items(site, name, playlist)
        way = circle(site.playlists, name)
        if way is not None and name == min(way):
            told = {"value": " → ".join(way), "deepest": str(DEEPEST)}
            yield mistake("site.playlist-circle", "playlists", name, "items", **told)
        yield from _turns(name, playlist)


def _items(site: Site, name: str, playlist: Playlist) -> Iterator[Finding]:
    for index, item in enumerate(playlist.items):
        path = ("playlists", name, "items", index)
        if item.asset and item.playlist is not None:
            yield mistake("site.item-both", *path)
        if not item.asset and item.playlist is None:
            yield mistake("site.item-neither", *path)
        yield from refers(item.playlist, "playlists", site.playlists, *path, "playlist")
        if item.from_ and item.to and item.to < item.from_:
            yield mistake("site.dates-reversed", *path, "to", value=item.to.isoformat(), first=item.from_.isoformat())
        for place, hours in enumerate(item.hours):
            for key, moment in (("from", hours.from_), ("to", hours.to)):
                if moment.tzinfo is not None:
                    yield mistake("site.time-with-zone", *path, "hours", place, key, value=moment.isoformat())


def _turns(name: str, playlist: Playlist) -> Iterator[Finding]:
    """What would be shortened or have no effect is said, so that nobody looks for it on the wall."""
    shortest = min((item.dwell_s for item in playlist.items if item.asset), default=None)
    if playlist.change_s is not None and shortest is not None and playlist.change_s > shortest / 2:
        told = {"value": f"{playlist.change_s:g}", "most": f"{shortest / 2:g}"}
        yield warning("site.change-too-long", "playlists", name, "change-s", **told)
    if playlist.turn_s and playlist.mode == "one-per-panel":
        yield warning("site.turn-of-nothing", "playlists", name, "turn-s", value=f"{playlist.turn_s:g}")
