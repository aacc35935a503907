"""Taking in a picture: checked, decoded and re-encoded in a fresh limited process, then kept by hash or refused."""

from __future__ import annotations

import asyncio
import json
import sys
import unicodedata
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from media.assets import Asset, AssetStore, hash_of
from media.geometry import Size, size_name

MAX_BYTES = 64 * 1024 * 1024
MAX_SIZES = 16
MAX_TITLE = 120
MAX_LINE = 65_536
LONGEST_S = 60.0
ENDINGS = frozenset({"", ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif"})
LIMITS: Mapping[str, int] = {
    "AS": 1536 * 1024 * 1024,
    "CPU": 30,
    "FSIZE": MAX_BYTES,
    "NOFILE": 64,
    "NPROC": 0,
    "CORE": 0,
}
CHILD = Path(__file__).with_name("intake_child.py")

Progress = Callable[[float], None]


class IntakeRefused(Exception):
    """A file that was not taken; `code` is explained as `media.<code>` with `params`."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(f"{code} {params}")
        self.code = code
        self.params: Mapping[str, str] = params


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file may cost; `process` are the child's resource limits by their names."""

    bytes: int = MAX_BYTES
    longest_s: float = LONGEST_S
    process: Mapping[str, int] = field(default_factory=lambda: LIMITS)


async def take_in(
    source: Path,
    *,
    name: str,
    sizes: Collection[Size],
    store: AssetStore,
    limits: Limits | None = None,
    progress: Progress = lambda _: None,
) -> Asset:
    """Make an asset of a picture file at exactly these sizes; `progress` hears shares from 0 to 1.

    Raises IntakeRefused; then nothing is left behind. The file itself stays where it is and is never served.
    """
    limits = limits or Limits()
    title = title_of(name)
    _refuse_by_name(name)
    identity = await asyncio.to_thread(_refuse_by_bytes, source, limits)
    ordered = sorted(set(sizes))[:MAX_SIZES]
    with store.workplace() as place:
        folder = place.resolve()
        files = [folder / f"{number}.jpg" for number in range(len(ordered))]
        result = await _in_child(_job(source, ordered, files, folder, limits), folder, limits, progress)
        asset = await asyncio.to_thread(_kept, store, folder, identity, title, ordered, result)
    progress(1.0)
    return asset


def title_of(name: str) -> str:
    """What people call the file: its last path piece without ending, composed, without invisible characters."""
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    stem = last.rsplit(".", 1)[0] if "." in last[1:] else last
    seen = "".join(each if unicodedata.category(each)[0] != "C" else " " for each in stem)
    return " ".join(seen.split())[:MAX_TITLE] or "–"


def _refuse_by_name(name: str) -> None:
    ending = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if ending not in ENDINGS:
        raise IntakeRefused("kind-not-taken", ending=ending[:12])


def _refuse_by_bytes(source: Path, limits: Limits) -> str:
    size = source.stat().st_size
    if size > limits.bytes:
        raise IntakeRefused("too-many-bytes", megabytes=str(limits.bytes // 1_048_576))
    with source.open("rb") as file:
        head = file.read(32)
    if not _looks_like_picture(head):
        raise IntakeRefused("not-a-picture")
    return hash_of(source)


def _looks_like_picture(head: bytes) -> bool:
    """First bytes of JPEG (ITU T.81), PNG (RFC 2083), WebP (RFC 9649) and AVIF (ISO 23000-22, brands avif and mif1)."""
    return (
        head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))
        or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
        or (head[4:8] == b"ftyp" and any(brand in head[8:] for brand in (b"avif", b"mif1")))
    )


def _job(source: Path, sizes: list[Size], files: list[Path], folder: Path, limits: Limits) -> bytes:
    job = {
        "source": str(source.resolve()),
        "sizes": sizes,
        "files": [str(file) for file in files],
        "thumbnail": str(folder / "thumbnail.jpg"),
        "limits": dict(limits.process),
    }
    return json.dumps(job).encode()


async def _in_child(job: bytes, folder: Path, limits: Limits, progress: Progress) -> dict[str, Any]:
    """The child's last word. It runs without shell, environment or standard error, in its own session."""
    argv = (sys.executable, "-I", str(CHILD))
    environment = {"LANG": "C.UTF-8"}
    child = await asyncio.create_subprocess_exec(
        *argv,
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        cwd=folder,
        env=environment,
        limit=MAX_LINE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(limits.longest_s):
            word = await _talk(child, job, progress)
            await child.wait()
    except TimeoutError as error:
        raise IntakeRefused("too-slow") from error
    finally:
        await _ended(child)
    return _judged(word, child.returncode)


async def _talk(child: Process, job: bytes, progress: Progress) -> dict[str, Any]:
    assert child.stdin is not None
    assert child.stdout is not None
    with suppress(ConnectionError):
        child.stdin.write(job)
        await child.stdin.drain()
        child.stdin.close()
    word: dict[str, Any] = {}
    try:
        async for line in child.stdout:
            word = json.loads(line)
            if "done" in word:
                progress(min(0.99, int(word["done"]) / max(1, int(word["of"]))))
    except (ValueError, TypeError, KeyError) as error:
        raise IntakeRefused("broken") from error
    return word


async def _ended(child: Process) -> None:
    """The child is gone when this returns, whatever it was doing."""
    if child.returncode is None:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()


def _judged(word: dict[str, Any], returncode: int | None) -> dict[str, Any]:
    """The result, or the refusal that the child said or that its end says."""
    if "refused" in word:
        params = {str(key): str(value)[:80] for key, value in dict(word.get("params", {})).items()}
        raise IntakeRefused(str(word["refused"]), **params)
    if returncode is not None and returncode < 0:
        raise IntakeRefused("too-slow" if -returncode in (9, 24) else "broken")
    if returncode != 0 or not isinstance(word.get("result"), dict):
        raise IntakeRefused("broken")
    return dict(word["result"])


def _kept(
    store: AssetStore, folder: Path, identity: str, title: str, sizes: list[Size], result: dict[str, Any]
) -> Asset:
    """Move what the child wrote into the store; nothing of it is believed beyond its form."""
    files = [folder / f"{number}.jpg" for number in range(len(sizes))]
    told = result.get("sizes")
    if not isinstance(told, list) or len(told) != len(sizes):
        raise IntakeRefused("broken")
    if not all(_is_jpeg(file) for file in (*files, folder / "thumbnail.jpg")):
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


def _is_jpeg(file: Path) -> bool:
    if file.is_symlink() or not file.is_file():
        return False
    with file.open("rb") as opened:
        return opened.read(3) == b"\xff\xd8\xff"
