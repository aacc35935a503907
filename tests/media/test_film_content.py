"""What a film brings beside its pictures: sound, colours, frames of a GIF, and what people should know of it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from itertools import islice, repeat
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from media.assets import Asset, AssetStore, Check
from media.geometry import canvas, joints
from media.intake import IntakeRefused, take_in
from media.programme import Film
from media.video import opened
from tests.media.builders import grid, row
from tests.media.reels import SIZE, bgra, film, number_of, numbered, write
from tests.running import run

pytestmark = pytest.mark.slow

PANEL = (160, 90)
FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"
WALL = row(2, pixels=(240, 400), gap_mm=40)


def taken(tmp_path: Path, source: Path, *, keep_sound: bool = False) -> tuple[Asset, Path]:
    """Take a film in for one panel; the asset and where its rendition lies."""
    store = AssetStore(tmp_path / "store")
    asset = run(take_in(source, name=source.name, sizes=[PANEL], store=store, keep_sound=keep_sound))
    return asset, store.path(asset.renditions["160x90"])


def found(tmp_path: Path, pictures: Iterator[np.ndarray]) -> dict[str, Check]:
    """The checks of a film of these pictures, by their codes."""
    source = tmp_path / "a.mp4"
    write(source, pictures)
    asset, _ = taken(tmp_path, source)
    return {check.code: check for check in asset.checks}


def with_sound(tmp_path: Path) -> Path:
    """A film of two seconds with a tone."""
    silent, source = tmp_path / "silent.mp4", tmp_path / "a.mp4"
    film(silent, 60)
    tone = ["-f", "lavfi", "-i", "sine=frequency=440:duration=2:sample_rate=44100"]
    make = ["ffmpeg", "-v", "error", "-i", str(silent), *tone, "-c:v", "copy", "-c:a", "aac", "-shortest", str(source)]
    subprocess.run(make, check=True)
    return source


def test_sound_is_removed_and_told(tmp_path: Path) -> None:
    """The rendition has pictures only, and the curator hears of it; a silent film has nothing to tell."""
    asset, path = taken(tmp_path, with_sound(tmp_path))
    with av.open(str(path)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
    assert asset.sound_removed
    assert "sound-removed" in {check.code for check in asset.checks}
    silent, _ = taken(tmp_path, tmp_path / "silent.mp4")
    assert not silent.sound_removed
    assert "sound-removed" not in {check.code for check in silent.checks}


def test_sound_is_kept_for_surfaces_that_have_it(tmp_path: Path) -> None:
    """AAC beside the pictures, as long as they are, and the pictures as without it."""
    asset, path = taken(tmp_path, with_sound(tmp_path), keep_sound=True)
    with av.open(str(path)) as container:
        sound = container.streams.audio[0]
        seconds = sum(frame.samples for frame in container.decode(sound)) / sound.rate
    assert (sound.codec_context.name, asset.sound_removed) == ("aac", False)
    assert seconds == pytest.approx(2.0, abs=0.1)
    with opened(path, Film(frames=60, fps=30), PANEL) as reel:
        assert [number_of(bgra(reel.drawn(reel.read()))) for _ in range(60)] == list(range(60))


def test_sound_that_begins_late_stays_with_its_pictures(tmp_path: Path) -> None:
    """A second of silence before it is kept, not drawn forward."""
    source, late = with_sound(tmp_path), tmp_path / "late.mp4"
    make = ["ffmpeg", "-v", "error", "-i", str(source), "-itsoffset", "1", "-i", str(source)]
    subprocess.run([*make, "-map", "0:v", "-map", "1:a", "-c", "copy", str(late)], check=True)
    _, path = taken(tmp_path, late, keep_sound=True)
    with av.open(str(path)) as container:
        first = next(container.decode(container.streams.audio[0]))
    assert first.time == pytest.approx(1.0, abs=0.06)


def test_moving_gif_becomes_a_film_of_all_its_frames(tmp_path: Path) -> None:
    """Each of its frames stands as long as it says."""
    source = tmp_path / "a.gif"
    frames = [Image.fromarray(numbered(number)) for number in range(20)]
    frames[0].save(source, save_all=True, append_images=frames[1:], duration=100)
    asset, path = taken(tmp_path, source)
    assert (asset.kind, asset.fps) == ("video", 30)
    assert asset.seconds == pytest.approx(2.0, abs=0.11)
    assert asset.frames is not None
    with opened(path, Film(frames=asset.frames, fps=30), PANEL) as reel:
        seen = [number_of(bgra(reel.drawn(reel.read()))) for _ in range(asset.frames)]
    assert set(seen) == set(range(20))
    assert seen == sorted(seen)


def test_broken_moving_gif_is_refused_whole(tmp_path: Path) -> None:
    """Half of it is not shown as if it were all."""
    source = tmp_path / "a.gif"
    frames = [Image.fromarray(numbered(number)) for number in range(60)]
    frames[0].save(source, save_all=True, append_images=frames[1:], duration=50)
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    with pytest.raises(IntakeRefused):
        taken(tmp_path, source)


def test_film_of_a_browser_without_a_length_is_taken(tmp_path: Path) -> None:
    """What a browser records says no length; its packets do."""
    whole, source = tmp_path / "whole.webm", tmp_path / "a.webm"
    write(whole, (numbered(n) for n in range(45)), codec="libvpx", container="webm", options={"deadline": "realtime"})
    command = ["ffmpeg", "-v", "error", "-i", str(whole), "-c", "copy", "-f", "webm", "-live", "1", "pipe:1"]
    source.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
    asset, _ = taken(tmp_path, source)
    assert asset.frames == 45


def test_wide_colours_are_brought_to_those_of_the_screen_and_told(tmp_path: Path) -> None:
    """BT.2020 without HDR: a green that both can show keeps its look."""
    green, source, plain = (60, 170, 90), tmp_path / "wide.mp4", tmp_path / "plain.mp4"
    write(plain, repeat(np.full((*SIZE[::-1], 3), green, np.uint8), 40), options={"crf": "5"})
    ways = "scale=in_color_matrix=bt601:out_color_matrix=bt709,"
    ways += "colorspace=iall=bt709:all=bt2020:trc=bt709:format=yuv420p10"
    tags = ["-color_primaries", "bt2020", "-color_trc", "bt709", "-colorspace", "bt2020nc"]
    make = ["ffmpeg", "-v", "error", "-i", str(plain), "-vf", ways, "-c:v", "libx264", "-crf", "5", *tags, str(source)]
    subprocess.run(make, check=True)
    asset, path = taken(tmp_path, source)
    assert [(check.code, check.params["colours"]) for check in asset.checks] == [("colours-converted", "bt2020")]
    with av.open(str(path)) as container:
        shown = next(container.decode(video=0)).to_ndarray(format="rgb24")[45, 80]
    assert shown == pytest.approx(green, abs=10)


def test_half_pictures_of_a_camera_become_whole(tmp_path: Path) -> None:
    """Interlaced footage has no teeth at moving edges."""
    source = tmp_path / "a.mp4"
    moving = "testsrc2=s=320x180:d=1.5:r=60,scroll=horizontal=0.02"
    ways = "tinterlace=interleave_top,fieldorder=tff"
    make = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", moving, "-vf", ways, "-c:v", "libx264"]
    subprocess.run([*make, "-flags", "+ilme+ildct", "-pix_fmt", "yuv420p", str(source)], check=True)
    store = AssetStore(tmp_path / "store")
    asset = run(take_in(source, name="a.mp4", sizes=[(320, 180)], store=store))
    assert teeth(store.path(asset.renditions["320x180"])) < 0.6 * teeth(source)


def teeth(path: Path) -> float:
    """How much the lines of a film's twentieth picture differ from those above and below them."""
    with av.open(str(path)) as container:
        picture = next(islice(container.decode(video=0), 20, None)).to_ndarray(format="gray").astype(float)
    return float(np.abs(picture[1:-1] - (picture[:-2] + picture[2:]) / 2).mean())


