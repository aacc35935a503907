"""Taking in a picture or film: checked, decoded and re-encoded in fresh limited processes, then kept by hash."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import Any

from media import film_intake
from media.assets import Asset, AssetStore, hash_of, is_jpeg
from media.geometry import Size, size_name
from media.limited import MIB, IntakeRefused, Limits, Progress, in_child

__all__ = ["IntakeRefused", "Limits", "Progress", "is_film", "take_in", "title_of"]

MAX_SIZES = 16
MAX_TITLE = 120
ENDINGS = frozenset({"", ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif"})
CHILD = Path(__file__).with_name("intake_child.py")


async def take_in(
    source: Path,
    *,
    name: str,
    sizes: Collection[Size],
    store: AssetStore,
    limits: Limits | None = None,
    progress: Progress = lambda _: None,
) -> Asset:
    """Make an asset of a picture file at exactly these sizes, or of a film at these shapes; `progress` hears 0 to 1.

    Raises IntakeRefused; then nothing is left behind. The file itself stays where it is and is never served.
    """
    title = title_of(name)
    _refuse_by_name(name)
    container = await asyncio.to_thread(_container, source)
    limits = limits or (film_intake.LIMITS if container else Limits())
    identity = await asyncio.to_thread(_refuse_by_bytes, source, limits)
    ordered = sorted(set(sizes))[:MAX_SIZES]
    with store.workplace() as place:
        folder, source = place.resolve(), source.resolve()  # noqa: ASYNC240 - looked up in memory, nothing is read
        if container:
            film = await film_intake.made(source, container, ordered, folder, limits, progress)
            asset = await asyncio.to_thread(film_intake.kept, store, folder, identity, title, film)
        else:
            files = [folder / f"{number}.jpg" for number in range(len(ordered))]
            result = await in_child(CHILD, _job(source, ordered, files, folder), folder, limits, progress)
            asset = await asyncio.to_thread(_kept, store, folder, identity, title, ordered, result)
    progress(1.0)
    return asset


def is_film(source: Path) -> bool:
    """Does the file begin like a film?"""
    with source.open("rb") as file:
        return film_intake.container_of(file.read(32)) is not None


def title_of(name: str) -> str:
    """What people call the file: its last path piece without ending, composed, without invisible characters."""
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    stem = last.rsplit(".", 1)[0] if "." in last[1:] else last
    seen = "".join(each if unicodedata.category(each)[0] != "C" else " " for each in stem)
    return " ".join(seen.split())[:MAX_TITLE] or "–"


def _refuse_by_name(name: str) -> None:
    ending = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if ending not in ENDINGS | film_intake.ENDINGS:
        raise IntakeRefused("kind-not-taken", ending=ending[:12])


def _container(source: Path) -> str | None:
    """The film's container by its first bytes; None for a picture."""
    with source.open("rb") as file:
        head = file.read(32)
    if _looks_like_picture(head):
        return None
    container = film_intake.container_of(head)
    if container is None:
        raise IntakeRefused("not-a-picture")
    return container


def _refuse_by_bytes(source: Path, limits: Limits) -> str:
    if source.stat().st_size > limits.bytes:
        raise IntakeRefused("too-many-bytes", megabytes=str(limits.bytes // MIB))
    return hash_of(source)


def _looks_like_picture(head: bytes) -> bool:
    """First bytes of JPEG (ITU T.81), PNG (RFC 2083), WebP (RFC 9649) and AVIF (ISO 23000-22, brands avif and mif1)."""
    return (
        head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))
        or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
        or (head[4:8] == b"ftyp" and any(brand in head[8:] for brand in (b"avif", b"mif1")))
    )


def _job(source: Path, sizes: list[Size], files: list[Path], folder: Path) -> dict[str, object]:
    return {
        "source": str(source),
        "sizes": sizes,
        "files": [str(file) for file in files],
        "thumbnail": str(folder / "thumbnail.jpg"),
    }


def _kept(
    store: AssetStore, folder: Path, identity: str, title: str, sizes: list[Size], result: dict[str, Any]
) -> Asset:
    """Move what the child wrote into the store; nothing of it is believed beyond its form."""
    files = [folder / f"{number}.jpg" for number in range(len(sizes))]
    told = result.get("sizes")
    if not isinstance(told, list) or len(told) != len(sizes):
        raise IntakeRefused("broken")
    if not all(is_jpeg(file) for file in (*files, folder / "thumbnail.jpg")):
        raise IntakeRefused("broken")
    names = [size_name(size) for size in sizes]
    return Asset(
        id=identity,
        title=title,
        width=int(result["width"]),
        height=int(result["height"]),
        renditions={name: store.take(file) for name, file in zip(names, files, strict=True)},
        thumbnail=store.take(folder / "thumbnail.jpg"),
        cut_percent={name: int(each["cut"]) for name, each in zip(names, told, strict=True)},
        enlarged={name: float(each["enlarged"]) for name, each in zip(names, told, strict=True)},
    )
