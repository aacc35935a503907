"""Strangers' pictures become pictures of exactly the panel's size, or are refused with words and leave nothing."""

from __future__ import annotations

from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

import media.intake
from media.assets import Asset, AssetStore
from media.intake import IntakeRefused, Limits, take_in, title_of
from tests.media import strangers
from tests.media.strangers import encoded, halves
from tests.running import run

pytestmark = pytest.mark.slow

PANEL = (108, 192)
JPEG = encoded(halves((300, 300)), "JPEG")
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(/etc/passwd) run\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
SCRIPT = JPEG + b"<script>alert(1)</script>"


def taken(tmp_path: Path, data: bytes, name: str = "a.jpg", limits: Limits | None = None) -> tuple[Asset, AssetStore]:
    """Take bytes in at the size of a small panel."""
    source = tmp_path / "upload"
    source.write_bytes(data)
    store = AssetStore(tmp_path / "store")
    return run(take_in(source, name=name, sizes=[PANEL], store=store, limits=limits)), store


def on_panel(tmp_path: Path, data: bytes, name: str = "a.jpg") -> Image.Image:
    """What a panel of 108 by 192 will show of these bytes."""
    asset, store = taken(tmp_path, data, name)
    return Image.open(store.path(asset.renditions["108x192"])).convert("RGB")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_picture_becomes_exactly_the_panels_size(tmp_path: Path, form: str) -> None:
    """Every format that is taken ends as a JPEG of the panel's own pixels, middle cut out, and as a thumbnail."""
    asset, store = taken(tmp_path, encoded(halves((640, 480)), form), f"a.{form.lower()}")
    with (
        Image.open(store.path(asset.renditions["108x192"])) as picture,
        Image.open(store.path(asset.thumbnail)) as small,
    ):
        assert (picture.size, picture.format, small.size) == (PANEL, "JPEG", (384, 288))
    assert (asset.width, asset.height, asset.cut_percent) == (640, 480, {"108x192": 58})


def test_picture_taken_on_its_side_stands_upright(tmp_path: Path) -> None:
    """The orientation tag is obeyed: what was left is up after a quarter turn to the right."""
    picture = on_panel(tmp_path, strangers.sideways((192, 108)))
    top, bottom = picture.getpixel((54, 20)), picture.getpixel((54, 170))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > top[2]
    assert bottom[2] > bottom[0]


def test_see_through_parts_get_a_white_ground(tmp_path: Path) -> None:
    """Alpha is flattened: a panel has nothing behind it."""
    picture = on_panel(tmp_path, encoded(halves((108, 192), (0, 0, 0, 0), (0, 0, 0, 255)), "PNG"), "a.png")
    assert picture.getpixel((10, 90)) == (255, 255, 255)
    assert picture.getpixel((100, 90)) == (0, 0, 0)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16", "RGBA"])
def test_every_kind_of_pixel_is_understood(tmp_path: Path, mode: str) -> None:
    """Black and white, grey, palettes, print colours, sixteen bits: a light picture stays light."""
    if mode == "I;16":
        picture = Image.new(mode, (64, 64), 60_000)
    else:
        picture = Image.new("RGB", (64, 64), (250, 250, 250)).convert(mode)
    form = "JPEG" if mode == "CMYK" else "PNG"
    shown = on_panel(tmp_path, encoded(picture, form), "a.png").getpixel((50, 90))
    assert isinstance(shown, tuple)
    assert min(shown) > 200


def test_unusable_colour_profile_is_left_aside(tmp_path: Path) -> None:
    """A profile that does not fit the pixels costs nothing but itself."""
    picture = on_panel(tmp_path, strangers.wide_gamut(), "a.png")
    assert "icc_profile" not in picture.info


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_wide_colours_become_those_of_the_screen(tmp_path: Path, form: str) -> None:
    """A picture in Display P3 looks the same in sRGB, which it would not without its profile."""
    colour = (60, 170, 90)
    wide = Image.new("RGB", (64, 64), strangers.in_p3(colour))
    assert max(abs(a - b) for a, b in zip(strangers.in_p3(colour), colour, strict=True)) > 20
    data = encoded(wide, form, icc_profile=strangers.display_p3(), quality=98)
    shown = on_panel(tmp_path, data, "a.png").getpixel((54, 96))
    assert shown == pytest.approx(colour, abs=5)


def test_wide_colours_keep_their_see_through_parts(tmp_path: Path) -> None:
    """Alpha and a profile together."""
    picture = Image.new("RGBA", (108, 192), (*strangers.in_p3((60, 170, 90)), 255))
    picture.paste((0, 0, 0, 0), (0, 0, 54, 192))
    shown = on_panel(tmp_path, encoded(picture, "PNG", icc_profile=strangers.display_p3()), "a.png")
    assert shown.getpixel((10, 90)) == (255, 255, 255)
    assert shown.getpixel((100, 90)) == pytest.approx((60, 170, 90), abs=5)


def test_picture_of_a_telephone_is_taken(tmp_path: Path) -> None:
    """The second picture that some telephones put behind the first one is left out."""
    asset, _ = taken(tmp_path, strangers.phone_pair())
    assert (asset.kind, asset.width, asset.height) == ("image", 300, 300)


def test_heic_is_taken_where_its_library_is(tmp_path: Path) -> None:
    """A telephone's own format, middle cut out as of any other."""
    pillow_heif.register_heif_opener()
    picture = on_panel(tmp_path, encoded(halves((640, 480)), "HEIF", quality=90), "IMG_1.HEIC")
    left, right = picture.getpixel((10, 90)), picture.getpixel((100, 90))
    assert left == pytest.approx(strangers.RED, abs=12)
    assert right == pytest.approx(strangers.BLUE, abs=12)


