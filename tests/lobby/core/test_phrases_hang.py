"""Every phrase with its longest values can be set on every surface of the sites that ship."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from lobby.core.hanging import places_of
from lobby.core.phrases import SlotKind, phrases, services, texts_of
from lobby.core.publicplaces import public_places
from lobby.core.site import Site
from lobby.core.sitefile import read
from media.notices.layout import pages
from media.notices.painting import width

pytestmark = pytest.mark.slow

SITES = [read(Path(str(files("lobby").joinpath(f"sites/{name}.toml")))) for name in ("seoul-city-hall", "small-office")]
LONGEST_SERVICE = max(services(), key=lambda name: len(services()[name]["en"]))
TODAY = date(2026, 11, 25)


def longest(site: Site, kind: SlotKind) -> str:
    """The value of a slot that takes most room."""
    if kind is SlotKind.PLACE:
        places = public_places(site)
        return max(places, key=lambda name: len(places[name].name.en))
    return {
        SlotKind.TIME: "12:45",
        SlotKind.SPAN: "11:30-12:45",
        SlotKind.DATE: "2026-12-23",
        SlotKind.SERVICE: LONGEST_SERVICE,
        SlotKind.NUMBER: "20",
        SlotKind.NAME: "서울 국제 도시건축 비엔날레 개막식",
    }[kind]


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.site.id)
@pytest.mark.parametrize("name", phrases())
def test_a_phrase_hangs_everywhere(site: Site, name: str) -> None:
    """In every script, at a size that can be read from where people stand, on at most three pages."""
    phrase = phrases()[name]
    values = {slot.name: longest(site, slot.kind) for slot in phrase.slots}
    texts = texts_of(phrase, values, site, today=TODAY)
    for surface in site.surfaces.values():
        found = pages(places_of(surface), texts, width, surface.reading_mm[1])
        assert 1 <= len(found) <= 3
