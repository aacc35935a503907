"""Hostile files, made here: each a name, its bytes, and whether it may be taken (None: either, inside the limits)."""

from __future__ import annotations

import io
import os
import random
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import pillow_heif
from PIL import Image, PngImagePlugin

from tests.media import strangers
from tests.media.reels import numbered, write
from tests.media.strangers import encoded, halves

MIB = 1 << 20
SMALL = (128, 72)
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One file."""

    name: str
    data: bytes
    taken: bool | None = False


def corpus(folder: Path) -> Iterator[Sample]:
    """All of them; `folder` is for what other programs write."""
    yield from _pngs()
    yield from _jpegs()
    yield from _other_pictures()
    yield from _gifs()
    yield from _no_pictures()
    yield from _lists()
    yield from _mp4s(folder)
    yield from _matroskas(folder)


def _pngs() -> Iterator[Sample]:
    small = encoded(halves((64, 64)), "PNG")
    yield Sample(name="claims-900-megapixels.png", data=strangers.png_claiming(30_000, 30_000))
    yield Sample(name="claims-two-thousand-million.png", data=strangers.png_claiming(2**31 - 1, 2**31 - 1))
    yield Sample(name="no-width.png", data=strangers.png_claiming(0, 100))
    yield Sample(name="real-150-megapixels.png", data=encoded(Image.new("1", (15_000, 10_000)), "PNG"))
    yield Sample(name="real-99-megapixels.png", data=encoded(Image.new("1", (9_900, 10_000)), "PNG"), taken=None)
    yield Sample(name="endless-rows.png", data=_png((100, 100), zlib.compress(bytes(60 * MIB))), taken=None)
    bomb = zlib.compress(bytes(80 * MIB))
    yield Sample(name="text-bomb.png", data=_png_with(b"zTXt", b"Comment\0\0" + bomb))
    yield Sample(name="profile-bomb.png", data=_png_with(b"iCCP", b"p\0\0" + bomb), taken=None)
    yield Sample(name="many-texts.png", data=_many_texts(), taken=None)
    yield Sample(name="wrong-sum.png", data=small[:40] + bytes([small[40] ^ 255]) + small[41:])
    yield Sample(name="cut.png", data=small[:-40])
    yield Sample(name="chunk-without-end.png", data=PNG + struct.pack(">I", 2**32 - 1) + b"IHDR" + bytes(64))
    yield Sample(name="chunk-below-zero.png", data=small[:33] + struct.pack(">I", 2**31) + b"tEXt" + small[33:])
    yield Sample(name="only-a-signature.png", data=PNG)
    frames = [halves((64, 64))] * 3
    yield Sample(name="moving.png", data=encoded(frames[0], "PNG", save_all=True, append_images=frames[1:]))
    million = struct.pack(">II", 1_000_000, 0)
    yield Sample(name="million-frames.png", data=_png_with(b"acTL", million), taken=None)


def _jpegs() -> Iterator[Sample]:
    good = encoded(halves((300, 300)), "JPEG")
    scan = good.index(b"\xff\xda") + 20
    frame = good.index(b"\xff\xc0") + 5
    chance = random.Random(5)
    flipped = bytearray(good)
    for _ in range(40):
        flipped[chance.randrange(scan, len(good) - 2)] ^= 1 << chance.randrange(8)
    yield Sample(name="flipped.jpg", data=bytes(flipped), taken=None)
    yield Sample(name="cut.jpg", data=good[:-600])
    yield Sample(name="claims-65535.jpg", data=good[:frame] + b"\xff\xff\xff\xff" + good[frame + 4 :])
    yield Sample(name="no-height.jpg", data=good[:frame] + bytes(2) + good[frame + 2 :])
    yield Sample(name="only-a-head.jpg", data=b"\xff\xd8\xff" + bytes(5000))
    yield Sample(name="huge-profile.jpg", data=_with_segments(good, 0xE2, _profile_pieces(12 * MIB)), taken=None)
    yield Sample(name="thousand-comments.jpg", data=_with_segments(good, 0xFE, [b"x" * 60_000] * 200), taken=True)
    yield Sample(name="tags-in-a-ring.jpg", data=_with_segments(good, 0xE1, [_ring_of_tags()]), taken=True)
    yield Sample(name="tags-without-end.jpg", data=_with_segments(good, 0xE1, [_huge_tag()]), taken=True)
    yield Sample(name="thousand-scans.jpg", data=_thousand_scans(), taken=None)
    yield Sample(name="zip-behind.jpg", data=strangers.jpeg_and_zip())
    yield Sample(name="script-behind.jpg", data=good + b"<script>alert(1)</script>")
    yield Sample(name="php-inside.jpg", data=_with_segments(good, 0xFE, [b"<?php system($_GET[0]); ?>"]))
    yield Sample(name="pdf-head.jpg", data=_with_segments(good, 0xFE, [b"%PDF-1.7 1 0 obj"]))
    yield Sample(name="second-picture.jpg", data=strangers.phone_pair(), taken=True)


def _other_pictures() -> Iterator[Sample]:
    pillow_heif.register_heif_opener()
    webp = encoded(halves((64, 64)), "WEBP", lossless=True)
    head = webp.index(b"VP8L") + 8
    yield Sample(name="claims-16383.webp", data=webp[: head + 1] + b"\xff\xff\xff\x0f" + webp[head + 5 :])
    yield Sample(name="cut.webp", data=webp[: len(webp) // 2])
    yield Sample(name="wrong-length.webp", data=webp[:4] + b"\xff\xff\xff\xff" + webp[8:], taken=None)
    yield Sample(name="moving.webp", data=strangers.animation())
    for form, brand in (("AVIF", b"avif"), ("HEIF", b"heic")):
        ending, good = form.lower(), encoded(halves((128, 128)), form)
        size = good.index(b"ispe") + 8
        yield Sample(name=f"rubbish.{ending}", data=b"\0\0\0\x1cftyp" + brand + bytes(5000))
        yield Sample(name=f"cut.{ending}", data=good[:-60])
        yield Sample(name=f"claims-too-much.{ending}", data=good[:size] + b"\x7f\xff\xff\xff" * 2 + good[size + 8 :])
        flipped = bytearray(good)
        flipped[-50] ^= 255
        yield Sample(name=f"flipped.{ending}", data=bytes(flipped), taken=None)


def _gifs() -> Iterator[Sample]:
    small = encoded(halves((80, 80)), "GIF")
    frames = [halves((80, 80)), halves((80, 80), strangers.BLUE, strangers.RED)] * 20
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=40)
    yield Sample(name="claims-65535.gif", data=small[:6] + b"\xff\xff\xff\xff" + small[10:])
    yield Sample(name="cut.gif", data=small[:-30], taken=None)
    yield Sample(name="cut-moving.gif", data=moving[: len(moving) * 2 // 3])
    yield Sample(name="thousands-of-frames.gif", data=_many_frames(4000), taken=None)
    yield Sample(name="frame-outside.gif", data=_many_frames(3, at=60_000), taken=None)


def _no_pictures() -> Iterator[Sample]:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("a.jpg", "x")
    heads = {
        "eps.jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(/etc/passwd) run\n",
        "svg.svg": svg,
        "svg.png": svg,
        "page.jpg": b"<!doctype html><script>alert(1)</script>",
        "zip.png": archive.getvalue(),
        "pdf.jpg": b"%PDF-1.7\n1 0 obj\n",
        "program.jpg": b"\x7fELF" + bytes(200),
        "tiff.png": encoded(halves((64, 64)), "TIFF"),
        "bmp.jpg": encoded(halves((64, 64)), "BMP"),
        "icon.png": encoded(halves((64, 64)), "ICO"),
        "empty.jpg": b"",
        "one-byte.png": b"\x89",
        "zeros.jpg": bytes(MIB),
        "chance.mp4": random.Random(1).randbytes(MIB),
        "script.sh": b"#!/bin/sh\nid\n",
        "no-ending": b"GIF8",
    }
    for name, data in heads.items():
        yield Sample(name=name, data=data)


def _lists() -> Iterator[Sample]:
    """Texts that name other files; the demuxers that would follow them are never asked."""
    entry = b"file '/etc/hostname'\n"
    ftyp = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"
    yield Sample(name="list.mp4", data=b"ffconcat version 1.0\n" + entry)
    yield Sample(name="list-behind-a-head.mp4", data=ftyp + b"ffconcat version 1.0\n" + entry)
    yield Sample(name="endless-list.mp4", data=b"ffconcat version 1.0\n" + entry * 20_000)
    yield Sample(name="stream.mp4", data=b"#EXTM3U\n#EXTINF:5,\n/etc/hostname\n")
    yield Sample(name="stream.mkv", data=b"\x1aE\xdf\xa3#EXTM3U\n#EXTINF:5,\nfile:///etc/hostname\n")
    yield Sample(name="description.mov", data=b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 1 RTP/AVP 96\n")


def _mp4s(folder: Path) -> Iterator[Sample]:
    good = _film(folder, "good.mp4")
    index, pictures = good.index(b"moov") - 4, good.index(b"mdat") + 4
    yield Sample(name="good.mp4", data=good, taken=True)
    yield Sample(name="cut.mp4", data=good[: len(good) * 2 // 3])
    yield Sample(name="without-index.mp4", data=good.replace(b"moov", b"lost"))
    yield Sample(name="without-pictures.mp4", data=good[:pictures])
    for seed in range(4):
        yield Sample(name=f"flipped-{seed}.mp4", data=_flipped(good, pictures, seed), taken=None)
        yield Sample(name=f"flipped-index-{seed}.mp4", data=_flipped(good, index, seed, end=pictures), taken=None)
    yield Sample(name="boxes-in-boxes.mp4", data=good[:index] + _nested(20_000) + good[index:], taken=None)
    for size in (0, 1, 7, 2**31, 2**32 - 1):
        wrong = struct.pack(">I", size)
        yield Sample(name=f"box-of-{size}.mp4", data=good[:index] + wrong + good[index + 4 :], taken=None)
    for table in (b"stsz", b"stts", b"stsc", b"stco"):
        at = good.index(table) + (12 if table == b"stsz" else 8)
        huge = good[:at] + b"\x7f\xff\xff\xff" + good[at + 4 :]
        yield Sample(name=f"huge-{table.decode()}.mp4", data=huge, taken=None)
    matrix = good.index(b"tkhd") + 44
    yield Sample(name="flat-turn.mp4", data=good[:matrix] + bytes(36) + good[matrix + 36 :], taken=None)
    yield Sample(name="twenty-seven-hours.mp4", data=_slow_film(folder))
    yield Sample(name="zip-behind.mp4", data=good + strangers.jpeg_and_zip()[-200:], taken=None)
    yield Sample(name="sound-only.mp4", data=_by_ffmpeg(folder, "s.mp4", "-f lavfi -i sine=d=2 -c:a aac"))
    for ending in ("avi", "flv", "mpegts"):
        yield Sample(name=f"{ending}.mp4", data=_by_ffmpeg(folder, f"o.{ending}", f"{_PATTERN} -f {ending}"))


def _matroskas(folder: Path) -> Iterator[Sample]:
    good = _film(folder, "good.mkv", codec="mpeg4")
    webm = _film(folder, "good.webm", codec="libvpx")
    yield Sample(name="good.mkv", data=good, taken=True)
    yield Sample(name="cut.mkv", data=good[: len(good) // 2], taken=None)
    yield Sample(name="rubbish.mkv", data=b"\x1aE\xdf\xa3" + b"\xff" * 4000)
    for seed in range(4):
        yield Sample(name=f"flipped-{seed}.mkv", data=_flipped(good, 100, seed), taken=None)
    at = webm.index(b"\x9d\x01\x2a") + 3
    yield Sample(name="turns-into-16383.webm", data=webm[:at] + b"\xff\x3f\xff\x3f" + webm[at + 4 :], taken=None)
    yield Sample(name="sixteen-thousand.mkv", data=_large_jpegs(folder))
    yield Sample(name="cover-only.mkv", data=_by_ffmpeg(folder, "c.mkv", "-f lavfi -i sine=d=2 -c:a aac"))
    yield Sample(name="changes-size.mkv", data=_changing(folder), taken=None)
    yield Sample(name="one-picture.mkv", data=_by_ffmpeg(folder, "p.mkv", f"{_PATTERN} -frames:v 1"))
    many = "-f lavfi -i sine=d=2 " + "-map 0 " * 200 + "-c:a flac"
    yield Sample(name="two-hundred-tracks.mkv", data=_by_ffmpeg(folder, "t.mkv", many))
    yield Sample(name="million-a-second.mkv", data=_by_ffmpeg(folder, "r.mkv", f"{_PATTERN} -vf setpts=N"), taken=None)


_PATTERN = "-f lavfi -i testsrc2=s=128x72:d=2:r=30"


def _png(size: tuple[int, int], rows: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0)
    return PNG + b"".join(strangers.chunk(*each) for each in ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")))


def _png_with(name: bytes, data: bytes) -> bytes:
    """A small PNG with one more chunk behind its header."""
    small = encoded(halves((64, 64)), "PNG")
    return small[:33] + strangers.chunk(name, data) + small[33:]


def _many_texts() -> bytes:
    texts = PngImagePlugin.PngInfo()
    for number in range(2000):
        texts.add_text(f"k{number}", "x" * 4000, zip=True)
    return encoded(halves((64, 64)), "PNG", pnginfo=texts)


def _with_segments(jpeg: bytes, marker: int, contents: list[bytes]) -> bytes:
    """Segments right behind the start of a JPEG."""
    added = b"".join(struct.pack(">BBH", 0xFF, marker, len(each) + 2) + each for each in contents)
    return jpeg[:2] + added + jpeg[2:]


def _profile_pieces(size: int) -> list[bytes]:
    count = min(255, size // 60_000)
    return [b"ICC_PROFILE\0" + bytes([number + 1, count]) + os.urandom(60_000) for number in range(count)]


def _ring_of_tags() -> bytes:
    """An Exif whose directory is followed by itself."""
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x8769, 4, 1, 8, 8)


def _huge_tag() -> bytes:
    """An Exif with a tag of four thousand million values."""
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x0112, 3, 2**32 - 1, 26, 0)


def _thousand_scans() -> bytes:
    """A progressive JPEG whose last scan is sent a thousand times, each a pass over all its pixels."""
    good = encoded(halves((2000, 2000)), "JPEG", progressive=True)
    last = good.rindex(b"\xff\xda")
    return good[:last] + good[last:-2] * 1000 + good[-2:]


def _many_frames(count: int, at: int = 0) -> bytes:
    """A GIF of that many frames of one pixel, on 100 by 100."""
    head = b"GIF89a" + struct.pack("<HHBBB", 100, 100, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"\x21\xf9\x04\0\x02\0\0\0\x2c" + struct.pack("<HHHHB", at, at, 1, 1, 0) + b"\x02\x02\x44\x01\0"
    return head + frame * count + b"\x3b"


def _nested(depth: int) -> bytes:
    """Boxes inside each other, `moov` all the way down."""
    return b"".join(struct.pack(">I4s", 8 * (depth - level), b"moov") for level in range(depth))


def _flipped(data: bytes, start: int, seed: int, *, end: int | None = None) -> bytes:
    chance, changed = random.Random(seed), bytearray(data)
    for _ in range(12):
        changed[chance.randrange(start, end or len(data))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _film(folder: Path, name: str, codec: str = "libx264") -> bytes:
    path, container = folder / name, {"mkv": "matroska"}.get(name[-3:], name.rsplit(".")[-1])
    options = {"mpeg4": dict[str, str](), "libvpx": {"deadline": "realtime", "cpu-used": "8"}}.get(codec)
    write(path, (numbered(n, SMALL) for n in range(36)), codec=codec, container=container, options=options)
    return path.read_bytes()


def _slow_film(folder: Path) -> bytes:
    """Four pictures in twenty-seven hours."""
    path = folder / "slow.mp4"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("mpeg4", rate=30, width=SMALL[0], height=SMALL[1])
        for n in range(4):
            frame = av.VideoFrame.from_ndarray(numbered(n, SMALL), format="rgb24")
            frame.pts = n * 30 * 9 * 3600
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return path.read_bytes()


def _large_jpegs(folder: Path) -> bytes:
    """Pictures of JPEG that say they are 16 000 by 16 000, in Matroska."""
    small = _by_ffmpeg(folder, "large.mkv", f"{_PATTERN} -c:v mjpeg")
    return small.replace(struct.pack(">HH", 72, 128), struct.pack(">HH", 16_000, 16_000))


def _changing(folder: Path) -> bytes:
    """A film that becomes another size in the middle."""
    for number, size in enumerate(("128x72", "200x300")):
        _by_ffmpeg(folder, f"part-{number}.mkv", f"-f lavfi -i testsrc2=s={size}:d=1:r=30 -c:v mpeg4")
    names = folder / "parts.txt"
    names.write_text("".join(f"file 'part-{number}.mkv'\n" for number in (0, 1)))
    return _by_ffmpeg(folder, "changing.mkv", f"-f concat -i {names} -c copy")


def _by_ffmpeg(folder: Path, name: str, ways: str) -> bytes:
    path = folder / name
    subprocess.run(["ffmpeg", "-v", "quiet", "-y", *ways.split(), str(path)], check=True)
    return path.read_bytes()
