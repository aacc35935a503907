"""Strangers' films become films of the house format in the panels' shapes, or are refused and leave nothing."""

from __future__ import annotations

import subprocess
from itertools import repeat
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from media import film_intake
from media.assets import Asset, AssetStore
from media.film_intake import MOST_FILES, MOST_TOGETHER, passes, rendition
from media.geometry import Part, Rect, Size, whole
from media.intake import IntakeRefused, Limits, take_in
from media.programme import Film
from media.video import opened
from tests.media.reels import HOUSE, SIZE, bgra, film, number_of, numbered, write
from tests.running import run

pytestmark = pytest.mark.slow

PANEL = (160, 90)
OTHERS = {"libvpx": ("webm", {"cpu-used": "8", "deadline": "realtime"}), "mpeg4": ("matroska", {})}


def taken(tmp_path: Path, source: Path, *panels: tuple[int, int], limits: Limits | None = None) -> tuple[Asset, Path]:
    """Take a film in for these panels; the asset and where its first rendition lies."""
    store = AssetStore(tmp_path / "store")
    wanted = panels or (PANEL,)
    asset = run(take_in(source, name=source.name, sizes=wanted, store=store, limits=limits))
    return asset, store.path(asset.renditions[f"{wanted[0][0]}x{wanted[0][1]}"])


def numbers(path: Path, count: int, size: tuple[int, int] = PANEL) -> list[int]:
    """What the pictures of a film of the house format say."""
    with opened(path, Film(frames=count, fps=30), size) as reel:
        return [number_of(bgra(reel.drawn(reel.read()))) for _ in range(count)]


def test_film_becomes_the_house_format(tmp_path: Path) -> None:
    """H.264 in MP4 with its index first, a key every 30 pictures and none that looks ahead; every picture is there."""
    source = tmp_path / "a.mp4"
    film(source, 75)
    asset, path = taken(tmp_path, source)
    assert (asset.kind, asset.frames, asset.fps, asset.width, asset.height) == ("video", 75, 30, *SIZE)
    assert numbers(path, 75) == list(range(75))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        keys = [n for n, packet in enumerate(container.demux(stream)) if packet.is_keyframe]
    assert (context.name, context.pix_fmt, context.has_b_frames, keys) == ("h264", "yuv420p", False, [0, 30, 60])
    assert path.read_bytes().index(b"moov") < path.read_bytes().index(b"mdat")
    assert b" sliced_threads=0 " in path.read_bytes()  # as x264 says itself: whole pictures, which is faster


@given(sides=st.lists(st.tuples(st.integers(1, 4096), st.integers(1, 2160)), min_size=1, max_size=40))
def test_passes_make_each_film_once_within_memory(sides: list[Size]) -> None:
    """A film that is too large for that alone has a pass for itself."""
    films = [rendition((8192, 2160), whole(side)) for side in sides]
    made = passes(films)
    assert sorted(each.file for group in made for each in group) == sorted({each.file for each in films})
    for group in made:
        assert len(group) <= MOST_FILES
        assert len(group) == 1 or sum(each.size[0] * each.size[1] for each in group) <= MOST_TOGETHER