def test_flashes_are_found_with_second_and_box(tmp_path: Path) -> None:
    """A second of quiet, then a strobe in the right half: it must not reach a wall, and its picture shows the flash."""

    def strobe() -> Iterator[np.ndarray]:
        for number in range(90):
            picture = np.full((*SIZE[::-1], 3), 90, np.uint8)
            if number >= 30 and number // 3 % 2:
                picture[:, SIZE[0] // 2 :] = 255
            yield picture

    source = tmp_path / "a.mp4"
    write(source, strobe())
    asset, _ = taken(tmp_path, source)
    check = {each.code: each for each in asset.checks}["flash-general"]
    with Image.open(AssetStore(tmp_path / "store").path(asset.thumbnail)) as small:
        assert np.asarray(small.convert("L"))[small.height // 2, small.width * 3 // 4] > 200
    x, y, width, height = map(int, check.params["box"].split(","))
    assert check.severity == "stop"
    assert 0.9 <= float(check.params["second"]) <= 2.0
    assert 0 <= float(check.params["at"]) - float(check.params["second"]) <= 1.0
    assert int(float(check.params["at"]) * 30 + 0.5) // 3 % 2
    assert [x, y, width, height] == pytest.approx([160, 0, 160, 180], abs=8)


def test_red_flashes_are_found(tmp_path: Path) -> None:
    """Saturated red to and from black, five times a second."""
    red = np.zeros((*SIZE[::-1], 3), np.uint8)
    red[..., 0] = 200
    pictures = (red if number // 3 % 2 else red * 0 for number in range(60))
    assert "flash-red" in found(tmp_path, pictures)


def test_quiet_film_has_no_checks(tmp_path: Path) -> None:
    """Motion is no flash."""

    def moving() -> Iterator[np.ndarray]:
        for number in range(60):
            picture = np.full((*SIZE[::-1], 3), (40, 70, 120), np.uint8)
            picture[40:140, 4 * number : 4 * number + 60] = (200, 180, 90)
            yield picture

    assert found(tmp_path, moving()) == {}


def test_bars_inside_a_film_are_told(tmp_path: Path) -> None:
    """Black above and below in all of it; a dark scene alone is none."""
    framed = np.zeros((*SIZE[::-1], 3), np.uint8)
    framed[24:156] = 120
    check = found(tmp_path, repeat(framed, 40))["letterbox"]
    x, y, width, height = map(int, check.params["box"].split(","))
    assert [x, y, width, height] == pytest.approx([0, 24, 320, 132], abs=3)


def test_text_across_a_seam_is_told_with_its_second(tmp_path: Path) -> None:
    """A caption that comes in the second second, on the only seam of a wall of two."""
    laid, source, store = canvas(WALL), tmp_path / "a.mp4", AssetStore(tmp_path / "store")
    size = laid.size[0] // 2 * 2, laid.size[1] // 2 * 2
    ground, titled = Image.new("RGB", size, (30, 40, 60)), Image.new("RGB", size, (30, 40, 60))
    hidden = joints(WALL)[0].box
    at = hidden.x + hidden.width // 2, 200
    font = ImageFont.truetype(FONT, 48, index=1)
    ImageDraw.Draw(titled).text(at, "열린민원실 안내", font=font, fill=(240, 240, 240), anchor="mm")
    write(source, (np.asarray(titled if number >= 30 else ground) for number in range(70)))
    asset = run(take_in(source, name="a.mp4", sizes=[(240, 400)], walls={"wall": WALL}, store=store))
    (check,) = (each for each in asset.checks if each.code == "text-on-seam")
    assert (check.params["surface"], check.params["left"], check.params["right"]) == ("wall", "1", "2")
    assert check.params["second"] == "1.0"
    x, _, width, _ = map(int, check.params["box"].split(","))
    assert x < at[0] < x + width


def test_text_along_a_level_seam_of_a_film_is_told(tmp_path: Path) -> None:
    """A caption in the middle of a film on a wall of two by two lies half behind the gap between the rows."""
    wall = grid(2, 2, (240, 400))
    laid, source, store = canvas(wall), tmp_path / "a.mp4", AssetStore(tmp_path / "store")
    titled = Image.new("RGB", (laid.size[0] // 2 * 2, laid.size[1] // 2 * 2), (30, 40, 60))
    font = ImageFont.truetype(FONT, 40, index=1)
    at = laid.size[0] // 4, laid.size[1] // 2
    ImageDraw.Draw(titled).text(at, "민원실 안내", font=font, fill=(240, 240, 240), anchor="mm")
    write(source, repeat(np.asarray(titled), 35))
    asset = run(take_in(source, name="a.mp4", sizes=[(240, 400)], walls={"wall": wall}, store=store))
    (check,) = (each for each in asset.checks if each.code == "text-on-level-seam")
    assert (check.params["upper"], check.params["lower"], check.params["second"]) == ("1", "3", "0.0")
    _, y, _, height = map(int, check.params["box"].split(","))
    assert y < at[1] < y + height


def test_film_of_another_shape_is_cut_for_a_row_only_when_asked(tmp_path: Path) -> None:
    """Slices are many films: a wide film gets them, an upright one does not unless somebody wants it."""
    source, store = tmp_path / "a.mp4", AssetStore(tmp_path / "store")
    film(source, 40, (180, 320))
    wall = row(4, pixels=(54, 96))
    one = run(take_in(source, name="a.mp4", sizes=[(54, 96)], walls={"wall": wall}, store=store))
    two = run(take_in(source, name="a.mp4", sizes=[(54, 96)], walls={"wall": wall}, across=True, store=store))
    assert set(one.renditions) == {"54x96"}
    assert set(two.renditions) == {"54x96", "wall:4:1", "wall:4:2", "wall:4:3", "wall:4:4"}
    assert "cut-on-wall" in {check.code for check in two.checks}
