"""`lobby backup` and `lobby restore`: all that a lobby may not lose, in one file, whole or refused.

A backup is an uncompressed tar: the journal as one moment saw it, its key, pictures and films, the files they were made
from, the emergency files, the players' tokens, the site file, and last `manifest.json` with the size and SHA-256 of
each. It holds secrets: mode 0600. Nothing is read whole into memory, and nothing begins that the disk has no room for.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import tarfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from lobby.core.clock import SystemClock
from lobby.core.datafolder import RESTORING, DataFolder
from lobby.core.ledger import connect, key_beside, verify
from lobby.core.problem import Refusal
from lobby.core.site import Site
from lobby.core.sitefile import read
from lobby.core.words import say
from lobby.ops.cli import language
from lobby.ops.progress import progress

FORMAT = 1
MANIFEST = "manifest.json"
JOURNAL = "journal.db"
MADE_OF_FILES = """SELECT id FROM library WHERE part = 'asset' AND json_extract(document, '$.kind') IS NOT 'scene'
    AND json_extract(document, '$.person') IS NOT 'notices' AND json_extract(document, '$.name') IS NULL"""
"""What was made of files that people brought, as the fold of the library knows it."""
LARGEST_MANIFEST = 64 * 1024 * 1024
PAGES_AT_ONCE = 1000
CHUNK = 1 << 20
STEPS = 20
SPARE = 256 * 1024 * 1024
"""So much of a disk is left free: a lobby that runs beside goes on writing."""
LEFT = re.compile(r"\.backup-(\d+)-.*|\..*\.lobby-backup\.tar\.(\d+)\.new")
"""What a backup has beside its file while it is written, by its process."""
ABANDONED = timedelta(days=1)
"""Another machine may write into the same folder, and its processes are not to be seen from here."""
CONTENT = ("assets/", "originals/")
NAMES = re.compile(
    r"journal\.(?:db|key)|site\.toml|(?:assets|originals)/[0-9a-f]{2}/[0-9a-f]{64}"
    r"|(?:emergency|players)/[\w.-]+(?:/token)?"
)
"""Whatever else stands in a tar is no backup of ours; none of these leads out of the folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One file of a backup."""

    size: int
    sha256: str


def backup(options: argparse.Namespace) -> int:
    """Write a backup beside a lobby that runs or rests; nothing of it is stopped or delayed."""
    site, folder = read(options.site), DataFolder(options.data)
    if not folder.journal.exists():
        raise Refusal("cli.no-file", str(folder.journal))
    output = options.output or Path(f"{site.site.id}-{SystemClock().now():%Y%m%dT%H%M%SZ}.lobby-backup.tar")
    if output.exists():
        raise Refusal("cli.exists", str(output))
    beside = output.absolute().parent
    stores = (folder.assets,) if options.without_originals else (folder.assets, folder.originals)
    _tidy(beside)
    found = partial(_sources, site, options.site, folder, stores=stores)
    _refuse_full(beside, _needed(found(folder.journal)) + _size(folder.journal))
    with _appearing(output) as file, TemporaryDirectory(prefix=f".backup-{os.getpid()}-", dir=beside) as aside:
        unkept = _write(file, found(_copied(folder.journal, Path(aside) / JOURNAL)))
    print(say("backup.made", language(), path=output, size=_megabytes(output)))
    _tell_unkept(unkept)
    return 0


def restore(options: argparse.Namespace) -> int:
    """Put a backup into an empty data folder, after every sum and the journal's chain were checked."""
    folder = DataFolder(options.data)
    with folder.hold():
        if folder.journal.exists():
            raise Refusal("backup.occupied", str(folder.path))
        with TemporaryDirectory(prefix=RESTORING, dir=folder.path) as aside:
            manifest = _unpacked(options.file, Path(aside))
            _hold_together(Path(aside))
            for part in sorted(Path(aside).iterdir()):
                _into_place(part, folder.path / part.name)
    print(say("backup.restored", language(), site=manifest["site"], at=manifest["at"], path=folder.path / "site.toml"))
    _tell_unkept(int(manifest["unkept"]))
    return 0