def test_heic_without_its_library_is_refused_with_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what is missing and how to send the picture all the same."""
    pillow_heif.register_heif_opener()
    data = encoded(halves((640, 480)), "HEIF")
    monkeypatch.setattr(media.intake, "_heif_is_here", lambda: False)
    with pytest.raises(IntakeRefused, match="heif-not-here"):
        taken(tmp_path, data, "a.heic")


def test_gif_of_one_frame_is_a_picture(tmp_path: Path) -> None:
    """Its palette is spread out."""
    asset, store = taken(tmp_path, encoded(halves((108, 192)), "GIF"), "a.gif")
    with Image.open(store.path(asset.renditions["108x192"])) as picture:
        assert picture.getpixel((10, 90)) == pytest.approx(strangers.RED, abs=20)
    assert asset.kind == "image"


def test_bars_inside_a_picture_are_told_with_the_box_between(tmp_path: Path) -> None:
    """In the picture's own pixels."""
    framed = Image.new("RGB", (640, 480), (0, 0, 0))
    framed.paste(halves((640, 360)), (0, 60))
    asset, _ = taken(tmp_path, encoded(framed, "PNG"), "a.png")
    (check,) = asset.checks
    x, y, width, height = map(int, check.params["box"].split(","))
    assert (check.code, check.severity) == ("letterbox", "warn")
    assert [x, y, width, height] == pytest.approx([0, 60, 640, 360], abs=4)


def test_enlargement_is_told(tmp_path: Path) -> None:
    """The uploader hears that a small picture was enlarged more than four times."""
    asset, _ = taken(tmp_path, encoded(halves((54, 40)), "PNG"), "a.png")
    assert asset.enlarged == {"108x192": 4.8}


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.png", strangers.png_claiming(30_000, 30_000), "too-many-pixels"),
        ("a.png", strangers.png_claiming(15_000, 10_000), "too-many-pixels"),
        ("a.jpg", EPS, "not-a-picture"),
        ("a.svg", SVG, "kind-not-taken"),
        ("a.png", SVG, "not-a-picture"),
        ("a.jpg", JPEG[:-600], "broken"),
        ("a.png", encoded(halves((90, 90)), "PNG")[:-40], "broken"),
        ("a.jpg", strangers.jpeg_and_zip(), "two-natures"),
        ("a.jpg", SCRIPT, "two-natures"),
        ("a.webp", strangers.animation(), "moving-picture"),
        ("a.png", encoded(halves((64, 64)), "PNG", save_all=True, append_images=[halves((64, 64))]), "moving-png"),
        ("a.tiff", encoded(halves((64, 64)), "TIFF"), "picture-other-kind"),
        ("a.png", encoded(halves((64, 64)), "TIFF"), "not-a-picture"),
        ("a.png", encoded(halves((8, 8)), "PNG"), "too-small"),
        ("a.txt", b"hello", "kind-not-taken"),
        ("a.jpg", b"hello", "not-a-picture"),
        ("a.jpg", b"", "not-a-picture"),
        ("a.jpg", b"\xff\xd8\xff" + bytes(5000), "not-a-picture"),
        ("a.avif", b"\x00\x00\x00\x1cftypavif" + bytes(5000), "not-a-picture"),
    ],
)
def test_hostile_file_is_refused_and_leaves_nothing(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    """The code names the mistake, nothing is kept, no folder is left, and the next picture is taken."""
    with pytest.raises(IntakeRefused) as refused:
        taken(tmp_path, data, name)
    assert refused.value.code == code
    assert [path for path in (tmp_path / "store").rglob("*") if path.name != "incoming"] == []


def test_child_that_needs_too_much_memory_is_refused(tmp_path: Path) -> None:
    """A picture below the pixel limit that does not fit into the child's memory ends the child, not the lobby."""
    tight = Limits(process={"AS": 250 * 1024 * 1024, "CPU": 10})
    with pytest.raises(IntakeRefused, match=r"too-heavy|broken"):
        taken(tmp_path, encoded(Image.new("RGB", (9000, 9000)), "PNG", compress_level=1), "a.png", tight)


def test_child_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """When its time is over the child is killed and the file refused."""
    with pytest.raises(IntakeRefused, match="too-slow"):
        taken(tmp_path, JPEG, "a.jpg", Limits(longest_s=0.001))


def test_too_many_bytes_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    """The limit counts before a process is started."""
    with pytest.raises(IntakeRefused, match="too-many-bytes"):
        taken(tmp_path, JPEG, "a.jpg", Limits(bytes=1000))


def test_progress_rises_to_one(tmp_path: Path) -> None:
    """The uploader sees shares from the decode to the end."""
    source, heard = tmp_path / "upload", list[float]()
    source.write_bytes(JPEG)
    store = AssetStore(tmp_path / "store")
    run(take_in(source, name="a.jpg", sizes=[PANEL, (64, 64)], store=store, progress=heard.append))
    assert heard == sorted(heard)
    assert (len(heard), heard[-1]) == (4, 1.0)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("../../etc/가을.png", "가을"),
        ("C:\\fakepath\\서울.jpg", "서울"),
        ("\u1109\u1165\u110b\u116e\u11af.png", "서울"),
        ("a\u202egnp.exe\u0000\n b.jpg", "a gnp.exe b"),
        (".jpg", ".jpg"),
        ("", "–"),
        ("x" * 500 + ".png", "x" * 120),
    ],
)
def test_title_is_made_here(name: str, title: str) -> None:
    """Paths, decomposed Hangul, direction marks and control characters never reach a file name or a page."""
    assert title_of(name) == title
