"""The process that opens strangers' pictures: limits itself, decodes once, writes exactly the sizes asked for.

Started as a file (`python -I intake_child.py`), so it imports nothing of this program. One JSON job on standard input;
JSON lines on standard output: `{"done": n, "of": n}` while it works, then `{"result": …}` or `{"refused": code, …}`.
"""

from __future__ import annotations

import contextlib
import json
import re
import resource
import sys
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
MAX_PIXELS = 100_000_000
MIN_SIDE = 16
QUALITY = 95
THUMBNAIL = (384, 384)
GROUND = (255, 255, 255)
ORIENTATION = 0x0112
SIDEWAYS = (5, 6, 7, 8)
DOCUMENTS = re.compile(rb"<script|<\?php|<!doctype html|<html|<svg[\s>]", re.IGNORECASE)


class Refused(Exception):
    """Not taken; the code is explained as `media.<code>`."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def main() -> None:
    """Do the one job."""
    job = json.load(sys.stdin)
    _limit(job["limits"])
    try:
        _tell({"result": _take(job)})
    except Refused as refused:
        _tell({"refused": refused.code, "params": {key: str(value) for key, value in refused.params.items()}})
    except MemoryError:
        _tell({"refused": "too-heavy", "params": {}})


def _limit(limits: dict[str, int]) -> None:
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))


def _tell(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def _take(job: dict[str, Any]) -> dict[str, Any]:
    source, sizes = Path(job["source"]), [(int(width), int(height)) for width, height in job["sizes"]]
    _refuse_second_nature(source)
    with _opened(source) as picture:
        width, height = _upright_size(picture)
        steps = len(sizes) + 2
        _decode(picture, sizes)
        _tell({"done": 1, "of": steps})
        pixels, orientation = _plain(picture), picture.getexif().get(ORIENTATION, 1)
        cuts = []
        for number, size in enumerate(sizes):
            _covered(pixels, orientation, size).save(job["files"][number], "JPEG", quality=QUALITY, subsampling=0)
            cuts.append({"cut": _cut((width, height), size), "enlarged": _enlarged((width, height), size)})
            _tell({"done": 2 + number, "of": steps})
        _thumbnail(pixels, orientation).save(job["thumbnail"], "JPEG", quality=85)
        return {"width": width, "height": height, "format": picture.format, "sizes": cuts}


def _refuse_second_nature(source: Path) -> None:
    """A file that is a picture and, read differently, an archive, a PDF or a web page."""
    data = source.read_bytes()
    if zipfile.is_zipfile(source) or b"%PDF-" in data[:1024] or DOCUMENTS.search(data):
        raise Refused("two-natures")


def _opened(source: Path) -> Image.Image:
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with contextlib.suppress(ImportError):
        from PIL import AvifImagePlugin

        AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    try:
        picture = Image.open(source, formats=FORMATS)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Refused("too-many-pixels", megapixels=MAX_PIXELS // 1_000_000) from error
    except UnidentifiedImageError as error:
        raise Refused("not-a-picture") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise Refused("broken") from error
    if getattr(picture, "n_frames", 1) > 1:
        raise Refused("moving-picture")
    if min(picture.size) < MIN_SIDE:
        raise Refused("too-small", width=picture.width, height=picture.height)
    return picture


def _turned(picture: Image.Image) -> bool:
    """True where the camera stood on its side, by the orientation tag."""
    return picture.getexif().get(ORIENTATION) in SIDEWAYS


def _upright_size(picture: Image.Image) -> tuple[int, int]:
    return (picture.height, picture.width) if _turned(picture) else picture.size


def _decode(picture: Image.Image, sizes: list[tuple[int, int]]) -> None:
    """Decode every pixel; a JPEG far larger than any size asked for is decoded at a half, quarter or eighth."""
    width, height = _upright_size(picture)
    scale = max((max(size[0] / width, size[1] / height) for size in sizes), default=1)
    enough = (int(width * scale) + 1, int(height * scale) + 1)
    try:
        if picture.format == "JPEG" and scale < 1:
            picture.draft(None, enough[::-1] if _turned(picture) else enough)
        picture.load()
    except (OSError, ValueError, SyntaxError, EOFError, IndexError) as error:
        raise Refused("broken") from error


def _covered(pixels: Image.Image, orientation: int, size: tuple[int, int]) -> Image.Image:
    """The middle of the upright picture filling exactly `size`, opaque, sRGB."""
    from PIL import Image, ImageOps

    wanted = size[::-1] if orientation in SIDEWAYS else size
    return _srgb(_upright(ImageOps.fit(pixels, wanted, Image.Resampling.LANCZOS), orientation))


def _thumbnail(pixels: Image.Image, orientation: int) -> Image.Image:
    from PIL import Image, ImageOps

    small = ImageOps.contain(pixels, THUMBNAIL, Image.Resampling.BICUBIC)
    return _srgb(_upright(small, orientation))


def _plain(picture: Image.Image) -> Image.Image:
    """The picture in a mode that resizes well: palettes and bits spread out, sixteen bits brought to eight."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.mode in ("P", "PA"):
        return picture.convert("RGBA")
    return picture.convert("L") if picture.mode == "1" else picture


def _upright(small: Image.Image, orientation: int) -> Image.Image:
    from PIL import Image

    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    turn = turns.get(orientation)
    return small if turn is None else small.transpose(turn)


def _srgb(small: Image.Image) -> Image.Image:
    """Opaque sRGB: see-through parts get a white ground, a colour profile that can be read is applied."""
    import io

    from PIL import Image, ImageCms

    profile = small.info.get("icc_profile")
    ground = Image.new("RGB", small.size, GROUND)
    alpha = small.convert("RGBA").getchannel("A") if small.mode in ("RGBA", "LA", "RGBa", "La") else None
    if profile and small.mode in ("RGB", "RGBA", "CMYK"):
        colours = small.convert("RGB") if small.mode == "RGBA" else small
        with contextlib.suppress(ImageCms.PyCMSError, OSError):
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            changed = ImageCms.profileToProfile(colours, given, ImageCms.createProfile("sRGB"), outputMode="RGB")
            small = changed or small
    ground.paste(small.convert("RGB"), mask=alpha)
    return ground


def _cut(source: tuple[int, int], size: tuple[int, int]) -> int:
    """How much of the picture's area does not fit, in percent."""
    scale = max(size[0] / source[0], size[1] / source[1])
    return round(100 * (1 - size[0] * size[1] / (source[0] * scale * source[1] * scale)))


def _enlarged(source: tuple[int, int], size: tuple[int, int]) -> float:
    """How many times the picture had to be enlarged; 1 where it was large enough."""
    return round(max(1.0, size[0] / source[0], size[1] / source[1]), 2)


if __name__ == "__main__":
    main()