def _tidy(folder: Path) -> None:
    """Remove what killed backups left in a folder; those that are being written stay."""
    before = (SystemClock().now() - ABANDONED).timestamp()
    for left in folder.glob(".*"):
        match = LEFT.fullmatch(left.name)
        dead = match is not None and not Path(f"/proc/{match[1] or match[2]}").exists()
        if dead and left.stat().st_mtime < before:
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)


def _sources(
    site: Site, site_file: Path, folder: DataFolder, journal: Path, *, stores: Iterable[Path]
) -> dict[str, Path]:
    """Name in the backup → file. The journal comes first, so that what it names is there when it is looked for."""
    emergency = Path(site.emergency_dir) if site.emergency_dir else folder.emergency
    found = {JOURNAL: journal, "journal.key": folder.journal.with_suffix(".key"), "site.toml": site_file}
    for store in stores:
        found |= {f"{store.name}/{path.parent.name}/{path.name}": path for path in sorted(store.glob("??/*"))}
    found |= {f"emergency/{path.name}": path for path in sorted(emergency.glob("*"))}
    found |= {f"players/{path.parent.name}/token": path for path in sorted(folder.path.glob("players/*/token"))}
    return {name: path for name, path in found.items() if path.is_file() and NAMES.fullmatch(name)}


def _copied(journal: Path, into: Path) -> Path:
    """The journal as it was at one moment, by SQLite's own way, while its writer goes on."""
    with closing(connect(journal)) as source, closing(sqlite3.connect(into)) as copy:
        source.execute("PRAGMA query_only = ON")
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM journal_pulse").fetchone()  # from here on this moment is what is seen
        source.backup(copy, pages=PAGES_AT_ONCE)
        source.execute("ROLLBACK")
    return into


def _write(file: IO[bytes], sources: Mapping[str, Path]) -> int:
    """Everything and its manifest; answers how much of the content could not be made again from it."""
    kept: dict[str, dict[str, Any]] = {}
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar, _steps(_needed(sources)) as step:
        for name, path in sources.items():
            try:
                content = path.open("rb")
            except FileNotFoundError:
                if not name.startswith(CONTENT):
                    raise
                continue  # its month after the deletion was over meanwhile
            with content:
                measured = _Measured(content, step)
                tar.addfile(_member(name, os.fstat(content.fileno()).st_size), measured)
            kept[name] = {"size": measured.size, "sha256": measured.sha.hexdigest()}
        unkept = _unkept(sources[JOURNAL], kept.keys())
        text = json.dumps(_manifest(sources["site.toml"], kept, unkept), ensure_ascii=False, indent=1).encode()
        tar.addfile(_member(MANIFEST, len(text)), io.BytesIO(text))
    return unkept


def _unkept(journal: Path, names: Collection[str]) -> int:
    """How many works are in the journal whose own files are not in the backup."""
    with closing(connect(journal)) as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'library'").fetchone():
            return 0
        return sum(f"originals/{row['id'][:2]}/{row['id']}" not in names for row in db.execute(MADE_OF_FILES))


def _tell_unkept(count: int) -> None:
    if count:
        print(say("backup.unkept", language(), count=count))


def _manifest(site_file: Path, kept: Mapping[str, Any], unkept: int) -> dict[str, Any]:
    site = read(site_file).site.id
    at = SystemClock().now().isoformat(timespec="seconds")
    told = {"format": FORMAT, "version": version("smart-lobby"), "site": site, "at": at, "unkept": unkept}
    return {**told, "files": kept}


