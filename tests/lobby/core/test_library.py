"""Assets, playlists and pins: facts first, remembered after a restart, refused with words."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import media.checks.reading
import media.child
import media.film_child
import media.film_intake
import media.geometry
import media.glances
import media.intake
import media.intake_child
from lobby.core.problem import Refusal
from lobby.core.site import PlaylistItem
from lobby.core.words import catalogue
from media.art.titles import scene_id
from media.assets import NoSuchContent
from tests.lobby.core.galleries import SITE, approve, library, upload
from tests.media.reels import film
from tests.running import run

BLUE = (20, 20, 200)
ALL = {"54x96", "96x48", "wall:2:1", "wall:2:2"}


def test_picture_for_a_panel_stands_there_while_pinned(tmp_path: Path) -> None:
    """Uploaded for one panel, it has that panel's size; it stands there from its approval until it is taken off."""

    async def play() -> None:
        async with library(tmp_path) as found:
            asset = await found.take_in(upload(tmp_path), name="가을.png", person="p1", panel="wall-2")
            assert (asset.title, set(asset.renditions), found.pins()) == ("가을", {"54x96"}, {})
            with pytest.raises(Refusal, match=r"media.not-approved"):
                await found.pin("wall-2", asset.id, person="p2")
            await approve(found, asset.id)
            assert found.pins() == {"wall-2": asset.id}
            await found.unpin("wall-2", person="p2")
            assert found.pins() == {}

    run(play())


def test_picture_for_nothing_in_particular_fits_every_panel(tmp_path: Path) -> None:
    """Without a place it is made for all sizes of the site; its files are there to fetch."""

    async def play() -> None:
        async with library(tmp_path) as found:
            asset = await found.take_in(upload(tmp_path), name="a.png", person="p1")
            assert set(asset.renditions) == ALL
            assert all(found.content(sha).is_file() for sha in asset.renditions.values())

    run(play())


def test_same_picture_again_keeps_its_sizes_and_title(tmp_path: Path) -> None:
    """Taken in for another surface the asset gains the new size and stays one asset."""

    async def play() -> None:
        async with library(tmp_path) as found:
            await found.take_in(upload(tmp_path), name="first.png", person="p1", surface="led")
            asset = await found.take_in(upload(tmp_path), name="second.png", person="p1", surface="wall")
            assert (asset.title, set(asset.renditions)) == ("first", ALL)
            assert len(found.assets()) == 1

    run(play())


def test_everything_is_remembered_after_a_restart(tmp_path: Path) -> None:
    """Assets and pins are facts of the journal."""
    journal = tmp_path / "journal.db"

    async def before() -> str:
        async with library(tmp_path, journal) as found:
            asset = await found.take_in(upload(tmp_path), name="a.png", person="p1", panel="wall-1")
            await approve(found, asset.id)
            return asset.id

    async def after(asset: str) -> None:
        async with library(tmp_path, journal) as found:
            assert found.pins() == {"wall-1": asset}
            assert found.find(asset) == found.by_id()[asset]

    run(after(run(before())))


def test_change_is_told(tmp_path: Path) -> None:
    """Whoever compiles programmes hears of each change once."""

    async def play() -> None:
        heard: list[int] = []
        async with library(tmp_path) as found:
            asset = await found.take_in(upload(tmp_path), name="a.png", person="p1", panel="wall-1")
            await approve(found, asset.id)
            await found.unpin("wall-1", person="p1")
            found.on_change(lambda: heard.append(len(found.pins())))
            await found.pin("wall-1", asset.id, person="p1")
            await found.unpin("wall-1", person="p1")
            await found.unpin("wall-1", person="p1")
        assert heard == [1, 0]

    run(play())


