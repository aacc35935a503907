"""A small site with two surfaces, and libraries over a journal in memory."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from lobby.core.clock import VirtualClock
from lobby.core.holdings import LIBRARY
from lobby.core.journal import MEMORY, Journal
from lobby.core.library import Library
from lobby.core.playlists import PLAYLISTS, Playlists
from lobby.core.site import Site
from media.assets import AssetStore

NOON = datetime(2026, 11, 23, 3, tzinfo=UTC)
SITE = Site.model_validate(
    {
        "format": 1,
        "site": {"id": "test", "name": {"ko": "시험", "en": "Test"}, "lobby-name": {"ko": "로비", "en": "Lobby"}},
        "places": {"hall": {"name": {"ko": "홀", "en": "Hall"}, "at-mm": [0, 0]}},
        "hours": {
            "day": {
                "name": {"ko": "낮", "en": "Day"},
                "weekly": [{"days": ["mon", "tue"], "from": "08:00", "to": "19:00", "value": "guide"}],
            }
        },
        "surfaces": {
            "wall": {
                "name": {"ko": "벽", "en": "Wall"},
                "place": "hall",
                "hours": "day",
                "playlist": "cities",
                "panels": [
                    {"id": "wall-1", "pixels": [54, 96], "size-mm": [600, 1000]},
                    {"id": "wall-2", "pixels": [54, 96], "at-mm": [620, 0], "size-mm": [600, 1000]},
                ],
            },
            "led": {
                "name": {"ko": "전광판", "en": "LED"},
                "place": "hall",
                "hours": "none",
                "playlist": "welcome",
                "panels": [{"id": "led-1", "pixels": [96, 48], "size-mm": [4800, 2400]}],
            },
        },
        "playlists": {
            "cities": {"name": {"ko": "도시", "en": "Cities"}, "items": [{"asset": "paris"}, {"asset": "tokyo"}]},
            "guide": {"name": {"ko": "안내", "en": "Guide"}, "items": [{"asset": "guide-1"}]},
            "welcome": {"name": {"ko": "환영", "en": "Welcome"}, "items": [{"asset": "hello"}]},
        },
        "players": {"one": {"surfaces": ["led", "wall"]}},
    }
)


def png(colour: tuple[int, int, int], size: tuple[int, int] = (200, 300)) -> bytes:
    """A PNG of one colour."""
    into = io.BytesIO()
    Image.new("RGB", size, colour).save(into, "PNG")
    return into.getvalue()


def upload(folder: Path, colour: tuple[int, int, int] = (9, 99, 199), name: str = "upload") -> Path:
    """A picture file as the web part puts it down."""
    path = folder / name
    path.write_bytes(png(colour))
    return path


async def approve(found: Library, *assets: str) -> None:
    """Label them and let a second person approve them all."""
    for asset in assets:
        label = replace(found.records.all()[asset].label, descriptions={"ko": "가을", "en": "Autumn"})
        await found.records.label(asset, label, person="p1")
    await found.records.ask(*assets, person="p1")
    await found.approve(*assets, person="p2")


@asynccontextmanager
async def library(
    folder: Path, journal_path: Path = MEMORY, *, site: Site = SITE, store: str = "store"
) -> AsyncIterator[Library]:
    """A loaded library; its pictures lie in `store`."""
    async with Journal.open(journal_path, clock=VirtualClock(NOON), projections=(LIBRARY, PLAYLISTS)) as journal:
        playlists = Playlists(journal, site)
        await playlists.load()
        kept = AssetStore(folder / "originals")
        found = Library(journal, AssetStore(folder / store), site, playlists, originals=kept)
        await found.load()
        yield found
