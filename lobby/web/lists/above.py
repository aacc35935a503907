"""What is seen on a surface instead of what the plan says: the airing that lies above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from lobby.core.airings import Airing, lying
from lobby.core.artlabels import art_label
from lobby.core.phrases import marks
from lobby.core.tongues import by_script
from lobby.core.words import LANGUAGES, say
from lobby.day.noticeboard import SOURCE, nearest
from media.art.titles import LIVE
from media.notices.texts import as_read

if TYPE_CHECKING:
    from lobby.core.site import Site
    from lobby.web.house import House
    from media.assets import Asset

OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Above:
    """An airing on a surface until it ends, or its hours do."""

    airing: Airing
    until: datetime

    def words(self, language: str) -> str:
        """Its class and name, as staff read it."""
        cls = say("content.try.title" if self.airing.test else f"lists.cls.{self.airing.cls}", language)
        return say("lists.above", language, cls=cls, name=airing_name(self.airing, language))


def airing_name(airing: Airing, language: str) -> str:
    """What people call an airing; a notice by its own words, in the reader's language where it has them."""
    if airing.source != SOURCE:
        return airing.name
    return as_read(nearest(airing, language).headline, language)


def above(house: House, surface: str, moment: datetime, value: str | None) -> list[Above]:
    """What lies above a surface whose plan says `value`, the strongest first; on a dark one only an emergency.

    What has nothing to show, as its work was deleted, lies nowhere.
    """
    zone = ZoneInfo(house.site.site.time_zone)
    return [
        Above(airing=airing, until=until)
        for airing, until in lying(house.airings.all(), surface, moment, zone)
        if (airing.cls == "emergency" or value != OFF)
        and (airing.test or house.airings.shows(surface, airing.content[surface]))
    ]


def title(house: House, shown: Above, surface: str) -> Mapping[str, str]:
    """What visitors may read of it: the title of what is shown, never the name that staff gave the airing."""
    content, lists = shown.airing.content[surface], house.playlists.all()
    if content in lists:
        return lists[content].name.told()
    if content in LIVE:
        return {**_art(content), **dict(zip(LANGUAGES, LIVE[content], strict=True))}
    asset = house.library.find(content)
    if shown.airing.cls in {"notice", "emergency"}:
        return marks()[shown.airing.cls]
    if asset is None:
        return {language: say(f"lists.cls.{shown.airing.cls}", language) for language in LANGUAGES}
    return {**_art(asset.name), **{language: called(house, asset, language) for language in LANGUAGES}}


def called(house: House, asset: Asset, language: str) -> str:
    """The title of an asset: a sample's own in that language, else what its label says."""
    art, record = art_label(asset.name) if asset.name else None, house.library.records.of(asset.id)
    if art is not None and language in art.titles:
        return art.titles[language]
    return record.label.called(language) if record else asset.title


def _art(name: str | None) -> Mapping[str, str]:
    """The title of a piece of the program's own art by script."""
    art = art_label(name) if name else None
    return by_script(art.titles) if art is not None else {}


def named(house: House) -> Site:
    """The site with its playlists as they are called by now."""
    current = house.playlists.all()
    lists = {name: current.get(name, first) for name, first in house.site.playlists.items()}
    return house.site.model_copy(update={"playlists": lists})
