"""The command that artists get makes a film that the intake takes as it is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from media import film_child, film_intake
from media.assets import AssetStore
from media.geometry import canvas
from media.intake import take_in
from media.recipe import film_command, film_size, most_bits
from tests.media.builders import row
from tests.media.reels import film, write
from tests.running import run


def test_a_film_size_keeps_the_shape_within_the_limits() -> None:
    """A panel's own size where it may be, the largest of its shape where the wall is wider than a film may be."""
    assert film_size((1080, 1920)) == (1080, 1920)
    wide = film_size((7941, 1922))
    assert max(wide) <= film_child.MAX_SIDE
    assert wide[0] * wide[1] <= film_child.MAX_PIXELS
    assert wide[0] / wide[1] == pytest.approx(7941 / 1922, rel=0.005)
    assert all(side % 2 == 0 for side in film_size((333, 77)))


def test_the_longest_film_at_the_most_bits_is_not_too_large() -> None:
    """So that the two limits never contradict each other."""
    assert most_bits() * film_intake.LONGEST_S / 8 <= film_intake.LIMITS.bytes


@pytest.mark.slow
def test_the_command_makes_a_film_that_is_taken_without_a_word(tmp_path: Path) -> None:
    """A wide film of another rate becomes one for an upright panel: nothing cut, nothing enlarged."""
    source, panel = tmp_path / "source.mov", (540, 960)
    film(source, 50, fps=25)
    command = film_command(panel, source=str(source), into=str(tmp_path / "made.mp4"))
    subprocess.run([command[0], "-v", "error", *command[1:]], check=True)
    store = AssetStore(tmp_path / "store")
    asset = run(take_in(tmp_path / "made.mp4", name="made.mp4", sizes=[panel], store=store))
    assert (asset.width, asset.height) == panel
    assert (dict(asset.cut_percent), dict(asset.enlarged)) == ({"540x960": 0}, {"540x960": 1.0})
    assert asset.checks == ()
    assert asset.frames in (60, 61)


def calm(number: int) -> np.ndarray:
    """A picture of slow clouds: nothing flashes."""
    across = np.sin(np.arange(640) / 40 + number / 60) * 40 + 120
    return np.repeat(np.repeat(across[None, :, None], 180, 0), 3, 2).astype(np.uint8)


@pytest.mark.slow
def test_the_command_for_a_whole_wall_makes_a_film_that_fits_its_slices(tmp_path: Path) -> None:
    """Laid across three panels with gaps: nothing is cut, nothing is soft, every panel has its slice."""
    panels = row(3, pixels=(108, 192))
    source, size = tmp_path / "source.mov", film_size(canvas(panels).size)
    write(source, (calm(number) for number in range(50)))
    command = film_command(size, source=str(source), into=str(tmp_path / "made.mp4"))
    subprocess.run([command[0], "-nostdin", "-v", "error", *command[1:]], check=True)
    store = AssetStore(tmp_path / "store")
    asset = run(
        take_in(tmp_path / "made.mp4", name="made.mp4", sizes=[(108, 192)], store=store, walls={"wall": panels})
    )
    assert [check.code for check in asset.checks] == []
    assert {name for name in asset.renditions if ":" in name} >= {"wall:3:1", "wall:3:2", "wall:3:3"}
