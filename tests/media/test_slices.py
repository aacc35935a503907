"""A picture or film across a row of panels is cut where the glass is; what lies behind bezels and gaps is left out."""

from __future__ import annotations

from itertools import repeat
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from media.assets import Asset, AssetStore
from media.geometry import PanelPlace, canvas
from media.intake import take_in
from media.programme import Film
from media.video import opened
from tests.media.builders import row
from tests.media.reels import bgra, write
from tests.media.strangers import encoded
from tests.running import run

pytestmark = pytest.mark.slow

WALL = row(7, pixels=(108, 192), gap_mm=40)
LAID = canvas(WALL)
GAP = (0, 0, 0)


def colour(place: int) -> tuple[int, int, int]:
    """One for each panel, from 1."""
    return (30 * place, 220 - 30 * place, 255 if place % 2 else 60)


def across(panels: tuple[PanelPlace, ...] = WALL) -> Image.Image:
    """A picture of exactly the wall's canvas: each panel's box in its colour, black behind the gaps."""
    picture = Image.new("RGB", canvas(panels).size, GAP)
    for place, box in enumerate(canvas(panels).panels.values(), start=1):
        picture.paste(colour(place), (box.x, box.y, box.x + box.width, box.y + box.height))
    return picture


def taken(tmp_path: Path, source: Path, wall: tuple[PanelPlace, ...] = WALL) -> tuple[Asset, AssetStore]:
    """The asset of a file, for the panels' size and for the wall."""
    store = AssetStore(tmp_path / "store")
    made = take_in(source, name=source.name, sizes=[(108, 192)], walls={"wall": wall}, store=store)
    return run(made, within_s=60), store


def far_from(picture: np.ndarray, wanted: tuple[int, int, int]) -> float:
    """The largest difference of any pixel of any colour; rows × columns × RGB."""
    return float(np.abs(picture.astype(int) - wanted).max())


def test_each_panel_gets_its_part_without_the_gap(tmp_path: Path) -> None:
    """To the last column: nothing of the neighbour and nothing of what lies behind the gap."""
    source = tmp_path / "a.png"
    source.write_bytes(encoded(across(), "PNG"))
    asset, store = taken(tmp_path, source)
    for place in range(1, 8):
        with Image.open(store.path(asset.renditions[f"wall:7:{place}"])) as found:
            assert found.size == (108, 192)
            assert far_from(np.asarray(found), colour(place)) < 12


def test_fewer_panels_share_files_with_the_whole_row(tmp_path: Path) -> None:
    """Twenty-two names are thirteen pictures; five working panels show the middle five."""
    source = tmp_path / "a.png"
    source.write_bytes(encoded(across(), "PNG"))
    asset, _ = taken(tmp_path, source)
    slices = {name: sha for name, sha in asset.renditions.items() if name.startswith("wall:")}
    assert (len(slices), len(set(slices.values()))) == (22, 13)
    assert [slices[f"wall:5:{n}"] for n in range(1, 6)] == [slices[f"wall:7:{n}"] for n in range(2, 7)]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_slices_stand_upright_however_the_camera_stood(tmp_path: Path, orientation: int) -> None:
    """All eight ways of the orientation tag give the slices of the upright picture."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    back = {6: 8, 8: 6}.get(orientation, orientation)
    undone = Image.Exif()
    undone[0x0112] = back
    lying = across()
    lying.getexif()[0x0112] = back
    lying = ImageOps.exif_transpose(lying)
    source = tmp_path / "a.jpg"
    source.write_bytes(encoded(lying, "JPEG", quality=98, subsampling=0, exif=exif.tobytes()))
    asset, store = taken(tmp_path, source)
    assert (asset.width, asset.height) == LAID.size
    for place in (1, 4, 7):
        with Image.open(store.path(asset.renditions[f"wall:7:{place}"])) as found:
            middle = np.asarray(found)[8:-8, 8:-8]
        assert far_from(middle, colour(place)) < 24


def test_film_is_cut_for_every_panel_in_one_pass(tmp_path: Path) -> None:
    """Thirteen files for twenty-two names; each shows its part, to within a pixel of the film at its edges."""
    wide, source = LAID.size, tmp_path / "a.mp4"
    film = Image.new("RGB", (wide[0] // 2 * 2, wide[1] // 2 * 2), GAP)
    film.paste(across())
    write(source, repeat(np.asarray(film), 31))
    asset, store = taken(tmp_path, source)
    assert len({sha for name, sha in asset.renditions.items() if ":" in name}) == 13
    for place in (1, 4, 7):
        path = store.path(asset.renditions[f"wall:7:{place}"])
        with opened(path, Film(frames=31, fps=30), (108, 192)) as reel:
            seen = bgra(reel.drawn(reel.read()))[:, :, 2::-1]
        assert far_from(seen[4:-4, 4:-4], colour(place)) < 30


GRID = tuple(
    PanelPlace(id=f"g-{n}", pixels=(108, 192), at_mm=(640 * (n % 3), 1107 * (n // 3)), size_mm=(600, 1067))
    for n in range(6)
)
"""Two rows of three, 40 mm apart both ways."""


@pytest.mark.parametrize("moves", [False, True], ids=["picture", "film"])
def test_panels_above_one_another_get_their_parts_too(tmp_path: Path, moves: bool) -> None:
    """Row by row, and nothing of what lies behind the gaps between the rows."""
    sheet, source = across(GRID), tmp_path / ("a.mp4" if moves else "a.png")
    if moves:
        film = Image.new("RGB", (sheet.width // 2 * 2, sheet.height // 2 * 2), GAP)
        film.paste(sheet)
        write(source, repeat(np.asarray(film), 31))
    else:
        source.write_bytes(encoded(sheet, "PNG"))
    asset, store = taken(tmp_path, source, GRID)
    assert sorted(name for name in asset.renditions if ":" in name) == [f"wall:6:{n}" for n in range(1, 7)]
    for place in range(1, 7):
        path = store.path(asset.renditions[f"wall:6:{place}"])
        if moves:
            with opened(path, Film(frames=31, fps=30), (108, 192)) as reel:
                seen = bgra(reel.drawn(reel.read()))[:, :, 2::-1]
        else:
            seen = np.asarray(Image.open(path))
        assert far_from(seen[4:-4, 4:-4], colour(place)) < 30


def test_only_what_is_asked_for_is_made(tmp_path: Path) -> None:
    """Without walls there are no slices, and a single panel is no wall."""
    source, store = tmp_path / "a.png", AssetStore(tmp_path / "store")
    source.write_bytes(encoded(across(), "PNG"))
    plain = run(take_in(source, name="a.png", sizes=[(108, 192)], store=store))
    alone = run(take_in(source, name="a.png", sizes=[(108, 192)], walls={"main": row(1)}, store=store))
    assert set(plain.renditions) == set(alone.renditions) == {"108x192"}


@pytest.mark.parametrize(("size", "told"), [((108, 192), False), ((640, 480), True)])
def test_only_what_fits_no_single_screen_is_judged_by_the_whole_row(
    tmp_path: Path, size: tuple[int, int], *, told: bool
) -> None:
    """A portrait for one panel is no bad picture of a row: nobody is warned of what nobody means."""
    source, store = tmp_path / "a.png", AssetStore(tmp_path / "store")
    Image.new("RGB", size, (90, 120, 200)).save(source)
    asset = run(take_in(source, name="a.png", sizes=[(108, 192)], walls={"wall": row(7)}, store=store))
    assert ("cut-on-wall" in {check.code for check in asset.checks}) is told
