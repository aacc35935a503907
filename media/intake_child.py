"""The process that opens strangers' pictures: limits itself, decodes once, writes exactly the parts asked for.

Started as a file (`python -I intake_child.py`) with a job as `media.child` reads it; of this program it imports the
checks of the content only, and libraries that decode only behind its limits.
"""

from __future__ import annotations

import contextlib
import io
import mmap
import re
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media.child import Refused, main, tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

    Box = tuple[float, float, float, float]

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
MAX_PIXELS = 100_000_000
MIN_SIDE = 16
QUALITY = 95
THUMBNAIL = (384, 384)
GLANCE = 480
SEAM_HEIGHT = 640
SOFT = 2.0
CUT_MUCH = 30
GROUND = (255, 255, 255)
ORIENTATION = 0x0112
SIDEWAYS = (5, 6, 7, 8)
DOCUMENTS = re.compile(rb"<script|<\?php|<!doctype html|<html|<svg[\s>]", re.IGNORECASE)


def take(job: dict[str, Any]) -> dict[str, Any]:
    """Every part and the thumbnail, and what people should know of the picture."""
    source = Path(job["source"])
    _refuse_second_nature(source)
    with _opened(source, heif=bool(job["heif"])) as picture:
        upright = _Upright(picture)
        steps = len(job["parts"]) + 2
        _decode(picture, upright, job["parts"])
        tell({"done": 1, "of": steps})
        pixels, colours = _plain(picture), _colours(picture)
        fits = []
        for number, part in enumerate(job["parts"]):
            region = _region(upright.size, part)
            _part(pixels, upright, region, part, colours).save(part["file"], "JPEG", quality=QUALITY, subsampling=0)
            fits.append({"cut": _cut(upright.size, part), "enlarged": _enlarged(region, part)})
            tell({"done": 2 + number, "of": steps})
        _thumbnail(pixels, upright, colours).save(job["thumbnail"], "JPEG", quality=85)
        checks = [*_bars(pixels, upright), *_seams(pixels, upright, job["seams"])]
        if not _fits_alone(upright.size, job["parts"]):
            checks += _spread(upright, job["seams"])
        width, height = upright.size
        return {"width": width, "height": height, "format": picture.format, "parts": fits, "checks": checks}


class _Upright:
    """How the camera stood: the size as it is seen, and where a box of what is seen lies in the file's own pixels."""

    def __init__(self, picture: Image.Image) -> None:
        self.orientation = _orientation(picture)
        self.sideways = self.orientation in SIDEWAYS
        self.size = picture.size[::-1] if self.sideways else picture.size

    def within(self, box: Box, pixels: Image.Image) -> Box:
        """The box in `pixels`, which a decoder may have made smaller."""
        width, height = self.size
        left, top, right, bottom = box[0] / width, box[1] / height, box[2] / width, box[3] / height
        turned: dict[int, Box] = {
            2: (1 - right, top, 1 - left, bottom),
            3: (1 - right, 1 - bottom, 1 - left, 1 - top),
            4: (left, 1 - bottom, right, 1 - top),
            5: (top, left, bottom, right),
            6: (top, 1 - right, bottom, 1 - left),
            7: (1 - bottom, 1 - right, 1 - top, 1 - left),
            8: (1 - bottom, left, 1 - top, right),
        }
        left, top, right, bottom = turned.get(self.orientation, (left, top, right, bottom))
        return left * pixels.width, top * pixels.height, right * pixels.width, bottom * pixels.height

    def turned(self, small: Image.Image) -> Image.Image:
        """The picture as it is seen."""
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
        turn = turns.get(self.orientation)
        return small if turn is None else small.transpose(turn)

    def resized(self, pixels: Image.Image, region: Box, size: tuple[int, int]) -> Image.Image:
        """That region of what is seen, upright, at exactly that size."""
        from PIL import Image

        wanted = size[::-1] if self.sideways else size
        box = self.within(region, pixels)
        return self.turned(pixels.resize(wanted, Image.Resampling.LANCZOS, box, reducing_gap=3.0))


def _refuse_second_nature(source: Path) -> None:
    """A file that is a picture and, read differently, an archive, a PDF or a web page."""
    with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if zipfile.is_zipfile(source) or b"%PDF-" in data[:1024] or DOCUMENTS.search(data):
            raise Refused("two-natures")


