"""Pictures on disk by the hash of their bytes: what has a name is whole, and it never changes."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from media.geometry import Part, Size, size_name

_SHA = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20


class NoSuchContent(Exception):
    """Nothing of that name is kept here, or it is no name at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was found in the content: `stop` must not reach a surface, `warn` a person should see.

    It is explained as `media.check.<code>` with `params`; a `box` is `x,y,width,height` in the asset's own pixels, a
    `second` counts from its beginning.
    """

    code: str
    severity: Literal["stop", "warn"] = "warn"
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One picture, film or live scene. `id` is the hash of the bytes that came.

    `renditions`: size name → hash of the picture at exactly that size, of the film at that shape and at most that
    size; slice name → hash of one panel's part of it across a row. `made`: by the same names, how each was made.
    `thumbnail` is never cropped. A film has `frames` pictures, `fps` a second, and lasts `seconds`.
    """

    id: str
    title: str
    width: int
    height: int
    renditions: Mapping[str, str]
    thumbnail: str
    kind: Literal["image", "video", "scene"] = "image"
    name: str | None = None
    cut_percent: Mapping[str, int] = field(default_factory=dict)
    enlarged: Mapping[str, float] = field(default_factory=dict)
    frames: int | None = None
    fps: int | None = None
    seconds: float | None = None
    sound_removed: bool = False
    checks: tuple[Check, ...] = ()
    made: Mapping[str, str] = field(default_factory=dict)

    def fits(self, sizes: frozenset[Size]) -> bool:
        """True when every size is there already."""
        return all(size_name(size) in self.renditions for size in sizes)

    def content(self) -> set[str]:
        """The hashes of all its files."""
        return {*self.renditions.values(), self.thumbnail}

    def covers(self, parts: Iterable[Part]) -> bool:
        """True when every part is there already."""
        return all(part.name in self.renditions for part in parts)


def asset_of(document: Mapping[str, Any]) -> Asset:
    """Read back what `dataclasses.asdict` wrote of an asset, years ago too; what is not an asset's is left out."""
    known = {each.name for each in fields(Asset)}
    kept = {key: value for key, value in document.items() if key in known}
    checks, made = tuple(Check(**each) for each in kept.get("checks", ())), kept.get("made", {})
    return Asset(**kept | {"checks": checks, "made": _shared(tuple(made.items()))})


@lru_cache(maxsize=256)
def _shared(pairs: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """One table for all assets that were made alike: a wall's fifty marks a thousand times are five megabytes."""
    return dict(pairs)


class AssetStore:
    """A folder of content-addressed files, private to its owner. Its calls block: never call them on the loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        for each in (folder, self._incoming):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
            each.chmod(0o700)

    def path(self, sha: str) -> Path:
        """Where content of that hash lies. Raises NoSuchContent."""
        found = self._place(sha)
        if not found.is_file():
            raise NoSuchContent(sha)
        return found

    def has(self, sha: str) -> bool:
        """True when content of that hash lies here."""
        return self._place(sha).is_file()

    def put(self, data: bytes) -> str:
        """Keep bytes and return their hash; durable when it returns."""
        with self.workplace() as folder:
            source = folder / "content"
            source.write_bytes(data)
            return self.take(source)

    def take(self, source: Path) -> str:
        """Move a finished file of this file system in under its hash; durable when it returns."""
        sha = hash_of(source)
        place = self._place(sha)
        if place.is_file():
            source.unlink()
            return sha
        place.parent.mkdir(mode=0o700, exist_ok=True)
        source.chmod(0o600)
        _sync(source)
        source.rename(place)
        _sync(place.parent)
        _sync(self._folder)
        return sha

    def keep(self, source: Path, *, free: int) -> bool:
        """Keep a file that stays where it is, if so many bytes of the disk remain free; durable when it returns.

        What lies beside this folder is not copied: it must never be changed.
        """
        if shutil.disk_usage(self._folder).free - source.stat().st_size < free:
            return False
        with self.workplace() as folder:
            copy = folder / "content"
            if self._folder.parent in source.parents:
                os.link(source, copy)
            else:
                shutil.copyfile(source, copy)
            self.take(copy)
        return True

    def sound(self, sha: str) -> bool:
        """True when the bytes still have their hash."""
        return self.has(sha) and hash_of(self._place(sha)) == sha

    def drop(self, sha: str) -> None:
        """Forget content; nothing happens where there is none."""
        self._place(sha).unlink(missing_ok=True)

    def kept(self) -> Iterator[str]:
        """The hashes of all that is here."""
        for path in self._folder.glob("??/*"):
            if _SHA.fullmatch(path.name):
                yield path.name

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """A private empty folder on the same file system, gone with everything in it at the end."""
        folder = Path(tempfile.mkdtemp(dir=self._incoming))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def tidy(self) -> int:
        """Remove what an interrupted run left half done, and say how much; only before anything is taken in."""
        drafts = list(self._incoming.iterdir())
        for left in drafts:
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)
        return len(drafts)

    def orphans(self, needed: Collection[str]) -> dict[str, int]:
        """The hashes of what is here and nobody needs, each with its bytes."""
        return {sha: self._place(sha).stat().st_size for sha in self.kept() if sha not in needed}

    def _place(self, sha: str) -> Path:
        if not _SHA.fullmatch(sha):
            raise NoSuchContent(sha)
        return self._folder / sha[:2] / sha


def hash_of(path: Path) -> str:
    """The hash of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def is_jpeg(file: Path) -> bool:
    """Is it a plain file that begins as a JPEG does?"""
    return _begins(file, b"\xff\xd8\xff", 0)


def is_mp4(file: Path) -> bool:
    """Is it a plain file that begins as an MP4 does (ISO 14496-12: a file type box)?"""
    return _begins(file, b"ftyp", 4)


def _begins(file: Path, signature: bytes, at: int) -> bool:
    if file.is_symlink() or not file.is_file():
        return False
    with file.open("rb") as opened:
        return opened.read(at + len(signature))[at:] == signature


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
