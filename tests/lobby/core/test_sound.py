"""Sound of films: kept where the surface has `audio`, else left out and said so."""

from __future__ import annotations

import subprocess
from pathlib import Path

import av
import pytest

from lobby.core.site import Audio
from media.assets import Asset, AssetStore
from tests.lobby.core.galleries import SITE, library
from tests.running import run

pytestmark = pytest.mark.slow

LED = SITE.surfaces["led"].model_copy(update={"audio": Audio(hours="day", level=30)})
LOUD = SITE.model_copy(update={"surfaces": {**SITE.surfaces, "led": LED}})


def talking(folder: Path) -> Path:
    """A film of two seconds with a tone."""
    path = folder / "talking.mp4"
    inputs = ("-f", "lavfi", "-i", "testsrc=s=192x96:d=2:r=30", "-f", "lavfi", "-i", "sine=frequency=440:duration=2")
    words = ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-shortest")
    subprocess.run(["ffmpeg", "-v", "error", *inputs, *words, str(path)], check=True)
    return path


def sounds(folder: Path, asset: Asset) -> bool:
    """Whether what the panels would play has sound."""
    store = AssetStore(folder / "store")
    with av.open(str(store.path(next(iter(asset.renditions.values()))))) as film:
        return bool(film.streams.audio)


def test_a_film_keeps_its_sound_only_for_a_surface_that_has_audio(tmp_path: Path) -> None:
    """The same film: heard on the LED wall, silent on the other."""

    source = talking(tmp_path)

    async def taken(surface: str) -> Asset:
        async with library(tmp_path, site=LOUD) as found:
            return await found.take_in(source, name="talking.mp4", person="p1", surface=surface)

    loud, silent = run(taken("led")), run(taken("wall"))
    assert (sounds(tmp_path, loud), loud.sound_removed) == (True, False)
    assert (sounds(tmp_path, silent), silent.sound_removed) == (False, True)