def _opened(source: Path, *, heif: bool) -> Image.Image:
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    formats: tuple[str, ...] = FORMATS
    with contextlib.suppress(ImportError):
        from PIL import AvifImagePlugin

        AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    if heif:
        import pillow_heif

        pillow_heif.options.DECODE_THREADS = 1
        pillow_heif.register_heif_opener()
        formats = (*FORMATS, "HEIF")
    try:
        picture = Image.open(source, formats=formats)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Refused("too-many-pixels", megapixels=MAX_PIXELS // 1_000_000) from error
    except UnidentifiedImageError as error:
        raise Refused("not-a-picture") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise Refused("broken") from error
    if picture.format in ("GIF", "PNG", "WEBP", "AVIF") and getattr(picture, "is_animated", False):
        raise Refused("moving-png" if picture.format == "PNG" else "moving-picture")
    if picture.width * picture.height > MAX_PIXELS:
        raise Refused("too-many-pixels", megapixels=MAX_PIXELS // 1_000_000)
    if min(picture.size) < MIN_SIDE:
        raise Refused("too-small", width=picture.width, height=picture.height)
    return picture


def _orientation(picture: Image.Image) -> int:
    # Whatever a stranger's tags break in the reader of tags costs the tags only.
    with contextlib.suppress(Exception):
        return int(picture.getexif().get(ORIENTATION, 1))
    return 1


def _decode(picture: Image.Image, upright: _Upright, parts: list[dict[str, Any]]) -> None:
    """Decode every pixel; a JPEG far larger than anything asked for is decoded at a half, quarter or eighth."""
    width, height = upright.size
    scale = max((max(part["canvas"][0] / width, part["canvas"][1] / height) for part in parts), default=1)
    enough = (int(width * scale) + 1, int(height * scale) + 1)
    try:
        if picture.format in ("JPEG", "MPO") and scale < 1:
            picture.draft(None, enough[::-1] if upright.sideways else enough)
        picture.load()
    except (OSError, ValueError, SyntaxError, EOFError, IndexError) as error:
        raise Refused("broken") from error


def _region(size: tuple[int, int], part: dict[str, Any]) -> Box:
    """Where the part's box lies in a picture whose middle covers the part's canvas."""
    canvas, (x, y, width, height) = part["canvas"], part["box"]
    scale = max(canvas[0] / size[0], canvas[1] / size[1])
    left, top = (size[0] - canvas[0] / scale) / 2, (size[1] - canvas[1] / scale) / 2
    box = left + x / scale, top + y / scale, left + (x + width) / scale, top + (y + height) / scale
    return max(0.0, box[0]), max(0.0, box[1]), min(float(size[0]), box[2]), min(float(size[1]), box[3])


def _part(
    pixels: Image.Image,
    upright: _Upright,
    region: Box,
    part: dict[str, Any],
    colours: Callable[[Image.Image], Image.Image],
) -> Image.Image:
    width, height = part["size"]
    return colours(upright.resized(pixels, region, (width, height)))


def _thumbnail(pixels: Image.Image, upright: _Upright, colours: Callable[[Image.Image], Image.Image]) -> Image.Image:
    return colours(_glance(pixels, upright, THUMBNAIL))


def _glance(pixels: Image.Image, upright: _Upright, within: tuple[int, int]) -> Image.Image:
    """The whole picture, upright, small enough to fit."""
    width, height = upright.size
    scale = min(within[0] / width, within[1] / height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return upright.resized(pixels, (0, 0, width, height), size)


def _plain(picture: Image.Image) -> Image.Image:
    """The picture in a mode that resizes well: palettes and bits spread out, sixteen bits brought to eight."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.mode in ("P", "PA"):
        return picture.convert("RGBA")
    return picture.convert("L") if picture.mode == "1" else picture


def _colours(picture: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """To opaque sRGB: see-through parts get a white ground, a colour profile that can be read is applied."""
    from PIL import Image

    transform = _transform(picture)

    def srgb(small: Image.Image) -> Image.Image:
        from PIL import ImageCms

        alpha = small.convert("RGBA").getchannel("A") if small.mode in ("RGBA", "LA", "RGBa", "La") else None
        if transform is not None:
            opaque = small.convert("RGB") if small.mode == "RGBA" else small
            small = ImageCms.applyTransform(opaque, transform) or small
        if alpha is None:
            return small.convert("RGB")
        ground = Image.new("RGB", small.size, GROUND)
        ground.paste(small.convert("RGB"), mask=alpha)
        return ground

    return srgb


def _transform(picture: Image.Image) -> Any:
    """From the picture's own colours to sRGB; None where it brings no profile that fits its pixels."""
    from PIL import ImageCms

    profile = picture.info.get("icc_profile")
    mode = {"RGBA": "RGB", "P": "RGB", "PA": "RGB"}.get(picture.mode, picture.mode)
    if not profile or mode not in ("RGB", "CMYK", "L"):
        return None
    with contextlib.suppress(ImageCms.PyCMSError, OSError):
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.buildTransform(given, ImageCms.createProfile("sRGB"), mode, "RGB")
    return None


def _cut(source: tuple[int, int], part: dict[str, Any]) -> int:
    """How much of the picture's area does not fit on the canvas, in percent."""
    canvas: tuple[int, int] = part["canvas"]
    scale = max(canvas[0] / source[0], canvas[1] / source[1])
    return round(100 * (1 - canvas[0] * canvas[1] / (source[0] * scale * source[1] * scale)))


def _enlarged(region: Box, part: dict[str, Any]) -> float:
    """How many times the picture had to be enlarged; 1 where it was large enough."""
    width, height = (float(side) for side in part["size"])
    return round(max(1.0, width / (region[2] - region[0]), height / (region[3] - region[1])), 2)


def _bars(pixels: Image.Image, upright: _Upright) -> list[dict[str, Any]]:
    from media.checks.bars import between_bars

    small = _glance(pixels, upright, (GLANCE, GLANCE)).convert("L")
    found = between_bars(small)
    return [] if found is None else [_check("letterbox", box=_boxed(found, small.size, upright.size))]


def _seams(pixels: Image.Image, upright: _Upright, walls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is wrong with the picture laid across whole rows."""
    return [check for wall in walls for check in _seam(pixels, upright, wall)]


def _seam(pixels: Image.Image, upright: _Upright, wall: dict[str, Any]) -> list[dict[str, Any]]:
    import numpy as np

    from media.checks.seams import crossings, seams_of

    canvas, surface = wall["canvas"], wall["surface"]
    whole = {"canvas": canvas, "box": [0, 0, *canvas], "size": canvas}
    region, shrunk = _region(upright.size, whole), min(1.0, SEAM_HEIGHT / canvas[1])
    size = round(canvas[0] * shrunk), round(canvas[1] * shrunk)
    grey = np.asarray(upright.resized(pixels, region, size).convert("L"))
    checks = []
    for each in crossings(grey, seams_of(wall["seams"], shrunk)):
        box = _boxed(each.box, size, upright.size, region)
        checks.append(_check(each.code, surface=surface, **each.between, box=box))
    return checks


def _fits_alone(size: tuple[int, int], parts: list[dict[str, Any]]) -> bool:
    """Whether it is about of the shape of one screen, so that nobody means to spread it over a row."""
    return any(tuple(part["canvas"]) == tuple(part["size"]) and _cut(size, part) < CUT_MUCH for part in parts)


def _spread(upright: _Upright, walls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How the picture's size meets whole rows."""
    checks = []
    for wall in walls:
        whole = {"canvas": wall["canvas"], "box": [0, 0, *wall["canvas"]], "size": wall["canvas"]}
        cut, enlarged = _cut(upright.size, whole), _enlarged(_region(upright.size, whole), whole)
        if cut >= CUT_MUCH:
            checks.append(_check("cut-on-wall", surface=wall["surface"], percent=cut))
        if enlarged >= SOFT:
            checks.append(_check("soft-on-wall", surface=wall["surface"], times=enlarged))
    return checks


def _boxed(
    box: tuple[int, int, int, int], seen: tuple[int, int], whole: tuple[int, int], region: Box | None = None
) -> str:
    """A box of a small picture as `x,y,width,height` of the whole, of which the small one shows a region."""
    left, top, right, bottom = region or (0, 0, *whole)
    across, down = (right - left) / seen[0], (bottom - top) / seen[1]
    x, y = round(left + box[0] * across), round(top + box[1] * down)
    return f"{x},{y},{round(left + box[2] * across) - x},{round(top + box[3] * down) - y}"


def _check(code: str, **params: object) -> dict[str, Any]:
    return {"code": code, "severity": "warn", "params": {key: str(value) for key, value in params.items()}}


if __name__ == "__main__":
    main(take)