def test_film_made_in_several_passes_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every picture of every rendition, one thumbnail, the checks once; the progress only grows."""
    source, seen = tmp_path / "a.mp4", list[float]()
    film(source, 45)
    sizes = [(160, 90), (80, 46), (120, 68)]
    once, _ = taken(tmp_path, source, *sizes)
    monkeypatch.setattr(film_intake, "MOST_TOGETHER", 160 * 90)
    store = AssetStore(tmp_path / "again")
    again = run(take_in(source, name="a.mp4", sizes=sizes, store=store, progress=seen.append))
    assert (again.checks, again.frames, again.renditions.keys()) == (once.checks, 45, once.renditions.keys())
    assert store.sound(again.thumbnail)
    for width, height in sizes:
        path = store.path(again.renditions[f"{width}x{height}"])
        assert numbers(path, 45, (width, height)) == list(range(45))
    assert seen == sorted(seen)


@pytest.mark.parametrize("codec", OTHERS)
def test_other_containers_and_codecs_are_taken(tmp_path: Path, codec: str) -> None:
    """WebM with VP8 and Matroska with MPEG-4 end as the same house format."""
    container, options = OTHERS[codec]
    source = tmp_path / f"a.{'webm' if container == 'webm' else 'mkv'}"
    write(source, (numbered(n) for n in range(45)), codec=codec, container=container, options=options)
    asset, path = taken(tmp_path, source)
    assert asset.frames == 45
    assert numbers(path, 45) == list(range(45))


@pytest.mark.parametrize(("fps", "frames"), [(60, 45), (15, 180)])
def test_other_rates_become_thirty_a_second(tmp_path: Path, fps: int, frames: int) -> None:
    """Every second picture of 60 a second, every one of 15 twice."""
    source = tmp_path / "a.mp4"
    film(source, 90, fps=fps)
    asset, path = taken(tmp_path, source)
    assert asset.frames == frames
    assert numbers(path, 44)[4:40:4] == [round(n * fps / 30) for n in range(4, 40, 4)]


def test_renditions_have_the_panels_shapes_and_are_never_enlarged(tmp_path: Path) -> None:
    """Two panels of one shape share a file; the upright one gets the middle; the thumbnail shows the middle of time."""
    source = tmp_path / "a.mp4"
    film(source, 60)
    asset, path = taken(tmp_path, source, (3840, 2160), (1920, 1080), (108, 192))
    store = AssetStore(tmp_path / "store")
    with av.open(str(path)) as wide, av.open(str(store.path(asset.renditions["108x192"]))) as upright:
        sizes = [(each.streams.video[0].width, each.streams.video[0].height) for each in (wide, upright)]
    assert sizes == [SIZE, (102, 180)]
    assert asset.renditions["3840x2160"] == asset.renditions["1920x1080"]
    assert (asset.cut_percent, asset.enlarged["3840x2160"]) == ({"3840x2160": 0, "1920x1080": 0, "108x192": 68}, 12.0)
    with Image.open(store.path(asset.thumbnail)) as small:
        assert max(small.size) == 384


def test_rendition_is_even_within_the_film_and_of_the_panels_shape() -> None:
    """Odd panels lose a line, no crop is larger than the film."""
    odd = rendition((1280, 720), whole((999, 333)))
    assert odd.size == (998, 332)
    assert rendition((641, 361), whole((1920, 1080))).crop.size == (640, 360)


def test_a_panel_whose_pixels_are_not_square_gets_no_more_of_them_than_it_has() -> None:
    """Its box in the canvas is two lines higher than its glass: they are taken out once, not at every play."""
    part = Part(name="wall:7:1", canvas=(7941, 1922), box=Rect(x=0, y=0, width=1080, height=1922), size=(1080, 1920))
    assert rendition((7940, 1922), part).size == (1080, 1920)
    assert rendition((3970, 960), part).size == (540, 960)


def test_film_from_a_camera_on_its_side_stands_upright(tmp_path: Path) -> None:
    """The turn in the header is obeyed as ffmpeg does: what was left is below after a quarter turn to the left."""
    flat, source = tmp_path / "flat.mp4", tmp_path / "turned.mp4"
    halves = np.zeros((180, 320, 3), np.uint8)
    halves[:, :160] = (220, 30, 30)
    write(flat, repeat(halves, 40))
    copy = ["ffmpeg", "-v", "error", "-i", str(flat), "-c", "copy", "-metadata:s:v", "rotate=90", str(source)]
    subprocess.run(copy, check=True)
    asset, path = taken(tmp_path, source, (90, 160))
    assert (asset.width, asset.height) == (180, 320)
    with opened(path, Film(frames=40, fps=30), (90, 160)) as reel:
        picture = bgra(reel.drawn(reel.read()))
    assert picture[130, 45, 2] > 150 > 60 > picture[30, 45, 2]


def refused(tmp_path: Path, source: Path, limits: Limits | None = None) -> str:
    """The code of the refusal; nothing is left behind."""
    with pytest.raises(IntakeRefused) as found:
        taken(tmp_path, source, limits=limits)
    store = AssetStore(tmp_path / "store")
    assert list(store.kept()) == []
    assert list((tmp_path / "store" / "incoming").iterdir()) == []
    return found.value.code


def named(path: Path, data: bytes) -> Path:
    """A file with these bytes."""
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"ffconcat version 1.0\nfile '/etc/hostname'\n", "not-a-picture"),
        (b"#EXTM3U\n#EXTINF:5,\n/etc/hostname\n", "not-a-picture"),
        (b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 4000, "broken"),
        (b"\x00\x00\x00\x18ftypmp42ffconcat version 1.0\nfile '/etc/hostname'\n", "broken"),
        (b"\x1aE\xdf\xa3" + b"\xff" * 4000, "broken"),
        (b"GIF89a" + b"\x00" * 100, "not-a-picture"),
    ],
)
def test_lists_of_files_and_rubbish_are_refused(tmp_path: Path, data: bytes, code: str) -> None:
    """Whatever it is called: only the containers named are tried, and each only by its own bytes."""
    assert refused(tmp_path, named(tmp_path / "a.mp4", data)) == code


def test_truncated_film_is_refused(tmp_path: Path) -> None:
    """Index first and two thirds of the pictures: it says where it ends."""
    source = tmp_path / "a.mp4"
    film(source, 90)
    whole = source.read_bytes()
    assert refused(tmp_path, named(source, whole[: len(whole) * 2 // 3])) == "film-broken"


def test_film_without_index_is_refused(tmp_path: Path) -> None:
    """A recording that never ended."""
    source = tmp_path / "a.mp4"
    film(source, 60)
    whole = source.read_bytes()
    assert refused(tmp_path, named(source, whole.replace(b"moov", b"lost"))) == "broken"


def test_film_that_says_it_is_too_long_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    """Four pictures in twenty-seven hours."""
    source = tmp_path / "a.mp4"
    with av.open(str(source), "w") as output:
        stream = output.add_stream("mpeg4", rate=30, width=SIZE[0], height=SIZE[1])
        for n in range(4):
            frame = av.VideoFrame.from_ndarray(numbered(n), format="rgb24")
            frame.pts = n * 30 * 9 * 3600
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    assert refused(tmp_path, source) == "film-too-long"


def test_film_of_too_many_pixels_and_one_too_short_are_refused(tmp_path: Path) -> None:
    """By their headers."""
    large, short = tmp_path / "large.mp4", tmp_path / "short.mp4"
    write(large, repeat(np.zeros((64, 8400, 3), np.uint8), 31))
    film(short, 10)
    assert [refused(tmp_path, large), refused(tmp_path, short)] == ["film-too-many-pixels", "film-too-short"]


def test_hdr_film_is_refused(tmp_path: Path) -> None:
    """Its colours would be pale on every panel."""
    plain, source = tmp_path / "plain.mp4", tmp_path / "hdr.mp4"
    write(plain, (numbered(n) for n in range(40)), options={**HOUSE, "color_trc": "arib-std-b67"})
    command = ["ffmpeg", "-v", "error", "-i", str(plain), "-c:v", "libx264", "-preset", "ultrafast"]
    subprocess.run([*command, "-color_trc", "arib-std-b67", str(source)], check=True)
    assert refused(tmp_path, source) == "film-hdr"


def test_film_that_takes_too_much_memory_or_bytes_is_refused(tmp_path: Path) -> None:
    """Limits hold the child, not the lobby."""
    source = tmp_path / "a.mp4"
    film(source, 60)
    tight = Limits(process={"AS": 100 * 1024 * 1024, "CPU": 20})
    assert refused(tmp_path, source, tight) in ("too-heavy", "broken")
    assert refused(tmp_path, source, Limits(bytes=1000)) == "film-too-many-bytes"


def test_progress_is_told(tmp_path: Path) -> None:
    """From little to all, never back."""
    source = tmp_path / "a.mp4"
    film(source, 90)
    heard: list[float] = []
    run(take_in(source, name="a.mp4", sizes=[PANEL], store=AssetStore(tmp_path / "s"), progress=heard.append))
    assert heard == sorted(heard)
    assert len(heard) > 5
    assert heard[-1] == 1.0