def _unpacked(file: Path, into: Path) -> Mapping[str, Any]:
    """Everything of the backup in a folder, as its manifest says it is. Raises Refusal."""
    found: dict[str, Kept] = {}
    text = b"{}"
    try:
        with tarfile.open(file) as tar:
            members = [member for member in tar if member.name != MANIFEST]
            bytes_in_it = sum(member.size for member in members)
            _refuse_full(into, bytes_in_it)
            with _steps(bytes_in_it) as step:
                for member in members:
                    found[member.name] = _extracted(tar, member, into, step)
            if MANIFEST in tar.getnames():
                member = tar.getmember(MANIFEST)
                text = _content(tar, member).read(min(member.size, LARGEST_MANIFEST))
    except FileNotFoundError as error:
        raise Refusal("cli.no-file", str(file)) from error
    except (tarfile.TarError, EOFError, FileExistsError) as error:
        raise Refusal("backup.broken", str(file), name=str(error)) from error
    manifest = _understood(text, file)
    wanted = {name: Kept(**kept) for name, kept in manifest["files"].items()}
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            raise Refusal("backup.broken", str(file), name=name)
    return manifest


def _understood(text: bytes, file: Path) -> Mapping[str, Any]:
    """A manifest that this program can read; a newer one is for a newer program."""
    try:
        manifest: Mapping[str, Any] = json.loads(text)
    except ValueError as error:
        raise Refusal("backup.broken", str(file), name=MANIFEST) from error
    if "format" not in manifest:
        raise Refusal("backup.broken", str(file), name=MANIFEST)
    manifest = {"unkept": 0, **manifest}
    made, ours = str(manifest.get("version", "")), version("smart-lobby")
    if manifest["format"] != FORMAT or _numbers(made) > _numbers(ours):
        raise Refusal("backup.version", str(file), made=made, ours=ours)
    return manifest


def _extracted(tar: tarfile.TarFile, member: tarfile.TarInfo, into: Path, step: Callable[[int], None]) -> Kept:
    if not member.isreg() or not NAMES.fullmatch(member.name) or ".." in member.name:
        raise tarfile.TarError(member.name[:80])
    place = into / member.name
    for parent in reversed(Path(member.name).parents):
        (into / parent).mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        measured = _Measured(_content(tar, member), step)
        shutil.copyfileobj(measured, file, CHUNK)
        file.flush()
        os.fsync(file.fileno())
    return Kept(size=measured.size, sha256=measured.sha.hexdigest())


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(member)
    if content is None:
        raise tarfile.TarError(member.name)
    return content


def _hold_together(folder: Path) -> None:
    """The journal's chain and signatures, walked before anything is put in place."""
    with closing(connect(folder / JOURNAL)) as db:
        verified = verify(db, key_beside(folder / JOURNAL))
    if not verified.ok:
        raise Refusal("backup.journal", JOURNAL, seq=str(verified.first_bad))


def _into_place(part: Path, place: Path) -> None:
    """A file or folder of the backup; folders that a start made already are filled."""
    if part.is_dir() and place.is_dir():
        for each in sorted(part.iterdir()):
            _into_place(each, place / each.name)
    else:
        part.replace(place)


@contextmanager
def _appearing(path: Path) -> Iterator[IO[bytes]]:
    """A file that is there whole or not at all, its owner's alone."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _steps(size: int) -> Iterator[Callable[[int], None]]:
    """Progress in a few steps of equal bytes, however many files there are; call it with the bytes that are done."""
    done, told = 0, 0
    with progress("backup.progress", STEPS if size else 0) as advance:

        def step(count: int) -> None:
            nonlocal done, told
            done += count
            while told < min(done * STEPS // max(size, 1), STEPS):
                told += 1
                advance()

        yield step


class _Measured(io.RawIOBase):
    """A file that is counted and summed while it is read; `step` hears of each part."""

    def __init__(self, file: IO[bytes], step: Callable[[int], None]) -> None:
        self._file = file
        self._step = step
        self.size = 0
        self.sha = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.size += len(data)
        self.sha.update(data)
        self._step(len(data))
        return data


def _needed(sources: Mapping[str, Path]) -> int:
    return sum(_size(path) for path in sources.values())


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _refuse_full(folder: Path, needed: int) -> None:
    """Raises Refusal where so many bytes would not leave room for a lobby beside them."""
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE:
        raise Refusal("backup.no-room", str(folder), needed=_in_megabytes(needed + SPARE), free=_in_megabytes(free))


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def _megabytes(file: Path) -> str:
    return _in_megabytes(file.stat().st_size)


def _in_megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
