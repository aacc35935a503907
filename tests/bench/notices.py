"""How long a notice takes from its words to stills for the three screens of the city hall, and its preview."""

from __future__ import annotations

import asyncio
import time
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from statistics import median

from lobby.core.hanging import places_of
from lobby.core.phrases import phrases, texts_of
from lobby.core.sitefile import read
from media.assets import AssetStore
from media.intake import take_in
from media.notices.setting import preview, set_notice
from tests.bench.rows import Row

DAY = date(2026, 11, 25)
PREVIEW_SCALE = 0.19


def measured(folder: Path, times: int) -> list[Row]:
    """The median of each; other work of the machine counts, so the bars are wide."""
    runs = []
    for number in range(times):
        place = folder / str(number)
        place.mkdir(parents=True)
        runs.append(asyncio.run(_once(place)))
    setting, taking, looking = (median(each) for each in zip(*runs, strict=True))
    return [
        Row(name="notice: set for three screens", value=setting, unit="s", limit=None, bar=4.0),
        Row(name="notice: its stills taken in", value=taking, unit="s", limit=None, bar=6.0),
        Row(name="notice: preview on the wall", value=looking, unit="s", limit=None, bar=1.5),
    ]


async def _once(folder: Path) -> tuple[float, float, float]:
    with as_file(files("lobby.sites").joinpath("seoul-city-hall.toml")) as path:
        site = read(path)
    phrase = phrases()["lift-check"]
    texts = texts_of(phrase, {"span": "10:00-11:30"}, site, today=DAY)
    panels = {name: places_of(surface) for name, surface in site.surfaces.items()}
    began = time.perf_counter()
    stills = await set_notice(panels, texts, phrase.tone, folder)
    drawn = time.perf_counter()
    store = AssetStore(folder / "assets")
    await asyncio.gather(
        *(
            take_in(
                stills[name].files[0],
                name=f"{name}.png",
                sizes={panel.pixels for panel in rows},
                store=store,
                walls={name: rows},
            )
            for name, rows in panels.items()
        )
    )
    taken = time.perf_counter()
    await preview(panels["wall"], texts, phrase.tone, folder, page=0, scale=PREVIEW_SCALE)
    return drawn - began, taken - drawn, time.perf_counter() - taken
