"""Picture files as strangers send them, good and bad, drawn here."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image, ImageCms

RED, BLUE = (200, 30, 30), (30, 30, 200)


def halves(size: tuple[int, int], left: tuple[int, ...] = RED, right: tuple[int, ...] = BLUE) -> Image.Image:
    """A picture whose left half is red and whose right half is blue."""
    picture = Image.new("RGBA" if len(left) == 4 else "RGB", size, left)
    picture.paste(right, (size[0] // 2, 0, size[0], size[1]))
    return picture


def encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    """A picture's bytes in a format."""
    into = io.BytesIO()
    picture.save(into, form, **options)
    return into.getvalue()


def sideways(size: tuple[int, int]) -> bytes:
    """A JPEG whose tag says: turn me by a quarter to the right."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(halves(size), "JPEG", exif=exif.tobytes(), quality=95)


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of some dozen bytes whose header promises that many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def jpeg_and_zip() -> bytes:
    """A JPEG that unpacks."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("run.sh", "echo")
    return encoded(halves((200, 200)), "JPEG") + archive.getvalue()


def wide_gamut() -> bytes:
    """A PNG carrying a colour profile that is not sRGB."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    return encoded(halves((64, 64)), "PNG", icc_profile=profile.tobytes())


def animation() -> bytes:
    """A WebP of two frames."""
    return encoded(halves((64, 64)), "WEBP", save_all=True, append_images=[halves((64, 64), BLUE, RED)])


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
