"""Picture files as strangers send them, good and bad, drawn here."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable

import numpy as np
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
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, data) for name, data in chunks)


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


# Red, green and blue of Display P3 and of sRGB as columns of XYZ under D50, as their profiles give them.
P3 = np.array([[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]])
SRGB = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])
GAMMA = 2.2


def display_p3() -> bytes:
    """A colour profile of wide primaries and a plain gamma (ICC.1:2001-04), built here."""
    white = (0.9642, 1.0, 0.8249)
    points: dict[bytes, Iterable[float]] = {b"rXYZ": P3[:, 0], b"gXYZ": P3[:, 1], b"bXYZ": P3[:, 2], b"wtpt": white}
    tags = {name: b"XYZ " + bytes(4) + b"".join(_fixed(value) for value in xyz) for name, xyz in points.items()}
    tags[b"desc"] = b"desc" + bytes(4) + struct.pack(">I", 8) + b"wide P3\0" + bytes(78)
    tags[b"cprt"] = b"text" + bytes(4) + b"none\0"
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(GAMMA * 256))
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, body, at = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        padded = data + bytes(-len(data) % 4)
        table += name + struct.pack(">II", at + len(body), len(data))
        body += padded
    head = struct.pack(">I4sI4s4s4s", 0, b"lcms", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += (
        struct.pack(">6H", 2026, 11, 25, 0, 0, 0) + b"acsp" + bytes(28) + b"".join(map(_fixed, (0.9642, 1.0, 0.8249)))
    )
    head += bytes(128 - len(head))
    whole = head + table + body
    return struct.pack(">I", len(whole)) + whole[4:]


def in_p3(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    """How a colour of sRGB is written in that profile."""
    encoded = np.array(colour) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    wide = np.clip(np.linalg.solve(P3, SRGB @ linear), 0, 1) ** (1 / GAMMA) * 255
    red, green, blue = (round(float(value)) for value in wide)
    return red, green, blue


def phone_pair() -> bytes:
    """A JPEG with a second picture behind it (CIPA DC-007), as telephones send them."""
    return encoded(halves((300, 300)), "MPO", save_all=True, append_images=[halves((60, 60))])


def animation() -> bytes:
    """A WebP of two frames."""
    return encoded(halves((64, 64)), "WEBP", save_all=True, append_images=[halves((64, 64), BLUE, RED)])


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def chunk(name: bytes, data: bytes) -> bytes:
    """A chunk of a PNG with its length and sum."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