def test_samples_come_in_by_name_and_once(tmp_path: Path) -> None:
    """A folder of sample art is taken in at the sizes of the surfaces that play it; a second time nothing is done."""

    async def play() -> None:
        art = tmp_path / "art"
        art.mkdir()
        for number, name in enumerate(("paris", "guide-1", "hello", "tokyo")):
            upload(art, (number, 0, 0), f"{name}.png")
        (art / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        shares: list[float] = []
        async with library(tmp_path) as found:
            assert found.missing_samples() == ("paris", "tokyo", "guide-1", "hello")
            added = await found.add_samples(art, progress=shares.append)
            assert {asset.name: list(asset.renditions) for asset in added} == {
                "paris": ["54x96"],
                "guide-1": ["54x96"],
                "hello": ["96x48"],
                "tokyo": ["54x96"],
            }
            assert (found.missing_samples(), shares[-1]) == ((), 1.0)
            heard: list[int] = []
            found.on_change(lambda: heard.append(1))
            await found.add_samples(art)
            assert heard == []

    run(play())


def test_sample_film_is_asked_for_behind_its_still_and_taken_in_by_its_name(tmp_path: Path) -> None:
    """Its still comes first, at the same screens' sizes; the film keeps its frames and their rate after a restart."""
    art, journal = tmp_path / "art", tmp_path / "journal.db"
    art.mkdir()
    film(art / "aquarium.mp4", 45)
    items = (PlaylistItem(asset="aquarium", dwell_s=12),)
    welcome = SITE.playlists["welcome"].model_copy(update={"items": items})
    site = SITE.model_copy(update={"playlists": {**SITE.playlists, "welcome": welcome}})

    async def play() -> None:
        async with library(tmp_path, journal, site=site) as found:
            assert found.missing_samples() == ("paris", "tokyo", "guide-1", "aquarium-still", "aquarium")
            upload(art, BLUE, "aquarium-still.png")
            await found.add_samples(art)
            assert not {"aquarium", "aquarium-still"} & set(found.missing_samples())
        async with library(tmp_path, journal, site=site) as found:
            asset, still = found.find("aquarium"), found.find("aquarium-still")
            assert asset is not None
            assert still is not None
            assert (asset.kind, asset.frames, asset.fps, asset.title) == ("video", 45, 30, "디지털 아쿠아리움")
            assert set(asset.renditions) == set(still.renditions)

    run(play())


def test_redrawn_sample_takes_the_name_over(tmp_path: Path) -> None:
    """Of two pictures under one name the newer plays, after a restart too."""
    art, journal = tmp_path / "art", tmp_path / "journal.db"
    art.mkdir()

    async def drawn(shade: int) -> str:
        upload(art, (shade, 0, 0), "paris.png")
        async with library(tmp_path, journal) as found:
            return (await found.add_samples(art))[0].id

    async def named() -> str | None:
        async with library(tmp_path, journal) as found:
            asset = found.find("paris")
            return asset.id if asset else None

    for shade in (10, 200, 90):
        newest = run(drawn(shade))
        assert run(named()) == newest


@pytest.mark.parametrize(
    ("panel", "surface", "code"),
    [("wall-9", None, "media.no-such-panel"), (None, "roof", "media.no-such-surface")],
)
def test_unknown_place_is_refused(tmp_path: Path, panel: str | None, surface: str | None, code: str) -> None:
    """Before the file is even opened."""

    async def play() -> None:
        async with library(tmp_path) as found:
            with pytest.raises(Refusal) as refused:
                await found.take_in(upload(tmp_path), name="a.png", person="p1", panel=panel, surface=surface)
            assert refused.value.problem.code == code

    run(play())


def test_refused_upload_leaves_no_fact(tmp_path: Path) -> None:
    """What is no picture is refused with words and a status; the library stays empty."""

    async def play() -> None:
        path = tmp_path / "upload"
        path.write_bytes(b"%PDF-1.7")
        async with library(tmp_path) as found:
            with pytest.raises(Refusal) as refused:
                await found.take_in(path, name="a.png", person="p1", panel="wall-1")
            assert (refused.value.problem.code, refused.value.status) == ("media.not-a-picture", 415)
            assert found.assets() == ()

    run(play())


def test_asset_of_another_size_cannot_be_pinned(tmp_path: Path) -> None:
    """A picture made for the LED has no rendition for the wall."""

    async def play() -> None:
        async with library(tmp_path) as found:
            asset = await found.take_in(upload(tmp_path), name="a.png", person="p1", surface="led")
            with pytest.raises(Refusal, match=r"media.no-such-asset"):
                await found.pin("wall-1", asset.id, person="p1")

    run(play())


def test_content_of_no_name_is_not_found(tmp_path: Path) -> None:
    """A path instead of a hash reaches no file."""

    async def play() -> None:
        async with library(tmp_path) as found:
            for name in ("../journal.db", "0" * 64):
                with pytest.raises(NoSuchContent):
                    found.content(name)

    run(play())


def test_every_refusal_has_its_words() -> None:
    """Whatever code the media part refuses with is explained with what and cure in both languages."""
    modules = (media.geometry, media.intake, media.intake_child, media.film_intake, media.film_child, media.child)
    sources = [Path(str(each.__file__)).read_text() for each in modules]
    codes = {code for source in sources for code in re.findall(r'Refused\(\s*"([a-z-]+)"', source)}
    codes |= {"too-slow", "broken", "too-heavy"}
    keys = {f"media.{code}.{part}" for code in codes for part in ("what", "cure")}
    assert len(codes) >= 24
    assert all(keys <= catalogue(language).keys() for language in ("ko", "en"))


def test_every_check_of_the_content_has_its_words() -> None:
    """Whatever is found in a picture or film is explained with what and cure in both languages."""
    modules = (media.intake_child, media.film_child, media.film_intake, media.glances, media.checks.reading)
    sources = [Path(str(each.__file__)).read_text() for each in modules]
    codes = {code for text in sources for code in re.findall(r'(?:_check\(|code=|"code": )"([a-z-]+)"', text)}
    codes |= {"flash-general", "flash-red", "text-on-seam", "text-on-level-seam"}
    keys = {f"media.check.{code}.{part}" for code in codes for part in ("what", "cure")}
    assert len(codes) >= 9
    assert all(keys <= catalogue(language).keys() for language in ("ko", "en"))


@pytest.mark.slow
def test_controller_never_loads_what_decodes() -> None:
    """Pillow, numpy and pygame live in other processes: the controller's memory stays small."""
    program = "import sys, lobby.core.library, lobby.core.compiler; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"PIL", "av", "numpy", "pygame"} & set(found.stdout.split())


def test_a_live_scene_stands_in_the_library_by_its_picture(tmp_path: Path) -> None:
    """It needs no approval and no file to play; asked for once."""

    async def play() -> None:
        async with library(tmp_path) as found:
            assert "aquarium-live" in found.missing_scenes()
            asset = await found.add_scene("aquarium-live", upload(tmp_path, name="aquarium-live.png"))
            assert (asset.id, asset.kind, asset.renditions) == (scene_id("aquarium-live"), "scene", {})
            assert found.find("aquarium-live") == asset
            assert asset.id in found.usable()
            assert found.content(asset.thumbnail).is_file()
            assert "aquarium-live" not in found.missing_scenes()

    run(play())
