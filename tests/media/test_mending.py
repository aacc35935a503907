"""The ffmpeg line of a refusal really mends the file: it is run in a shell, and what comes out is taken in."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from itertools import repeat
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lobby.core.words import catalogue
from media import film_intake
from media.assets import Asset, AssetStore
from media.intake import IntakeRefused, take_in
from media.mending import LINES, line_for
from tests.media.reels import film, numbered, write
from tests.media.strangers import encoded, halves
from tests.running import run

MAKE = ["ffmpeg", "-v", "error", "-y"]


def taken(folder: Path, source: Path) -> Asset:
    """Take a file in for a small panel."""
    return run(take_in(source, name=source.name, sizes=[(160, 90)], store=AssetStore(folder / "store")))


def hdr(folder: Path) -> Path:
    """A film in the colours of a telephone's HDR."""
    plain, source = folder / "plain.mp4", folder / "가을 HDR.mp4"
    film(plain, 40)
    tags = ["-color_trc", "arib-std-b67", "-color_primaries", "bt2020", "-colorspace", "bt2020nc"]
    ways = ["-vf", "format=yuv420p10", "-c:v", "libx264", "-preset", "ultrafast", *tags]
    subprocess.run([*MAKE, "-i", str(plain), *ways, str(source)], check=True)
    return source


def large(folder: Path) -> Path:
    """A film wider than any wall."""
    source = folder / "large.mp4"
    write(source, repeat(np.full((320, 8400, 3), 90, np.uint8), 31))
    return source


def avi(folder: Path) -> Path:
    """A film in an old container, of odd height."""
    source = folder / "old.avi"
    scenes = ["-f", "lavfi", "-i", "testsrc2=s=322x181:d=2:r=25", "-c:v", "mpeg4"]
    subprocess.run([*MAKE, *scenes, str(source)], check=True)
    return source


def moving_png(folder: Path) -> Path:
    """An APNG of two seconds."""
    source = folder / "a.png"
    frames = [Image.fromarray(numbered(n)) for n in range(20)]
    source.write_bytes(encoded(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=100))
    return source


def tiff(folder: Path) -> Path:
    """A scanner's picture."""
    source = folder / "scan.tif"
    source.write_bytes(encoded(halves((300, 300)), "TIFF"))
    return source


def wide_picture(folder: Path) -> Path:
    """A picture of more pixels than are taken."""
    source = folder / "wide.png"
    source.write_bytes(encoded(Image.new("L", (30_000, 4000), 90), "PNG", compress_level=1))
    return source


@pytest.mark.slow
@pytest.mark.parametrize(
    ("made", "code"),
    [
        (hdr, "film-hdr"),
        (large, "film-too-many-pixels"),
        (avi, "film-other-container"),
        (moving_png, "moving-png"),
        (tiff, "picture-other-kind"),
        (wide_picture, "too-many-pixels"),
    ],
)
def test_line_mends_the_file(tmp_path: Path, made: Callable[[Path], Path], code: str) -> None:
    """As a curator would paste it, in the folder of the file."""
    source = made(tmp_path)
    with pytest.raises(IntakeRefused) as refused:
        taken(tmp_path, source)
    assert refused.value.code == code
    before = set(tmp_path.iterdir())
    line = refused.value.params["line"].replace("ffmpeg ", "ffmpeg -v error ", 1)
    subprocess.run(["sh", "-c", line], cwd=tmp_path, check=True)
    (mended,) = set(tmp_path.iterdir()) - before
    assert taken(tmp_path, mended).renditions


@pytest.mark.slow
def test_film_that_is_too_long_is_cut_into_parts_that_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it is there, in parts that each are taken."""
    monkeypatch.setattr(film_intake, "LONGEST_S", 2)
    source = tmp_path / "long.mp4"
    film(source, 100)
    with pytest.raises(IntakeRefused, match="film-too-long") as refused:
        taken(tmp_path, source)
    line = refused.value.params["line"].replace("ffmpeg ", "ffmpeg -v error ", 1)
    subprocess.run(["sh", "-c", line], cwd=tmp_path, check=True)
    parts = sorted(tmp_path.glob("long-lobby-*.mp4"))
    assert len(parts) == 4
    assert [taken(tmp_path, part).frames for part in parts[:3]] == [30, 30, 30]


@pytest.mark.parametrize(
    "name", ["a b.mp4", '"; rm -rf ~ #.mp4', "$(id).mp4", "`id`.mp4", "%PATH%!x!.mp4", "-y.mp4", "가을.mp4"]
)
def test_no_name_becomes_a_command(name: str) -> None:
    """A file name is one word for the shell, and the line is one line."""
    line = line_for("film-hdr", name, {})
    assert line is not None
    shown = line.replace("ffmpeg", "printf '%s\\n'", 1)
    told = subprocess.run(["sh", "-c", shown], capture_output=True, text=True, check=True).stdout.splitlines()
    assert told[0] == "-i"
    assert told[1].endswith(".mp4")
    assert not told[-1].startswith("-")
    assert told[-1].endswith("-lobby.mp4")


def test_every_line_is_in_its_cure() -> None:
    """Who is refused reads the line in both languages; the others have no slot for it."""
    for language in ("ko", "en"):
        cures = {key.removesuffix(".cure"): text for key, text in catalogue(language).items() if key.endswith(".cure")}
        assert {key for key, text in cures.items() if "{line}" in text} == {f"media.{code}" for code in LINES}
