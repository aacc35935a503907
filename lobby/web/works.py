"""The works on the screens now, as visitors read of them: title, artist, credit and what they say. Nothing internal.

Only what is approved is named, with the label that was approved; a test display or an edit that waits never shows.
A notice is no work: its text is told as a notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from lobby.core.artlabels import art_label
from lobby.core.records import NOTICES_BY
from lobby.core.tongues import Parts, by_script, parts

if TYPE_CHECKING:
    from lobby.web.house import House
    from media.programme import Programme

MOST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One work; titles and descriptions by language, as far as they exist."""

    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    artist: str = ""
    year: str = ""
    credit: str = ""

    def title(self, tongue: str) -> Parts:
        """The title in the script nearest to the reader's."""
        return parts(by_script(self.titles), tongue)

    def description(self, tongue: str) -> Parts:
        """What it says, in the script nearest to the reader's; empty where nobody wrote it."""
        return parts(by_script(self.descriptions), tongue)


def works(house: House, surface: str, now: datetime) -> list[Work]:
    """The works that a surface plays now, in the order of its playlist; none while it is dark."""
    player = next((name for name, row in house.site.players.items() if surface in row.surfaces), None)
    programme = house.programme_for(player) if player is not None else None
    if programme is None:
        return []
    found = (_work(house, programme, asset, now) for asset in dict.fromkeys(_playing(programme, surface, now)))
    return [each for each in found if each is not None][:MOST]


def _playing(programme: Programme, surface: str, now: datetime) -> Iterable[str]:
    plan = programme.surfaces.get(surface)
    interval = next((each for each in plan.intervals if each.start <= now < each.end), None) if plan else None
    if plan is None or interval is None or interval.playlist is None:
        return
    yield from (programme.pins[panel.id] for panel in plan.panels if panel.id in programme.pins)
    playlist = programme.playlists.get(interval.playlist)
    if playlist is not None:
        yield from (item.asset for item in playlist.items)


def _work(house: House, programme: Programme, asset: str, now: datetime) -> Work | None:
    known = house.library.by_id().get(asset)
    name = programme.scenes.get(asset) or (known.name if known is not None else None)
    art = art_label(name) if name else None
    if art is not None:
        return Work(titles=art.titles, descriptions=art.descriptions)
    span, record = house.library.usable().get(asset), house.library.records.of(asset)
    if known is None or known.name or span is None or not span.holds(now) or record is None or not record.approval:
        return None
    if record.by == NOTICES_BY:
        return None
    label = record.approval.label
    return Work(
        titles={"ko": label.title, **({"en": label.title_en} if label.title_en else {})},
        descriptions=label.descriptions,
        artist=label.rights.artist,
        year=label.rights.year,
        credit=label.rights.credit,
    )
